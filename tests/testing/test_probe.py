from __future__ import annotations

import pytest
from reactivex import operators as ops
from reactivex.scheduler import VirtualTimeScheduler

from ordinis_rx.batches import Item
from ordinis_rx.stepping import each_item
from ordinis_rx.testing import a_trade
from ordinis_rx.testing.probe import Source, Subscriber, told


@pytest.mark.parametrize("framed", [False, True])
def test_a_source_keeps_a_book_on_its_subscribers(framed: bool) -> None:
    source, clock = Source(framed), VirtualTimeScheduler()

    subscriber = Subscriber(source.stream, clock)
    source.tell(a_trade(9, seq=1))

    assert subscriber.values == [a_trade(9, seq=1)]
    assert (len(source.live), source.schedulers) == (1, [clock])
    subscriber.subscription.dispose()
    assert source.live == []


@pytest.mark.parametrize("framed", [False, True])
def test_a_source_ends_with_an_error_or_without(framed: bool) -> None:
    source, error = Source(framed), RuntimeError("odd")

    failed = Subscriber(source.stream, VirtualTimeScheduler())
    source.fail(error)
    ended = Subscriber(source.stream, VirtualTimeScheduler())
    source.end()

    assert (failed.ends, ended.ends) == ([error], [None])


def test_a_framed_source_hands_out_frames() -> None:
    source, items = Source(framed=True), []

    def step(item: Item) -> Item:
        items.append(item.n)
        return item

    subscriber = Subscriber(source.stream.pipe(each_item(lambda: step)), VirtualTimeScheduler())
    source.tell(a_trade(9, seq=1))

    assert items == [1]
    assert subscriber.values == [a_trade(9, seq=1)]


def test_between_two_values_a_second_passes() -> None:
    assert told(ops.debounce(0.5), "abc") == ["a", "b", "c"]
    assert told(ops.debounce(1.5), "abc") == ["c"]

"""Whether facts flow in frames, and why not."""

from __future__ import annotations

from typing import Any

import pytest
import reactivex
from reactivex import Observable
from reactivex import operators as ops

import ordinis_rx as ox
from ordinis_rx import multicast
from ordinis_rx import operators as oo
from ordinis_rx.batches import Item
from ordinis_rx.testing import a_trade
from ordinis_rx.views.explain import explain
from ordinis_rx.views.graph import graph_of
from ordinis_rx.views.paths import how_it_flows

STORY = [a_trade(float(price), at=price) for price in range(1, 9)]


def diamond(join: bool, share: Any = ox.share) -> Observable[object]:
    shared = ox.from_events(STORY).pipe(share())
    left, right = shared.pipe(oo.trades()), shared.pipe(oo.rolling_mean(2))
    return left.pipe(oo.with_latest(right)) if join else left.pipe(ops.with_latest_from(right))


PIPELINES = {
    "chain": (lambda: ox.from_events(STORY).pipe(oo.trades(), oo.rolling_mean(2)), True),
    "plain Rx below": (lambda: ox.from_events(STORY).pipe(oo.trades(), ops.map(str)), True),
    "a join of ours": (lambda: diamond(join=True), True),
    "a join by plain Rx": (lambda: diamond(join=False), False),
    "a join by plain Rx, of a share that has no name": (
        lambda: diamond(join=False, share=multicast.share),
        False,
    ),
    "a memory": (
        lambda: ox.from_events(STORY).pipe(oo.levels(2, memory=oo.OperatorMemory())),
        False,
    ),
    "a clock": (lambda: ox.from_events(STORY).pipe(oo.on_clock(ox.EventClock())), False),
}


@pytest.mark.parametrize("name", PIPELINES)
def test_what_is_said_is_what_happens(name: str) -> None:
    make, in_frames = PIPELINES[name]
    stream: Observable[object] = make()
    told = explain(stream, counters=True)
    sizes: list[int] = []
    root = graph_of([stream])[0].stream
    assert isinstance(root, ox.Stream)
    plain = root._flow

    def spied(observer: object, scheduler: object = None) -> object:
        on_item = observer.on_item  # type: ignore[attr-defined]

        class Spy:
            on_error = observer.on_error  # type: ignore[attr-defined]
            on_completed = observer.on_completed  # type: ignore[attr-defined]
            exits = observer.exits  # type: ignore[attr-defined]

            def on_item(self, item: Item) -> None:
                sizes.append(item.n)
                on_item(item)

        return plain(Spy(), scheduler)  # type: ignore[arg-type]

    root._flow = spied  # type: ignore[assignment]
    stream.subscribe(lambda _: None)
    last = told.text.splitlines()[-1]
    assert last.startswith("In frames" if in_frames else "Row by row")
    if name != "a clock":  # rows part above the clock, in its driver
        assert (max(sizes) > 1) == in_frames


def test_two_subscribers_of_a_share_are_told_row_by_row_by_its_hub_and_leave_frames_alone() -> None:
    shared = ox.from_events(STORY).pipe(oo.trades(), ox.share())
    assert how_it_flows(graph_of([shared.pipe(ops.map(str)), shared.pipe(ops.map(repr))])) == [
        "In frames: facts reach plain Rx by one way alone."
    ]


def test_each_root_is_told_by_its_name() -> None:
    merged = ox.merge(ox.from_events(STORY), ox.from_events(STORY[:1]))
    told = how_it_flows(graph_of([merged]))
    assert len(told) == 2
    assert all(line.startswith("from_events(") for line in told)


def test_a_root_of_plain_rx_tells_facts_one_by_one() -> None:
    assert how_it_flows(graph_of([reactivex.of(*STORY).pipe(oo.trades())])) == [
        "One by one: it is plain Rx."
    ]

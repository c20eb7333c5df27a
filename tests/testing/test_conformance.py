"""Every promise catches the operator that breaks it, and lets the honest one pass."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import reactivex
from reactivex import Observable, abc
from reactivex import operators as ops
from reactivex.disposable import CompositeDisposable, Disposable
from reactivex.scheduler import VirtualTimeScheduler

from ordinis_rx.batches import Item
from ordinis_rx.events import Bar, Trade
from ordinis_rx.multicast import share
from ordinis_rx.sim import faults
from ordinis_rx.stepping import Stage, each_item, staged
from ordinis_rx.testing import a_bar, a_quote, a_trade, check_operator

TRADES = [a_trade(price, at=at) for at, price in enumerate([9, 7, 8, 8.5, 6, 9, 11, 7])]

Make = Callable[[], Callable[[Observable[Any]], Observable[Any]]]


def bars_of_two(stamp: Callable[[Trade, Trade], int]) -> Make:
    """Folds two trades into a bar that *stamp* stamps."""

    def bar(pair: list[Trade]) -> Bar:
        first, last = pair
        return a_bar(last.price, open=first.price, at=stamp(first, last), seq=last.seq)

    return lambda: ops.compose(
        ops.buffer_with_count(2), ops.filter(lambda pair: len(pair) == 2), ops.map(bar)
    )


HONEST: dict[str, Make] = {
    "nothing done": lambda: lambda source: source,
    "a plain map": lambda: ops.map(lambda trade: trade.price),
    "running state": lambda: ops.pairwise(),
    "bars stamped with their end": bars_of_two(lambda first, last: last.ts_event),
    "a step on items": lambda: each_item(lambda: lambda item: item),
    "share": share,
    "timers": lambda: ops.delay(0.5),
    "a fault made to order": lambda: faults.duplicate(0.5, seed=3),
}


@pytest.mark.parametrize("make", HONEST.values(), ids=HONEST)
def test_an_honest_operator_passes(make: Make) -> None:
    check_operator(make, TRADES)


def passing_on(
    change: Callable[[abc.ObserverBase[Any]], dict[str, Any]] | None = None,
    *,
    subscribe: Callable[..., abc.DisposableBase] | None = None,
) -> Make:
    """Hands everything on, but for what *change* does to the observer or *subscribe* to the subscription."""

    def make() -> Callable[[Observable[Any]], Observable[Any]]:
        def operator(source: Observable[Any]) -> Observable[Any]:
            def start(
                observer: abc.ObserverBase[Any], scheduler: abc.SchedulerBase | None = None
            ) -> abc.DisposableBase:
                handlers: dict[str, Any] = {
                    "on_next": observer.on_next,
                    "on_error": observer.on_error,
                    "on_completed": observer.on_completed,
                    **(change(observer) if change else {}),
                }
                if subscribe is not None:
                    return subscribe(source, handlers, scheduler)
                return source.subscribe(**handlers, scheduler=scheduler)

            return Observable(start)

        return operator

    return make


def sharing_state() -> Callable[[Observable[Any]], Observable[Any]]:
    seen = [0]

    def count(trade: Trade) -> tuple[int, float]:
        seen[0] += 1
        return seen[0], trade.price

    return ops.map(count)


def sharing_state_of_a_stream() -> Callable[[Observable[Any]], Observable[Any]]:
    def operator(source: Observable[Any]) -> Observable[Any]:
        return source.pipe(sharing_state())

    return operator


def eager() -> Callable[[Observable[Any]], Observable[Any]]:
    def operator(source: Observable[Any]) -> Observable[Any]:
        source.subscribe().dispose()
        return source

    return operator


def deaf() -> Callable[[Observable[Any]], Observable[Any]]:
    """Tells something, but never listens to its source."""
    return lambda _: reactivex.of(1)


def leaking(
    source: Observable[Any], handlers: dict[str, Any], scheduler: abc.SchedulerBase | None
) -> abc.DisposableBase:
    source.subscribe(**handlers, scheduler=scheduler)
    return Disposable()


def forgetting(
    source: Observable[Any], handlers: dict[str, Any], _: abc.SchedulerBase | None
) -> abc.DisposableBase:
    return source.subscribe(**handlers)


def substituting(
    source: Observable[Any], handlers: dict[str, Any], _: abc.SchedulerBase | None
) -> abc.DisposableBase:
    return source.subscribe(**handlers, scheduler=VirtualTimeScheduler())


def outliving(
    source: Observable[Any], handlers: dict[str, Any], scheduler: abc.SchedulerBase | None
) -> abc.DisposableBase:
    """A timer that nobody cancels. It goes around the observer that would stop it."""
    assert scheduler is not None
    told = handlers["on_next"].__self__._on_next
    scheduler.schedule_relative(500_000.0, lambda *_: told("late"))
    return source.subscribe(**handlers, scheduler=scheduler)


def keeping_on(
    source: Observable[Any], handlers: dict[str, Any], scheduler: abc.SchedulerBase | None
) -> abc.DisposableBase:
    """Disposes only when it is asked after the end, as one that counts on completion does."""
    upstream = source.subscribe(**handlers, scheduler=scheduler)
    ended = [False]

    def dispose() -> None:
        if ended[0]:
            upstream.dispose()

    return CompositeDisposable(Disposable(dispose))


def ahead() -> Callable[[Observable[Any]], Observable[Any]]:
    """Looks at the last row of a frame before it tells the first."""

    def make() -> Callable[[Item], Item]:
        def step(item: Item) -> Item:
            last = item.facts[-1]
            facts = [a_trade(last.price, at=fact.ts_event, seq=fact.seq) for fact in item.facts]
            item.hold(facts)
            return item

        return step

    return each_item(make)


def once_a_frame() -> Callable[[Observable[Any]], Observable[Any]]:
    """Keeps the first row of each frame alone."""

    def make() -> Callable[[Item], Item]:
        def step(item: Item) -> Item:
            item.hold(item.facts[:1])
            return item

        return step

    return each_item(make)


def stripping_seq() -> Callable[[Observable[Any]], Observable[Any]]:
    """Numbers afresh in each frame."""

    def make() -> Callable[[Item], Item]:
        def step(item: Item) -> Item:
            item.hold([a_trade(f.price, at=f.ts_event, seq=n) for n, f in enumerate(item.facts, 1)])
            return item

        return step

    return each_item(make)


class LateToHearTheEnd(Stage):
    """Tells its last item once more at the end, of which it hears only if that is asked for after the first item."""

    def on_item(self, item: Item) -> None:
        kept = item.copy()
        kept.turn = item.turn

        def end() -> None:
            self._observer.on_item(kept)
            self._observer.on_completed()

        self.on_completed = end
        self._observer.on_item(item)


def late_to_hear_the_end() -> Any:
    return lambda source: staged(source, LateToHearTheEnd)


MUTANTS: dict[str, tuple[Make, str]] = {
    "a bar stamped with its open": (
        bars_of_two(lambda first, last: first.ts_event),
        "causal: what is stamped up to 0 depends on what comes later",
    ),
    "state shared by all subscribers": (
        sharing_state,
        "private: the first of two subscribers heard something else than one alone",
    ),
    "state shared by the subscribers of one stream": (
        sharing_state_of_a_stream,
        "private: the first of two subscribers heard something else than one alone",
    ),
    "a swallowed error": (
        passing_on(lambda observer: {"on_error": lambda _: None}),
        "honest: an error after 0 values was lost",
    ),
    "an error told as completion": (
        passing_on(lambda observer: {"on_error": lambda _: observer.on_completed()}),
        "honest: an error after 0 values came out as [None]",
    ),
    "an error in other words": (
        passing_on(lambda observer: {"on_error": lambda e: observer.on_error(ValueError(str(e)))}),
        "honest: an error after 0 values came out as [ValueError('after 0')]",
    ),
    "a swallowed completion": (
        passing_on(lambda observer: {"on_completed": lambda: None}),
        "honest: the end after 0 values was lost",
    ),
    "a leaked subscription": (
        passing_on(subscribe=leaking),
        "tidy: dispose did not reach the source",
    ),
    "a dispose that waits for the end": (
        passing_on(subscribe=keeping_on),
        "tidy: dispose did not reach the source",
    ),
    "a timer that outlives dispose": (
        passing_on(subscribe=outliving),
        "tidy: it told something after dispose",
    ),
    "a forgotten scheduler": (
        passing_on(subscribe=forgetting),
        "tidy: the source got the scheduler None, not the subscriber's",
    ),
    "another scheduler": (
        passing_on(subscribe=substituting),
        "tidy: the source got the scheduler <reactivex",
    ),
    "an eager subscription": (eager, "lazy: piping alone subscribed to the source"),
    "no subscription": (deaf, "lazy: subscribing did not subscribe to the source"),
    "an end that is heard too late": (
        late_to_hear_the_end,
        "composable: behind another operator it told something else",
    ),
    "a look ahead in the frame": (ahead, "frames: in frames of [2, 2, 2, 2] rows"),
    "one fact a frame": (once_a_frame, "frames: in frames of [2, 2, 2, 2] rows"),
    "seq by the frame": (stripping_seq, "frames: in frames of"),
}


@pytest.mark.parametrize(("make", "told"), MUTANTS.values(), ids=MUTANTS)
def test_a_broken_promise_is_named(make: Make, told: str) -> None:
    with pytest.raises(AssertionError, match=f"^{re.escape(told)}"):
        check_operator(make, TRADES)


def test_values_that_bring_nothing_out_are_no_check() -> None:
    with pytest.raises(ValueError, match="nothing comes out of the operator for these 8 values"):
        check_operator(lambda: ops.filter(lambda _: False), TRADES)


def test_facts_in_disorder_are_sorted_before_causality_is_judged() -> None:
    disorder = [a_trade(n, at=at) for n, at in enumerate([5, 3, 9, 1])]

    check_operator(lambda: ops.distinct(lambda trade: trade.symbol), disorder)


def test_several_kinds_travel_together() -> None:
    both = [a_trade(9, at=1), a_quote(at=2), a_quote(at=3, symbol="B"), a_trade(7, at=4)]

    check_operator(lambda: each_item(lambda: lambda item: item.of(Trade)), both)

"""The promises that every operator keeps, as a check for your own: `check_operator`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from msgspec.structs import replace
from reactivex import Observable, abc
from reactivex import operators as ops
from reactivex.disposable import Disposable
from reactivex.scheduler import VirtualTimeScheduler

from ordinis_rx.batches import Item
from ordinis_rx.frames import FRAMES
from ordinis_rx.stepping import each_item
from ordinis_rx.stream import numbered
from ordinis_rx.testing.given import check_given
from ordinis_rx.testing.identity import difference
from ordinis_rx.testing.on_frames import same_on_frames, stays_in_bounds
from ordinis_rx.testing.probe import Source, Subscriber, told
from ordinis_rx.typing import A, B, Operator

__all__ = ["check_operator"]

_Make: TypeAlias = Callable[[], Operator[Any, Any]]


def check_operator(make: Callable[[], Operator[A, B]], values: Sequence[A]) -> None:
    """Assert the promises of ``make()`` on *values*: facts, or anything else that it takes.

    - bounded: a kernel keeps to its rows and its state.
    - lazy: subscribing, not piping, starts the source.
    - private: no subscriber notices another, nor another stream that the operator is in.
    - causal: a fact stamped T depends only on facts stamped up to T; its `seq` and `ts_recv` say when it was told.
    - honest: an error passes through unchanged, and nothing comes after the end.
    - tidy: dispose reaches the source, and so does the subscriber's scheduler.
    - composable: behind another operator of ours it tells the same, to its end.
    - frames: any cut into frames gives the same (see `same_on_frames`).

    The first and the last hold for facts alone, causality for what has a `ts_event`. Between two values a second of virtual
    time passes, so that timed operators tell. Raises AssertionError whose message begins with the promise that was broken,
    and ValueError when *values* bring nothing out of the operator: every promise would hold then.

    >>> from reactivex import operators as ops
    >>> check_operator(lambda: ops.scan(lambda a, b: a + b), [1, 2, 3])
    """
    check_given("check_operator", make, values)
    facts = all(type(value) in FRAMES for value in values)
    given: list[Any] = numbered(values) if facts else list(values)
    if facts:
        stays_in_bounds(make, given)
    if not told(make(), given):
        raise ValueError(f"nothing comes out of the operator for these {len(given)} values")
    for framed in (False, True) if facts else (False,):
        _lazy(make, framed)
        _private(make, given, framed)
        _honest(make, given, framed)
        _tidy(make, given, framed)
        _composable(make, given, framed)
    if facts:
        _causal(make, given)
        same_on_frames(make, given)


def _lazy(make: _Make, framed: bool) -> None:
    source = Source(framed)
    stream = source.stream.pipe(make())
    assert not source.schedulers, "lazy: piping alone subscribed to the source"
    subscription = stream.subscribe(scheduler=VirtualTimeScheduler())
    assert source.schedulers, "lazy: subscribing did not subscribe to the source"
    subscription.dispose()


def _private(make: _Make, values: list[Any], framed: bool) -> None:
    clock, operator = VirtualTimeScheduler(), make()
    source, other = Source(framed), Source(framed)
    stream = source.stream.pipe(operator)
    first, second = Subscriber(stream, clock), Subscriber(stream, clock)
    elsewhere = Subscriber(other.stream.pipe(operator), clock)
    half = len(values) // 2
    _tell(clock, values[:half], source)
    late = Subscriber(stream, clock)
    _tell(clock, values[half:], source, other)
    _end(clock, source, other)
    again = Subscriber(stream, clock)
    _tell(clock, values, source)
    _end(clock, source)

    alone, alone_late = told(make(), values), told(make(), values[half:])
    for who, subscriber, wanted in (
        ("the first of two subscribers", first, alone),
        ("the second of two subscribers", second, alone),
        ("a subscriber that came late", late, alone_late),
        ("a subscriber of another stream", elsewhere, alone_late),
        ("a subscriber that came after the end", again, alone),
    ):
        odd = difference(subscriber.values, wanted)
        assert not odd, f"private: {who} heard something else than one alone: {odd}"


def _causal(make: _Make, facts: list[Any]) -> None:
    facts = numbered(sorted(facts, key=lambda fact: fact.ts_event))
    stamped = _stamped(make, facts)
    for cut in sorted({fact.ts_event for fact in (*facts, *stamped)}):
        known = _stamped(make, [fact for fact in facts if fact.ts_event <= cut])
        odd = difference(
            [fact for fact in stamped if fact.ts_event <= cut],
            [fact for fact in known if fact.ts_event <= cut],
        )
        assert not odd, f"causal: what is stamped up to {cut} depends on what comes later: {odd}"


def _stamped(make: _Make, facts: list[Any]) -> list[Any]:
    return [
        replace(fact, **{name: 0 for name in ("seq", "ts_recv") if hasattr(fact, name)})
        for fact in told(make(), facts)
        if hasattr(fact, "ts_event")
    ]


def _honest(make: _Make, values: list[Any], framed: bool) -> None:
    for count in dict.fromkeys((0, len(values) // 2, len(values))):
        for last in (RuntimeError(f"after {count}"), None):
            source, clock = Source(framed), VirtualTimeScheduler()
            subscriber = Subscriber(source.stream.pipe(make()), clock)
            _tell(clock, values[:count], source)
            _end(clock, source, error=last)
            what = f"{'the end' if last is None else 'an error'} after {count} values"
            ends = subscriber.ends
            assert ends, f"honest: {what} was lost"
            assert ends == [last], f"honest: {what} came out as {ends!r}"
            assert not source.live, f"tidy: after {what} the source is still subscribed to"
    error = RuntimeError("at once")

    def fail(observer: abc.ObserverBase[Any], _: abc.SchedulerBase | None = None) -> Disposable:
        observer.on_error(error)
        return Disposable()

    clock = VirtualTimeScheduler()
    subscriber = Subscriber(Observable(fail).pipe(make()), clock)
    clock.advance_by(1.0)
    assert subscriber.ends == [error], "honest: an error while subscribing was lost"


def _tidy(make: _Make, values: list[Any], framed: bool) -> None:
    source, clock = Source(framed), VirtualTimeScheduler()
    subscriber = Subscriber(source.stream.pipe(make()), clock)
    strangers = [scheduler for scheduler in source.schedulers if scheduler is not clock]
    assert not strangers, (
        f"tidy: the source got the scheduler {strangers[0]!r}, not the subscriber's"
    )
    for value in values:
        source.tell(value)  # with no time to pass, so that timers are left waiting
    subscriber.subscription.dispose()
    assert not source.live, "tidy: dispose did not reach the source"
    heard = len(subscriber.values)
    clock.advance_by(_LONG)
    assert len(subscriber.values) == heard, "tidy: it told something after dispose"
    assert not subscriber.ends, "tidy: it told of an end that was none, on dispose"

    source, clock = Source(framed), VirtualTimeScheduler()
    sated = Subscriber(source.stream.pipe(make(), ops.take(1)), clock)
    _tell(clock, values, source)
    assert not (sated.ends and source.live), "tidy: who has heard enough does not free the source"


def _any_value(source: Observable[Any]) -> Observable[Any]:
    return source.pipe(ops.filter(lambda _: True))


def _composable(make: _Make, values: list[Any], framed: bool) -> None:
    def passing(item: Item) -> Item:
        return item

    alone = told(make(), values)
    for last in (None, RuntimeError("above")):
        source, clock = Source(framed), VirtualTimeScheduler()
        above: Operator[Any, Any] = each_item(lambda: passing) if framed else _any_value
        subscriber = Subscriber(source.stream.pipe(above, make()), clock)
        _tell(clock, values, source)
        _end(clock, source, error=last)
        assert subscriber.ends == [last], (
            f"composable: behind another operator, {last!r} came out as {subscriber.ends!r}"
        )
        odd = "" if last is not None else difference(subscriber.values, alone)
        assert not odd, f"composable: behind another operator it told something else: {odd}"


_LONG = 1_000_000.0


def _tell(clock: VirtualTimeScheduler, values: list[Any], *sources: Source) -> None:
    for value in values:
        for source in sources:
            source.tell(value)
        clock.advance_by(1.0)


def _end(clock: VirtualTimeScheduler, *sources: Source, error: Exception | None = None) -> None:
    for source in sources:
        if error is None:
            source.end()
        else:
            source.fail(error)
    clock.advance_by(1.0)

"""Windows: cut by event time or by count, whatever the frames; quiet intervals tell none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reactivex import Observable
from reactivex import operators as ops
from reactivex.subject import Subject

from ordinis_rx.events import Event
from ordinis_rx.operators import mid, window_by_count, window_by_time
from ordinis_rx.stream import from_events
from ordinis_rx.testing import (
    a_heartbeat,
    a_quote,
    a_status,
    a_trade,
    play,
    same_on_frames,
    through,
)
from ordinis_rx.timebase import SECOND
from ordinis_rx.typing import Operator


def lists(windows: Operator[Any, Any]) -> Operator[Any, list[Any]]:
    """Each window as the list of its facts' times, told when it ends."""

    def as_list(window: Observable[Any]) -> Observable[list[Any]]:
        return window.pipe(ops.map(lambda fact: fact.ts_event), ops.to_list())

    return lambda source: source.pipe(windows, ops.flat_map(as_list))


def in_lists(windows: Operator[Any, Any], facts: list[Any], rows: int = 1024) -> list[list[int]]:
    told: list[list[int]] = []
    from_events(facts, rows=rows).pipe(lists(windows)).subscribe(told.append)
    return told


def test_a_window_ends_when_the_first_fact_past_it_comes() -> None:
    facts = {"a": a_trade(at=1), "b": a_trade(at=9), "c": a_trade(at=10), "d": a_trade(at=35)}

    seen = play("ab--c--d-|", lists(window_by_time(10)), facts)

    assert seen == [(4, [1, 9]), (7, [10]), (9, [35]), (9, "|")]


def test_windows_are_counted_from_1970() -> None:
    assert in_lists(window_by_time(10), [a_trade(at=t) for t in (7, 12, 18, 21)]) == [
        [7],
        [12, 18],
        [21],
    ]


def test_a_late_fact_joins_the_window_that_is_open() -> None:
    assert in_lists(window_by_time(10), [a_trade(at=t) for t in (12, 3, 15)]) == [[12, 3, 15]]


def test_a_heartbeat_ends_a_window_and_opens_none() -> None:
    facts = {"a": a_trade(at=1), "h": a_heartbeat(at=5), "i": a_heartbeat(at=12)}

    seen = play("ah-i--|", lists(window_by_time(10)), facts)

    assert seen == [(3, [1, 5]), (6, "|")]


def test_a_status_ends_no_window() -> None:
    facts = [a_trade(at=1), a_status(at=999), a_trade(at=2)]

    assert in_lists(window_by_time(10), facts) == [[1, 999, 2]]


def test_a_status_gives_the_window_that_it_opens_no_time() -> None:
    facts = [a_status(at=1000), a_trade(at=3), a_trade(at=8), a_trade(at=12)]

    assert in_lists(window_by_time(10), facts) == [[1000, 3, 8], [12]]


def test_a_heartbeat_gives_its_time_to_a_window_that_a_status_opened() -> None:
    facts = [a_status(at=1000), a_heartbeat(at=3), a_trade(at=12)]

    assert in_lists(window_by_time(10), facts) == [[1000, 3], [12]]


def test_a_stamp_from_the_future_does_not_swallow_all_that_follows() -> None:
    facts = [
        a_trade(at=SECOND, ts_recv=SECOND),
        a_trade(at=10**18, ts_recv=SECOND + 1),
        a_trade(at=2 * SECOND, ts_recv=2 * SECOND),
    ]

    assert [len(window) for window in in_lists(window_by_time(SECOND), facts)] == [2, 1]


def test_a_window_ends_with_its_last_fact() -> None:
    facts = {"a": a_trade(at=1), "b": a_trade(at=2), "c": a_quote(at=3)}

    seen = play("a-b-c-|", lists(window_by_count(2)), facts)

    assert seen == [(2, [1, 2]), (6, [3]), (6, "|")]


def test_an_error_ends_the_open_window_and_the_stream() -> None:
    ends: list[Any] = []

    def note(window: Observable[Event]) -> None:
        window.subscribe(on_error=lambda error: ends.append(("window", type(error))))

    seen = play(
        "a#", lambda source: source.pipe(window_by_count(9), ops.do_action(note)), {"a": a_trade()}
    )

    assert ends == [("window", RuntimeError)]
    assert isinstance(seen[-1][1], RuntimeError)


def test_a_window_is_a_stream_that_our_operators_take() -> None:
    told: list[float] = []
    mids: Any = ops.flat_map(lambda window: window.pipe(mid()))

    from_events([a_quote(1, 3), a_quote(2, 4), a_quote(3, 5)]).pipe(
        window_by_count(2), mids
    ).subscribe(lambda reading: told.append(reading.value))

    assert told == [2.0, 3.0, 4.0]


def test_who_comes_after_a_window_has_ended_hears_its_end() -> None:
    windows: list[Observable[Any]] = []
    from_events([a_trade(), a_trade()]).pipe(window_by_count(1)).subscribe(windows.append)
    heard: list[Any] = []

    windows[0].subscribe(heard.append, heard.append, lambda: heard.append("|"))

    assert heard == ["|"]


def test_who_comes_after_a_window_has_failed_hears_its_error() -> None:
    source: Subject[Any] = Subject()
    windows: list[Observable[Any]] = []
    source.pipe(window_by_count(2)).subscribe(windows.append, lambda _: None)
    source.on_next(a_trade())
    source.on_error(RuntimeError("broken"))
    heard: list[Any] = []

    windows[0].subscribe(heard.append, heard.append)

    assert [str(error) for error in heard] == ["broken"]


def test_an_open_window_keeps_the_source_after_the_windows_are_disposed() -> None:
    source: Subject[Any] = Subject()
    heard: list[float] = []
    inner: list[Any] = []

    windows = source.pipe(window_by_count(3)).subscribe(
        lambda window: inner.append(window.subscribe(lambda fact: heard.append(fact.price)))
    )
    source.on_next(a_trade(1))
    windows.dispose()
    source.on_next(a_trade(2))
    assert source.observers
    source.on_next(a_trade(3))
    source.on_next(a_trade(4))

    assert heard == [1.0, 2.0, 3.0]
    inner[0].dispose()
    assert not source.observers


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: window_by_time(0), "interval must be 1 or more nanoseconds, .* got 0"),
        (lambda: window_by_count(0), "n must be 1 or more facts, got 0"),
    ],
)
def test_windows_without_extent_are_refused(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


@given(st.lists(st.integers(0, 60), max_size=20), st.integers(1, 25), st.integers(1, 7))
def test_every_fact_is_in_exactly_one_window_whatever_the_frames(
    moments: list[int], extent: int, rows: int
) -> None:
    facts = [a_trade(at=t) for t in moments]

    for windows in (window_by_time(extent), window_by_count(extent)):
        told = in_lists(windows, facts, rows)
        assert [t for window in told for t in window] == moments
        assert told == in_lists(windows, facts, 1)
        assert all(told)
    assert all(len(window) <= extent for window in in_lists(window_by_count(extent), facts))


@given(st.lists(st.integers(0, 60), max_size=12))
def test_the_windows_put_together_are_the_stream(moments: list[int]) -> None:
    facts = [a_trade(at=t) for t in moments]

    def together(source: Observable[Event]) -> Observable[Event]:
        return source.pipe(window_by_time(10), ops.merge_all())

    same_on_frames(lambda: together, facts, cuts=[[2, 3], []], silent=True)
    assert [fact.ts_event for fact in through(together, facts)] == moments


def test_an_interval_or_a_count_that_is_not_whole_is_refused_with_its_value() -> None:
    with pytest.raises(TypeError, match=r"window_by_time: interval must be a whole .*, got 1\.5"):
        window_by_time(1.5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"window_by_count: n must be a whole .*, got 2\.0"):
        window_by_count(2.0)  # type: ignore[arg-type]

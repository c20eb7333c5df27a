"""Of each interval the latest: which are told, when, and with whose number; by column as fact by fact."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import reactivex as rx
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import asdict, replace

from ordinis_rx.codes import Names
from ordinis_rx.events import Bar
from ordinis_rx.frames import Frame
from ordinis_rx.multicast import Hot
from ordinis_rx.operators import conflate, conflating, tick_bars
from ordinis_rx.stream import from_events, from_items, numbered
from ordinis_rx.testing import a_bar, a_gap, a_heartbeat, a_quote, a_reading, a_trade, through
from ordinis_rx.testing.identity import difference
from ordinis_rx.timebase import MILLI, SECOND
from tests.columns import frame_by_column


def test_the_latest_of_each_symbol_and_provider_is_told_when_the_interval_is_over() -> None:
    hot, heard = Hot(), list[Any]()
    hot.stream.pipe(conflate(10)).subscribe(heard.append)
    facts = [
        a_quote(1, 9, at=1, provider="x"),
        a_quote(2, 9, at=2, provider="y"),
        a_quote(3, 9, at=3, provider="x", symbol="B"),
        a_trade(5, at=4, provider="x"),
        a_quote(4, 9, at=5, provider="x"),
    ]
    hot.push([type(f)(**{**asdict(f), "seq": n}) for n, f in enumerate(facts, 1)])
    assert heard == []

    hot.push([a_quote(6, 9, at=10, provider="x", seq=6)])

    told = [(getattr(f, "bid", 5), f.ts_event, f.seq) for f in heard]
    assert told == [(2, 2, 6), (3, 3, 6), (5, 4, 6), (4, 5, 6)]


@pytest.mark.parametrize(
    ("odd", "field"), [(a_trade(2, at=None), "ts_event"), (a_trade(2, at=20, ts_recv=None), "ts_recv")]  # type: ignore[arg-type]
)  # fmt: skip
def test_a_fact_without_a_time_ends_the_stream_by_its_name(odd: Any, field: str) -> None:
    told: list[Any] = []

    rx.of(a_trade(1, at=1, seq=1), replace(odd, seq=2)).pipe(conflate(10)).subscribe(
        told.append, told.append
    )

    (error,) = told
    assert isinstance(error, TypeError)
    assert str(error) == f"{field} cannot be None in {replace(odd, seq=2)!r}"


def test_bars_of_another_length_and_readings_of_another_name_are_others() -> None:
    bars = [a_bar(n, at=60, interval=n) for n in (1, 5, 60, 5)]
    readings = [a_reading(value, at=1, name=name) for value, name in ((55, "rsi"), (101, "ema"))]

    assert [bar.interval for bar in through(conflate(100), bars)] == [1, 60, 5]
    assert [each.name for each in through(conflate(100), readings)] == ["rsi", "ema"]


def test_bars_by_count_are_of_one_timeframe_whatever_their_lengths() -> None:
    trades = [a_trade(100 + n, at=n * n * MILLI) for n in range(1, 25)]

    for rows in (1, 24):
        told: list[Bar] = []
        bars = from_events(numbered(trades), rows=rows).pipe(tick_bars(3))
        bars.pipe(conflate(60 * SECOND)).subscribe(told.append)
        assert [bar.close for bar in told] == [124]


def test_a_gap_passes_at_once_and_not_ahead_of_what_came_before() -> None:
    told = through(conflate(10), [a_quote(1, 9, at=1), a_gap(1, 2), a_quote(2, 9, at=3)])

    assert [(type(fact).__name__, fact.seq) for fact in told] == [("Quote", 2), ("Gap", 2), ("Quote", 3)]  # fmt: skip


def test_a_stamp_from_next_year_ends_no_interval() -> None:
    facts = [
        a_quote(1, 9, at=1 * SECOND, ts_recv=1 * SECOND),
        a_quote(2, 9, at=900 * SECOND, ts_recv=2 * SECOND),
        a_quote(3, 9, at=3 * SECOND, ts_recv=3 * SECOND),
    ]

    assert [quote.bid for quote in through(conflate(60 * SECOND), facts)] == [3]


def test_after_an_error_what_is_held_is_not_told() -> None:
    hot, heard, errors = Hot(), list[Any](), list[Exception]()
    hot.stream.pipe(conflate(10)).subscribe(heard.append, errors.append)
    hot.push([a_quote(at=1, seq=1)])
    broken = RuntimeError("broken")

    hot.error(broken)

    assert (heard, errors) == ([], [broken])


@pytest.mark.parametrize("together", [1, 4])
def test_a_fact_without_a_time_costs_none_of_those_before_it(together: int) -> None:
    facts = numbered([a_trade(at=at) for at in (1, 12, 25)])
    facts.append(replace(facts[0], ts_event="noon", seq=4))
    hot, told = Hot(), list[Any]()
    hot.stream.pipe(conflate(10)).subscribe(lambda fact: told.append(fact.ts_event), told.append)

    for at in range(0, 4, together):
        if told and isinstance(told[-1], Exception):
            break
        hot.push(facts[at : at + together])

    assert told[:-1] == [1, 12]
    assert isinstance(told[-1], TypeError)


def test_an_interval_below_one_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"conflate: interval must be 1 or more nanoseconds, .* got 0"
    ):
        conflate(0)


def test_an_interval_that_is_not_whole_is_refused_with_its_value() -> None:
    with pytest.raises(TypeError, match=r"conflate: interval must be a whole .*, got 1\.5"):
        conflate(1.5)  # type: ignore[arg-type]


# by column


def by_column(facts: list[Any], rows: int, interval: int) -> tuple[list[Any], list[Frame]]:
    """What is told of *facts* in frames of so many rows that rest on columns; and those frames."""
    frames: list[Frame] = []

    def make(names: Names) -> Iterator[Frame]:
        for first in range(0, len(facts), rows):
            frames.append(frame_by_column(facts[first : first + rows], names))
            yield frames[-1]

    told: list[Any] = []
    from_items(make).pipe(conflate(interval)).subscribe(told.append)
    return told, frames


one_kind = st.one_of(
    st.lists(
        st.builds(
            lambda at, arrived, symbol, provider: a_trade(
                at=at, ts_recv=arrived, symbol=symbol, provider=provider, trade_id=f"{at}"
            ),
            st.integers(-20, 60),
            st.sampled_from([0, 0, 5, 30, -2 * SECOND]),
            st.sampled_from("ABC"),
            st.sampled_from("xy"),
        ),
        max_size=40,
    ),
    st.lists(st.builds(lambda at: a_heartbeat(at=at), st.integers(0, 60)), max_size=20),
    st.lists(
        st.builds(
            lambda at, symbol, interval: a_bar(at=at, symbol=symbol, interval=interval),
            st.integers(0, 60),
            st.sampled_from("AB"),
            st.sampled_from([1, 5, 60]),
        ),
        max_size=40,
    ),
    st.lists(
        st.builds(
            lambda at, symbol, name: a_reading(at=at, symbol=symbol, name=name),
            st.integers(0, 60),
            st.sampled_from("AB"),
            st.sampled_from(["rsi", "ema", ""]),
        ),
        max_size=40,
    ),
)


@pytest.fixture
def any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conflating, "FEW", 0)


@pytest.mark.usefixtures("any_size")
@given(one_kind, st.integers(1, 15), st.sampled_from([1, 7, 10, 100, 1 << 63]))
def test_of_columns_the_same_is_told_as_of_facts(
    facts: list[Any], rows: int, interval: int
) -> None:
    facts = numbered(facts)
    wanted: list[Any] = []
    from_events(facts).pipe(conflate(interval)).subscribe(wanted.append)

    told, _ = by_column(facts, rows, interval)

    assert difference(told, wanted) == ""


def test_of_columns_only_those_become_facts_that_may_be_told() -> None:
    facts = numbered(a_quote(at=n, symbol="AB"[n % 2]) for n in range(100))

    told, frames = by_column(facts, 50, 1000)

    assert [quote.ts_event for quote in told] == [98, 99]
    assert [frame.held for frame in frames] == [None, None]

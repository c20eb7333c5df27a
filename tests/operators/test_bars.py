"""Bars: by time against a plain reference, on any frames; late, filled, flushed; by amount; of the vendor's own ticks."""

from __future__ import annotations

import csv
import io
import itertools
import logging
import math
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ordinis_rx.events import MOVES_ALL, Bar, Event, Quote, Trade, TradeFlags
from ordinis_rx.kernels.buckets import TIME_BARS
from ordinis_rx.kernels.figures import FAR
from ordinis_rx.memory import OperatorMemory
from ordinis_rx.multicast import Hot
from ordinis_rx.operators import (
    SideOutput,
    indicators,
    notional_bars,
    resample,
    tick_bars,
    time_bars,
    volume_bars,
)
from ordinis_rx.stream import from_events
from ordinis_rx.testing import (
    a_bar,
    a_heartbeat,
    a_quote,
    a_trade,
    difference,
    same,
    same_on_frames,
    through,
)
from ordinis_rx.timebase import HOUR, MILLI, MINUTE, SECOND

LAST, HIGH_LOW, VOLUME = TradeFlags.LAST, TradeFlags.HIGH_LOW, TradeFlags.VOLUME


def ohlc(bar: Bar) -> tuple[float, float, float, float]:
    return bar.open, bar.high, bar.low, bar.close


# against a reference that knows all trades at once


def reference(trades: list[Trade], interval: int) -> dict[tuple[str, int], tuple[Any, ...]]:
    """What each bar must be, from all of its trades together: none of them may be late."""
    buckets: dict[tuple[str, int], list[Trade]] = {}
    for trade in trades:
        end = (trade.ts_event // interval + 1) * interval
        buckets.setdefault((trade.symbol, end), []).append(trade)
    bars: dict[tuple[str, int], tuple[Any, ...]] = {}
    for key, held in buckets.items():
        prices = [trade.price for trade in held]
        volume = math.fsum(trade.size for trade in held)
        bars[key] = (
            min(held, key=lambda trade: trade.ts_event).price,
            max(prices),
            min(prices),
            max(reversed(held), key=lambda trade: trade.ts_event).price,
            pytest.approx(volume, rel=1e-12),
            pytest.approx(
                math.fsum(trade.price * trade.size for trade in held) / volume, rel=1e-12
            ),
            len(held),
        )
    return bars


def told(bars: list[Bar]) -> dict[tuple[str, int], tuple[Any, ...]]:
    return {
        (bar.symbol, bar.ts_event): (*ohlc(bar), bar.volume, bar.vwap, bar.trade_count)
        for bar in bars
    }


some_trades = st.lists(
    st.builds(
        lambda price, at, symbol, size: a_trade(price, at=at, symbol=symbol, size=size),
        st.floats(1.0, 200.0),
        st.integers(0, 60),
        st.sampled_from("ABC"),
        st.floats(0.01, 1e4),
    ),
    max_size=40,
)


@given(some_trades, st.integers(1, 25))
def test_nothing_is_late_within_the_lateness_and_each_bar_is_that_of_its_trades(
    trades: list[Trade], interval: int
) -> None:
    late = SideOutput[Event]()

    bars = through(time_bars(interval, lateness=60, late=late), trades)

    assert late.told == 0
    assert told(bars) == reference(trades, interval)
    assert len(bars) == len(told(bars))
    ends = [bar.ts_event for bar in bars]
    assert ends == sorted(ends)
    for bar in bars:
        assert bar.low <= bar.vwap <= bar.high
        assert bar.low <= min(bar.open, bar.close)
        assert bar.high >= max(bar.open, bar.close)


@given(some_trades, st.integers(1, 25), st.integers(0, 30))
def test_every_trade_is_in_a_bar_or_late(trades: list[Trade], interval: int, lateness: int) -> None:
    late = SideOutput[Event]()
    left_out: list[Event] = []
    late.subscribe(left_out.append)

    bars = through(time_bars(interval, lateness, late=late), trades)

    assert sum(bar.trade_count for bar in bars) + late.told == len(trades)
    volume = math.fsum(bar.volume for bar in bars) + math.fsum(t.size for t in left_out)  # type: ignore[union-attr]
    assert volume == pytest.approx(math.fsum(trade.size for trade in trades))
    highest = 0
    wanted: list[int] = []
    for number, trade in enumerate(trades, 1):
        oldest_open = (highest - lateness) // interval * interval
        if number > 1 and trade.ts_event < oldest_open:
            wanted.append(number)
        highest = max(highest, trade.ts_event) if number > 1 else trade.ts_event
    assert [fact.seq for fact in left_out] == wanted


# when a bar is told


def test_a_bar_is_told_with_the_seq_of_the_fact_that_ends_it() -> None:
    trades = [
        a_trade(10, at=1, ts_recv=2, provider="x", seq=1),
        a_trade(11, at=9, ts_recv=9, provider="y", seq=4),
        a_trade(12, at=10, ts_recv=13, provider="z", seq=7),
        a_trade(13, at=11, ts_recv=14, provider="x", seq=9),
    ]

    bars = through(time_bars(10), trades)

    assert [(bar.ts_event, bar.seq, bar.ts_recv, bar.provider) for bar in bars] == [
        (10, 7, 13, "y"),
        (20, 9, 14, "x"),
    ]
    assert {bar.interval for bar in bars} == {10}
    assert bars[0].ts_open == 0


def live(operator: Callable[[Any], Any]) -> tuple[Hot, list[Bar], list[Any]]:
    hot, heard, ends = Hot(), [], []
    hot.stream.pipe(operator).subscribe(heard.append, ends.append, lambda: ends.append("completed"))
    return hot, heard, ends


def test_a_bar_closes_when_the_next_interval_opens_and_not_before() -> None:
    hot, heard, _ = live(time_bars(10))

    hot.push([a_trade(10, at=1, seq=1)])
    hot.push([a_trade(11, at=9, seq=2)])
    assert heard == []

    hot.push([a_trade(12, at=10, seq=3)])
    assert [ohlc(bar) for bar in heard] == [(10, 11, 10, 11)]


def test_time_is_that_of_all_symbols() -> None:
    hot, heard, _ = live(time_bars(10))

    hot.push([a_trade(10, at=1, seq=1), a_trade(20, at=2, symbol="B", seq=2)])
    hot.push([a_trade(30, at=10, symbol="C", seq=3)])

    assert [(bar.symbol, bar.seq) for bar in heard] == [("A", 3), ("B", 3)]


def test_open_bars_are_told_at_completion_and_not_after_an_error() -> None:
    trades = [a_trade(10, at=1, seq=1), a_trade(20, at=2, symbol="B", seq=2)]
    hot, heard, ends = live(time_bars(10))
    hot.push(trades)
    hot.complete()
    assert [(bar.symbol, bar.ts_event, bar.seq) for bar in heard] == [("A", 10, 2), ("B", 10, 2)]
    assert ends == ["completed"]

    hot, heard, ends = live(time_bars(10))
    hot.push(trades)
    broken = RuntimeError("broken")
    hot.error(broken)
    assert (heard, ends) == ([], [broken])


def test_a_quiet_stream_tells_its_bar_when_a_heartbeat_says_so() -> None:
    hot, heard, _ = live(time_bars(10, flush_after=3))
    hot.push([a_trade(10, at=4, seq=1)])

    hot.push([a_heartbeat(at=12, seq=2)])
    assert heard == []

    hot.push([a_heartbeat(at=13, ts_recv=14, seq=3)])
    assert [(bar.ts_event, bar.seq, bar.ts_recv) for bar in heard] == [(10, 3, 14)]


def test_a_heartbeat_stamped_ahead_of_its_receipt_waits_as_long_as_any() -> None:
    for stamp in (12, 72):  # the second one is not believed, and counts as of its receipt
        facts: list[Event] = [
            a_trade(10, at=1 * SECOND, ts_recv=1 * SECOND),
            a_heartbeat(at=stamp * SECOND, ts_recv=12 * SECOND),
            a_trade(11, at=9 * SECOND, ts_recv=13 * SECOND),
            a_heartbeat(at=stamp * SECOND, ts_recv=15 * SECOND),
        ]

        bars = through(time_bars(10 * SECOND, flush_after=5 * SECOND), facts)

        assert [(bar.close, bar.volume) for bar in bars] == [(11, 2)]
        same_on_frames(lambda: time_bars(10 * SECOND, flush_after=5 * SECOND), facts)


def test_without_flush_after_heartbeats_move_nothing() -> None:
    bars = through(time_bars(10), [a_trade(10, at=4), a_heartbeat(at=99), a_trade(11, at=9)])

    assert [ohlc(bar) for bar in bars] == [(10, 11, 10, 11)]


def test_heartbeats_wait_for_late_facts_as_long_as_facts_do() -> None:
    facts = [a_trade(10, at=4), a_heartbeat(at=18), a_trade(11, at=5), a_heartbeat(at=21)]

    bars = through(time_bars(10, lateness=5, flush_after=10), facts)

    assert [(ohlc(bar), bar.seq) for bar in bars] == [((10, 11, 10, 11), 4)]


def test_a_heartbeat_between_the_rows_of_one_frame_stands_between_them() -> None:
    facts: list[Event] = [
        a_trade(10, at=4),
        a_heartbeat(at=11),
        a_trade(11, at=5),  # late by then
        a_trade(12, at=12),
        a_heartbeat(at=25),
        a_heartbeat(at=31),
    ]
    late = SideOutput[Event]()

    def make() -> Any:
        return time_bars(10, flush_after=0, late=late)

    bars = through(make(), facts)

    assert [(ohlc(bar), bar.seq) for bar in bars] == [((10,) * 4, 2), ((12,) * 4, 5)]
    assert late.told == 1
    same_on_frames(make, facts)


# what is late


def test_late_facts_go_to_the_side_output_as_they_are() -> None:
    late = SideOutput[Event]()
    left_out: list[Event] = []
    late.subscribe(left_out.append)
    trades = [a_trade(1, at=5), a_trade(2, at=15), a_trade(3, at=9), a_trade(4, at=16)]

    bars = through(time_bars(10, late=late), trades)

    assert [ohlc(bar) for bar in bars] == [(1,) * 4, (2, 4, 2, 4)]
    assert [(fact.price, fact.seq) for fact in left_out] == [(3, 3)]  # type: ignore[union-attr]


def test_more_late_facts_than_the_kernel_remembers_are_all_told() -> None:
    late = SideOutput[Event]()
    trades = [a_trade(1, at=50), *(a_trade(2, at=at % 40) for at in range(1_000))]

    bars = through(time_bars(10, late=late), trades)

    assert late.told == 1_000
    assert [bar.trade_count for bar in bars] == [1]


def test_the_first_late_fact_is_logged_where_nobody_takes_them(
    caplog: pytest.LogCaptureFixture,
) -> None:
    trades = [a_trade(1, at=50), a_trade(2, at=5), a_trade(2, at=6)]

    with caplog.at_level(logging.WARNING, "ordinis_rx"):
        through(time_bars(10), trades)

    (record,) = caplog.records
    assert "time_bars left out a Trade of A" in record.getMessage()


def test_within_the_lateness_open_and_close_are_first_and_last_by_time() -> None:
    trades = [a_trade(price, at=price) for price in (13, 11, 17, 12, 24, 16, 31)]

    bars = through(time_bars(10, lateness=7), trades)

    assert [(bar.ts_event, *ohlc(bar)) for bar in bars] == [
        (20, 11, 17, 11, 17),
        (30, 24, 24, 24, 24),
        (40, 31, 31, 31, 31),
    ]


def test_a_stamp_from_next_year_ends_nothing() -> None:
    trades = [
        a_trade(10, at=1 * SECOND, ts_recv=1 * SECOND),
        a_trade(11, at=500 * SECOND, ts_recv=2 * SECOND),
        a_trade(12, at=3 * SECOND, ts_recv=3 * SECOND),
    ]

    bars = through(time_bars(60 * SECOND), trades)

    assert [(bar.ts_event, *ohlc(bar)) for bar in bars] == [(60 * SECOND, 10, 12, 10, 12)]


ENDS_OF_TIME = [(1 << 63) - 1, FAR, -FAR, -(1 << 63)]


@pytest.mark.parametrize("stamp", ENDS_OF_TIME[:2])
def test_a_stamp_at_the_end_of_time_counts_as_of_its_receipt(stamp: int) -> None:
    late = SideOutput[Event]()
    trades = [
        a_trade(10, at=1, ts_recv=1),
        a_trade(11, at=stamp, ts_recv=2),
        a_trade(12, at=3, ts_recv=3),
    ]

    bars = through(time_bars(10, late=late), trades)

    assert [(*ohlc(bar), bar.trade_count) for bar in bars] == [(10, 12, 10, 12, 3)]
    assert late.told == 0


@pytest.mark.parametrize("stamp", ENDS_OF_TIME)
def test_a_stamp_at_the_end_of_time_that_no_receipt_denies_is_late_and_ends_nothing(
    stamp: int,
) -> None:
    late = SideOutput[Event]()
    trades = [a_trade(10, at=1), a_trade(11, at=stamp), a_trade(12, at=3)]

    bars = through(time_bars(10, late=late), trades)

    assert [(*ohlc(bar), bar.trade_count) for bar in bars] == [(10, 12, 10, 12, 2)]
    assert late.told == 1


def test_a_receipt_at_the_end_of_time_makes_nothing_late() -> None:
    trades = [a_trade(10, at=1, ts_recv=1), a_trade(12, at=3, ts_recv=FAR)]

    assert [bar.trade_count for bar in through(time_bars(10), trades)] == [2]


@pytest.mark.parametrize("flush_after", [0, 5])
@pytest.mark.parametrize("stamp", ENDS_OF_TIME)
def test_a_heartbeat_at_the_end_of_time_ends_no_bar(stamp: int, flush_after: int) -> None:
    facts = [a_trade(10, at=1), a_heartbeat(at=stamp), a_trade(12, at=3)]

    bars = through(time_bars(10, flush_after=flush_after), facts)

    assert [(*ohlc(bar), bar.seq) for bar in bars] == [(10, 12, 10, 12, 3)]


# filling


def test_filled_intervals_stay_at_the_last_price() -> None:
    trades = [a_trade(10, at=1), a_trade(12, at=2, size=3), a_trade(50, at=33, symbol="B")]

    bars = through(time_bars(10, fill=True), trades)

    assert [(bar.symbol, bar.ts_event, *ohlc(bar), bar.volume) for bar in bars] == [
        ("A", 10, 10, 12, 10, 12, 4),
        ("A", 20, 12, 12, 12, 12, 0),
        ("A", 30, 12, 12, 12, 12, 0),
        ("A", 40, 12, 12, 12, 12, 0),
        ("B", 40, 50, 50, 50, 50, 1),
    ]
    assert math.isnan(bars[1].vwap)
    assert bars[1].trade_count == 0


@given(some_trades, st.integers(1, 25), st.integers(0, 30))
def test_filling_adds_bars_and_changes_none(
    trades: list[Trade], interval: int, lateness: int
) -> None:
    plain = told(through(time_bars(interval, lateness, late=SideOutput()), trades))
    filled = told(through(time_bars(interval, lateness, fill=True, late=SideOutput()), trades))

    assert {key: bar for key, bar in filled.items() if bar[-1]} == plain
    for symbol in {symbol for symbol, _ in filled}:
        ends = [end for each, end in filled if each == symbol]
        assert ends == [*range(ends[0], ends[-1] + 1, interval)]


def test_filling_leaves_a_bar_as_it_is_that_has_a_range_or_ends_alone() -> None:
    trades = [
        a_trade(10, at=1, flags=LAST | VOLUME),
        a_trade(12, at=2, flags=LAST | VOLUME),
        a_trade(15, at=11, flags=HIGH_LOW | VOLUME),
        a_trade(99, at=21, flags=VOLUME),
        a_trade(13, at=41),
    ]

    bars = through(time_bars(10, fill=True), trades)

    assert [str(ohlc(bar)) for bar in bars] == [
        "(10.0, nan, nan, 12.0)",
        "(nan, 15.0, 15.0, nan)",
        "(12.0, 12.0, 12.0, 12.0)",
        "(12.0, 12.0, 12.0, 12.0)",
        "(13.0, 13.0, 13.0, 13.0)",
    ]
    assert [bar.volume for bar in bars] == [2, 1, 1, 0, 1]
    same_on_frames(lambda: time_bars(10, fill=True), trades)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(5, 9), st.integers(0, 7)), min_size=1))
def test_filled_bars_end_inside_their_range_where_every_end_may_make_one(
    told: list[tuple[int, int, int]],
) -> None:
    trades = [
        a_trade(price, at=at, flags=TradeFlags(flags | (flags & LAST and HIGH_LOW)))
        for at, price, flags in sorted(told)
    ]

    for bar in through(time_bars(10, fill=True), trades):
        known = [x for x in (bar.open, bar.close) if not math.isnan(x)]
        assert all(bar.low <= x <= bar.high for x in known)


def test_a_night_of_filled_seconds_for_many_symbols_comes_out_whole() -> None:
    trades = [a_trade(number, at=0, symbol=f"S{number}") for number in range(100)]
    trades.append(a_trade(1, at=9_000, symbol="S0"))

    bars = through(time_bars(10, fill=True), trades)

    assert len(bars) == 100 * 901
    assert len({(bar.symbol, bar.ts_event) for bar in bars}) == len(bars)


# flags, and numbers that are none


def test_trades_move_only_what_their_flags_let_them() -> None:
    trades = [
        a_trade(10, size=1),
        a_trade(99, size=2, flags=VOLUME),  # an odd lot, say
        a_trade(12, size=4, flags=HIGH_LOW | VOLUME),
        a_trade(1, size=8, flags=TradeFlags(0)),
        a_trade(11, size=16, flags=LAST),
    ]

    (bar,) = through(time_bars(10), trades)

    assert (*ohlc(bar), bar.volume, bar.trade_count) == (10, 12, 10, 11, 7, 3)
    assert bar.vwap == pytest.approx((10 * 1 + 99 * 2 + 12 * 4) / 7)


def test_a_bar_of_odd_lots_alone_has_volume_and_no_price() -> None:
    (bar,) = through(time_bars(10), [a_trade(10, size=5, flags=VOLUME)])

    assert all(map(math.isnan, ohlc(bar)))
    assert (bar.volume, bar.vwap, bar.trade_count) == (5, 10, 1)


@pytest.mark.parametrize("missing", [math.nan, math.inf])
@pytest.mark.parametrize("make", [lambda: time_bars(10), lambda: tick_bars(3)])
def test_a_trade_without_a_price_moves_nothing_and_one_without_a_size_no_volume(
    make: Callable[[], Any], missing: float
) -> None:
    trades = [
        a_trade(10, size=1),
        a_trade(missing, size=100),
        a_trade(13, size=missing),
        a_trade(12, size=3),
    ]

    (bar,) = through(make(), trades)

    assert (*ohlc(bar), bar.volume, bar.vwap, bar.trade_count) == (10, 13, 10, 12, 4, 11.5, 3)


@pytest.mark.parametrize("size", [math.nan, math.inf, -1.0, 0.0])
@pytest.mark.parametrize(
    "make", [lambda: time_bars(10), lambda: tick_bars(3), lambda: time_bars(10, fill=True)]
)
def test_a_trade_that_has_no_size_and_moves_no_price_is_counted_in_all_kinds_of_bars(
    make: Callable[[], Any], size: float
) -> None:
    trades = [
        a_trade(10, at=1),
        a_trade(99, at=2, size=size, flags=VOLUME),
        a_trade(11, at=3),
    ]

    (bar,) = through(make(), trades)

    assert (*ohlc(bar), bar.volume, bar.trade_count) == (10, 11, 10, 11, 2, 3)
    same_on_frames(make, trades)


def test_a_bar_of_trades_that_are_only_counted_has_no_price_and_no_volume() -> None:
    (bar,) = through(time_bars(10), [a_trade(10, size=math.nan, flags=VOLUME)])

    assert all(map(math.isnan, (*ohlc(bar), bar.vwap)))
    assert (bar.volume, bar.trade_count) == (0, 1)


def test_a_trade_without_a_price_opens_no_bar() -> None:
    assert through(time_bars(10), [a_trade(math.nan, size=100)]) == []
    assert through(volume_bars(10), [a_trade(math.nan, size=100)]) == []


@pytest.mark.parametrize("count", [10, 1_000, 10_000])
def test_as_many_equal_sizes_as_make_a_volume_fill_it_however_they_are_rounded(count: int) -> None:
    trades = [a_trade(10, size=1.0 / count, at=at) for at in range(3 * count)]

    told = through(volume_bars(1.0), trades)
    worth = through(notional_bars(10.0), trades)

    assert [bar.trade_count for bar in told] == [count, count, count]
    assert [bar.trade_count for bar in worth] == [count, count, count]


def test_trades_without_a_size_fill_no_volume_bar() -> None:
    trades = [a_trade(10, size=math.nan), a_trade(11, size=-5), a_trade(12, size=10)]

    (bar,) = through(volume_bars(10), trades)

    assert (*ohlc(bar), bar.volume, bar.vwap, bar.trade_count) == (10, 12, 10, 12, 10, 12, 3)


def test_bars_of_odd_lots_keep_their_volume_in_longer_ones() -> None:
    shorter = through(time_bars(10), [a_trade(10, size=5, flags=VOLUME)])

    (bar,) = through(resample(20), shorter)

    assert all(map(math.isnan, ohlc(bar)))
    assert (bar.volume, bar.vwap, bar.trade_count) == (5, 10, 1)


def test_numbers_that_are_none_poison_nothing() -> None:
    trades = [
        a_trade(10),
        a_trade(math.nan, size=math.nan),
        a_trade(math.inf),
        a_trade(11, size=math.nan),
    ]

    (bar,) = through(time_bars(10), trades)

    assert (*ohlc(bar), bar.volume, bar.vwap) == (10, 11, 10, 11, 1, 10)


@pytest.mark.parametrize(
    ("of", "prices"), [("bid", (9, 12, 9, 12)), ("ask", (11, 13, 11, 13)), ("mid", (10, 12.5, 10, 12.5))]
)  # fmt: skip
def test_bars_of_quotes(of: Any, prices: tuple[float, ...]) -> None:
    quotes = [a_quote(9, 11), a_quote(math.nan, math.nan), a_quote(12, 13), a_trade(999)]

    (bar,) = through(time_bars(10, of=of), quotes)

    assert ohlc(bar) == prices
    assert (bar.volume, bar.trade_count) == (0, 2)
    assert math.isnan(bar.vwap)


# any frames, compiled or not


@st.composite
def days(draw: st.DrawFn) -> list[Event]:
    numbers = st.sampled_from([10.0, 11.5, 9.0, math.nan, math.inf, -0.0, 1e308])
    trade = st.builds(
        lambda price, at, symbol, size, flags, recv: a_trade(
            price, at=at, symbol=symbol, size=size, flags=flags, ts_recv=recv, provider=symbol
        ),
        numbers,
        st.integers(0, 50),
        st.sampled_from("ABC"),
        numbers,
        st.sampled_from([MOVES_ALL, VOLUME, LAST, HIGH_LOW, TradeFlags(0)]),
        st.sampled_from([0, 5]),
    )
    beat = st.integers(0, 60).map(lambda at: a_heartbeat(at=at))
    quote = st.builds(lambda bid, ask, at: a_quote(bid, ask, at=at), numbers, numbers, st.integers(0, 50))  # fmt: skip
    return draw(st.lists(trade | beat | quote, max_size=25))


@settings(max_examples=15)
@given(
    days(),
    st.sampled_from([
        lambda: time_bars(7, late=SideOutput()),
        lambda: time_bars(5, 12, fill=True, flush_after=13, late=SideOutput()),
        lambda: time_bars(7, 3, of="mid", flush_after=3, late=SideOutput()),
        lambda: tick_bars(3),
        lambda: volume_bars(15.0),
        lambda: notional_bars(100.0),
    ]),
)  # fmt: skip
def test_any_split_gives_the_same_bars(day: list[Event], make: Callable[[], Any]) -> None:
    same_on_frames(make, day, silent=True)


@pytest.mark.parametrize("rows", [1, 2, 1_000, 10_000])
def test_two_thousand_symbols_close_on_one_row(rows: int) -> None:
    trades = [a_trade(number, at=number % 10, symbol=f"S{number}") for number in range(2_000)]
    trades.append(a_trade(1, at=10, symbol="S0"))

    heard: list[Bar] = []
    from_events(trades, rows=rows).pipe(time_bars(10)).subscribe(heard.append)

    assert [bar.symbol for bar in heard[:-1]] == [f"S{number}" for number in range(2_000)]
    assert {bar.seq for bar in heard} == {2_001}


# shorter bars into longer ones


def test_bars_of_bars_are_those_of_the_trades() -> None:
    prices = itertools.cycle([10.0, 12.5, 9.25, 11.0, 10.5])
    trades = [a_trade(next(prices), at=at, size=1 + at % 3) for at in range(0, 600, 7)]

    long = through(time_bars(60), trades)
    again = from_events(trades).pipe(time_bars(20), resample(60))

    heard: list[Bar] = []
    again.subscribe(heard.append)
    assert [ohlc(bar) for bar in heard] == [ohlc(bar) for bar in long]
    assert [(b.ts_event, b.volume, b.trade_count, b.interval) for b in heard] == [
        (b.ts_event, b.volume, b.trade_count, b.interval) for b in long
    ]
    assert [bar.vwap for bar in heard] == pytest.approx([bar.vwap for bar in long])


def test_a_longer_bar_waits_for_the_last_of_all_symbols() -> None:
    hot, heard, _ = live(resample(120))
    hot.push([a_bar(10, at=60, interval=60, seq=1), a_bar(11, at=120, interval=60, seq=2)])
    hot.push([a_bar(50, at=120, interval=60, symbol="B", seq=3)])
    assert heard == []

    hot.push([a_bar(12, at=180, interval=60, seq=4)])

    assert [(bar.symbol, bar.ts_event, bar.close) for bar in heard] == [("A", 120, 11), ("B", 120, 50)]  # fmt: skip


def test_bars_that_fit_into_no_longer_bar_are_left_out() -> None:
    left_out = SideOutput[Event]()
    bars = [
        a_bar(10, at=60, interval=60),
        a_bar(11, at=60, interval=60, revision=1),
        a_bar(12, at=150, interval=60),  # across the border
        a_bar(13, at=500, interval=500),  # longer
        a_bar(14, at=90, interval=10),
    ]

    (bar,) = through(resample(120, late=left_out), bars)

    assert (ohlc(bar), left_out.told) == ((10, 14, 10, 14), 3)


def test_a_vwap_is_of_the_bars_that_tell_one() -> None:
    bars = [
        a_bar(10, at=60, interval=60, volume=10, vwap=10),
        a_bar(20, at=120, interval=60, volume=30, vwap=math.nan),
        a_bar(14, at=180, interval=60, volume=30, vwap=14),
    ]

    (bar,) = through(resample(180), bars)

    assert (bar.volume, bar.vwap) == (70, 13)


def test_a_vwap_outside_of_its_bars_range_stays_there_in_a_longer_bar() -> None:
    odd_lot = a_trade(9, at=2, size=99, flags=TradeFlags.VOLUME | TradeFlags.ODD_LOT)
    trades = [a_trade(10, at=1, size=1), odd_lot, a_trade(10, at=12, size=1)]

    (bar,) = through(time_bars(20), trades)
    (again,) = through(resample(20), through(time_bars(10), trades))

    assert bar.vwap == again.vwap == 911 / 101
    assert (again.low, again.high) == (10, 10)
    same_on_frames(lambda: resample(20), through(time_bars(10), trades))


# by amount


def test_a_tick_bar_is_told_with_its_last_trade() -> None:
    trades = [a_trade(p, at=10 * p) for p in (3, 1, 2, 5, 4)]

    bars = through(tick_bars(2), trades)

    assert [(*ohlc(bar), bar.ts_event, bar.interval, bar.seq) for bar in bars] == [
        (3, 3, 1, 1, 30, 20, 2),  # its last trade happened before its first
        (2, 5, 2, 5, 50, 30, 4),
    ]
    assert [bar.trade_count for bar in bars] == [2, 2]


@given(some_trades, st.floats(1.0, 5e3))
def test_volume_is_conserved_but_for_the_last_unfinished_bar(
    trades: list[Trade], volume: float
) -> None:
    bars = through(volume_bars(volume), trades)

    assert all(bar.volume >= volume for bar in bars)
    for symbol in "ABC":
        of_symbol = [trade.size for trade in trades if trade.symbol == symbol]
        rest = math.fsum(of_symbol) - math.fsum(b.volume for b in bars if b.symbol == symbol)
        assert -1e-6 <= rest < volume + 1e-6


@given(some_trades, st.floats(1.0, 5e4))
def test_notional_bars_are_worth_what_they_must(trades: list[Trade], worth: float) -> None:
    bars = through(notional_bars(worth), trades)

    for bar in bars:
        assert bar.vwap * bar.volume >= worth * (1 - 1e-9)
        assert bar.low <= bar.vwap <= bar.high


def test_an_odd_lot_fills_a_bar_but_is_no_price_of_it() -> None:
    trades = [a_trade(10), a_trade(99, flags=VOLUME), a_trade(11, flags=LAST | HIGH_LOW)]

    (bar,) = through(tick_bars(2), trades)

    assert (*ohlc(bar), bar.volume) == (10, 10, 10, 10, 2)


@pytest.mark.parametrize("size", [math.nan, 0.0])
def test_a_trade_without_a_size_leaves_the_vwap_of_a_bar_by_amount_as_it_is(size: float) -> None:
    trades = [a_trade(1e16, size=size), a_trade(1.5), a_trade(1.5)]

    for make in (lambda: tick_bars(3), lambda: volume_bars(2), lambda: notional_bars(3)):
        assert [bar.vwap for bar in through(make(), trades)] == [1.5]


def test_the_vwap_of_a_bar_by_amount_is_within_its_range_but_for_trades_that_make_none() -> None:
    # Rounded, the average is 0.19999999999999996.
    far = [a_trade(1.4, size=0.1), a_trade(0.2, size=3e16)]
    odd = [a_trade(10), a_trade(99, flags=VOLUME)]

    assert [bar.vwap for bar in through(tick_bars(2), far)] == [0.2]
    assert [bar.vwap for bar in through(tick_bars(2), odd)] == [54.5]


@pytest.mark.parametrize("make", [lambda: tick_bars(3), lambda: volume_bars(3), lambda: notional_bars(33)])  # fmt: skip
def test_bars_by_amount_count_every_trade_whatever_its_stamp(make: Callable[[], Any]) -> None:
    for stamp in ENDS_OF_TIME:
        (bar,) = through(make(), [a_trade(10, at=1), a_trade(11, at=stamp), a_trade(12, at=3)])
        (last,) = through(make(), [a_trade(10, at=1), a_trade(11, at=3), a_trade(12, at=stamp)])

        assert (*ohlc(bar), bar.volume, bar.interval) == (10, 12, 10, 12, 3, 2)
        assert (last.ts_event, last.trade_count, last.interval) == (3, 3, 2)
        (lone,) = through(tick_bars(1), [a_trade(10, at=stamp)])
        assert (lone.ts_event, lone.interval) == (stamp, 0)


def test_bars_by_amount_are_never_stamped_before_what_is_in_them_or_told_before_them() -> None:
    late = VOLUME | TradeFlags.LATE
    trades = [
        a_trade(10, at=100), a_trade(12, at=200), a_trade(11, at=300),
        a_trade(9, at=50, flags=late),
        a_trade(13, at=9_000_000_000, ts_recv=400),  # more than a second before it could have happened
        a_trade(13, at=450, ts_recv=451),
    ]  # fmt: skip

    bars = through(tick_bars(2), trades)

    assert [(bar.ts_event, bar.interval, bar.seq) for bar in bars] == [
        (200, 100, 2),
        (300, 250, 4),
        (450, 50, 6),
    ]
    of_time = through(lambda trades: trades.pipe(tick_bars(1), indicators(last="sma:1")), trades)
    assert [reading.value for reading in of_time] == [
        bar.close for bar in through(tick_bars(1), trades) if bar.close == bar.close
    ]


def test_bars_that_are_open_at_the_end_are_told_or_dropped() -> None:
    trades = [a_trade(10, at=1), a_trade(12, at=15)]
    minutes = [
        a_bar(10, at=60, interval=60),
        a_bar(12, at=120, interval=60),
        a_bar(9, at=180, interval=60),
    ]

    assert [bar.ts_event for bar in through(time_bars(10, partial="drop"), trades)] == [10]
    assert [bar.ts_event for bar in through(time_bars(10, partial="tell"), trades)] == [10, 20]
    assert [bar.ts_event for bar in through(resample(120, partial="drop"), minutes)] == [120]


@pytest.mark.parametrize("longer", [lambda **more: time_bars(20, **more), lambda **more: resample(20, **more)])  # fmt: skip
def test_with_a_memory_bars_that_are_open_at_the_end_are_made_whole_by_the_next_run(
    longer: Any,
) -> None:
    facts: list[Event] = []
    for n in range(1, 9):
        facts += [a_trade(n, at=7 * n), a_bar(n, at=7 * n // 5 * 5 + 5, interval=5)]
    memory = OperatorMemory()

    first = through(longer(memory=memory), facts[:8])
    rest = through(longer(memory=OperatorMemory(memory.save()), partial="tell"), facts[8:])

    whole = through(longer(), facts)
    assert len(first) == 1
    assert same(*([replace(bar, seq=0) for bar in bars] for bars in (first + rest, whole)))


# settings that make no sense


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: time_bars(0), "time_bars: interval must be 1 or more nanoseconds, .* got 0"),
        (lambda: time_bars(1, -1), "time_bars: lateness must be 0 or more nanoseconds, .* got -1"),
        (lambda: time_bars(1, 5, flush_after=4), "flush_after must be at least the lateness of 5 nanoseconds, got 4"),
        (lambda: time_bars(1, of="last"), "time_bars: of must be one of 'trade', 'bid', 'ask', 'mid', got 'last'"),  # type: ignore[arg-type]
        (lambda: time_bars(1 << 62), f"time_bars: interval must be below {FAR >> 2} nanoseconds, got {1 << 62}"),
        (lambda: resample(1, FAR >> 2), f"resample: lateness must be below {FAR >> 2} nanoseconds, got {FAR >> 2}"),
        (lambda: time_bars(MILLI, 5 * HOUR), "time_bars: lateness must be below 16777215 intervals of 1000000 .*, got 18"),
        (lambda: resample(2, 2 * 16_777_215), "resample: lateness must be below 16777215 intervals of 2 .*, got 33554430"),
        (lambda: resample(0), "resample: interval must be 1 or more nanoseconds, .* got 0"),
        (lambda: tick_bars(0), "tick_bars: n must be 1 or more trades, got 0"),
        (lambda: volume_bars(math.nan), "volume_bars: volume must be a finite number above 0, got nan"),
        (lambda: notional_bars(0.0), "notional_bars: notional must be a finite number above 0, got 0.0"),
    ],
)  # fmt: skip
def test_settings_that_make_no_sense_are_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_the_longest_lateness_is_one_that_a_kernel_has_the_state_for() -> None:
    interval, lateness = 2, 2 * 16_777_215 - 1
    time_bars(interval, lateness)

    TIME_BARS.rows((interval, lateness, 0, lateness // interval + 2, 1))


# evidence: a vendor's ticks make that vendor's bars

FXCM = Path(__file__).parents[3] / "shared/data/fx/fxcm"


def rows_of(name: str) -> Iterator[list[str]]:
    path = FXCM / name
    if not path.exists():
        pytest.skip(f"recorded data is not here: {name}")
    with zipfile.ZipFile(path) as packed:
        (inside,) = packed.namelist()
        yield from csv.reader(io.StringIO(packed.read(inside).decode("ascii")))


@pytest.mark.parametrize("rows", [1, 10_000])
def test_fxcm_ticks_make_the_minute_bars_of_fxcm_exactly(rows: int) -> None:
    quotes = [
        Quote(symbol="EURUSD", ts_event=int(at) * MILLI, bid=float(bid), ask=float(ask), seq=n)
        for n, (at, bid, ask) in enumerate(rows_of("tick_20140505.zip"), 1)
    ]
    wanted = list(rows_of("minute_20140505.zip"))
    assert len(wanted) == 1410

    for of, first in (("bid", 1), ("ask", 6)):
        bars: list[Bar] = []
        from_events(quotes, rows=rows).pipe(time_bars(1 * MINUTE, of=of)).subscribe(bars.append)  # type: ignore[arg-type]
        got = [(bar.ts_open // MILLI, *ohlc(bar)) for bar in bars]
        assert (
            difference(got, [(int(row[0]), *map(float, row[first : first + 4])) for row in wanted])
            == ""
        )


def test_durations_and_counts_that_are_not_whole_are_refused_with_their_value() -> None:
    with pytest.raises(TypeError, match=r"time_bars: interval must be a whole .*, got 1\.5"):
        time_bars(1.5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"tick_bars: n must be a whole .* trades, got 1\.5"):
        tick_bars(1.5)  # type: ignore[arg-type]

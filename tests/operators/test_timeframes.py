"""Several timeframes out of one stream."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from reactivex import operators as ops
from reactivex.subject import Subject

from ordinis_rx import operators as oo
from ordinis_rx.events import Bar, Trade, TradeFlags
from ordinis_rx.kinds import Direction
from ordinis_rx.operators import (
    Bias,
    SideOutput,
    TimeframeBars,
    agreement,
    resample,
    time_bars,
    timeframes,
)
from ordinis_rx.operators.timeframes.spans import parse
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
from ordinis_rx.timebase import DAY, HOUR, MINUTE, SECOND, from_datetime


def minute(n: int, close: float, **more: Any) -> Bar:
    return a_bar(close, at=n * MINUTE, interval=MINUTE, **more)


def utc(*when: int) -> int:
    return from_datetime(datetime(*when, tzinfo=UTC))  # type: ignore[arg-type, misc]


prices = st.floats(1, 100).map(lambda x: round(x, 2))
walks = st.lists(
    st.tuples(
        st.integers(1, 9), st.sampled_from("AB"), prices, st.one_of(st.just(math.nan), prices)
    ),
    min_size=1,
    max_size=40,
)


def bars_of(walk: list[tuple[int, str, float, float]]) -> list[Bar]:
    at, bars = {"A": 0, "B": 0}, []
    for seq, (pause, symbol, price, vwap) in enumerate(walk, 1):
        at[symbol] += pause
        bars.append(minute(at[symbol], price, symbol=symbol, high=price + 1, vwap=vwap, seq=seq))
    return bars


def plain(bars: list[Bar], width: int, until: int) -> Bar | None:
    """The last bar of *width* that ends by *until*, from the shorter ones alone."""
    inside: dict[int, list[Bar]] = {}
    for bar in bars:
        inside.setdefault(bar.ts_open // width * width, []).append(bar)
    begins = [begin for begin in inside if begin + width <= until]
    if not begins:
        return None
    begin = max(begins)
    part = inside[begin]
    return a_bar(
        part[-1].close,
        at=begin + width,
        interval=width,
        open=part[0].open,
        high=max(bar.high for bar in part),
        low=min(bar.low for bar in part),
        volume=sum(bar.volume for bar in part),
    )


def shape(bar: Bar | None) -> tuple[float, ...] | None:
    if bar is None:
        return None
    return (bar.ts_event, bar.interval, bar.open, bar.high, bar.low, bar.close, bar.volume)


@given(walks)
@settings(max_examples=40, deadline=None)
def test_each_row_sees_the_last_bar_that_had_ended_by_then_and_no_other(walk: Any) -> None:
    bars = bars_of(walk)

    rows = through(timeframes("1m", "3m", "15m"), bars)

    assert len(rows) == len(bars)
    for row, bar in zip(rows, bars, strict=True):
        known = [
            each for each in bars if each.symbol == bar.symbol and each.ts_event <= bar.ts_event
        ]
        assert row.ts_event == bar.ts_event
        for name, width in (("1m", MINUTE), ("3m", 3 * MINUTE), ("15m", 15 * MINUTE)):
            assert shape(row.of(name)) == shape(plain(known, width, bar.ts_event))


@given(walks)
@settings(max_examples=30, deadline=None)
def test_a_row_depends_on_nothing_later_than_itself(walk: Any) -> None:
    bars = bars_of(walk)
    make = timeframes("1m", "3m", "15m", forming=True)
    whole = through(make, bars)

    for cut in range(1, len(bars) + 1):
        assert not difference(through(make, bars[:cut]), whole[:cut])


@given(walks)
@settings(max_examples=30, deadline=None)
def test_the_bars_closed_are_those_of_resample_and_each_is_new_once(walk: Any) -> None:
    bars = [bar for bar in bars_of(walk) if bar.symbol == "A"]
    rows = through(timeframes("1m", "3m"), bars)

    new = [bar for row in rows for bar in row.new("3m")]

    wanted = through(resample(3 * MINUTE), bars)[: len(new)]
    exact = [(shape(bar), repr(bar.vwap), bar.trade_count) for bar in new]
    assert exact == [(shape(bar), repr(bar.vwap), bar.trade_count) for bar in wanted]
    assert len(new) >= len({bar.ts_open // (3 * MINUTE) for bar in bars}) - 1


def test_a_vwap_outside_of_its_bars_range_stays_there_in_every_timeframe() -> None:
    rows = through(timeframes("1m", "2m"), [minute(n, 10, vwap=9.5, volume=100) for n in (1, 2)])

    assert [row.bar.vwap for row in rows] == [9.5, 9.5]
    assert [bar.vwap for bar in rows[1].new("2m")] == [9.5]


def test_the_forming_bar_is_what_has_happened_so_far_and_is_never_the_closed_one() -> None:
    rows = through(timeframes("1m", "3m", forming=True), [minute(n, 10 + n) for n in range(1, 6)])

    seen = [shape(row.forming("3m")) for row in rows]

    assert seen == [
        (1 * MINUTE, MINUTE, 11, 11, 11, 11, 1),
        (2 * MINUTE, 2 * MINUTE, 11, 12, 11, 12, 2),
        None,
        (4 * MINUTE, MINUTE, 14, 14, 14, 14, 1),
        (5 * MINUTE, 2 * MINUTE, 14, 15, 14, 15, 2),
    ]
    assert all(row.forming("1m") is None for row in rows)
    assert [row.of("3m") and row.of("3m").close for row in rows] == [None, None, 13, 13, 13]


def test_without_asking_there_is_no_forming_bar() -> None:
    (row,) = through(timeframes("1m", "3m"), [minute(1, 9)])

    assert row.forming("3m") is None
    assert row.of("3m") is None


def test_a_timeframe_that_is_not_there_is_named() -> None:
    (row,) = through(timeframes("1m", "3m"), [minute(1, 9)])

    with pytest.raises(KeyError, match="no timeframe '7m'; there are 1m 3m"):
        row.of("7m")


def test_trades_become_the_bars_of_time_bars() -> None:
    trades = [a_trade(10 + n % 7, at=n * 20 * SECOND, size=n) for n in range(1, 40)]

    rows = through(timeframes("1m", "5m"), trades)

    minutes = through(time_bars(MINUTE), trades)
    assert [shape(row.bar) for row in rows] == [shape(bar) for bar in minutes]
    assert [shape(row.of("5m")) for row in rows] == [
        shape(plain(minutes, 5 * MINUTE, bar.ts_event)) for bar in minutes
    ]


def test_whichever_comes_first_trades_or_bars_is_what_rows_are_made_of() -> None:
    bars = [minute(1, 9), minute(2, 8)]
    trades = [a_trade(50, at=SECOND), a_trade(51, at=3 * MINUTE)]

    of_bars = through(timeframes("1m"), [a_heartbeat(at=0), bars[0], *trades, bars[1]])
    of_trades = through(timeframes("1m"), [trades[0], *bars, trades[1]])

    assert [row.bar.close for row in of_bars] == [9, 8]
    assert [row.bar.close for row in of_trades] == [50, 51]


def test_of_says_what_rows_are_made_of() -> None:
    quotes = [a_quote(9, 11, at=SECOND), a_quote(19, 21, at=70 * SECOND)]

    rows = through(timeframes("1m", of="mid"), [a_trade(5, at=0), *quotes])

    assert [row.bar.close for row in rows] == [10, 20]
    assert through(timeframes("1m", of="bar"), [a_trade(5, at=0)]) == []


def test_shorter_bars_make_the_shortest_timeframe_which_is_told_when_it_is_over() -> None:
    heard: list[TimeframeBars] = []
    source: Subject[Any] = Subject()
    source.pipe(timeframes("2m", "4m")).subscribe(heard.append)

    told: list[int] = []
    for n in (1, 2, 3, 5):
        source.on_next(minute(n, 10 + n))
        told.append(len(heard))

    assert told == [0, 1, 1, 2]  # the third minute's bar is over when the fifth minute begins
    assert [(row.ts_event, row.bar.close, row.of("4m")) for row in heard[:1]] == [
        (2 * MINUTE, 12, None)
    ]
    late = heard[1]
    assert late.ts_event == 4 * MINUTE
    assert shape(late.of("4m")) == (4 * MINUTE, 4 * MINUTE, 11, 13, 11, 13, 3)


def test_a_row_told_late_shows_nothing_of_what_ended_after_it() -> None:
    rows = through(timeframes("2m", "4m", "6m"), [minute(1, 1), minute(11, 2)])

    assert [row.ts_event for row in rows] == [2 * MINUTE]
    assert rows[0].of("4m") is None
    assert rows[0].of("6m") is None


def test_after_a_pause_all_bars_that_ended_are_new() -> None:
    rows = through(timeframes("1m", "5m"), [minute(3, 1), minute(10, 2)])

    assert [bar.close for bar in rows[1].new("5m")] == [1, 2]
    assert rows[1].of("5m") == rows[1].new("5m")[-1]


def test_a_bar_told_again_takes_the_place_of_the_last_one_in_every_timeframe() -> None:
    first = [minute(1, 10, volume=5), minute(2, 20, volume=5)]
    again = minute(2, 99, volume=7, revision=1)

    rows = through(timeframes("1m", "2m", forming=True), [*first, again, minute(3, 1)])
    direct = through(
        timeframes("1m", "2m", forming=True), [first[0], minute(2, 99, volume=7), minute(3, 1)]
    )

    assert [row.revision for row in rows] == [0, 0, 1, 0]
    assert shape(rows[2].of("2m")) == (2 * MINUTE, 2 * MINUTE, 10, 99, 10, 99, 12)
    assert shape(rows[3].of("2m")) == shape(direct[2].of("2m"))
    assert rows[3].new("2m") == ()


def test_a_bar_told_again_after_it_had_ended_another_does_not_end_it_twice() -> None:
    rows = through(timeframes("2m"), [minute(1, 10), minute(4, 5), minute(4, 6, revision=1)])

    assert [(row.ts_event, row.bar.close, row.revision) for row in rows] == [
        (2 * MINUTE, 10, 0),
        (4 * MINUTE, 5, 0),
        (4 * MINUTE, 6, 1),
    ]


def test_a_row_told_again_tells_again_of_what_it_ends_and_of_nothing_else() -> None:
    bars = [minute(n, 10 * n) for n in (1, 5, 8, 12)]
    bars += [minute(12, 7, revision=1), minute(12, 6, revision=2), minute(15, 9)]
    bars += [minute(15, 8, revision=1), minute(21, 1)]

    rows = through(timeframes("1m", "5m"), bars)

    told = [(bar.ts_event // MINUTE, bar.close, bar.revision) for r in rows for bar in r.new("5m")]
    assert told == [(5, 50, 0), (10, 80, 0), (15, 9, 0), (15, 8, 1)]


def test_a_row_told_again_is_agreed_on_with_all_that_was_over_before_it() -> None:
    story = [minute(n, 10 + n * n % 7) for n in (1, 3, 5, 8, 12, 15, 16, 18, 22, 24)]
    detours = [bar for n, one in enumerate(story) for bar in (one, *revised(one, n % 3))]
    last = [replace(bar, close=bar.close - n % 3) for n, bar in enumerate(story)]

    def answers(bars: list[Bar]) -> dict[int, Any]:
        both = ops.compose(timeframes("1m", "2m", "4m"), agreement((1, 2, 3)))
        return {row.ts_event: (row.bias, row.signals) for row in through(both, bars)}

    assert same(answers(detours), answers(last))


def revised(bar: Bar, times: int) -> list[Bar]:
    return [replace(bar, close=bar.close - r, revision=r) for r in range(1, times + 1)]


def test_what_cannot_be_used_is_left_out_and_counted() -> None:
    skipped: SideOutput[Bar] = SideOutput()
    odd = [
        minute(1, 10),
        minute(2, math.nan),
        minute(1, 9),  # late
        a_bar(9, at=150 * SECOND, interval=MINUTE),  # across a border
        a_bar(9, at=3 * MINUTE, interval=3 * MINUTE),  # overlaps
        a_bar(9, at=3 * MINUTE, interval=0),
        minute(3, 11),
    ]

    rows = through(timeframes("1m", skipped=skipped), odd)

    assert [row.bar.close for row in rows] == [10, 11]
    assert skipped.told == 5


ODD = TradeFlags.VOLUME | TradeFlags.HIGH_LOW
REGULAR = ODD | TradeFlags.LAST
flags = st.sampled_from([TradeFlags(0), TradeFlags.VOLUME, TradeFlags.LAST, ODD, REGULAR, REGULAR])


@given(st.lists(st.tuples(st.integers(1, 90), prices, flags), min_size=1, max_size=40))
@settings(max_examples=60, deadline=None)
def test_longer_bars_contain_all_that_happened_be_it_no_last_price(walk: Any) -> None:
    at, told = 0, list[Trade]()
    for pause, price, moved in walk:
        at += pause
        told.append(a_trade(price, at=at * SECOND, size=price, flags=moved))

    rows = through(timeframes("1m", "5m"), [*told, a_trade(5, at=(at + 900) * SECOND)])

    whole = {
        bar.ts_event: shape(bar)
        for bar in through(ops.compose(time_bars(MINUTE), resample(5 * MINUTE)), told)
        if bar.close == bar.close and bar.high == bar.high
    }
    new = {bar.ts_event: shape(bar) for row in rows for bar in row.new("5m")}
    assert {end: bar for end, bar in new.items() if end <= (at + 600) * SECOND} == whole


def test_a_bar_without_a_close_makes_no_row_but_counts_in_the_longer_ones() -> None:
    skipped: SideOutput[Bar] = SideOutput()
    odd = minute(2, math.nan, open=math.nan, high=111, low=90, volume=7, vwap=100)
    bars = [
        minute(1, 10, volume=5),
        odd,
        replace(odd, volume=8, revision=1),
        minute(3, 12, volume=5),
    ]
    bars.append(minute(3, math.nan, open=math.nan, high=500, low=1, revision=1))

    rows = through(timeframes("1m", "3m", skipped=skipped), bars)

    assert [row.ts_event // MINUTE for row in rows] == [1, 3]
    assert shape(rows[1].of("3m")) == (3 * MINUTE, 3 * MINUTE, 10, 111, 10, 12, 18)
    assert skipped.told == 3
    same_on_frames(lambda: timeframes("1m", "3m"), bars)


def test_a_bar_without_a_close_at_the_end_of_the_shortest_ends_it() -> None:
    odd = minute(2, math.nan, open=math.nan, high=20, low=15)

    rows = through(timeframes("2m", "4m"), [minute(1, 10), odd, minute(4, 5, revision=1)])

    assert [row.ts_event // MINUTE for row in rows] == [2, 4]
    assert (rows[0].bar.close, rows[0].bar.high) == (10, 20)


def test_symbols_do_not_know_each_other() -> None:
    mine = [minute(n, n, symbol="A") for n in range(1, 8)]
    others = [minute(n, 100 * n, symbol="B") for n in range(1, 8)]
    mixed = [bar for pair in zip(mine, others, strict=True) for bar in pair]

    rows = [row for row in through(timeframes("1m", "3m"), mixed) if row.symbol == "A"]

    assert [shape(row.of("3m")) for row in rows] == [
        shape(row.of("3m")) for row in through(timeframes("1m", "3m"), mine)
    ]


def test_weeks_begin_on_monday() -> None:
    days = [
        a_bar(n, at=utc(2024, 1, n + 1), interval=DAY) for n in range(1, 15)
    ]  # 2024 began on a Monday

    rows = through(timeframes("1d", "1w"), days)

    assert [bar.ts_open for row in rows for bar in row.new("1w")] == [
        utc(2024, 1, 1),
        utc(2024, 1, 8),
    ]


def session(day: int, first: int, last: int) -> list[Bar]:
    """Half-hour bars that begin from half past *first* to half past *last*, UTC, of a day in January 2024."""
    begins = [utc(2024, 1, day, first, 30) + k * 30 * MINUTE for k in range(2 * (last - first))]
    return [
        a_bar(k + 1, at=begin + 30 * MINUTE, interval=30 * MINUTE) for k, begin in enumerate(begins)
    ]


def test_with_a_calendar_bars_count_from_the_opening_and_end_with_the_close() -> None:
    bars = session(2, 14, 21)  # 14:30 to 21:30, half an hour longer than New York is open

    rows = through(timeframes("30m", "1h", "4h", "1d", calendar="XNYS"), bars)

    assert len(rows) == 13
    hours = [bar for row in rows for bar in row.new("1h")]
    assert [bar.interval for bar in hours] == [HOUR] * 6 + [30 * MINUTE]
    assert hours[0].ts_open == utc(2024, 1, 2, 14, 30)
    assert [bar.interval for row in rows for bar in row.new("4h")] == [4 * HOUR, 150 * MINUTE]
    day = rows[-1].of("1d")
    assert shape(day) == (utc(2024, 1, 2, 21), 390 * MINUTE, 1, 13, 1, 13, 13)
    assert all(row.of("1d") is None for row in rows[:-1])


def test_with_a_calendar_trades_make_hours_that_begin_at_the_opening() -> None:
    begin = utc(2024, 1, 2, 14)
    trades = [a_trade(1 + n, at=begin + n * 10 * MINUTE) for n in range(50)]

    rows = through(timeframes("1h", "1d", calendar="XNYS"), trades)

    assert [row.ts_event for row in rows] == [
        utc(2024, 1, 2, hour, 30) for hour in range(15, 21)
    ] + [utc(2024, 1, 2, 21)][: len(rows) - 6]
    assert rows[0].bar.open == 4  # the trades before half past are none of the session's


def test_with_a_calendar_the_trades_before_a_close_amid_an_hour_are_in_its_last_bar() -> None:
    trades = [
        a_trade(price, at=utc(2024, 1, *when))
        for price, when in ((100, (10, 15, 30)), (101, (10, 16, 10)), (102, (10, 16, 29)))
    ]
    morning = a_trade(200, at=utc(2024, 1, 11, 8, 5))

    for names in (("1h", "1d"), ("1m", "1h", "1d")):
        rows = through(timeframes(*names, calendar="XLON"), [*trades, morning])

        hours = [(bar.ts_event, bar.close, bar.volume) for row in rows for bar in row.new("1h")]
        assert hours == [(utc(2024, 1, 10, 16), 100, 1), (utc(2024, 1, 10, 16, 30), 102, 2)]
        days = [(bar.close, bar.volume) for row in rows for bar in row.new("1d")]
        assert days == [(102, 3)]


def test_with_a_calendar_seconds_that_sessions_are_no_multiple_of_are_refused() -> None:
    with pytest.raises(ValueError, match="XLON do not begin and end at whole 32s"):
        timeframes("32s", calendar="XLON")


def test_timeframes_with_a_calendar_fit_into_a_day() -> None:
    with pytest.raises(ValueError, match="is 1d, 1w, or less than a day, got 2d"):
        timeframes("1h", "2d", calendar="XNYS")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ((), "at least one timeframe"),
        (("5m", "1m"), "1m must be longer than 5m"),
        (("2m", "3m"), "3m is no whole number of 2m"),
        (("5x",), "a number and one of s m h d w"),
        (("0m",), "got '0m'"),
        (("1m", "1m"), "must be longer"),
        (("3d", "6d", "3w"), "3w counts from Monday, and 3d from 1970, so that they do not end"),
        (("7h", "1w"), "1w counts from Monday"),
    ],
)
def test_timeframes_that_do_not_fit_are_refused(names: tuple[str, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        timeframes(*names)


def test_weeks_of_what_does_end_with_them_are_taken() -> None:
    for names in (("1w", "3w"), ("2d", "2w"), ("4d", "4w"), ("90m", "1w")):
        timeframes(*names)
    timeframes("7m", "1w", calendar="XNYS")  # both count from the opening


def test_names_say_what_they_are() -> None:
    assert parse("90s").interval == 90 * SECOND
    assert parse("1w").interval == 7 * DAY


def test_rows_are_the_same_however_the_input_is_cut() -> None:
    bars = [
        *(minute(n, 10 + n % 5, symbol="AB"[n % 2]) for n in range(1, 14)),
        minute(13, 77, symbol="B", revision=1),
        minute(14, math.nan),
        minute(20, 9),
    ]
    trades = [a_trade(10 + n % 3, at=n * 25 * SECOND, symbol="AB"[n % 2]) for n in range(16)]

    same_on_frames(lambda: timeframes("1m", "3m", forming=True), bars)
    same_on_frames(lambda: timeframes("1m", "3m", forming=True), trades)


def rising(n: int) -> list[TimeframeBars]:
    return through(timeframes("1m", "2m"), [minute(k, 100 + k) for k in range(1, n + 1)])


def test_timeframes_that_all_rise_agree_strongly() -> None:
    answers = through(agreement((2, 3)), rising(8))

    assert [answer.bias for answer in answers] == [Bias.UNKNOWN] * 5 + [Bias.STRONG_BULLISH] * 3
    assert answers[-1].direction is Direction.BULLISH
    assert answers[-1].agreement == 1.0
    assert [signal.score for signal in answers[-1].signals] == [100.0, 100.0]


def test_two_timeframes_that_disagree_are_neutral_not_half_of_either() -> None:
    closes = [10, 20, 30, 40, 50, 60, 70, 80, 9]  # the last minute falls, the two before it rose
    bars = [minute(n, close) for n, close in enumerate(closes, 1)]

    answer = through(agreement((2,)), through(timeframes("1m", "2m"), bars))[-1]

    assert [signal.direction for signal in answer.signals] == [Direction.BEARISH, Direction.BULLISH]
    assert (answer.direction, answer.bias, answer.agreement) == (
        Direction.NEUTRAL,
        Bias.NEUTRAL,
        0.5,
    )


def test_a_close_is_neither_above_nor_below_itself() -> None:
    rows = through(timeframes("1m"), [minute(n, close) for n, close in enumerate((1.1, 0.7, 0.1))])

    answers = through(agreement((1,)), rows)

    assert [answer.signals[0].score for answer in answers] == [50.0, 50.0, 50.0]


@pytest.mark.parametrize("close", [0.1, 1.1, 33.3, 100.1])
def test_a_price_that_never_moves_goes_no_way(close: float) -> None:
    rows = through(timeframes("1m"), [minute(n, close) for n in range(1, 60)])

    answers = through(agreement(), rows)

    assert {answer.signals[0].score for answer in answers[49:]} == {50.0}
    assert {(answer.direction, answer.bias) for answer in answers[49:]} == {
        (Direction.NEUTRAL, Bias.NEUTRAL)
    }


@given(st.lists(prices, min_size=1, max_size=40))
@settings(max_examples=30, deadline=None)
def test_scores_are_those_of_averages_worked_out_plainly(closes: list[float]) -> None:
    rows = through(timeframes("1m", "2m"), [minute(n, close) for n, close in enumerate(closes, 1)])

    answer = through(agreement((2, 5)), rows)[-1]

    for signal, series in zip(answer.signals, (closes, closes[1::2]), strict=True):
        if len(series) < 5:
            assert signal.direction is Direction.UNKNOWN
            continue
        above = 0
        for period in (2, 5):
            average = sum(series[:period]) / period
            for close in series[period:]:
                average += 2 / (period + 1) * (close - average)
            above += series[-1] > average
        assert math.isclose(signal.score, 50 * above) or abs(series[-1] - average) < 1e-9


def test_a_row_told_again_is_judged_in_place_of_the_last() -> None:
    bars = [minute(n, n) for n in range(1, 7)]
    rows = through(timeframes("1m", "2m"), [*bars, minute(6, 1, revision=1), minute(7, 5)])
    straight = through(timeframes("1m", "2m"), [*bars[:-1], minute(6, 1), minute(7, 5)])

    answers, wanted = through(agreement((2, 3)), rows), through(agreement((2, 3)), straight)

    assert answers[-1].signals == wanted[-1].signals
    assert answers[-2].signals == wanted[-2].signals
    assert answers[-2].revision == 1


@pytest.mark.parametrize("periods", [(), (0,), (-3,)])
def test_periods_must_be_positive(periods: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="agreement"):
        agreement(periods)


def test_agreement_is_the_same_however_the_input_is_cut() -> None:
    bars = [minute(n, 10 + n % 4) for n in range(1, 10)]

    same_on_frames(lambda: ops.compose(timeframes("1m", "2m"), agreement((1, 2))), bars)


def test_a_stream_of_trades_that_fails_fails_here_too() -> None:
    heard: list[object] = []
    source: Subject[Trade] = Subject()
    source.pipe(timeframes("1m")).subscribe(heard.append, heard.append)

    source.on_next(a_trade(5, at=0))
    source.on_error(RuntimeError("lost"))

    assert [str(each) for each in heard] == ["lost"]


BEFORE = {
    "trades": oo.trades(),
    "for_symbols": oo.for_symbols(["A"]),
    "dedupe": oo.dedupe(),
    "zscore_filter": oo.zscore_filter(5),
    "rx": ops.filter(lambda _: True),
}


@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
def test_the_last_bars_of_trades_are_told_whatever_stands_before(before: Any) -> None:
    told = [a_trade(10 + k, at=k * SECOND // 2) for k in range(5)]

    behind = through(lambda source: source.pipe(before, timeframes("1s")), told)

    assert not difference(behind, through(timeframes("1s"), told))
    assert len(behind) == 3


def test_an_error_ends_it_whatever_stands_before() -> None:
    source: Subject[Any] = Subject()
    heard: list[Any] = []
    rows = source.pipe(oo.trades(), timeframes("1s"))
    rows.subscribe(heard.append, lambda error: heard.append(str(error)))

    source.on_next(a_trade(10, at=1))
    source.on_error(OSError("gone"))

    assert heard == ["gone"]


def test_a_stream_without_trades_and_bars_ends_as_it_does() -> None:
    assert through(lambda source: source.pipe(oo.dedupe(), timeframes("1s")), [a_quote(1, 2)]) == []


def test_bars_too_long_for_every_timeframe_are_told_to_the_log_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bars = [minute(n, 10.0) for n in range(1, 4)]

    assert through(timeframes("1s", "2m"), bars) == []
    assert through(timeframes("1s", skipped=SideOutput()), bars) == []

    assert caplog.messages == [
        "timeframes left out a bar of A of 60 s, which is longer than one of 1s; "
        "hand it a SideOutput as skipped to see such bars"
    ]


@pytest.mark.parametrize(
    ("calendar", "bar", "why"),
    [
        (None, a_bar(9, at=utc(2024, 1, 3, 5), interval=DAY), "lies across a border of 1d"),
        (None, a_bar(9, at=utc(2024, 1, 3), interval=0), "has no interval"),
        ("XNYS", a_bar(9, at=utc(2024, 1, 3, 5), interval=DAY), "begins outside of all sessions"),
        ("XNYS", a_bar(9, at=utc(2024, 1, 3, 14, 30), interval=DAY), "is longer than one of 1d"),
    ],
)
def test_bars_that_fit_in_nowhere_are_told_to_the_log_with_the_reason(
    calendar: str | None, bar: Bar, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert through(timeframes("1d", calendar=calendar), [bar, bar]) == []

    (message,) = caplog.messages
    assert f", which {why}; hand it" in message


def test_a_timeframe_is_a_text() -> None:
    with pytest.raises(TypeError, match=r"a timeframe must be a text, as in '5m', got 60"):
        timeframes(60)  # type: ignore[arg-type]


def test_what_has_an_average_price_or_a_count_alone_is_counted_as_by_resample() -> None:
    n = math.nan
    odd: dict[str, Any] = {"open": n, "high": n, "low": n, "volume": 0.0, "interval": SECOND}
    bars = [
        a_bar(10.0, at=1 * SECOND, interval=SECOND, trade_count=1),
        a_bar(n, at=2 * SECOND, vwap=10.0, trade_count=4, **odd),
        a_bar(n, at=3 * SECOND, trade_count=2, **odd),
        a_bar(10.0, at=4 * SECOND, interval=SECOND, trade_count=1),
    ]

    rows = through(timeframes("4s"), bars)

    assert [row.bar.trade_count for row in rows] == [8]
    assert [bar.trade_count for bar in through(resample(4 * SECOND), bars)] == [8]


def test_a_trade_that_only_counts_is_counted_in_bars_of_bars_too() -> None:
    trades = [
        a_trade(10.0, at=SECOND // 2, size=0.0, flags=TradeFlags.VOLUME),
        a_trade(10.0, at=SECOND + SECOND // 2, size=1.0),
    ]

    straight = through(time_bars(3 * SECOND), trades)
    by_seconds = through(lambda s: s.pipe(time_bars(SECOND), resample(3 * SECOND)), trades)

    assert [bar.trade_count for bar in straight] == [bar.trade_count for bar in by_seconds] == [2]


def test_a_bar_told_again_may_not_lose_a_price() -> None:
    n = math.nan

    def half(at: int, price: float, *, ends: bool, revision: int = 0) -> Bar:
        low = {"high": n, "low": n} if ends else {"open": n, "high": price, "low": price}
        return a_bar(
            price if ends else n,
            at=at * SECOND,
            interval=SECOND,
            revision=revision,
            vwap=10.0,
            **low,
        )

    story = [
        half(1, 11.0, ends=True),
        half(2, 12.0, ends=False),
        half(2, 11.5, ends=True, revision=1),
    ]

    rows = through(timeframes("2s"), story)

    assert [(row.revision, row.bar.high, row.bar.close) for row in rows] == [(0, 12.0, 11.0)]

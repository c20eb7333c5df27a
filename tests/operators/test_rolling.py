"""Readings of the last numbers: which facts they work on, and what they carry."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ordinis_rx.events import MOVES_ALL, Event, TradeFlags
from ordinis_rx.operators import (
    ema,
    hampel_filter,
    rolling_mean,
    rolling_std,
    rolling_zscore,
    tick_bars,
    vwap,
    zscore_filter,
)
from ordinis_rx.testing import (
    a_bar,
    a_heartbeat,
    a_quote,
    a_reading,
    a_trade,
    same,
    same_on_frames,
    through,
)
from ordinis_rx.timebase import DAY, HOUR, MINUTE, SECOND


@pytest.mark.parametrize(
    ("of", "fact"),
    [
        ("price", a_trade(5)),
        ("size", a_trade(9, size=5)),
        ("bid", a_quote(5, 7)),
        ("ask", a_quote(3, 5)),
        ("mid", a_quote(4, 6)),
        ("bid_size", a_quote(bid_size=5)),
        ("close", a_bar(5)),
        ("high", a_bar(4, high=5)),
        ("volume", a_bar(4, volume=5)),
        ("vwap", a_bar(4, vwap=5)),
        ("value", a_reading(5)),
    ],
)
def test_the_number_asked_for_is_the_one_that_counts(of: Any, fact: Any) -> None:
    others = [a_trade(99), a_quote(98, 99), a_bar(99), a_reading(99), a_heartbeat()]
    facts = [other for other in others if type(other) is not type(fact)]

    told = through(rolling_mean(1, of=of), [*facts, fact])

    assert [reading.value for reading in told] == [5.0]


def test_a_reading_carries_the_times_provider_and_seq_of_its_fact() -> None:
    facts = [a_trade(5, at=1), a_trade(7, at=2, ts_recv=3, provider="x", symbol="A", seq=9)]

    told = through(rolling_mean(2), facts)

    assert same(told, [a_reading(6, name="rolling_mean", at=2, ts_recv=3, provider="x", seq=2)])


def test_each_symbol_has_a_window_of_its_own() -> None:
    facts = [a_trade(price, symbol=symbol) for symbol, price in zip("ABABB", (1, 10, 3, 20, 60), strict=True)]  # fmt: skip

    told = through(rolling_mean(2), facts)

    assert [(reading.symbol, reading.value) for reading in told] == [("A", 2), ("B", 15), ("B", 40)]


def test_trades_that_may_not_move_the_last_price_move_no_mean() -> None:
    facts = [a_trade(5), a_trade(99, flags=TradeFlags.VOLUME), a_trade(7)]

    assert [reading.value for reading in through(rolling_mean(2), facts)] == [6.0]
    assert [reading.value for reading in through(rolling_mean(1, of="size"), facts)] == [1.0] * 3


def test_deviations_and_scores_have_their_names() -> None:
    facts = [a_trade(p) for p in (1, 2, 3, 5)]

    (deviation, *_) = through(rolling_std(3), facts)
    (score,) = through(rolling_zscore(3), facts)

    assert (deviation.name, deviation.value) == ("rolling_std", 1.0)
    assert (score.name, score.value) == ("rolling_zscore", 3.0)


# windows of time


def test_after_a_silence_the_first_number_is_told_alone() -> None:
    facts = [a_trade(price, at=at) for price, at in ((1, 0), (3, 10), (50, 500), (60, 505))]

    assert [reading.value for reading in through(rolling_mean(9, over=30), facts)] == [1, 2, 50, 55]
    assert [reading.value for reading in through(rolling_mean(9, over=30, warm_up=2), facts)] == [2, 55]  # fmt: skip
    assert len(through(rolling_std(9, over=30), facts)) == 2


def test_there_are_never_more_numbers_in_it_than_it_may_have() -> None:
    facts = [a_trade(price, at=10) for price in (1, 3, 8)]

    assert [reading.value for reading in through(rolling_mean(2, over=30), facts)] == [1, 2, 5.5]


def test_each_symbol_has_a_time_of_its_own() -> None:
    facts = [a_trade(1, symbol="A"), a_trade(5, symbol="B", at=900), a_trade(3, symbol="A", at=5)]

    assert [reading.value for reading in through(rolling_mean(9, over=30), facts)] == [1, 5, 2]


def test_prices_of_yesterday_do_not_judge_those_of_today() -> None:
    yesterday = [a_trade(100 + k % 2, at=k * SECOND) for k in range(20)]
    today = [a_trade(150 + k % 2, at=DAY + k * SECOND) for k in range(20)]

    assert len(through(zscore_filter(50), yesterday + today)) < 40
    assert len(through(zscore_filter(50, over=HOUR), yesterday + today)) == 40
    assert len(through(hampel_filter(50, warm_up=10), yesterday + today)) < 40
    assert len(through(hampel_filter(50, over=HOUR), yesterday + today)) == 40


def test_bars_and_readings_have_windows_of_time_too() -> None:
    bars = [a_bar(close, at=at) for close, at in ((10, 0), (20, 60), (40, 90))]
    readings = [a_reading(value, at=at) for value, at in ((10, 0), (20, 60), (40, 90))]

    for of, facts in (("close", bars), ("value", readings)):
        told = through(rolling_mean(9, over=60, of=of), facts)  # type: ignore[arg-type]
        assert [reading.value for reading in told] == [10, 20, 30]


# averages


@pytest.mark.parametrize(
    ("settings_", "alpha"), [({"span": 3}, 0.5), ({"half_life": 1}, 0.5), ({"alpha": 0.25}, 0.25)]
)
def test_an_ema_is_as_fast_as_it_is_told(settings_: dict[str, float], alpha: float) -> None:
    told = through(ema(**settings_, of="value"), [a_reading(0), a_reading(8)])  # type: ignore[arg-type]

    assert [(reading.name, reading.value) for reading in told] == [("ema", 0), ("ema", 8 * alpha)]


def test_a_vwap_begins_anew_with_every_day() -> None:
    trades = [
        a_trade(10, at=1 * HOUR),
        a_trade(12, at=23 * HOUR),
        a_trade(20, at=DAY),
        a_trade(99, at=22 * HOUR),
    ]

    assert [reading.value for reading in through(vwap(DAY), trades)] == [10, 11, 20]
    assert [reading.value for reading in through(vwap(), trades)] == [10, 11, 14, 35.25]


# any frames

MAKERS: list[Callable[[], Any]] = [
    lambda: rolling_mean(3, warm_up=1),
    lambda: rolling_std(3, of="mid"),
    lambda: rolling_zscore(4, warm_up=2),
    lambda: zscore_filter(4, 1.5, warm_up=2, patience=2),
    lambda: zscore_filter(4, 1.5, feedback=False, of="ask"),
    lambda: rolling_std(5, over=7),
    lambda: rolling_zscore(5, over=20, of="mid"),
    lambda: zscore_filter(4, 1.5, over=9, warm_up=2, patience=2),
    lambda: hampel_filter(3, 1.0),
    lambda: hampel_filter(5, 1.0, over=9, warm_up=3),
    lambda: ema(alpha=0.3),
    lambda: vwap(10),
]
numbers = st.sampled_from([10.0, 10.5, 11.0, 99.0, math.nan, math.inf, -0.0, 1e308]) | st.floats(9, 12)  # fmt: skip
flags = st.sampled_from([MOVES_ALL, TradeFlags.VOLUME, TradeFlags(0)])
some_events = st.lists(
    st.builds(
        lambda p, q, at, s, f: a_trade(p, size=q, at=at, symbol=s, flags=f),
        numbers, numbers, st.integers(0, 40), st.sampled_from("AB"), flags,
    )
    | st.builds(lambda bid, ask, s: a_quote(bid, ask, symbol=s), numbers, numbers, st.sampled_from("AB")),
    max_size=25,
)  # fmt: skip


@settings(max_examples=25)
@given(some_events, st.sampled_from(MAKERS))
def test_any_split_gives_the_same(events: list[Event], make: Callable[[], Any]) -> None:
    same_on_frames(make, events, silent=True)


# settings that make no sense


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: rolling_mean(0), ValueError, "rolling_mean: window must be 1 or more numbers, got 0"),
        (lambda: rolling_std(1), ValueError, "rolling_std: window must be 2 or more numbers, got 1"),
        (lambda: rolling_zscore(5, warm_up=6), ValueError, "warm_up must be from 2 to the window of 5, got 6"),
        (lambda: rolling_std(5, over=0), ValueError, "rolling_std: over must be 1 or more nanoseconds"),
        (lambda: rolling_mean(5, over=1.5), TypeError, "rolling_mean: over must be a whole number of nanoseconds"),  # type: ignore[arg-type]
        (lambda: rolling_zscore(5, over=3, warm_up=1), ValueError, "warm_up must be from 2 to the window of 5, got 1"),
        (lambda: zscore_filter(5, over=-1), ValueError, "zscore_filter: over must be 1 or more nanoseconds"),
        (lambda: hampel_filter(2), ValueError, "hampel_filter: window must be 3 or more numbers, got 2"),
        (lambda: hampel_filter(5, warm_up=2), ValueError, "warm_up must be from 3 to the window of 5, got 2"),
        (lambda: hampel_filter(5, over=0), ValueError, "hampel_filter: over must be 1 or more nanoseconds"),
        (lambda: ema(), TypeError, "ema: exactly one of span, half_life and alpha, got none"),
        (lambda: ema(span=2, alpha=0.5), TypeError, "ema: exactly one of span, half_life and alpha, got span and alpha"),
        (lambda: ema(span=0.5), ValueError, "ema: span must be at least 1, got 0.5"),
        (lambda: ema(half_life=0), ValueError, "ema: half_life must be more than 0, got 0"),
        (lambda: ema(alpha=math.nan), ValueError, "ema: alpha must be from 0 to 1, and not 0, got nan"),
        (lambda: vwap(0), ValueError, "vwap: anchor must be 1 or more nanoseconds, .* got 0"),
        (lambda: rolling_mean(3, of="last"), ValueError, "rolling_mean: of must be one of 'price', 'size'"),  # type: ignore[arg-type]
    ],
)  # fmt: skip
def test_settings_that_make_no_sense_are_refused(
    make: Callable[[], Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: ema(half_life=5 * SECOND), "ema: half_life is 5e+09"),
        (lambda: tick_bars(MINUTE), "tick_bars: n is 6e+10"),
    ],
)
def test_a_duration_in_the_place_of_a_count_is_doubted(
    make: Callable[[], Any], told: str, caplog: pytest.LogCaptureFixture
) -> None:
    make()
    assert [record.getMessage() for record in caplog.records] == [
        f"{told}, and counts facts; are these nanoseconds?"
    ]

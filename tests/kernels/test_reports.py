"""What is wrong with a report, and what time it is by them."""

from __future__ import annotations

import math

import pytest

from ordinis_rx.kernels.reports import (
    AHEAD,
    CLOCK,
    CROSSED,
    FIT,
    LAG_BUCKETS,
    LATE,
    NEVER,
    NOT_A_NUMBER,
    NOT_POSITIVE,
    NOW,
    ONE_SIDED,
    believed,
    clock_says,
    flaw_of_price,
    flaw_of_quote,
    has_arrived,
    lag_bucket,
    lag_of_bucket,
    worth,
)
from ordinis_rx.timebase import HOUR, MILLI, SECOND


@pytest.mark.parametrize(
    ("price", "flaw"),
    [
        (100.0, FIT),
        (0.0, NOT_POSITIVE),
        (-1.0, NOT_POSITIVE),
        (5e-324, NOT_POSITIVE),
        (math.nan, NOT_A_NUMBER),
        (math.inf, NOT_A_NUMBER),
        (-math.inf, NOT_A_NUMBER),
        (1e300, NOT_A_NUMBER),
    ],
)
def test_a_price_is_a_number_above_zero(price: float, flaw: int) -> None:
    assert flaw_of_price(price) == flaw


@pytest.mark.parametrize(
    ("bid", "ask", "flaw"),
    [
        (9.0, 10.0, FIT),
        (10.0, 10.0, FIT),
        (10.0, 9.0, CROSSED),
        (math.nan, 9.0, ONE_SIDED),
        (9.0, math.nan, ONE_SIDED),
        (math.nan, math.nan, NOT_A_NUMBER),
        (0.0, 9.0, NOT_POSITIVE),
        (9.0, math.inf, NOT_A_NUMBER),
    ],
)
def test_a_quote_has_two_sides_the_right_way_round(bid: float, ask: float, flaw: int) -> None:
    assert flaw_of_quote(bid, ask) == flaw


def test_a_quote_is_worth_its_mid_or_its_microprice() -> None:
    assert worth(9.0, 11.0, 3.0, 1.0, 0) == 10.0
    assert worth(9.0, 11.0, 3.0, 1.0, 1) == 10.5
    assert worth(9.0, 11.0, 0.0, 0.0, 1) == 10.0
    assert worth(9.0, 11.0, math.nan, 1.0, 1) == 10.0


def test_nothing_happens_long_after_it_has_arrived() -> None:
    assert believed(5 * SECOND, 3 * SECOND) == 3 * SECOND
    assert believed(5 * SECOND, 4 * SECOND) == 5 * SECOND
    assert believed(5 * SECOND, 0) == 5 * SECOND


def test_an_arrival_before_all_stamps_or_a_stamp_before_all_times_is_compared_within_64_bits() -> (
    None
):
    low, high = -(2**63), 2**63 - 1

    assert believed(low, high) == low
    assert believed(high, 1) == 1
    assert believed(high, high) == high
    assert [has_arrived(at) for at in (low, 0, 1, NEVER, NEVER + 1)] == [0, 0, 1, 1, 0]


@pytest.mark.parametrize("ts_recv", [0, HOUR, 2**63 - 1])
def test_a_time_beyond_all_times_is_no_time_whoever_agrees(ts_recv: int) -> None:
    clock = [0] * CLOCK

    says = [
        clock_says(clock, at, ts_recv, p, 1 << 62) for at in (NEVER + 1, -NEVER - 1) for p in (0, 1)
    ]

    assert says == [AHEAD, AHEAD, LATE, LATE]
    assert clock == [0] * CLOCK
    assert [clock_says(clock, at, ts_recv, 0, 1 << 62) for at in (HOUR, NEVER)] == [FIT, FIT]


def test_time_goes_on_and_never_back() -> None:
    clock = [0] * CLOCK

    says = [clock_says(clock, at * SECOND, 0, 0, 10 * SECOND) for at in (100, 105, 98)]

    assert says == [FIT, FIT, FIT]
    assert clock[NOW] == 105 * SECOND


def test_one_provider_with_a_wrong_clock_moves_no_time() -> None:
    clock = [0] * CLOCK
    clock_says(clock, 100 * SECOND, 0, 0, 10 * SECOND)

    says = [
        clock_says(clock, at * SECOND, 0, p, 10 * SECOND)
        for at, p in ((900, 1), (901, 1), (101, 0), (50, 1))
    ]

    assert says == [AHEAD, AHEAD, FIT, LATE]
    assert clock[NOW] == 101 * SECOND


def test_two_providers_that_agree_move_the_time_over_a_quiet_hour() -> None:
    clock = [0] * CLOCK
    clock_says(clock, 0, 0, 0, SECOND)

    assert clock_says(clock, HOUR, 0, 1, SECOND) == AHEAD
    assert clock_says(clock, HOUR + MILLI, 0, 0, SECOND) == FIT
    assert clock[NOW] == HOUR + MILLI


def test_a_provider_alone_is_believed_at_the_second_report() -> None:
    clock = [0] * CLOCK
    clock_says(clock, 0, 0, 0, SECOND)

    assert [clock_says(clock, HOUR, 0, 0, SECOND) for _ in range(2)] == [AHEAD, FIT]


def test_a_clock_that_was_set_wrong_at_first_is_put_back() -> None:
    clock = [0] * CLOCK
    clock_says(clock, HOUR, 0, 7, SECOND)

    assert [clock_says(clock, 5, 0, p, SECOND) for p in (0, 1)] == [LATE, FIT]
    assert clock[NOW] == 5


@pytest.mark.parametrize("lag", [0, 900, 5_000, 123_456, 7 * MILLI, 3 * SECOND, HOUR])
def test_a_lag_is_counted_within_an_eighth_of_itself(lag: int) -> None:
    bucket = lag_bucket(lag)

    assert 0 <= bucket < LAG_BUCKETS
    assert lag_of_bucket(bucket) == pytest.approx(lag, rel=0.13, abs=1_000)


def test_lags_beyond_all_reason_have_a_bucket_too() -> None:
    assert lag_bucket(-5) == 0
    assert lag_bucket(1 << 62) == LAG_BUCKETS - 1


def test_what_has_arrived_is_never_ahead_however_quiet_it_was() -> None:
    clock = [0] * CLOCK
    clock_says(clock, 5, 5, 0, SECOND)

    assert clock_says(clock, HOUR, HOUR + MILLI, 0, SECOND) == FIT
    assert clock[NOW] == HOUR
    assert clock_says(clock, 5, HOUR + MILLI, 1, SECOND) == LATE


def test_history_that_is_filled_in_sets_no_clock_back() -> None:
    clock, now = [0] * CLOCK, 5 * HOUR
    clock_says(clock, now, now, 0, HOUR)

    # From the very provider that was trusted last, and from two that agree.
    says = [clock_says(clock, HOUR + k, now + k, p, HOUR) for k, p in enumerate((0, 0, 1, 2))]

    assert says == [LATE] * 4
    assert clock[NOW] == now


def test_a_clock_that_is_ahead_of_all_arrivals_is_put_back() -> None:
    clock = [0] * CLOCK
    clock_says(clock, 5 * HOUR, 0, 7, HOUR)

    assert [clock_says(clock, HOUR, HOUR, p, HOUR) for p in (0, 1)] == [LATE, FIT]
    assert clock[NOW] == HOUR


def test_days_in_the_wrong_order_that_arrived_much_later_are_both_believed() -> None:
    clock, later = [0] * CLOCK, 1000 * HOUR
    clock_says(clock, 48 * HOUR, later, 0, HOUR)

    assert [clock_says(clock, 24 * HOUR, later, 0, HOUR) for _ in range(2)] == [LATE, FIT]

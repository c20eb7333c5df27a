from __future__ import annotations

import math

import msgspec
import pytest

from ordinis_rx.commands.accounts import (
    errors_of,
    falsehood_rows,
    fault_rows,
    gap_of,
    interval_of,
    statuses_of,
)
from ordinis_rx.commands.agreement import Exclusion, Look
from ordinis_rx.commands.outcome import Errors
from ordinis_rx.commands.script import Injected, Lie, Lied
from ordinis_rx.consensus import ConsensusStatus
from ordinis_rx.sim.faults import bias
from ordinis_rx.testing.factories import a_gap
from ordinis_rx.timebase import MILLI, SECOND

CUT = Injected(10 * SECOND, "p", "cut off")


@pytest.mark.parametrize(
    ("start", "end", "provider", "found"),
    [
        (9 * SECOND, 11 * SECOND, "p", True),
        (11 * SECOND, 12 * SECOND, "p", True),  # data was still on its way
        (11 * SECOND + MILLI, 12 * SECOND, "p", False),  # another fault's
        (8 * SECOND, 9 * SECOND, "p", False),  # healed before
        (9 * SECOND, 11 * SECOND, "q", False),  # another provider's
    ],
)
def test_a_gap_belongs_to_the_fault_in_its_time(
    start: int, end: int, provider: str, found: bool
) -> None:
    gap = a_gap(start, end, provider=provider)

    assert gap_of(CUT, [gap]) == (gap if found else None)


def test_faults_are_told_in_seconds_since_the_beginning() -> None:
    gaps = [a_gap(10 * SECOND, 12 * SECOND, provider="p")]
    told = fault_rows([CUT, Injected(20 * SECOND, "q", "gone mute")], gaps, began=8 * SECOND)

    assert [(row.at, row.provider, row.gap) for row in told] == [(2.0, "p", 2.0), (12.0, "q", None)]


LIE = Lie(0.5, 0.1, "p", "too high", ("A", "B"), "outlier", lambda tally: bias(50, tally=tally))


def lied(*exclusions: tuple[str, str, int, int | None]) -> tuple[float | None, float | None]:
    """A lie from 10 to 12 s, and in how many seconds after its beginning and end these exclusions made an end of it."""
    found = [
        Exclusion("p", symbol, reason, since * MILLI, None if until is None else until * MILLI)
        for symbol, reason, since, until in exclusions
    ]
    [row] = falsehood_rows([Lied(LIE, 10 * SECOND, 12 * SECOND, 7)], found, began=9 * SECOND)
    assert (row.at, row.until, row.falsified, row.reason) == (1.0, 3.0, 7, "outlier")
    return row.excluded_after, row.back_after


def test_a_lie_is_found_out_when_the_last_symbol_is_left_out_and_over_when_the_last_is_back() -> (
    None
):
    told = lied(("A", "outlier", 10_100, 12_300), ("B", "outlier", 10_400, 12_100))

    assert told == (0.4, 0.3)


def test_what_flickers_is_found_out_by_the_first_exclusion_and_back_after_the_last() -> None:
    told = lied(
        ("A", "outlier", 10_100, 10_200),
        ("B", "outlier", 10_300, 10_400),
        ("A", "outlier", 11_800, 11_900),
    )

    assert told == (0.3, 0.0)


@pytest.mark.parametrize(
    "other",
    [
        ("B", "stale", 10_100, 12_100),  # for another reason
        ("B", "outlier", 9_000, 9_900),  # before
        ("B", "outlier", 13_001, 13_400),  # after
        ("C", "outlier", 10_100, 12_100),  # of another symbol
    ],
)
def test_a_symbol_that_was_never_left_out_for_the_lie_is_told(
    other: tuple[str, str, int, int | None],
) -> None:
    assert lied(("A", "outlier", 10_100, 12_100), other) == (None, 0.1)


def test_who_is_never_used_again_is_told() -> None:
    told = lied(("A", "outlier", 10_100, None), ("B", "outlier", 10_100, 12_000))

    assert told == (0.1, None)


def test_a_lie_that_goes_on_has_no_row_yet() -> None:
    assert falsehood_rows([Lied(LIE, 1)], [], began=0) == ()


def looks_of(*prices: float) -> list[Look]:
    return [Look(0, "A", 100.0, price, 0.025, ConsensusStatus.OK) for price in prices]


def test_errors_count_without_sign_and_holes_apart() -> None:
    errors = errors_of(looks_of(100.03, 99.99, math.nan, 100.02))

    assert (errors.samples, errors.without_price) == (4, 1)
    assert errors.median == pytest.approx(2.0)
    assert errors.worst == pytest.approx(3.0)


def test_an_interval_is_judged_where_there_is_a_price() -> None:
    interval = interval_of(looks_of(100.03, 99.99, math.nan, 100.02, 100.0))

    assert (interval.looks, interval.holds_truth) == (4, 0.75)
    assert interval.half_width_bps == pytest.approx(2.5, rel=1e-3)


def test_statuses_are_counted_and_their_absence_too() -> None:
    assert statuses_of([*looks_of(100.0, 100.0), Look(0, "A", 100.0)]) == {"OK": 2, "NONE": 1}


def test_nothing_seen_is_no_number_and_null_in_json() -> None:
    errors = errors_of([])

    assert math.isnan(errors.median)
    assert msgspec.json.encode(errors) == (
        b'{"samples":0,"without_price":0,"median":null,"worst":null}'
    )
    assert isinstance(errors, Errors)
    assert math.isnan(interval_of([]).holds_truth)

from __future__ import annotations

import math

import msgspec
import pytest

from ordinis_rx.commands.board import Sample
from ordinis_rx.commands.outcome import Errors, errors_of, fault_rows, gap_of
from ordinis_rx.commands.script import Injected
from ordinis_rx.testing.factories import a_gap
from ordinis_rx.timebase import MILLI, SECOND

CUT = Injected(10 * SECOND, "p", "cut off")


@pytest.mark.parametrize(
    ("start", "end", "provider", "found"),
    [
        (9 * SECOND, 11 * SECOND, "p", True),
        (10 * SECOND + 200 * MILLI, 11 * SECOND, "p", True),  # data was still on its way
        (10 * SECOND + 300 * MILLI, 11 * SECOND, "p", False),  # another fault's
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


def test_errors_count_without_sign_and_holes_apart() -> None:
    looks = [Sample(0, "A", price, 100.0, 1) for price in (100.03, 99.99, math.nan, 100.02)]

    errors = errors_of(looks)

    assert (errors.samples, errors.without_price) == (4, 1)
    assert errors.median == pytest.approx(2.0)
    assert errors.worst == pytest.approx(3.0)


def test_nothing_seen_is_no_number_and_null_in_json() -> None:
    errors = errors_of([])

    assert math.isnan(errors.median)
    assert msgspec.json.encode(errors) == (
        b'{"samples":0,"without_price":0,"median":null,"worst":null}'
    )
    assert isinstance(errors, Errors)

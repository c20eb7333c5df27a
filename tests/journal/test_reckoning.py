"""Times in the tables of others: numbers of any unit, texts, dates of a zone."""

from __future__ import annotations

import math
from typing import Any

import pytest

from ordinis_rx.journal.fitting import Unfit
from ordinis_rx.journal.reckoning import Reckoning
from ordinis_rx.timebase import DAY, HOUR, MICRO, MILLI, SECOND

pa = pytest.importorskip("pyarrow")

NOW = 1_704_205_800 * SECOND


def read(values: Any, first: int = 0, **how: Any) -> list[int]:
    stamps: list[int] = Reckoning(**how).read(values, "column 't'", first).view("int64").to_pylist()
    return stamps


def test_each_number_tells_its_unit_by_its_size() -> None:
    sizes = [NOW // unit for unit in (SECOND, MILLI, MICRO, 1)]

    assert read(pa.array(sizes)) == [NOW] * 4
    assert read(pa.array(list(map(str, sizes)))) == [NOW] * 4
    assert read(pa.array([5, 6]), unit=SECOND, since=NOW) == [NOW + 5 * SECOND, NOW + 6 * SECOND]


def test_a_fraction_costs_the_seconds_none_of_their_digits() -> None:
    assert read(pa.array([1704205800.25])) == [NOW + 250 * MILLI]
    assert read(pa.array(["1704205800.123456789"])) == [NOW + 123_456_789]


def test_a_number_with_an_exponent_costs_the_others_none_of_their_digits() -> None:
    texts = [
        "1704205800.123456789",
        "1.704205803e9",
        "-2.5e0",
        " 7 ",
        "2024-01-02T14:30:00.000000001Z",
    ]
    assert read(pa.array(texts)) == [
        NOW + 123_456_789, NOW + 3 * SECOND, -2500 * MILLI, 7 * SECOND, NOW + 1
    ]  # fmt: skip
    assert read(pa.array(["1704205800123456789", "5e18"])) == [NOW + 123_456_789, 5 * 10**18]


def test_dates_begin_at_midnight_of_their_zone() -> None:
    day = pa.array([19_724], pa.date32())

    assert read(day, zone="UTC") == [19_724 * DAY]
    assert read(day, zone="America/New_York") == [19_724 * DAY + 5 * HOUR]
    with pytest.raises(Unfit, match="column 't' has times without a zone: say which"):
        read(day)


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ([NOW, 20240102], "column 't', row 9: 20240102 looks like a date"),
        ([1.5, 1e9, math.nan], "column 't', row 10: nan is no time in 64 bits of ns"),
        ([NOW, None], "column 't', row 9: there is no value"),
        ([True], "column 't' has no times, but bool"),
        (["2024-01-02T00:00:00Z", "soon"], "column 't', row 9: 'soon' is no time"),
        (
            ["2024-01-02T00:00:00Z", "5", "2024-13-02"],
            "column 't', row 10: '2024-13-02' is no time",
        ),
    ],
)
def test_what_is_no_time_is_named_by_its_row(values: list[Any], complaint: str) -> None:
    with pytest.raises(Unfit) as error:
        read(pa.array(values), first=7)

    assert str(error.value).startswith(complaint)

from __future__ import annotations

import json
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ordinis_rx.events import MOVES_ALL, TradeFlags
from ordinis_rx.providers.polygon_conditions import STOCK_CONDITIONS
from ordinis_rx.providers.polygon_context import Context, facility
from ordinis_rx.timebase import from_datetime

TABLE = Path(__file__).parents[3] / "shared/data/polygon/trade_conditions.json"

L, H, V = TradeFlags.LAST, TradeFlags.HIGH_LOW, TradeFlags.VOLUME
LATE, ODD_LOT = TradeFlags.LATE, TradeFlags.ODD_LOT
NOON = from_datetime(datetime(2024, 7, 1, 16, tzinfo=UTC))
BEFORE_OPEN = from_datetime(datetime(2024, 7, 1, 12, tzinfo=UTC))


def flags(*codes: str, at: int = NOON) -> TradeFlags:
    return STOCK_CONDITIONS.flags(codes, at)


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ((), MOVES_ALL),
        (("0",), MOVES_ALL),
        (("14",), MOVES_ALL),  # intermarket sweep
        (("2",), V),
        (("5",), H | V | LATE),
        (("7",), V),
        (("10",), H | V),
        (("12",), V),
        (("13",), V | LATE),
        (("15",), TradeFlags(0)),
        (("16",), TradeFlags(0)),
        (("20",), V),
        (("21",), V),
        (("22",), H | V),
        (("29",), H | V),
        (("30",), MOVES_ALL | LATE),
        (("33",), H | V | LATE),
        (("37",), V | ODD_LOT),
        (("38",), L | H),
        (("52",), V),
        (("53",), V),
        (("41",), MOVES_ALL),  # in no table: restricts nothing
        (("4711",), MOVES_ALL),
        (("14", "37", "41"), V | ODD_LOT),
        (("33", "38"), H | LATE),  # what both allow
        (("10", "37"), V | ODD_LOT),
        (("15", "37"), ODD_LOT),
    ],
)
def test_several_codes_restrict_each_other_and_add_up_what_they_call_the_trade(
    codes: tuple[str, ...], expected: TradeFlags
) -> None:
    assert flags(*codes) == expected


def test_the_table_is_the_vendors() -> None:
    if not TABLE.exists():
        pytest.skip("the vendor's table of conditions is not beside the project")

    for row in json.loads(TABLE.read_text())["conditions"]:
        allows = row["consolidated"]
        expected = TradeFlags(0)
        expected |= L if allows["updates_open_close"] else TradeFlags(0)
        expected |= H if allows["updates_high_low"] else TradeFlags(0)
        expected |= V if allows["updates_volume"] else TradeFlags(0)

        assert flags(str(row["id"])) & MOVES_ALL == expected, row


def test_form_t_moves_prices_only_outside_regular_hours() -> None:
    assert flags("12") == V
    assert flags("12", at=BEFORE_OPEN) == MOVES_ALL
    assert flags("0", "12", at=BEFORE_OPEN) == MOVES_ALL


def test_an_odd_lot_before_the_open_still_moves_volume_alone() -> None:
    assert flags("12", "37", at=BEFORE_OPEN) == V | ODD_LOT
    assert flags("12", "13", at=BEFORE_OPEN) == V | LATE


@pytest.mark.parametrize(
    ("utc", "regular"),
    [
        (datetime(2024, 1, 2, 14, 29, 59, 999_000, tzinfo=UTC), False),  # winter: UTC-5
        (datetime(2024, 1, 2, 14, 30, tzinfo=UTC), True),
        (datetime(2024, 1, 2, 20, 59, 59, tzinfo=UTC), True),
        (datetime(2024, 1, 2, 21, 0, tzinfo=UTC), False),
        (datetime(2024, 7, 1, 13, 29, 59, tzinfo=UTC), False),  # summer: UTC-4
        (datetime(2024, 7, 1, 13, 30, tzinfo=UTC), True),
        (datetime(2024, 7, 1, 20, 0, tzinfo=UTC), False),
        (datetime(2024, 3, 8, 14, 0, tzinfo=UTC), False),  # the Friday before clocks go forward
        (datetime(2024, 3, 11, 14, 0, tzinfo=UTC), True),  # the Monday after
        (datetime(2024, 11, 1, 14, 0, tzinfo=UTC), True),  # the Friday before they go back
        (datetime(2024, 11, 4, 14, 0, tzinfo=UTC), False),
    ],
)
def test_regular_hours_follow_the_clocks_of_new_york(utc: datetime, regular: bool) -> None:
    assert (flags("12", at=from_datetime(utc)) == V) is regular


def test_made_up_codes_without_end_are_not_all_remembered() -> None:
    context = Context("stocks", "polygon", {})
    for code in range(5000):
        assert context.learn((code,)).texts == (str(code),)
    assert 0 < len(context.known) <= 4096
    assert context.known[4999,] == context.learn((4999,))


@pytest.mark.parametrize("codes", [(37,) * 100_000, (37, 10**100)])
def test_codes_as_long_as_a_frame_are_judged_and_not_kept(codes: tuple[int, ...]) -> None:
    context = Context("stocks", "polygon", {})

    texts, flags = context.learn(codes)

    assert texts == tuple(map(str, codes))
    assert flags == TradeFlags.VOLUME | TradeFlags.ODD_LOT
    assert not context.known


@pytest.mark.parametrize(
    ("venue", "number"), [("x" * 100_000, 202), (4, 10**1000)], ids=["venue", "number"]
)
def test_a_facility_as_long_as_a_frame_is_told_and_not_kept(venue: int | str, number: int) -> None:
    tracemalloc.start()
    try:
        assert facility(venue, number) == f"{venue}:{number}"
        assert tracemalloc.get_traced_memory()[0] < 500
    finally:
        tracemalloc.stop()

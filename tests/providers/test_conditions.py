from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.events import MOVES_ALL, TradeFlags
from ordinis_rx.providers.conditions import Conditions, in_regular_hours
from ordinis_rx.timebase import from_datetime

NEW_YORK = ZoneInfo("America/New_York")
VOLUME, HIGH_LOW = TradeFlags.VOLUME, TradeFlags.HIGH_LOW
TABLE = Conditions(
    {
        "odd": VOLUME | TradeFlags.ODD_LOT,
        "late": HIGH_LOW | VOLUME | TradeFlags.LATE,
        "none": TradeFlags(0),
    },
    extended="T",
)


def at(text: str) -> int:
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=NEW_YORK))


@pytest.mark.parametrize(
    "day", ["2024-01-03", "2024-03-08", "2024-03-11", "2024-07-03", "2024-11-04"]
)
def test_regular_hours_follow_the_clock_of_new_york_in_summer_and_winter(day: str) -> None:
    assert not in_regular_hours(at(f"{day}T09:29:59.999999"))
    assert in_regular_hours(at(f"{day}T09:30"))
    assert in_regular_hours(at(f"{day}T15:59:59.999999"))
    assert not in_regular_hours(at(f"{day}T16:00"))
    assert not in_regular_hours(at(f"{day}T20:00"))  # the next day in UTC


@pytest.mark.parametrize(
    ("codes", "flags"),
    [
        ((), MOVES_ALL),
        (("new",), MOVES_ALL),
        (("odd",), VOLUME | TradeFlags.ODD_LOT),
        (("late", "odd"), VOLUME | TradeFlags.ODD_LOT | TradeFlags.LATE),
        (("late", "none"), TradeFlags.LATE),
    ],
)
def test_several_codes_restrict_each_other_and_their_marks_add_up(
    codes: tuple[str, ...], flags: TradeFlags
) -> None:
    for moment in (at("2024-07-03T10:00"), at("2024-07-03T18:00")):
        assert TABLE.flags(codes, moment) == flags


def test_an_extended_hours_trade_moves_prices_outside_the_regular_session_alone() -> None:
    inside, outside = at("2024-07-03T10:00"), at("2024-07-03T08:00")

    assert TABLE.flags(("T",), inside) == VOLUME
    assert TABLE.flags(("T",), outside) == MOVES_ALL
    assert TABLE.flags(("T", "odd"), outside) == VOLUME | TradeFlags.ODD_LOT


@given(st.lists(st.sampled_from(["odd", "late", "none", "T", "new"])), st.booleans())
def test_the_order_of_codes_does_not_matter(codes: list[str], early: bool) -> None:
    moment = at("2024-07-03T08:00") if early else at("2024-07-03T10:00")

    assert TABLE.flags(tuple(codes), moment) == TABLE.flags(tuple(reversed(codes)), moment)


def test_codes_without_end_do_not_fill_the_memory() -> None:
    table = Conditions({}, extended="T")

    for number in range(10_000):
        table.flags((str(number),), 0)

    assert len(table._known) < 5_000


@pytest.mark.parametrize("codes", [("odd",) * 100_000, ("odd", "x" * 100_000)])
def test_codes_as_long_as_a_frame_are_judged_and_not_kept(codes: tuple[str, ...]) -> None:
    table = Conditions({"odd": VOLUME | TradeFlags.ODD_LOT}, extended="T")

    assert table.flags(codes, 0) == VOLUME | TradeFlags.ODD_LOT
    assert not table._known

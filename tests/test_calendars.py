"""Sessions of exchanges."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import pytest

from ordinis_rx.calendars import Session, Sessions, sessions
from ordinis_rx.errors import MissingExtra
from ordinis_rx.timebase import DAY, HOUR, MINUTE, SECOND, from_datetime


def utc(*when: int) -> int:
    return from_datetime(datetime(*when, tzinfo=UTC))  # type: ignore[arg-type, misc]


def test_new_york_opens_at_half_past_nine_in_winter_and_in_summer() -> None:
    york = sessions("XNYS")

    assert york.at(utc(2024, 1, 2, 15)) == (utc(2024, 1, 2, 14, 30), utc(2024, 1, 2, 21))
    assert york.at(utc(2024, 7, 2, 15)) == (utc(2024, 7, 2, 13, 30), utc(2024, 7, 2, 20))


def test_the_opening_belongs_to_a_session_and_the_close_does_not() -> None:
    york = sessions("XNYS")
    opening, close = utc(2024, 1, 2, 14, 30), utc(2024, 1, 2, 21)

    assert york.at(opening - 1) is None
    assert york.at(opening) == york.at(close - 1) == Session(opening, close)
    assert york.at(close) is None


def test_an_exchange_is_open_within_its_sessions_alone() -> None:
    days = Sessions("two days", [Session(10, 20), Session(40, 45)])
    assert [now for now in range(50) if days.is_open(now)] == [*range(10, 20), *range(40, 45)]


def test_a_short_day_ends_early_and_a_holiday_has_no_session() -> None:
    york = sessions("XNYS")

    assert york.at(utc(2023, 11, 24, 15)) == (utc(2023, 11, 24, 14, 30), utc(2023, 11, 24, 18))
    assert york.at(utc(2023, 11, 23, 15)) is None


def test_a_week_reaches_from_its_first_opening_to_its_last_close() -> None:
    week = sessions("XNYS").week_at(utc(2024, 1, 3, 15))

    assert week == (utc(2024, 1, 2, 14, 30), utc(2024, 1, 5, 21))  # Monday was New Year
    assert sessions("XNYS").week_at(utc(2024, 1, 6, 15)) is None


def test_a_session_that_opens_on_sunday_evening_belongs_to_the_week_that_follows() -> None:
    sunday = utc(2024, 1, 7, 23)
    futures = Sessions(
        "f", [Session(sunday, sunday + 23 * HOUR), Session(sunday + DAY, sunday + DAY + HOUR)]
    )

    assert futures.week_at(sunday) == (sunday, sunday + DAY + HOUR)


def test_openings_and_closes_fit_into_half_hours_but_not_into_hours() -> None:
    for exchange in ("XNYS", "XLON"):  # the one opens at half past, the other closes then
        days = sessions(exchange)

        assert days.fits(30 * MINUTE)
        assert not days.fits(HOUR)


def test_history_reaches_back_to_1990_and_a_year_ahead() -> None:
    assert sessions("XNYS").at(utc(1990, 1, 3, 15)) is not None
    assert len(sessions("24/7")) * DAY > 30 * 365 * DAY


def test_history_reaches_back_as_far_as_it_is_known_where_that_is_later_than_1990() -> None:
    assert sessions("XTKS").is_open(utc(1997, 12, 10, 2))
    assert sessions("XSHG").is_open(utc(1990, 12, 20, 2))


def test_an_unknown_exchange_is_named() -> None:
    with pytest.raises(ValueError, match="no exchange is known as 'XNOP'"):
        sessions("XNOP")


def test_an_exchange_that_the_package_fails_at_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise NotImplementedError("implemented by subclasses")

    monkeypatch.setattr("exchange_calendars.get_calendar", fail)

    with pytest.raises(ValueError, match="fails to make the sessions of 'XODD'") as told:
        sessions("XODD")
    assert isinstance(told.value.__cause__, NotImplementedError)


def test_overlapping_sessions_are_refused() -> None:
    with pytest.raises(ValueError, match="opens at 15 overlaps"):
        Sessions("odd", [Session(10, 20), Session(15, 30)])


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "exchange_calendars", None)
    sessions.cache_clear()

    with pytest.raises(MissingExtra, match=r"ordinis-rx\[calendars\]"):
        sessions("XNYS")


def test_times_are_whole_seconds() -> None:
    day = sessions("XNYS").at(utc(2024, 1, 2, 15))

    assert day is not None
    assert day.open % SECOND == day.close % SECOND == 0

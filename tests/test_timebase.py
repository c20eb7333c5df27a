"""Integer nanoseconds: the units, the intervals, and the way to datetimes and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.timebase import (
    DAY,
    HOUR,
    MICRO,
    MILLI,
    MINUTE,
    NANO,
    SECOND,
    check_whole,
    doubt_long,
    doubt_short,
    floor,
    from_any_unit,
    from_datetime,
    seconds,
    to_datetime,
)

moments = st.integers(min_value=-(10**18), max_value=4 * 10**18)


def test_the_units_build_on_each_other() -> None:
    assert [NANO, MICRO, MILLI, SECOND, MINUTE, HOUR, DAY] == [
        1,
        10**3,
        10**6,
        10**9,
        60 * 10**9,
        3_600 * 10**9,
        86_400 * 10**9,
    ]


@given(moment=moments, interval=st.integers(1, 400 * DAY))
def test_an_interval_starts_at_or_before_each_moment_in_it(moment: int, interval: int) -> None:
    start = floor(moment, interval)

    assert start <= moment < start + interval
    assert start % interval == 0


def test_seconds_are_for_schedulers() -> None:
    assert seconds(1_500 * MILLI) == 1.5


@pytest.mark.parametrize(
    ("stamp", "nanos"),
    [
        (1_536_036_818, 1_536_036_818 * SECOND),
        (1_536_036_818_784, 1_536_036_818_784 * MILLI),
        (1_536_036_818_784_001, 1_536_036_818_784_001 * MICRO),
        (1_536_036_818_784_001_002, 1_536_036_818_784_001_002),
        (0, 0),
    ],
)
def test_s10_the_unit_of_a_stamp_is_told_by_its_magnitude(stamp: int, nanos: int) -> None:
    assert from_any_unit(stamp) == nanos


@given(
    second=st.integers(
        int(datetime(1973, 3, 4, tzinfo=UTC).timestamp()),
        int(datetime(2261, 1, 1, tzinfo=UTC).timestamp()),
    )
)
def test_one_moment_reads_the_same_in_every_unit(second: int) -> None:
    told = {from_any_unit(second * unit) for unit in (1, 10**3, 10**6, 10**9)}

    assert told == {second * SECOND}


@given(moment=moments)
def test_a_datetime_keeps_all_but_the_last_three_digits(moment: int) -> None:
    there = to_datetime(moment)

    assert there.utcoffset() == timedelta(0)
    assert from_datetime(there) == floor(moment, MICRO)


def test_a_datetime_of_another_zone_is_the_same_moment() -> None:
    newyork = timezone(timedelta(hours=-5))

    assert from_datetime(datetime(2024, 1, 1, 9, 30, tzinfo=newyork)) == from_datetime(
        datetime(2024, 1, 1, 14, 30, tzinfo=UTC)
    )


@pytest.mark.parametrize("nanos", [1_704_205_800_123_456_789, -1])
def test_a_timestamp_of_pandas_keeps_its_nanoseconds(nanos: int) -> None:
    pandas = pytest.importorskip("pandas")

    assert from_datetime(pandas.Timestamp(nanos, tz="America/New_York")) == nanos


def test_a_datetime_that_does_not_say_its_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="must be aware"):
        from_datetime(datetime(2024, 1, 1))


@pytest.mark.parametrize("value", [1.5, 2.0, "x", None, True])
def test_what_is_no_whole_number_is_refused_with_what_it_was_for(value: object) -> None:
    with pytest.raises(TypeError, match=f"^x: n must be a whole number of facts, got {value!r}"):
        check_whole("x: n", value, "facts")


def test_a_whole_number_of_numpy_is_one_too() -> None:
    check_whole("x: n", np.int64(5))


@pytest.mark.parametrize("duration", [1, 60, MICRO - 1])
def test_a_duration_that_lacks_its_unit_is_doubted(
    duration: int, caplog: pytest.LogCaptureFixture
) -> None:
    doubt_short("max_age", duration)

    assert [record.getMessage() for record in caplog.records] == [
        f"max_age is {duration} nanoseconds; durations have a unit, as in 5 * SECOND"
    ]


@pytest.mark.parametrize("duration", [0, MICRO, 5 * SECOND])
def test_other_durations_are_not(duration: int, caplog: pytest.LogCaptureFixture) -> None:
    doubt_short("max_age", duration)

    assert caplog.records == []


def test_seconds_that_are_longer_than_a_week_are_doubted(caplog: pytest.LogCaptureFixture) -> None:
    doubt_long("timeout_seconds", 7 * 86_400)
    doubt_long("timeout_seconds", 2 * SECOND)

    assert [record.getMessage() for record in caplog.records] == [
        "timeout_seconds is 2e+09 seconds; are these nanoseconds?"
    ]

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgpack
import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.msgpack import Ext

from ordinis_rx.providers.alpaca_codec import moment_of, moment_text, nanos_of
from ordinis_rx.timebase import DAY, SECOND

moments = st.integers(60 * SECOND, 2**63 - 1 - 3 * DAY)


@pytest.mark.parametrize(
    ("text", "nanos"),
    [
        ("2021-02-22T15:51:44Z", 1614009104000000000),
        ("2021-02-22T15:51:44.2Z", 1614009104200000000),
        ("2021-02-22T15:51:44.208Z", 1614009104208000000),
        ("2021-02-22T15:51:45.335689322Z", 1614009105335689322),
        ("2021-02-22T15:51:45.3356893229Z", 1614009105335689322),  # finer than a nanosecond
        ("2021-02-22T10:51:44.208-05:00", 1614009104208000000),
        ("2021-02-22 15:51:44.208+00:00", 1614009104208000000),
        ("2021-02-22 15:51:44.5Z", 1614009104500000000),
        ("2021-02-22t15:51:44.5Z", 1614009104500000000),
        ("2021-02-22t15:51:44.5z", 1614009104500000000),
        ("2024-02-29T23:59:59.999999999Z", 1709251199999999999),
    ],
)
def test_text_is_read_to_the_nanosecond(text: str, nanos: int) -> None:
    assert nanos_of(text) == nanos


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2021-02-22",
        "2021-02-22T15:51:44",  # no zone
        "2021-02-22T15:51:44.Z.",
        "2021-02-22T15:51:44ZZ",
        "2021-02-22T15:51:60Z",
        "2021-02-22T24:00:00Z",
        "2021-02-30T00:00:00Z",
        "2021-13-01T00:00:00Z",
        "2021-W08-1T15:51:44Z",
        "2021-02-22T15:51:4 Z",
        "2021-02-22T15:51:+4Z",
        "2021-02-22T15:51:44.1_0Z",
        "2021-02-22T15:51:44.٣Z",
        "0001-01-01T00:00:00Z",  # the vendor's zero
        "9999-12-31T23:59:59Z",
    ],
)
def test_text_that_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        nanos_of(text)


@given(moments)
@example(1614009104208000000)
def test_text_written_is_read_again(nanos: int) -> None:
    assert nanos_of(moment_text(nanos)) == nanos


@given(st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_text_agrees_with_datetime(moment: datetime) -> None:
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)

    assert nanos_of(moment.isoformat()) == since // timedelta(microseconds=1) * 1000


@given(st.text(max_size=40) | st.text("0123456789-:TZ.+", max_size=40))
def test_any_text_is_a_moment_or_refused(text: str) -> None:
    try:
        nanos = nanos_of(text)
    except ValueError:
        return
    assert 0 < nanos < 2**63


@given(moments | st.integers(1, 2**32 - 1).map(lambda s: s * SECOND))
def test_the_extension_agrees_with_the_reference_implementation(nanos: int) -> None:
    packed = msgpack.packb(msgpack.Timestamp(nanos // SECOND, nanos % SECOND))

    assert nanos_of(msgspec.msgpack.decode(packed, type=Ext)) == nanos
    assert msgspec.msgpack.encode(moment_of(nanos)) == packed


def test_a_moment_before_1970_has_the_form_that_has_room_for_it() -> None:
    assert moment_of(-1).data == msgpack.Timestamp.from_unix_nano(-1).to_bytes()


def test_all_three_forms_of_the_extension_are_read() -> None:
    seconds = 1_614_009_104
    forms = [
        seconds.to_bytes(4, "big"),
        (208_000_001 << 34 | seconds).to_bytes(8, "big"),
        (208_000_001).to_bytes(4, "big") + seconds.to_bytes(8, "big", signed=True),
    ]

    assert [nanos_of(Ext(-1, data)) for data in forms] == [
        1614009104000000000,
        1614009104208000001,
        1614009104208000001,
    ]


@pytest.mark.parametrize(
    "moment",
    [
        Ext(-1, b""),
        Ext(-1, b"12345"),
        Ext(5, b"\0\0\0\1"),
        Ext(-1, b"\0\0\0\0"),
        Ext(-1, b"\xff" * 8),  # 1,073,741,823 ns are more than a second
        Ext(-1, b"\xff" * 12),
        Ext(-1, b"\0\0\0\0" + b"\xff" * 8),  # before 1970
        Ext(-1, b"\0\0\0\0\x7f" + b"\xff" * 7),
        5,
        None,
        float("nan"),
    ],
)
def test_what_is_no_timestamp_is_refused(moment: object) -> None:
    with pytest.raises(ValueError, match="not a"):
        nanos_of(moment)

from __future__ import annotations

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.errors import DecodeError
from ordinis_rx.pull.rest.reading import moment, number, shaped


class _Shape(msgspec.Struct):
    p: float | None = None


def test_keys_that_are_not_asked_for_are_passed_over() -> None:
    assert shaped(b'{"p":1.5,"q":[{}]}', _Shape, "vendor") == _Shape(1.5)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    refused = None
    try:
        assert isinstance(shaped(raw, _Shape, "vendor"), _Shape)
    except DecodeError as error:
        refused = error

    assert refused is None or (refused.provider, refused.raw) == ("vendor", raw)


def test_what_is_refused_is_kept_up_to_a_kib() -> None:
    with pytest.raises(DecodeError) as caught:
        shaped(b"x" * 5000, _Shape, "vendor")

    assert len(caught.value.raw) == 1024


def test_a_missing_number_is_nan() -> None:
    assert number(1.5) == 1.5
    assert math.isnan(number(None))


@pytest.mark.parametrize(
    ("stamp", "told"),
    [
        (1_700_000_000, 1_700_000_000_000_000_000),
        (1_700_000_000_123, 1_700_000_000_123_000_000),
        (1_700_000_000_123_456_789, 1_700_000_000_123_456_789),
        (None, 5),
        (0, 5),
        (-3, 5),
        (10**30, 5),
    ],
)
def test_moments_of_any_unit(stamp: int | None, told: int) -> None:
    assert moment(stamp, 5) == told

"""Times of texts, to the last digit."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.journal.stamps import decimals, forms_of, in_nanos, parts_in_nanos, units_of
from ordinis_rx.timebase import DAY, MICRO, MILLI, MINUTE, NANO, SECOND

pa = pytest.importorskip("pyarrow")


@given(
    st.booleans(),
    st.integers(0, 10**5),
    st.text("0123456789", min_size=0, max_size=20),
    st.sampled_from([NANO, 7, MICRO, MILLI, SECOND, MINUTE, DAY]),
)
def test_a_text_is_read_as_the_fraction_that_it_is(
    negative: bool, whole: int, part: str, unit: int
) -> None:
    text = f"{'-' if negative else ''}{whole}.{part}"

    told = decimals(pa.array([text]))

    assert told is not None
    (nanos,) = in_nanos(told[0], np.int64(unit)) + parts_in_nanos(told[1], np.int64(unit))
    exact = (Fraction(f"{whole}.{part or 0}") * unit) * (-1 if negative else 1)
    assert abs(int(nanos) - exact) <= Fraction(1, 2) + Fraction(unit, 10**18)


def test_what_is_no_number_is_none_here() -> None:
    for text in ("1e9", "1e99", "inf", "", ".", "nan", "2024-01-02", "1.2.3", "1_000"):
        assert decimals(pa.array(["1.5", text])) is None


def test_a_form_is_that_of_the_text_alone_blanks_around_it_or_none() -> None:
    numbers, others = ["7", " 7.5 ", "-1704205800"], ["7e3", "soon"]
    dates, zoned = (
        ["2024-01-02", "2024-01-02 09:30:00.5"],
        ["2024-01-02T14:30Z", "2024-01-02T14:30-0500"],
    )
    texts = [*numbers, *others, *dates, *zoned]

    forms = forms_of(pa.array(texts)).tolist()

    assert forms == [1, 1, 1, 0, 0, 2, 2, 6, 6]
    assert [forms_of(pa.array([text]))[0] for text in texts] == forms


def test_nanoseconds_with_a_point_keep_all_their_digits() -> None:
    texts = ["1704205800123456789.5", "-1704205800123456789.", "9223372036854775807.000000"]

    told = decimals(pa.array(texts))

    assert told is not None
    assert told[0].tolist() == [1704205800123456789, -1704205800123456789, 2**63 - 1]
    assert told[1].tolist() == [5 * 10**17, 0, 0]
    assert decimals(pa.array([f"{2**63}.0"])) is None


def test_the_unit_of_a_number_is_told_by_its_size() -> None:
    numbers = np.array([1_704_205_800, 1_704_205_800_123, -1_704_205_800_123_456, 10**18])

    assert units_of(numbers, None).tolist() == [SECOND, MILLI, MICRO, 1]
    assert units_of(numbers, MINUTE) == MINUTE


def test_fractions_of_floats_cost_the_seconds_none_of_their_digits() -> None:
    told = in_nanos(np.array([1_704_205_800.25, -0.5]), np.int64(SECOND))

    assert told.tolist() == [1_704_205_800 * SECOND + 250 * MILLI, -500 * MILLI]

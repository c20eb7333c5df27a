"""Times as the tables of others have them: numbers of some unit, texts of such numbers, or ISO dates."""

from __future__ import annotations

from typing import Any

import numpy as np

from ordinis_rx.arrow import pyarrow
from ordinis_rx.timebase import MICRO, MILLI, SECOND, Nanos

__all__ = ["decimals", "forms_of", "in_nanos", "parts_in_nanos", "units_of"]

_NUMBER = r"^(?P<sign>[+-]?)(?P<whole>\d{1,19})(?:\.(?P<part>\d*))?$"
_DATE = r"^\d{4}-\d\d-\d\d"
_ZONE = r"^\d{4}-\d\d-\d\d.*(?:Z|[+-]\d\d(?::?\d\d)?)$"
_DIGITS = 18
"""How many digits after the point count."""


def units_of(numbers: Any, unit: Nanos | None) -> Any:
    """What the numbers count; without a *unit* it is told by the size of each, as `from_any_unit` does."""
    if unit is None:
        size = np.abs(numbers)
        return np.select([size < 1e11, size < 1e14, size < 1e17], [SECOND, MILLI, MICRO], default=1)
    return np.int64(unit)


def in_nanos(numbers: Any, unit_of: Any) -> Any:
    """Numbers of those units in nanoseconds.

    >>> in_nanos(np.array([1704205800.25]), np.int64(SECOND)).tolist()
    [1704205800250000000]
    """
    if numbers.dtype.kind == "f":
        whole = np.floor(numbers)  # so that a fraction costs the seconds none of their digits
        part = np.rint((numbers - whole) * unit_of)
        return whole.astype(np.int64) * unit_of + part.astype(np.int64)
    return numbers * unit_of


def decimals(values: Any) -> tuple[Any, Any] | None:
    """Texts of numbers as whole numbers, and what is after the point in 10**-18ths; None where one is none.

    A float of today's seconds is only good to some hundred nanoseconds, so that texts are not read by way of floats. The
    part after the point has the sign of its number.

    >>> whole, part = decimals(pyarrow().array(["1704205800.1", "-3.5", "7"]))
    >>> whole.tolist(), [p / 10**18 for p in part.tolist()]
    ([1704205800, -3, 7], [0.1, -0.5, 0.0])
    """
    pa, of = pyarrow(), pyarrow(".compute")
    found = of.extract_regex(of.utf8_trim_whitespace(values), _NUMBER)
    if found.null_count:
        return None
    sign, whole, part = (of.struct_field(found, name) for name in ("sign", "whole", "part"))
    part = of.utf8_slice_codeunits(of.utf8_rpad(part, _DIGITS, "0"), 0, _DIGITS)
    try:
        numbers = [each.cast(pa.int64()).to_numpy(zero_copy_only=False) for each in (whole, part)]
    except pa.ArrowInvalid:  # not all of 19 digits fit
        return None
    signs = np.where(of.equal(sign, "-").to_numpy(zero_copy_only=False), -1, 1)
    return numbers[0] * signs, numbers[1] * signs


def forms_of(values: Any) -> Any:
    """Which form each text of a time has: numbers by form, of which a column has one, or few.

    >>> forms_of(pyarrow().array(["1704205800", "1.7e9", "2024-01-02", "2024-01-02T14:30+01:00"])).tolist()
    [1, 0, 2, 6]
    """
    of = pyarrow(".compute")
    texts = of.utf8_trim_whitespace(values)
    forms = np.zeros(len(values), np.int64)
    for bit, pattern in enumerate((_NUMBER, _DATE, _ZONE)):
        found = of.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)
        forms |= found.astype(np.int64) << bit
    return forms


def parts_in_nanos(part: Any, unit_of: Any) -> Any:
    """10**-18ths of those units in nanoseconds, rounded.

    >>> parts_in_nanos(np.array([10**17, 123_456_789 * 10**9]), np.array([SECOND, MILLI])).tolist()
    [100000000, 123457]
    """
    per, rest = np.divmod(unit_of, SECOND)
    high, low = np.divmod(np.abs(part), SECOND)
    # high and low count 10**-9ths and 10**-18ths: all products fit 64 bits.
    fine = per * low + rest * high + rest * low // SECOND
    return np.sign(part) * (per * high + (fine + SECOND // 2) // SECOND)

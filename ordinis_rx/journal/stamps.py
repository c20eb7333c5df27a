"""Times as the tables of others have them: numbers of some unit, texts of such numbers, or ISO dates."""

from __future__ import annotations

from typing import Any

import numpy as np

from ordinis_rx.arrow import pyarrow
from ordinis_rx.timebase import MICRO, MILLI, SECOND, Nanos

__all__ = ["decimals", "in_nanos", "parts_in_nanos", "units_of"]

_NUMBER = r"^(?P<sign>[+-]?)(?P<whole>\d{1,19})(?:\.(?P<part>\d*))?$"
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

    A float of today's seconds is only good to some hundred nanoseconds, so that texts are not read by way of floats, but for
    those with an exponent. The part after the point has the sign of its number.

    >>> whole, part = decimals(pyarrow().array(["1704205800.1", "-3.5", "7"]))
    >>> whole.tolist(), [p / 10**18 for p in part.tolist()]
    ([1704205800, -3, 7], [0.1, -0.5, 0.0])
    """
    pa, of = pyarrow(), pyarrow(".compute")
    texts = of.utf8_trim_whitespace(values)
    found = of.extract_regex(texts, _NUMBER)
    odd = found.is_null().to_numpy(zero_copy_only=False)
    floats: Any = None
    if odd.any():
        try:
            floats = texts.filter(found.is_null()).cast(pa.float64()).to_numpy(zero_copy_only=False)
        except pa.ArrowInvalid:
            return None
        if not (np.abs(floats) < 2.0**62).all():  # NaN, too
            return None
        zeros = of.if_else(found.is_null(), "0", texts)
        found = of.extract_regex(zeros, _NUMBER)
    sign, whole, part = (of.struct_field(found, name) for name in ("sign", "whole", "part"))
    part = of.utf8_slice_codeunits(of.utf8_rpad(part, _DIGITS, "0"), 0, _DIGITS)
    try:
        numbers = [each.cast(pa.int64()).to_numpy(zero_copy_only=False) for each in (whole, part)]
    except pa.ArrowInvalid:  # not all of 19 digits fit
        return None
    signs = np.where(of.equal(sign, "-").to_numpy(zero_copy_only=False), -1, 1)
    whole, part = numbers[0] * signs, numbers[1] * signs
    if floats is not None:
        whole[odd] = np.trunc(floats)
        part[odd] = (floats - np.trunc(floats)) * 10.0**_DIGITS
    return whole, part


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

"""Values of one column made to be of a type, or named by column and row where one cannot be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ordinis_rx.arrow import pyarrow

__all__ = ["Unfit", "cast", "first_bad", "in_utf8", "in_zone", "no_nulls", "read_times", "repeated"]


class Unfit(Exception):
    """Something about a table that cannot be facts; names the column and, where there is one, the row."""


def read_times(values: Any, what: str, first: int) -> Any:
    """Texts as whole numbers, numbers, or ISO times."""
    pa = pyarrow()
    forms = (pa.int64(), pa.float64(), pa.timestamp("ns", "UTC"), pa.timestamp("ns"))
    for wanted in forms:
        try:
            return values.cast(wanted)
        except pa.ArrowInvalid:
            continue
    _raise_for_first(values, forms, what, first, "no time")
    raise Unfit(f"{what} has times of several forms")


def in_zone(values: Any, zone: str, what: str, first: int) -> Any:
    """Times without a zone, in that zone; clocks that are put forward or back leave some out, or tell them twice."""
    pa, of = pyarrow(), pyarrow(".compute")
    try:
        return of.assume_timezone(values, zone)
    except pa.ArrowInvalid as error:
        if not what:  # as in `first_bad`
            raise Unfit(str(error)) from None
        odd = next(k for k in range(len(values)) if not _is_once(values.slice(k, 1), zone))
        told = str(values.slice(odd, 1).cast(pa.string())[0]).removesuffix(".000000000")
        why = f"was not, or was twice, in {zone}, where clocks were put forward or back"
        raise Unfit(f"{what}, row {first + 1 + odd}: {told} {why}") from None


def _is_once(time: Any, zone: str) -> bool:
    pa, of = pyarrow(), pyarrow(".compute")
    try:
        of.assume_timezone(time, zone)
    except pa.ArrowInvalid:
        return False
    return True


def cast(values: Any, wanted: Any, what: str, first: int) -> Any:
    """*values* as the type *wanted*; they are of the column *what*, and the first is in the row after *first*."""
    pa = pyarrow()
    try:
        return values.cast(wanted)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        why = "no number" if pa.types.is_floating(wanted) else f"no {wanted}"
        _raise_for_first(values, (wanted,), what, first, why)
        raise Unfit(f"{what}: {error}") from None


def _casts(values: Any, form: Any) -> bool:
    pa = pyarrow()
    try:
        values.cast(form)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return False
    return True


def first_bad(values: Any, is_good: Callable[[Any], bool], what: str, first: int, why: str) -> None:
    """Raise `Unfit` for the first of *values* that is not good, and *why*; one of them is not.

    Where nobody says *what* they are, nobody asks for it.
    """
    if not what:
        raise Unfit(why)
    for row, each in enumerate(values, first + 1):  # pragma: no branch
        try:
            value = each.as_py()
        except OverflowError:  # a time of no year that Python knows
            raise Unfit(f"{what}, row {row}: a time out of bounds is {why}") from None
        if not is_good(value):
            raise Unfit(f"{what}, row {row}: {value!r} is {why}")


def _raise_for_first(values: Any, forms: Sequence[Any], what: str, first: int, why: str) -> None:
    """The same for the first that none of the types *forms* fits."""
    for k in range(len(values) if what else 0):
        one = values.slice(k, 1)
        if not any(_casts(one, form) for form in forms):
            if one[0].is_valid:  # or else it is the type that fits none
                first_bad(one, lambda _: False, what, first + k, why)
            return


def in_utf8(values: Any, what: str, first: int) -> None:
    """Raise `Unfit` for the first of texts, or lists of them, that is not in UTF-8: Parquet holds whatever it was given."""
    pa = pyarrow()
    several = pa.types.is_list(values.type)
    texts = values.flatten() if several else values
    if not pa.types.is_string(texts.type):
        return
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        raw = values.cast(pa.list_(pa.binary()) if several else pa.binary())
        first_bad(raw, _is_text, what, first, "no text in UTF-8")


def _is_text(value: Any) -> bool:
    try:
        for word in [value] if isinstance(value, bytes) else value or ():
            (word or b"").decode()
    except UnicodeDecodeError:
        return False
    return True


def no_nulls(values: Any, what: str, first: int) -> None:
    """Raise `Unfit` for the first that is missing."""
    if values.null_count:
        row = first + 1 + values.is_null().to_pylist().index(True)
        raise Unfit(f"{what}, row {row}: there is no value")


def repeated(one: Any, n: int) -> Any:
    """An array of one value, *n* times."""
    pa = pyarrow()
    return one.take(pa.array(np.zeros(n, np.int64)))

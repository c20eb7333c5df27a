"""Reading an answer: a typed shape over the vendor's own keys, or a `DecodeError` that holds the bytes."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from ordinis_rx.errors import DecodeError
from ordinis_rx.events import NAN
from ordinis_rx.providers.lenient import brief
from ordinis_rx.providers.parts import UNREADABLE
from ordinis_rx.providers.reading import RAW_LIMIT
from ordinis_rx.timebase import Nanos, from_any_unit

__all__ = ["check_unseen", "moment", "number", "shaped"]

S = TypeVar("S", bound=msgspec.Struct)


def shaped(raw: bytes, shape: type[S], provider: str) -> S:
    """*raw* as *shape*; keys that the shape does not name are passed over."""
    try:
        return msgspec.json.decode(raw, type=shape)
    except UNREADABLE as error:
        raise DecodeError(provider, raw[:RAW_LIMIT], str(error)) from None


def check_unseen(page: str, seen: set[str], raw: bytes, provider: str) -> None:
    """Add the *page* that *raw* says is the next one to those *seen*; a `DecodeError` where it is one of them already.

    >>> check_unseen("2", {"1", "2"}, b"...", "sim")
    Traceback (most recent call last):
    ...
    ordinis_rx.errors.DecodeError: sim sent what cannot be read: its next page is one already seen, '2'; b'...'
    """
    if page in seen:  # to follow it would never end
        reason = f"its next page is one already seen, {brief(page, 200)}"
        raise DecodeError(provider, raw[:RAW_LIMIT], reason)
    seen.add(page)


def number(value: float | None) -> float:
    """A number that may be missing: NaN then."""
    return NAN if value is None else value


def moment(stamp: int | None, ts_recv: Nanos) -> Nanos:
    """*stamp* in nanoseconds, whatever its unit; the time of arrival where it is missing or beyond all sense.

    >>> moment(1_700_000_000, 5), moment(None, 5)
    (1700000000000000000, 5)
    """
    nanos = from_any_unit(stamp or 0)
    return nanos if 0 < nanos < 2**63 else ts_recv

"""Alpaca's two encodings, and its moments: RFC 3339 text in JSON, the timestamp extension in MessagePack.

Both carry nanoseconds, and both are read exactly: msgspec's own reading of them ends at microseconds.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeAlias

import msgspec
from msgspec.msgpack import Ext

from ordinis_rx.providers.lenient import LATEST, brief
from ordinis_rx.timebase import SECOND, Nanos, from_datetime, to_datetime

__all__ = ["JSON", "MSGPACK", "Codec", "Moment", "moment_of", "moment_text", "nanos_of"]

Moment: TypeAlias = str | Ext
"""A moment as it stands on the wire."""

_TIMESTAMP = -1
_SCALES: tuple[int, ...] = tuple(10 ** (9 - digits) for digits in range(10))
"""By the count of digits of a fraction of a second: their unit in nanoseconds."""

_SECOND = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d", re.ASCII)
_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d):(\d\d)(?:\.(\d{1,9})\d*)?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Codec:
    """How frames are cut and joined in one encoding."""

    name: str
    encode: Callable[[object], str | bytes]
    decoder: Callable[[Any], Any]
    """From a type to a msgspec decoder of it."""
    value: Callable[[msgspec.Raw], object]
    """A lone value of unknown type; a timestamp stays as it is."""
    moment: Callable[[Nanos], Moment]


def nanos_of(moment: object) -> Nanos:
    """Nanoseconds since 1970 UTC. Raises ValueError for what is no moment, or outside 1970 to 2262.

    >>> nanos_of("2021-02-22T15:51:45.335689322Z")
    1614009105335689322
    >>> nanos_of("2021-02-22T10:51:45-05:00")
    1614009105000000000
    """
    if isinstance(moment, str):
        # The common form: the second is looked up, its fraction is one integer. Any other goes by the pattern.
        fraction = moment[20:-1]
        if (
            moment[19:20] == "."
            and moment[-1] == "Z"
            and 0 < len(fraction) <= 9
            and fraction.isascii()
            and fraction.isdecimal()
        ):
            return _second(moment[:19]) + int(fraction) * _SCALES[len(fraction)]
        return _by_pattern(moment)
    if isinstance(moment, Ext):
        return _from_extension(moment)
    raise ValueError(f"not a moment: {brief(moment, 60)}")


def _start_of_second(text: str) -> Nanos:
    if _SECOND.fullmatch(text) is None:
        raise ValueError(f"not a moment: {text!r}")
    return _since_1970(f"{text}+00:00")


_second: Callable[[str], Nanos] = lru_cache(maxsize=1024)(_start_of_second)


def _by_pattern(text: str) -> Nanos:
    found = _RFC3339.fullmatch(text)
    if found is None:
        raise ValueError(f"not a moment: {text!r:.60}")
    date, clock, second, fraction, zone = found.groups()
    zone = "+00:00" if zone in "Zz" else zone
    nanos = int((fraction or "").ljust(9, "0"))
    return _since_1970(f"{date}T{clock}:{second}{zone}") + nanos


def _since_1970(iso: str) -> Nanos:
    # A vendor's zero is the year 1: no moment of a market.
    nanos = from_datetime(datetime.fromisoformat(iso))
    if not 0 < nanos <= LATEST - 60 * SECOND:
        raise ValueError(f"not a moment of a market: {iso}")
    return nanos


def _from_extension(moment: Ext) -> Nanos:
    data = bytes(moment.data)
    if moment.code != _TIMESTAMP or len(data) not in (4, 8, 12):
        raise ValueError(f"not a timestamp: extension {moment.code} of {len(data)} bytes")
    if len(data) == 8:
        both = int.from_bytes(data, "big")
        fraction, whole = both >> 34, both & (2**34 - 1)
    elif len(data) == 4:
        fraction, whole = 0, int.from_bytes(data, "big")
    else:
        fraction, whole = struct.unpack(">Iq", data)
    nanos = whole * SECOND + fraction
    if fraction >= SECOND or not 0 < nanos <= LATEST:
        raise ValueError(f"not a moment of a market: {whole} s and {fraction} ns")
    return nanos


def moment_text(nanos: Nanos) -> str:
    """RFC 3339 without zeros at the end, as the vendor writes it.

    >>> moment_text(1614009104208000000)
    '2021-02-22T15:51:44.208Z'
    """
    whole, fraction = divmod(nanos, SECOND)
    point = f".{fraction:09}".rstrip("0") if fraction else ""
    return f"{to_datetime(whole * SECOND):%Y-%m-%dT%H:%M:%S}{point}Z"


def moment_of(nanos: Nanos) -> Ext:
    """The timestamp extension, in the shortest of its three forms.

    >>> len(moment_of(1614009104208000000).data), len(moment_of(1614009104000000000).data)
    (8, 4)
    """
    whole, fraction = divmod(nanos, SECOND)
    if fraction == 0 and 0 <= whole < 2**32:
        return Ext(_TIMESTAMP, whole.to_bytes(4, "big"))
    if 0 <= whole < 2**34:
        return Ext(_TIMESTAMP, (fraction << 34 | whole).to_bytes(8, "big"))
    return Ext(_TIMESTAMP, struct.pack(">Iq", fraction, whole))


def _value(part: msgspec.Raw) -> object:
    try:
        return msgspec.msgpack.decode(part, type=Ext)
    except msgspec.ValidationError:
        return msgspec.msgpack.decode(part)


JSON = Codec(
    "json",
    lambda message: msgspec.json.encode(message).decode(),
    msgspec.json.Decoder,
    msgspec.json.decode,
    moment_text,
)
MSGPACK = Codec("msgpack", msgspec.msgpack.encode, msgspec.msgpack.Decoder, _value, moment_of)

"""Reading a message that its typed shape refused: field by field, each one that fails told as a `Fault`.

A shape is a `msgspec.Struct` over the wire's own keys. Decoded whole, it is fast and strict; `repaired` reads the same
shape from plain fields with the same rules, and fills what is missing or unreadable with a blank: NaN for a number, 0 for
a time, ``""`` for a text.
"""

from __future__ import annotations

import functools
import math
import re
import sys
from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple, TypeAlias, TypeVar

import msgspec
from msgspec import Meta

from ordinis_rx.timebase import DAY, Nanos

__all__ = ["LATEST", "Count", "Fault", "Price", "Size", "Stamp", "brief", "repaired"]

Price: TypeAlias = Annotated[float, Meta(ge=-sys.float_info.max, le=sys.float_info.max)]
"""Any finite number: the bounds keep out NaN and infinity, which a decimal string may spell."""

Size: TypeAlias = Annotated[float, Meta(ge=0, le=sys.float_info.max)]
"""A finite number that is not negative."""

LATEST: Nanos = 2**63 - 1 - 2 * DAY
"""The last moment that is believed: so far that the end of a day's bar has room in 64 bits too."""

Stamp: TypeAlias = Annotated[int, Meta(gt=0, le=2**63 - 1)]
"""A moment in the vendor's unit; 0 stands for one that is missing."""

Count: TypeAlias = Annotated[int, Meta(ge=0, le=2**63 - 1)]
"""A number of things, 0 where it is not told."""

S = TypeVar("S", bound=msgspec.Struct)

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+>")
"""Where an object lies in memory, in the words of one that has none of its own, as an extension of msgpack."""


class Fault(msgspec.Struct, gc=False, frozen=True):
    """What was wrong with a message, before it becomes a `FeedError`."""

    kind: str
    message: str
    raw: bytes = b""
    symbol: str = ""


class _Field(NamedTuple):
    name: str
    key: str
    type: Any
    needed: bool
    blank: Any


@functools.cache
def _fields(shape: type[msgspec.Struct]) -> tuple[_Field, ...]:
    return tuple(
        _Field(f.name, f.encode_name, f.type, f.required, _blank(f))
        for f in msgspec.structs.fields(shape)
    )


def _blank(field: msgspec.structs.FieldInfo) -> Any:
    if not field.required:
        return field.default
    if field.type is str:
        return ""
    return 0 if field.type in (Stamp, Count) else math.nan


def repaired(fields: Mapping[str, Any], shape: type[S], raw: bytes = b"") -> tuple[S, list[Fault]]:
    """*shape* as far as *fields* can be read, and what could not.

    A needed field that is absent or null is told as ``missing-KEY``; one of the wrong type, not finite, or negative where
    that makes no sense, as ``unreadable-KEY``.

    >>> class Print(msgspec.Struct):
    ...     p: Price
    ...     s: Size
    >>> seen, faults = repaired({"p": "12.5", "s": True}, Print)
    >>> seen, [fault.message for fault in faults]
    (Print(p=12.5, s=nan), ['s is True'])
    """
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for field in _fields(shape):
        value = fields.get(field.key)
        values[field.name] = field.blank
        if value is None:
            if field.needed:
                faults.append(Fault(f"missing-{field.key}", f"no {field.key}", raw))
            continue
        try:
            values[field.name] = msgspec.convert(value, field.type, strict=False)
        except msgspec.ValidationError:
            faults.append(Fault(f"unreadable-{field.key}", f"{field.key} is {brief(value)}", raw))
    return shape(**values), faults


def brief(value: object, most: int = 80) -> str:
    """*value* in at most so many characters, in the same words each time.

    >>> brief("a" * 100, 10), brief(msgspec.msgpack.Ext(5, b"x"))
    ("'aaaaaa...", '<msgspec.msgpack.Ext object>')
    """
    # An integer of thousands of digits has no repr; a nested one may be as long as the frame.
    try:
        text = repr(value)
    except ValueError:
        return "an integer too long to show"
    text = _ADDRESS.sub(">", text)  # a recording tells the same story each time
    return text if len(text) <= most else f"{text[: most - 3]}..."

"""The fields of a message, each read alone, so that one that cannot be read does not take the others with it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

__all__ = ["UNREADABLE", "fields_of"]

UNREADABLE = (msgspec.MsgspecError, ValueError, RecursionError)
"""What reading bytes may raise: not the format, not the shape, not UTF-8, nested too deep."""


def fields_of(
    parts: dict[str, msgspec.Raw], value: Callable[[msgspec.Raw], object]
) -> dict[str, object]:
    """Every part by *value*, or as the bytes that could not be read.

    >>> parts = msgspec.json.decode(b'{"p":1e999,"s":"A"}', type=dict[str, msgspec.Raw])
    >>> fields_of(parts, msgspec.json.decode)
    {'p': b'1e999', 's': 'A'}
    """
    fields: dict[str, object] = {}
    for key, part in parts.items():
        try:
            fields[key] = value(part)
        except UNREADABLE:
            fields[key] = bytes(part)
    return fields

"""The fields of a message, each read alone, so that one that cannot be read does not take the others with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import msgspec

from ordinis_rx.providers.lenient import Fault

__all__ = ["MOST_FAULTS", "UNREADABLE", "fields_of", "gathered"]

A = TypeVar("A")

MOST_FAULTS = 1_000
"""So many faults of one frame are told one by one; the others are counted. A fault takes a hundred times the bytes of
what it is about, and a frame may be mebibytes of nothing else."""

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


def gathered(pieces: Iterable[Sequence[A]]) -> list[A | Fault]:
    """What was read of the pieces of a frame, one after the other: all messages, and the first `MOST_FAULTS` faults.

    A last fault counts those beyond.

    >>> unread = [Fault("unknown-message", "ev is '?'")]
    >>> read = gathered([["a trade"], *[unread] * 1_005, ["a quote"]])
    >>> len(read), read[0], read[-2], read[-1].message
    (1003, 'a trade', 'a quote', '5 more faults of this frame')
    """
    read: list[A | Fault] = []
    left, more = MOST_FAULTS, 0
    for piece in pieces:
        for message in piece:
            if isinstance(message, Fault):
                if not left:
                    more += 1
                    continue
                left -= 1
            read.append(message)
    if more:
        read.append(Fault("more-faults", f"{more} more faults of this frame"))
    return read

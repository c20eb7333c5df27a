"""Identity: are two facts, or two stories of facts, equal to the last bit?

``==`` will not do: it tells NaN from NaN, and takes -0.0 for 0.0 and 1 for 1.0.
"""

from __future__ import annotations

import struct
from collections.abc import Hashable, Iterable, Mapping
from typing import Any, TypeAlias, cast

import msgspec

__all__ = ["Fingerprint", "difference", "fingerprint", "same"]

Fingerprint: TypeAlias = Hashable
"""A value that equals another's exactly when the two are the same."""


def fingerprint(value: Any) -> Fingerprint:
    """What makes *value* itself: its type and, for every number in it, its bits.

    Goes into facts, tuples, lists and mappings; an error is what it says, and anything else stands for itself.

    >>> fingerprint(1.0) == fingerprint(1), fingerprint(0.0) == fingerprint(-0.0)
    (False, False)
    """
    kind: type[object] = value.__class__
    if isinstance(value, float):
        return kind, struct.pack("<d", value)
    if isinstance(value, msgspec.Struct):
        fields = value.__struct_fields__
        return kind, tuple(fingerprint(getattr(value, name)) for name in fields)
    if isinstance(value, tuple | list):
        return kind, tuple(map(fingerprint, cast(Iterable[Any], value)))
    if isinstance(value, Mapping):
        return kind, tuple(map(fingerprint, cast(Any, value).items()))
    if isinstance(value, Exception):
        return kind, str(value)
    return kind, value


def same(a: Any, b: Any) -> bool:
    """True when *a* and *b* are equal bit for bit: NaN is NaN, -0.0 is not 0.0, 1 is not 1.0.

    >>> nan = float("nan")
    >>> same([nan], [nan]), same(0.0, -0.0), same((1.0,), [1.0])
    (True, False, False)
    """
    return fingerprint(a) == fingerprint(b)


def difference(got: list[Any], wanted: list[Any]) -> str:
    """Where two stories part, in words; empty when they are the same.

    >>> difference([1, 2, 3], [1, 2])
    'item 2 is 3, wanted nothing more'
    """
    for at, (one, other) in enumerate(zip(got, wanted, strict=False)):
        if not same(one, other):
            return f"item {at} is {one!r}, wanted {other!r}"
    at = min(len(got), len(wanted))
    if len(got) > at:
        return f"item {at} is {got[at]!r}, wanted nothing more"
    if len(wanted) > at:
        return f"item {at} is missing, wanted {wanted[at]!r}"
    return ""

"""How a frame of Polygon is cut into its messages.

A frame is a JSON array of objects (a lone object is read too), each with its kind in ``ev``. It is decoded whole. Where one
message does not fit, the frame is cut, the others are decoded alone, and that one is read field by field.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, Union, cast

import msgspec

from ordinis_rx.errors import DecodeError
from ordinis_rx.providers.lenient import Fault, repaired
from ordinis_rx.providers.parts import UNREADABLE, fields_of, gathered
from ordinis_rx.providers.polygon_shapes import SHAPES, Message, Status
from ordinis_rx.providers.reading import blotter, hushed

__all__ = ["reader"]

_UNSUPPORTED = frozenset({"XL2"})
"""Documented kinds that no fact of ours can hold (an order book)."""

_EXACT = (("s", "ds"), ("v", "dv"))
"""A whole number and the key of its exact decimal, which may come without it."""

_pieces = msgspec.json.Decoder(dict[str, msgspec.Raw])


def reader(market: str, provider: str, secret: str = "") -> Callable[[bytes], list[Message]]:
    """A function from a frame to its messages, for *market*.

    It raises `DecodeError` for bytes that are no JSON array or object; whatever else is wrong stands in the list as a
    `Fault`, after the message that it is about. What is quoted of the bytes shows no *secret*.

    >>> [type(m).__name__ for m in reader("stocks", "polygon")(b'[{"ev":"FMV","sym":"A","fmv":1},{"ev":"?"}]')]
    ['FairValue', 'Fault', 'Fault']
    """
    whole, alone, shapes = _decoders(market)
    quiet = blotter([secret])

    def read(raw: bytes) -> list[Message]:
        try:
            return whole.decode(raw)
        except UNREADABLE:
            return gathered(one(part) for part in parts(raw))

    def parts(raw: bytes) -> list[msgspec.Raw]:
        try:
            if raw.lstrip()[:1] == b"{":
                return [msgspec.json.decode(raw, type=msgspec.Raw)]
            return msgspec.json.decode(raw, type=list[msgspec.Raw])
        except UNREADABLE as error:
            raise DecodeError(provider, quiet(raw), str(error)) from error

    def one(part: msgspec.Raw) -> list[Message]:
        with contextlib.suppress(*UNREADABLE):
            return [alone.decode(part)]
        raw = quiet(bytes(part))
        try:
            fields = fields_of(_pieces.decode(part), msgspec.json.decode)
        except UNREADABLE as error:
            return [Fault("unreadable-message", hushed(str(error), secret), raw)]
        kind = fields.get("ev")
        if not isinstance(kind, str) or kind not in shapes:
            known = isinstance(kind, str) and kind in _UNSUPPORTED
            fault = "unsupported" if known else "unknown-message"
            return [Fault(fault, hushed(f"ev is {kind!r:.40}", secret), raw)]
        return lenient(fields, shapes[kind], raw)

    def lenient(
        fields: dict[str, object], shape: type[msgspec.Struct], raw: bytes
    ) -> list[Message]:
        for key, exact in _EXACT:
            if fields.get(key) is None and fields.get(exact) is not None and exact in _keys(shape):
                fields[key] = fields[exact]
        message, faults = repaired(fields, shape)
        symbol = getattr(message, "sym", "")
        return [
            cast("Message", message),
            *(Fault(told.kind, hushed(told.message, secret), raw, symbol) for told in faults),
        ]

    return read


_Decoders: TypeAlias = tuple[
    "msgspec.json.Decoder[list[Message]]",
    "msgspec.json.Decoder[Message]",
    Mapping[str, type[msgspec.Struct]],
]


@functools.cache
def _decoders(market: str) -> _Decoders:
    shapes: tuple[type[msgspec.Struct], ...] = (*SHAPES[market], Status)
    union: Any = Union[shapes]  # noqa: UP007 - built from a table
    # Not strict: a number may come as a decimal string ("740.5", "44"), and in some fields always does.
    return (
        msgspec.json.Decoder(list[union], strict=False),
        msgspec.json.Decoder(union, strict=False),
        {str(shape.__struct_config__.tag): shape for shape in shapes},
    )


@functools.cache
def _keys(shape: type[msgspec.Struct]) -> frozenset[str]:
    return frozenset(shape.__struct_encode_fields__)

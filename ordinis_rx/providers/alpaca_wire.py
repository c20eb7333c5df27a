"""Alpaca's messages as they stand on the wire, in JSON and MessagePack alike, and how a frame is cut into them.

A frame is an array of maps (a lone map is read too), each with its type in ``T``. Keys are the vendor's. A frame is decoded
whole; where one message does not fit, the frame is cut, the others are decoded alone, and that one is read field by field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias, cast

import msgspec

from ordinis_rx.errors import DecodeError
from ordinis_rx.providers.alpaca_codec import Codec, Moment
from ordinis_rx.providers.lenient import Count, Fault, Price, Size, brief, repaired
from ordinis_rx.providers.parts import UNREADABLE, fields_of, gathered

__all__ = [
    "CHANNELS",
    "AnyBar",
    "Cancel",
    "Correction",
    "DailyBar",
    "Error",
    "Imbalance",
    "Luld",
    "Message",
    "MinuteBar",
    "PartOfSubscription",
    "Quote",
    "Status",
    "Subscription",
    "Success",
    "Trade",
    "UpdatedBar",
    "reader",
]

CHANNELS: Mapping[str, str] = {
    "trades": "trades",
    "quotes": "quotes",
    "minute_bars": "bars",
    "updated_bars": "updatedBars",
    "daily_bars": "dailyBars",
    "statuses": "statuses",
    "luld": "lulds",
    "imbalances": "imbalances",
}
"""From our names of the channels to the vendor's; corrections and cancels come with the trades."""


class Trade(msgspec.Struct, tag_field="T", tag="t", gc=False, kw_only=True, omit_defaults=True):
    """A trade; ``tks`` is the taker's side, in crypto alone."""

    S: str
    p: Price
    s: Size
    t: Moment
    i: int | str = ""
    x: str = ""
    c: tuple[str, ...] | None = None
    z: str = ""
    tks: str = ""


class Quote(
    msgspec.Struct,
    tag_field="T",
    tag="q",
    gc=False,
    kw_only=True,
    omit_defaults=True,
    rename={"as_": "as"},
):
    """The best bid and ask; a price of 0 says that there is none."""

    S: str
    bp: Price
    bs: Size
    ap: Price
    as_: Size
    t: Moment
    bx: str = ""
    ax: str = ""
    z: str = ""


class AnyBar(msgspec.Struct, gc=False, kw_only=True):
    """A bar; ``t`` is its start, ``n`` the count of its trades, ``vw`` their mean price."""

    S: str
    o: Price
    h: Price
    l: Price  # noqa: E741 - the wire's own key
    c: Price
    v: Size
    vw: Price
    n: Count
    t: Moment


class MinuteBar(AnyBar, tag_field="T", tag="b", gc=False, kw_only=True):
    """The bar of the minute before."""


class UpdatedBar(AnyBar, tag_field="T", tag="u", gc=False, kw_only=True):
    """A minute told again, with late trades."""


class DailyBar(AnyBar, tag_field="T", tag="d", gc=False, kw_only=True):
    """The bar of the day so far."""


class Status(msgspec.Struct, tag_field="T", tag="s", gc=False, kw_only=True):
    """A trading status with its reason."""

    S: str
    sc: str
    t: Moment
    sm: str = ""
    rc: str = ""
    rm: str = ""
    z: str = ""


class Luld(msgspec.Struct, tag_field="T", tag="l", gc=False, kw_only=True):
    """The price bands of limit up, limit down."""

    S: str
    u: Price
    d: Price
    t: Moment
    i: str = ""
    z: str = ""


class Imbalance(msgspec.Struct, tag_field="T", tag="i", gc=False, kw_only=True):
    """The price of an order imbalance, during a halt."""

    S: str
    p: Price
    t: Moment
    z: str = ""


class Correction(msgspec.Struct, tag_field="T", tag="c", gc=False, kw_only=True):
    """A trade told before (``o.``) and its true figures (``c.``)."""

    S: str
    op: Price
    os: Size
    cp: Price
    cs: Size
    t: Moment
    x: str = ""
    oi: int | str = ""
    oc: tuple[str, ...] | None = None
    ci: int | str = ""
    cc: tuple[str, ...] | None = None
    z: str = ""


class Cancel(msgspec.Struct, tag_field="T", tag="x", gc=False, kw_only=True):
    """A trade that is void: cancelled (``C``) or an error (``E``)."""

    S: str
    p: Price
    s: Size
    t: Moment
    i: int | str = ""
    x: str = ""
    a: str = ""
    z: str = ""


class Success(msgspec.Struct, tag_field="T", tag="success"):
    """``connected`` or ``authenticated``."""

    msg: str = ""


class Error(msgspec.Struct, tag_field="T", tag="error"):
    """What went wrong; see the codes."""

    code: int = 0
    msg: str = ""


class Subscription(msgspec.Struct, tag_field="T", tag="subscription", rename=CHANNELS):
    """Everything that is subscribed to now, by channel."""

    trades: tuple[str, ...] | None = ()
    quotes: tuple[str, ...] | None = ()
    minute_bars: tuple[str, ...] | None = ()
    updated_bars: tuple[str, ...] | None = ()
    daily_bars: tuple[str, ...] | None = ()
    statuses: tuple[str, ...] | None = ()
    luld: tuple[str, ...] | None = ()
    imbalances: tuple[str, ...] | None = ()


class PartOfSubscription(Subscription):
    """What could be read of it: what it does not list may be in force all the same."""


Data: TypeAlias = (
    Trade
    | Quote
    | MinuteBar
    | UpdatedBar
    | DailyBar
    | Status
    | Luld
    | Imbalance
    | Correction
    | Cancel
)
_Typed: TypeAlias = Data | Success | Error | Subscription

Message: TypeAlias = _Typed | Fault
"""One message of a frame, or what was wrong with it."""

_SHAPES: dict[object, type[msgspec.Struct]] = {
    shape.__struct_config__.tag: shape for shape in cast("Any", _Typed).__args__
}
_UNSUPPORTED = {"n": "news", "o": "an order book"}


def reader(
    codec: Codec, provider: str, quiet: Callable[[bytes], bytes] = bytes
) -> Callable[[bytes], list[Message]]:
    """A function from a frame to its messages; what is quoted of the bytes goes through *quiet*.

    It raises `DecodeError` for bytes that are no array or map in this encoding; whatever else is wrong stands in the list as
    a `Fault`, after the message that it is about.

    >>> from ordinis_rx.providers.alpaca_codec import JSON
    >>> [type(m).__name__ for m in reader(JSON, "alpaca")(b'[{"T":"success","msg":"connected"},{"T":"?"}]')]
    ['Success', 'Fault']
    """
    whole, alone = codec.decoder(list[_Typed]), codec.decoder(_Typed)
    pieces, parts = codec.decoder(list[msgspec.Raw]), codec.decoder(dict[str, msgspec.Raw])

    def read(raw: bytes) -> list[Message]:
        try:
            return cast("list[Message]", whole.decode(raw))
        except UNREADABLE:
            return gathered(one(piece) for piece in cut(raw))

    def cut(raw: bytes) -> Iterable[bytes]:
        try:
            return map(bytes, pieces.decode(raw))
        except msgspec.ValidationError:
            pass
        except UNREADABLE as error:
            raise DecodeError(provider, quiet(raw), str(error)) from error
        try:
            parts.decode(raw)
        except UNREADABLE as error:
            raise DecodeError(provider, quiet(raw), str(error)) from error
        return [raw]

    def one(piece: bytes) -> list[Message]:
        try:
            return [cast("Message", alone.decode(piece))]
        except UNREADABLE:
            pass
        try:
            fields = fields_of(parts.decode(piece), codec.value)
            piece = quiet(piece)
        except UNREADABLE as error:
            return [Fault("unreadable-message", str(error), quiet(piece))]
        kind = fields.get("T")
        shape = _SHAPES.get(kind) if isinstance(kind, str) else None
        if shape is None:
            if isinstance(kind, str) and kind in _UNSUPPORTED:
                return [Fault("unsupported", _UNSUPPORTED[kind], piece)]
            return [Fault("unknown-message", f"T {brief(kind, 40)}", piece)]
        message, faults = repaired(fields, shape, piece)
        if faults and shape is Subscription:
            message = _part(fields)
        symbol = getattr(message, "S", "")
        return [
            cast("Message", message),
            *(msgspec.structs.replace(fault, symbol=symbol) for fault in faults),
        ]

    return read


def _part(fields: Mapping[str, object]) -> PartOfSubscription:
    def symbols(listed: object) -> tuple[str, ...]:
        entries = cast("list[object]", listed) if isinstance(listed, list) else ()
        return tuple(entry for entry in entries if isinstance(entry, str))

    lists = {ours: symbols(fields.get(theirs)) for ours, theirs in CHANNELS.items()}
    return PartOfSubscription(**lists)

"""Polygon's messages, shape by shape, with the vendor's own keys.

Two markets use one kind (``ev``) for different shapes, so every market has its own set. Only `sym` is one name here for what
the wire calls ``sym``, ``pair``, ``p`` or ``T``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, TypeAlias

import msgspec

from ordinis_rx.providers.lenient import Count, Fault, Price, Size, Stamp
from ordinis_rx.timebase import MINUTE, SECOND, Nanos

__all__ = [
    "BARS",
    "SHAPES",
    "AnyBar",
    "CryptoQuote",
    "CryptoTrade",
    "FairValue",
    "ForexQuote",
    "Imbalance",
    "IndexValue",
    "LastValue",
    "Luld",
    "Message",
    "Status",
    "StockBar",
    "StockQuote",
    "StockTrade",
]


class StockTrade(msgspec.Struct, tag_field="ev", tag="T", gc=False, kw_only=True):
    """A trade of a stock, an option or a future.

    `ds` is the exact size, where the feed tells it; `pt` when the trade was made, by whoever reports it; `trfi` the facility
    that an off-exchange trade was reported to.
    """

    # In the order of the wire, which the decoder is quickest with; so below.
    sym: str
    i: int | str = ""
    x: int | str = ""
    p: Price
    s: Size
    c: tuple[int, ...] = ()
    t: Stamp
    pt: Any = 0
    trfi: int = 0
    ds: Size | None = None


class StockQuote(
    msgspec.Struct, tag_field="ev", tag="Q", gc=False, kw_only=True, rename={"as_": "as"}
):
    """The best bid and ask of a stock, an option or a future."""

    sym: str
    bx: int | str = ""
    ax: int | str = ""
    bp: Price
    ap: Price
    bs: Size
    as_: Size
    t: Stamp


class CryptoTrade(
    msgspec.Struct, tag_field="ev", tag="XT", gc=False, kw_only=True, rename={"sym": "pair"}
):
    """A trade of a crypto pair; `c` tells the aggressor, 1 for a seller and 2 for a buyer."""

    sym: str
    p: Price
    t: Stamp
    s: Size
    c: tuple[int, ...] = ()
    i: int | str = ""
    x: int | str = ""


class CryptoQuote(
    msgspec.Struct, tag_field="ev", tag="XQ", gc=False, rename={"sym": "pair", "as_": "as"}
):
    """The best bid and ask of a crypto pair on one venue."""

    sym: str
    bp: Price
    bs: Size
    ap: Price
    as_: Size
    t: Stamp
    x: int | str = ""


class ForexQuote(msgspec.Struct, tag_field="ev", tag="C", gc=False, rename={"sym": "p"}):
    """Bid and ask of a currency pair; this feed has no sizes."""

    sym: str
    a: Price
    b: Price
    t: Stamp
    x: int | str = ""


class AnyBar(msgspec.Struct, kw_only=True, gc=False):
    """What the bars of all markets share; `s` and `e` are the bounds of the interval, `e` not always told."""

    span: ClassVar[Nanos]
    """The length of the interval where the message does not tell it."""

    sym: str
    o: Price
    h: Price
    l: Price  # noqa: E741 - the wire's own key
    c: Price
    s: Stamp
    e: Count = 0
    v: Size
    vw: Price
    n: Count = 0


class StockBar(AnyBar, kw_only=True, gc=False):
    """A bar with a volume in whole units; `dv` is the exact one, where the feed tells it."""

    dv: Size | None = None


class StockSecondBar(StockBar, tag_field="ev", tag="A", gc=False):
    """A second of a stock or an option."""

    span = SECOND


class StockMinuteBar(StockBar, tag_field="ev", tag="AM", gc=False):
    """A minute of a stock or an option, or of anything on the launchpad feed."""

    span = MINUTE


class _FuturesBar(AnyBar, kw_only=True, gc=False):
    # No dv: here the wire means by it the total value traded, no volume.
    vw: Price = math.nan


class FuturesSecondBar(_FuturesBar, tag_field="ev", tag="A", gc=False):
    """A second of a future."""

    span = SECOND


class FuturesMinuteBar(_FuturesBar, tag_field="ev", tag="AM", gc=False):
    """A minute of a future."""

    span = MINUTE


class _IndexBar(AnyBar, kw_only=True, gc=False):
    v: Size = math.nan
    vw: Price = math.nan


class IndexSecondBar(_IndexBar, tag_field="ev", tag="A", gc=False):
    """A second of an index, which has no volume."""

    span = SECOND


class IndexMinuteBar(_IndexBar, tag_field="ev", tag="AM", gc=False):
    """A minute of an index."""

    span = MINUTE


class _CryptoBar(AnyBar, kw_only=True, gc=False, rename={"sym": "pair"}):
    sym: str


class CryptoSecondBar(_CryptoBar, tag_field="ev", tag="XAS", gc=False):
    """A second of a crypto pair."""

    span = SECOND


class CryptoMinuteBar(_CryptoBar, tag_field="ev", tag="XA", gc=False):
    """A minute of a crypto pair."""

    span = MINUTE


class _ForexBar(AnyBar, kw_only=True, gc=False, rename={"sym": "pair"}):
    sym: str
    vw: Price = math.nan


class ForexSecondBar(_ForexBar, tag_field="ev", tag="CAS", gc=False):
    """A second of a currency pair."""

    span = SECOND


class ForexMinuteBar(_ForexBar, tag_field="ev", tag="CA", gc=False):
    """A minute of a currency pair."""

    span = MINUTE


class Luld(msgspec.Struct, tag_field="ev", tag="LULD", gc=False, rename={"sym": "T"}):
    """The price bands of a stock (limit up, limit down)."""

    sym: str
    h: Price
    l: Price  # noqa: E741 - the wire's own key
    t: Stamp
    i: tuple[int, ...] = ()


class Imbalance(msgspec.Struct, tag_field="ev", tag="NOI", gc=False, rename={"sym": "T"}):
    """The order imbalance before an auction, which is planned for `at` (hour x 100 + minute, Eastern time)."""

    sym: str
    t: Stamp
    o: Price
    p: Size
    b: Price
    at: Size = math.nan


class FairValue(msgspec.Struct, tag_field="ev", tag="FMV", gc=False):
    """The vendor's own estimate of a fair price."""

    sym: str
    fmv: Price
    t: Stamp


class LastValue(msgspec.Struct, tag_field="ev", tag="LV", gc=False):
    """The current value of a security, on the launchpad feed."""

    sym: str
    val: Price
    t: Stamp


class IndexValue(msgspec.Struct, tag_field="ev", tag="V", gc=False, rename={"sym": "T"}):
    """The value of an index."""

    sym: str
    val: Price
    t: Stamp


class Status(msgspec.Struct, tag_field="ev", tag="status", gc=False):
    """What the server says about the conversation."""

    status: str = ""
    message: str = ""


Message: TypeAlias = (
    StockTrade
    | StockQuote
    | CryptoTrade
    | CryptoQuote
    | ForexQuote
    | AnyBar
    | Luld
    | Imbalance
    | FairValue
    | LastValue
    | IndexValue
    | Status
    | Fault
)
"""One message of a frame, or what was wrong with it."""

SHAPES: Mapping[str, tuple[type[msgspec.Struct], ...]] = {
    "stocks": (
        StockTrade, StockQuote, StockSecondBar, StockMinuteBar, Luld, Imbalance, FairValue, LastValue
    ),
    "options": (StockTrade, StockQuote, StockSecondBar, StockMinuteBar, FairValue, LastValue),
    "forex": (ForexQuote, ForexSecondBar, ForexMinuteBar, StockMinuteBar, FairValue, LastValue),
    "crypto": (
        CryptoTrade, CryptoQuote, CryptoSecondBar, CryptoMinuteBar, StockMinuteBar, FairValue, LastValue
    ),
    "indices": (IndexSecondBar, IndexMinuteBar, IndexValue),
    "futures": (StockTrade, StockQuote, FuturesSecondBar, FuturesMinuteBar),
}  # fmt: skip
"""The kinds of message that each market sends, besides `Status`."""

BARS: tuple[type[AnyBar], ...] = (
    StockSecondBar,
    StockMinuteBar,
    FuturesSecondBar,
    FuturesMinuteBar,
    IndexSecondBar,
    IndexMinuteBar,
    CryptoSecondBar,
    CryptoMinuteBar,
    ForexSecondBar,
    ForexMinuteBar,
)
"""Every kind of bar that a frame may hold."""

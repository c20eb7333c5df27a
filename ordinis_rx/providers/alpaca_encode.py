"""From facts to Alpaca's frames, as its server would send them: for simulators and tests."""

from __future__ import annotations

from collections.abc import Sequence

from ordinis_rx.events import (
    Bar,
    Event,
    Halt,
    Quote,
    Reading,
    Side,
    Trade,
    TradeCancel,
    TradeCorrection,
)
from ordinis_rx.providers import alpaca_wire as wire
from ordinis_rx.providers.alpaca_codec import Codec, Moment
from ordinis_rx.providers.alpaca_codes import conditions_of
from ordinis_rx.timebase import DAY, MINUTE

__all__ = ["encode"]

_SIDES = {Side.BUY: "B", Side.SELL: "S", Side.UNKNOWN: ""}
_STATUS = {"H": "Trading Halt", "T": "Trading Resumption"}


def encode(codec: Codec, events: Sequence[Event]) -> list[str | bytes]:
    """All of *events* in one frame; facts that this wire cannot carry are left out."""
    messages = [message for event in events if (message := _message(event, codec)) is not None]
    return [codec.encode(messages)] if messages else []


def _message(event: Event, codec: Codec) -> wire.Message | None:
    at = codec.moment(event.ts_event)
    if isinstance(event, Trade):
        return _trade(event, at)
    if isinstance(event, Quote):
        return _quote(event, at)
    if isinstance(event, Bar):
        return _bar(event, codec)
    if isinstance(event, Halt):
        code = event.code or ("H" if event.halted else "T")
        return wire.Status(
            S=event.symbol, sc=code, sm=_STATUS.get(code, ""), rm=event.reason, t=at, z="C"
        )
    if isinstance(event, TradeCancel):
        return wire.Cancel(
            S=event.symbol,
            p=event.price,
            s=_whole(event.size),
            t=at,
            i=_number(event.trade_id),
            x=event.venue,
            a=event.action,
            z="C",
        )
    if isinstance(event, TradeCorrection):
        return wire.Correction(
            S=event.symbol,
            op=event.original_price,
            os=_whole(event.original_size),
            cp=event.price,
            cs=_whole(event.size),
            t=at,
            x=event.venue,
            oi=_number(event.original_id),
            oc=(),
            ci=_number(event.trade_id),
            cc=event.conditions,
            z="C",
        )
    return _reading(event, at) if isinstance(event, Reading) else None


def _trade(event: Trade, at: Moment) -> wire.Trade:
    codes = event.conditions
    # The fact does not say which tape it is from; its flags do, where the tapes differ.
    tape = "C" if conditions_of("C").flags(codes, event.ts_event) == event.flags else "A"
    return wire.Trade(
        S=event.symbol,
        p=event.price,
        s=_whole(event.size),
        t=at,
        i=_number(event.trade_id),
        x=event.venue,
        c=codes or None,
        z="" if _is_pair(event) else tape,
        tks=_SIDES[event.side],
    )


def _quote(event: Quote, at: Moment) -> wire.Quote:
    return wire.Quote(
        S=event.symbol,
        bp=event.bid if event.bid == event.bid else 0.0,
        bs=_whole(event.bid_size),
        ap=event.ask if event.ask == event.ask else 0.0,
        as_=_whole(event.ask_size),
        t=at,
        bx=event.bid_venue,
        ax=event.ask_venue,
        z="" if _is_pair(event) else "C",
    )


def _bar(event: Bar, codec: Codec) -> wire.MinuteBar | wire.UpdatedBar | wire.DailyBar | None:
    kind: type[wire.MinuteBar | wire.UpdatedBar | wire.DailyBar]
    if event.interval == MINUTE:
        kind = wire.UpdatedBar if event.revision else wire.MinuteBar
    elif event.interval == DAY:
        kind = wire.DailyBar
    else:
        return None
    return kind(
        S=event.symbol,
        o=event.open,
        h=event.high,
        l=event.low,
        c=event.close,
        v=_whole(event.volume),
        vw=event.vwap if event.volume else 0.0,
        n=event.trade_count,
        t=codec.moment(event.ts_open),
    )


def _reading(event: Reading, at: Moment) -> wire.Luld | wire.Imbalance | None:
    if event.name == "luld" and len(event.values) == 2:
        low, high = event.values
        return wire.Luld(S=event.symbol, u=high, d=low, t=at, z="C")
    if event.name == "imbalance":
        return wire.Imbalance(S=event.symbol, p=event.value, t=at, z="C")
    return None


def _is_pair(event: Trade | Quote) -> bool:
    """Crypto pairs, written ``BTC/USD``, have no tape."""
    return "/" in event.symbol


def _whole(size: float) -> float:
    """A whole number of shares as an integer, as the vendor writes it."""
    return int(size) if size == size // 1 else size


def _number(trade_id: str) -> int | str:
    """The vendor's ids are integers; any other text stays as it is."""
    number = int(trade_id) if trade_id.isascii() and trade_id.isdecimal() else -1
    return number if str(number) == trade_id else trade_id

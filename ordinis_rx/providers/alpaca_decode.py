"""From Alpaca's frames to facts, and to what they say about the conversation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from ordinis_rx.events import (
    NAN,
    Bar,
    Event,
    FeedError,
    Halt,
    Quote,
    Reading,
    Side,
    Trade,
    TradeCancel,
    TradeCorrection,
)
from ordinis_rx.providers import alpaca_wire as wire
from ordinis_rx.providers.alpaca_codec import Codec, nanos_of
from ordinis_rx.providers.alpaca_codes import DECLINED, HALTED, INFORMED, conditions_of, refusal
from ordinis_rx.providers.lenient import Fault
from ordinis_rx.providers.protocol import (
    Acknowledged,
    Authenticated,
    Control,
    Decoded,
    Refused,
    Topic,
)
from ordinis_rx.providers.reading import blotter, feed_error, hushed
from ordinis_rx.providers.revisions import Revisions
from ordinis_rx.timebase import DAY, MINUTE, Nanos

__all__ = ["Decoder"]

_SIDES = {"B": Side.BUY, "S": Side.SELL}
_INTERVALS: Mapping[Any, Nanos] = {
    wire.MinuteBar: MINUTE,
    wire.UpdatedBar: MINUTE,
    wire.DailyBar: DAY,
}


class Decoder:
    """A fresh decode function; it remembers which bars it has told, for their revisions."""

    __slots__ = ("_makers", "_names", "_provider", "_read", "_revisions", "_secrets")

    def __init__(
        self, provider: str, names: Mapping[str, str], codec: Codec, secrets: tuple[str, ...]
    ) -> None:
        self._provider = provider
        self._names = names
        self._read = wire.reader(codec, provider, blotter(secrets))
        self._revisions = Revisions()
        self._secrets = secrets
        # From the type of a message to what makes its fact, of the moment on the wire, that of arrival, and the number.
        self._makers: Mapping[Any, Callable[[Any, Nanos, Nanos, int], Event]] = {
            wire.Trade: self._trade,
            wire.Quote: self._quote,
            wire.MinuteBar: self._bar,
            wire.UpdatedBar: self._bar,
            wire.DailyBar: self._bar,
            wire.Status: self._status,
            wire.Luld: self._luld,
            wire.Imbalance: self._imbalance,
            wire.Correction: self._correction,
            wire.Cancel: self._cancel,
        }

    def __call__(self, raw: bytes, ts_recv: Nanos, seq: int) -> Decoded:
        """The facts of one frame, numbered from *seq* on; raises `DecodeError` for what is no frame."""
        facts: list[Event] = []
        controls: list[Control] = []
        makers = self._makers
        for message in cast("list[Any]", self._read(raw)):
            make = makers.get(type(message))
            if make is None:
                self._talk(message, facts, controls, ts_recv, seq)
                continue
            try:
                moment = nanos_of(message.t)
            except ValueError as error:
                self._untimed(message, str(error), facts, ts_recv, seq)
            else:
                facts.append(make(message, moment, ts_recv, seq + len(facts)))
        return facts, controls

    def _untimed(
        self, told: Any, reason: str, facts: list[Event], ts_recv: Nanos, seq: int
    ) -> None:
        """A fact whose moment cannot be read: it gets that of its arrival, which is the end of a bar."""
        moment = ts_recv - _INTERVALS.get(type(told), 0)
        facts.append(self._makers[type(told)](told, moment, ts_recv, seq + len(facts)))
        if not isinstance(told.t, float):  # a blank has been told by the reader
            fault = Fault("unreadable-t", reason, symbol=told.S)
            facts.append(self._error(fault, ts_recv, seq + len(facts)))

    def _talk(
        self,
        message: wire.Message,
        facts: list[Event],
        controls: list[Control],
        ts_recv: Nanos,
        seq: int,
    ) -> None:
        if isinstance(message, Fault):
            facts.append(self._error(message, ts_recv, seq + len(facts)))
        elif isinstance(message, wire.Success):
            if message.msg == "authenticated":
                controls.append(Authenticated())
        elif isinstance(message, wire.Subscription):
            whole = not isinstance(message, wire.PartOfSubscription)
            controls.append(Acknowledged(_topics(message), whole=whole))
        elif isinstance(
            message, wire.Error
        ):  # pragma: no branch - the others are facts, and have makers
            reason = hushed(message.msg, *self._secrets)
            refused = refusal(message.code, self._provider, reason)
            if message.code in DECLINED:
                controls.append(Acknowledged(declined=True, reason=reason))
            elif refused is None:
                fault = Fault(f"error-{message.code}", message.msg)
                facts.append(self._error(fault, ts_recv, seq + len(facts)))
            else:
                controls.append(Refused(refused))

    def _error(self, fault: Fault, ts_recv: Nanos, seq: int) -> FeedError:
        return feed_error(
            self._provider,
            fault.kind,
            hushed(fault.message, *self._secrets),
            fault.raw,
            symbol=self._names.get(fault.symbol, fault.symbol),
            ts_recv=ts_recv,
            seq=seq,
        )

    def _trade(self, m: wire.Trade, moment: Nanos, ts_recv: Nanos, seq: int) -> Trade:
        codes = m.c or ()
        return Trade(
            symbol=self._names.get(m.S, m.S),
            ts_event=moment,
            ts_recv=ts_recv,
            provider=self._provider,
            seq=seq,
            price=m.p,
            size=m.s,
            venue=m.x,
            trade_id=str(m.i),
            conditions=codes,
            side=_SIDES.get(m.tks, Side.UNKNOWN),
            flags=conditions_of(m.z).flags(codes, moment),
        )

    def _quote(self, m: wire.Quote, moment: Nanos, ts_recv: Nanos, seq: int) -> Quote:
        return Quote(
            symbol=self._names.get(m.S, m.S),
            ts_event=moment,
            ts_recv=ts_recv,
            provider=self._provider,
            seq=seq,
            bid=m.bp or NAN,  # 0 is the vendor's word for a side without a quote
            ask=m.ap or NAN,
            bid_size=m.bs,
            ask_size=m.as_,
            bid_venue=m.bx,
            ask_venue=m.ax,
        )

    def _bar(self, m: wire.AnyBar, moment: Nanos, ts_recv: Nanos, seq: int) -> Bar:
        symbol, interval = self._names.get(m.S, m.S), _INTERVALS[type(m)]
        first = 1 if isinstance(m, wire.UpdatedBar) else 0
        return Bar(
            symbol=symbol,
            ts_event=moment + interval,
            ts_recv=ts_recv,
            provider=self._provider,
            seq=seq,
            interval=interval,
            open=m.o,
            high=m.h,
            low=m.l,
            close=m.c,
            volume=m.v,
            vwap=m.vw if m.v else NAN,  # told as 0 where nothing was traded
            trade_count=m.n,
            revision=self._revisions.count(symbol, interval, moment, first),
        )

    def _status(self, m: wire.Status, moment: Nanos, ts_recv: Nanos, seq: int) -> Halt | FeedError:
        # Where the code itself is missing, the cautious reading is that trading stands still.
        halted = HALTED.get(m.sc) if m.sc else True
        if halted is None:
            kind = "unsupported" if m.sc in INFORMED else "unknown-status"
            return self._error(Fault(kind, f"status {m.sc}: {m.sm}", symbol=m.S), ts_recv, seq)
        return Halt(
            symbol=self._names.get(m.S, m.S),
            ts_event=moment,
            ts_recv=ts_recv,
            provider=self._provider,
            seq=seq,
            halted=halted,
            code=m.sc,
            reason=" ".join(filter(None, (m.rc, m.rm))),
        )

    def _luld(self, m: wire.Luld, moment: Nanos, ts_recv: Nanos, seq: int) -> Reading:
        return self._reading(m.S, "luld", moment, ts_recv, seq, NAN, m.d, m.u)

    def _imbalance(self, m: wire.Imbalance, moment: Nanos, ts_recv: Nanos, seq: int) -> Reading:
        return self._reading(m.S, "imbalance", moment, ts_recv, seq, m.p)

    def _reading(
        self,
        symbol: str,
        name: str,
        moment: Nanos,
        ts_recv: Nanos,
        seq: int,
        value: float,
        *values: float,
    ) -> Reading:
        return Reading(
            symbol=self._names.get(symbol, symbol),
            ts_event=moment,
            ts_recv=ts_recv,
            provider=self._provider,
            seq=seq,
            name=name,
            value=value,
            values=values,
        )

    def _correction(
        self, m: wire.Correction, moment: Nanos, ts_recv: Nanos, seq: int
    ) -> TradeCorrection:
        return TradeCorrection(
            symbol=self._names.get(m.S, m.S),
            ts_event=moment,
            ts_recv=ts_recv,
            provider=self._provider,
            seq=seq,
            original_id=str(m.oi),
            original_price=m.op,
            original_size=m.os,
            trade_id=str(m.ci),
            price=m.cp,
            size=m.cs,
            venue=m.x,
            conditions=m.cc or (),
        )

    def _cancel(self, m: wire.Cancel, moment: Nanos, ts_recv: Nanos, seq: int) -> TradeCancel:
        return TradeCancel(
            symbol=self._names.get(m.S, m.S),
            ts_event=moment,
            ts_recv=ts_recv,
            provider=self._provider,
            seq=seq,
            trade_id=str(m.i),
            price=m.p,
            size=m.s,
            venue=m.x,
            action=m.a,
        )


def _topics(message: wire.Subscription) -> tuple[Topic, ...]:
    return tuple(
        Topic(channel, symbol)
        for channel in wire.CHANNELS
        for symbol in getattr(message, channel) or ()
    )

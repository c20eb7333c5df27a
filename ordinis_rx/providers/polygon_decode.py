"""Polygon's frames to facts, and its status messages to what a feed must know of the conversation.

Where there is numba, frames of trades and quotes in their usual form, of stocks, options and futures, are read by
machine code. Of the other frames, those messages are built in the loop itself: there a call for each would cost a tenth
of the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ordinis_rx.errors import AuthError, Disconnected
from ordinis_rx.events import NAN, Event, Quote, Trade
from ordinis_rx.kernels.scanning import LATE_BY, OFF_EXCHANGE
from ordinis_rx.providers.polygon_channels import named
from ordinis_rx.providers.polygon_conditions import STOCK_CONDITIONS, out_of_sequence
from ordinis_rx.providers.polygon_context import (
    LABELS,
    MILLIS_FROM,
    MILLIS_TO,
    NO_CODES,
    Context,
    facility,
)
from ordinis_rx.providers.polygon_facts import builders
from ordinis_rx.providers.polygon_scan import scanner
from ordinis_rx.providers.polygon_shapes import SHAPES, Status, StockQuote, StockTrade
from ordinis_rx.providers.polygon_wire import reader
from ordinis_rx.providers.protocol import (
    Acknowledged,
    Authenticated,
    Control,
    Decode,
    Decoded,
    Refused,
    Topic,
)
from ordinis_rx.providers.reading import feed_error, hushed
from ordinis_rx.timebase import MILLI, Nanos, from_any_unit

__all__ = ["MAX_CONNECTIONS_COOL_DOWN", "decoder"]

MAX_CONNECTIONS_COOL_DOWN = 60.0
"""Seconds to stay away after ``max_connections``: two clients with one key would evict each other for ever."""

_CLOSING = frozenset({"auth_timeout", "max_connections", "slow_consumer", "force_disconnect"})
"""What ends this connection and not the feed: a login that came late, say, is no wrong key."""


class _Told(NamedTuple):
    """A status that is no control but a `FeedError`."""

    kind: str
    message: str


def decoder(
    market: str, provider: str, names: Mapping[str, str], secret: str, launchpad: bool = False
) -> Decode:
    """A decode function for one feed of *market*; should the vendor repeat our *secret*, it is blotted out."""
    read = reader(market, provider, secret)
    context = Context(market, provider, names)
    moment, known, learn, beside = context.moment, context.known, context.learn, context.beside
    build = builders(context).get
    text = LABELS.get
    judges = market == "stocks"
    scan = scanner(context) if StockTrade in SHAPES[market] else None

    def decode(raw: bytes, ts_recv: Nanos, seq: int) -> Decoded:
        facts: list[Event] = scan(raw, ts_recv, seq) if scan is not None else []
        if facts:
            return facts, ()
        statuses: list[Status] = []
        add = facts.append
        for m in read(raw):
            if type(m) is StockTrade:
                symbol = names.get(m.sym, m.sym) if names else m.sym
                stamp, number, exact, venue, codes = m.t, m.i, m.ds, m.x, m.c
                in_millis = MILLIS_FROM <= stamp <= MILLIS_TO
                ts_event = stamp * MILLI if in_millis else moment(stamp, "t", m, symbol, ts_recv)
                conditions, flags = (known.get(codes) or learn(codes)) if codes else NO_CODES
                if flags is None:
                    flags = STOCK_CONDITIONS.flags(conditions, ts_event)
                if venue == OFF_EXCHANGE and type(m.pt) is int and m.pt > 0 and judges:
                    made = from_any_unit(m.pt)
                    if made >= MILLIS_FROM * MILLI and ts_event - made > LATE_BY * MILLI:
                        flags = out_of_sequence(flags)
                add(
                    Trade(
                        symbol=symbol,
                        ts_event=ts_event,
                        ts_recv=ts_recv,
                        provider=provider,
                        seq=seq,
                        price=m.p,
                        size=m.s if exact is None else exact,
                        venue=facility(venue, m.trfi) if m.trfi else text(venue) or str(venue),
                        trade_id=number if isinstance(number, str) else str(number),
                        conditions=conditions,
                        flags=flags,
                    )
                )
            elif type(m) is StockQuote:
                symbol = names.get(m.sym, m.sym) if names else m.sym
                stamp, bid_venue, ask_venue = m.t, m.bx, m.ax
                in_millis = MILLIS_FROM <= stamp <= MILLIS_TO
                add(
                    Quote(
                        symbol=symbol,
                        ts_event=stamp * MILLI
                        if in_millis
                        else moment(stamp, "t", m, symbol, ts_recv),
                        ts_recv=ts_recv,
                        provider=provider,
                        seq=seq,
                        # Nothing at price 0 is the vendor's word for a side without a quote.
                        bid=m.bp if m.bp or m.bs else NAN,
                        ask=m.ap if m.ap or m.as_ else NAN,
                        bid_size=m.bs,
                        ask_size=m.as_,
                        bid_venue=text(bid_venue) or str(bid_venue),
                        ask_venue=text(ask_venue) or str(ask_venue),
                    )
                )
            elif (builder := build(type(m))) is not None:
                add(builder(m, ts_recv, seq))
            else:
                assert isinstance(m, Status)
                statuses.append(m)
                continue
            seq += 1
            if beside:
                for further in beside:
                    add(further(seq))
                    seq += 1
                beside.clear()
        if not statuses:
            return facts, ()
        told, controls = conversation(statuses)
        for number, status in enumerate(told, seq):
            facts.append(feed_error(provider, *status, ts_recv=ts_recv, seq=number))
        return facts, controls

    def conversation(statuses: list[Status]) -> tuple[list[_Told], list[Control]]:
        told: list[_Told] = []
        controls: list[Control] = []
        begun: list[Topic] = []
        ended: list[Topic] = []
        unnamed = 0
        for status in statuses:
            word, text = status.status, hushed(status.message.strip(), secret)
            if word == "success":
                verb, _, rest = status.message.partition(" to:")
                parts = [part.strip() for part in rest.split(",")]
                topics = [named(market, part, launchpad) for part in parts if part]
                if not topics:
                    unnamed += 1
                known = [topic for topic in topics if topic is not None]
                (ended if verb.strip() == "unsubscribed" else begun).extend(known)
                if len(known) < len(topics):
                    told.append(_Told("unknown-topic", text))
            elif (answer := answered(word, text)) is not None:
                if isinstance(answer, _Told):
                    told.append(answer)
                else:
                    controls.append(answer)
        if begun or ended or unnamed:
            controls.append(Acknowledged(tuple(begun), tuple(ended), unnamed=unnamed))
        return told, controls

    def answered(word: str, text: str) -> Control | _Told | None:
        if word == "connected":
            return None
        if word == "auth_success":
            return Authenticated()
        if word == "auth_failed":
            return Refused(AuthError(provider, text or word))
        if word in _CLOSING:
            pause = MAX_CONNECTIONS_COOL_DOWN if word == "max_connections" else 0.0
            return Refused(Disconnected(f"{word}: {text}" if text else word, cool_down=pause))
        if word == "error":
            denied = text.lower().startswith("not authorized")
            return _Told("not-authorized" if denied else "status-error", text)
        return _Told("unknown-status", f"{hushed(word, secret)}: {text}")

    return decode

"""Facts as lines of text, for people to read as they come."""

from __future__ import annotations

import math

from ordinis_rx.events import (
    Bar,
    Event,
    FeedError,
    Gap,
    Halt,
    Heartbeat,
    Quote,
    Reading,
    StatusChange,
    Trade,
    TradeCancel,
    TradeCorrection,
)
from ordinis_rx.timebase import seconds, to_datetime

__all__ = ["amount", "decimals", "line_of", "printable"]


def line_of(event: Event) -> str:
    """One fact as one line: its time at the venue (UTC), who told it, of what, and what.

    >>> from ordinis_rx.timebase import MILLI
    >>> line_of(Trade(symbol="AAPL", ts_event=1500 * MILLI, provider="sim", price=185.25, size=100.0))
    '00:00:01.500000 sim      TRADE      AAPL     185.25 x 100'
    """
    time = to_datetime(event.ts_event).strftime("%H:%M:%S.%f")
    line = f"{time} {event.provider:<8} {event.type.value:<10} {event.symbol:<8} {_told(event)}"
    return printable(line.rstrip())


def printable(text: str) -> str:
    """*text* without what could drive a terminal: a vendor's words are shown, never obeyed.

    >>> printable("all well" + chr(27) + "[2J")
    'all well?[2J'
    """
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def amount(number: int, noun: str, plural: str | None = None) -> str:
    """So many of something.

    >>> amount(1, "fact"), amount(2, "fact"), amount(0, "status", "statuses")
    ('1 fact', '2 facts', '0 statuses')
    """
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def _told(event: Event) -> str:
    match event:
        case Trade():
            conditions = f"  ({' '.join(event.conditions)})" if event.conditions else ""
            return f"{event.price:.10g} x {event.size:.10g}{conditions}"
        case Quote():
            return f"{event.bid:.10g} x {event.bid_size:.10g} | {event.ask:.10g} x {event.ask_size:.10g}"
        case Bar():
            prices = (
                f"O {event.open:.10g} H {event.high:.10g} L {event.low:.10g} C {event.close:.10g}"
            )
            return f"{prices} V {event.volume:.10g} ({seconds(event.interval):g} s)"
        case StatusChange():
            return f"{event.status.value} {event.message}"
        case Gap():
            what = ", ".join(event.symbols) or "all"
            done = "filled" if event.filled else "may be missing"
            return f"{what}: {seconds(event.duration):.3f} s {done} ({event.reason.value.lower()})"
        case FeedError():
            return f"{event.kind}: {event.message}"
        case Halt():
            state = "halted" if event.halted else "trading"
            return f"{state} {event.code} {event.reason}".rstrip()
        case TradeCancel():
            return (
                f"{event.trade_id} {event.price:.10g} x {event.size:.10g} {event.action}".rstrip()
            )
        case TradeCorrection():
            before = f"{event.original_price:.10g} x {event.original_size:.10g}"
            return f"{event.original_id} {before} -> {event.price:.10g} x {event.size:.10g}"
        case Reading():
            values = " ".join(f"{value:.10g}" for value in event.values)
            return f"{event.name} {event.value:.10g} {values}".rstrip()
        case Heartbeat():
            return ""


def decimals(value: float, digits: int) -> str:
    """A number with so many *digits* after the point; a dash for NaN.

    >>> decimals(1.5, 2), decimals(float("nan"), 2)
    ('1.50', '-')
    """
    return "-" if math.isnan(value) else f"{value:.{digits}f}"

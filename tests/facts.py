"""A fact of every kind, and what kinds there are among some."""

from __future__ import annotations

import math

from ordinis_rx.events import (
    Bar,
    Event,
    FeedError,
    Gap,
    GapReason,
    Halt,
    Heartbeat,
    Quote,
    Reading,
    Side,
    StatusChange,
    StreamStatus,
    Trade,
    TradeCancel,
    TradeCorrection,
    TradeFlags,
)
from ordinis_rx.timebase import MINUTE

NAN = math.nan

ONE_OF_EACH: list[Event] = [
    Quote(symbol="AAPL", ts_event=1, bid=99.0, ask=101.0, bid_size=3.0, ask_size=1.0),
    Trade(
        symbol="AAPL",
        ts_event=1,
        price=100.5,
        size=0.25,
        trade_id="7",
        conditions=("12", "37"),
        side=Side.SELL,
        flags=TradeFlags.VOLUME | TradeFlags.ODD_LOT,
    ),
    Bar(
        symbol="AAPL",
        ts_event=MINUTE,
        interval=MINUTE,
        open=1.0,
        high=4.0,
        low=1.0,
        close=3.0,
        volume=9.0,
    ),
    StatusChange(ts_event=1, status=StreamStatus.RECONNECTING, message="again", attempt=2),
    Gap(ts_event=5, ts_from=2, ts_to=5, reason=GapReason.STALLED, symbols=("AAPL",)),
    FeedError(ts_event=1, kind="missing-price", raw=b"\x00{"),
    Heartbeat(ts_event=1),
    Halt(symbol="AAPL", ts_event=1, halted=True, code="T1", reason="news"),
    TradeCancel(symbol="AAPL", ts_event=1, trade_id="7", price=100.5),
    TradeCorrection(
        symbol="AAPL",
        ts_event=1,
        original_id="7",
        original_price=1.0,
        trade_id="8",
        price=2.0,
        size=3.0,
    ),
    Reading(symbol="AAPL", ts_event=1, name="luld", value=1.0, values=(0.5, NAN)),
]


def kinds(facts: list[Event]) -> list[str]:
    """What each is: its class, or of an error, in a word, what was wrong."""
    return [fact.kind if isinstance(fact, FeedError) else type(fact).__name__ for fact in facts]

"""Which number of a fact an operator works on: ``of="price"`` of trades, ``of="mid"`` of quotes, and so on.

Each name belongs to one kind of fact, so that the name alone says which facts are meant; the others are left out. A trade
counts only where its flags let it: its price where it may move the last price, its size where it may move the volume.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, TypeAlias

from ordinis_rx.checks import check_choice
from ordinis_rx.events import TradeFlags
from ordinis_rx.frames import BarFrame, Frame, QuoteFrame, ReadingFrame, TradeFrame

__all__ = ["Number", "Source", "source_of"]

Number: TypeAlias = Literal[
    "price",
    "size",
    "bid",
    "ask",
    "mid",
    "bid_size",
    "ask_size",
    "open",
    "high",
    "low",
    "close",
    "volume",
    "vwap",
    "value",
]
"""A number that facts have."""

_FRAMES: dict[str, type[Frame]] = {
    **dict.fromkeys(("price", "size"), TradeFrame),
    **dict.fromkeys(("bid", "ask", "mid", "bid_size", "ask_size"), QuoteFrame),
    **dict.fromkeys(("open", "high", "low", "close", "volume", "vwap"), BarFrame),
    "value": ReadingFrame,
}


class Source(NamedTuple):
    """The frames that have a number, its column, and the flag without which a trade's does not count."""

    frame: type[Frame]
    column: str
    moves: TradeFlags

    def constants(self, name: str) -> dict[str, Any]:
        """What is the same in all readings *name* of this number; of a reading, the other numbers are none of theirs."""
        return {"name": name, "values": ()} if self.frame is ReadingFrame else {"name": name}


def source_of(of: Number, who: str) -> Source:
    """Where to find the number *of*; raises ValueError in the name of *who* when there is none.

    >>> source_of("mid", "ema").frame.__name__
    'QuoteFrame'
    """
    check_choice(f"{who}: of", of, _FRAMES)
    return Source(_FRAMES[of], of, TradeFlags.VOLUME if of == "size" else TradeFlags.LAST)

"""The way of a report that comes alone through the consensus to its answer, as code of a lane."""

from __future__ import annotations

from typing import Any

from ordinis_rx.consensus.frames import AggregatedQuoteFrame, making
from ordinis_rx.consensus.outliers import moves_are_logged
from ordinis_rx.kernels.consensus_layout import MOVED_NOW, REFUSED_NOW

__all__ = ["KNOWN", "LONE", "OF_REPORT"]

OF_REPORT = ("symbol", "ts_event", "ts_recv", "provider", "seq")
"""The first columns of an answer are those of the report that led to it."""

_TOLD = list(AggregatedQuoteFrame.schema.index)[len(OF_REPORT) :]
_MAKING, _MADE_OF = making(_TOLD, {name: f"fact.{name}" for name in OF_REPORT})
KNOWN: dict[str, Any] = {
    **_MADE_OF,
    "MOVED_NOW": MOVED_NOW,
    "REFUSED_NOW": REFUSED_NOW,
    "moves_are_logged": moves_are_logged,
}
"""What that refers to, whoever subscribes."""

LONE = f"""
if stage._ended:
    leave
try:
    take(fact)
except Exception as error:
    refuse(error, fact, names)
    leave
if len(symbols) > call.symbols:
    call.grow(len(symbols))
if stage._pointed is not one:
    point(0)
written = run(1, argument)
if doubts.any or (not written and notes[REFUSED_NOW]):
    look_back(0, 1, names)
if not written:
    leave
if notes[MOVED_NOW] and moves_are_logged():
    log_moves(1, names)
{", ".join(_TOLD)} = stage._read()
{_MAKING}
"""
"""What the stage does with a lone report, by `KNOWN` and what else its lane knows.

It leads to one answer at most, and there is room for one; to none, if it is refused.
"""

"""Which rows are fit to be used."""

from __future__ import annotations

from typing import Any

from ordinis_rx.kernels.record import Layout, floats, ints

__all__ = ["NOT_CROSSED", "not_crossed"]

NOT_CROSSED = Layout(reads="bid:f ask:f", writes="row:i")
BID, ASK, ROW = NOT_CROSSED.slots


def not_crossed(n: int, call: Any) -> int:
    """The quotes to keep: all but those whose bid is above their ask. A missing side crosses nothing."""
    bid, ask, row = floats(call, BID), floats(call, ASK), ints(call, ROW)
    kept = 0
    for i in range(n):
        if not bid[i] > ask[i]:
            row[kept] = i
            kept += 1
    return kept

"""Bars for kernels that work bar by bar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["told_of_bars"]


def told_of_bars(
    kernel: Any, bars: Sequence[tuple[float, float, float]], **more: Any
) -> list[dict[str, Any]]:
    """The rows that a kernel on its bench tells of *bars*: high, low and close, the open being that, too."""
    high, low, close = (list(column) for column in zip(*bars, strict=True))
    told = kernel(
        symbol=more.get("symbol", [0] * len(bars)),
        ts_event=more.get("ts_event", range(len(bars))),
        revision=more.get("revision", [0] * len(bars)),
        open=close,
        high=high,
        low=low,
        close=close,
    )
    names = [name for name in told if name != "row"]
    rows = zip(*(told[name].tolist() for name in names), strict=True)
    return [dict(zip(names, row, strict=True)) for row in rows]

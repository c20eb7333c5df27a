"""Our own pipeline, in the same ring: frames of 10,000 rows through one operator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.contenders.stage import BAR_PARTS, Columns, Contender, perform
from benchmarks.market import in_frames
from ordinis_rx import operators as oo
from ordinis_rx.consensus import AggregationConfig, consensus
from ordinis_rx.endings import on_trampoline
from ordinis_rx.frames import QuoteFrame, TradeFrame
from ordinis_rx.stream import flow_of, from_items
from ordinis_rx.timebase import SECOND


class Columnar:
    """The end of a flow: keeps some columns of what comes."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self.parts: list[list[Any]] = []

    def on_item(self, item: Any) -> None:
        for frame in item.frames():
            self.parts.append([getattr(frame, name)[: frame.n].copy() for name in self.names])

    def on_error(self, error: Exception) -> None:
        raise error

    def on_completed(self) -> None:
        """What came is in the parts."""

    def exits(self, found: set[int]) -> None:
        """No end in plain Rx."""

    def told(self) -> Columns:
        joined = [np.concatenate(parts) for parts in zip(*self.parts, strict=True)]
        return dict(zip(self.names, joined, strict=True))


def piped(kind: Any, operator: Any, names: tuple[str, ...]) -> Contender:
    def ready(columns: Columns) -> Callable[[], Columns]:
        source = from_items(in_frames(kind, columns)).pipe(operator)

        def run() -> Columns:
            end = Columnar(names)
            on_trampoline(lambda: flow_of(source, end))
            return end.told()

        return run

    return ready


def bars(columns: Columns) -> Callable[[], Columns]:
    run = piped(
        TradeFrame,
        oo.time_bars(SECOND),
        tuple({"end": "ts_event"}.get(part, part) for part in BAR_PARTS),
    )(columns)

    def named() -> Columns:
        told = run()
        told["end"] = told.pop("ts_event") // SECOND
        return told

    return named


WORK: dict[str, Contender] = {
    "zscore": piped(TradeFrame, oo.zscore_filter(50, 5.0, feedback=False, warm_up=50), ("seq",)),
    "bars": bars,
    "consensus": piped(QuoteFrame, consensus(AggregationConfig(emit="every")), ("price",)),
}

if __name__ == "__main__":
    perform(WORK)

"""Our own pipelines, fact by fact: each fact is pushed for itself, and what comes of it is heard as facts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.contenders.by_hand import SCORED, SPAN
from benchmarks.contenders.stage import Columns, Contender, bar_table, perform
from benchmarks.market import in_frames
from ordinis_rx import operators as oo
from ordinis_rx.consensus import AggregationConfig, consensus
from ordinis_rx.events import Bar
from ordinis_rx.frames import QuoteFrame, TradeFrame
from ordinis_rx.multicast import Hot
from ordinis_rx.stream import from_items
from ordinis_rx.timebase import SECOND

Heard = tuple[tuple[tuple[Any, Callable[[Any], None]], ...], Callable[[], Columns]]
"""Operators with their subscribers, and what these have come to."""


def pushed(kind: Any, hear: Callable[[], Heard]) -> Contender:
    def ready(columns: Columns) -> Callable[[], Columns]:
        messages: list[list[Any]] = []
        from_items(in_frames(kind, columns)).subscribe(lambda fact: messages.append([fact]))

        def run() -> Columns:
            source = Hot()
            branches, told = hear()
            for operator, subscriber in branches:
                source.stream.pipe(operator).subscribe(subscriber)
            push = source.push
            for message in messages:
                push(message)
            source.complete()
            return told()

        return run

    return ready


def answers() -> Heard:
    prices: list[float] = []
    operator = consensus(AggregationConfig(emit="every"))
    branch = operator, lambda answer: prices.append(answer.price)
    return (branch,), lambda: {"price": np.array(prices)}


def bars() -> Heard:
    told: list[Bar] = []

    def table() -> Columns:
        return bar_table(
            [
                (int(bar.symbol[1:]), bar.ts_event // SECOND, bar.open, bar.high, bar.low, bar.close, bar.volume, bar.vwap)
                for bar in told
            ]
        )  # fmt: skip

    return ((oo.time_bars(SECOND), told.append),), table


def scores() -> Heard:
    told: list[float] = []
    averages: list[float] = []
    branches = (
        (oo.rolling_zscore(SCORED), lambda reading: told.append(reading.value)),
        (oo.ema(span=SPAN), lambda reading: averages.append(reading.value)),
    )
    return branches, lambda: {"score": np.array(told), "average": np.array(averages)}


WORK: dict[str, Contender] = {
    "live_consensus": pushed(QuoteFrame, answers),
    "live_bars": pushed(TradeFrame, bars),
    "live_scores": pushed(TradeFrame, scores),
}

if __name__ == "__main__":
    perform(WORK)

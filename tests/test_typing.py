"""Who has no type checker is told what was wanted, where it was given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import ordinis_rx as ox
from ordinis_rx import operators as oo

PRICES: Any = ox.from_events([])
TRADE: Any = ox.Trade(symbol="A", ts_event=1, price=1.0, size=1.0)
FRAME: Any = ox.TradeFrame.from_events([TRADE])
WORD: Any = "polygon"


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: ox.consensus(WORD), "consensus: config must be an AggregationConfig, got 'polygon'"),
        (lambda: ox.feed(WORD, ["A"]), r"feed: provider must be one, polygon\(key\) say, got 'polygon'"),
        (lambda: ox.feed(ox.polygon("key"), ["A"], config=WORD), "feed: config must be a StreamConfig, got 'polygon'"),
        (lambda: oo.signals(WORD), r"signals: each must be a rule\(name, condition\), or bullish=condition, got 'polygon'"),
        (lambda: ox.frames(FRAME), r"frames wants a stream, as in frames\(stream, rows=512\), got TradeFrame"),
        (lambda: ox.aiter(WORD), "aiter wants a stream, got 'polygon'"),
        (lambda: ox.iter_blocking(WORD), "iter_blocking wants a stream, got 'polygon'"),
        (lambda: ox.subscribe_isolated(WORD, print), "subscribe_isolated wants a stream, got 'polygon'"),
        (lambda: oo.with_latest(WORD), "with_latest wants a stream, got 'polygon'"),
        (lambda: oo.sample_on(WORD), "sample_on wants a stream, got 'polygon'"),
        (lambda: ox.record(WORD, "nowhere"), "record wants a stream, got 'polygon'"),
        (lambda: ox.chart(WORD), "chart wants a stream, got 'polygon'"),
        (lambda: ox.table(WORD), "table wants a stream, got 'polygon'"),
        (lambda: ox.aggregate(WORD), "aggregate: config must be an AggregationConfig or an AggregationMethod, got"),
        (lambda: oo.rsi(memory=WORD), "rsi: memory must be an OperatorMemory"),
        (lambda: oo.ichimoku(memory=WORD), "ichimoku: memory must be an OperatorMemory"),
        (lambda: oo.patterns(["hammer"], memory=WORD), "patterns: memory must be an OperatorMemory"),
        (lambda: ox.merge([PRICES]), r"merge takes streams, merge\(one, other\) or merge\(\*several\), got \["),
        (lambda: ox.from_frames(FRAME), r"from_frames: each must be a frame, \[frame\] where there is one, got Trade"),
        (lambda: ox.from_frames([TRADE]), r"from_frames: each must be a frame, \[frame\] where there is one, got Trade"),
    ],
)  # fmt: skip
def test_what_is_of_another_type_is_refused_beside_what_is_wanted(
    call: Callable[[], object], told: str
) -> None:
    with pytest.raises(TypeError, match=told):
        call()

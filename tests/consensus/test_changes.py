"""Answers only when they change."""

from __future__ import annotations

import math

from ordinis_rx.consensus import AggregatedQuote, ConsensusStatus, changes
from ordinis_rx.stream import numbered
from ordinis_rx.testing import through


def answer(price: float = 100.0, symbol: str = "A", **more: object) -> AggregatedQuote:
    return AggregatedQuote(symbol=symbol, ts_event=0, price=price, **more)  # type: ignore[arg-type]


def test_only_what_differs_from_the_symbols_last_answer_is_told() -> None:
    told = [
        answer(),
        answer(half_width=2.0, confidence=0.5),
        answer(symbol="B"),
        answer(),
        answer(bid=99.0),
        answer(bid=99.0, providers_used=("a",)),
        answer(bid=99.0, providers_used=("a",), status=ConsensusStatus.DEGRADED),
    ]

    assert [each.seq for each in through(changes(), numbered(told))] == [1, 3, 5, 6, 7]


def test_no_price_is_the_same_as_no_price() -> None:
    assert len(through(changes(), [answer(math.nan), answer(math.nan), answer()])) == 2

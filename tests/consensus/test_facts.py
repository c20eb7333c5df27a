"""The facts of a consensus."""

from __future__ import annotations

import math

import pytest

from ordinis_rx.consensus import AggregatedQuote, ConsensusStatus
from ordinis_rx.consensus.facts import Panel, Reject, Report
from ordinis_rx.event_json import to_json
from ordinis_rx.events import StreamEventType

ANSWER = AggregatedQuote(
    symbol="AAPL",
    ts_event=1,
    price=100.0,
    bid=99.0,
    ask=100.98,
    providers_used=("a", "b"),
    outliers_excluded=("c",),
    stale=("d",),
    lost=("e",),
)


def test_each_fact_tells_its_kind() -> None:
    kinds = [kind.type for kind in (Report, Panel, AggregatedQuote, Reject)]

    assert kinds == [
        StreamEventType.REPORT,
        StreamEventType.PANEL,
        StreamEventType.CONSENSUS,
        StreamEventType.REJECT,
    ]


def test_an_answer_says_who_was_left_out_and_why() -> None:
    assert ANSWER.reasons == (("c", "outlier"), ("d", "stale"), ("e", "lost"))
    assert ANSWER.source_summary == (
        "2 of 5: a, b; c excluded (outlier), d excluded (stale), e excluded (lost)"
    )


def test_the_spread_is_told_in_per_cent_of_the_bid() -> None:
    assert ANSWER.spread_pct == pytest.approx(2.0)
    assert ANSWER.spread == pytest.approx(1.98)
    assert ANSWER.spread_bps == pytest.approx(10_000 * 1.98 / 99.99)
    assert math.isnan(AggregatedQuote(symbol="A", ts_event=0).spread_pct)


def test_no_price_is_an_answer() -> None:
    none = AggregatedQuote(symbol="A", ts_event=0, status=ConsensusStatus.NO_QUORUM)

    assert not none.has_price
    assert none.source_summary == "0 of 0: nobody"
    assert b'"price":null' in to_json(none)  # type: ignore[arg-type]


def test_without_a_bid_there_is_no_spread() -> None:
    answer = AggregatedQuote(symbol="A", ts_event=0, price=1.0, bid=0.0, ask=2.0)

    assert math.isnan(answer.spread_pct)


def test_an_answer_is_shown_with_all_that_a_reader_wants_in_its_own_units() -> None:
    shown = dict(ANSWER._sheet().rows)

    assert list(shown) == [
        *("ts_event", "price", "confidence", "bid, ask", "volume", "method"),
        *("providers_used", "reasons", "crossed_share", "age"),
    ]
    told = AggregatedQuote(
        symbol="AAPL", ts_event=1_781_622_376_036_000_000, crossed_share=0.25, age=1_500_000
    )
    rows = dict(told._sheet().rows)
    assert rows["ts_event"] == "2026-06-16 15:06:16.036000000"
    assert (rows["method"], rows["crossed_share"], rows["age"]) == ("MEDIAN", "25%", "1.500 ms")

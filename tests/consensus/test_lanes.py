"""Lanes of the consensus: a report that comes alone is answered as it is in a message."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from ordinis_rx.consensus import (
    AggregationConfig,
    AggregationMethod,
    ConsensusMeter,
    Reject,
    consensus,
)
from ordinis_rx.multicast import Hot
from ordinis_rx.operators import SideOutput
from ordinis_rx.testing import a_quote, a_trade
from ordinis_rx.testing.identity import difference


def test_a_consensus_tells_alone_what_it_tells_in_messages() -> None:
    bids = [129.0 if k % 3 == 2 and k > 20 else 99.0 for k in range(60)]
    quotes = [
        a_quote(bid, bid + 2.0, provider="abc"[k % 3], at=k, seq=k + 1)
        for k, bid in enumerate(bids)
    ]

    def heard(rows: int) -> list[Any]:
        hot, told = Hot(), list[Any]()
        hot.stream.pipe(consensus(AggregationConfig(emit="every"))).subscribe(told.append)
        for first in range(0, len(quotes), rows):
            hot.push(quotes[first : first + rows])
        return told

    alone = heard(1)
    assert not difference(heard(7), alone)
    assert alone[-1].outliers_excluded == ("c",)
    assert alone[5].outliers_excluded == ()


@pytest.mark.parametrize("method", AggregationMethod)
def test_an_answer_has_all_its_fields_by_every_method(method: AggregationMethod) -> None:
    """Most are left at their defaults at first: who is stale, lost or excluded, books that cross, another method."""
    reports: list[Any] = [
        a_quote(99.0 + k % 5, 100.5 + k % 5, provider="abcd"[k % 4], at=k * 400_000_000, seq=k + 1)
        for k in range(40)
    ]
    reports[20:20] = [a_trade(101.0, size=5, provider="d", at=20 * 400_000_000, seq=21)]
    reports = [replace(report, seq=k) for k, report in enumerate(reports, 1)]

    def heard(rows: int) -> list[Any]:
        hot, told = Hot(), list[Any]()
        config = AggregationConfig(method=method, emit="every", max_age=1_000_000_000)
        hot.stream.pipe(consensus(config)).subscribe(told.append)
        for first in range(0, len(reports), rows):
            hot.push(reports[first : first + rows])
        return told

    alone = heard(1)
    assert not difference(heard(5), alone)
    assert {answer.method for answer in alone} == {method}
    assert any(answer.crossed_share for answer in alone)


def test_what_is_refused_alone_is_counted_and_told_on_the_side() -> None:
    rejects, meter = SideOutput[Reject](), ConsensusMeter()
    refused: list[Reject] = []
    rejects.subscribe(refused.append)
    hot, told = Hot(), list[Any]()
    hot.stream.pipe(consensus(rejects=rejects, meter=meter)).subscribe(told.append)
    hot.push([a_quote(9.0, 9.5, provider="a", seq=1)])
    hot.push([a_quote(9.5, 9.0, provider="b", seq=2)])

    assert len(told) == 1
    assert [(each.provider, each.seq) for each in refused] == [("b", 2)]
    assert [each.provider for each in meter.stats] == ["a", "b"]

"""The kernel at work for one subscriber: room, names and errors."""

from __future__ import annotations

from typing import Any

import pytest
import reactivex

from ordinis_rx.batches import Item
from ordinis_rx.consensus import AggregatedQuote, AggregationConfig, consensus
from ordinis_rx.multicast import Hot
from ordinis_rx.stream import Stream, from_events, numbered
from ordinis_rx.testing import a_gap, a_quote, a_trade
from ordinis_rx.testing.identity import difference
from ordinis_rx.testing.probe import Source
from ordinis_rx.timebase import SECOND


def test_what_cannot_be_read_ends_the_stream_with_its_reason() -> None:
    errors: list[Exception] = []

    nonsense: Any = "no fact"
    reactivex.of(nonsense).pipe(consensus()).subscribe(lambda _: None, errors.append)

    assert "take facts, got 'no fact'" in str(errors[0])


def test_a_frame_is_lent_and_answers_copied_from_it_stay() -> None:
    kept: list[Item] = []
    hot = Hot()

    class Keeper:
        def on_item(self, item: Item) -> None:
            kept.append(item.copy())

        def on_error(self, error: Exception) -> None:
            raise error

        def on_completed(self) -> None: ...

        def exits(self, found: set[int]) -> None: ...

    stream: Stream[AggregatedQuote] = hot.stream.pipe(consensus())  # type: ignore[assignment]
    stream.flow(Keeper())
    for seq in (1, 2):
        hot.push([a_trade(float(seq), seq=seq)])

    assert [item.facts[0].price for item in kept] == [1.0, 2.0]


def test_more_answers_than_rows_find_their_room() -> None:
    quotes = [a_quote(provider="a", symbol=f"S{k}") for k in range(50)]
    told: list[AggregatedQuote] = []

    from_events([*quotes, a_gap(provider="a")], rows=7).pipe(consensus()).subscribe(told.append)

    assert [answer.status.name for answer in told] == ["DEGRADED"] * 50 + ["NO_QUORUM"] * 50


def test_the_source_is_left_when_the_subscriber_leaves() -> None:
    source = Source(framed=True)

    source.stream.pipe(consensus()).subscribe().dispose()

    assert source.live == []


@pytest.mark.parametrize("rows", [1, 3])
def test_answers_carry_the_times_provider_and_number_of_their_cause(rows: int) -> None:
    told: list[AggregatedQuote] = []
    events = [a_trade(1.0 + k, provider=f"p{k}", at=k + 1, ts_recv=k + 9) for k in range(3)]

    from_events(numbered(events), rows=rows).pipe(consensus()).subscribe(told.append)

    assert [(a.ts_event, a.ts_recv, a.provider, a.seq) for a in told] == [
        (1, 9, "p0", 1),
        (2, 10, "p1", 2),
        (3, 11, "p2", 3),
    ]


@pytest.mark.parametrize("confidence", ["calibrated", "original"])
def test_many_answers_at_once_are_those_of_one_report_at_a_time(confidence: Any) -> None:
    events = numbered(
        a_quote(
            99.0 + (k * 7 % 11) / 1000 + (k == 150),
            101.0 + (k * 5 % 7) / 1000,
            provider="abcde"[k % 5],
            symbol="AB"[k % 3 == 0],
            at=k * SECOND // 4,
        )
        for k in range(300)
    )
    config = AggregationConfig(confidence=confidence, emit="every")

    told: list[list[AggregatedQuote]] = [[], []]
    for rows, answers in zip((300, 1), told, strict=True):
        from_events(events, rows=rows).pipe(consensus(config)).subscribe(answers.append)

    assert len(told[0]) == 300
    assert difference(told[0], told[1]) == ""

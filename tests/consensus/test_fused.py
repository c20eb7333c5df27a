"""The kernel at work for one subscriber: room, names and errors."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pytest
import reactivex
from msgspec.structs import replace

from ordinis_rx.batches import Item, item_of
from ordinis_rx.codes import Names
from ordinis_rx.consensus import (
    AggregatedQuote,
    AggregationConfig,
    ConsensusMeter,
    ProviderWeight,
    consensus,
)
from ordinis_rx.events import Quote
from ordinis_rx.kernels.compiled import uncompiled
from ordinis_rx.multicast import Hot
from ordinis_rx.operators import drop_crossed, quotes
from ordinis_rx.paving import Paving
from ordinis_rx.stream import Stream, from_events, from_items, numbered
from ordinis_rx.testing import a_gap, a_quote, a_trade
from ordinis_rx.testing.identity import difference
from ordinis_rx.testing.probe import Source
from ordinis_rx.timebase import SECOND
from tests.columns import by_column, frame_by_column


def test_what_cannot_be_read_ends_the_stream_with_its_reason() -> None:
    errors: list[Exception] = []

    nonsense: Any = "no fact"
    reactivex.of(nonsense).pipe(consensus()).subscribe(lambda _: None, errors.append)

    assert "take facts, got 'no fact'" in str(errors[0])


ODD: Any = replace(a_quote(9.0, 11.0, at=2, provider="b"), bid="low")


@pytest.mark.parametrize("rows", [1, 3])
def test_what_comes_before_a_fact_that_cannot_be_read_is_answered(rows: int) -> None:
    told: list[Any] = []
    events = [a_quote(9.0, 11.0, provider="a"), ODD, a_quote(8.0, 11.0, at=3, provider="a")]

    from_events(numbered(events), rows=rows).pipe(consensus()).subscribe(told.append, told.append)

    answer, error = told
    assert answer.price == 10.0
    assert "bid cannot be 'low' in Quote" in str(error)


def test_what_cannot_be_read_and_was_left_out_above_is_no_matter() -> None:
    told: list[Any] = []
    crossed: Any = replace(a_quote(12.0, 11.0), bid_size="many")
    events = [crossed, *(a_quote(price, price, at=3) for price in (10.0, 12.0))]

    stream = from_events(numbered(events), rows=3).pipe(drop_crossed(), consensus())
    stream.subscribe(told.append, told.append)

    assert [answer.price for answer in told] == [10.0, 12.0]


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


@pytest.mark.parametrize("kernel", [nullcontext, uncompiled], ids=["compiled", "as Python"])
def test_messages_of_all_forms_in_turn_lead_to_the_answers_of_their_facts(kernel: Any) -> None:
    told = [
        a_quote(99.0 + k % 7 / 100, 101.0, at=k * SECOND, seq=k, provider="abc"[k % 3], symbol="AB"[k % 2])
        if k // 5 % 3
        else a_trade(100.0 + k % 5 / 100, at=k * SECOND, seq=k, provider="abc"[k % 3], symbol="AB"[k % 2])
        for k in range(1, 200)
    ]  # fmt: skip

    def messages(names: Names) -> Iterator[Item]:
        at, form = 0, 0
        while at < len(told):
            part = told[at : at + (5 if at % 5 == 4 else 1 + form % 4)]
            part = [fact for fact in part if type(fact) is type(part[0])]
            yield by_column(part, names) if form % 3 else item_of(part, names)
            at, form = at + len(part), form + 1

    in_messages: list[Any] = []
    one_by_one: list[Any] = []
    with kernel():
        from_items(messages).pipe(consensus()).subscribe(in_messages.append)
        from_events(told, rows=1).pipe(consensus()).subscribe(one_by_one.append)

    assert len(one_by_one) > 150
    assert difference(in_messages, one_by_one) == ""


@pytest.mark.parametrize("together", [1, 2, 4])
def test_who_is_new_behind_a_filter_has_the_weight_that_is_his(together: int) -> None:
    told = [
        a_quote(99.9, 100.1, provider="a", at=1),
        a_quote(99.9, 100.1, provider="b", at=2),
        a_quote(101.0, 99.0, provider="a", at=3),
        a_quote(99.92, 100.12, provider="c", at=4),
    ]
    config = AggregationConfig(weights=(ProviderWeight("c", enabled=False),))
    answers: list[AggregatedQuote] = []

    stream = from_events(told, rows=together).pipe(quotes(), drop_crossed(), consensus(config))
    stream.subscribe(answers.append)

    assert [answer.providers_used for answer in answers] == [("a",), ("a", "b")]


def test_a_source_may_fill_the_same_block_again() -> None:
    told = [a_quote(99.0 + k, 101.0 + k, at=k * SECOND, seq=k) for k in range(1, 7)]

    def messages(names: Names) -> Iterator[Item]:
        frame = frame_by_column(told[:2], names)
        block = frame.block
        assert block is not None
        for at in range(0, 6, 2):
            others = frame_by_column(told[at : at + 2], names).block
            assert others is not None
            for column, values in zip(block.columns, others.columns, strict=True):
                column[:2] = values[:2]
            yield frame

    answers: list[AggregatedQuote] = []
    from_items(messages).pipe(consensus()).subscribe(answers.append)

    assert [answer.price for answer in answers] == [100.0 + k for k in range(1, 7)]


@pytest.mark.parametrize("together", [1, 2, 30], ids=["alone", "in a message", "in a frame"])
def test_a_price_that_is_no_number_ends_the_answers_once_and_for_all(together: int) -> None:
    class Ear:
        """It stays, whatever it hears."""

        def __init__(self) -> None:
            self.heard: list[str] = []

        def on_item(self, item: Item) -> None:
            self.heard += [f"{answer.price:g}" for answer in item.facts]

        def on_error(self, error: Exception) -> None:
            self.heard.append(type(error).__name__)

        def on_completed(self) -> None: ...

        def exits(self, found: set[int]) -> None: ...

        def pave(self, paving: Paving, kind: type[Any]) -> None:
            paving.write("hear(f'{fact.price:g}')", hear=self.heard.append)

    hot, ear = Hot(), Ear()
    stream: Stream[AggregatedQuote] = hot.stream.pipe(  # type: ignore[assignment]
        consensus(AggregationConfig(emit="every"))
    )
    stream.flow(ear)
    nonsense: Any = "much"
    for k, price in enumerate((1.0, nonsense, 2.0)):
        facts = numbered((a_trade() for _ in range(together)), first=together * k + 1)
        hot.push([replace(fact, price=price) for fact in facts])

    answers, error = ear.heard[:-1], ear.heard[-1]
    assert answers == ["1"] * together
    assert error in ("error", "TypeError")


def c_goes_astray() -> list[Quote]:
    """Three providers of one price, until one of them is off, and excluded."""
    return numbered(
        a_quote(99.0 + off, 99.1 + off, provider=name, at=k * SECOND + j)
        for k, late in enumerate((0.0, 0.0, 5.0, 5.0))
        for j, (name, off) in enumerate((("a", 0.0), ("b", 0.0), ("c", late)))
    )


def test_a_move_told_alone_is_logged_and_told_as_it_is_in_a_message(
    caplog: pytest.LogCaptureFixture,
) -> None:
    facts = c_goes_astray()

    def heard(*lengths: int) -> tuple[list[AggregatedQuote], list[str]]:
        caplog.clear()
        hot, told, meter, at = Hot(), list[AggregatedQuote](), ConsensusMeter(), 0
        hot.stream.pipe(consensus(meter=meter)).subscribe(told.append)
        for length in lengths:
            hot.push(facts[at : at + length])
            at += length
        assert [each.outlier_count for each in meter.stats] == [0, 0, 1]
        return told, [record.getMessage() for record in caplog.records]

    with caplog.at_level("INFO", "ordinis_rx.consensus"):
        alone, whole = heard(*[1] * 12), heard(12)

    assert difference(alone[0], whole[0]) == ""
    assert len(alone[1]) == 1
    assert alone[1][0].startswith("A: c is excluded, +5")
    assert alone[1] == whole[1]


def test_that_somebody_is_excluded_makes_no_facts_of_the_answers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    facts = c_goes_astray()
    at_hand: list[object] = []

    class Ear:
        def on_item(self, item: Item) -> None:
            at_hand.append(item.held)

        def on_error(self, error: Exception) -> None:
            raise error

        def on_completed(self) -> None: ...

        def exits(self, found: set[int]) -> None: ...

    source = from_items(lambda names: iter([by_column(facts, names)]))
    stream: Stream[AggregatedQuote] = source.pipe(consensus())  # type: ignore[assignment]
    with caplog.at_level("INFO", "ordinis_rx.consensus"):
        stream.flow(Ear())

    assert len(caplog.records) == 1
    assert at_hand == [None]


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


@pytest.mark.parametrize("form", [list, tuple, deque])
def test_a_message_may_be_any_sequence(form: Any) -> None:
    hot, told = Hot(), list[AggregatedQuote]()
    hot.stream.pipe(consensus(AggregationConfig(emit="every"))).subscribe(told.append)
    hot.push(form([a_quote(9.0 + k % 3, seq=k + 1, at=k, provider="ab"[k % 2]) for k in range(40)]))

    assert len(told) == 40

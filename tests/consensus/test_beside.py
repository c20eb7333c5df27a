"""Frames of quotes and trades as rows of a consensus: where their columns lie."""

from __future__ import annotations

from typing import Any

import pytest

from ordinis_rx.codes import Names
from ordinis_rx.columns import Block
from ordinis_rx.consensus import AggregationConfig, ProviderWeight
from ordinis_rx.consensus.beside import AT, Beside
from ordinis_rx.consensus.known import Known
from ordinis_rx.events import Event
from ordinis_rx.kernels.consensus_layout import QUOTE, TRADE
from ordinis_rx.testing import a_quote, a_trade
from tests.columns import frame_by_column


def facts_of(beside: Beside, facts: list[Any], names: Names) -> None:
    beside.write(facts, names)


def in_one_block(beside: Beside, facts: list[Any], names: Names) -> None:
    beside.take(frame_by_column(facts, names))


def here_and_there(beside: Beside, facts: list[Any], names: Names) -> None:
    frame = frame_by_column(facts, names)
    frame.whole = None
    beside.take(frame)


FORMS = [facts_of, in_one_block, here_and_there]


def column(beside: Beside, name: str, n: int) -> list[float]:
    block, j = beside.places[AT[name]]
    numbers: list[float] = block.columns[j][:n].tolist()
    return numbers


def quotes(count: int, provider: str = "a") -> list[Event]:
    return [
        a_quote(9.0 + k, 11.0 + k, at=k, seq=k + 1, provider=provider, bid_size=2.0, ask_size=3.0)
        for k in range(count)
    ]


@pytest.mark.parametrize("form", FORMS)
def test_all_columns_of_quotes_and_of_trades_are_found(form: Any) -> None:
    beside, names = Beside(Known(AggregationConfig())), Names()

    form(beside, quotes(2), names)
    assert column(beside, "kind", 2) == [QUOTE, QUOTE]
    assert column(beside, "bid", 2) == [9.0, 10.0]
    assert column(beside, "ask", 2) == [11.0, 12.0]
    assert column(beside, "ask_size", 2) == [3.0, 3.0]
    assert column(beside, "seq", 2) == [1, 2]

    form(beside, [a_trade(7.0, size=3.0, flags=5)], names)
    assert column(beside, "kind", 1) == [TRADE]
    assert column(beside, "price", 1) == [7.0]
    assert column(beside, "size", 1) == [3.0]
    assert column(beside, "flags", 1) == [5]


def test_a_frame_in_one_block_stays_there_and_facts_are_written_into_ours() -> None:
    beside, names = Beside(Known(AggregationConfig())), Names()

    beside.write(quotes(2), names)
    ours: Block = beside.block
    assert beside.has_all
    assert beside.whole is None
    assert all(block is ours for block, _ in beside.places)

    frame = frame_by_column(quotes(2), names)
    beside.take(frame)
    assert not beside.has_all
    assert beside.whole is frame.whole
    assert beside.block is ours
    assert beside.places[AT["bid"]] == frame.lookup("bid")


def test_frames_of_all_forms_follow_each_other() -> None:
    beside, names = Beside(Known(AggregationConfig())), Names()
    for count in (3, 1, 70, 2):
        for form in FORMS:
            form(beside, quotes(count), names)

            assert column(beside, "bid", count) == [9.0 + k for k in range(count)]
            assert column(beside, "weight", count) == [1.0] * count
            assert column(beside, "kind", count) == [QUOTE] * count


@pytest.mark.parametrize("form", FORMS)
def test_who_comes_later_has_the_weight_that_is_his(form: Any) -> None:
    weights = (ProviderWeight("b", 2.0), ProviderWeight("c", enabled=False))
    beside, names = Beside(Known(AggregationConfig(weights=weights))), Names()
    weighed: list[list[float]] = []
    for providers in ("a", "ab", "cba"):
        facts = [quote for provider in providers for quote in quotes(1, provider)]
        form(beside, facts, names)
        weighed.append(column(beside, "weight", len(facts)))

    assert weighed == [[1.0], [1.0, 2.0], [-1.0, 2.0, 1.0]]


@pytest.mark.parametrize("form", FORMS)
def test_a_frame_of_another_stream_has_the_weights_of_that(form: Any) -> None:
    beside = Beside(Known(AggregationConfig(weights=(ProviderWeight("x", 7.0),))))
    weighed: list[list[float]] = []
    for provider in "axa":
        form(beside, quotes(2, provider), Names())
        weighed.append(column(beside, "weight", 2))

    assert weighed == [[1.0, 1.0], [7.0, 7.0], [1.0, 1.0]]

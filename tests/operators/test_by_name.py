"""Facts chosen by a word: what passes is the very fact that came, and nothing is built for what does not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx import operators as ox
from ordinis_rx.codes import Names
from ordinis_rx.events import Trade
from ordinis_rx.frames import Frame, TradeFrame
from ordinis_rx.framing import frames
from ordinis_rx.stream import from_events, from_items
from ordinis_rx.testing import (
    a_feed_error,
    a_gap,
    a_heartbeat,
    a_status,
    a_trade,
    same_on_frames,
    through,
)


def by_column(trades: list[Trade], names: Names) -> TradeFrame:
    """Trades that rest on columns alone."""
    return TradeFrame.from_events(trades, names).copy()  # type: ignore[return-value]


def test_the_very_fact_passes() -> None:
    trade = a_trade(seq=1, symbol="A", provider="x")

    assert through(ox.for_symbols("A"), [trade])[0] is trade
    assert through(ox.for_providers("x"), [trade])[0] is trade


@pytest.mark.parametrize(
    ("choice", "name"),
    [(ox.for_symbols("A", "D"), "symbol"), (ox.for_providers("A", ["D"]), "provider")],
)
def test_words_are_chosen_by_code_and_no_fact_is_built(
    choice: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def items(names: Names) -> list[TradeFrame]:
        return [
            by_column([a_trade(seq=k, **{name: word}) for k, word in enumerate(words, 1)], names)
            for words in ("ABAC", "DA")
        ]

    rows: list[list[int]] = []
    made: list[Frame] = []
    monkeypatch.setattr(Frame, "_explode", made.append)
    frames(from_items(items).pipe(choice)).subscribe(lambda frame: rows.append(frame.seq.tolist()))

    assert rows == [[1, 3, 1, 2]]
    assert not made


def test_symbols_that_come_later_are_chosen_too() -> None:
    facts = [a_trade(symbol="A"), a_trade(symbol="B"), a_trade(symbol="C"), a_trade(symbol="B")]

    told: list[Trade] = []
    from_events(facts, rows=1).pipe(ox.for_symbols("B")).subscribe(told.append)

    assert [trade.seq for trade in told] == [2, 4]


def test_facts_about_the_whole_stream_pass_every_choice_of_symbols() -> None:
    facts = [a_status(), a_heartbeat(), a_feed_error(), a_feed_error(symbol="B"), a_gap()]

    told = through(ox.for_symbols("A"), facts)

    assert [fact.seq for fact in told] == [1, 2, 3, 5]


def test_a_gap_of_other_symbols_does_not_concern_us() -> None:
    gaps = [a_gap(symbols=("A", "B")), a_gap(symbols=("C",)), a_gap()]

    assert [gap.seq for gap in through(ox.for_symbols("B"), gaps)] == [1, 3]


def test_symbols_may_come_in_one_list_or_several() -> None:
    facts = [a_trade(symbol=symbol) for symbol in "ABCD"]

    told = through(ox.for_symbols(["A", "B"], "D"), facts)

    assert [trade.symbol for trade in told] == ["A", "B", "D"]


def test_no_symbols_are_refused() -> None:
    with pytest.raises(ValueError, match="for_symbols: no symbols given"):
        ox.for_symbols([])


def test_what_providers_say_of_their_connections_passes_with_their_prices() -> None:
    facts = [
        a_trade(provider="x"),
        a_status(provider="y"),
        a_gap(provider="x", symbols=("B",)),
        a_heartbeat(provider="x"),
        a_feed_error(provider=""),
    ]

    assert [fact.seq for fact in through(ox.for_providers("x"), facts)] == [1, 3, 4]


def test_no_providers_are_refused() -> None:
    with pytest.raises(ValueError, match="for_providers: no providers given"):
        ox.for_providers()


@given(
    st.lists(st.tuples(st.sampled_from(["x", "y", ""]), st.sampled_from("AB"))),
    st.sets(st.sampled_from("xyz"), min_size=1),
)
def test_what_some_providers_told_is_the_same_at_any_split(
    drawn: list[tuple[str, str]], wanted: set[str]
) -> None:
    facts: list[Any] = [
        a_trade(float(k), provider=provider, symbol=symbol, seq=k)
        for k, (provider, symbol) in enumerate(drawn, 1)
    ]

    told: list[Trade] = through(ox.for_providers(wanted), facts)
    assert [trade.seq for trade in told] == [f.seq for f in facts if f.provider in wanted]
    same_on_frames(lambda: ox.for_providers(wanted), facts, silent=True)

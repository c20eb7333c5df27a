"""Recoding: the same rows in another root's codes and numbers, however often the dictionaries grow."""

from __future__ import annotations

import msgspec
import numpy as np

from ordinis_rx.codes import Names
from ordinis_rx.consensus.facts import AggregatedQuote
from ordinis_rx.consensus.frames import AggregatedQuoteFrame
from ordinis_rx.events import Trade
from ordinis_rx.frames import Frame, TradeFrame
from ordinis_rx.operators.recoding import Recoder
from ordinis_rx.testing import a_trade, same


def a_frame(names: Names, trades: list[Trade]) -> Frame:
    return TradeFrame.from_events(trades, names)


def test_rows_keep_all_but_their_codes_and_numbers() -> None:
    theirs, ours = Names(), Names()
    for word in ("Z", "Y", "A"):
        ours.symbols[word]
    trades = [
        a_trade(9, symbol="A", provider="x", trade_id="7", conditions=("I",)),
        a_trade(8, symbol="B", provider="y", seq=5),
    ]

    out = Recoder(theirs, ours).recoded(a_frame(theirs, trades), np.array([31, 32]))

    assert out.names is ours
    assert out.symbol.tolist() == [2, 3]
    assert out.price.tolist() == [9.0, 8.0]
    assert out.facts == [
        a_trade(9, symbol="A", provider="x", trade_id="7", conditions=("I",), seq=31),
        a_trade(8, symbol="B", provider="y", seq=32),
    ]


def test_symbols_that_come_later_are_recoded_too() -> None:
    theirs, ours = Names(), Names()
    ours.symbols["Q"]
    recoder = Recoder(theirs, ours)

    first = recoder.recoded(a_frame(theirs, [a_trade(symbol="A")]), np.array([1]))
    later = recoder.recoded(a_frame(theirs, [a_trade(symbol="B")]), np.array([2]))

    assert [first.facts[0].symbol, later.facts[0].symbol] == ["A", "B"]
    assert ours.symbols.words == ["Q", "A", "B"]


def test_sets_of_providers_keep_their_members() -> None:
    theirs, ours = Names(), Names()
    quote = AggregatedQuote(symbol="A", ts_event=1, providers_used=("p", "q"), stale=("r",), seq=1)
    frame = AggregatedQuoteFrame.from_events([quote], theirs)
    assert ours.providers.bits(["q", "x", "p"]) == 0b111

    out = Recoder(theirs, ours).recoded(frame, np.array([7]))

    assert ours.providers.words.sets[out.providers_used.item(0)] == ("p", "q")
    assert same(out.copy().facts, [msgspec.structs.replace(quote, seq=7)])

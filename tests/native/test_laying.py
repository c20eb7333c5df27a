"""Many facts laid out in one builtin: the columns are those that Python writes, up to the first fact that is not usual."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ordinis_rx.codes import Names
from ordinis_rx.columns import Block, schema_of
from ordinis_rx.consensus.facts import AggregatedQuote, ConsensusStatus
from ordinis_rx.events import Quote, Side, Trade, TradeFlags
from ordinis_rx.native.laying import laying
from ordinis_rx.native.rows import row_of
from ordinis_rx.testing import a_quote, a_trade
from tests.native.growth import grows

COMMON: dict[str, Any] = {
    "symbol": st.sampled_from(["A", "B", "ünï", ""]),
    "provider": st.sampled_from(["p", "q", ""]),
    "ts_event": st.integers(-(1 << 63), (1 << 63) - 1),
    "seq": st.integers(-2, 1 << 62),
}
TRADES = st.builds(
    Trade,
    **COMMON,
    price=st.floats() | st.integers(-(1 << 53), 1 << 53),
    size=st.floats(),
    side=st.sampled_from(Side),
    flags=st.integers(0, 15).map(TradeFlags),
)
QUOTES = st.builds(Quote, **COMMON, bid=st.floats(), ask=st.floats())
ANSWERS = st.builds(
    AggregatedQuote,
    **COMMON,
    price=st.floats(),
    status=st.sampled_from(ConsensusStatus),
    providers_used=st.sets(st.sampled_from("pqr")).map(lambda names: tuple(sorted(names))),
)


def a_row(**changes: Any) -> Any:
    fields: dict[str, Any] = {"symbol": "A", "ts_event": 1, "price": 9.0, "size": 1.0}
    return Trade(**{**fields, **changes})


def known_names() -> Names:
    names = Names()
    for symbol in ("A", "B", "ünï", ""):
        names.symbols[symbol]
    for provider in ("p", "q", "r", ""):
        names.providers[provider]
    return names


def into(
    kind: type[Any], reads: tuple[str, ...], names: Names, rows: int
) -> tuple[Block, Callable[[list[Any]], int]]:
    schema = schema_of(kind)
    kinds = "".join(schema.kinds[schema.index[n]] if n in schema.index else "f" for n in reads)
    block = Block(kinds, rows)
    return block, laying(
        kind, row_of(schema, reads, [(block, j) for j in range(len(reads))], names)
    )


@pytest.mark.parametrize("facts", [TRADES, QUOTES, ANSWERS], ids=["trades", "quotes", "answers"])
def test_the_columns_are_those_that_python_writes(facts: Any) -> None:
    @given(st.lists(facts, min_size=1, max_size=20))
    @settings(max_examples=40)
    def check(told: list[Any]) -> None:
        names, kind = known_names(), type(told[0])
        schema = schema_of(kind)
        reads = (*schema.index, *(("mid", "spread") if kind is Quote else ()))
        ours, lay = into(kind, reads, names, 20)
        theirs, _ = into(kind, reads, names, 20)

        assert lay(told) == len(told)
        schema.writer(reads)(told, theirs.views, names.symbols, names.providers)
        assert ours.data.tobytes() == theirs.data.tobytes()

    check()


@pytest.mark.parametrize(
    "odd",
    [
        a_trade(9, symbol="new"),
        a_trade(9, symbol="A", provider="new"),
        a_row(price="nine"),
        a_row(price=None),
        a_row(seq=1 << 63),
        a_row(symbol=["A"]),
        a_quote(9, symbol="A"),
        None,
        "A",
    ],
    ids=repr,
)
def test_it_stops_before_a_fact_that_is_not_usual(odd: Any) -> None:
    names = known_names()
    block, lay = into(Trade, ("symbol", "provider", "price", "seq"), names, 4)
    usual = [a_trade(float(k), symbol="B", provider="p", seq=k) for k in range(4)]

    assert lay([*usual[:2], odd, usual[2]]) == 2
    assert [list(view)[:2] for view in block.views] == [[1, 1], [0, 0], [0.0, 1.0], [0, 1]]
    assert lay(usual) == 4
    assert names.symbols.words == ["A", "B", "ünï", ""]


def test_of_no_facts_it_writes_none() -> None:
    _, lay = into(Trade, ("price",), Names(), 1)
    assert lay([]) == 0


def test_what_is_no_list_is_left_to_python() -> None:
    _, lay = into(Trade, ("price",), Names(), 1)
    for facts in ((a_row(),), deque([a_row()]), None):
        assert lay(facts) == 0  # type: ignore[arg-type]


def test_it_keeps_no_fact_and_no_part_of_one() -> None:
    names = known_names()
    _, lay = into(Quote, ("symbol", "mid", "ts_event"), names, 2)
    quote = Quote(symbol="".join(["A"]), ts_event=1 << 40, bid=9.25, ask=9.5)
    odd = Quote(symbol="A", ts_event="now", bid=9.25, ask=9.5)  # type: ignore[arg-type]
    watched = [quote, odd, quote.symbol, quote.ts_event, quote.bid, odd.ts_event]
    before = [sys.getrefcount(each) for each in watched]
    for _ in range(1000):
        assert lay([quote, quote]) == 2
        assert lay([quote, odd]) == 1

    assert [sys.getrefcount(each) for each in watched] == before


def test_numbers_that_are_worked_out_of_a_fact_are_not_kept() -> None:
    names = known_names()
    for k in range(40):
        names.providers[f"p{k}"]
    _, lay = into(AggregatedQuote, ("providers_used", "price"), names, 1)
    told = AggregatedQuote(symbol="A", ts_event=1, price=2.0, providers_used=("p30", "p39"))
    _, lay_quotes = into(Quote, ("mid", "symbol"), names, 1)
    quote = a_quote(9.0, symbol="A")

    assert lay([told]) == lay_quotes([quote]) == 1
    assert not grows(lambda: lay([told]))
    assert not grows(lambda: lay_quotes([quote]))


def test_an_object_that_is_worked_out_and_makes_no_row_is_not_kept() -> None:
    class Wordy(Quote, frozen=True, kw_only=True):
        @property
        def told(self) -> str:
            return f"{self.bid} and {self.ask}"

    schema, block = schema_of(Wordy), Block("f", 1)
    lay = laying(Wordy, row_of(schema, ["told"], [(block, 0)], Names()))
    quote = Wordy(symbol="A", ts_event=1, bid=1.0, ask=2.0)

    assert lay([quote]) == 0
    assert not grows(lambda: lay([quote]))

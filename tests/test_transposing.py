"""Facts to columns and back: the same, whether a builtin or Python does it."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from ordinis_rx import transposing
from ordinis_rx.codes import Names
from ordinis_rx.columns import Block, schema_of
from ordinis_rx.events import Bar, Quote, Side, Trade, TradeFlags
from ordinis_rx.frames import FRAMES, TradeFrame
from ordinis_rx.recipes import Recipe
from ordinis_rx.transposing import FactMaker, FactWriter
from tests.facts import ONE_OF_EACH

TRADE = schema_of(Trade)


def trades(n: int) -> list[Trade]:
    return [
        Trade(
            symbol=f"S{k % 3}",
            ts_event=k,
            ts_recv=k + 5,
            provider="pq"[k % 2],
            seq=k + 1,
            price=100.0 + k / 7,
            size=float(k % 5),
            trade_id=str(k),
            conditions=("12",) if k % 2 else (),
            side=list(Side)[k % 3],
            flags=TradeFlags(k % 8),
        )
        for k in range(n)
    ]


def in_columns(facts: list[Any]) -> Any:
    return FRAMES[type(facts[0])].from_events(facts).copy()


@pytest.fixture(params=["builtin", "python"])
def made_by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "python":
        monkeypatch.setattr(transposing, "is_possible", lambda: False)
    return str(request.param)


@pytest.mark.usefixtures("made_by")
@pytest.mark.parametrize("n", [1, 3, 63, 64, 500])
def test_facts_of_columns_are_those_that_were_laid_out(n: int) -> None:
    facts = trades(n)
    frame = TradeFrame.from_events(facts)
    alone = TradeFrame(frame.names)
    copied = frame.copy()
    for name in TRADE.index:
        frame.lookup(name)
    assert frame.block is not None
    alone.hold_columns(frame.block, n, {"trade_id": [each.trade_id for each in facts]})

    assert copied.facts == facts
    assert [each.trade_id for each in alone.facts] == [each.trade_id for each in facts]
    assert {each.conditions for each in alone.facts} == {()}


@pytest.mark.usefixtures("made_by")
@pytest.mark.parametrize("fact", ONE_OF_EACH, ids=lambda fact: type(fact).__name__)
def test_facts_of_every_kind_come_back_from_columns(fact: Any) -> None:
    assert repr(in_columns([fact] * 100).facts) == repr([fact] * 100)


@pytest.mark.usefixtures("made_by")
def test_facts_of_chosen_rows_and_new_numbers_are_those_of_their_parents() -> None:
    recipe = Recipe(TRADE, TRADE, ["price"])
    parents, rows = TradeFrame.from_events(trades(300)), np.arange(0, 300, 2)
    derived = TradeFrame(parents.names)
    derived.block = Block(TRADE.kinds, 150)
    for wave in range(3):
        derived.hold_derived(parents, 150, rows, recipe)
        derived.block.columns[TRADE.index["price"]][:150] = np.arange(150) + wave
        told = derived.facts

        assert [each.price for each in told] == [float(k + wave) for k in range(150)]
        assert [each.seq for each in told] == [k + 1 for k in range(0, 300, 2)]
        assert told[7].conditions == parents.facts[14].conditions


@pytest.mark.usefixtures("made_by")
def test_columns_of_very_many_facts_are_those_that_python_writes() -> None:
    facts, other = trades(2000), TradeFrame.from_events([])
    frame = TradeFrame.from_events(facts)
    for name in TRADE.index:
        block, j = Block(TRADE.kinds, 2000), TRADE.index[name]
        write = TRADE.writer((name,))
        write(facts, (block.views[j],), other.names.symbols, other.names.providers)

        assert getattr(frame, name).tobytes() == block.columns[j].tobytes()
    assert frame.names.symbols.words == other.names.symbols.words
    assert frame.names.providers.words == other.names.providers.words


@pytest.mark.usefixtures("made_by")
def test_a_frame_that_is_used_again_shows_the_facts_that_it_holds_now() -> None:
    frame = TradeFrame(Names())
    for first in (0, 700, 1400):
        facts = trades(2100)[first : first + 700]
        frame.hold(facts)

        assert frame.seq.tolist() == [fact.seq for fact in facts]
        assert frame.price.tolist() == [fact.price for fact in facts]


@pytest.mark.usefixtures("made_by")
@pytest.mark.parametrize(
    "changes", [{"size": "much"}, {"symbol": ["A"]}, {"seq": 1 << 63}], ids=str
)
def test_a_fact_that_does_not_fit_is_no_harm_to_the_columns_that_it_fits(
    changes: dict[str, Any],
) -> None:
    facts = trades(1000)
    facts[700] = msgspec.structs.replace(facts[700], **changes)
    frame = TradeFrame(Names())
    frame.hold(facts)

    assert frame.price.tolist() == [fact.price for fact in facts]
    (name,) = changes
    with pytest.raises((TypeError, ValueError)):
        getattr(frame, name)
    assert frame.ts_event.tolist() == [fact.ts_event for fact in facts]


@pytest.mark.usefixtures("made_by")
def test_who_asks_for_one_column_learns_nothing_of_the_others() -> None:
    facts = trades(1000)
    facts[999] = msgspec.structs.replace(facts[999], size=Odd())  # type: ignore[arg-type]
    frame = TradeFrame(Names())
    frame.hold(facts)

    assert frame.price.tolist() == [fact.price for fact in facts]
    assert frame.names.providers.words == frame.names.symbols.words == []
    with pytest.raises(RuntimeError, match="odd"):
        frame.lookup("size")


class Odd:
    """No number at all."""

    def __float__(self) -> float:
        raise RuntimeError("odd")


@pytest.mark.usefixtures("made_by")
def test_columns_that_a_kernel_has_filled_stay_as_they_are() -> None:
    recipe = Recipe(TRADE, TRADE, ["price"], {"size": 5.0})
    parents, out = TradeFrame.from_events(trades(600)), TradeFrame(Names())
    out.block = Block(TRADE.kinds, 600)
    out.block.columns[TRADE.index["size"]].fill(5.0)
    out.hold_derived(parents, 600, None, recipe)
    out.held = [msgspec.structs.replace(fact, size=-1.0) for fact in out.facts]

    assert len(out.side) == 600
    assert set(out.size.tolist()) == {5.0}


@pytest.mark.parametrize("native", [True, False])
def test_a_writer_writes_what_python_writes_and_raises_what_it_raises(native: bool) -> None:
    names, reads = Names(), ("symbol", "price", "side")
    ours, theirs = Block("ifi", 50), Block("ifi", 50)
    writer = FactWriter(TRADE, reads, [(ours, j) for j in range(3)], names, native=native)
    for facts in (trades(50), trades(20), tuple(trades(50))):
        writer.write(facts)  # type: ignore[arg-type]
        TRADE.writer(reads)(facts, theirs.views, names.symbols, names.providers)

        assert ours.data.tobytes() == theirs.data.tobytes()
    odd: Any = msgspec.structs.replace(trades(1)[0], price="much")
    with pytest.raises(TypeError):
        writer.write([*trades(5), odd])


def test_a_builtin_is_made_anew_where_it_would_not_fit() -> None:
    maker, names, other = FactMaker(), Names(), Names()
    names.symbols["A"], names.providers["p"]
    other.symbols["B"], other.providers["q"]
    frame = in_columns([Trade(symbol="A", ts_event=1, provider="p", price=1.0, size=1.0)] * 100)
    places = [frame.lookup(name) for name in TRADE.index]
    ids = {"trade_id": ["7"] * 100}

    def told(known: Names, objects: dict[str, list[str]]) -> set[tuple[str, str, str]]:
        facts = maker.built(100, TRADE, places, objects, known)
        return {(each.symbol, each.provider, each.trade_id) for each in facts}

    assert told(names, {}) == {("A", "p", "")}
    assert told(other, {}) == {("B", "q", "")}
    assert told(other, ids) == {("B", "q", "7")}
    assert told(names, ids) == {("A", "p", "7")}


def test_what_stands_for_nothing_is_said_by_python() -> None:
    maker, names = FactMaker(), Names()
    frame = in_columns([Trade(symbol="A", ts_event=1, price=1.0, size=1.0)] * 100)
    places = [frame.lookup(name) for name in TRADE.index]

    with pytest.raises(IndexError):
        maker.built(100, TRADE, places, {}, names)


def test_facts_of_other_kinds_come_to_be_by_recipes_of_their_own() -> None:
    bar = next(fact for fact in ONE_OF_EACH if isinstance(fact, Bar))
    quote = next(fact for fact in ONE_OF_EACH if isinstance(fact, Quote))
    for fact in (bar, quote, bar):
        schema, maker = schema_of(type(fact)), FactMaker()
        recipe = Recipe(schema, schema, ["ts_event"])
        frame = in_columns([fact] * 100)
        told = maker.derived(
            [fact] * 100, recipe, schema, schema, [frame.lookup("seq")], frame.names
        )

        assert {each.ts_event for each in told} == {0}
        assert {each.symbol for each in told} == {"AAPL"}

"""A lone fact through a builtin: the row is the one that Python writes, the fact told the one that Python makes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ordinis_rx.codes import Names
from ordinis_rx.columns import Block, Schema, schema_of
from ordinis_rx.consensus.facts import AggregatedQuote, ConsensusStatus
from ordinis_rx.events import Bar, Quote, Reading, Side, Trade, TradeFlags
from ordinis_rx.kernels.compiled import address_of, prepare
from ordinis_rx.kernels.record import STOP, Call, Layout, integer, ints
from ordinis_rx.native import lone as module
from ordinis_rx.native.facts import Making, making_of
from ordinis_rx.native.lone import CompiledKernel, lone
from ordinis_rx.native.rows import Row, Take, row_of
from ordinis_rx.operators.cloud_facts import CloudPosition, IchimokuCloud
from ordinis_rx.recipes import Recipe
from tests.facts import ONE_OF_EACH
from tests.native.growth import grows

# A kernel that tells of its row as often as it is told to, or raises

TELLING = Layout(reads="symbol:i", writes="row:i", state="odd:i@1", params="times:i")
T_SYMBOL, T_ROW, T_ODD, TIMES = TELLING.slots


def tell(n: int, call: Any) -> int:
    row, odd, times = ints(call, T_ROW), ints(call, T_ODD), integer(call, TIMES)
    for _ in range(0, 1, 7 - times):  # which raises where it goes on by nothing
        row[0] = 0
    if times == 8:
        odd[0] = 1
        return 1
    row[0] = 0
    return times + 0 * n


class Kept:
    """A kernel, and what Python was left with."""

    def __init__(self, times: int = 1, names: Names | None = None, kind: type[Any] = Trade) -> None:
        self.kind = kind
        self.names = names or Names()
        self.call = Call(TELLING, [times])
        self.call.grow(16)
        self.function, self.argument = prepare(tell, self.call)
        self.row = Block("i", 1)
        self.call.point(T_ROW, self.row.addresses[0], self.row.views[0])
        self.call.stop[0] = 1
        self.kept: list[Any] = []
        self.left: list[Any] = []

    def taking(
        self, row: Row, making: Making | None = None, *, chooses: bool = True, expands: bool = False
    ) -> Any:
        kernel, call = address_of(self.function), self.call
        assert kernel is not None
        odd = call.state("odd").ctypes.data
        places = kernel, call.address, call.capacity, call.record[STOP]
        runs = CompiledKernel(self.kind, *places, expands, chooses, (odd,))
        return lone(runs, row, making, self.instead, self.rest)

    def instead(self, fact: Any) -> str:
        self.left.append(fact)
        return "instead"

    def rest(self, fact: Any, written: int | None) -> str:
        self.left.append((fact, written))
        return "rest"


def row_in(block: Block, schema: Schema, reads: Sequence[str], names: Names) -> Row:
    return row_of(schema, reads, [(block, j) for j in range(len(reads))], names)


def kind_of(schema: Schema, name: str) -> str:
    field = schema.fields.get(name)
    return "f" if field is None else field.kind or ""


ANY_NUMBER = st.floats() | st.integers(-(1 << 53), 1 << 53)
COMMON: dict[str, Any] = {
    "symbol": st.sampled_from(["A", "B", "ünï", ""]),
    "provider": st.sampled_from(["p", "q", ""]),
    "ts_event": st.integers(-(1 << 63), (1 << 63) - 1),
    "ts_recv": st.booleans() | st.integers(-1, 1),
    "seq": st.integers(-2, 1 << 62),
}
TRADES = st.builds(
    Trade,
    **COMMON,
    price=ANY_NUMBER,
    size=ANY_NUMBER,
    side=st.sampled_from(Side),
    flags=st.integers(0, 15).map(TradeFlags),
)
QUOTES = st.builds(Quote, **COMMON, bid=st.floats(), ask=st.floats(), bid_size=ANY_NUMBER)
ANSWERS = st.builds(
    AggregatedQuote,
    **COMMON,
    price=st.floats(),
    status=st.sampled_from(ConsensusStatus),
    providers_used=st.sets(st.sampled_from("pqr")).map(lambda names: tuple(sorted(names))),
)


@pytest.mark.parametrize("facts", [TRADES, QUOTES, ANSWERS], ids=["trades", "quotes", "answers"])
def test_the_row_is_the_one_that_python_writes(facts: Any) -> None:
    @given(facts)
    @settings(max_examples=60)
    def check(fact: Any) -> None:
        names, kind = Names(), type(fact)
        names.symbols[fact.symbol], names.providers[fact.provider]  # known before
        schema = schema_of(kind)
        reads = (*schema.index, *(("mid",) if kind is Quote else ()))
        kinds = "".join(kind_of(schema, name) for name in reads)
        ours, theirs, stage = Block(kinds, 1), Block(kinds, 1), Kept(names=names, kind=kind)
        schema.row_writer(reads, theirs)(fact, names.symbols, names.providers)

        assert stage.taking(row_in(ours, schema, reads, names))(fact) is fact
        assert not stage.left
        assert ours.data.tobytes() == theirs.data.tobytes()

    check()


CLOUD = schema_of(IchimokuCloud)
MAKINGS: dict[str, tuple[type[Any], Schema, Recipe]] = {
    "a reading": (
        Trade,
        schema_of(Reading),
        Recipe(schema_of(Trade), schema_of(Reading), ["value"], {"name": "made"}),
    ),
    "a trade": (Trade, schema_of(Trade), Recipe(schema_of(Trade), schema_of(Trade), ["price"])),
    "a trade anew": (
        Trade,
        schema_of(Trade),
        Recipe(
            schema_of(Trade), schema_of(Trade), ["symbol", "provider", "side", "seq"], {"size": 3}
        ),
    ),
    "a cloud": (Bar, CLOUD, Recipe(schema_of(Bar), CLOUD, [n for n in CLOUD.index if n != "seq"])),
    "an answer": (
        Quote,
        schema_of(AggregatedQuote),
        Recipe(
            schema_of(Quote),
            schema_of(AggregatedQuote),
            ["price", "status", "provider_count", "providers_used", "stale"],
        ),
    ),
}


def making(name: str, names: Names, stage: Kept) -> tuple[Any, Block, Recipe, Making]:
    kind, out, recipe = MAKINGS[name]
    (fact,) = (fact for fact in ONE_OF_EACH if type(fact) is kind)
    block, slots = Block(out.kinds, 1), dict[str, int]()
    # The record of this stage has no room for so many columns: theirs lie where `symbol` is read.
    table = np.zeros(len(recipe.written), np.int64)
    first = (table.ctypes.data - stage.call.address) // 8
    for k, written in enumerate(recipe.written):
        j = out.index[written]
        table[k], slots[written] = block.addresses[j], first + k
        block.views[j][0] = 0 if out.kinds[j] == "i" else 0.1 * (k + 1)
    stage.kept.append(table)
    return fact, block, recipe, making_of(recipe, schema_of(kind), out, slots, names)


@pytest.mark.parametrize("name", MAKINGS)
def test_the_fact_told_is_the_one_that_python_makes(name: str) -> None:
    names, stage = Names(), Kept(kind=MAKINGS[name][0])
    names.symbols["X"], names.providers["polygon"], names.providers["finnhub"]
    fact, block, recipe, how = making(name, names, stage)
    assert recipe.derive_one is not None
    take = stage.taking(Row((), ()), how)
    for code in (0, 1, 3):
        for written in {"status", "side", "provider_count", "providers_used", "stale"} & {
            *recipe.written
        }:
            j = schema_of(MAKINGS[name][1].kind).index[written]
            block.views[j][0] = min(code, 2) if written == "side" else code

        told, made = take(fact), recipe.derive_one(fact, block.views, names)
        assert type(told) is type(made)
        assert repr(told) == repr(made)
    assert not stage.left


def test_a_member_of_an_enumeration_is_itself() -> None:
    names, stage = Names(), Kept(kind=Bar)
    names.symbols["X"], names.providers["polygon"]
    fact, block, _, how = making("a cloud", names, stage)
    block.views[CLOUD.index["position"]][0] = list(CloudPosition).index(CloudPosition.INSIDE)

    assert stage.taking(Row((), ()), how)(fact).position is CloudPosition.INSIDE


# What is not usual is left to Python


TRADE = schema_of(Trade)
READS = ("symbol", "provider", "ts_event", "price", "side")


def a_trade(**changes: Any) -> Any:
    fields: dict[str, Any] = {"symbol": "A", "ts_event": 1, "price": 9.5, "size": 1.0, **changes}
    return Trade(**fields)


@pytest.mark.parametrize(
    "changes",
    [
        {"symbol": "new"},
        {"symbol": ["A"]},
        {"provider": "new"},
        {"price": "9"},
        {"price": None},
        {"price": 1 << 2000},
        {"ts_event": 1.5},
        {"ts_event": 1 << 63},
        {"side": "BUY"},
    ],
    ids=str,
)
def test_a_fact_that_makes_no_row_is_left_to_python_as_it_is(changes: dict[str, Any]) -> None:
    stage, block = Kept(), Block("iiifi", 1)
    stage.names.symbols["A"], stage.names.providers[""]
    take = stage.taking(row_in(block, TRADE, READS, stage.names))
    fact = a_trade(**changes)

    assert [take(a_trade()).price, take(fact), take(a_trade()).price] == [9.5, "instead", 9.5]
    assert stage.left == [fact]
    assert stage.names.symbols.words == ["A"]


def test_a_fact_of_another_kind_is_left_to_python() -> None:
    class Longer(Trade, frozen=True, kw_only=True):
        more: int = 0

    stage = Kept()
    stage.names.symbols["A"]
    take = stage.taking(row_in(Block("i", 1), TRADE, ["symbol"], stage.names))
    for other in (Longer(symbol="A", ts_event=1, price=1.0, size=1.0), *ONE_OF_EACH[2:], None, 5):
        assert take(other) == "instead"


def test_a_symbol_that_there_is_no_state_for_is_left_to_python() -> None:
    stage = Kept()
    for k in range(17):
        stage.names.symbols[str(k)]
    take = stage.taking(row_in(Block("i", 1), TRADE, ["symbol"], stage.names))

    fifteenth, sixteenth = a_trade(symbol="15"), a_trade(symbol="16")
    assert take(fifteenth) is fifteenth
    assert take(sixteenth) == "instead"
    stage.call.grow(17)
    assert take(sixteenth) is sixteenth


def test_a_number_that_a_list_lacks_is_left_to_python() -> None:
    stage, block, weights = Kept(), Block("if", 1), [0.25]
    stage.names.providers["p"], stage.names.providers["q"]
    takes, known = row_in(block, TRADE, ["provider"], stage.names)
    row = Row((*takes, Take("listed", "f", 0)), (*known, (weights, block.addresses[1])))
    take, fact = stage.taking(row), a_trade(provider="q")

    assert take(fact) == "instead"
    weights.append(0.75)
    assert take(fact) is fact
    assert block.reader()() == (1, 0.75)


@pytest.mark.parametrize(
    ("times", "chooses", "expands", "told"),
    [
        (0, True, False, None),
        (0, False, False, 0),
        (1, True, False, "fact"),
        (1, False, False, "fact"),
        (2, True, False, 2),
        (-3, True, False, -3),
        (7, True, False, "raised"),
        (8, True, False, 1),
        (0, True, True, None),
        (1, True, True, 1),
        (8, True, True, 1),
    ],
)
def test_what_a_kernel_tells_that_is_not_one_fact_or_none_is_left_to_python(
    times: int, chooses: bool, expands: bool, told: Any
) -> None:
    stage, fact = Kept(times), a_trade()
    take = stage.taking(Row((), ()), chooses=chooses, expands=expands)

    made = take(fact)
    if told is None or told == "fact":
        assert made is (None if told is None else fact)
        assert not stage.left
    else:
        assert made == "rest"
        assert stage.left == [(fact, None if told == "raised" else told)]


def test_one_that_expands_and_took_no_row_is_left_to_python() -> None:
    stage, fact = Kept(0), a_trade()
    take = stage.taking(Row((), ()), expands=True)
    stage.call.stop[0] = 0

    assert take(fact) == "rest"
    assert stage.left == [(fact, 0)]


def test_a_code_that_stands_for_nothing_is_left_to_python() -> None:
    names, stage = Names(), Kept(kind=Quote)
    fact, block, _, how = making("an answer", names, stage)
    take = stage.taking(Row((), ()), how)
    block.views[schema_of(AggregatedQuote).index["status"]][0] = 99

    assert take(fact) == "rest"
    assert stage.left == [(fact, 1)]


def test_what_python_raises_comes_through() -> None:
    stage = Kept()

    def refuse(fact: Any) -> None:
        raise LookupError(fact.symbol)

    stage.instead = refuse  # type: ignore[assignment]
    take = stage.taking(row_in(Block("i", 1), TRADE, ["symbol"], stage.names))

    with pytest.raises(LookupError, match="A"):
        take(a_trade())


class Interrupted:
    """Is asked for a number, and interrupted meanwhile."""

    def __float__(self) -> float:
        raise KeyboardInterrupt


def test_an_interruption_is_not_taken_for_a_fact_that_is_not_usual() -> None:
    stage = Kept()
    stage.names.symbols["A"]
    take = stage.taking(row_in(Block("if", 1), TRADE, ["symbol", "price"], stage.names))

    with pytest.raises(KeyboardInterrupt):
        take(a_trade(price=Interrupted()))
    assert not stage.left


# What is left behind


def test_a_code_that_stands_for_nothing_leaves_nothing_behind() -> None:
    names, stage = Names(), Kept(kind=Quote)
    fact, block, _, how = making("an answer", names, stage)
    take = stage.taking(Row((), ()), how)
    block.views[schema_of(AggregatedQuote).index["status"]][0] = 99

    def told() -> None:
        take(fact)
        stage.left.clear()

    assert not grows(told)


def test_what_a_kernel_tells_wrongly_leaves_nothing_behind() -> None:
    stage, fact = Kept(1 << 40), a_trade()
    take = stage.taking(Row((), ()))

    def told() -> None:
        take(fact)
        stage.left.clear()

    assert not grows(told)


@pytest.mark.parametrize("name", MAKINGS)
def test_a_builtin_keeps_no_fact_and_no_part_of_one(name: str) -> None:
    names, stage = Names(), Kept(kind=MAKINGS[name][0])
    names.symbols["X"], names.providers["polygon"]
    fact, _, recipe, how = making(name, names, stage)
    take = stage.taking(Row((), ()), how)
    watched = [
        fact,
        None,
        (),
        *recipe.constants.values(),
        *(getattr(fact, n) for n in recipe.carried),
    ]
    before = [sys.getrefcount(each) for each in watched]
    for _ in range(1000):
        take(fact)

    after = [sys.getrefcount(each) for each in watched]
    assert max(abs(now - then) for now, then in zip(after, before, strict=True)) < 10


def test_the_same_way_of_the_same_kind_is_compiled_once() -> None:
    def taking() -> Any:
        stage = Kept()
        return stage, stage.taking(
            row_in(Block("iif", 1), TRADE, ["symbol", "seq", "price"], stage.names)
        )

    first = taking()
    misses = module._code.cache_info().misses
    second = taking()

    assert module._code.cache_info().misses == misses
    assert first[1](a_trade()) == second[1](a_trade()) == "instead"

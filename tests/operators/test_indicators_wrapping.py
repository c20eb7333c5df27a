"""Indicators as operators: what is told of which bar, by symbol, in frames of any size, and after revisions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import talib
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ordinis_rx import from_json, to_json
from ordinis_rx.events import Bar
from ordinis_rx.kernels.bar_order import LEFT_OUT
from ordinis_rx.memory import OperatorMemory
from ordinis_rx.operators import SideOutput, col, where
from ordinis_rx.operators.bar_order import BarOrder
from ordinis_rx.operators.indicators import indicator, indicators, parse, ta
from ordinis_rx.operators.indicators.catalogue import NATIVE
from ordinis_rx.operators.indicators.wrapping import of_spec
from ordinis_rx.stream import from_events, numbered
from ordinis_rx.testing import (
    a_bar,
    a_quote,
    a_trade,
    check_operator,
    difference,
    same,
    same_on_frames,
    through,
)
from tests.candles import random_bars

SMALL = [
    "sma:3", "bbands:3", "atr:2", "obv", "minmaxindex:3", "macd:2:4:3", "mfi:2", "cdldoji",
    *(f"{name}:2" if kind.params else name for name, kind in NATIVE.items() if name != "vwap"),
    "vwap:20", "vwap:0:9", "vwap:zone=Asia/Tokyo",
]  # fmt: skip


def two_symbols(n: int = 60) -> list[Any]:
    """Bars of two symbols, a late one, some told again, some that lack a number, and facts of other kinds."""
    facts: list[Any] = []
    for one, other in zip(random_bars(n, seed=1), random_bars(n, seed=2, symbol="B"), strict=True):
        facts += [replace(one, provider="p"), other]
        at = one.ts_event
        if at % 9 == 4:
            facts.append(a_trade(5, at=at))
        if at % 13 == 6:
            facts += [
                replace(other, close=other.close + 1, high=other.high + 2, revision=r)
                for r in (1, 2, 1)
            ]
        if at % 17 == 3:
            facts.append(replace(one, close=math.nan))
        if at % 19 == 7:
            facts.append(replace(one, ts_event=at - 3, revision=5))
        if at % 23 == 9:
            facts.append(replace(one, volume=math.nan, ts_event=at + 0))
    return facts


def counted(facts: list[Any], *, volume: bool) -> dict[str, list[Bar]]:
    """The bars of each symbol that count in the end: the last revision of each, and none that lacks a number."""
    order, bars = BarOrder(), dict[str, list[Bar]]()
    for bar in facts:
        if not isinstance(bar, Bar) or (volume and math.isnan(bar.volume)):
            continue
        stands = order.standing(bar)
        if stands != LEFT_OUT:
            mine = bars.setdefault(bar.symbol, [])
            if stands == 2:
                mine.pop()
            mine.append(bar)
    return bars


@pytest.mark.parametrize("text", SMALL)
def test_frames_of_any_size_give_the_same_readings(text: str) -> None:
    facts = two_symbols(40)

    same_on_frames(lambda: of_spec(parse(text)), facts, cuts=[[1] * 9, [60], [5, 30, 2, 40]])
    same_on_frames(lambda: of_spec(parse(text), "nan"), facts, cuts=[[], [17, 1, 30]])


@pytest.mark.parametrize("text", ["donchian:3", "supertrend:3", "sma:3"])
def test_numbers_too_large_for_a_sum_are_numbers_all_the_same(text: str) -> None:
    facts = [a_bar(5e307 * (1 + n % 3 / 10), at=n) for n in range(30)]

    same_on_frames(lambda: of_spec(parse(text)), facts, cuts=[[30], [13, 17]])


@pytest.mark.parametrize("text", ["sma:3", "bbands:3", "hma:4", "vwap:50"])
@pytest.mark.parametrize("symbols", [1, 3, 9])
def test_few_or_many_rows_of_each_symbol_in_a_frame_give_the_same_readings(
    text: str, symbols: int
) -> None:
    stories = [two_symbols(240 // symbols) for _ in range((symbols + 1) // 2)]
    facts = [
        replace(fact, symbol=f"{fact.symbol}{k}") if symbols > 1 else replace(fact, symbol="A")
        for row in zip(*stories, strict=True)
        for k, fact in enumerate(row)
    ]

    same_on_frames(lambda: of_spec(parse(text)), facts, cuts=[[150, 13]])


@pytest.mark.parametrize("text", SMALL)
def test_the_last_reading_of_each_bar_is_what_a_history_without_detours_gives(text: str) -> None:
    spec, facts = parse(text), two_symbols()
    told: dict[tuple[str, int], Any] = {}
    for reading in through(of_spec(spec, "nan"), facts):
        told[reading.symbol, reading.ts_event] = reading.values or (reading.value,)

    for symbol, bars in counted(facts, volume="volume" in spec.inputs).items():
        state = spec.state()
        wanted = {
            (symbol, bar.ts_event): state.update(
                bar.open, bar.high, bar.low, bar.close, bar.volume, bar.ts_event
            )
            for bar in bars
        }
        for key, outputs in wanted.items():
            assert same(told.pop(key), outputs)
    assert not told


def test_a_reading_has_the_times_and_provider_of_its_bar() -> None:
    bars = [replace(bar, provider="p", ts_recv=bar.ts_event + 5) for bar in random_bars(20, seed=1)]

    readings = through(ta("BBANDS", timeperiod=5), bars)

    wanted = talib.BBANDS(np.array([bar.close for bar in bars]), timeperiod=5)
    assert len(readings) == 16
    for bar, reading in zip(bars[4:], readings, strict=True):
        assert (reading.symbol, reading.ts_event, reading.ts_recv) == ("A", bar.ts_event, bar.ts_recv)  # fmt: skip
        assert (reading.provider, reading.name) == ("p", "bbands")
    assert [(r.upper, r.middle, r.lower) for r in readings] == list(zip(*[w[4:] for w in wanted], strict=True))  # fmt: skip
    assert [r.value for r in readings] == [r.upper for r in readings]
    assert same(from_json(to_json(readings[0])), readings[0])


def test_nothing_or_nan_is_told_before_there_are_enough_bars() -> None:
    bars = random_bars(10, seed=3)

    assert len(through(ta("RSI", timeperiod=4), bars)) == 6
    readings = through(ta("RSI", timeperiod=4, warm_up="nan"), bars)
    assert [math.isnan(reading.value) for reading in readings] == [True] * 4 + [False] * 6
    with pytest.raises(ValueError, match="rsi: warm_up must be one of 'skip', 'nan', got 'wait'"):
        ta("RSI", warm_up="wait")  # type: ignore[arg-type]


def test_several_in_one_pass_are_what_each_is_alone() -> None:
    facts = [fact for fact in two_symbols() if not (isinstance(fact, Bar) and math.isnan(fact.volume))]  # fmt: skip
    chosen = {"fast": "ema:3", "bb": "bbands:4", "macd": "macd:2:3:2", "hull": "hma:4", "flow": "mfi:3"}  # fmt: skip

    rows = through(indicators(**chosen), facts)

    names = "fast,bb_upper,bb_middle,bb_lower,macd,macd_signal,macd_histogram,hull,flow"
    assert {row.name for row in rows} == {names}
    alone = [through(of_spec(parse(text), "nan"), facts) for text in chosen.values()]
    for row, *parts in zip(rows, *alone, strict=True):
        assert same(row.values, tuple(x for part in parts for x in (part.values or (part.value,))))
        assert same(row.hull, parts[3].value)
        assert row.value is row.fast or same(row.value, row.fast)


@pytest.mark.parametrize("warm_up", ["nan", "skip"])
def test_frames_of_any_size_give_the_same_rows(warm_up: Any) -> None:
    def make() -> Any:
        return indicators(r="rsi:3", a="atr:3", bb="bbands:4", st="supertrend:3", warm_up=warm_up)

    same_on_frames(make, two_symbols(30), cuts=[[1] * 9, [70], [5, 30, 2, 40]])


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        ({}, "name at least one"),
        ({"value": "rsi"}, "an output cannot be called 'value'"),
        ({"type": "rsi"}, "an output cannot be called 'type'"),
        ({"class": "rsi"}, "an output cannot be called 'class'"),
        ({"a_k": "rsi", "a": "stoch"}, "two outputs are called 'a_k'"),
        ({"a": "sma:2", "b": "sma:2:of=price"}, "numbers of different facts"),
    ],
)
def test_names_that_cannot_be_asked_for_are_refused(chosen: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        indicators(**chosen)


def test_what_is_left_out_is_told_in_order_and_counted() -> None:
    for facts in (two_symbols(), two_symbols(3)):
        skipped = SideOutput[Any]()
        heard: list[Any] = []
        skipped.subscribe(heard.append)

        rows = through(ta("OBV", skipped=skipped), facts)

        told = {row.seq for row in rows}
        bars = [(seq, fact) for seq, fact in enumerate(facts, 1) if isinstance(fact, Bar)]
        assert same(
            [replace(bar, seq=0) for bar in heard],
            [replace(bar, seq=0) for seq, bar in bars if seq not in told],
        )
        assert skipped.told == len(heard) == len(bars) - len(rows)


def test_numbers_of_other_facts_may_be_read() -> None:
    trades = [a_trade(price, at=at) for at, price in enumerate((1, 2, math.nan, 4, 8), 1)]
    quotes = [a_quote(price - 1, price + 1, at=at) for at, price in enumerate((1, 2, 4, 8), 1)]

    assert [r.value for r in through(ta("SMA", timeperiod=2, of="price"), trades)] == [
        1.5,
        3.0,
        6.0,
    ]
    assert [r.value for r in through(ta("SMA", timeperiod=2, of="mid"), quotes)] == [1.5, 3.0, 6.0]
    both = [fact for pair in zip(trades * 5, quotes * 5, strict=False) for fact in pair]
    same_on_frames(lambda: ta("EMA", timeperiod=3, of="price"), both)


def test_a_chain_reads_readings() -> None:
    bars = random_bars(40, seed=4)
    closes = np.array([bar.close for bar in bars])

    strength, smooth = ta("RSI", timeperiod=5), ta("SMA", timeperiod=3, of="value")
    chained = through(lambda source: source.pipe(strength, smooth), bars)

    assert [r.value for r in chained] == talib.SMA(talib.RSI(closes, 5)[5:], 3)[2:].tolist()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 90), max_size=6), st.integers(1, 200), st.sampled_from(SMALL))
def test_bars_told_again_at_any_time_end_where_a_straight_history_does(
    again: list[int], start: int, text: str
) -> None:
    bars = random_bars(290, seed=7)[start : start + 90]
    facts: list[Any] = []
    for i, bar in enumerate(bars):
        facts.append(
            bar if i not in again else replace(bar, close=bar.close + 3, high=bar.high + 9)
        )
        facts += [replace(bar, revision=1 + k) for k in range(again.count(i))]

    told = through(of_spec(parse(text), "nan"), facts)[-1]
    wanted = through(of_spec(parse(text), "nan"), bars)[-1]

    assert same((told.value, told.values), (wanted.value, wanted.values))


@pytest.mark.parametrize("seen", [0, 1, 50, 130])
def test_a_checkpoint_goes_on_as_if_nothing_had_been(seen: int) -> None:
    facts = two_symbols(90)
    chosen: Any = {"r": "rsi:5", "v": "vwap:30", "bb": "bbands:4", "h": "hma:5"}
    memory = OperatorMemory()

    before = through(indicators(memory=memory, **chosen), facts[:seen])
    again = OperatorMemory(memory.save())
    after = through(indicators(memory=again, **chosen), facts[seen:])

    whole = through(indicators(**chosen), facts)
    assert same([r.values for r in before + after], [r.values for r in whole])
    assert OperatorMemory(again.save()).save() == again.save()


def test_a_checkpoint_of_something_else_is_refused() -> None:
    memory = OperatorMemory()
    with pytest.raises(ValueError, match="nothing to save"):
        memory.save()
    through(ta("RSI", memory=memory), random_bars(20, seed=1))
    assert repr(memory) == "OperatorMemory(rsi:14)"

    with pytest.raises(ValueError, match="the checkpoint is of rsi:14, not of sma:30"):
        through(ta("SMA", memory=OperatorMemory(memory.save())), random_bars(20, seed=1))
    with pytest.raises(ValueError, match="not a checkpoint of an operator"):
        OperatorMemory(b"rsi")


def test_it_keeps_the_promises_of_an_operator() -> None:
    facts = [fact for fact in two_symbols(12) if not isinstance(fact, Bar) or fact.revision == 0]
    check_operator(lambda: ta("BBANDS", timeperiod=3, skipped=SideOutput()), facts)
    check_operator(lambda: indicators(a="rsi:3", b="hma:3"), facts)


def test_a_forming_bar_is_peeked_at_without_a_trace() -> None:
    state = indicator("sma", 2).state()
    state.update(1, 1, 1, 1, 1)

    assert state.peek(1, 1, 1, 5, 1) == (3.0,)
    assert state.copy().update(1, 1, 1, 3, 1) == (2.0,)
    assert state.update(1, 1, 1, 7, 1) == (4.0,)


@pytest.mark.parametrize("text", ["sma:2:of=price", "sma:2:of=mid"])
def test_a_state_of_bars_cannot_read_other_facts(text: str) -> None:
    with pytest.raises(ValueError, match=r"a bar has no (price|mid): it has open high low close"):
        parse(text).state()


@pytest.mark.parametrize("name", ["slow", "bbands"])
def test_the_values_of_indicators_are_all_outputs_also_where_there_is_one(name: str) -> None:
    bars = random_bars(30, seed=2)

    rows = through(indicators(**{name: "rsi:3"}), bars)

    assert len(rows) == 30
    assert same([row.values for row in rows], [(row.value,) for row in rows])
    assert same([getattr(row, name) for row in rows], [row.value for row in rows])
    assert {reading.values for reading in through(of_spec(parse("rsi:3")), bars)} == {()}
    same_on_frames(lambda: indicators(**{name: "rsi:3"}), two_symbols(30), cuts=[[], [17, 1, 30]])


@pytest.mark.parametrize("rows", [1, 30])
def test_an_indicator_alone_is_asked_for_by_its_name_as_one_among_several_is(rows: int) -> None:
    def heard(**chosen: str) -> list[Any]:
        told: list[Any] = []
        numbers = from_events(bars, rows=rows).pipe(indicators(**chosen), where(col("slow") < 40))
        numbers.subscribe(told.append)
        return told

    bars = random_bars(30, seed=2)
    level = through(indicators(slow="rsi:3"), bars)[-1].slow
    assert level == through(indicators(slow="rsi:3", fast="rsi:2"), bars)[-1].slow

    alone, among = heard(slow="rsi:3"), heard(slow="rsi:3", fast="rsi:2")
    assert 0 < len(alone) < 27
    assert [row.slow for row in alone] == [row.slow for row in among]


@pytest.mark.parametrize("of_symbols", ["A", "AB"])
def test_of_many_bars_those_before_one_without_a_close_are_answered(of_symbols: str) -> None:
    facts = [a_bar(n, at=n, symbol=of_symbols[n % len(of_symbols)]) for n in range(1, 100)]
    facts[80] = replace(facts[80], close="high")  # type: ignore[arg-type]

    def told(rows: int) -> list[Any]:
        heard: list[Any] = []
        from_events(facts, rows=rows).pipe(ta("SMA", timeperiod=2)).subscribe(
            heard.append, lambda error: heard.append(str(error))
        )
        return heard

    assert difference(told(100), told(1)) == ""
    assert len(told(100)) == 80 - len(of_symbols) + 1


@pytest.mark.parametrize("rows", [1, 200])
def test_a_time_of_receipt_that_is_none_is_handed_on_in_any_frames(rows: int) -> None:
    bars: list[Any] = [a_bar(price, at=price, interval=1) for price in range(1, 200)]
    bars[150] = replace(bars[150], ts_recv=1.5)
    told: list[Any] = []
    two = indicators(quick="sma:2", slow="sma:5")
    from_events(numbered(bars), rows=rows).pipe(two).subscribe(told.append, told.append)

    assert [reading.seq for reading in told] == list(range(1, 200))
    assert told[150].ts_recv == 1.5

"""Operators behind one another: what one tells in any form, the next one takes."""

from __future__ import annotations

import math
from typing import Any

import pytest
import reactivex as rx
from reactivex import operators as ops

import ordinis_rx as ox
from ordinis_rx import operators as oo
from ordinis_rx.multicast import Hot, share
from ordinis_rx.stream import from_events, numbered
from ordinis_rx.testing import a_bar, a_quote, a_trade, difference, through

BARS = numbered([a_bar(10 + i % 5, at=i + 1) for i in range(70)])
QUOTES = [a_quote(i, i + 1, at=i, symbol="AB"[i % 2], provider="p") for i in range(300)]


@pytest.mark.parametrize(
    "after",
    [
        oo.ema(span=3, of="value"),
        oo.rolling_mean(2, of="value"),
        oo.zscore_filter(5, of="value"),
        oo.hampel_filter(3, of="value"),
        oo.reorder(0),
        oo.for_symbols("A"),
    ],
    ids=["ema", "mean", "zscore", "hampel", "reorder", "symbols"],
)
def test_readings_of_few_bars_and_then_of_many_are_taken_alike(after: Any) -> None:
    def heard(*cuts: int) -> list[Any]:
        hot, told = Hot(), list[Any]()
        hot.stream.pipe(oo.sma(2), after).subscribe(told.append)
        first = 0
        for cut in (*cuts, len(BARS)):
            hot.push(BARS[first:cut])
            first = cut
        hot.complete()
        return told

    whole = heard()
    assert len(whole) > 60
    assert not difference(heard(2), whole)
    assert not difference(heard(*range(1, 70)), whole)


@pytest.mark.parametrize("before", [oo.mid(), oo.spread(), oo.ema(span=3, of="bid")])
def test_the_latest_of_each_symbol_is_told_though_nobody_has_named_them_yet(before: Any) -> None:
    told = [
        (each.symbol, each.ts_event)
        for each in through(lambda s: s.pipe(before, oo.conflate(1_000)), QUOTES)
    ]

    assert sorted(told) == [("A", 298), ("B", 299)]


@pytest.mark.parametrize(
    "made", [ox.consensus(), oo.levels(1), oo.breakouts(1), oo.ichimoku(1, 2, 3, 2)]
)
def test_what_operators_make_can_be_chosen_by_symbol_and_put_in_order(made: Any) -> None:
    facts = [
        a_bar(100 + 5 * math.sin(i / 3) + i / 20, at=i, symbol="AB"[i % 2]) for i in range(600)
    ]
    told = numbered(QUOTES + facts)
    answers = through(made, told)
    assert {each.symbol for each in answers} == {"A", "B"}

    for_one = through(lambda s: s.pipe(made, oo.for_symbols("A")), told)
    in_order = through(lambda s: s.pipe(made, oo.reorder(0)), told)

    assert not difference(for_one, [each for each in answers if each.symbol == "A"])
    assert [each.symbol for each in in_order] == [each.symbol for each in answers]


@pytest.mark.parametrize("rows", [1, 7, 1024])
def test_a_number_of_a_reading_is_told_without_its_other_numbers(rows: int) -> None:
    told = from_events([*BARS, a_bar(99.0, at=70, revision=1, seq=71)], rows=rows)

    for number in (
        oo.ema(span=2, of="value"),
        oo.rolling_mean(2, of="value"),
        oo.ta("SMA", timeperiod=2, of="value"),
    ):
        heard: list[Any] = []
        told.pipe(oo.bbands(3), number).subscribe(heard.append)
        assert {each.values for each in heard} == {()}
        assert heard[-1].revision == 1


DOORS = {
    "none": [],
    "a plain filter": [ops.filter(lambda _: True)],
    "a plain map": [ops.map(lambda x: x)],
}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
@pytest.mark.parametrize("rows", [1, 3, 1024])
def test_plain_rx_before_a_share_lets_no_branch_see_what_is_to_come(door: Any, rows: int) -> None:
    facts = [a_quote(1, 2, at=1), a_trade(1, at=2), a_quote(3, 4, at=3), a_trade(2, at=4)]
    shared = from_events(facts, rows=rows).pipe(*door, share())
    merged = ox.merge(shared.pipe(oo.trades()), shared.pipe(oo.quotes()))
    heard: list[Any] = []

    merged.pipe(ops.with_latest_from(shared)).subscribe(heard.append)

    assert [(one.ts_event, latest.ts_event) for one, latest in heard] == [
        (k, k) for k in (1, 2, 3, 4)
    ]


@pytest.mark.parametrize(
    "neutral", [None, ox.merge, oo.reorder(0)], ids=["none", "merge", "reorder"]
)
def test_branches_hear_bars_in_one_order_however_their_cause_comes(neutral: Any) -> None:
    def branches(source: Any) -> list[Any]:
        bars = source.pipe(oo.time_bars(10), share())
        both = bars.pipe(ops.with_latest_from(bars.pipe(oo.for_symbols("B"))))
        heard: list[Any] = []
        both.subscribe(heard.append)
        return heard

    trades = [a_trade(k, at=at, symbol="AB"[k % 2]) for k, at in enumerate((1, 2, 11, 12, 21, 22))]
    of_one_row = branches(from_events(trades, rows=1))
    whole = branches(from_events(trades))
    neutral_one = branches(
        from_events(trades, rows=1)
        if neutral is None
        else from_events(trades, rows=1).pipe(neutral)
    )

    def pairs(heard: list[Any]) -> list[Any]:
        return [(a.symbol, a.ts_event, b.ts_event) for a, b in heard]

    assert pairs(of_one_row) == pairs(whole) == pairs(neutral_one)


@pytest.mark.parametrize("rows", [1, 1024])
def test_a_merge_numbers_rows_of_one_cause_alike_however_many_parts_they_come_in(rows: int) -> None:
    trades = from_events([a_trade(1, at=1), a_trade(2, at=41)], rows=rows)
    bars: list[Any] = []

    trades.pipe(oo.time_bars(10, fill=True), ox.merge).subscribe(bars.append)

    assert [bar.seq for bar in bars] == [1, 1, 1, 1, 2]


@pytest.mark.parametrize("rows", [1, 2])
def test_a_join_below_a_merge_sees_all_rows_of_one_cause_at_once(rows: int) -> None:
    trades = from_events([a_trade(10, at=1), a_trade(11, at=35)], rows=rows)
    bars = trades.pipe(oo.time_bars(10, fill=True), ox.merge, share())
    pairs: list[Any] = []
    numbers: list[int] = []

    bars.pipe(oo.with_latest(bars.pipe(oo.bars()))).subscribe(
        lambda pair: pairs.append((pair[0].ts_event, pair[1].ts_event))
    )
    trades.pipe(oo.time_bars(10, fill=True), ox.merge, ox.merge).subscribe(
        lambda bar: numbers.append(bar.seq)
    )

    assert pairs == [(10, 30), (20, 30), (30, 30), (40, 40)]
    assert numbers == [1, 1, 1, 2]


@pytest.mark.parametrize("rows", [1, 4])
def test_a_filter_leaves_facts_of_other_kinds_where_they_are_among_those_of_one_number(
    rows: int,
) -> None:
    facts = [a_trade(5, at=1), a_quote(9, 10, at=2), a_quote(12, 10, at=12), a_trade(6, at=13)]
    source = from_events(facts, rows=rows).pipe(share())
    conflated, merged = list[Any](), list[Any]()

    source.pipe(oo.conflate(10), oo.drop_crossed()).subscribe(conflated.append)
    source = from_events(facts, rows=rows).pipe(share())
    bars_first = ox.merge(source.pipe(oo.time_bars(10)), source)
    bars_first.pipe(oo.drop_crossed()).subscribe(merged.append)

    def told(heard: list[Any]) -> list[Any]:
        return [(fact.type.name, fact.ts_event) for fact in heard]

    assert told(conflated) == [("TRADE", 1), ("QUOTE", 2), ("TRADE", 13)]
    assert told(merged) == [("TRADE", 1), ("QUOTE", 2), ("BAR", 10), ("TRADE", 13), ("BAR", 20)]


def test_two_streams_of_ours_one_after_the_other_do_not_mix_their_symbols() -> None:
    first = from_events([a_trade(1, symbol="A"), a_trade(2, symbol="B")])
    second = from_events([a_trade(3, symbol="B"), a_trade(4, symbol="A")])
    heard: list[Any] = []

    rx.concat(first, second).pipe(oo.rolling_mean(1)).subscribe(heard.append)

    assert [(each.symbol, each.value) for each in heard] == [("A", 1), ("B", 2), ("B", 3), ("A", 4)]


def test_what_an_end_brings_is_not_seen_by_the_fact_with_which_it_came() -> None:
    trades = [a_trade(k, at=at) for k, at in enumerate((1, 2, 15, 17, 40))]

    def pairs(source: Any) -> list[Any]:
        shared = source.pipe(share())
        heard: list[Any] = []
        joined = shared.pipe(oo.with_latest(shared.pipe(oo.time_bars(10))))
        joined.subscribe(heard.append, heard.append, lambda: heard.append("end"))
        return [each if each == "end" else (each[0].ts_event, each[1].ts_event) for each in heard]

    for source in (from_events(trades[:4]), from_events(trades).pipe(ops.take(4))):
        assert pairs(source) == [(15, 10), (17, 10), "end"]


def test_an_error_within_a_turn_comes_after_what_the_turn_brought() -> None:
    def refuse_dear(trade: Any) -> Any:
        if trade.price > 2:
            raise ValueError("dear")
        return trade

    shared = from_events([a_trade(k, at=k) for k in range(5)]).pipe(ops.map(refuse_dear), share())
    heard: list[Any] = []
    joined = ox.merge(shared.pipe(oo.trades()), shared.pipe(oo.rolling_mean(1)))
    joined.subscribe(lambda each: heard.append(each.seq), lambda error: heard.append(str(error)))

    assert heard == [1, 1, 2, 2, 3, 3, "dear"]

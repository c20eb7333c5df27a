"""Joins: the latest by `seq`, settled when a turn ends, the same whichever branch is told first."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reactivex import Observable
from reactivex import operators as ops
from reactivex.subject import Subject

from ordinis_rx.events import Event
from ordinis_rx.multicast import share
from ordinis_rx.operators import Latest, mid, quotes, trades, with_latest, zip_latest_by
from ordinis_rx.stepping import staged
from ordinis_rx.stream import from_events
from ordinis_rx.testing import a_quote, a_status, a_trade, same, same_on_frames, through
from tests.heard import heard_out


def pairs(source: Observable[Event]) -> Observable[Any]:
    shared = source.pipe(share())
    return shared.pipe(trades(), with_latest(shared.pipe(quotes())))


def test_run_begins_when_both_inputs_are_connected() -> None:
    def slow(source: Any) -> Any:
        def stage(observer: Any) -> Any:
            threading.Event().wait(0.05)  # as long as compiling a kernel may take, and longer
            return observer

        return staged(source, stage)

    facts = [a_quote(99, 101), a_trade(100), a_quote(98, 100), a_trade(99)]
    shared = from_events(facts).pipe(share())
    pairs = shared.pipe(trades(), slow, with_latest(shared.pipe(quotes())))
    told = pairs.pipe(ops.to_list()).run()
    assert [(trade.price, quote.bid) for trade, quote in told] == [(100, 99), (99, 98)]


def test_a_fact_is_paired_with_the_latest_of_its_symbol() -> None:
    events = [
        a_trade(1, symbol="A"),
        a_quote(1, 2, symbol="A"),
        a_quote(5, 6, symbol="B"),
        a_trade(2, symbol="A"),
        a_quote(2, 3, symbol="A"),
        a_trade(3, symbol="A"),
        a_trade(4, symbol="C"),
    ]

    told = through(pairs, events)

    assert [(trade.price, quote.bid) for trade, quote in told] == [(2.0, 1.0), (3.0, 2.0)]


@pytest.mark.parametrize("swapped", [False, True])
def test_what_an_event_causes_is_there_for_the_fact_that_it_causes(swapped: bool) -> None:
    # Whichever branch is told first: the join waits for the end of the turn.
    shared = from_events([a_quote(1, 3), a_quote(3, 5)]).pipe(share())
    mids = shared.pipe(mid())

    told = heard_out(mids.pipe(with_latest(shared)) if swapped else shared.pipe(with_latest(mids)))

    numbers = [(one.seq, other.seq) for one, other in told[:-1]]
    assert numbers == [(1, 1), (2, 2)]


def test_inputs_of_different_roots_are_refused_with_advice() -> None:
    trades_of_one = from_events([a_trade(seq=1)])
    quotes_of_another = from_events([a_quote(seq=1)])

    (error,) = heard_out(trades_of_one.pipe(with_latest(quotes_of_another)))

    assert isinstance(error, ValueError)
    assert "different roots" in str(error)
    assert "merge()" in str(error)
    assert "share()" in str(error)


def test_a_branch_through_plain_rx_is_of_the_same_root() -> None:
    shared = from_events([a_quote(1, 3), a_trade(7), a_trade(8)]).pipe(share())
    dear = shared.pipe(trades(), ops.filter(lambda trade: trade.price > 7))

    told = heard_out(dear.pipe(with_latest(shared.pipe(quotes()))))

    assert [(trade.price, quote.bid) for trade, quote in told[:-1]] == [(8.0, 1.0)]


def test_a_join_ends_with_its_source_and_outlives_the_other() -> None:
    source: Subject[Any] = Subject()
    shared = source.pipe(share())
    told = heard_out(shared.pipe(trades(), with_latest(shared.pipe(quotes(), ops.take(1)))))

    for fact in (a_quote(1, 3), a_quote(2, 4), a_trade(9)):
        source.on_next(fact)
    source.on_completed()

    assert [pair if pair == "|" else pair[1].bid for pair in told] == [1.0, "|"]


def test_a_source_that_ends_within_a_turn_ends_the_join_after_it() -> None:
    shared = from_events([a_quote(1, 3), a_quote(3, 5)]).pipe(share())

    told = heard_out(shared.pipe(ops.take(1), with_latest(shared.pipe(mid()))))

    assert [pair if pair == "|" else pair[1].value for pair in told] == [2.0, "|"]


def test_an_error_of_either_input_ends_the_join() -> None:
    source: Subject[Any] = Subject()
    shared = source.pipe(share())

    def fail(_: Any) -> bool:
        raise ZeroDivisionError

    told = heard_out(shared.pipe(trades(), with_latest(shared.pipe(quotes(), ops.filter(fail)))))
    source.on_next(a_quote())

    assert [type(error) for error in told] == [ZeroDivisionError]
    assert not source.observers


def test_dispose_lets_both_inputs_go() -> None:
    source: Subject[Any] = Subject()

    source.pipe(pairs).subscribe().dispose()

    assert not source.observers


@given(
    st.lists(st.tuples(st.booleans(), st.sampled_from("AB")), max_size=14),
    st.lists(st.lists(st.integers(1, 5), max_size=4), min_size=1, max_size=1),
)
def test_a_join_is_the_same_on_any_frames(
    drawn: list[tuple[bool, str]], cuts: list[list[int]]
) -> None:
    facts: list[Event] = [
        a_trade(n, symbol=symbol) if is_trade else a_quote(n, n + 1, symbol=symbol)
        for n, (is_trade, symbol) in enumerate(drawn)
    ]
    latest: dict[str, Event] = {}
    wanted: list[tuple[int, int]] = []
    for seq, fact in enumerate(facts, 1):
        if fact.type.name == "QUOTE":
            latest[fact.symbol] = fact
        elif fact.symbol in latest:
            wanted.append((seq, facts.index(latest[fact.symbol]) + 1))

    assert [(trade.seq, quote.seq) for trade, quote in through(pairs, facts)] == wanted
    same_on_frames(lambda: pairs, facts, cuts=cuts, silent=True)


def rows(told: list[Latest]) -> list[tuple[str, int, dict[str, float]]]:
    return [(row.symbol, row.seq, {k: q.bid for k, q in row.quotes.items()}) for row in told]


QUOTES: list[Event] = [
    a_quote(1, 2, provider="x", at=5),
    a_quote(2, 3, provider="y", at=6),
    a_quote(9, 10, provider="x", symbol="B", at=7),
    a_status(provider="x"),
    a_quote(3, 4, provider="x", at=8),
]


def test_a_row_holds_every_providers_newest_quote_of_a_symbol() -> None:
    assert rows(through(zip_latest_by(), QUOTES)) == [
        ("A", 1, {"x": 1.0}),
        ("A", 2, {"x": 1.0, "y": 2.0}),
        ("B", 3, {"x": 9.0}),
        ("A", 5, {"x": 3.0, "y": 2.0}),
    ]


def test_rows_wait_for_all_the_providers_asked_for_and_leave_out_others() -> None:
    facts = [*QUOTES, a_quote(7, 8, provider="z")]

    told = through(zip_latest_by(providers=["y", "x"]), facts)

    assert rows(told) == [
        ("A", 2, {"x": 1.0, "y": 2.0}),
        ("A", 5, {"x": 3.0, "y": 2.0}),
    ]
    assert [row.ts_event for row in told] == [6, 8]


def test_venues_may_stand_in_for_providers() -> None:
    facts = [a_quote(1, 2, bid_venue="N"), a_quote(2, 3, bid_venue="Q")]

    assert rows(through(zip_latest_by("bid_venue"), facts))[-1][2] == {"N": 1.0, "Q": 2.0}


def test_a_row_told_does_not_change_and_cannot_be_changed() -> None:
    first, second = through(zip_latest_by(), [a_quote(1, 2), a_quote(2, 3)])

    assert same(first.quotes[""].bid, 1.0)
    assert same(second.quotes[""].bid, 2.0)
    with pytest.raises(TypeError):
        first.quotes[""] = second.quotes[""]  # type: ignore[index]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: zip_latest_by("colour"), ValueError, "got 'colour'"),
        (lambda: zip_latest_by(providers="xy"), TypeError, "got 'xy'"),
    ],
)
def test_what_makes_no_sense_is_refused(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()

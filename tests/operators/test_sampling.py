"""Fewer facts: which are told, when, and with whose times; the same on any frames."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ordinis_rx.events import Event, Trade
from ordinis_rx.kinds import TradeFlags
from ordinis_rx.multicast import Hot, share
from ordinis_rx.operators import (
    SideOutput,
    align,
    col,
    conflate,
    heartbeats,
    quotes,
    rule,
    sample_on,
    signals,
    trades,
    with_latest,
)
from ordinis_rx.stream import from_events
from ordinis_rx.testing import (
    a_gap,
    a_heartbeat,
    a_quote,
    a_reading,
    a_trade,
    same_on_frames,
    through,
)


def test_a_tick_about_a_symbol_asks_for_that_one_and_one_about_none_for_all() -> None:
    facts = [
        a_quote(1, 9, at=1),
        a_quote(2, 9, at=2, symbol="B"),
        a_trade(at=3, ts_recv=8, symbol="B"),
        a_quote(3, 9, at=4, symbol="B"),
        a_heartbeat(at=5),
        a_heartbeat(at=6),
    ]
    events = from_events(facts).pipe(share())
    told: list[tuple[str, float, int, int, int]] = []

    def note(quote: Any) -> None:
        told.append((quote.symbol, quote.bid, quote.ts_event, quote.ts_recv, quote.seq))

    events.pipe(quotes(), sample_on(events.pipe(trades()))).subscribe(note)
    assert told == [("B", 2, 3, 8, 3)]

    told.clear()
    events.pipe(quotes(), sample_on(events.pipe(heartbeats()))).subscribe(note)
    assert told == [("A", 1, 5, 0, 5), ("B", 3, 5, 0, 5)]


def test_inputs_of_two_roots_are_refused_by_name() -> None:
    errors: list[Exception] = []
    one, other = Hot(), Hot()
    one.stream.pipe(sample_on(other.stream)).subscribe(print, errors.append)

    one.push([a_trade(seq=1)])
    other.push([a_trade(seq=1)])

    assert "sample_on: its two inputs come from different roots" in str(errors[0])


def test_prices_stand_side_by_side_at_the_end_of_every_interval() -> None:
    facts = [
        a_trade(10, at=1),
        a_trade(99, at=2, symbol="Z"),
        a_trade(50, at=13, symbol="B"),
        a_trade(51, at=14, symbol="B"),
        a_trade(11, at=45),
    ]

    told = through(align(10, ["B", "A"]), facts)

    assert [(row.ts_event, *row.values, row.value) for row in told[1:]] == [
        (20, 51, 10, 1),
        (30, 51, 10, 0),
        (40, 51, 10, 0),
        (50, 51, 11, 1),
    ]
    assert math.isnan(told[0].values[0])
    assert (told[0].symbol, told[0].name, told[0].ts_event, told[0].seq) == ("", "B,A", 10, 3)


def test_a_rule_finds_the_prices_of_several_symbols_by_their_names() -> None:
    prices = [("KO", 50), ("PEP", 60), ("KO", 70)]
    facts = [a_trade(price, at=at, symbol=symbol) for at, (symbol, price) in enumerate(prices)]
    dear = rule("dear", col("KO") > col("PEP"))

    (signal,) = through(lambda told: told.pipe(align(1, ["KO", "PEP"]), signals(dear)), facts)

    assert signal.ts_event == 3
    for symbols in (["KO"], ["KO", "A,B"]):
        assert {row.name for row in through(align(1, symbols), facts)} == {"align"}


def test_what_comes_after_its_interval_goes_to_the_side() -> None:
    late, heard = SideOutput[Event](), list[Event]()
    late.subscribe(heard.append)
    facts = [a_trade(10, at=1), a_trade(11, at=12), a_trade(99, at=3)]

    told = through(align(10, ["A"], late=late), facts)

    assert [(row.ts_event, row.values) for row in told] == [(10, (10.0,)), (20, (11.0,))]
    assert [fact.price for fact in heard if isinstance(fact, Trade)] == [99.0]


def test_news_are_what_counts_and_other_prices() -> None:
    corrected = TradeFlags.LAST | TradeFlags.HIGH_LOW  # counts in no volume
    facts = [
        a_trade(10, at=1),
        a_trade(11, at=12, flags=corrected),
        a_trade(12, at=23, flags=TradeFlags.VOLUME | TradeFlags.ODD_LOT),
        a_trade(11, at=45),
    ]

    told = through(align(10, ["A"]), facts)

    assert [(row.values[0], row.value) for row in told] == [(10, 1), (11, 1), (11, 1), (11, 0), (11, 1)]  # fmt: skip


def test_mids_are_aligned_by_heartbeats_where_the_market_is_quiet() -> None:
    facts = [a_quote(1, 3, at=1), a_heartbeat(at=15), a_heartbeat(at=26)]

    told = through(align(10, ["A"], of="mid", flush_after=5), facts)

    assert [(row.ts_event, row.values, row.seq) for row in told[:2]] == [(10, (2,), 2), (20, (2,), 3)]  # fmt: skip


MAKERS: list[Callable[[], Any]] = [
    lambda: conflate(7),
    lambda: align(5, ["B", "A"]),
    lambda: _sampled,
    lambda: _conflated_with_latest,
]


def _sampled(source: Any) -> Any:
    shared = source.pipe(share())
    return shared.pipe(quotes(), sample_on(shared.pipe(trades())))


def _conflated_with_latest(source: Any) -> Any:
    shared = source.pipe(share())
    return shared.pipe(conflate(6), with_latest(shared.pipe(quotes())))


some_events = st.lists(
    st.builds(lambda at, s: a_quote(at, at + 1, at=at, symbol=s), st.integers(0, 40), st.sampled_from("AB"))
    | st.builds(lambda at, s: a_trade(at, at=at, symbol=s), st.integers(0, 40), st.sampled_from("AB"))
    | st.integers(0, 40).map(lambda at: a_heartbeat(at=at))
    | st.integers(0, 40).map(lambda at: a_reading(at, at=at))
    | st.just(a_gap(0, 9)),
    max_size=20,
)  # fmt: skip


@settings(max_examples=15)
@given(some_events, st.sampled_from(MAKERS))
def test_any_split_gives_the_same(events: list[Event], make: Callable[[], Any]) -> None:
    same_on_frames(make, events, silent=True)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: align(1, []), ValueError, "align: symbols must be at least one name, got none"),
        (
            lambda: align(1, iter("ABCB")),
            ValueError,
            "align: symbols must be named once each, got 'B' twice",
        ),
        (lambda: align(1, "AB"), TypeError, "align: symbols must be several, as in .*, got 'AB'"),
        (lambda: align(0, ["A"]), ValueError, "interval must be 1 or more nanoseconds, .* got 0"),
    ],
)
def test_settings_that_make_no_sense_are_refused(
    make: Callable[[], Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        make()

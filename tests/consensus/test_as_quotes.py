"""Answers as quotes: what agrees goes on into bars and indicators."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reactivex import Observable

import ordinis_rx as ox
from ordinis_rx import operators as oo
from ordinis_rx.consensus import AggregatedQuote, as_quotes, consensus
from ordinis_rx.events import Bar, Event, Quote, Reading
from ordinis_rx.stream import numbered
from ordinis_rx.testing import a_quote, a_trade, check_operator, same_on_frames, through

PANEL = [a_quote(100.0 + k, 101.0 + k, provider="ab"[k % 2], at=10 * k) for k in range(20)]


def answer(price: float, bid: float = math.nan, ask: float = math.nan) -> AggregatedQuote:
    return AggregatedQuote(symbol="A", ts_event=5, provider="b", price=price, bid=bid, ask=ask)


def test_the_price_is_bid_and_ask_or_the_book_is() -> None:
    answers = numbered([answer(100.5, 100.0, 102.0), answer(math.nan), answer(99.0)])

    assert through(as_quotes(), answers) == [
        Quote(symbol="A", ts_event=5, provider="b", seq=1, bid=100.5, ask=100.5),
        Quote(symbol="A", ts_event=5, provider="b", seq=3, bid=99.0, ask=99.0),
    ]
    assert through(as_quotes("book"), answers) == [
        Quote(symbol="A", ts_event=5, provider="b", seq=1, bid=100.0, ask=102.0)
    ]


def test_a_consensus_goes_on_into_bars_and_indicators() -> None:
    prices = ox.from_events(PANEL).pipe(consensus(), as_quotes(), ox.share())
    bars: list[Bar] = []
    means: list[Reading] = []
    agreed: list[AggregatedQuote] = []

    ox.merge(
        prices.pipe(oo.time_bars(100, of="mid")), prices.pipe(oo.ema(span=5, of="mid"))
    ).subscribe(
        lambda fact: (bars if isinstance(fact, Bar) else means).append(fact)  # type: ignore[arg-type]
    )
    ox.from_events(PANEL).pipe(consensus()).subscribe(agreed.append)

    assert [bar.close for bar in bars] == [agreed[9].price, agreed[-1].price]
    assert len(means) == len(agreed)


def test_it_keeps_the_promises_of_every_operator() -> None:
    check_operator(as_quotes, through(consensus(), [*PANEL, a_trade(5.0, symbol="B", at=300)]))


@settings(max_examples=25)
@given(st.lists(st.tuples(*[st.floats() | st.just(math.nan)] * 3), max_size=20))
def test_any_numbers_and_any_cuts_give_the_same(numbers: list[tuple[float, float, float]]) -> None:
    for of in ("price", "book"):
        same_on_frames(
            lambda of=of: as_quotes(of), [answer(*each) for each in numbers], silent=True
        )  # type: ignore[misc]


def test_what_is_neither_is_refused() -> None:
    with pytest.raises(ValueError, match="as_quotes: of must be one of 'price', 'book', got 'mid'"):
        as_quotes("mid")  # type: ignore[arg-type]


def test_answers_are_conflated_by_symbol_whoever_has_led_to_them() -> None:
    panel = [a_quote(100.0 + k, 101.0 + k, provider="ab"[k % 2], at=10 * k) for k in range(100)]

    def conflated(quotes: Observable[Event]) -> Observable[AggregatedQuote]:
        return quotes.pipe(consensus(), oo.conflate(50))

    assert [each.ts_event // 50 for each in through(conflated, panel)] == [*range(20)]
    assert len({each.provider for each in through(consensus(), panel)}) == 2
    same_on_frames(lambda: conflated, panel)


LATE = [
    a_quote(99.9, 100.1, provider="fast", at=1, ts_recv=1),
    a_quote(99.9, 100.1, provider="slow", at=2, ts_recv=2),
    a_quote(109.9, 110.1, provider="fast", at=12, ts_recv=12),
    a_quote(100.9, 101.1, provider="slow", at=9, ts_recv=13),
    a_quote(109.9, 110.1, provider="slow", at=30, ts_recv=30),
]


@pytest.mark.parametrize("lateness", [0, 5])
def test_a_report_that_comes_late_brings_no_later_price_into_a_bar_that_has_ended(
    lateness: int,
) -> None:
    left_out, heard = oo.SideOutput[Quote](), list[Quote]()
    left_out.subscribe(heard.append)

    bars = through(
        lambda s: s.pipe(
            consensus(), as_quotes(), oo.time_bars(10, of="mid", lateness=lateness, late=left_out)
        ),
        LATE,
    )

    assert bars[0].ts_event == 10
    assert round(bars[0].close, 9) == 100.0
    assert heard == []


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 40)), min_size=1, max_size=30))
@settings(max_examples=50)
def test_no_answer_is_stamped_before_one_of_its_reports(told: list[tuple[str, int]]) -> None:
    quotes = numbered(
        [
            a_quote(100.0 + k % 3, 101.0 + k % 3, provider=provider, at=at)
            for k, (provider, at) in enumerate(told)
        ]
    )
    every = ox.AggregationConfig(emit="every")

    for answers in (through(consensus(every), quotes), through(ox.bbo(), quotes)):
        for each in answers:
            assert each.ts_event == max(quote.ts_event for quote in quotes[: each.seq])

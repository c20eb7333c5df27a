"""The best bid and ask across venues."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.batches import Item
from ordinis_rx.consensus import bbo
from ordinis_rx.events import Event, Quote, StreamStatus
from ordinis_rx.stream import flow_of, from_events, numbered
from ordinis_rx.testing import a_gap, a_quote, a_status, a_trade, through
from ordinis_rx.testing.on_frames import same_on_frames
from ordinis_rx.timebase import DAY, MINUTE, SECOND


def best(*told: Event) -> list[Quote]:
    return through(bbo(), numbered(told))


def test_the_best_of_each_side_wins_and_sizes_at_it_add_up() -> None:
    last = best(
        a_quote(99.0, 102.0, provider="x", bid_size=1, ask_size=2),
        a_quote(100.0, 101.0, provider="y", bid_size=3, ask_size=4),
        a_quote(100.0, 103.0, provider="z", bid_size=5, ask_size=6),
    )[-1]

    assert (last.bid, last.ask, last.bid_size, last.ask_size) == (100.0, 101.0, 8.0, 4.0)
    assert (last.bid_venue, last.ask_venue, last.provider) == ("y,z", "y", "bbo")


def test_crossed_and_locked_markets_say_so() -> None:
    told = best(
        a_quote(99.0, 101.0, provider="x"),
        a_quote(101.0, 103.0, provider="y"),
        a_quote(102.0, 103.0, provider="y"),
    )

    assert [quote.is_locked for quote in told] == [False, True, False]
    assert [quote.is_crossed for quote in told] == [False, False, True]


def test_what_changes_nothing_is_not_told() -> None:
    told = best(
        a_quote(99.0, 101.0, provider="x"), a_quote(98.0, 102.0, provider="y"), a_trade(100.0)
    )

    assert len(told) == 1


def test_a_missing_side_does_not_count() -> None:
    told = best(a_quote(math.nan, 101.0, provider="x"), a_quote(0.0, 100.0, provider="y"))

    assert math.isnan(told[-1].bid)
    assert told[-1].ask == 100.0


def test_old_quotes_are_left_out() -> None:
    told = best(
        a_quote(99.0, 101.0, provider="x"), a_quote(98.0, 102.0, provider="y", at=2 * MINUTE)
    )

    assert (told[-1].bid, told[-1].ask) == (98.0, 102.0)


def test_one_stamp_of_next_year_silences_nobody() -> None:
    wrong = 365 * DAY
    told = best(
        a_quote(9, 12, at=1 * SECOND, ts_recv=1 * SECOND, provider="x"),
        a_quote(10, 13, at=wrong, ts_recv=2 * SECOND, provider="y"),
        a_quote(11, 12, at=3 * SECOND, ts_recv=3 * SECOND, provider="x"),
        a_quote(8, 14, at=4 * SECOND, ts_recv=4 * SECOND, provider="y"),
    )

    assert [(quote.bid, quote.ask) for quote in told] == [(9, 12), (10, 12), (11, 12)]
    assert told[1].ts_event == 2 * SECOND


def test_a_quote_older_than_the_one_that_is_there_is_left_out() -> None:
    told = best(a_quote(99.0, 101.0, at=SECOND), a_quote(100.0, 101.0, at=0))

    assert len(told) == 1


@pytest.mark.parametrize(
    "loss",
    [
        a_status(StreamStatus.DISCONNECTED, provider="x"),
        a_gap(provider="x"),
        a_gap(provider="x", symbols=("A", "B")),
        a_gap(symbols=("A",)),
    ],
)
def test_a_lost_venue_is_left_out(loss: Event) -> None:
    told = best(a_quote(99.0, 101.0, provider="x"), loss)

    assert math.isnan(told[-1].bid)
    assert told[-1].seq == 2


@given(
    st.lists(
        st.tuples(st.sampled_from("xyz"), st.integers(90, 100), st.integers(95, 110)), min_size=1
    )
)
def test_the_best_is_the_best_of_the_newest(rows: list[tuple[str, int, int]]) -> None:
    told = numbered(
        [a_quote(bid, ask, provider=name, bid_size=0, ask_size=0) for name, bid, ask in rows]
    )
    newest = {quote.provider: quote for quote in told}

    last = through(bbo(None), told)[-1]

    assert last.bid == max(quote.bid for quote in newest.values())
    assert last.ask == min(quote.ask for quote in newest.values())


def test_the_cut_into_frames_changes_nothing() -> None:
    told = [a_quote(99.0 - k % 3, 101.0 + k % 5, provider="xyz"[k % 3], at=k) for k in range(12)]

    same_on_frames(bbo, [*told, a_gap(provider="x")])


def test_an_age_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match=r"max_age must be 1 or more nanoseconds, .* got 0"):
        bbo(0)


def test_a_side_of_nothing_does_not_count() -> None:
    told = [a_quote(9.0, 0.0, provider="x"), a_quote(0.0, 12.0, provider="y")]
    quotes = through(bbo(), told)

    assert (quotes[-1].bid, quotes[-1].ask) == (9.0, 12.0)


def test_the_best_has_the_symbol_and_the_times_of_what_changed_it() -> None:
    told = best(
        a_quote(99.0, 101.0, symbol="AAPL", provider="x", at=7, ts_recv=9),
        a_quote(0.5, 0.75, symbol="PENNY", provider="x", at=8, ts_recv=10),
    )

    assert [(quote.symbol, quote.ts_event, quote.ts_recv) for quote in told] == [
        ("AAPL", 7, 9),
        ("PENNY", 8, 10),
    ]
    assert (told[1].bid, told[1].ask) == (0.5, 0.75)


def test_what_changes_nothing_is_not_told_where_a_side_is_missing_either() -> None:
    quote = a_quote(math.nan, 101.0, provider="x", bid_size=math.nan, ask_size=0.5)

    told = best(quote, quote, a_quote(100.0, 101.0, provider="x", ask_size=0.5))

    assert [each.bid for each in told] == [pytest.approx(math.nan, nan_ok=True), 100.0]
    assert (told[0].bid_size, told[0].ask_size, told[0].bid_venue) == (0.0, 0.5, "")


def test_sizes_at_the_best_add_up_on_either_side_whatever_is_unknown() -> None:
    last = best(
        a_quote(99.0, 101.0, provider="x", bid_size=1.0, ask_size=0.25),
        a_quote(99.0, 101.0, provider="y", bid_size=0.5, ask_size=1.0),
        a_quote(99.0, 101.0, provider="z", bid_size=math.nan, ask_size=math.nan),
    )[-1]

    assert (last.bid_size, last.ask_size) == (1.5, 1.25)
    assert (last.bid_venue, last.ask_venue) == ("x,y,z", "x,y,z")


def test_a_quote_is_fresh_until_it_is_older_than_it_may_be_by_the_newest_time_of_all() -> None:
    def told(age: int) -> list[Quote]:
        first = a_quote(99.0, 101.0, provider="x", at=0)
        return through(bbo(SECOND), [first, a_quote(98.0, 102.0, provider="y", at=age)])

    assert told(SECOND)[-1].bid == 99.0
    assert told(SECOND + 1)[-1].bid == 98.0
    late = a_quote(97.0, 101.0, provider="z", at=SECOND)
    told_late = best(a_quote(98.0, 102.0, provider="y", at=2 * MINUTE), late)
    assert [quote.bid for quote in told_late] == [98.0]
    assert len(through(bbo(1), [a_quote(99.0, 101.0)])) == 1


def test_a_loss_takes_away_only_what_it_is_about() -> None:
    books = [
        a_quote(99.0, 101.0, symbol=symbol, provider=provider)
        for symbol in ("A", "B")
        for provider in ("x", "y")
    ]
    of_one = best(*books, a_gap(provider="x", symbols=("A",)))
    of_all = best(*books, a_gap(provider="x"))

    assert [(quote.symbol, quote.bid_venue) for quote in of_one[4:]] == [("A", "y")]
    assert [(quote.symbol, quote.bid_venue) for quote in of_all[4:]] == [("A", "y"), ("B", "y")]
    assert math.isnan(best(books[0], a_gap(symbols=("A",)))[-1].ask)


def test_nothing_at_all_is_handed_on_where_nothing_changes() -> None:
    """Not even an empty frame: who counts items would count it."""
    seen: list[Item] = []

    class Ear:
        def on_item(self, item: Item) -> None:
            seen.append(item)

        def on_error(self, error: Exception) -> None:
            raise error

        def on_completed(self) -> None:
            seen.append(None)  # type: ignore[arg-type]

        def exits(self, found: set[int]) -> None: ...

    flow_of(from_events([a_trade(9.0), a_trade(8.0)]).pipe(bbo()), Ear())

    assert seen == [None]

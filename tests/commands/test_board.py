from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.commands.board import FRESH, Board, Sample
from ordinis_rx.events import StreamStatus, TradeFlags
from ordinis_rx.testing.factories import a_gap, a_quote, a_status, a_trade
from ordinis_rx.timebase import MILLI


def a_board(*providers: str) -> Board:
    return Board(providers or ("p", "q", "r"), ["A"], lambda _symbol, _ts: 100.0)


def test_the_median_is_of_all_providers() -> None:
    board = a_board()
    for provider, bid in (("p", 98.0), ("q", 99.0), ("r", 150.0)):
        board.on_next(a_quote(bid, bid + 2, provider=provider, ts_recv=1))

    look = board.look("A", 1)

    assert look == Sample(ts=1, symbol="A", median=100.0, true=100.0, fresh=3)
    assert look.error_bps == 0


def test_an_old_price_has_no_say() -> None:
    board = a_board()
    board.on_next(a_quote(98, 100, provider="p", ts_recv=0))
    board.on_next(a_quote(100, 102, provider="q", ts_recv=MILLI))

    assert board.look("A", FRESH).median == 100.0
    assert board.look("A", FRESH + 1).median == 101.0
    assert math.isnan(board.look("A", FRESH + 2 * MILLI).median)


def test_a_provider_without_quotes_is_heard_by_its_trades() -> None:
    board = a_board("p")
    board.on_next(a_trade(101, provider="p", ts_recv=1))
    assert board.look("A", 1).median == 101.0

    board.on_next(a_quote(99, 101, provider="p", ts_recv=2))
    board.on_next(a_trade(105, provider="p", ts_recv=3))
    assert board.look("A", 3).median == 100.0


def test_a_late_print_moves_nothing() -> None:
    board = a_board("p")
    board.on_next(a_trade(50, provider="p", flags=TradeFlags.VOLUME | TradeFlags.LATE))

    assert board.trades == {}
    assert not board.is_complete


def test_a_quote_without_a_side_is_no_price() -> None:
    board = a_board("p")
    board.on_next(a_quote(math.nan, 101, provider="p"))

    assert not board.is_complete
    assert board.events == 1


def test_it_is_complete_when_everybody_has_told_a_price_of_everything() -> None:
    board = Board(["p", "q"], ["A", "B"], lambda *_: 1.0)
    rows = [("p", "A"), ("p", "B"), ("q", "A"), ("q", "B")]

    told = []
    for provider, symbol in rows:
        board.on_next(a_quote(provider=provider, symbol=symbol))
        told.append(board.is_complete)

    assert told == [False, False, False, True]


def test_states_gaps_and_the_end_are_remembered() -> None:
    board = a_board("p")
    gap = a_gap(provider="p")

    board.on_next(a_status(StreamStatus.CONNECTED, provider="p"))
    board.on_next(gap)
    board.on_error(error := RuntimeError("end"))

    assert board.statuses == {"p": StreamStatus.CONNECTED}
    assert board.gaps == [gap]
    assert board.failure is error


def test_every_sample_looks_at_every_symbol() -> None:
    board = Board(["p"], ["A", "B"], lambda *_: 1.0)

    board.sample(5)
    board.sample(6)

    assert [(sample.ts, sample.symbol) for sample in board.samples] == [
        (5, "A"),
        (5, "B"),
        (6, "A"),
        (6, "B"),
    ]


@given(st.lists(st.floats(90, 110), min_size=3, max_size=3), st.floats(1, 1e6))
def test_one_liar_among_three_never_leads_outside_the_honest_prices(
    prices: list[float], lie: float
) -> None:
    board = a_board()
    for provider, price in zip(("p", "q"), prices, strict=False):
        board.on_next(a_trade(price, provider=provider))
    board.on_next(a_trade(lie, provider="r"))

    assert min(prices[:2]) <= board.look("A", 0).median <= max(prices[:2])


def test_an_error_is_a_share_of_the_true_price() -> None:
    assert Sample(0, "A", 100.01, 100.0, 1).error_bps == pytest.approx(1.0)

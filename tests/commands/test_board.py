from __future__ import annotations

import math

from ordinis_rx.commands.board import Board
from ordinis_rx.events import StreamStatus, TradeFlags
from ordinis_rx.testing.factories import a_gap, a_quote, a_status, a_trade


def a_board(*providers: str) -> Board:
    return Board(providers, ["A"])


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
    board = Board(["p", "q"], ["A", "B"])
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

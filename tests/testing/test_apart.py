"""Symbols apart: one state for all of them is found out, and so is what reaches into a neighbour's."""

from __future__ import annotations

from typing import Any

import pytest
from reactivex import operators as ops

from ordinis_rx import operators as oo
from ordinis_rx.frames import ReadingFrame, TradeFrame
from ordinis_rx.kernels.record import Layout, floats, ints
from ordinis_rx.lifting import operator
from ordinis_rx.testing import a_heartbeat, a_trade, check_apart, check_operator

TRADES = [a_trade(n * n % 7, symbol=symbol, at=n) for n, symbol in enumerate("ABCABBACAC")]

ONE = Layout(reads="price:f", writes="row:i value:f", state="last:f@1")
PRICE, ROW, VALUE, LAST = ONE.slots


def since_the_last(n: int, call: Any) -> int:
    """By how much each price differs from the one before it, whosever that was."""
    price, row, value, last = floats(call, PRICE), ints(call, ROW), floats(call, VALUE), floats(call, LAST)  # fmt: skip
    for i in range(n):
        row[i] = i
        value[i] = price[i] - last[0]
        last[0] = price[i]
    return n


def moves() -> Any:
    return operator(since_the_last, ONE, reads=TradeFrame, writes=ReadingFrame)


def test_a_kernel_with_one_state_for_all_symbols_is_found_out() -> None:
    check_operator(moves, TRADES)  # every other promise it keeps

    with pytest.raises(AssertionError, match="apart: what is told of A depends on other symbols"):
        check_apart(moves, TRADES)


@pytest.mark.parametrize("make", [lambda: oo.rolling_mean(2), lambda: oo.tick_bars(2), oo.vwap])
def test_operators_that_take_symbols_apart_pass(make: Any) -> None:
    check_apart(make, [*TRADES, a_heartbeat()])


@pytest.mark.parametrize(
    ("make", "facts", "told"),
    [
        (lambda: oo.rolling_mean(2), TRADES[:1], "facts of two symbols at least, got 1"),
        (lambda: oo.rolling_mean(9), TRADES, "nothing with a symbol comes out of the operator"),
        (lambda: ops.map(lambda trade: trade.price), TRADES, "nothing with a symbol comes out"),
    ],
)
def test_what_compares_nothing_is_refused(make: Any, facts: list[Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        check_apart(make, facts)


def test_an_error_of_the_operator_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        check_apart(lambda: ops.map(lambda trade: 1 / 0), TRADES)

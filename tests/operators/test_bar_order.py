"""The last bar of each symbol, and the side output for those that are left out."""

from __future__ import annotations

import math

from ordinis_rx.kernels.bar_order import LEFT_OUT, NEW, REPLACES
from ordinis_rx.operators import SideOutput
from ordinis_rx.operators.bar_order import BarOrder, telling_skipped
from ordinis_rx.testing import a_bar, a_trade, same, through


def test_each_symbol_has_a_last_bar_of_its_own() -> None:
    order = BarOrder()
    told = [
        (a_bar(1, at=5, symbol="A"), NEW),
        (a_bar(1, at=3, symbol="B"), NEW),
        (a_bar(1, at=4, symbol="A"), LEFT_OUT),
        (a_bar(1, at=3, symbol="B", revision=1), REPLACES),
        (a_bar(math.nan, at=9, symbol="A"), LEFT_OUT),
        (a_bar(1, at=6, symbol="A"), NEW),  # what was left out moved nothing
    ]

    assert [order.standing(bar) for bar, _ in told] == [wanted for _, wanted in told]


def test_what_is_left_out_is_told_to_the_side_output_and_nothing_else_is() -> None:
    skipped, heard = SideOutput(), []
    skipped.subscribe(heard.append)
    facts = [a_bar(1, at=5), a_trade(1), a_bar(math.nan, at=6), a_bar(2, at=4), a_bar(3, at=7)]

    through(telling_skipped(lambda source: source, skipped), facts)

    assert [bar.ts_event for bar in heard] == [6, 4]
    assert skipped.told == 2


def test_without_a_side_output_nothing_stands_in_between() -> None:
    def itself(source: object) -> object:
        return source

    assert telling_skipped(itself, None) is itself


def test_bars_pass_as_they_are() -> None:
    bars = [a_bar(1, at=5, seq=1), a_bar(math.nan, at=6, seq=2)]

    assert same(through(telling_skipped(lambda source: source, SideOutput()), bars), bars)

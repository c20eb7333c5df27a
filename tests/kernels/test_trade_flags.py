"""The bits of trades that kernels know are those that trades have."""

from __future__ import annotations

from ordinis_rx import events
from ordinis_rx.kernels.trade_flags import MOVES_ALL, MOVES_HIGH_LOW, MOVES_LAST, MOVES_VOLUME


def test_each_bit_is_that_of_the_facts() -> None:
    flags = events.TradeFlags

    assert [flags.LAST, flags.HIGH_LOW, flags.VOLUME] == [MOVES_LAST, MOVES_HIGH_LOW, MOVES_VOLUME]
    assert events.MOVES_ALL == MOVES_ALL

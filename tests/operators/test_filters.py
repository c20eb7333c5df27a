"""Filters by the last numbers of a symbol: what they hand on, and what they judge by."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from ordinis_rx.events import TradeFlags
from ordinis_rx.operators import hampel_filter, zscore_filter
from ordinis_rx.testing import a_heartbeat, a_quote, a_trade, through


@pytest.mark.parametrize("make", [lambda: zscore_filter(4, warm_up=4), lambda: hampel_filter(4)])
def test_a_filter_hands_on_the_very_facts_and_those_of_other_kinds(make: Any) -> None:
    good = [a_trade(p, seq=n) for n, p in enumerate((10, 11, 10.5, 11.5), 1)]
    beat, quote = a_heartbeat(seq=5), a_quote(1, 2, seq=6)
    wild, last = a_trade(999, seq=7), a_trade(11, seq=8)

    told = through(make(), [*good, beat, quote, wild, last])

    assert all(one is other for one, other in zip(told, [*good, beat, quote, last], strict=True))


def test_an_odd_lot_is_judged_by_the_prices_that_count() -> None:
    odd = TradeFlags.VOLUME
    facts = [a_trade(p) for p in (10, 11, 10, 11)]
    facts += [a_trade(10.5, flags=odd), a_trade(500, flags=odd), a_trade(11)]

    told = through(zscore_filter(4, warm_up=4), facts)

    assert [trade.price for trade in told] == [10, 11, 10, 11, 10.5, 11]


def test_mids_of_quotes_are_filtered_as_quotes() -> None:
    facts = [a_quote(p - 1, p + 1) for p in (10, 11, 10, 11, 500, 10.5)]

    told = through(zscore_filter(4, warm_up=4, of="mid"), facts)

    assert [quote.mid for quote in told] == [10, 11, 10, 11, 10.5]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: zscore_filter(5, -1.0), ValueError, "threshold in deviations must be a finite number above 0, got -1.0"),
        (lambda: zscore_filter(5, patience=0), ValueError, "zscore_filter: patience must be 1 or more refusals, got 0"),
        (lambda: hampel_filter(2), ValueError, "hampel_filter: window must be 3 or more numbers, got 2"),
        (lambda: hampel_filter(5, math.nan), ValueError, "threshold in deviations must be a finite number above 0, got nan"),
    ],
)  # fmt: skip
def test_settings_that_make_no_sense_are_refused(
    make: Callable[[], Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        make()

"""An operator that could hear nothing of what it reads is refused where it is piped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from reactivex import operators as ops

import ordinis_rx as ox
from ordinis_rx import operators as oo
from ordinis_rx.errors import OrdinisError, WrongKind
from ordinis_rx.hearing import kinds_told

PRICES = ox.from_events([])

Pipe = Callable[[], tuple[Callable[[Any], Any], ...]]


@pytest.mark.parametrize(
    ("pipe", "complaint"),
    [
        (lambda: (oo.trades(), oo.rsi(14)), "rsi(14) reads Bar, and what comes to it is Trade alone"),
        (lambda: (oo.quotes(), oo.time_bars(ox.SECOND)), "time_bars(1_000_000_000) reads Trade, and"),
        (lambda: (oo.bars(), ox.consensus()), "consensus() reads Quote and Trade, and"),
        (lambda: (oo.trades(), oo.quotes()), "quotes() reads Quote, and what comes to it is Trade alone"),
        (lambda: (oo.mid(), oo.patterns()), "patterns() reads Bar, and what comes to it is Reading alone"),
        (lambda: (oo.trades(), oo.for_symbols("A"), ox.share(), oo.mid()), "mid() reads Quote, and"),
        (lambda: (oo.trades(), oo.time_bars(1), oo.notional()), "notional() reads Trade, and"),
        (lambda: (oo.statuses(), oo.drop_crossed(), oo.vwap()), "vwap() reads Trade, and"),
        (lambda: (oo.quotes(), oo.ichimoku(skipped=oo.SideOutput())), "reads Bar, and what comes to it is Quote"),
        (lambda: (oo.quotes(), oo.timeframes("1m", "5m")), "reads Bar and Trade, and"),
    ],
)  # fmt: skip
def test_what_would_be_silent_for_ever_is_refused_by_name(pipe: Pipe, complaint: str) -> None:
    with pytest.raises(WrongKind) as refused:
        PRICES.pipe(*pipe())
    assert complaint in str(refused.value)
    assert isinstance(refused.value, TypeError)
    assert isinstance(refused.value, OrdinisError)


@pytest.mark.parametrize(
    "pipe",
    [
        lambda: (oo.trades(), oo.time_bars(1), oo.ema(span=3, of="close"), oo.readings()),
        lambda: (oo.quotes(), oo.time_bars(1, of="mid"), oo.rsi(14)),
        lambda: (oo.trades(), ops.map(lambda trade: trade), oo.rsi(14)),
        lambda: (oo.drop_crossed(), oo.trades(), oo.drop_crossed(), oo.dedupe(), oo.mid()),
        lambda: (oo.trades(), oo.timeframes("1m", "5m"), oo.agreement()),
        lambda: (oo.bars(), oo.timeframes("1m", "5m")),
        lambda: (oo.quotes(), ox.bbo(), ox.consensus()),
    ],
)  # fmt: skip
def test_what_may_hear_something_is_not(pipe: Pipe) -> None:
    PRICES.pipe(*pipe())


def test_frames_tell_the_kinds_that_they_are_of() -> None:
    trades = ox.TradeFrame.from_columns(symbol="A", ts_event=[1, 2], price=[1, 2], size=1.0)
    with pytest.raises(
        WrongKind, match=r"rsi\(14\) reads Bar, and what comes to it is Trade alone"
    ):
        ox.from_frames([trades]).pipe(oo.rsi(14))
    assert kinds_told(ox.from_frames([])) is None


def test_a_merge_may_tell_anything_its_branches_do() -> None:
    trades, quotes = PRICES.pipe(oo.trades()), PRICES.pipe(oo.quotes())
    assert kinds_told(trades) == (ox.Trade,)
    assert kinds_told(PRICES) is None
    ox.merge(trades, quotes).pipe(ox.consensus())

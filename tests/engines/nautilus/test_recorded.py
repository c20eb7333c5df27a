"""A recorded day of EURUSD: nautilus_trader's bars of our ticks are our bars of the same quotes."""

from __future__ import annotations

from typing import Any

import pytest
from nautilus_trader.backtest.config import BacktestEngineConfig
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.config import LoggingConfig
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.data import BarType
from nautilus_trader.model.enums import AccountType, OmsType
from nautilus_trader.model.identifiers import Venue
from nautilus_trader.model.objects import Money
from nautilus_trader.test_kit.providers import TestInstrumentProvider
from nautilus_trader.trading.strategy import Strategy
from reactivex import operators as ops

from ordinis_rx.bridges.nautilus import to_nautilus
from ordinis_rx.operators import time_bars
from ordinis_rx.stream import from_events
from ordinis_rx.timebase import MINUTE
from tests.consensus.test_evidence_fx import DATA, recorded

PAIR = TestInstrumentProvider.default_fx_ccy("EUR/USD", Venue("SIM"))

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no recorded quotes in {DATA}")


class Notes(Strategy):
    """Keeps the minute bars that its engine makes of bids."""

    def __init__(self) -> None:
        super().__init__()
        self.bars: list[Any] = []

    def on_start(self) -> None:
        self.subscribe_bars(BarType.from_str(f"{PAIR.id}-1-MINUTE-BID-INTERNAL"))

    def on_bar(self, bar: Any) -> None:
        self.bars.append(bar)


def test_bars_that_the_engine_makes_of_our_ticks_are_ours() -> None:
    quotes = list(recorded("oanda"))
    ticks = to_nautilus(quotes, {"EURUSD": PAIR})
    assert len(ticks) == len(quotes)
    assert all(float(t.bid_price) == q.bid for t, q in zip(ticks, quotes, strict=True))
    strategy = Notes()
    engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True)))
    engine.add_venue(Venue("SIM"), OmsType.HEDGING, AccountType.MARGIN, [Money(1_000_000, USD)])
    engine.add_instrument(PAIR)
    engine.add_data(ticks)
    engine.add_strategy(strategy)
    engine.run()
    theirs = {
        bar.ts_event: tuple(float(price) for price in (bar.open, bar.high, bar.low, bar.close))
        for bar in strategy.bars
    }
    engine.dispose()

    bars = from_events(quotes).pipe(time_bars(MINUTE, of="bid"), ops.to_list()).run()
    ours = {bar.ts_event: (bar.open, bar.high, bar.low, bar.close) for bar in bars}

    unended = {max(ours)}  # no tick came after it, so that the engine's clock did not reach its end
    told = ours.keys() - unended
    assert {end: theirs[end] for end in told} == {end: ours[end] for end in told}
    quiet = [
        theirs[end] for end in theirs.keys() - ours.keys()
    ]  # told at the last price; we tell none
    assert all(len(set(prices)) == 1 for prices in quiet)
    assert (len(told), len(quiet)) == (1349, 90)

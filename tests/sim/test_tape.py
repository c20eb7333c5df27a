from __future__ import annotations

import numpy as np
import pytest

from ordinis_rx.events import Quote, Trade, TradeFlags
from ordinis_rx.sim.market import Market, market
from ordinis_rx.sim.tape import Chunk, Model, chunks
from ordinis_rx.sim.tape_facts import facts
from ordinis_rx.sim.truth import Truth
from ordinis_rx.timebase import MILLI, SECOND

SYMBOLS = ("AAPL", "MSFT", "TSLA")


def _model(**changes: float) -> Model:
    return Model(
        **{  # type: ignore[arg-type]
            "rate": 1000.0,
            "spread_bps": 2.0,
            "tick_size": 0.01,
            "quote_share": 0.6,
            "irregular": 0.05,
            "latency": MILLI,
            **changes,
        }
    )


def _tape(seconds: int = 20, **changes: float) -> Chunk:
    truth = Truth(SYMBOLS, seed=3, start=0)
    parts = list(chunks(truth, _model(**changes), 3, seconds * SECOND))
    return Chunk(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in Chunk.__slots__)
    )


@pytest.fixture(scope="module")
def tape() -> Chunk:
    return _tape()


@pytest.fixture(scope="module")
def prices() -> Market:
    return market(SYMBOLS, seed=3, rate=1000, duration=20 * SECOND, irregular=0.05)


def test_it_is_as_busy_as_asked(tape: Chunk) -> None:
    assert pytest.approx(len(tape), rel=0.03) == 20_000
    assert pytest.approx(tape.is_quote.mean(), abs=0.02) == 0.6


def test_the_clock_rises_and_ends_where_told(tape: Chunk) -> None:
    assert (np.diff(tape.clock) >= 0).all()
    assert 0 < tape.clock[0] < tape.clock[-1] < 20 * SECOND


def test_quotes_never_cross_and_hold_the_true_price_between_them(tape: Chunk) -> None:
    quotes = tape.where(tape.is_quote)
    true, _ = Truth(SYMBOLS, seed=3, start=0).at(quotes.code, quotes.clock)

    assert (quotes.bid < quotes.ask).all()
    assert ((quotes.bid <= true) & (true <= quotes.ask)).all()


def test_the_spread_widens_with_volatility(tape: Chunk) -> None:
    quotes = _tape(seconds=60, spread_bps=20).where(slice(None))
    _, level = Truth(SYMBOLS, seed=3, start=0).at(quotes.code, quotes.clock)
    spread = (quotes.ask - quotes.bid) / quotes.bid
    quotes_only = quotes.is_quote

    assert np.corrcoef(spread[quotes_only], level[quotes_only])[0, 1] > 0.5


def test_most_trades_print_within_the_quote_that_stands(prices: Market) -> None:
    standing: dict[str, Quote] = {}
    inside = outside = 0
    for event in prices.events():
        if isinstance(event, Quote):
            standing[event.symbol] = event
        elif (
            isinstance(event, Trade) and event.flags & TradeFlags.LAST and event.symbol in standing
        ):
            quote = standing[event.symbol]
            within = quote.bid <= event.price <= quote.ask
            inside, outside = inside + within, outside + (not within)
            assert quote.bid - 0.0101 <= event.price <= quote.ask + 0.0101

    assert outside > 0
    assert inside / (inside + outside) > 0.95


def test_what_a_trade_is_and_what_it_may_move_go_together(prices: Market) -> None:
    trades = [event for event in prices.events() if isinstance(event, Trade)]
    odd = [t for t in trades if t.flags & TradeFlags.ODD_LOT]
    irregular = [t for t in trades if t.conditions[0] in "TWZ"]

    assert all(t.size < 100 and t.conditions == ("@", "I") for t in odd)
    assert not any(t.flags & TradeFlags.LAST for t in odd + irregular)
    assert all(t.size >= 100 for t in trades if t.flags & TradeFlags.LAST)
    assert 0.3 < len(odd) / len(trades) < 0.7
    assert pytest.approx(len(irregular) / len(trades), abs=0.01) == 0.05
    assert all(t.size >= 1 and t.size == int(t.size) for t in trades)


def test_only_late_prints_are_stamped_before_their_neighbours(prices: Market) -> None:
    newest, late = 0, 0
    for event in prices.events():
        if event.ts_event < newest:
            assert isinstance(event, Trade)
            assert event.flags & TradeFlags.LATE
            late += 1
        newest = max(newest, event.ts_event)

    assert late > 50


def test_late_prints_carry_the_price_of_their_time(tape: Chunk) -> None:
    late = tape.where(~tape.is_quote & (tape.print_kind == 4))
    true, _ = Truth(SYMBOLS, seed=3, start=0).at(late.code, late.ts_event)

    assert (late.ts_event < late.clock).any()
    assert np.abs(late.price - true).max() <= 0.0051


def test_prices_lie_on_the_grid_of_ticks_or_halfway() -> None:
    tape = _tape(seconds=2, tick_size=0.05)

    for prices in (tape.bid, tape.ask, tape.price[tape.side == 2]):
        steps = prices / 0.025
        assert np.abs(steps - np.rint(steps)).max() < 1e-6
    assert {round(bid, 2) for bid in tape.bid.tolist()} == set(tape.bid.tolist())


def test_prices_stay_above_zero_where_a_tick_is_large() -> None:
    truth = Truth(["PENNY"], seed=1, start=0, prices={"PENNY": 0.004}, volatility=5)
    [chunk] = list(chunks(truth, _model(rate=100), 1, 5 * SECOND))

    assert chunk.bid.min() == 0.01
    assert chunk.price.min() >= 0.01


def test_facts_are_numbered_in_the_order_of_telling(tape: Chunk) -> None:
    part = tape.where(slice(0, 500))
    told = facts(part, SYMBOLS, "sim", 41)

    assert [event.seq for event in told] == list(range(41, 541))
    assert [isinstance(event, Quote) for event in told] == part.is_quote.tolist()
    assert [event.ts_recv - MILLI for event in told] == part.clock.tolist()
    assert {type(event.ts_event) for event in told} == {int}

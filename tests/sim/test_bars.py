from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from ordinis_rx import sim
from ordinis_rx.events import Bar, Quote, Trade
from ordinis_rx.sim.market import START
from ordinis_rx.timebase import MILLI, SECOND, Nanos


def test_bars_are_stamped_by_their_end_and_told_between_their_trades_and_the_next() -> None:
    prices = sim.market(["AAPL", "MSFT"], seed=4, duration=10 * SECOND, bars=1 * SECOND)
    told = list(prices.events())
    bars = [e for e in told if isinstance(e, Bar)]

    assert {b.ts_event for b in bars} == {START + n * SECOND for n in range(1, 11)}
    assert {b.interval for b in bars} == {SECOND}
    for before, after in itertools.pairwise(told):
        if isinstance(after, Bar):
            assert before.ts_event <= after.ts_event
        if isinstance(before, Bar) and isinstance(after, Quote):
            assert after.ts_event >= before.ts_event


def test_without_bars_it_tells_the_same_trades_and_quotes() -> None:
    plain = sim.market(["AAPL"], seed=4, duration=5 * SECOND)
    barred = sim.market(["AAPL"], seed=4, duration=5 * SECOND, bars=250 * MILLI)
    rows = [
        [
            (e.ts_event, e.price, e.size) if isinstance(e, Trade) else (e.ts_event, e.bid, e.ask)
            for e in prices.events()
            if isinstance(e, Trade | Quote)
        ]
        for prices in (plain, barred)
    ]

    assert rows[0] == rows[1]


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    rate=st.floats(5, 500),
    interval=st.sampled_from([300 * MILLI, SECOND, 4 * SECOND]),
    irregular=st.floats(0, 1),
)
def test_bars_hold_what_their_trades_may_move(
    seed: int, rate: float, interval: Nanos, irregular: float
) -> None:
    prices = sim.market(
        ["A", "B"], seed, rate, 8 * SECOND, bars=interval, irregular=irregular, quote_share=0.3
    )
    told = list(prices.events())
    trades = [e for e in told if isinstance(e, Trade)]
    bars = [e for e in told if isinstance(e, Bar)]

    assert [e.seq for e in told] == list(range(1, len(told) + 1))
    assert [e.ts_recv for e in told] == sorted(e.ts_recv for e in told)
    assert len({(b.symbol, b.ts_event) for b in bars}) == len(bars)
    for bar in bars:
        told_by_then = trades[: sum(t.seq < bar.seq for t in trades)]
        within = [
            t
            for t in told_by_then
            if t.symbol == bar.symbol and bar.ts_open <= t.ts_event < bar.ts_event
        ]
        last = [t for t in within if t.conditions == ("@",)]
        ranged = [t for t in within if t.conditions in (("@",), ("Z",))]
        assert (bar.open, bar.close) == (last[0].price, last[-1].price)
        assert (bar.low, bar.high) == (
            min(t.price for t in ranged),
            max(t.price for t in ranged),
        )
        assert bar.volume == sum(t.size for t in within)
        assert bar.trade_count == len(within)
        assert bar.low - 1e-9 <= bar.vwap <= bar.high + 1e-9

"""A stream as a data client of a live node."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import reactivex as rx
from nautilus_trader.config import LiveDataClientConfig, LoggingConfig, TradingNodeConfig
from nautilus_trader.live.node import TradingNode
from nautilus_trader.model.data import Bar, QuoteTick, TradeTick
from nautilus_trader.test_kit.providers import TestInstrumentProvider
from nautilus_trader.trading.strategy import Strategy

import ordinis_rx as ox
from ordinis_rx.bridges.nautilus import bar_type, data_client_factory
from ordinis_rx.stream import from_events
from ordinis_rx.testing import a_bar, a_gap, a_quote, a_trade
from ordinis_rx.timebase import MINUTE, SECOND

SHARE = TestInstrumentProvider.equity("A", "XNAS")
OTHER = TestInstrumentProvider.equity("B", "XNAS")
STRANGER = TestInstrumentProvider.equity("C", "XNAS")
BOOK = {"A": SHARE, "B": OTHER}


class Listener(Strategy):
    """Subscribes as it is told to, and notes what comes until it has enough."""

    def __init__(self, enough: int) -> None:
        super().__init__()
        self.count = enough
        self.told: list[Any] = []
        self.known: list[Any] = []
        self.enough = asyncio.Event()

    def on_start(self) -> None:
        self.known = [self.cache.instrument(each.id) for each in (SHARE, OTHER)]
        self.subscribe_trade_ticks(STRANGER.id)  # nobody has that: an error in the log, and no more
        self.subscribe_quote_ticks(SHARE.id)
        self.subscribe_trade_ticks(OTHER.id)
        self.subscribe_bars(bar_type(SHARE.id, MINUTE))

    def on_stop(self) -> None:
        self.unsubscribe_quote_ticks(SHARE.id)
        self.unsubscribe_trade_ticks(OTHER.id)
        self.unsubscribe_bars(bar_type(SHARE.id, MINUTE))

    def on_quote_tick(self, tick: QuoteTick) -> None:
        self._note(tick)

    def on_trade_tick(self, tick: TradeTick) -> None:
        self._note(tick)

    def on_bar(self, bar: Bar) -> None:
        self._note(bar)

    def _note(self, told: Any) -> None:
        self.told.append(told)
        if len(self.told) >= self.count:
            self.enough.set()


class Node:
    """A live node with one client and one listener, for the length of an ``async with``."""

    def __init__(self, source: Any, enough: int) -> None:
        config = TradingNodeConfig(
            logging=LoggingConfig(log_level="OFF"),
            data_clients={"ORDINIS": LiveDataClientConfig()},
            timeout_post_stop=0.05,
        )
        self.node = TradingNode(config, loop=asyncio.get_running_loop())
        self.node.add_data_client_factory("ORDINIS", data_client_factory(source, BOOK))
        self.listener = Listener(enough)
        self.node.trader.add_strategy(self.listener)
        self.node.build()

    @property
    def connected(self) -> bool:
        return bool(self.node.kernel.data_engine.check_connected())

    async def __aenter__(self) -> Node:
        self.running = asyncio.create_task(self.node.run_async())
        await self.listener.enough.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.node.stop_async()
        await self.running


async def test_a_strategy_is_told_what_it_subscribed_to_and_nothing_else() -> None:
    facts = [
        a_quote(at=1, symbol="A", seq=1),
        a_quote(at=2, symbol="B", seq=2),
        a_trade(at=3, symbol="A", seq=3),
        a_trade(at=4, symbol="B", seq=4),
        a_bar(at=5 * MINUTE, interval=SECOND, symbol="A", seq=5),
        a_bar(at=5 * MINUTE, interval=MINUTE, symbol="A", seq=6),
        a_trade(at=7, symbol="C", seq=7),
        a_gap(ts_to=8, seq=8),
        a_quote(float("nan"), at=9, symbol="A", seq=9),
        a_quote(at=10, symbol="A", seq=10),
    ]

    async with Node(from_events(facts), enough=4) as node:
        told, known = node.listener.told, node.listener.known

    kinds = [(type(one).__name__, one.ts_event) for one in told]
    assert kinds == [("QuoteTick", 1), ("TradeTick", 4), ("Bar", 5 * MINUTE), ("QuoteTick", 10)]
    assert known == [SHARE, OTHER]


async def test_a_quiet_stream_is_let_go_of_when_the_node_stops() -> None:
    let_go = asyncio.Event()
    quiet = rx.concat(from_events([a_quote(symbol="A", seq=1)]), rx.never())

    async with Node(quiet.pipe(rx.operators.finally_action(let_go.set)), enough=1) as node:
        assert node.connected
        assert not let_go.is_set()

    assert let_go.is_set()


@pytest.mark.parametrize("end", [rx.empty(), rx.throw(ox.Stalled("AAPL", 2.5))])
async def test_a_stream_that_ends_is_a_client_that_is_not_connected(end: Any) -> None:
    async with Node(rx.concat(from_events([a_quote(symbol="A", seq=1)]), end), enough=1) as node:
        while node.connected:
            await asyncio.sleep(0)
        assert node.node.is_running()


async def test_a_feed_is_made_on_the_loop_of_the_node() -> None:
    market = ox.sim.market(["A"], seed=7, rate=400, duration=None)

    async with ox.sim.serve(market, "polygon") as server:

        def source() -> Any:
            return ox.feed(ox.polygon("sim-key", url=server.url), ["A"])

        async with Node(source, enough=20) as node:
            told = node.listener.told

    assert {type(one).__name__ for one in told} == {"QuoteTick"}
    assert len(told) >= 20
    assert all(one.ts_init > 0 for one in told)

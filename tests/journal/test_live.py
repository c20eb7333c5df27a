"""Live is replay: what came over a real WebSocket, recorded both ways, is told again byte for byte."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from ordinis_rx import operators as oo
from ordinis_rx.config import StreamConfig
from ordinis_rx.events import Gap, Quote, StatusChange, Trade
from ordinis_rx.feed import feed
from ordinis_rx.journal import record, record_wire, replay
from ordinis_rx.providers.alpaca import alpaca
from ordinis_rx.providers.finnhub import finnhub
from ordinis_rx.providers.polygon import polygon
from ordinis_rx.sim import WireFaults, market, serve
from ordinis_rx.testing import difference
from ordinis_rx.timebase import MILLI, SECOND
from tests.heard import heard

pytest.importorskip("pyarrow")

CANARY = "canary-4711-secret-key"
MAKE: dict[str, Any] = {
    "polygon": lambda url: polygon(CANARY, url=url),
    "finnhub": lambda url: finnhub(CANARY, url),
    "alpaca": lambda url: alpaca(CANARY, CANARY + "-2", url=url),
}


@pytest.mark.parametrize("protocol", ["polygon", "finnhub", "alpaca"])
def test_a_recorded_feed_is_told_again_byte_for_byte(tmp_path: Path, protocol: Any) -> None:
    told: list[Any] = []
    bars: list[Any] = []

    async def live() -> Any:
        prices = market(["AAPL", "MSFT"], seed=5, rate=800, duration=20 * SECOND)
        faults = WireFaults(garbage=0.02, disconnect_every=500 * MILLI)
        config = StreamConfig(reconnect_delay_seconds=0.01, reconnect_delay_max_seconds=0.02)
        secret = {"secret": CANARY + "-2"} if protocol == "alpaca" else {}
        async with serve(prices, protocol, api_key=CANARY, faults=faults, **secret) as server:
            events = feed(MAKE[protocol](server.url), ["AAPL", "MSFT"], config=config)
            record_wire(events, tmp_path / "x.wire", sync_every=20 * MILLI)
            record(events, tmp_path / "facts", sync_every=20 * MILLI, rows=100)
            events.pipe(oo.time_bars(100 * MILLI)).subscribe(bars.append, bars.append)
            enough = asyncio.Event()

            def hear(fact: Any) -> None:
                told.append(fact)
                if len(told) > 600 and events.stats.connects > 1:
                    enough.set()

            events.subscribe(hear, told.append)
            async with events, asyncio.timeout(10):
                await enough.wait()

    asyncio.run(live())

    assert {type(fact) for fact in told} >= {Trade, StatusChange, Gap}
    assert any(isinstance(fact, Quote) for fact in told) == (protocol != "finnhub")
    typed = heard(replay(tmp_path / "facts"))
    assert (
        typed[0].seq == 1
    )  # told to the recorder alone, which came first and so had the feed dial
    assert difference(typed[1:], told) == ""
    assert difference(heard(replay(tmp_path / "facts").pipe(oo.time_bars(100 * MILLI))), bars) == ""
    raw = heard(replay(tmp_path / "x.wire", provider=MAKE[protocol]("ws://127.0.0.1/")))
    of_the_wire = [f for f in told if not isinstance(f, StatusChange | Gap)]
    assert difference(raw, of_the_wire) == ""
    for file in tmp_path.rglob("*"):
        assert file.is_dir() or CANARY.encode() not in file.read_bytes()

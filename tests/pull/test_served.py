"""The aggregator against REST services on loopback, with faults: all of it but the vendors."""

from __future__ import annotations

import logging
import traceback
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from reactivex.subject import Subject

from ordinis_rx.consensus import AggregationConfig, ConsensusStatus
from ordinis_rx.events import Event
from ordinis_rx.pull import (
    AlpacaRest,
    BreakerPolicy,
    DataAggregator,
    FinnhubRest,
    NoQuotes,
    PolygonRest,
)
from ordinis_rx.sim import RestFaults, RestServer, serve_rest
from ordinis_rx.testing.factories import a_bar, a_quote, a_trade
from ordinis_rx.timebase import MINUTE, SECOND
from tests.virtual import settled

KEY, SECRET = "canary-key", "canary-secret"
AT = 1_700_000_040 * SECOND
CONFIG = AggregationConfig(timeout_seconds=30.0)
NAMES = ("polygon", "finnhub", "alpaca")


@dataclass
class _Stage:
    prices: DataAggregator
    servers: dict[str, RestServer]


def _facts(bid: float, ask: float, at: int = AT) -> list[Event]:
    mid = (bid + ask) / 2
    return [
        a_quote(bid, ask, at=at, symbol="AAPL"),
        a_trade(mid, at=at, symbol="AAPL", trade_id="1", conditions=("@",)),
        a_bar(mid, at=at, interval=MINUTE, symbol="AAPL"),
    ]


@asynccontextmanager
async def _stage(
    config: AggregationConfig = CONFIG, key: str = KEY, **options: Any
) -> AsyncIterator[_Stage]:
    async with AsyncExitStack() as stack:
        servers: dict[str, RestServer] = {}
        for name in NAMES:
            told: Subject[Event] = Subject()
            service = serve_rest(told, name, api_key=KEY, secret=SECRET)  # type: ignore[arg-type]
            servers[name] = await stack.enter_async_context(service)
            for fact in _facts(99.99, 100.01):
                told.on_next(fact)
        sources = [
            PolygonRest(key, servers["polygon"].url),
            FinnhubRest(key, servers["finnhub"].url),
            AlpacaRest(key, SECRET, servers["alpaca"].url),
        ]
        prices = await stack.enter_async_context(DataAggregator(sources, config, **options))
        yield _Stage(prices, servers)


async def test_three_services_agree() -> None:
    async with _stage() as stage:
        answer = await stage.prices.ask("AAPL")
        bars = await stage.prices.get_historical("AAPL", start=AT - MINUTE, end=AT, interval=MINUTE)
        valid = [await stage.prices.validate_symbol(symbol) for symbol in ("AAPL", "ZZZZ")]

    quote = answer.quote
    assert quote.status is ConsensusStatus.OK
    assert quote.price == pytest.approx(100.0)
    assert (quote.bid, quote.ask, quote.ts_event) == (99.99, 100.01, AT)
    assert quote.providers_used == tuple(sorted(NAMES))
    assert ([bar.close for bar in bars], bars[0].provider) == ([100.0], "polygon")
    assert valid == [True, False]


async def test_a_service_that_tells_wrong_prices_is_excluded() -> None:
    async with _stage() as stage:
        stage.servers["finnhub"].faults = RestFaults(wrong=1.0, wrong_bps=100.0)
        quote = await stage.prices.get_quote("AAPL")

    assert quote.outliers_excluded == ("finnhub",)
    assert quote.price == pytest.approx(100.0)


async def test_services_that_fail_are_told_and_left_alone() -> None:
    breaker = BreakerPolicy(failures=2, cool_down_seconds=60.0)
    async with _stage(breaker=breaker, grace_seconds=0.01) as stage:
        stage.servers["polygon"].faults = RestFaults(error=1.0)
        stage.servers["alpaca"].faults = RestFaults(limited=1.0)
        for _ in range(4):
            quote = await stage.prices.get_quote("AAPL")
        stats = stage.prices.provider_stats
        asked = {name: server.stats.requests for name, server in stage.servers.items()}

    assert quote.providers_used == ("finnhub",)
    assert stats["polygon"].errors == {"no-answer": 2, "left-alone": 2}
    assert stats["alpaca"].errors == {"rate-limited": 1, "left-alone": 3}
    assert asked == {"polygon": 2, "finnhub": 4, "alpaca": 1}  # Retry-After was kept


async def test_a_service_that_hangs_is_not_waited_for() -> None:
    """A09."""
    async with _stage(AggregationConfig(timeout_seconds=60.0), grace_seconds=0.05) as stage:
        stage.servers["alpaca"].faults = RestFaults(hang=1.0)
        answer = await stage.prices.ask("AAPL")

        assert answer.unheard == ("alpaca",)
        assert max(result.latency_ms for result in answer.results) < 10_000
    await settled()

    assert answer.quote.providers_used == ("finnhub", "polygon")


async def test_no_key_is_shown_anywhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    shown: list[str] = []
    async with _stage() as stage:
        shown += map(repr, (stage.prices, stage.servers, stage.prices.providers))
        shown.append(repr(await stage.prices.ask("AAPL")))
        for fault, told in (
            (RestFaults(error=1.0), "HTTP 500"),
            (RestFaults(limited=1.0), "asked too often"),
        ):
            for server in stage.servers.values():
                server.faults = fault
            with pytest.raises(NoQuotes, match=told) as failed:
                await stage.prices.get_quote("AAPL")
            shown += traceback.format_exception(failed.value)
        shown.append(repr(stage.prices.provider_stats))
    async with _stage(key="canary-wrong") as stage:
        with pytest.raises(NoQuotes, match="HTTP 401") as refused:
            await stage.prices.get_quote("AAPL")
        shown += traceback.format_exception(refused.value)

    text = "".join(shown) + caplog.text
    assert "httpcore" in caplog.text  # it has been listened to
    for secret in (KEY, SECRET, "canary-wrong"):
        assert secret not in text

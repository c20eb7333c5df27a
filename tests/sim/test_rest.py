from __future__ import annotations

import asyncio
import math
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from reactivex.subject import Subject

from ordinis_rx.errors import AuthError, SubscriptionError
from ordinis_rx.events import Bar, Event, Quote, Trade
from ordinis_rx.pull.failures import NoAnswer, RateLimited, UnusableAnswer
from ordinis_rx.pull.rest.alpaca import AlpacaRest
from ordinis_rx.pull.rest.finnhub import FinnhubRest
from ordinis_rx.pull.rest.polygon import PolygonRest
from ordinis_rx.sim import market
from ordinis_rx.sim.rest import RestFaults, RestServer, serve_rest
from ordinis_rx.testing.factories import a_bar, a_heartbeat, a_quote, a_trade
from ordinis_rx.timebase import DAY, MINUTE, SECOND

WAIT = 5.0
"""Seconds after which a test gives up on what should come at once."""

AT = 1_700_000_040 * SECOND
"""The start of a minute."""

SOURCES: dict[str, Callable[..., Any]] = {
    "polygon": lambda url, **more: PolygonRest("sim-key", url, **more),
    "finnhub": lambda url, **more: FinnhubRest("sim-key", url, **more),
    "alpaca": lambda url, **more: AlpacaRest("sim-key", "sim-secret", url, **more),
}


def _facts() -> list[Event]:
    return [
        a_quote(99.0, 101.0, at=AT, symbol="AAPL", bid_size=3, bid_venue="Q", ask_venue="N"),
        a_trade(100.5, at=AT + 1, symbol="AAPL", size=10, trade_id="1", conditions=("@",)),
        a_trade(107.0, at=AT + 2, symbol="AAPL", size=5, trade_id="2", conditions=("Z",)),
        *(a_bar(100.0 + k, at=AT + k * MINUTE, interval=MINUTE, symbol="AAPL") for k in range(5)),
        a_heartbeat(at=AT + 3),
    ]


@asynccontextmanager
async def _asked(
    vendor: Any, facts: list[Event] | None = None, timeout_seconds: float = WAIT, **options: Any
) -> AsyncIterator[tuple[Any, RestServer]]:
    """A source of ours, dialling a service that has heard *facts*."""
    told: Subject[Event] = Subject()
    async with serve_rest(told, vendor, **options) as server:
        for fact in _facts() if facts is None else facts:
            told.on_next(fact)
        source = SOURCES[vendor](server.url, timeout_seconds=timeout_seconds)
        try:
            yield source, server
        finally:
            await source.aclose()


async def test_polygon_tells_its_newest_quote_with_its_own_codes() -> None:
    async with _asked("polygon") as (source, _):
        quote = await source.get_quote("AAPL")

    assert isinstance(quote, Quote)
    assert (quote.bid, quote.ask, quote.bid_size, quote.ts_event) == (99.0, 101.0, 3.0, AT)
    assert (quote.bid_venue, quote.ask_venue) == ("12", "10")


async def test_polygon_tells_its_trades_the_newest_first() -> None:
    async with _asked("polygon") as (_, server):
        source = PolygonRest("sim-key", server.url, asks="trades")
        trade = await source.get_quote("AAPL")
        await source.aclose()

    # The newest is sold out of sequence, and moves no price.
    assert (trade.price, trade.size, trade.ts_event) == (100.5, 10.0, AT + 1)


async def test_finnhub_tells_the_last_price_that_it_can_carry_to_the_second() -> None:
    async with _asked("finnhub") as (source, _):
        trade = await source.get_quote("AAPL")

    assert isinstance(trade, Trade)
    assert (trade.price, trade.ts_event) == (100.5, AT)


async def test_alpaca_tells_quotes_and_trades_to_the_nanosecond() -> None:
    async with _asked("alpaca") as (source, server):
        quote = await source.get_quote("AAPL")
        trades = AlpacaRest("sim-key", "sim-secret", server.url, asks="trades")
        trade = await trades.get_quote("AAPL")
        await trades.aclose()

    assert (quote.bid, quote.ask, quote.bid_venue, quote.ts_event) == (99.0, 101.0, "Q", AT)
    assert (trade.price, trade.conditions, trade.ts_event) == (107.0, ("Z",), AT + 2)


@pytest.mark.parametrize("vendor", list(SOURCES))
async def test_bars_that_begin_in_the_time_asked_for(vendor: str) -> None:
    async with _asked(vendor) as (source, _):
        bars = await source.get_historical("AAPL", start=AT, end=AT + 3 * MINUTE, interval=MINUTE)
        none = await source.get_historical("AAPL", start=AT, end=AT + DAY, interval=DAY)

    assert [(b.ts_open, b.close) for b in bars] == [
        (AT, 101.0),
        (AT + MINUTE, 102.0),
        (AT + 2 * MINUTE, 103.0),
    ]
    assert all(isinstance(b, Bar) and b.interval == MINUTE for b in bars)
    assert none == []


@pytest.mark.parametrize("vendor", list(SOURCES))
async def test_a_symbol_that_there_is_not(vendor: str) -> None:
    async with _asked(vendor) as (source, server):
        with pytest.raises((UnusableAnswer, SubscriptionError), match="ZZZZ"):
            await source.get_quote("ZZZZ")
        assert [await source.validate_symbol(s) for s in ("AAPL", "ZZZZ")] == [True, False]
        assert server.stats.requests == 3


@pytest.mark.parametrize("vendor", list(SOURCES))
async def test_a_wrong_key_is_turned_away_and_counted(vendor: str) -> None:
    async with _asked(vendor, api_key="another") as (source, server):
        with pytest.raises(AuthError):
            await source.get_quote("AAPL")

    assert server.stats.unauthorized == 1


@pytest.mark.parametrize("vendor", list(SOURCES))
async def test_faults_befall_requests_and_are_counted(vendor: str) -> None:
    async with _asked(vendor, timeout_seconds=0.05) as (source, server):
        honest = await source.get_quote("AAPL")
        server.faults = RestFaults(error=1.0)
        with pytest.raises(NoAnswer, match="HTTP 500"):
            await source.get_quote("AAPL")
        server.faults = RestFaults(wrong=1.0, wrong_bps=100.0)
        wrong = await source.get_quote("AAPL")
        server.faults = RestFaults(hang=1.0)
        with pytest.raises(NoAnswer, match=r"nothing within 0\.05 s"):
            await source.get_quote("AAPL")
        server.faults = RestFaults(limited=1.0)
        with pytest.raises(RateLimited) as limited:
            await source.get_quote("AAPL")

    price = {"finnhub": lambda a: a.price}.get(vendor, lambda a: a.mid)
    assert price(wrong) == pytest.approx(price(honest) * 1.01)
    assert limited.value.cool_down == pytest.approx(1.0, abs=0.5)
    stats = server.stats
    assert (stats.errors, stats.wrong, stats.hung, stats.limited) == (1, 1, 1, 1)


async def test_a_limit_is_told_before_it_is_reached() -> None:
    moment = [AT]
    async with _asked("finnhub", requests_a_minute=2, now=lambda: moment[0]) as (source, server):
        await source.get_quote("AAPL")
        await source.get_quote("AAPL")
        with pytest.raises(RateLimited) as spared:
            await source.get_quote("AAPL")

        assert spared.value.cool_down == pytest.approx(60.0, abs=1.0)
        assert server.stats.requests == 2  # it was not even asked

        moment[0] += MINUTE
        another = SOURCES["finnhub"](server.url)
        await another.get_quote("AAPL")
        await another.aclose()


async def test_polygon_says_nothing_of_its_limit_and_then_refuses() -> None:
    async with _asked("polygon", requests_a_minute=1, now=lambda: AT) as (source, server):
        await source.get_quote("AAPL")
        with pytest.raises(RateLimited) as refused:
            await source.get_quote("AAPL")

    assert refused.value.cool_down == pytest.approx(60.0, abs=1.0)
    assert (server.stats.requests, server.stats.limited) == (2, 1)


async def test_a_market_is_told_as_time_goes_by() -> None:
    prices = market(["AAPL", "MSFT"], seed=3, rate=1000.0)
    async with serve_rest(prices, "alpaca") as server:
        async with asyncio.timeout(WAIT):
            await server.knows(["AAPL", "MSFT"])
        source = SOURCES["alpaca"](server.url)
        quote = await source.get_quote("MSFT")
        await source.aclose()

    assert quote.bid <= prices.truth("MSFT", quote.ts_event) <= quote.ask


async def _plain(server: RestServer, data: bytes) -> bytes:
    """All that comes back for *data*, until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(data)
    writer.write_eof()
    async with asyncio.timeout(WAIT):
        told = await reader.read()
    writer.close()
    await writer.wait_closed()
    return told


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"POST /v3/quotes/A HTTP/1.1\r\n\r\n", b"405"),
        (b"hello\r\n\r\n", b"400"),
        (b"GET /\xff HTTP/1.1\r\n\r\n", b"400"),
        (b"GET /nowhere?apiKey=sim-key HTTP/1.1\r\n\r\n", b"404"),
        (b"GET /v3/trades/A?limit=x&apiKey=sim-key HTTP/1.1\r\n\r\n", b"400"),
        (b"GET /v2/aggs/ticker/A/range/1/year/1/2?apiKey=sim-key HTTP/1.1\r\n\r\n", b"400"),
    ],
)
async def test_requests_that_make_no_sense_are_refused(data: bytes, status: bytes) -> None:
    async with serve_rest(Subject(), "polygon") as server:
        assert (await _plain(server, data)).split(b" ")[1] == status


@pytest.mark.parametrize("data", [b"", b"GET / HT", b"x" * 100_000])
async def test_a_client_that_says_nothing_to_the_point_is_let_go(data: bytes) -> None:
    async with serve_rest(Subject(), "polygon") as server:
        try:
            told = await _plain(server, data)
        except ConnectionError:
            told = b""

    assert told == b""


async def test_a_client_that_hangs_does_not_keep_the_service_from_closing() -> None:
    async with serve_rest(Subject(), "finnhub", faults=RestFaults(hang=1.0)) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET /api/v1/quote?symbol=A&token=sim-key HTTP/1.1\r\n\r\n")
        async with asyncio.timeout(WAIT):
            while server.stats.hung == 0:
                await asyncio.sleep(0)

    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()


async def test_one_connection_serves_many_requests() -> None:
    async with _asked("polygon") as (_, server), httpx.AsyncClient(trust_env=False) as client:
        for _ in range(3):
            answer = await client.get(
                f"{server.url}/v3/quotes/AAPL", headers={"Authorization": "Bearer sim-key"}
            )
            assert answer.json()["status"] == "OK"

        assert len(server._conversations) == 1


async def test_pages_of_alpacas_bars() -> None:
    async with _asked("alpaca") as (_, server), httpx.AsyncClient(trust_env=False) as client:
        asked = {
            "timeframe": "1Min",
            "start": "2023-11-14T22:00:00Z",
            "end": "2023-11-15T00:00:00Z",
            "limit": "2",
        }
        keys = {"APCA-API-KEY-ID": "sim-key", "APCA-API-SECRET-KEY": "sim-secret"}
        bars: list[str] = []
        token: str | None = ""
        while token is not None:
            answer = await client.get(
                f"{server.url}/v2/stocks/AAPL/bars",
                params={**asked, "page_token": token} if token else asked,
                headers=keys,
            )
            bars += [bar["t"] for bar in answer.json()["bars"]]
            token = answer.json()["next_page_token"]

    assert len(bars) == len(set(bars)) == 5


async def test_a_market_that_fails_is_logged_and_the_last_word_stands(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told: Subject[Event] = Subject()
    async with serve_rest(told, "alpaca") as server:
        told.on_next(a_quote(1.0, 2.0, symbol="A", at=AT))
        told.on_error(RuntimeError("the tape tore"))
        source = SOURCES["alpaca"](server.url)
        quote = await source.get_quote("A")
        await source.aclose()

    assert quote.mid == 1.5
    assert "the tape tore" in caplog.text


async def test_a_port_that_is_taken_is_an_os_error() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(OSError, match="address already in use"),
    ):
        async with serve_rest(Subject(), port=taken.getsockname()[1]):
            pass


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"protocol": "morse"}, "no protocol 'morse'; there are polygon, finnhub, alpaca"),
        ({"requests_a_minute": 0}, "requests_a_minute must be 1 or more requests, got 0"),
    ],
)
async def test_a_service_that_makes_no_sense_is_refused(options: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        async with serve_rest(Subject(), **options):
            pass


@pytest.mark.parametrize("share", [-0.1, 1.1, math.nan])
def test_shares_of_faults_are_shares(share: float) -> None:
    with pytest.raises(ValueError, match=f"hang must be a share between 0 and 1, got {share}"):
        RestFaults(hang=share)


def test_shares_of_faults_are_at_most_one_together() -> None:
    assert RestFaults(error=0.5, wrong=0.5).error == 0.5
    with pytest.raises(ValueError, match=r"must together be at most 1, got 1\.2"):
        RestFaults(error=0.6, wrong=0.6)


async def test_no_key_is_shown() -> None:
    async with serve_rest(Subject(), api_key="canary", secret="canary") as server:
        assert "canary" not in repr(server) + server.url

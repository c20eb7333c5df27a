"""The vendors' own clients against our servers, each in a process of its own: some of them warn, which is an error here."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from ordinis_rx.events import Bar, Event, Quote, Trade
from ordinis_rx.sim import Market, Server, market, serve
from ordinis_rx.timebase import MILLI, SECOND

pytestmark = [pytest.mark.deep, pytest.mark.vendor]

WAIT = 30.0
"""Seconds for a client to start and hear something: some import for a while."""

MASSIVE = """
import json, sys
from massive import WebSocketClient

address, key = sys.argv[1:]

def show(messages):
    for message in messages:
        print(json.dumps(vars(message)), flush=True)

WebSocketClient(
    key, feed=address, secure=False, market="stocks", subscriptions=["T.AAPL", "Q.AAPL", "A.AAPL"]
).run(show)
"""

ALPACA = """
import sys
from alpaca.data.live import StockDataStream

url, key, secret = sys.argv[1:]
stream = StockDataStream(key, secret, url_override=url)

async def show(fact):
    print(fact.model_dump_json(), flush=True)

stream.subscribe_trades(show, "AAPL")
stream.subscribe_quotes(show, "AAPL")
stream.run()
"""

# After the sample in the vendor's documentation.
FINNHUB = """
import sys
import websocket

def on_message(ws, message):
    print(message, flush=True)

def on_error(ws, error):
    print(error, file=sys.stderr, flush=True)

def on_open(ws):
    ws.send('{"type":"subscribe","symbol":"AAPL"}')

websocket.WebSocketApp(
    sys.argv[1], on_message=on_message, on_error=on_error, on_open=on_open
).run_forever()
"""


@pytest.fixture
def prices() -> Market:
    return market(["AAPL", "MSFT"], seed=5, rate=200, duration=None, bars=SECOND)


def _told(prices: Market, last: int) -> dict[int, Event]:
    """What the market told up to the fact numbered *last*."""
    told: dict[int, Event] = {}
    for event in prices.events():
        told[event.seq] = event
        if event.seq >= last:
            break
    return told


@asynccontextmanager
async def _running(
    package: str, script: str, *arguments: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"the client {package} is not installed")
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        script,
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def _lines(process: asyncio.subprocess.Process, count: int) -> list[Any]:
    assert process.stdout is not None
    lines: list[Any] = []
    async with asyncio.timeout(WAIT):
        while len(lines) < count:
            line = await process.stdout.readline()
            assert line, "the client ended early"
            lines.append(json.loads(line))
    return lines


async def _complaint(process: asyncio.subprocess.Process, words: str) -> str:
    """The line of the client's complaints that holds *words*."""
    assert process.stderr is not None
    async with asyncio.timeout(WAIT):
        while line := (await process.stderr.readline()).decode():
            if words in line:
                return line.strip()
    raise AssertionError(f"the client did not complain of {words!r}")


def _address(server: Server) -> str:
    return f"127.0.0.1:{server.port}"


async def test_the_client_of_polygon_reads_our_trades_quotes_and_bars(prices: Market) -> None:
    async with (
        serve(prices, "polygon") as server,
        _running("massive", MASSIVE, _address(server), "sim-key") as client,
    ):
        heard = await _lines(client, 300)

    trades = [m for m in heard if m["event_type"] == "T"]
    quotes = [m for m in heard if m["event_type"] == "Q"]
    bars = [m for m in heard if m["event_type"] == "A"]
    told = _told(prices, max(m["sequence_number"] for m in trades + quotes))
    assert len(trades) > 20
    assert len(quotes) > 20
    assert bars
    for m in trades:
        trade = told[m["sequence_number"]]
        assert isinstance(trade, Trade)
        assert (m["symbol"], m["price"], m["size"], m["timestamp"]) == (
            "AAPL",
            trade.price,
            trade.size,
            trade.ts_event // MILLI,
        )
    for m in quotes:
        quote = told[m["sequence_number"]]
        assert isinstance(quote, Quote)
        assert (m["bid_price"], m["ask_price"]) == (quote.bid, quote.ask)
        assert (m["bid_size"], m["ask_size"]) == (quote.bid_size, quote.ask_size)
    known = {
        b.ts_event // MILLI: b for b in told.values() if isinstance(b, Bar) and b.symbol == "AAPL"
    }
    for m in bars[:-1]:
        bar = known[m["end_timestamp"]]
        assert (m["open"], m["high"], m["low"], m["close"], m["volume"]) == (
            bar.open,
            bar.high,
            bar.low,
            bar.close,
            bar.volume,
        )


async def test_the_client_of_polygon_understands_that_its_key_is_wrong(prices: Market) -> None:
    async with (
        serve(prices, "polygon") as server,
        _running("massive", MASSIVE, _address(server), "wrong") as client,
    ):
        complaint = await _complaint(client, "AuthError: ")

        assert complaint == "massive.exceptions.AuthError: authentication failed"
        assert server.stats.auth_failures == 1
        assert server.stats.events_sent == 0


async def test_the_client_of_alpaca_reads_our_trades_and_quotes(prices: Market) -> None:
    async with (
        serve(prices, "alpaca") as server,
        _running("alpaca", ALPACA, server.url, "sim-key", "sim-secret") as client,
    ):
        heard = await _lines(client, 100)

    trades = [m for m in heard if "price" in m]
    quotes = [m for m in heard if "bid_price" in m]
    assert len(trades) > 10
    assert len(quotes) > 10
    # A quote has no number: the last ones may be far behind the last trade.
    told = _told(prices, max(m["id"] for m in trades) + 10 * len(heard))
    for m in trades:
        trade = told[m["id"]]
        assert isinstance(trade, Trade)
        assert (m["symbol"], m["price"], m["size"], tuple(m["conditions"])) == (
            "AAPL",
            trade.price,
            trade.size,
            trade.conditions,
        )
    known = {(q.bid, q.ask, q.bid_size, q.ask_size) for q in told.values() if isinstance(q, Quote)}
    rows = [(m["bid_price"], m["ask_price"], m["bid_size"], m["ask_size"]) for m in quotes]
    assert set(rows) <= known


async def test_the_client_of_alpaca_understands_that_its_secret_is_wrong(prices: Market) -> None:
    async with (
        serve(prices, "alpaca") as server,
        _running("alpaca", ALPACA, server.url, "sim-key", "wrong") as client,
    ):
        complaint = await _complaint(client, "ValueError: ")

        assert complaint == "ValueError: auth failed"
        assert server.stats.auth_failures >= 1
        assert server.stats.events_sent == 0


async def test_the_sample_of_finnhub_reads_our_trades(prices: Market) -> None:
    async with (
        serve(prices, "finnhub") as server,
        _running("websocket", FINNHUB, server.url) as client,
    ):
        heard = await _lines(client, 20)

    rows = [row for message in heard for row in message["data"]]
    assert {message["type"] for message in heard} == {"trade"}
    assert len(rows) >= 20
    known = {
        (t.symbol, t.ts_event // MILLI, t.price, t.size)
        for t in _told(prices, 200 * 60).values()
        if isinstance(t, Trade)
    }
    assert {(row["s"], row["t"], row["p"], row["v"]) for row in rows} <= known
    assert {row["s"] for row in rows} == {"AAPL"}


async def test_the_sample_of_finnhub_understands_that_its_token_is_wrong(prices: Market) -> None:
    async with serve(prices, "finnhub") as server:
        wrong = server.url.replace("sim-key", "wrong")
        async with _running("websocket", FINNHUB, wrong) as client:
            complaint = await _complaint(client, "401")

            assert "401 Unauthorized" in complaint
            assert server.stats.auth_failures == 1
            assert server.stats.connections == 0

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from ordinis_rx.errors import DecodeError, SubscriptionError
from ordinis_rx.events import Trade
from ordinis_rx.pull.failures import UnusableAnswer
from ordinis_rx.pull.rest.finnhub import FinnhubRest
from ordinis_rx.timebase import MINUTE, SECOND

TOKEN = "canary-token"
PRICE = {
    "c": 261.74,
    "d": 2.29,
    "dp": 0.8826,
    "h": 263.31,
    "l": 260.68,
    "o": 261.07,
    "pc": 259.45,
    "t": 1582641000,
}
UNKNOWN = {"c": 0, "d": None, "dp": None, "h": 0, "l": 0, "o": 0, "pc": 0, "t": 0}


async def test_the_last_price_at_its_own_time(played: Callable[..., Any]) -> None:
    vendor = played(PRICE)

    trade = await FinnhubRest(TOKEN, transport=vendor.transport).get_quote("AAPL")

    assert isinstance(trade, Trade)
    assert (trade.symbol, trade.provider, trade.price) == ("AAPL", "finnhub", 261.74)
    assert trade.ts_event == 1582641000 * SECOND
    assert math.isnan(trade.size)
    (request,) = vendor.requests
    assert str(request.url) == "https://finnhub.io/api/v1/quote?symbol=AAPL"
    assert request.headers["X-Finnhub-Token"] == TOKEN


@pytest.mark.parametrize("body", [UNKNOWN, {}, {**PRICE, "c": None}])
async def test_a_symbol_that_is_unknown_has_no_price_not_the_price_0(
    body: object, played: Callable[..., Any]
) -> None:
    source = FinnhubRest(TOKEN, transport=played(body).transport)

    with pytest.raises(UnusableAnswer, match="of ZZZZ: no price"):
        await source.get_quote("ZZZZ")
    assert not await source.validate_symbol("ZZZZ")


async def test_yesterdays_close_is_never_taken_for_a_price(played: Callable[..., Any]) -> None:
    vendor = played({**PRICE, "c": 0})

    with pytest.raises(UnusableAnswer):
        await FinnhubRest(TOKEN, transport=vendor.transport).get_quote("AAPL")


async def test_neutral_symbols_are_asked_for_by_the_vendors_name(
    played: Callable[..., Any],
) -> None:
    vendor = played(PRICE)
    source = FinnhubRest(TOKEN, symbols={"BTC-USD": "BINANCE:BTCUSDT"}, transport=vendor.transport)

    assert (await source.get_quote("BTC-USD")).symbol == "BTC-USD"
    assert vendor.requests[0].url.params["symbol"] == "BINANCE:BTCUSDT"
    assert await source.validate_symbol("BTC-USD")


async def test_candles_are_bars_stamped_at_their_end(played: Callable[..., Any]) -> None:
    columns = {"o": [1, 2], "h": [3, 3], "l": [1, 1], "c": [2, 3], "v": [10, 20]}
    vendor = played({"s": "ok", "t": [1582641000, 1582641060], **columns})
    start = 1582641000 * SECOND

    bars = await FinnhubRest(TOKEN, transport=vendor.transport).get_historical(
        "AAPL", start=start, end=start + MINUTE, interval=MINUTE
    )

    assert [(b.ts_event, b.open, b.high, b.low, b.close, b.volume) for b in bars] == [
        (start + MINUTE, 1, 3, 1, 2, 10)
    ]
    assert dict(vendor.requests[0].url.params) == {
        "symbol": "AAPL",
        "resolution": "1",
        "from": "1582641000",
        "to": "1582641060",
    }


async def test_no_candles_are_no_bars(played: Callable[..., Any]) -> None:
    source = FinnhubRest(TOKEN, transport=played({"s": "no_data"}).transport)

    assert await source.get_historical("A", start=0, end=MINUTE, interval=MINUTE) == []


async def test_columns_of_different_lengths_cannot_be_read(played: Callable[..., Any]) -> None:
    body = {"s": "ok", "t": [1, 2], "o": [1], "h": [1], "l": [1], "c": [1], "v": [1]}
    source = FinnhubRest(TOKEN, transport=played(body).transport)

    with pytest.raises(DecodeError, match="different lengths"):
        await source.get_historical("A", start=0, end=MINUTE, interval=MINUTE)


async def test_lengths_that_the_vendor_lacks_are_refused_before_asking() -> None:
    with pytest.raises(SubscriptionError, match="60 minutes and days, not of 120000000000"):
        await FinnhubRest(TOKEN).get_historical("A", start=0, end=1, interval=2 * MINUTE)


def test_no_token_is_shown() -> None:
    assert TOKEN not in repr(FinnhubRest(TOKEN))


def test_a_key_that_is_empty_and_a_name_that_is_none_are_refused() -> None:
    with pytest.raises(ValueError, match="finnhub: token is empty"):
        FinnhubRest("")
    with pytest.raises(TypeError, match="name must be a text, got 5"):
        FinnhubRest("k", name=5)  # type: ignore[arg-type]

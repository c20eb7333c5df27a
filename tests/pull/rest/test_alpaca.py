from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from ordinis_rx.errors import AuthError, DecodeError, SubscriptionError
from ordinis_rx.events import Quote, Trade, TradeFlags
from ordinis_rx.pull.failures import UnusableAnswer
from ordinis_rx.pull.rest.alpaca import AlpacaRest
from ordinis_rx.timebase import DAY, HOUR, MINUTE

KEY, SECRET = "canary-key", "canary-secret"
AT = "2021-02-06T13:35:08.946977536Z"
QUOTE = {
    "t": AT,
    "ax": "C",
    "ap": 387.7,
    "as": 1,
    "bx": "N",
    "bp": 387.67,
    "bs": 2,
    "c": ["R"],
    "z": "C",
}
TRADE = {"t": AT, "x": "C", "p": 387.62, "s": 100, "c": ["@"], "i": 52983525029461, "z": "C"}
NANOS = 1612618508946977536


def _source(vendor: Any, **options: Any) -> AlpacaRest:
    return AlpacaRest(KEY, SECRET, transport=vendor.transport, **options)


async def test_the_newest_quote_to_the_nanosecond(played: Callable[..., Any]) -> None:
    vendor = played({"symbol": "SPY", "quote": QUOTE})

    quote = await _source(vendor).get_quote("SPY")

    assert isinstance(quote, Quote)
    assert (quote.symbol, quote.provider, quote.ts_event) == ("SPY", "alpaca", NANOS)
    assert (quote.bid, quote.ask, quote.bid_size, quote.ask_size) == (387.67, 387.7, 2, 1)
    assert (quote.bid_venue, quote.ask_venue) == ("N", "C")
    (request,) = vendor.requests
    assert str(request.url) == "https://data.alpaca.markets/v2/stocks/SPY/quotes/latest?feed=iex"
    assert request.headers["APCA-API-KEY-ID"] == KEY
    assert request.headers["APCA-API-SECRET-KEY"] == SECRET


async def test_the_newest_trade_with_what_it_may_move(played: Callable[..., Any]) -> None:
    vendor = played({"trade": TRADE}, {"trade": {**TRADE, "c": ["@", "I"]}})
    source = _source(vendor, asks="trades", feed="sip")

    trade, odd_lot = await source.get_quote("SPY"), await source.get_quote("SPY")

    assert isinstance(trade, Trade)
    assert (trade.price, trade.size, trade.venue, trade.trade_id) == (
        387.62,
        100,
        "C",
        "52983525029461",
    )
    assert isinstance(odd_lot, Trade)
    assert [bool(t.flags & TradeFlags.LAST) for t in (trade, odd_lot)] == [True, False]
    assert vendor.requests[0].url.path == "/v2/stocks/SPY/trades/latest"
    assert vendor.requests[0].url.params["feed"] == "sip"


async def test_0_is_a_side_without_a_quote(played: Callable[..., Any]) -> None:
    quote = await _source(played({"quote": {**QUOTE, "ap": 0, "as": 0}})).get_quote("SPY")

    assert isinstance(quote, Quote)
    assert math.isnan(quote.ask)
    assert quote.bid == 387.67


async def test_a_time_that_cannot_be_read_is_that_of_arrival(played: Callable[..., Any]) -> None:
    quote = await _source(played({"quote": {**QUOTE, "t": "now"}})).get_quote("SPY")

    assert isinstance(quote, Quote)
    assert quote.ts_event == quote.ts_recv > 0


@pytest.mark.parametrize("asks", ["quotes", "trades"])
async def test_nothing_is_no_price(asks: Any, played: Callable[..., Any]) -> None:
    source = _source(played({"symbol": "SPY"}), asks=asks)

    with pytest.raises(UnusableAnswer, match=f"no {asks[:-1]}"):
        await source.get_quote("SPY")
    assert not await source.validate_symbol("SPY")


async def test_a_symbol_that_there_is_not(played: Callable[..., Any]) -> None:
    source = _source(played(httpx.Response(404, json={"message": "no quote found for ZZZZ"})))

    with pytest.raises(SubscriptionError, match="no quote found for ZZZZ"):
        await source.get_quote("ZZZZ")
    assert not await source.validate_symbol("ZZZZ")


async def test_a_symbol_that_there_is(played: Callable[..., Any]) -> None:
    assert await _source(played({"quote": QUOTE})).validate_symbol("SPY")
    assert await _source(played({"trade": TRADE}), asks="trades").validate_symbol("SPY")


async def test_a_wrong_key_is_told(played: Callable[..., Any]) -> None:
    source = _source(played(httpx.Response(403, json={"message": f"forbidden {SECRET}"})))

    with pytest.raises(AuthError, match=r"forbidden \*{13}$"):
        await source.get_quote("SPY")


async def test_bars_come_page_by_page(played: Callable[..., Any]) -> None:
    def bar(minute: int) -> dict[str, object]:
        at = f"2021-02-06T13:{35 + minute}:00Z"
        return {"t": at, "o": 1, "h": 3, "l": 1, "c": 2, "v": 5, "n": 4, "vw": 1.5}

    vendor = played(
        {"bars": [bar(0), bar(1)], "next_page_token": "more"},
        {"bars": [bar(2), bar(3)], "next_page_token": None},
    )
    start = 1612618500 * 10**9

    bars = await _source(vendor).get_historical(
        "SPY", start=start, end=start + 3 * MINUTE, interval=MINUTE
    )

    assert [b.ts_open for b in bars] == [start, start + MINUTE, start + 2 * MINUTE]
    assert (bars[0].ts_event, bars[0].vwap, bars[0].trade_count) == (start + MINUTE, 1.5, 4)
    first, second = (dict(request.url.params) for request in vendor.requests)
    assert (first["timeframe"], first["start"], first["end"]) == (
        "1Min",
        "2021-02-06T13:35:00Z",
        "2021-02-06T13:38:00Z",
    )
    assert second == {**first, "page_token": "more"}


async def test_a_bar_without_volume_has_no_mean_price(played: Callable[..., Any]) -> None:
    told = {"t": AT, "o": 1, "h": 3, "l": 1, "c": 2, "v": 0, "n": 0, "vw": 0}
    source = _source(played({"bars": [told], "next_page_token": None}))

    [bar] = await source.get_historical("SPY", start=NANOS, end=NANOS + 1, interval=MINUTE)

    assert bar.volume == 0.0
    assert math.isnan(bar.vwap)


async def test_pages_that_lead_back_to_one_of_them_end_with_an_error_that_names_it(
    played: Callable[..., Any],
) -> None:
    one, two = ({"bars": None, "next_page_token": token} for token in ("one", "two"))
    vendor = played(one, two, one, AssertionError("asked on"))

    with pytest.raises(DecodeError, match="already seen, 'one'"):
        await _source(vendor).get_historical("SPY", start=0, end=MINUTE, interval=MINUTE)

    assert len(vendor.requests) == 3


async def test_an_empty_token_is_no_page(played: Callable[..., Any]) -> None:
    vendor = played({"bars": None, "next_page_token": ""}, AssertionError("asked on"))

    assert not await _source(vendor).get_historical("SPY", start=0, end=MINUTE, interval=MINUTE)
    assert len(vendor.requests) == 1


async def test_no_bars_are_none(played: Callable[..., Any]) -> None:
    source = _source(played({"bars": None, "symbol": "SPY"}))

    assert await source.get_historical("SPY", start=DAY, end=2 * DAY, interval=HOUR) == []


async def test_a_bar_without_a_time_cannot_be_read(played: Callable[..., Any]) -> None:
    source = _source(played({"bars": [{"t": "", "o": 1, "h": 1, "l": 1, "c": 1}]}))

    with pytest.raises(DecodeError, match="not a moment"):
        await source.get_historical("SPY", start=DAY, end=2 * DAY, interval=HOUR)


@pytest.mark.parametrize("interval", [0, -MINUTE, MINUTE // 2, 61 * MINUTE, 2 * DAY])
async def test_lengths_that_the_vendor_lacks_are_refused_before_asking(interval: int) -> None:
    with pytest.raises(SubscriptionError, match=f"not of {interval} ns"):
        await AlpacaRest(KEY, SECRET).get_historical("A", start=DAY, end=DAY, interval=interval)


def test_no_key_is_shown() -> None:
    assert "canary" not in repr(AlpacaRest(KEY, SECRET))


def test_what_is_asked_for_is_quotes_or_trades() -> None:
    with pytest.raises(ValueError, match="asks must be one of 'quotes', 'trades', got 'bars'"):
        AlpacaRest(KEY, SECRET, asks="bars")  # type: ignore[arg-type]


def test_a_key_that_is_empty_and_a_name_that_is_none_are_refused() -> None:
    with pytest.raises(ValueError, match="alpaca: key is empty"):
        AlpacaRest("", "")
    with pytest.raises(TypeError, match="name must be a text, got 5"):
        AlpacaRest("k", "k", name=5)  # type: ignore[arg-type]


def test_a_feed_that_the_vendor_has_not_is_refused() -> None:
    with pytest.raises(ValueError, match="alpaca has no feed 'sipp'; it has iex, sip, delayed_sip"):
        AlpacaRest("k", "s", feed="sipp")  # type: ignore[arg-type]

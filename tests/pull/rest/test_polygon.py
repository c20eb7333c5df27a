from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from ordinis_rx.errors import AuthError, DecodeError, SubscriptionError
from ordinis_rx.events import Bar, Quote, Trade, TradeFlags
from ordinis_rx.pull.failures import UnusableAnswer
from ordinis_rx.pull.rest.polygon import PolygonRest
from ordinis_rx.timebase import MILLI, MINUTE, SECOND

KEY = "canary-key"
TRADE = {
    "price": 156.43,
    "size": 10,
    "sip_timestamp": 1651181822461979400,
    "exchange": 11,
    "id": "7",
}


def _sample(root: Path, name: str) -> bytes:
    path = root.parent / "shared" / "data" / "polygon" / name
    if not path.exists():
        pytest.skip(f"{name} is not here")
    return path.read_bytes()


async def test_the_vendors_own_sample_of_quotes(root: Path, played: Callable[..., Any]) -> None:
    vendor = played(_sample(root, "rest_v3_quotes_AAPL.json"))
    quote = await PolygonRest(KEY, transport=vendor.transport).get_quote("AAPL")

    assert isinstance(quote, Quote)
    assert (quote.symbol, quote.provider, quote.ts_event) == (
        "AAPL",
        "polygon",
        1652191872800638700,
    )
    assert (quote.bid, quote.ask, quote.bid_size, quote.ask_size) == (155.85, 155.87, 4, 3)
    assert (quote.bid_venue, quote.ask_venue) == ("19", "15")
    (request,) = vendor.requests
    assert request.url.path == "/v3/quotes/AAPL"
    assert dict(request.url.params) == {"order": "desc", "sort": "timestamp", "limit": "1"}
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert KEY not in str(request.url)


async def test_the_vendors_own_sample_of_trades_has_none_that_moves_the_price(
    root: Path, played: Callable[..., Any]
) -> None:
    vendor = played(_sample(root, "rest_v3_trades_AAPL.json"))

    # Both are odd lots (37).
    with pytest.raises(UnusableAnswer, match="none of the last 2 trades moves the price"):
        await PolygonRest(KEY, asks="trades", transport=vendor.transport).get_quote("AAPL")


async def test_the_newest_trade_that_may_move_the_price_is_taken(
    played: Callable[..., Any],
) -> None:
    odd_lot = {**TRADE, "price": 1.0, "conditions": [37]}
    vendor = played({"results": [odd_lot, TRADE, {**TRADE, "price": 2.0}]})

    trade = await PolygonRest(KEY, asks="trades", transport=vendor.transport).get_quote("AAPL")

    assert isinstance(trade, Trade)
    assert (trade.price, trade.size, trade.venue, trade.trade_id) == (156.43, 10.0, "11", "7")
    assert trade.flags & TradeFlags.LAST


@pytest.mark.parametrize("correction", [7, 8, 10, 11])
async def test_a_trade_that_was_cancelled_or_told_in_error_is_not_taken(
    correction: int, played: Callable[..., Any]
) -> None:
    wrong = {**TRADE, "price": 1.0, "correction": correction}
    vendor = played({"results": [wrong, {**TRADE, "correction": 1}]})

    trade = await PolygonRest(KEY, asks="trades", transport=vendor.transport).get_quote("AAPL")

    assert isinstance(trade, Trade)
    assert trade.price == 156.43


async def test_a_trade_off_exchange_carries_its_facility(played: Callable[..., Any]) -> None:
    vendor = played({"results": [{**TRADE, "exchange": 4, "trf_id": 202}]})

    trade = await PolygonRest(KEY, asks="trades", transport=vendor.transport).get_quote("AAPL")

    assert isinstance(trade, Trade)
    assert trade.venue == "4:202"


async def test_a_trade_off_exchange_that_was_told_late_is_not_taken(
    played: Callable[..., Any],
) -> None:
    sip = TRADE["sip_timestamp"]
    assert isinstance(sip, int)
    off = {**TRADE, "exchange": 4, "id": "6"}
    late = {**off, "participant_timestamp": sip - 600 * SECOND}
    on_exchange = {**late, "exchange": 11, "id": "5"}
    in_time = {**off, "participant_timestamp": sip - 10 * SECOND}

    async def taken(*trades: object, native: str = "AAPL") -> str:
        vendor = played({"results": trades})
        source = PolygonRest(
            KEY, asks="trades", symbols={"AAPL": native}, transport=vendor.transport
        )
        trade = await source.get_quote("AAPL")
        assert isinstance(trade, Trade)
        return trade.trade_id

    assert await taken(late, TRADE) == "7"
    assert await taken(on_exchange, TRADE) == "5"
    assert await taken(in_time, TRADE) == "6"
    assert await taken({**off, "participant_timestamp": 5}, TRADE) == "6"
    assert await taken(late, TRADE, native="X:BTCUSD") == "6"


async def test_conditions_of_other_markets_have_other_meanings(played: Callable[..., Any]) -> None:
    vendor = played({"results": [{**TRADE, "conditions": [2]}]})  # in crypto: a buyer
    source = PolygonRest(
        KEY, asks="trades", symbols={"BTC-USD": "X:BTCUSD"}, transport=vendor.transport
    )

    trade = await source.get_quote("BTC-USD")

    assert (trade.symbol, vendor.requests[0].url.raw_path[:21]) == (
        "BTC-USD",
        b"/v3/trades/X%3ABTCUSD",
    )


@pytest.mark.parametrize("body", [{}, {"results": []}, {"results": None, "status": "OK"}])
@pytest.mark.parametrize("asks", ["quotes", "trades"])
async def test_nothing_is_no_price(body: object, asks: Any, played: Callable[..., Any]) -> None:
    source = PolygonRest(KEY, asks=asks, transport=played(body).transport)

    with pytest.raises(UnusableAnswer, match=f"of ZZZZ: no {asks[:-1]}"):
        await source.get_quote("ZZZZ")


async def test_a_side_without_a_quote_is_nan_and_so_is_what_is_missing(
    played: Callable[..., Any],
) -> None:
    vendor = played({"results": [{"bid_price": 0, "ask_price": 10.0}]})

    quote = await PolygonRest(KEY, transport=vendor.transport).get_quote("A")

    assert isinstance(quote, Quote)
    assert math.isnan(quote.bid)
    assert math.isnan(quote.ask_size)
    assert quote.ts_event == quote.ts_recv > 0  # no time of its own


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"results":[{"bid_price":"high"}]}'])
async def test_what_cannot_be_read_is_told_with_its_bytes(
    body: bytes, played: Callable[..., Any]
) -> None:
    with pytest.raises(DecodeError) as caught:
        await PolygonRest(KEY, transport=played(body).transport).get_quote("A")

    assert caught.value.raw == body


async def test_a_plan_without_access_is_told(played: Callable[..., Any]) -> None:
    body = {"status": "NOT_AUTHORIZED", "message": "You are not entitled to this data."}
    source = PolygonRest(KEY, transport=played(httpx.Response(403, json=body)).transport)

    with pytest.raises(AuthError, match="not entitled"):
        await source.get_quote("A")


async def test_bars_come_page_by_page_and_our_key_goes_to_no_other_host(
    played: Callable[..., Any],
) -> None:
    start = 1_651_181_820_000 * MILLI

    def bar(minute: int) -> dict[str, object]:
        return {"t": 1_651_181_820_000 + minute * 60_000, "o": 1, "h": 3, "l": 1, "c": 2, "v": 5.5}

    vendor = played(
        {
            "results": [bar(0), {**bar(1), "vw": 1.5, "n": 9}],
            "next_url": "https://evil.example/v2/next?cursor=abc&limit=2",
        },
        {"results": [bar(2), bar(3)]},
    )
    source = PolygonRest(KEY, transport=vendor.transport)

    bars = await source.get_historical("AAPL", start=start, end=start + 3 * MINUTE, interval=MINUTE)

    # The fourth begins at the end, and is not asked for.
    assert [b.ts_open for b in bars] == [start, start + MINUTE, start + 2 * MINUTE]
    assert bars[1] == Bar(
        symbol="AAPL",
        ts_event=start + 2 * MINUTE,
        ts_recv=bars[1].ts_recv,
        provider="polygon",
        interval=MINUTE,
        open=1,
        high=3,
        low=1,
        close=2,
        volume=5.5,
        vwap=1.5,
        trade_count=9,
    )
    first, second = vendor.requests
    assert first.url.path == "/v2/aggs/ticker/AAPL/range/1/minute/1651181820000/1651182000000"
    assert (second.url.host, second.url.path) == ("api.massive.com", "/v2/next")
    assert dict(second.url.params) == {"cursor": "abc", "limit": "2"}


async def test_a_bar_without_volume_has_no_mean_price(played: Callable[..., Any]) -> None:
    vendor = played({"results": [{"t": 0, "o": 1, "h": 3, "l": 1, "c": 2, "v": 0, "vw": 0}]})
    source = PolygonRest(KEY, transport=vendor.transport)

    [bar] = await source.get_historical("X:BTCUSD", start=0, end=MINUTE, interval=MINUTE)

    assert bar.volume == 0.0
    assert math.isnan(bar.vwap)


async def test_pages_that_lead_back_to_one_of_them_end_with_an_error_that_names_it(
    played: Callable[..., Any],
) -> None:
    one, two = ({"next_url": f"https://api.example/v2/aggs/more?cursor={n}"} for n in (1, 2))
    vendor = played(one, two, one, AssertionError("asked on"))
    source = PolygonRest(KEY, transport=vendor.transport)

    with pytest.raises(DecodeError, match=r"already seen, '/v2/aggs/more\?cursor=1'"):
        await source.get_historical("AAPL", start=0, end=MINUTE, interval=MINUTE)

    assert len(vendor.requests) == 3


async def test_bars_of_less_than_a_second_there_are_none() -> None:
    with pytest.raises(SubscriptionError, match="whole seconds, not of 1500000000 ns"):
        await PolygonRest(KEY).get_historical("A", start=0, end=1, interval=3 * SECOND // 2)


@pytest.mark.parametrize(
    ("answer", "valid"),
    [
        ({"results": {"ticker": "A", "active": True}}, True),
        ({"results": {"ticker": "A", "active": False}}, False),
        (httpx.Response(404, json={"status": "NOT_FOUND"}), False),
    ],
)
async def test_whether_a_symbol_exists(
    answer: object, valid: bool, played: Callable[..., Any]
) -> None:
    source = PolygonRest(KEY, transport=played(answer).transport)

    assert await source.validate_symbol("A") is valid


def test_no_key_is_shown() -> None:
    assert KEY not in repr(PolygonRest(KEY))


def test_what_is_asked_for_is_quotes_or_trades() -> None:
    with pytest.raises(ValueError, match="asks must be one of 'quotes', 'trades', got 'bars'"):
        PolygonRest(KEY, asks="bars")  # type: ignore[arg-type]


def test_a_key_that_is_empty_and_a_name_that_is_none_are_refused() -> None:
    with pytest.raises(ValueError, match="polygon: api_key is empty"):
        PolygonRest("")
    with pytest.raises(TypeError, match="name must be a text, got 5"):
        PolygonRest("k", name=5)  # type: ignore[arg-type]

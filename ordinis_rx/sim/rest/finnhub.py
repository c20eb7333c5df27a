"""Finnhub's paths: the last price and candles; the token in a header or in the query."""

from __future__ import annotations

from collections.abc import Mapping

from ordinis_rx.events import Bar
from ordinis_rx.sim.dialects.dialect import Access
from ordinis_rx.sim.rest.board import Board
from ordinis_rx.sim.rest.http import HttpRequest, HttpResponse, json_response
from ordinis_rx.sim.rest.vendor import NOT_FOUND, Vendor, all_spelled
from ordinis_rx.timebase import DAY, MINUTE, SECOND

__all__ = ["FINNHUB"]


def _admits(request: HttpRequest, access: Access) -> bool:
    shown = request.headers.get("x-finnhub-token") or request.query.get("token", "")
    return shown == access.api_key


def _answer(request: HttpRequest, board: Board) -> HttpResponse:
    symbol = request.query.get("symbol", "")
    match request.path:
        case ("api", "v1", "quote"):
            return json_response(_price(symbol, board))
        case ("api", "v1", "stock", "candle"):
            resolution = request.query["resolution"]
            interval = DAY if resolution == "D" else int(resolution) * MINUTE
            start, end = int(request.query["from"]) * SECOND, int(request.query["to"]) * SECOND
            return json_response(_candles(board.bars(symbol, interval, start, end + 1)))
        case _:
            return NOT_FOUND


def _price(symbol: str, board: Board) -> Mapping[str, object]:
    trades = all_spelled("finnhub", board.trades(symbol))
    if not trades:
        return {"c": 0, "d": None, "dp": None, "h": 0, "l": 0, "o": 0, "pc": 0, "t": 0}
    prices = [t.price for t in trades]
    last, first = prices[0], prices[-1]
    return {
        "c": last,
        "d": last - first,
        "dp": (last - first) / first * 100,
        "h": max(prices),
        "l": min(prices),
        "o": first,
        "pc": first,
        "t": trades[0].ts_event // SECOND,
    }


def _candles(bars: list[Bar]) -> Mapping[str, object]:
    if not bars:
        return {"s": "no_data"}
    return {
        "s": "ok",
        "t": [b.ts_open // SECOND for b in bars],
        "o": [b.open for b in bars],
        "h": [b.high for b in bars],
        "l": [b.low for b in bars],
        "c": [b.close for b in bars],
        "v": [b.volume for b in bars],
    }


FINNHUB = Vendor(
    path="/api/v1",
    admits=_admits,
    unknown_key=json_response({"error": "Invalid API key"}, 401),
    answer=_answer,
    tells_limits=True,
)

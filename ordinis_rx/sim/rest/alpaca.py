"""Alpaca's paths: the newest quote, the newest trade and bars of a stock; key and secret in headers."""

from __future__ import annotations

from collections.abc import Mapping

from ordinis_rx.events import Bar, Quote, Trade
from ordinis_rx.providers.alpaca_codec import moment_text, nanos_of
from ordinis_rx.sim.dialects.dialect import Access
from ordinis_rx.sim.rest.board import Board
from ordinis_rx.sim.rest.http import HttpRequest, HttpResponse, json_response
from ordinis_rx.sim.rest.vendor import NOT_FOUND, Vendor
from ordinis_rx.timebase import DAY, HOUR, MINUTE

__all__ = ["ALPACA"]


def _admits(request: HttpRequest, access: Access) -> bool:
    headers = request.headers
    shown = (headers.get("apca-api-key-id"), headers.get("apca-api-secret-key"))
    return shown == (access.api_key, access.secret)


def _answer(request: HttpRequest, board: Board) -> HttpResponse:
    match request.path:
        case ("v2", "stocks", symbol, "quotes", "latest"):
            q = board.quote(symbol)
            return _latest(symbol, "quote", None if q is None else _quote(q))
        case ("v2", "stocks", symbol, "trades", "latest"):
            trades = board.trades(symbol)
            return _latest(symbol, "trade", _trade(trades[0]) if trades else None)
        case ("v2", "stocks", symbol, "bars"):
            return _bars(symbol, request.query, board)
        case _:
            return NOT_FOUND


def _latest(symbol: str, what: str, told: Mapping[str, object] | None) -> HttpResponse:
    if told is None:
        return json_response({"code": 40410000, "message": f"no {what} found for {symbol}"}, 404)
    return json_response({"symbol": symbol, what: told})


def _quote(q: Quote) -> Mapping[str, object]:
    return {
        "t": moment_text(q.ts_event),
        "ax": q.ask_venue,
        "ap": q.ask,
        "as": q.ask_size,
        "bx": q.bid_venue,
        "bp": q.bid,
        "bs": q.bid_size,
        "c": ["R"],
        "z": "C",
    }


def _trade(t: Trade) -> Mapping[str, object]:
    return {
        "t": moment_text(t.ts_event),
        "x": t.venue,
        "p": t.price,
        "s": t.size,
        "c": list(t.conditions),
        "i": int(t.trade_id) if t.trade_id.isdecimal() else 0,
        "z": "C",
    }


_TIMEFRAMES = {"Min": MINUTE, "Hour": HOUR, "Day": DAY}


def _bars(symbol: str, query: Mapping[str, str], board: Board) -> HttpResponse:
    word = query["timeframe"].lstrip("0123456789")
    interval = int(query["timeframe"].removesuffix(word)) * _TIMEFRAMES[word]
    bars = board.bars(symbol, interval, nanos_of(query["start"]), nanos_of(query["end"]) + 1)
    page, at = int(query.get("limit", "1000")), int(query.get("page_token", "0"))
    more = str(at + page) if at + page < len(bars) else None
    told = [_bar(b) for b in bars[at : at + page]]
    return json_response({"symbol": symbol, "bars": told, "next_page_token": more})


def _bar(b: Bar) -> Mapping[str, object]:
    return {
        "t": moment_text(b.ts_open),
        "o": b.open,
        "h": b.high,
        "l": b.low,
        "c": b.close,
        "v": b.volume,
        "n": b.trade_count,
        "vw": b.vwap,
    }


ALPACA = Vendor(
    path="",
    admits=_admits,
    unknown_key=json_response({"message": "forbidden."}, 403),
    answer=_answer,
    tells_limits=True,
)

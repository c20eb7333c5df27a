"""Polygon's paths: quotes, trades, bars and tickers; the key in a header or in the query."""

from __future__ import annotations

from collections.abc import Mapping

from ordinis_rx.events import Bar, Quote, Trade
from ordinis_rx.sim.dialects.dialect import Access
from ordinis_rx.sim.rest.board import Board
from ordinis_rx.sim.rest.http import HttpRequest, HttpResponse, json_response
from ordinis_rx.sim.rest.vendor import NOT_FOUND, Vendor, all_spelled, spelled
from ordinis_rx.timebase import DAY, HOUR, MILLI, MINUTE, SECOND

__all__ = ["POLYGON"]


_SPANS = {"second": SECOND, "minute": MINUTE, "hour": HOUR, "day": DAY}


def _admits(request: HttpRequest, access: Access) -> bool:
    shown = request.headers.get("authorization", "").removeprefix("Bearer ")
    return (shown or request.query.get("apiKey", "")) == access.api_key


def _answer(request: HttpRequest, board: Board) -> HttpResponse:
    match request.path:
        case ("v3", "quotes", symbol):
            q = spelled("polygon", board.quote(symbol))
            return _results([] if q is None else [_quote(q)])
        case ("v3", "trades", symbol):
            told = all_spelled("polygon", board.trades(symbol))
            limit = int(request.query.get("limit", "10"))
            return _results([_trade(t) for t in told[:limit]])
        case ("v2", "aggs", "ticker", symbol, "range", count, span, start, end):
            interval = int(count) * _SPANS[span]
            # The end is a bar's start that is still told.
            bars = board.bars(symbol, interval, int(start) * MILLI, int(end) * MILLI + 1)
            return _results([_bar(b) for b in bars])
        case ("v3", "reference", "tickers", symbol) if board.knows(symbol):
            return _results({"ticker": symbol, "market": "stocks", "active": True})
        case ("v3", "reference", "tickers", _):
            return json_response({"status": "NOT_FOUND", "message": "Ticker not found."}, 404)
        case _:
            return NOT_FOUND


def _results(results: object) -> HttpResponse:
    return json_response({"status": "OK", "request_id": "sim", "results": results})


def _quote(q: Quote) -> Mapping[str, object]:
    return {
        "ask_exchange": int(q.ask_venue or 0),
        "ask_price": q.ask,
        "ask_size": q.ask_size,
        "bid_exchange": int(q.bid_venue or 0),
        "bid_price": q.bid,
        "bid_size": q.bid_size,
        "participant_timestamp": q.ts_event,
        "sequence_number": q.seq,
        "sip_timestamp": q.ts_event,
        "tape": 3,
    }


def _trade(t: Trade) -> Mapping[str, object]:
    return {
        "conditions": [int(code) for code in t.conditions],
        "exchange": int(t.venue or 0),
        "id": t.trade_id,
        "participant_timestamp": t.ts_event,
        "price": t.price,
        "sequence_number": t.seq,
        "sip_timestamp": t.ts_event,
        "size": t.size,
        "tape": 3,
    }


def _bar(b: Bar) -> Mapping[str, object]:
    return {
        "v": b.volume,
        "vw": b.vwap,
        "o": b.open,
        "c": b.close,
        "h": b.high,
        "l": b.low,
        "t": b.ts_open // MILLI,
        "n": b.trade_count,
    }


POLYGON = Vendor(
    path="",
    admits=_admits,
    unknown_key=json_response({"status": "ERROR", "error": "Unknown API Key"}, 401),
    answer=_answer,
    tells_limits=False,
)

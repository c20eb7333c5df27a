"""Frames of every provider to do harm to: made of facts, and heard of the vendors where recordings are at hand."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from ordinis_rx.events import Event
from ordinis_rx.providers.alpaca import alpaca
from ordinis_rx.providers.finnhub import finnhub
from ordinis_rx.providers.polygon import polygon
from ordinis_rx.providers.protocol import Provider
from ordinis_rx.testing import factories
from ordinis_rx.timebase import MILLI, MINUTE, SECOND

KEY = "canary-key-6638"
SECRET = "canary-secret-6639"
NOW = 1_800_000_000_000_000_000
AT = 1_781_622_376_036 * MILLI
RECORDINGS = Path(__file__).parents[3] / "shared/data"

PROVIDERS: dict[str, Callable[[], Provider]] = {
    **{
        market: functools.partial(polygon, KEY, market)
        for market in ("stocks", "options", "forex", "crypto", "indices", "futures")
    },
    "finnhub": functools.partial(finnhub, KEY),
    "alpaca-json": functools.partial(alpaca, KEY, SECRET),
    "alpaca-msgpack": functools.partial(alpaca, KEY, SECRET, codec="msgpack"),
}

_SYMBOLS = {
    "options": "O:SPY251219C00650000",
    "forex": "EUR/USD",
    "crypto": "BTC-USD",
    "indices": "I:SPX",
    "futures": "ESZ5",
}

_WORDS = {
    "polygon": [
        [{"ev": "status", "status": "connected", "message": "Connected Successfully"}],
        [{"ev": "status", "status": "auth_success", "message": "authenticated"}],
        [{"ev": "status", "status": "auth_failed", "message": "authentication failed"}],
        [{"ev": "status", "status": "success", "message": "subscribed to: T.AAPL"}],
        [{"ev": "status", "status": "max_connections", "message": "Maximum number of websocket"}],
        [{"ev": "status", "status": "error", "message": "not authorized"}],
        [
            {"ev": "LULD", "T": "ATHR", "h": 3.63, "l": 2.97, "i": [15], "z": 3, "t": AT // 10**6},
            {
                "ev": "NOI",
                "T": "N.Q",
                "t": AT,
                "at": 930,
                "a": "M",
                "x": 10,
                "o": 4,
                "p": 4,
                "b": 2,
            },
            {"ev": "FMV", "fmv": 189.22, "sym": "AAPL", "t": AT},
        ],
    ],
    "finnhub": [
        {"type": "ping"},
        {"type": "error", "msg": "Subscribing to too many symbols"},
        {"type": "news", "data": [{"id": 1}]},
    ],
    "alpaca": [
        [{"T": "success", "msg": "authenticated"}],
        [{"T": "error", "code": 406, "msg": "connection limit exceeded"}],
        [{"T": "subscription", "trades": ["AAPL"], "quotes": [], "bars": ["*"]}],
        [{"T": "i", "S": "INAQU", "p": 9.12, "z": "C", "t": "2024-12-13T19:58:09.242138635Z"}],
        [{"T": "l", "S": "A", "u": 3.2, "d": 2.9, "i": "B", "t": "2021-02-22T15:51:44Z", "z": "C"}],
    ],
}


def _facts(symbol: str) -> list[Event]:
    return [
        factories.a_trade(symbol=symbol, at=AT, price=297.845, size=40.0, trade_id="5298352"),
        factories.a_quote(symbol=symbol, at=AT + SECOND, bid=297.83, ask=297.86),
        factories.a_bar(symbol=symbol, at=AT // MINUTE * MINUTE, interval=MINUTE),
        factories.a_bar(symbol=symbol, at=AT // SECOND * SECOND, interval=SECOND),
        factories.a_reading(symbol=symbol, at=AT, value=189.22, name="price"),
        factories.a_reading(symbol=symbol, at=AT, value=3988.5, name="value"),
        factories.a_halt(symbol=symbol, at=AT),
        factories.a_cancel(symbol=symbol, at=AT),
        factories.a_correction(symbol=symbol, at=AT),
    ]


@functools.cache
def frames_of(name: str) -> tuple[bytes, ...]:
    """Frames that a feed of *name* may hear, each readable to it."""
    provider = PROVIDERS[name]()
    facts = _facts(_SYMBOLS.get(name, "AAPL"))
    said = [*provider.encode(facts), *(f for fact in facts for f in provider.encode([fact]))]
    frames = [frame if isinstance(frame, bytes) else frame.encode() for frame in said]
    pack = msgspec.msgpack.encode if name.endswith("msgpack") else msgspec.json.encode
    frames += map(pack, [*_WORDS[provider.name], *_heard(name)])
    return tuple(dict.fromkeys(frames))


def _heard(name: str) -> list[Any]:
    """What was recorded of the vendor, if the recordings are there."""
    if name == "finnhub":
        return [line["frame"] for line in _lines("finnhub/ws_frames_real.jsonl")]
    if name in ("alpaca-json", "alpaca-msgpack"):
        return []
    own = [
        line["frame"]
        for line in _lines("polygon/ws_examples_official.jsonl")
        if f"/{name}/" in line["path"]
    ]
    return own + [line["frame"] for line in _lines("polygon/ws_frames_real.jsonl")]


def _lines(path: str) -> list[dict[str, Any]]:
    file = RECORDINGS / path
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

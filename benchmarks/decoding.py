"""A Polygon message of 25 events: bytes to facts, against the official client and against plain json."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from massive.websocket import parse
from massive.websocket.models import EquityQuote, EquityTrade
from massive.websocket.models.common import Market

from benchmarks.measure import compare, show
from ordinis_rx.events import Quote, Trade
from ordinis_rx.providers.polygon import polygon

LOG = logging.getLogger(__name__)
TIMES = 400
EVENTS = 25


def message() -> bytes:
    """Trades and quotes in the vendor's shapes of 2026, as many of each."""
    moment = 1_781_622_376_036
    events: list[dict[str, object]] = []
    for k in range(EVENTS):
        if k % 2:
            events.append(
                {
                    "ev": "Q",
                    "sym": "AAPL",
                    "i": [604],
                    "bx": 15,
                    "ax": 12,
                    "bp": round(297.83 + k / 100, 2),
                }
                | {
                    "ap": round(297.86 + k / 100, 2),
                    "bs": 80,
                    "as": 80,
                    "t": moment + k,
                    "pt": moment + k,
                }
                | {"q": 44_424_715 + k, "z": 3}
            )
        else:
            events.append(
                {"ev": "T", "sym": "AAPL", "i": str(143_541 + k), "x": 4, "p": 297.845, "s": 40}
                | {"t": moment + k, "pt": moment + k - 7, "q": 4_938_312 + k, "z": 3, "c": [14, 37]}
                | {"trfi": 202, "trft": moment + k, "ds": "40.0"}
            )
    return json.dumps(events, separators=(",", ":")).encode()


@dataclass(slots=True)
class PlainTrade:
    symbol: str
    price: float
    size: float
    ts_event: int
    conditions: tuple[int, ...]


@dataclass(slots=True)
class PlainQuote:
    symbol: str
    bid: float
    ask: float
    bid_size: float
    ask_size: float
    ts_event: int


def plain(raw: bytes) -> list[PlainTrade | PlainQuote]:
    """What one writes first: json and a dataclass."""
    facts: list[PlainTrade | PlainQuote] = []
    for m in json.loads(raw):
        if m["ev"] == "T":
            facts.append(
                PlainTrade(m["sym"], m["p"], m["s"], m["t"] * 1_000_000, tuple(m.get("c", ())))
            )
        elif m["ev"] == "Q":
            facts.append(
                PlainQuote(m["sym"], m["bp"], m["ap"], m["bs"], m["as"], m["t"] * 1_000_000)
            )
    return facts


def official(raw: bytes) -> list[object]:
    """As the vendor's client handles each message, statuses looked for first."""
    messages = json.loads(raw)
    for m in messages:
        if m["ev"] == "status":
            raise AssertionError("no statuses here")
    parsed: list[object] = parse(messages, LOG, Market.Stocks)
    return parsed


def check(raw: bytes, ours: list[object], theirs: list[object]) -> None:
    """The same facts in both, or there is nothing to compare."""
    assert len(ours) == len(theirs) == EVENTS
    for fact, model in zip(ours, theirs, strict=True):
        if isinstance(fact, Trade):
            assert isinstance(model, EquityTrade)
            assert (fact.symbol, fact.price) == (model.symbol, model.price)
            assert model.timestamp is not None
            assert fact.ts_event == model.timestamp * 1_000_000
        else:
            assert isinstance(fact, Quote)
            assert isinstance(model, EquityQuote)
            assert (fact.bid, fact.ask) == (model.bid_price, model.ask_price)


def main() -> None:
    raw = message()
    decode = polygon("key").decoder({})
    check(raw, list(decode(raw, 1, 1)[0]), official(raw))
    to_dicts = msgspec.json.Decoder()

    def many(step: Callable[[bytes], object]) -> Callable[[], None]:
        def run() -> None:
            for _ in range(TIMES):
                step(raw)

        return run

    contenders = {
        "ours: final facts": many(lambda raw: decode(raw, 1, 1)),
        "msgspec to dicts, no facts": many(to_dicts.decode),
        "json + dataclass": many(plain),
        "the vendor's client": many(official),
    }
    rows = compare(contenders, TIMES * EVENTS)
    show("A Polygon message of 25 events to facts", rows, base="ours: final facts")

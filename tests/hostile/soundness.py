"""What any consumer may rely on in the facts of a decoder, whatever bytes it was given."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from ordinis_rx.errors import DecodeError
from ordinis_rx.event_json import to_json
from ordinis_rx.events import (
    Bar,
    Event,
    FeedError,
    Quote,
    Reading,
    Trade,
    TradeCancel,
    TradeCorrection,
)
from ordinis_rx.providers.protocol import Decode
from ordinis_rx.providers.reading import RAW_LIMIT

__all__ = ["decoded_soundly"]

_PRICES = {
    Trade: ("price",),
    Quote: ("bid", "ask"),
    Bar: ("open", "high", "low", "close", "vwap"),
    Reading: ("value",),
    TradeCancel: ("price",),
    TradeCorrection: ("original_price", "price"),
}
_SIZES = {
    Trade: ("size",),
    Quote: ("bid_size", "ask_size"),
    Bar: ("volume",),
    TradeCancel: ("size",),
    TradeCorrection: ("original_size", "size"),
}
_COUNTS = {Bar: ("interval", "trade_count", "revision")}


def decoded_soundly(decode: Decode, raw: bytes, now: int, seq: int = 1) -> list[Event]:
    """The facts of *raw*, none for a `DecodeError`; AssertionError for anything that a consumer could not bear."""
    try:
        facts, _ = decode(raw, now, seq)
    except DecodeError as refused:
        str(refused).encode()
        return []
    assert [fact.seq for fact in facts] == list(range(seq, seq + len(facts)))
    for fact in facts:
        _check(fact, now)
    return facts


def _check(fact: Event, now: int) -> None:
    kind = type(fact)
    assert type(fact.ts_event) is int, fact
    assert 0 < fact.ts_event < 2**63, fact
    assert fact.ts_recv == now
    _check_numbers(fact, _PRICES.get(kind, ()))
    for name in _SIZES.get(kind, ()):
        _check_numbers(fact, (name,))
        assert not getattr(fact, name) < 0, (name, fact)
    for name in _COUNTS.get(kind, ()):
        count = getattr(fact, name)
        assert type(count) is int, (name, fact)
        assert 0 <= count < 2**63, (name, fact)
    if kind is Reading:
        assert all(type(v) is float and not math.isinf(v) for v in fact.values), fact  # type: ignore[union-attr]
    if isinstance(fact, FeedError):
        assert fact.kind
        assert len(fact.raw) <= RAW_LIMIT
    for name in fact.__struct_fields__:
        value = getattr(fact, name)
        if isinstance(value, str):
            value.encode()  # what cannot be written cannot be recorded either
    to_json(fact)
    assert msgspec.json.decode(to_json(fact))


def _check_numbers(fact: Event, names: Sequence[str]) -> None:
    for name in names:
        number = getattr(fact, name)
        assert type(number) is float, (name, fact)
        assert not math.isinf(number), (name, fact)

"""Facts: what they hold, what follows from it, and their way through JSON."""

from __future__ import annotations

import gc
import math
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.events import (
    EVENT_TYPES,
    Bar,
    Event,
    FeedError,
    Gap,
    GapReason,
    Halt,
    Heartbeat,
    Quote,
    Reading,
    Side,
    StatusChange,
    StreamEventType,
    StreamStatus,
    Trade,
    TradeCancel,
    TradeCorrection,
    TradeFlags,
    from_json,
    to_json,
)
from ordinis_rx.timebase import MINUTE, SECOND

NAN = math.nan

ONE_OF_EACH: list[Event] = [
    Quote(symbol="AAPL", ts_event=1, bid=99.0, ask=101.0, bid_size=3.0, ask_size=1.0),
    Trade(
        symbol="AAPL",
        ts_event=1,
        price=100.5,
        size=0.25,
        trade_id="7",
        conditions=("12", "37"),
        side=Side.SELL,
        flags=TradeFlags.VOLUME | TradeFlags.ODD_LOT,
    ),
    Bar(
        symbol="AAPL",
        ts_event=MINUTE,
        interval=MINUTE,
        open=1.0,
        high=4.0,
        low=1.0,
        close=3.0,
        volume=9.0,
    ),
    StatusChange(ts_event=1, status=StreamStatus.RECONNECTING, message="again", attempt=2),
    Gap(ts_event=5, ts_from=2, ts_to=5, reason=GapReason.STALLED, symbols=("AAPL",)),
    FeedError(ts_event=1, kind="missing-price", raw=b"\x00{"),
    Heartbeat(ts_event=1),
    Halt(symbol="AAPL", ts_event=1, halted=True, code="T1", reason="news"),
    TradeCancel(symbol="AAPL", ts_event=1, trade_id="7", price=100.5),
    TradeCorrection(
        symbol="AAPL",
        ts_event=1,
        original_id="7",
        original_price=1.0,
        trade_id="8",
        price=2.0,
        size=3.0,
    ),
    Reading(symbol="AAPL", ts_event=1, name="luld", value=1.0, values=(0.5, NAN)),
]

each_fact = pytest.mark.parametrize("fact", ONE_OF_EACH, ids=lambda fact: type(fact).__name__)


def same(one: object, other: object) -> bool:
    """Equal field by field, where a NaN equals a NaN."""
    return type(one) is type(other) and repr(one) == repr(other)


def quote(bid: float, ask: float, bid_size: float = 0.0, ask_size: float = 0.0) -> Quote:
    return Quote(symbol="AAPL", ts_event=0, bid=bid, ask=ask, bid_size=bid_size, ask_size=ask_size)


def bar(open: float, high: float, low: float, close: float) -> Bar:
    return Bar(
        symbol="AAPL",
        ts_event=2 * MINUTE,
        interval=MINUTE,
        open=open,
        high=high,
        low=low,
        close=close,
        volume=1.0,
    )


def test_there_is_one_of_each_here() -> None:
    assert tuple(type(fact) for fact in ONE_OF_EACH) == EVENT_TYPES


@each_fact
def test_every_fact_tells_its_kind(fact: Event) -> None:
    assert fact.type in StreamEventType
    assert f'"type":"{fact.type.name}"'.encode() in to_json(fact)


def test_no_two_facts_share_a_kind() -> None:
    assert len({kind.type for kind in EVENT_TYPES}) == len(EVENT_TYPES)


@each_fact
def test_every_fact_has_the_common_fields(fact: Event) -> None:
    names = [field.name for field in msgspec.structs.fields(fact)]

    assert names[:5] == ["symbol", "ts_event", "ts_recv", "provider", "seq"]
    assert (fact.ts_recv, fact.provider, fact.seq) == (0, "", 0)


@each_fact
def test_a_fact_does_not_change(fact: Event) -> None:
    with pytest.raises(AttributeError):
        fact.seq = 1  # type: ignore[misc]


@each_fact
def test_a_fact_costs_the_garbage_collector_nothing(fact: Event) -> None:
    assert not gc.is_tracked(fact)


def test_a_fact_is_built_by_name_only() -> None:
    with pytest.raises(TypeError):
        Heartbeat("AAPL", 1)  # type: ignore[call-arg]


def test_the_time_of_a_fact_is_an_aware_datetime() -> None:
    fact = Heartbeat(ts_event=1_704_205_800 * SECOND + 123_456_789)

    assert fact.time == datetime(2024, 1, 2, 14, 30, 0, 123_456, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fact", "mid", "spread", "bps", "crossed", "locked"),
    [
        (quote(99.0, 101.0), 100.0, 2.0, 200.0, False, False),
        (quote(100.0, 100.0), 100.0, 0.0, 0.0, False, True),
        (quote(101.0, 99.0), 100.0, -2.0, -200.0, True, False),
        (quote(-1.0, 1.0), 0.0, 2.0, 0.0, False, False),
    ],
    ids=["normal", "locked", "crossed", "around zero"],
)
def test_what_follows_from_a_quote(
    fact: Quote, mid: float, spread: float, bps: float, crossed: bool, locked: bool
) -> None:
    assert (fact.mid, fact.spread, fact.spread_bps) == (mid, spread, bps)
    assert (fact.is_crossed, fact.is_locked) == (crossed, locked)


@pytest.mark.parametrize("fact", [quote(NAN, 101.0), quote(99.0, NAN), quote(NAN, NAN)])
def test_s13_a_missing_side_makes_nothing_up(fact: Quote) -> None:
    derived = [fact.mid, fact.spread, fact.spread_bps, fact.microprice]

    assert all(math.isnan(value) for value in derived)
    assert not fact.is_crossed
    assert not fact.is_locked


@pytest.mark.parametrize(
    ("fact", "microprice"),
    [
        (quote(99.0, 101.0, 3.0, 1.0), 100.5),
        (quote(99.0, 101.0, 1.0, 3.0), 99.5),
        (quote(99.0, 101.0), 100.0),
        (quote(99.0, 101.0, NAN, 1.0), 100.0),
    ],
    ids=["thin ask", "thin bid", "no sizes", "unknown size"],
)
def test_the_microprice_leans_toward_the_thinner_side(fact: Quote, microprice: float) -> None:
    assert fact.microprice == microprice


def test_s12_a_fraction_of_a_share_is_a_size() -> None:
    trade = Trade(symbol="BTC-USD", ts_event=0, price=43_000.0, size=0.0005)

    assert trade.size == 0.0005
    assert trade.notional == 21.5


def test_a_plain_trade_moves_everything_and_is_neither_late_nor_odd() -> None:
    flags = Trade(symbol="AAPL", ts_event=0, price=1.0, size=1.0).flags

    assert flags == TradeFlags.LAST | TradeFlags.HIGH_LOW | TradeFlags.VOLUME
    assert not flags & (TradeFlags.LATE | TradeFlags.ODD_LOT)


def test_what_follows_from_a_bar() -> None:
    rising, falling, still = bar(10, 14, 9, 13), bar(13, 14, 9, 10), bar(10, 10, 10, 10)

    assert rising.ts_open == MINUTE
    assert (rising.range, rising.body, rising.typical) == (5, 3, 12)
    assert (falling.range, falling.body, falling.typical) == (5, 3, 11)
    assert [fact.is_bullish for fact in (rising, falling, still)] == [True, False, True]


def test_a_gap_knows_how_long_it_was() -> None:
    gap = Gap(ts_event=9, ts_from=2 * SECOND, ts_to=5 * SECOND, reason=GapReason.DISCONNECTED)

    assert gap.duration == 3 * SECOND
    assert gap.symbols == ()
    assert not gap.filled


@each_fact
def test_every_fact_survives_json(fact: Event) -> None:
    assert same(from_json(to_json(fact)), fact)
    assert same(from_json(to_json(fact).decode()), fact)


numbers = st.floats(allow_infinity=False, width=64)


@given(bid=numbers, ask=numbers, size=numbers, stamp=st.integers(-(2**63), 2**63 - 1))
def test_any_numbers_survive_json(bid: float, ask: float, size: float, stamp: int) -> None:
    fact = Quote(symbol="A", ts_event=stamp, bid=bid, ask=ask, bid_size=size)

    assert same(from_json(to_json(fact)), fact)


def test_a_nan_is_null_in_json() -> None:
    assert b'"bid":null' in to_json(quote(NAN, 1.0))


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b'{"type":"NOVEL","ts_event":1}', "NOVEL"),
        (b'{"ts_event":1}', "unknown type"),
        (b"[1]", "object"),
        (b'{"type":"HEARTBEAT"}', "ts_event"),
        (b'{"type":"QUOTE","symbol":"A","ts_event":1,"bid":"x","ask":1.0}', "bid"),
        (b'{"type":"QUOTE","symbol":null,"ts_event":1,"bid":1.0,"ask":1.0}', "symbol"),
        (b'{"type":"STATUS","ts_event":1,"status":"DREAMING"}', "DREAMING"),
    ],
)
def test_what_is_no_fact_is_refused_by_name(raw: bytes, told: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=told):
        from_json(raw)


@given(junk=st.binary(max_size=40))
def test_junk_is_a_decoding_error_and_nothing_else(junk: bytes) -> None:
    with pytest.raises((msgspec.DecodeError, UnicodeDecodeError)):
        from_json(b"{" + junk + b"]")


def fields(fact: Event) -> dict[str, Any]:
    return msgspec.structs.asdict(fact)


@each_fact
def test_equal_facts_are_equal_and_a_later_seq_is_another(fact: Event) -> None:
    later = msgspec.structs.replace(fact, seq=1)

    assert type(fact)(**fields(fact)) == fact
    assert later != fact
    assert later.seq == 1

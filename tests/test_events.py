"""Facts: what they hold, and what follows from it."""

from __future__ import annotations

import gc
import math
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from ordinis_rx.events import (
    EVENT_TYPES,
    Bar,
    Event,
    Gap,
    GapReason,
    Heartbeat,
    Quote,
    StreamEventType,
    Trade,
    TradeFlags,
)
from ordinis_rx.timebase import MINUTE, SECOND
from tests.facts import ONE_OF_EACH

NAN = math.nan

each_fact = pytest.mark.parametrize("fact", ONE_OF_EACH, ids=lambda fact: type(fact).__name__)


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


def fields(fact: Event) -> dict[str, Any]:
    return msgspec.structs.asdict(fact)


@each_fact
def test_equal_facts_are_equal_and_a_later_seq_is_another(fact: Event) -> None:
    later = msgspec.structs.replace(fact, seq=1)

    assert type(fact)(**fields(fact)) == fact
    assert later != fact
    assert later.seq == 1

"""A peer that is dead, a peer that is mute, and a market that is merely closed: each is found, or left alone, in time."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from ordinis_rx.calendars import Sessions, sessions
from ordinis_rx.events import GapReason, StatusChange, StreamStatus, Trade
from ordinis_rx.feed import Feed
from ordinis_rx.timebase import HOUR, SECOND
from tests.figures import record
from tests.transport import Ear, PolygonVendor, a_feed, trade
from tests.virtual import START, after, in_virtual_time, settled, virtual_loop

pytestmark = pytest.mark.deep

CONNECTED, RECONNECTING = StreamStatus.CONNECTED, StreamStatus.RECONNECTING
DAY = 86_400.0
SEEDS = 8


class Watch(Ear):
    """Notes when the feed gave up each connection."""

    def __init__(self) -> None:
        super().__init__()
        self.alarms: list[float] = []

    def on_next(self, fact: Any) -> None:
        super().on_next(fact)
        if isinstance(fact, StatusChange) and fact.status is RECONNECTING:
            self.alarms.append(virtual_loop().time())


def watching(events: Feed) -> Watch:
    watch = Watch()
    watch.to(events)
    return watch


@pytest.mark.parametrize("heartbeat", [1.0, 30.0])
@in_virtual_time
async def test_a_dead_peer_is_found_within_ping_interval_and_timeout(heartbeat: float) -> None:
    latest = 0.0
    for seed in range(SEEDS):
        random = Random(seed)
        vendor = PolygonVendor()
        events = a_feed(vendor, heartbeat_interval_seconds=heartbeat)
        ear = watching(events)
        await after(random.uniform(0, 4 * heartbeat))
        for _ in range(random.randrange(4)):
            vendor.line.say(trade())
            await after(random.uniform(0, heartbeat))
        vendor.line.answers_pings = False
        died = virtual_loop().time()
        await after(2 * heartbeat + 1.0)  # an answer has as long as until the next ping
        (alarm,) = ear.alarms
        latest = max(latest, alarm - died - 2 * heartbeat)
        assert any("nothing from the connection" in each.message for each in ear.of(StatusChange))
        await after(3)
        assert events.status is CONNECTED
        (gap,) = ear.gaps
        assert gap.reason is GapReason.STALLED
        assert gap.ts_from <= START + round(died * SECOND)
        await events.close()
    if heartbeat == 30.0:
        record("stalls: dead peer", f"found {max(latest, 0):.2f} s late at most", f"{SEEDS} peers")


@pytest.mark.parametrize("limit", [5.0, 60.0, 1800.0])
@in_virtual_time
async def test_a_mute_symbol_is_found_within_its_limit(limit: float) -> None:
    latest = 0.0
    for seed in range(SEEDS):
        random = Random(seed)
        vendor = PolygonVendor()
        events = a_feed(vendor, ["AAPL", "MUTE"], silence_seconds=limit)
        ear = watching(events)
        await settled()
        since = virtual_loop().time()
        if seed % 2:  # a symbol that is wanted later is waited for from then on
            await after(random.uniform(0, limit))
            vendor.line.say(trade("MUTE"))
            vendor.line.say(trade("AAPL"))
            await after(random.uniform(0, limit / 2))
            await events.remove(["MUTE"])
            await events.add(["MUTE"])
            since = virtual_loop().time()
        while not ear.alarms:
            vendor.line.say(trade("AAPL"))
            await after(limit / 7 * random.uniform(0.5, 1.0))
        (alarm,) = ear.alarms
        latest = max(latest, alarm - since - limit)
        assert limit - 1e-3 <= alarm - since <= limit + 1.0
        assert any(f"nothing from MUTE for {limit:g} s" in c.message for c in ear.of(StatusChange))
        await events.close()
    if limit == 1800.0:
        record("stalls: acked but mute", f"found {latest:.2f} s late at most", f"{SEEDS} symbols")


# One trade in a quarter of an hour or so, and never none for as long as the limit.
LONGEST_PAUSE = 1500.0
LIMIT = 1800.0
ILLIQUID = ("AAA", "BBB", "CCC")


class Exchange(PolygonVendor):
    """Tells a trade of each symbol now and then, while there is a session."""

    def __init__(self, days: Sessions, seed: int) -> None:
        super().__init__()
        self.days = days
        self.random = Random(seed)
        self.told = 0
        self.last: dict[str, float] = {}
        self.mute: str | None = None

    def trade_later(self, symbol: str) -> None:
        pause = self.random.uniform(1.0, LONGEST_PAUSE)
        virtual_loop().call_later(pause, self.trade, symbol)

    def trade(self, symbol: str) -> None:
        now = virtual_loop().wall()
        if self.days.is_open(now) and symbol != self.mute:
            self.told += 1
            self.last[symbol] = virtual_loop().time()
            self.line.say(trade(symbol, at=now // 1_000_000))
        self.trade_later(symbol)


@pytest.mark.parametrize(
    ("weeks", "heartbeat"), [(2, 1800.0), pytest.param(53, 30.0, marks=pytest.mark.soak)]
)
@in_virtual_time
async def test_a_market_that_is_closed_and_symbols_that_trade_rarely_raise_no_alarm(
    weeks: int, heartbeat: float
) -> None:
    loop, days = virtual_loop(), sessions("XNYS")
    vendor = Exchange(days, seed=weeks)
    events = a_feed(
        vendor,
        ILLIQUID,
        silence_seconds=LIMIT,
        is_open=days.is_open,
        heartbeat_interval_seconds=heartbeat,
    )
    ear = watching(events)
    await settled()
    for symbol in ILLIQUID:
        vendor.trade_later(symbol)
    await after(weeks * 7 * DAY)
    while not (days.is_open(loop.wall() - HOUR) and days.is_open(loop.wall() + HOUR)):
        await after(600)
    assert ear.alarms == []
    assert ear.statuses == [StreamStatus.CONNECTING, CONNECTED]
    assert vendor.told == len(ear.of(Trade)) > 300 * weeks

    vendor.mute = "BBB"  # in the midst of a session silence is an alarm all the same
    await after(vendor.last["BBB"] + LIMIT + 1.0 - loop.time())
    assert [alarm - vendor.last["BBB"] >= LIMIT - 1e-3 for alarm in ear.alarms] == [True]
    await events.close()
    record(
        "stalls: false alarms",
        f"0, of {vendor.told} trades of symbols that trade once in 12 minutes, and every closing",
        f"{weeks} weeks of XNYS",
    )


@in_virtual_time
async def test_without_a_calendar_every_night_is_an_alarm() -> None:
    """So that the test above can fail."""
    vendor = Exchange(sessions("XNYS"), seed=1)
    events = a_feed(vendor, ILLIQUID, silence_seconds=LIMIT, heartbeat_interval_seconds=3600.0)
    ear = watching(events)
    await settled()
    for symbol in ILLIQUID:
        vendor.trade_later(symbol)
    await after(2 * DAY)
    assert len(ear.alarms) >= 2
    await events.close()

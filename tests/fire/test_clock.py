"""Clocks that are set and machines that sleep: spans are measured on the loop, and arrival never runs backwards."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from random import Random

import pytest

from ordinis_rx.errors import Disconnected
from ordinis_rx.events import StreamStatus
from ordinis_rx.timebase import HOUR, SECOND
from tests.figures import record
from tests.transport import Ear, Line, PolygonVendor, Vendor, a_feed, trade
from tests.virtual import START, after, in_virtual_time, run, virtual_loop

CONNECTING, CONNECTED = StreamStatus.CONNECTING, StreamStatus.CONNECTED
RECONNECTING = StreamStatus.RECONNECTING


def forward() -> None:
    virtual_loop().wall_offset += HOUR


def back() -> None:
    virtual_loop().wall_offset -= HOUR


def suspend() -> None:
    """Eight hours of which the loop's clock knows nothing, as on Linux."""
    virtual_loop().wall_offset += 8 * HOUR


def suspend_and_count() -> None:
    """Eight hours that the loop's clock counts as well, as when the process was stopped or its machine paused."""
    virtual_loop().block(8 * 3600.0)


JUMPS: list[Callable[[], None]] = [forward, back, suspend]


def arrivals_rise(ear: Ear) -> bool:
    arrivals = [fact.ts_recv for fact in ear.facts]
    return arrivals == sorted(arrivals)


@pytest.mark.parametrize("jump", [*JUMPS, suspend_and_count], ids=lambda jump: jump.__name__)
@pytest.mark.parametrize("moment", [0.0, 29.0, 31.0, 59.5])
@in_virtual_time
async def test_a_clock_that_is_set_and_a_machine_that_slept_are_no_stall(
    jump: Callable[[], None], moment: float
) -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor, ["AAPL", "QUIET"], silence_seconds={"AAPL": 60.0, "QUIET": 900.0})
    ear = Ear().to(events)
    await after(moment)
    vendor.line.say(trade(), trade("QUIET"))
    for number in range(20):
        if number == 2:
            jump()
        await after(29.0)  # less than either limit, and never together with a ping
        vendor.line.say(trade())
    assert ear.statuses == [CONNECTING, CONNECTED]
    assert ear.gaps == []
    assert arrivals_rise(ear)
    vendor.line.answers_pings = False  # and yet a dead peer is found, as soon as ever
    await after(61.0)
    assert RECONNECTING in ear.statuses
    await events.close()
    record(
        "clock", "0 spurious stalls, back-off unchanged, ts_recv monotone", "1 h, -1 h, 8 h suspend"
    )


@pytest.mark.parametrize("jump", JUMPS, ids=lambda jump: jump.__name__)
def test_waits_between_attempts_do_not_see_the_wall_clock(jump: Callable[[], None]) -> None:
    dials: list[list[float]] = []

    async def failing(jumps: bool) -> None:
        vendor = Vendor()
        vendor.refuse = itertools.repeat(Disconnected("refused"))
        events = a_feed(vendor, max_reconnect_attempts=None, random=Random(5))
        ear = Ear().to(events)
        for _ in range(100):
            await after(7.0)
            if jumps:
                jump()
        assert arrivals_rise(ear)
        await events.close()
        dials.append(vendor.dials)

    run(lambda: failing(False))
    run(lambda: failing(True))
    undisturbed, disturbed = dials
    assert undisturbed == disturbed
    assert len(disturbed) > 10


class Flapping(PolygonVendor):
    """Tells a trade on each connection, has the clock set, and ends it after so many seconds."""

    def __init__(self, lives: float, jump: Callable[[], None]) -> None:
        super().__init__()
        self.lives = lives
        self.jump = jump

    def greet(self, line: Line) -> None:
        loop = virtual_loop()
        loop.call_later(1.0, lambda: line.say(trade()))
        loop.call_later(2.0, self.jump)
        loop.call_later(self.lives, line.lose)


@pytest.mark.parametrize("jump", JUMPS, ids=lambda jump: jump.__name__)
@pytest.mark.parametrize(("lives", "stable"), [(5.0, False), (15.0, True)])
@in_virtual_time
async def test_how_long_a_connection_lived_is_not_told_by_the_wall_clock(
    jump: Callable[[], None], lives: float, stable: bool
) -> None:
    vendor = Flapping(lives, jump)
    events = a_feed(vendor, reconnect_delay_max_seconds=8.0)
    ear = Ear().to(events)
    await after(100.0)
    assert len(vendor.dials) > 5
    waits = [later - before - lives for before, later in itertools.pairwise(vendor.dials)]
    assert (max(waits) < 1.1) is stable
    assert len(ear.gaps) >= len(vendor.dials) - 2
    for gap in ear.gaps:
        assert gap.ts_from <= gap.ts_to == gap.ts_recv
    assert arrivals_rise(ear)
    await events.close()


@in_virtual_time
async def test_a_clock_that_was_ahead_and_is_set_right_opens_no_market_too_early() -> None:
    """Arrival stands still until the clock has caught up; whether the market trades is asked of the clock as it is."""
    opens = START + 3600 * SECOND
    virtual_loop().wall_offset = HOUR + 1800 * SECOND  # it says half an hour after the opening
    vendor = PolygonVendor()
    events = a_feed(vendor, silence_seconds=900.0, is_open=lambda now: now >= opens)
    ear = Ear().to(events)
    await after(60)
    virtual_loop().wall_offset = 0
    await after(3600 + 800)
    assert ear.statuses == [CONNECTING, CONNECTED]
    await after(60)
    assert RECONNECTING in ear.statuses  # fifteen minutes after the true opening
    await events.close()


@in_virtual_time
async def test_arrival_stands_still_while_the_clock_catches_up_and_goes_on_then() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor)
    ear = Ear().to(events)
    await after(1)
    vendor.line.say(trade())
    await after(1)
    back()
    before = ear.facts[-1].ts_recv
    vendor.line.say(trade())
    await after(1)
    assert 0 <= ear.facts[-1].ts_recv - before <= SECOND
    await after(3600 + 10)
    vendor.line.say(trade())
    await after(1)
    assert ear.facts[-1].ts_recv > before + 5 * SECOND
    assert arrivals_rise(ear)
    await events.close()

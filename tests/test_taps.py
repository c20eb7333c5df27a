"""The raw wire: both directions, in order, without the login, whoever listens."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from ordinis_rx.taps import Taps, WireFrame
from tests.transport import KEY, Ear, PolygonVendor, a_feed, status, trade
from tests.virtual import START, after, in_virtual_time, settled


def test_nothing_is_told_to_nobody_and_all_of_it_to_everybody() -> None:
    taps = Taps(["secret"])
    taps.received(b"unheard", 1)
    first, second = Ear().to(taps.frames), Ear().to(taps.frames)
    taps.sent(b"secret", 2)
    taps.received(b"in", 3)
    second.leave()
    taps.sent(b"out", 4)
    assert first.facts == [
        WireFrame("out", 2, b"(login)"),
        WireFrame("in", 3, b"in"),
        WireFrame("out", 4, b"out"),
    ]
    assert second.facts == first.facts[:2]
    taps.complete()
    late = Ear().to(taps.frames)
    assert (first.completed, second.completed, late.completed) == (1, 0, 1)


def test_a_tap_that_raises_is_dropped_and_the_others_miss_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    taps = Taps([b"secret"])
    calls: list[Any] = []

    def fail(frame: WireFrame) -> None:
        calls.append(frame)
        raise OSError("disk full")

    taps.frames.subscribe(fail)
    ear = Ear().to(taps.frames)
    with caplog.at_level(logging.ERROR):
        taps.received(b"one", 1)
        taps.received(b"two", 2)
    assert len(calls) == 1
    assert [frame.data for frame in ear.facts] == [b"one", b"two"]
    assert "a tap on the wire raised" in caplog.text


def test_a_tap_that_raises_at_the_end_does_not_keep_the_others_from_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    taps = Taps([])

    def fail() -> None:
        raise ValueError

    taps.frames.subscribe(on_completed=fail)
    ear = Ear().to(taps.frames)
    taps.complete()
    assert ear.completed == 1
    assert "at its end" in caplog.text


@in_virtual_time
async def test_a_feeds_wire_shows_the_whole_conversation_over_all_connections() -> None:
    vendor = PolygonVendor(acks="whole")
    events = a_feed(vendor)
    wire = Ear().to(events.wire)
    assert vendor.dials == []  # a tap alone dials nothing
    Ear().to(events)
    await settled()
    vendor.line.say(trade())
    await settled()
    vendor.line.lose()
    await after(2)
    talk = [(frame.direction, frame.data) for frame in wire.facts]
    assert talk[:3] == [
        ("out", b"(login)"),
        ("in", b'[{"ev":"status","status":"auth_success"}]'),
        ("out", b'{"action":"subscribe","params":"T.AAPL"}'),
    ]
    assert talk[4][1].startswith(b'[{"ev":"T"')
    assert talk[5:] == talk[:4]
    assert wire.facts[0].ts_recv == START
    assert [frame.ts_recv for frame in wire.facts] == sorted(frame.ts_recv for frame in wire.facts)
    await events.close()
    assert wire.completed == 1


@in_virtual_time
async def test_a_failing_tap_costs_the_feed_nothing() -> None:
    def fail(frame: WireFrame) -> None:
        raise OSError("disk full")

    vendor = PolygonVendor()
    events = a_feed(vendor)
    events.wire.subscribe(fail)
    ear = Ear().to(events)
    await settled()
    vendor.line.say(trade())
    await settled()
    assert (len(ear.prices), len(vendor.lines)) == (1, 1)
    await events.close()


@in_virtual_time
async def test_a_key_that_the_vendor_repeats_is_blotted_out_of_the_recording() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor)
    wire = Ear().to(events.wire)
    ear = Ear().to(events)
    await settled()
    vendor.line.say(status("puzzling", f"you are {KEY}"))
    vendor.line.raw(KEY.encode())
    await settled()
    assert KEY not in repr(wire.facts)
    assert KEY not in repr(ear.facts)
    assert wire.facts[-1].data == b"*" * len(KEY)
    assert ear.problems == ["unknown-status", "undecodable"]
    await events.close()

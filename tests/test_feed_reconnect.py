"""Losing a connection and getting it back, in virtual time: when it dials again, how often, and when it gives up."""

from __future__ import annotations

import gc
import itertools
import sys
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.errors import AuthError, Disconnected, Stalled, SubscriptionError
from ordinis_rx.events import FeedError, GapReason, StatusChange, StreamStatus
from ordinis_rx.feed import feed
from ordinis_rx.providers.finnhub import finnhub
from ordinis_rx.timebase import SECOND
from ordinis_rx.wire.backoff import Backoff
from tests.transport import Ear, PolygonVendor, Vendor, a_feed, a_polygon, status, trade
from tests.virtual import START, after, in_virtual_time, run, settled, virtual_loop

CONNECTING, CONNECTED = StreamStatus.CONNECTING, StreamStatus.CONNECTED
RECONNECTING, ERROR = StreamStatus.RECONNECTING, StreamStatus.ERROR
CLOSED, DISCONNECTED = StreamStatus.CLOSED, StreamStatus.DISCONNECTED


def refusing(times: int | None = None) -> Iterator[Exception]:
    for _ in itertools.count() if times is None else range(times):
        yield Disconnected("polygon cannot be reached")  # a fresh one: each holds its traceback


def attempts_of(ear: Ear) -> list[tuple[StreamStatus, int]]:
    return [(fact.status, fact.attempt) for fact in ear.of(StatusChange)]


@given(seed=st.integers(0, 2**32))
def test_waits_are_drawn_from_the_upper_half_of_a_delay_that_doubles(seed: int) -> None:
    async def story() -> None:
        vendor = PolygonVendor()
        vendor.refuse = refusing(8)
        ear = Ear()
        events = a_feed(
            vendor,
            reconnect_delay_seconds=1.0,
            reconnect_delay_max_seconds=20.0,
            random=Random(seed),
        )
        ear.to(events)
        await after(200)
        waits = [later - earlier for earlier, later in itertools.pairwise(vendor.dials)]
        delays = [1, 2, 4, 8, 16, 20, 20, 20]
        assert len(waits) == len(delays)
        for wait, delay in zip(waits, delays, strict=True):
            assert max(1.0, delay / 2) - 1e-4 <= wait <= delay + 1e-4
        expected = list(itertools.islice(Backoff(1.0, 20.0).delays(Random(seed)), 8))
        assert waits == pytest.approx(expected, abs=1e-3)
        await events.close()

    run(story)


@in_virtual_time
async def test_each_retry_is_told_with_its_number_its_wait_and_the_reason() -> None:
    vendor = PolygonVendor()
    vendor.refuse = refusing(2)
    events = a_feed(vendor, max_reconnect_attempts=5)
    ear = Ear().to(events)
    await after(10)
    assert attempts_of(ear) == [
        (CONNECTING, 0),
        (RECONNECTING, 1),
        (CONNECTING, 1),
        (RECONNECTING, 2),
        (CONNECTING, 2),
        (CONNECTED, 2),
    ]
    assert ear.of(StatusChange)[1].message == (
        "disconnected: polygon cannot be reached; trying again in 1.0 s (attempt 1 of 5)"
    )
    assert events.stats.attempts == 3
    assert events.stats.connects == 1
    assert ear.gaps == []  # it had never been up
    await events.close()
    assert attempts_of(ear)[-1] == (CLOSED, 0)


@in_virtual_time
async def test_a_wait_of_less_than_a_second_is_told_with_its_digits() -> None:
    vendor = PolygonVendor()
    vendor.refuse = refusing(1)
    events = a_feed(vendor, reconnect_delay_seconds=0.05)
    ear = Ear().to(events)
    await after(10)
    assert "trying again in 0.05 s" in ear.of(StatusChange)[1].message
    await events.close()


@pytest.mark.parametrize("code", [1000, 1001, 1006, 1011])
@in_virtual_time
async def test_every_end_that_we_did_not_ask_for_is_healed(code: int) -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor)
    ear = Ear().to(events)
    await settled()
    vendor.line.say(trade(price=1.0))
    await settled()
    vendor.line.lose("bye", code=code)
    await after(2)
    assert ear.statuses == [CONNECTING, CONNECTED, RECONNECTING, CONNECTING, CONNECTED]
    vendor.line.say(trade(price=2.0))
    await settled()
    assert ear.prices == [1.0, 2.0]
    assert len(ear.gaps) == 1
    assert [line.topics for line in vendor.lines] == [{"T.AAPL"}] * 2
    assert [line.open for line in vendor.lines] == [False, True]
    await events.close()


@pytest.mark.parametrize(
    ("lives", "delivers", "resets"),
    [
        (9.0, "data", False),
        (11.0, "nothing", False),
        (11.0, "noise", False),
        (11.0, "data", True),
        (0.0, "data", False),
    ],
)
@in_virtual_time
async def test_the_count_starts_anew_only_after_a_stable_life_with_data(
    lives: float, delivers: str, resets: bool
) -> None:
    vendor = PolygonVendor()
    vendor.refuse = refusing(2)
    events = a_feed(vendor, stable_seconds=10.0)
    ear = Ear().to(events)
    await after(4)
    assert events.status is CONNECTED
    up = virtual_loop().time()
    if delivers != "nothing":
        vendor.line.say(trade() if delivers == "data" else status("puzzling"))
        await settled()
    await after(lives + vendor.dials[-1] - up if lives else 0.0)
    vendor.line.lose()
    await settled()
    assert attempts_of(ear)[-1] == (RECONNECTING, 1 if resets else 3)
    await events.close()


@pytest.mark.parametrize(("raw", "resets"), [(b'{"type":"ping"}', True), (b'{"type":"?"}', False)])
@in_virtual_time
async def test_a_vendors_heartbeat_counts_as_data_for_that(raw: bytes, resets: bool) -> None:
    vendor = Vendor()
    vendor.refuse = refusing(2)
    events = a_feed(vendor, provider=finnhub("canary-token"), stable_seconds=10.0)
    ear = Ear().to(events)
    await after(4)
    assert events.status is CONNECTED
    vendor.line.raw(raw)
    await after(11)
    vendor.line.lose()
    await settled()
    assert attempts_of(ear)[-1] == (RECONNECTING, 1 if resets else 3)
    await events.close()


@in_virtual_time
async def test_a_flapping_vendor_is_given_up_though_it_lets_us_in_each_time() -> None:
    class Flapping(PolygonVendor):
        def hear(self, line: Any, text: str) -> None:
            super().hear(line, text)
            if "subscribe" in text:
                line.lose("overloaded", code=1011)

    vendor = Flapping()
    events = a_feed(vendor, max_reconnect_attempts=3)
    ear = Ear().to(events)
    await after(100)
    assert len(vendor.dials) == 4
    assert events.stats.connects == 4
    assert [type(error) for error in ear.errors] == [Disconnected]
    assert ear.statuses[-1] is ERROR
    last = ear.of(StatusChange)[-1]
    assert last.message == ("disconnected: overloaded (close code 1011); given up after 3 attempts")
    assert last.attempt == 3
    assert vendor.open_lines == []


@in_virtual_time
async def test_attempts_that_are_used_up_end_the_stream_with_the_last_error() -> None:
    vendor = PolygonVendor()
    vendor.refuse = iter([Disconnected("first"), Disconnected("second"), Disconnected("last")])
    events = a_feed(vendor, max_reconnect_attempts=2)
    ear = Ear().to(events)
    await after(100)
    assert [str(error) for error in ear.errors] == ["disconnected: last"]
    assert (ear.statuses[-1], events.status, ear.completed) == (ERROR, ERROR, 0)
    assert ear.gaps == []
    again = Ear().to(events)  # whoever subscribes afterwards starts from the beginning
    await settled()
    assert attempts_of(again) == [(CONNECTING, 0), (CONNECTED, 0)]
    await events.close()


@in_virtual_time
async def test_without_reconnecting_the_first_lost_connection_ends_the_stream() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor, reconnect_enabled=False)
    ear = Ear().to(events)
    await settled()
    vendor.line.lose("bye", code=1000)
    await after(100)
    assert len(vendor.dials) == 1
    assert ear.of(StatusChange)[-1].message == (
        "disconnected: bye (close code 1000); reconnecting is disabled"
    )
    assert [str(error) for error in ear.errors] == ["disconnected: bye (close code 1000)"]
    assert len(ear.gaps) == 1  # from here on data is missed


@pytest.mark.parametrize(
    "words",
    [
        ("auth_failed", "authentication failed"),
        ("auth_failed", "Your API Key is not valid."),
        ("auth_failed", "Your plan doesn't include websocket access."),
    ],
)
@in_virtual_time
async def test_a_refused_key_is_final_after_one_login(words: tuple[str, str]) -> None:
    vendor = PolygonVendor(login=(status("connected"), status(*words)))
    events = a_feed(vendor)
    ear = Ear().to(events)
    await after(1000)
    assert len(vendor.dials) == 1
    assert [text for line in vendor.lines for text in line.said if '"auth"' in text] == [
        vendor.line.said[0]
    ]
    assert isinstance(ear.errors[0], AuthError)
    assert ear.of(StatusChange)[-1].message == f"polygon refused: {words[1]}"
    assert vendor.open_lines == []


@in_virtual_time
async def test_a_key_that_is_revoked_in_mid_stream_ends_it_with_a_final_gap() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor)
    ear = Ear().to(events)
    await settled()
    vendor.line.say(trade())
    await after(5)
    vendor.line.say(status("auth_failed", "authentication failed"))
    await settled()
    (gap,) = ear.gaps
    assert (gap.ts_from, gap.ts_to) == (START, START + 5 * SECOND)
    assert ear.facts.index(gap) < ear.facts.index(ear.of(StatusChange)[-1])
    assert ear.statuses[-1] is ERROR


@in_virtual_time
async def test_after_max_connections_the_vendor_is_left_alone_for_a_minute() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor)
    ear = Ear().to(events)
    await settled()
    vendor.line.say(status("max_connections", "Maximum number of websocket connections exceeded. "))
    vendor.line.lose("policy", code=1008)
    await after(59)
    assert len(vendor.dials) == 1
    assert "trying again in 60.0 s" in ear.of(StatusChange)[-1].message
    await after(2)
    assert len(vendor.dials) == 2
    assert vendor.dials[1] == pytest.approx(60.0, abs=0.01)
    await events.close()


@in_virtual_time
async def test_two_hosts_with_one_key_do_not_evict_each_other_without_end() -> None:
    class Evicting(PolygonVendor):
        def hear(self, line: Any, text: str) -> None:
            super().hear(line, text)
            if "subscribe" in text:
                line.say(status("max_connections", "exceeded"))

    vendor = Evicting()
    ear = Ear().to(a_feed(vendor, max_reconnect_attempts=3))
    await after(3600)
    assert len(vendor.dials) == 4
    waits = [later - earlier for earlier, later in itertools.pairwise(vendor.dials)]
    assert min(waits) >= 60 - 1e-4
    assert isinstance(ear.errors[0], Disconnected)


@in_virtual_time
async def test_a_cool_down_that_the_handshake_asked_for_is_kept() -> None:
    vendor = PolygonVendor()
    vendor.refuse = iter([Disconnected("polygon refused: HTTP 429", cool_down=90.0)])
    events = a_feed(vendor)
    Ear().to(events)
    await after(89)
    assert len(vendor.dials) == 1
    await after(2)
    assert len(vendor.dials) == 2
    await events.close()


@pytest.mark.parametrize("stage", ["dial", "login"])
@in_virtual_time
async def test_dial_and_login_have_one_deadline_together(stage: str) -> None:
    vendor = PolygonVendor(login=())
    vendor.never_answers = stage == "dial"
    events = a_feed(vendor, connection_timeout_seconds=30.0)
    ear = Ear().to(events)
    await after(29.9)
    assert ear.statuses == [CONNECTING]
    await after(0.2)
    assert ear.statuses == [CONNECTING, RECONNECTING]
    assert "did not let us in within 30 s" in ear.of(StatusChange)[-1].message
    assert vendor.open_lines == []
    await events.close()


@in_virtual_time
async def test_a_slow_dial_is_not_a_stall_however_short_the_heartbeat() -> None:
    class Slow(PolygonVendor):
        async def __call__(self, url: str, **options: Any) -> Any:
            await after(20)
            return await super().__call__(url, **options)

    vendor = Slow()
    events = a_feed(vendor, heartbeat_interval_seconds=1.0)
    ear = Ear().to(events)
    await after(21)
    assert ear.statuses == [CONNECTING, CONNECTED]
    vendor.line.answers_pings = False
    await after(4)
    assert ear.statuses[2] is RECONNECTING  # once it is up, the short heartbeat counts
    await events.close()


@in_virtual_time
async def test_a_half_open_connection_is_found_by_its_missing_pongs() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor, heartbeat_interval_seconds=30.0)
    ear = Ear().to(events)
    await settled()
    vendor.line.say(trade())
    await after(45)
    vendor.line.answers_pings = False  # the one at 30 s was answered
    await after(44)
    assert ear.statuses[-1] is CONNECTED
    assert vendor.line.pings == 2
    await after(3)
    assert ear.statuses[-3:] == [RECONNECTING, CONNECTING, CONNECTED]
    assert "nothing from the connection for 60 s" in ear.of(StatusChange)[-3].message
    (gap,) = ear.gaps
    assert gap.reason is GapReason.STALLED
    assert gap.ts_from == START  # a pong came at 30 s, but no data
    assert [line.open for line in vendor.lines] == [False, True]
    await events.close()


@in_virtual_time
async def test_a_lively_connection_lives_for_ever() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor)
    ear = Ear().to(events)
    await after(24 * 3600)
    assert ear.statuses == [CONNECTING, CONNECTED]
    assert vendor.line.pings == 24 * 120
    await events.close()


@in_virtual_time
async def test_a_mute_symbol_on_a_lively_connection_is_dialled_again() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor, ["AAPL", "XYZ"], silence_seconds={"XYZ": 20.0})
    ear = Ear().to(events)
    await settled()
    vendor.line.say(trade("XYZ"))
    await after(10)
    vendor.line.say(trade("XYZ"))
    for _ in range(25):
        await after(1)
        vendor.line.say(trade("AAPL"))
    assert ear.statuses.count(RECONNECTING) == 1
    assert "nothing from XYZ for 20 s" in ear.of(StatusChange)[2].message
    await settled()
    whole, mute = ear.gaps
    assert whole.reason is mute.reason is GapReason.STALLED
    assert (whole.symbols, whole.ts_from) == ((), START + 29 * SECOND)
    assert (mute.symbols, mute.ts_from) == (("XYZ",), START + 10 * SECOND)
    assert events.stats.gaps == 1
    await events.close()


@in_virtual_time
async def test_silence_counts_from_being_let_in_and_not_from_the_dial() -> None:
    vendor = PolygonVendor(login=())
    events = a_feed(vendor, silence_seconds=5.0)
    ear = Ear().to(events)
    await after(20)
    vendor.line.say(status("auth_success"))
    await after(4)
    assert ear.statuses == [CONNECTING, CONNECTED]
    await after(4)
    assert ear.statuses[2] is RECONNECTING
    await events.close()


@in_virtual_time
async def test_while_the_market_is_closed_silence_is_no_alarm() -> None:
    opens = START + 1000 * SECOND
    vendor = PolygonVendor()
    events = a_feed(vendor, silence_seconds=20.0, is_open=lambda now: now >= opens)
    ear = Ear().to(events)
    await after(1015)
    assert ear.statuses == [CONNECTING, CONNECTED]
    await after(10)
    assert ear.statuses[2] is RECONNECTING
    await events.close()


@in_virtual_time
async def test_any_data_counts_for_a_subscription_to_everything() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor, ["*"], silence_seconds=10.0)
    ear = Ear().to(events)
    await settled()
    for number in range(30):
        vendor.line.say(trade(f"S{number}"))
        await after(5)
    assert ear.statuses == [CONNECTING, CONNECTED]
    await after(10)
    assert RECONNECTING in ear.statuses
    await events.close()


@in_virtual_time
async def test_symbols_added_later_are_watched_and_removed_ones_are_not() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor, ["QUIET"], silence_seconds=10.0)
    ear = Ear().to(events)
    await settled()
    await events.add(["AAPL"])
    await events.remove(["QUIET"])
    for _ in range(10):
        vendor.line.say(trade("AAPL"))
        await after(5)
    assert ear.statuses == [CONNECTING, CONNECTED]
    await after(15)
    assert "nothing from AAPL" in ear.of(StatusChange)[2].message
    await events.close()


@pytest.mark.deep
@in_virtual_time
async def test_a_storm_of_ten_thousand_failures_costs_no_depth_and_no_memory() -> None:
    vendor = PolygonVendor()
    vendor.refuse = refusing(10_000)
    events = a_feed(
        vendor,
        max_reconnect_attempts=None,
        reconnect_delay_seconds=0.001,
        reconnect_delay_max_seconds=0.001,
    )
    depths: set[int] = set()

    def depth(fact: object) -> None:
        frame, count = sys._getframe(), 0
        while frame is not None:
            frame, count = frame.f_back, count + 1
        depths.add(count)

    statuses: list[StreamStatus] = []
    events.subscribe(lambda fact: statuses.append(fact.status))
    watched = events.subscribe(depth)
    await after(1)
    watched.dispose()  # walking the stack is what would take the time
    gc.collect()
    objects = len(gc.get_objects())
    await after(60)
    assert len(vendor.dials) == 10_001
    assert statuses[-1] is CONNECTED
    assert statuses.count(RECONNECTING) == 10_000
    assert len(depths) <= 4
    assert len(events._connections) == 1
    statuses.clear()
    gc.collect()
    assert len(gc.get_objects()) < objects + 1000
    await events.close()


@in_virtual_time
async def test_sequence_and_arrival_never_run_backwards_whatever_the_wall_clock_does() -> None:
    async def backfill(gap: Any) -> list[Any]:
        return [trade_fact(price) for price in (50.0, 51.0)]

    vendor = PolygonVendor()
    events = a_feed(vendor, backfill=backfill)
    ear = Ear().to(events)
    await settled()
    for turn, jump in enumerate((0, -3600, 7200, -7200, 0)):
        virtual_loop().wall_offset = jump * SECOND
        vendor.line.say(trade(price=float(turn)), trade(price=turn + 0.5))
        vendor.line.raw(b"dirt")
        await after(1)
        vendor.line.lose()
        await after(20)
    seqs = [fact.seq for fact in ear.facts]
    assert seqs == list(range(1, len(seqs) + 1))
    arrivals = [fact.ts_recv for fact in ear.facts]
    assert arrivals == sorted(arrivals)
    assert len(ear.gaps) == 10  # five, and each of them filled
    await events.close()


def trade_fact(price: float) -> Any:
    from ordinis_rx.testing.factories import a_trade

    return a_trade(price=price, ts_recv=5)


@in_virtual_time
async def test_a_refused_subscription_that_the_vendor_ends_for_is_final() -> None:
    from ordinis_rx.providers.alpaca import alpaca

    class Alpaca(Vendor):
        def hear(self, line: Any, text: str) -> None:
            if '"auth"' in text:
                line.say({"T": "success", "msg": "authenticated"})
            else:
                line.say({"T": "error", "code": 405, "msg": "symbol limit exceeded"})

    vendor = Alpaca()
    ear = Ear().to(a_feed(vendor, provider=alpaca("key", "secret")))
    await after(100)
    assert isinstance(ear.errors[0], SubscriptionError)
    assert len(vendor.dials) == 1


@in_virtual_time
async def test_a_peer_that_reads_nothing_is_given_up_by_its_pongs_too() -> None:
    """Its socket takes what we write until the end of time, and never says a word."""
    vendor = PolygonVendor(login=())
    events = a_feed(vendor, connection_timeout_seconds=1000.0, max_reconnect_attempts=0)
    ear = Ear().to(events)
    await settled()
    vendor.line.answers_pings = False
    await after(1001)
    assert isinstance(ear.errors[0], Stalled | Disconnected)
    assert ear.of(FeedError) == []


@in_virtual_time
async def test_a_clock_that_fails_does_not_hide_the_end() -> None:
    broken = False

    def wall() -> int:
        if broken:
            raise OSError("no clock")
        return START

    vendor = PolygonVendor(login=())
    events = feed(a_polygon(), ["AAPL"], transport=vendor, wall=wall)
    ear = Ear().to(events)
    await settled()
    broken = True
    vendor.line.say(status("auth_success"))
    await settled()
    assert (events.status, [repr(error) for error in ear.errors]) == (
        ERROR,
        ["OSError('no clock')"],
    )
    broken = False
    await events.close()
    virtual_loop().reported.clear()  # what failing to tell the status has raised

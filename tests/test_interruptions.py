"""Gaps: their exact bounds, one for each interruption, and what a backfill makes of them."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

import pytest

from ordinis_rx.errors import Disconnected, SubscriptionError
from ordinis_rx.events import (
    Event,
    FeedError,
    Gap,
    GapReason,
    StatusChange,
    StreamStatus,
    Trade,
)
from ordinis_rx.interruptions import Interruptions
from ordinis_rx.providers.protocol import Topic
from ordinis_rx.timebase import SECOND
from tests.transport import KEY, Counted, Ear, PolygonVendor, a_feed, a_polygon, status, trade
from tests.virtual import START, after, in_virtual_time, settled, virtual_loop

CONNECTED, ERROR = StreamStatus.CONNECTED, StreamStatus.ERROR


def now() -> int:
    return virtual_loop().wall()


@in_virtual_time
async def test_a_gap_reaches_from_the_last_data_to_the_last_acknowledgement() -> None:
    vendor = PolygonVendor(acks="none")
    events = a_feed(vendor, ["AAPL", "MSFT"], stable_seconds=0.0)
    ear = Ear().to(events)
    await settled()
    vendor.line.say(trade())
    await after(7)
    vendor.line.say(trade())
    last = now()
    await after(3)
    vendor.line.lose()
    await after(2)
    line = vendor.line
    assert events.status is CONNECTED
    line.say(status("success", "subscribed to: T.AAPL"))
    await after(1.5)
    assert ear.gaps == []  # not all is in force yet
    line.say(trade("AAPL"))
    line.say(status("success", "subscribed to: T.MSFT"))
    healed = now()
    await settled()
    (gap,) = ear.gaps
    assert (gap.ts_from, gap.ts_to, gap.ts_event) == (last, healed, healed)
    assert (gap.reason, gap.symbols, gap.filled) == (GapReason.DISCONNECTED, (), False)
    assert gap.duration == healed - last
    assert events.stats.gaps == 1
    await events.close()
    assert len(ear.gaps) == 1


@in_virtual_time
async def test_what_was_withheld_while_pings_were_answered_is_in_the_gap() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor, heartbeat_interval_seconds=10.0)
    ear = Ear().to(events)
    await after(3)
    vendor.line.say(trade())
    await after(60)
    assert vendor.line.pings == 6
    vendor.line.say(status("success", "something else"))  # neither this nor a pong is data
    await settled()
    vendor.line.lose()
    await after(2)
    (gap,) = ear.gaps
    assert gap.ts_from == START + 3 * SECOND
    await events.close()


@pytest.mark.parametrize("watched", [None, 1000.0])
@in_virtual_time
async def test_what_waited_unread_while_the_machine_slept_does_not_hide_what_was_lost_meanwhile(
    watched: float | None,
) -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor, silence_seconds=watched)
    ear = Ear().to(events)
    await after(3)
    vendor.line.say(trade())
    await after(4)
    vendor.line.say(trade())
    virtual_loop().wall_offset += 8 * 3600 * SECOND  # asleep; what was said before is read after
    await after(1)
    assert ear.of(Trade)[1].ts_recv == START + (8 * 3600 + 7) * SECOND
    vendor.line.lose()
    await after(2)
    (gap,) = ear.gaps
    assert gap.ts_from == START + 3 * SECOND
    await events.close()


@in_virtual_time
async def test_data_that_comes_a_while_after_waking_up_proves_that_the_connection_survived() -> (
    None
):
    vendor = PolygonVendor()
    events = a_feed(vendor)
    ear = Ear().to(events)
    await after(3)
    virtual_loop().wall_offset += 60 * SECOND
    vendor.line.say(trade())
    await after(5)
    vendor.line.say(trade())
    await after(5)
    vendor.line.lose()
    await after(2)
    (gap,) = ear.gaps
    assert gap.ts_from == START + 68 * SECOND
    await events.close()


@in_virtual_time
async def test_a_watched_symbol_that_was_mute_within_its_limit_is_in_the_gap() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor, ["AAPL", "MSFT"], silence_seconds=60.0)
    ear = Ear().to(events)
    await after(3)
    vendor.line.say(trade("MSFT"))
    for _ in range(50):
        await after(1)
        vendor.line.say(trade("AAPL"))
    vendor.line.lose()
    await after(2)
    (gap,) = ear.gaps
    assert (gap.symbols, gap.ts_from) == ((), START + 3 * SECOND)
    await events.close()


@in_virtual_time
async def test_symbols_of_different_limits_have_gaps_of_their_own() -> None:
    limits = {"AAPL": 10.0, "MSFT": 10.0, "RARE": 3600.0}
    asked: list[Gap] = []

    async def backfill(gap: Gap) -> list[Event]:
        asked.append(gap)
        return []

    vendor = PolygonVendor()
    events = a_feed(vendor, [*limits], silence_seconds=limits, backfill=backfill)
    ear = Ear().to(events)
    await after(1)
    for number in range(300):
        vendor.line.say(trade("MSFT" if number % 5 else "AAPL"))
        await after(1)
    await events.add(["LATE", "ODD"])  # without a limit
    vendor.line.lose()
    await after(2)
    assert [(gap.symbols, gap.ts_from) for gap in ear.gaps[:3]] == [
        (("AAPL", "MSFT"), START + 296 * SECOND),
        (("RARE",), START),
        ((), START + 300 * SECOND),
    ]
    assert asked == ear.gaps[:3]
    assert [gap.filled for gap in ear.gaps] == [False] * 3 + [True] * 3
    assert events.stats.gaps == 1
    await events.close()


@in_virtual_time
async def test_a_symbol_that_was_added_is_complete_from_then_on() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor, silence_seconds=1000.0)
    ear = Ear().to(events)
    await after(100)
    vendor.line.say(trade("AAPL"))
    await after(20)
    await events.add(["MSFT"])
    await after(30)
    vendor.line.say(trade("AAPL"))
    await after(1)
    vendor.line.lose()
    await after(2)
    (gap,) = ear.gaps
    assert gap.ts_from == START + 120 * SECOND
    await events.close()


@pytest.mark.parametrize("watched", [None, 100.0])
@in_virtual_time
async def test_while_the_market_is_closed_nothing_is_missed(watched: float | None) -> None:
    opens = START + 50_000 * SECOND
    vendor = PolygonVendor()
    events = a_feed(vendor, silence_seconds=watched, is_open=lambda now: now >= opens)
    ear = Ear().to(events)
    await after(40_000)
    vendor.line.lose()
    await after(10_060)
    vendor.line.lose()
    await after(2)
    closed, opened = ear.gaps
    assert closed.ts_from == START + 40_000 * SECOND
    assert closed.duration == pytest.approx(SECOND, rel=1e-3)
    before = opens - opened.ts_from
    assert 0 < before <= 11 * SECOND  # a thousandth of what was looked through, at most
    await events.close()


@in_virtual_time
async def test_while_the_market_is_open_all_the_silence_is_in_the_gap() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor, silence_seconds=None, is_open=lambda now: True)
    ear = Ear().to(events)
    await after(40)
    vendor.line.lose()
    await after(2)
    assert [gap.ts_from for gap in ear.gaps] == [START]
    await events.close()


@in_virtual_time
async def test_a_calendar_that_fails_ends_the_feed_with_the_whole_gap() -> None:
    def is_open(now: int) -> bool:
        raise LookupError("no such day")

    vendor = PolygonVendor()
    events = a_feed(vendor, is_open=is_open)
    ear = Ear().to(events)
    await after(7)
    vendor.line.lose()
    await settled()
    (gap,) = ear.gaps
    assert (gap.ts_from, gap.ts_to) == (START, START + 7 * SECOND)
    assert [repr(error) for error in ear.errors] == ["LookupError('no such day')"]


@in_virtual_time
async def test_a_calendar_that_fails_when_a_symbol_seems_silent_ends_the_feed_visibly() -> None:
    def is_open(now: int) -> bool:
        raise LookupError("no such day")

    vendor = PolygonVendor()
    events = a_feed(vendor, silence_seconds=20.0, is_open=is_open)
    ear = Ear().to(events)
    await after(30)
    (gap,) = ear.gaps
    assert (gap.ts_from, gap.ts_to) == (START, START + 20 * SECOND)
    assert [repr(error) for error in ear.errors] == ["LookupError('no such day')"]
    assert (ear.statuses[-1], events.status, vendor.open_lines) == (ERROR, ERROR, [])


@in_virtual_time
async def test_where_nothing_is_wanted_nothing_is_missed() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor)
    ear = Ear().to(events)
    await settled()
    await events.remove(["AAPL"])
    vendor.line.lose()
    await after(2)
    assert (events.status, ear.gaps) == (CONNECTED, [])
    await events.close()


@in_virtual_time
async def test_who_leaves_at_the_gap_has_nothing_filled_in() -> None:
    asked: list[Gap] = []

    async def backfill(gap: Gap) -> list[Event]:
        asked.append(gap)
        return []

    vendor = PolygonVendor()
    events = a_feed(vendor, backfill=backfill)
    ear = Ear().to(events)
    ear.act = lambda fact: ear.leave() if type(fact) is Gap else None
    await settled()
    vendor.line.lose()
    await after(5)
    assert len(ear.gaps) == 1
    assert asked == []


@in_virtual_time
async def test_an_interruption_is_one_gap_however_many_attempts_it_took() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor)
    ear = Ear().to(events)
    await after(2)
    vendor.refuse = iter([Disconnected("down") for _ in range(4)])
    vendor.line.lose()
    await after(60)
    (gap,) = ear.gaps
    assert gap.ts_from == START  # the acknowledgement was the last thing that came
    assert ear.statuses.count(StreamStatus.RECONNECTING) == 5
    await events.close()


@in_virtual_time
async def test_a_connection_lost_before_it_was_healed_continues_the_same_gap() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor)
    ear = Ear().to(events)
    await settled()
    vendor.acks = "none"
    vendor.line.lose()
    await after(2)
    assert (events.status, ear.gaps) == (CONNECTED, [])
    vendor.line.lose()
    vendor.acks = "each"
    await after(5)
    (gap,) = ear.gaps
    assert gap.ts_from == START
    assert gap.ts_to > START + 3 * SECOND
    await events.close()


@in_virtual_time
async def test_without_acknowledgements_a_gap_ends_when_the_subscriptions_are_sent() -> None:
    from ordinis_rx.providers.finnhub import finnhub
    from tests.transport import Vendor

    vendor = Vendor()
    events = a_feed(vendor, provider=finnhub(KEY))
    ear = Ear().to(events)
    await settled()
    assert ear.statuses[-1] is CONNECTED
    vendor.line.lose()
    await after(1.5)
    (gap,) = ear.gaps
    assert gap.ts_from == START
    assert gap.ts_to - gap.ts_from == pytest.approx(SECOND, rel=1e-3)
    assert [line.said for line in vendor.lines] == [
        ['{"type":"subscribe","symbol":"AAPL"}'],
        ['{"type":"subscribe","symbol":"AAPL"}'],
    ]
    await events.close()


@in_virtual_time
async def test_a_removal_in_the_midst_of_acknowledgements_does_not_end_the_gap_early() -> None:
    vendor = PolygonVendor(acks="none")
    events = a_feed(vendor, ["AAPL", "MSFT"])
    ear = Ear().to(events)
    await settled()
    vendor.line.lose()
    await after(2)
    await events.remove(["MSFT"])
    await after(1)
    assert ear.gaps == []
    vendor.line.say(status("success", "subscribed to: T.AAPL"))
    await settled()
    assert len(ear.gaps) == 1
    await events.close()


@in_virtual_time
async def test_what_is_never_acknowledged_ends_the_gap_when_it_is_no_longer_waited_for() -> None:
    vendor = PolygonVendor()
    vendor.unknown = frozenset({"T.ZZ"})
    events = a_feed(vendor, ["AAPL", "ZZ"], acknowledge_timeout_seconds=10.0)
    ear = Ear().to(events)
    await after(11)
    vendor.line.lose()
    await after(10)
    assert ear.gaps == []
    await after(3)
    (gap,) = ear.gaps
    told = ear.of(FeedError)
    assert [error.message for error in told] == [
        "no acknowledgement within 10 s for trades of ZZ"
    ] * 2
    assert ear.facts.index(told[1]) < ear.facts.index(gap)
    await events.close()


@in_virtual_time
async def test_the_last_interruption_is_told_before_the_error_that_ends_the_stream() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor, max_reconnect_attempts=2)
    ear = Ear().to(events)
    await after(3)
    vendor.refuse = iter([Disconnected("down") for _ in range(9)])
    vendor.line.lose()
    await after(100)
    (gap,) = ear.gaps
    ended = ear.of(StatusChange)[-1]
    assert ended.status is ERROR
    assert (gap.ts_from, gap.ts_to) == (START, ended.ts_recv)
    assert ear.facts[-2:] == [gap, ended]
    assert ear.errors != []


@in_virtual_time
async def test_a_closed_feed_has_missed_nothing() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor)
    ear = Ear().to(events)
    await settled()
    vendor.line.lose()
    await after(0.5)
    await events.close()
    assert ear.gaps == []
    assert events.stats.gaps == 0


@in_virtual_time
async def test_who_leaves_at_the_login_and_comes_back_has_missed_nothing_meanwhile() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor)
    ear = Ear()
    ear.act = lambda fact: ear.leave() if getattr(fact, "status", None) is CONNECTED else None
    ear.to(events)
    await after(100)
    vendor.refuse = iter([Disconnected("down")])
    later = Ear().to(events)
    await after(10)
    assert (events.status, later.gaps) == (CONNECTED, [])
    await events.close()


# What the vendor ends of itself


def end(vendor: PolygonVendor, symbol: str) -> None:
    vendor.line.topics.remove(f"T.{symbol}")
    vendor.line.say(status("success", f"unsubscribed to: T.{symbol}"))


def bounds(ear: Ear) -> list[tuple[tuple[str, ...], float, float]]:
    return [
        (gap.symbols, (gap.ts_from - START) / SECOND, (gap.ts_to - START) / SECOND)
        for gap in ear.gaps
    ]


@in_virtual_time
async def test_what_is_ended_before_the_connection_drops_is_missing_once() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor, ["AAPL", "A"])
    ear = Ear().to(events)
    await after(1)
    vendor.line.say(trade("AAPL"))
    await after(3)
    end(vendor, "A")
    await settled()
    vendor.line.lose()
    await after(30)
    assert bounds(ear) == [((), 1.0, 5.0)]
    await events.close()


@in_virtual_time
async def test_what_is_ended_is_missing_once_where_symbols_have_gaps_of_their_own() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor, ["A", "B"], silence_seconds={"A": 500.0, "B": 900.0})
    ear = Ear().to(events)
    await after(1)
    vendor.line.say(trade("B"))
    await after(3)
    end(vendor, "B")
    await settled()
    vendor.line.lose()
    await after(30)
    assert bounds(ear) == [(("A",), 0.0, 5.0), (("B",), 1.0, 5.0)]
    await events.close()


@in_virtual_time
async def test_what_is_ended_while_others_have_data_is_missing_from_before_the_connection_drops() -> (
    None
):
    vendor = PolygonVendor()
    events = a_feed(vendor, ["AAPL", "A"])
    ear = Ear().to(events)
    await after(3)
    end(vendor, "A")
    await after(0.5)
    vendor.line.say(trade("AAPL"))
    await settled()
    vendor.line.lose()
    await after(30)
    assert bounds(ear) == [((), 3.5, 4.5), (("A",), 0.0, 4.5)]
    await events.close()


@in_virtual_time
async def test_what_is_ended_again_and_again_is_missing_from_the_end_of_the_last_gap_on() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor, ["AAPL", "A"])
    ear = Ear().to(events)
    await after(1)
    for _ in range(3):
        end(vendor, "A")
        await after(20)
    assert bounds(ear) == [(("A",), 0.0, 2.0), (("A",), 2.0, 22.0), (("A",), 22.0, 42.0)]
    vendor.line.lose()
    await after(2)
    end(vendor, "A")
    await after(20)
    assert [since for _, since, _ in bounds(ear)[3:]] == [0.0, 62.0]
    await events.close()


@in_virtual_time
async def test_what_is_ended_and_removed_before_it_is_asked_for_again_is_not_missed() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor, ["AAPL", "A", "B"])
    ear = Ear().to(events)
    await after(1)
    end(vendor, "A")
    await settled()
    await events.remove(["A"])
    await after(10)
    assert ear.gaps == []
    await events.close()


@in_virtual_time
async def test_what_is_ended_after_the_last_has_left_is_not_missed_by_the_next() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor)
    Ear().to(events).leave()
    events._interruptions.lapsed([Topic("trades", "AAPL")])
    later = Ear().to(events)
    await after(10)
    assert (events.status, later.gaps) == (CONNECTED, [])
    await events.close()


@in_virtual_time
async def test_the_gap_of_what_is_ended_has_its_neutral_name() -> None:
    provider = dataclasses.replace(
        a_polygon(),
        to_native=lambda symbol: symbol.replace("-", "/"),
        from_native=lambda native: native.replace("/", "-"),
    )
    vendor = PolygonVendor()
    events = a_feed(vendor, ["A-B"], provider=provider)
    ear = Ear().to(events)
    await after(1)
    end(vendor, "A/B")
    await after(5)
    assert bounds(ear) == [(("A-B",), 0.0, 2.0)]
    await events.close()


# Backfill


@in_virtual_time
async def test_a_backfill_is_asked_for_the_gap_and_its_facts_follow_a_second_one() -> None:
    asked: list[Gap] = []

    async def backfill(gap: Gap) -> list[Event]:
        asked.append(gap)
        await after(3)
        return [
            Trade(symbol="AAPL", ts_event=START, price=price, size=1.0, provider="rest", seq=99)
            for price in (1.0, 2.0)
        ]

    vendor = PolygonVendor()
    events = a_feed(vendor, backfill=backfill)
    ear = Ear().to(events)
    await settled()
    lags = events.stats.lag_p50
    vendor.line.lose()
    await after(1.5)
    vendor.line.say(trade(price=10.0))
    await after(5)
    gap, filled = ear.gaps
    assert asked == [gap]
    assert (gap.filled, filled.filled) == (False, True)
    assert (filled.ts_from, filled.ts_to, filled.reason) == (gap.ts_from, gap.ts_to, gap.reason)
    assert ear.prices == [10.0, 1.0, 2.0]
    at = ear.facts.index(filled)
    assert [type(fact) for fact in ear.facts[at : at + 3]] == [Gap, Trade, Trade]
    assert [fact.seq for fact in ear.facts] == list(range(1, len(ear.facts) + 1))
    assert {fact.ts_recv for fact in ear.facts[at:]} == {filled.ts_event}
    assert ear.of(Trade)[1].provider == "rest"
    assert ear.of(Trade)[1].ts_event == START
    assert lags is None
    assert events.stats.lag_p50 < SECOND * 2  # that of the live trade: history has no lag
    assert events.stats.gaps == 1  # filling it makes no second interruption
    await events.close()


async def raises(gap: Gap) -> list[Any]:
    raise ValueError(f"https://rest.example/?apiKey={KEY}")


async def waits_for_what_is_cancelled(gap: Gap) -> list[Any]:
    gone: asyncio.Future[list[Any]] = virtual_loop().create_future()
    gone.cancel()
    return await gone


async def gives_nonsense(gap: Gap) -> list[Any]:
    return [{"price": 1.0}]


async def gives_nothing_iterable(gap: Gap) -> Any:
    return None


@pytest.mark.parametrize(
    ("backfill", "kind"),
    [
        (raises, "ValueError"),
        (waits_for_what_is_cancelled, "CancelledError"),
        (gives_nonsense, "TypeError"),
        (gives_nothing_iterable, "TypeError"),
    ],
)
@in_virtual_time
async def test_a_backfill_that_fails_is_told_by_its_kind_alone(backfill: Any, kind: str) -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor, backfill=backfill)
    ear = Ear().to(events)
    await settled()
    vendor.line.lose()
    await after(3)
    (error,) = ear.of(FeedError)
    assert (error.kind, error.message) == ("backfill", f"the backfill failed with {kind}")
    assert [gap.filled for gap in ear.gaps] == [False]
    assert events.status is CONNECTED
    assert KEY not in repr(ear.facts)
    await events.close()


@in_virtual_time
async def test_a_backfill_that_is_given_up_is_cancelled_and_tells_nothing() -> None:
    async def endless(gap: Gap) -> list[Event]:
        await asyncio.Event().wait()
        return []

    vendor = PolygonVendor()
    events = a_feed(vendor, backfill=endless)
    ear = Ear().to(events)
    await settled()
    vendor.line.lose()
    await after(3)
    (filling,) = events._interruptions.tasks
    await events.close()
    await settled()
    assert filling.cancelled()
    assert ear.of(FeedError) == []
    assert [gap.filled for gap in ear.gaps] == [False]


@in_virtual_time
async def test_an_empty_backfill_says_that_nothing_was_missed() -> None:
    async def nothing(gap: Gap) -> tuple[Event, ...]:
        return ()

    vendor = PolygonVendor()
    events = a_feed(vendor, backfill=nothing)
    ear = Ear().to(events)
    await settled()
    vendor.line.lose()
    await after(3)
    assert [gap.filled for gap in ear.gaps] == [False, True]
    await events.close()


@in_virtual_time
async def test_a_backfill_goes_on_while_the_next_interruption_comes() -> None:
    doors = [asyncio.Event(), asyncio.Event()]
    opened = iter(doors)

    async def slow(gap: Gap) -> list[Event]:
        await next(opened).wait()
        return []

    vendor = PolygonVendor()
    events = a_feed(vendor, backfill=slow)
    ear = Ear().to(events)
    await settled()
    vendor.line.lose()
    await after(2)
    vendor.line.lose()
    await after(3)
    doors[1].set()
    await settled()
    doors[0].set()
    await settled()
    first, second, *filled = ear.gaps
    assert [gap.ts_from for gap in filled] == [second.ts_from, first.ts_from]
    await events.close()


@in_virtual_time
async def test_what_is_confirmed_too_late_has_a_gap_of_its_own_until_then() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor, ["AAPL", "MSFT"], acknowledge_timeout_seconds=3.0)
    ear = Ear().to(events)
    await settled()
    vendor.line.say(trade("AAPL"), trade("MSFT"))
    last = now()
    vendor.acks = "none"
    vendor.line.lose()
    await after(2)
    line = vendor.line
    line.say(status("success", "subscribed to: T.AAPL"))
    await after(3)
    [whole] = ear.gaps
    given_up = whole.ts_to
    assert (whole.ts_from, whole.symbols) == (last, ())

    await after(5)
    line.say(trade("AAPL"), status("success", "subscribed to: T.AAPL"))  # says nothing new
    await settled()
    assert ear.gaps == [whole]
    line.say(status("success", "subscribed to: T.MSFT"))
    confirmed = now()
    await settled()

    late = ear.gaps[1]
    assert (late.ts_from, late.ts_to, late.symbols) == (given_up, confirmed, ("MSFT",))
    await events.close()
    assert len(ear.gaps) == 2


@in_virtual_time
async def test_the_gap_of_a_late_confirmation_is_told_without_looking_at_all_symbols() -> None:
    vendor = PolygonVendor()
    symbols = [Counted(f"S{number}") for number in range(200)]
    events = a_feed(vendor, symbols, acknowledge_timeout_seconds=3.0)
    ear = Ear().to(events)
    await after(1)
    vendor.acks = "none"
    vendor.line.lose()
    await after(10)
    assert len(ear.gaps) == 1
    Counted.looks = 0
    for symbol in symbols:
        vendor.line.say(status("success", f"subscribed to: T.{symbol}"))
    await after(1)
    assert [gap.symbols for gap in ear.gaps[1:]] == [(symbol,) for symbol in symbols]
    assert Counted.looks < 10 * len(symbols)
    await events.close()


@in_virtual_time
async def test_what_is_never_confirmed_again_is_missing_until_the_connection_or_the_feed_ends() -> (
    None
):
    vendor = PolygonVendor()
    events = a_feed(vendor, ["AAPL", "MSFT"], acknowledge_timeout_seconds=3.0)
    ear = Ear().to(events)
    await settled()
    vendor.line.say(trade("AAPL"), trade("MSFT"))
    vendor.acks = "none"
    vendor.line.lose()
    await after(2)
    vendor.line.say(status("success", "subscribed to: T.AAPL"))
    await after(10)
    given_up = ear.gaps[0].ts_to
    vendor.line.say(trade("AAPL"))
    last = now()
    vendor.acks = "each"
    vendor.line.lose()
    await after(5)

    assert [(gap.ts_from, gap.symbols) for gap in ear.gaps[1:]] == [
        (last, ()),
        (given_up, ("MSFT",)),
    ]
    await events.close()


@in_virtual_time
async def test_what_never_was_in_force_misses_nothing_when_it_is_confirmed_late() -> None:
    vendor = PolygonVendor(acks="none")
    events = a_feed(vendor, ["AAPL", "MSFT"], acknowledge_timeout_seconds=3.0)
    ear = Ear().to(events)
    await settled()
    vendor.line.say(status("success", "subscribed to: T.AAPL"))
    await after(5)
    vendor.line.say(status("success", "subscribed to: T.MSFT"))
    await settled()

    assert ear.gaps == []
    await events.close()


@in_virtual_time
async def test_what_was_not_confirmed_is_asked_for_again_when_it_is_added_again() -> None:
    vendor = PolygonVendor()
    vendor.unknown = frozenset({"T.AAPL"})
    events = a_feed(vendor, ["AAPL"], acknowledge_timeout_seconds=3.0)
    Ear().to(events)
    await after(5)
    vendor.unknown = frozenset()

    await events.add(["AAPL"])

    asked = [text for text in vendor.line.said if "subscribe" in text]
    assert len(asked) == 2
    await events.close()


@in_virtual_time
async def test_a_loss_before_any_data_begins_where_the_last_gap_ended() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor)
    ear = Ear().to(events)
    await settled()
    vendor.line.say(trade())
    vendor.acks = "none"
    vendor.line.lose()
    await after(2)
    await after(1)
    vendor.line.say(status("success", "subscribed to: T.AAPL"))
    await settled()
    vendor.line.lose()
    await after(5)
    vendor.line.say(status("success", "subscribed to: T.AAPL"))
    await settled()

    first, second = ear.gaps
    assert second.ts_from == first.ts_to
    await events.close()


@in_virtual_time
async def test_who_leaves_at_an_error_misses_nothing_until_somebody_comes_again() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor, ["AAPL", "MSFT"], acknowledge_timeout_seconds=3.0)
    first = Ear()
    leaving = events.subscribe(
        lambda fact: leaving.dispose() if getattr(fact, "kind", "") == "unacknowledged" else None
    )
    await settled()
    vendor.line.say(trade("AAPL"), trade("MSFT"))
    vendor.acks = "none"
    vendor.line.lose()
    await after(2)
    vendor.line.say(status("success", "subscribed to: T.AAPL"))
    await after(1000)
    vendor.acks = "each"
    first.to(events)
    await after(10)

    assert first.gaps == []
    await events.close()


@in_virtual_time
async def test_what_is_added_anew_was_never_in_force_before() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor, ["AAPL", "MSFT"], acknowledge_timeout_seconds=3.0)
    ear = Ear().to(events)
    await settled()
    await events.remove(["MSFT"])
    await after(3600)
    vendor.acks = "none"
    adding = asyncio.ensure_future(events.add(["MSFT"]))
    await after(10)
    vendor.line.say(status("success", "subscribed to: T.MSFT"))
    await settled()

    assert ear.gaps == []
    with pytest.raises(SubscriptionError):
        await adding
    await events.close()


def test_a_backfill_whose_loop_has_ended_is_let_go_and_the_others_are_cancelled() -> None:
    async def forever() -> None:
        await asyncio.get_running_loop().create_future()

    gone, alive = asyncio.new_event_loop(), asyncio.new_event_loop()
    left = gone.create_task(forever())
    gone.call_soon(left.cancel)
    with pytest.raises(asyncio.CancelledError):
        gone.run_until_complete(left)
    gone.close()
    kept = alive.create_task(forever())
    told: Any = None
    mine = Interruptions("polygon", told, told, None, tell=told)
    mine.tasks = {left, kept}

    mine.forget()

    assert mine.tasks == {kept}
    with pytest.raises(asyncio.CancelledError):
        alive.run_until_complete(kept)
    alive.close()

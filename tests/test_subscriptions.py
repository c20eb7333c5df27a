"""The wanted set: whatever is added and removed, and whenever, the vendor ends up with exactly that."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ordinis_rx.errors import AuthError, Disconnected, SubscriptionError
from ordinis_rx.events import FeedError, GapReason, StreamStatus, Trade
from ordinis_rx.feed import feed
from ordinis_rx.providers.alpaca import alpaca
from ordinis_rx.providers.finnhub import finnhub
from ordinis_rx.providers.polygon import polygon
from ordinis_rx.providers.protocol import Acknowledged, Topic
from ordinis_rx.subscriptions import Subscriptions, named
from ordinis_rx.timebase import SECOND
from ordinis_rx.wire import connection
from tests.transport import (
    KEY,
    Counted,
    Ear,
    PolygonVendor,
    Vendor,
    a_feed,
    a_polygon,
    status,
    trade,
)
from tests.virtual import START, after, in_virtual_time, run, settled, virtual_loop

CONNECTED = StreamStatus.CONNECTED
SYMBOLS = ["A", "B", "C", "D"]


def subscriptions(symbols: Any = ("AAPL",), provider: Any = None) -> Subscriptions:
    return Subscriptions(provider or a_polygon(), symbols, frozenset({"trades"}))


def trades_of(*symbols: str) -> list[Topic]:
    return [Topic("trades", symbol) for symbol in symbols]


# The set alone


def test_to_add_nothing_asks_the_provider_nothing() -> None:
    mine = subscriptions(["A"])

    assert mine.add([]) == []
    assert mine.symbols == ("A",)


def test_only_the_difference_is_sent_and_never_twice() -> None:
    mine = subscriptions(["A", "B"])
    assert mine.to_send() == (trades_of("A", "B"), [])
    assert mine.to_send() == ([], [])
    mine.add(["C", "A"])
    mine.remove(["B", "UNKNOWN"])
    assert mine.to_send() == (trades_of("C"), trades_of("B"))
    mine.forget_connection()
    assert mine.to_send() == (trades_of("A", "C"), [])


def test_acknowledgements_confirm_by_name_or_the_oldest() -> None:
    mine = subscriptions(["A", "B", "C", "D"])
    mine.to_send()
    mine.confirm(Acknowledged(tuple(trades_of("B"))))
    mine.confirm(Acknowledged(unnamed=2))
    assert list(mine.unconfirmed) == trades_of("D")
    mine.confirm(Acknowledged(unnamed=5))
    assert not mine.unconfirmed


def test_what_is_ended_is_no_longer_waited_for() -> None:
    mine = subscriptions(["A", "B"])
    mine.to_send()
    mine.remove(["A"])
    mine.to_send()
    assert list(mine.unconfirmed) == trades_of("B")


def test_what_the_vendor_ends_of_itself_is_asked_for_again() -> None:
    mine = subscriptions(["A", "B", "C"])
    mine.to_send()
    assert mine.confirm(Acknowledged(tuple(trades_of("A", "B")))) == []
    assert mine.confirm(Acknowledged(ended=tuple(trades_of("A", "C", "OTHER")))) == trades_of("A")
    assert list(mine.unconfirmed) == trades_of("C", "A")
    assert mine.confirm(Acknowledged(ended=tuple(trades_of("A")))) == []  # said twice
    assert mine.to_send() == (trades_of("A"), [])
    mine.confirm(Acknowledged(tuple(trades_of("A", "C"))))
    assert not mine.unconfirmed


def test_what_is_missing_from_a_full_set_has_been_ended() -> None:
    mine = subscriptions(["A", "B", "C"])
    mine.to_send()
    assert mine.confirm(Acknowledged(tuple(trades_of("A", "B")), whole=True)) == []
    assert mine.confirm(Acknowledged(tuple(trades_of("B", "C")), whole=True)) == trades_of("A")
    mine.remove(["A", "B"])
    assert mine.to_send() == ([], trades_of("B"))
    assert mine.confirm(Acknowledged(tuple(trades_of("C")), whole=True)) == []
    assert not mine.unconfirmed


@pytest.mark.parametrize("whole", [False, True])
def test_a_late_word_on_our_own_unsubscribing_ends_nothing(whole: bool) -> None:
    mine = subscriptions(["AAPL"])
    mine.to_send()
    mine.confirm(Acknowledged(tuple(trades_of("AAPL"))))
    for change in (mine.add, mine.remove, mine.add):
        change(["A"])
        mine.to_send()
    in_force, ended = Acknowledged(tuple(trades_of("A"))), Acknowledged(ended=tuple(trades_of("A")))
    if whole:
        in_force = Acknowledged(tuple(trades_of("AAPL", "A")), whole=True)
        ended = Acknowledged(tuple(trades_of("AAPL")), whole=True)
    for acknowledged in (in_force, ended, in_force):
        assert mine.confirm(acknowledged) == []
        assert mine.to_send() == ([], [])
    assert mine.confirm(ended) == trades_of("A")  # now nobody asked for it


def test_a_vendor_that_says_nothing_when_we_unsubscribe_may_still_end_it_later() -> None:
    mine = subscriptions(["A"])
    mine.to_send()
    mine.confirm(Acknowledged(tuple(trades_of("A"))))
    for change in (mine.remove, mine.add):
        change(["A"])
        mine.to_send()
    mine.confirm(Acknowledged(tuple(trades_of("A"))))
    assert mine.confirm(Acknowledged(ended=tuple(trades_of("A")))) == trades_of("A")


def test_each_unsubscribing_may_be_answered_and_a_new_connection_owes_no_answer() -> None:
    mine = subscriptions(["A"])
    mine.to_send()
    for change in (mine.remove, mine.add, mine.remove, mine.add):
        change(["A"])
        mine.to_send()
    subscribed, ended = (
        Acknowledged(tuple(trades_of("A"))),
        Acknowledged(ended=tuple(trades_of("A"))),
    )
    for acknowledged in (subscribed, ended, subscribed, ended):
        assert mine.confirm(acknowledged) == []
    mine.forget_connection()
    mine.to_send()
    mine.confirm(subscribed)
    assert mine.confirm(ended) == trades_of("A")


def test_a_confirmation_after_unsubscribing_leaves_that_yet_to_be_answered() -> None:
    mine = subscriptions(["A"])
    mine.to_send()
    mine.remove(["A"])
    mine.to_send()
    subscribed, ended = (
        Acknowledged(tuple(trades_of("A"))),
        Acknowledged(ended=tuple(trades_of("A"))),
    )
    assert mine.confirm(subscribed) == []
    for change in (mine.add, mine.remove, mine.add):
        change(["A"])
        mine.to_send()
    for acknowledged in (ended, subscribed, ended, subscribed):
        assert mine.confirm(acknowledged) == []
    assert mine.to_send() == ([], [])


def test_what_the_vendor_ended_and_took_up_again_itself_is_not_asked_for_twice() -> None:
    mine = subscriptions(["A", "B"])
    subscribed = Acknowledged(tuple(trades_of("A", "B")))
    mine.to_send()
    mine.confirm(subscribed)
    mine.confirm(Acknowledged(ended=tuple(trades_of("A"))))
    mine.confirm(subscribed)
    assert mine.to_send() == ([], [])
    mine.remove(["A"])
    assert mine.to_send() == ([], trades_of("A"))


def test_a_confirmation_without_a_name_is_none_of_what_is_yet_to_be_asked_for_again() -> None:
    mine = subscriptions(["A"])
    mine.to_send()
    mine.confirm(Acknowledged(unnamed=1))
    mine.confirm(Acknowledged(ended=tuple(trades_of("A"))))
    mine.confirm(Acknowledged(unnamed=1))
    assert list(mine.unconfirmed) == trades_of("A")
    assert mine.to_send() == (trades_of("A"), [])


def test_what_is_confirmed_though_nobody_asked_for_it_was_never_in_force_and_is_not_kept() -> None:
    mine = subscriptions(["A"])
    mine.to_send()
    for number in range(1_000):
        assert mine.confirm(Acknowledged(tuple(trades_of(f"S{number}")))) == []
    assert mine.unconfirmed._served == set()
    mine.add(["S1"])
    mine.unconfirmed.give_up(*asked(mine))
    assert mine.unconfirmed.has_given_up(trades_of("S1")[0])
    assert not mine.unconfirmed.mute


def asked(mine: Subscriptions) -> tuple[list[Topic], int]:
    """What is asked for now, and the number of that asking."""
    return mine.to_send()[0], mine.asking


def looks_at_late_confirmations(count: int) -> int:
    """How often a symbol is looked up while so many that were in force once are confirmed late, one by one."""
    mine = subscriptions([Counted(f"S{number}") for number in range(count)])
    mine.confirm(Acknowledged(tuple(asked(mine)[0])))
    mine.forget_connection()
    fresh, asking = asked(mine)
    mine.unconfirmed.give_up(fresh, asking)
    assert len(mine.unconfirmed.mute) == count
    Counted.looks = 0
    for topic in fresh:
        mine.confirm(Acknowledged((topic,)))
        assert not mine.unconfirmed.awaited
        assert len(mine.unconfirmed.mute) + len(mine.unconfirmed.turned) >= count
    assert not mine.unconfirmed.mute
    return Counted.looks


def test_a_late_confirmation_costs_the_same_however_many_are_missing() -> None:
    few = looks_at_late_confirmations(100)
    assert 100 <= few <= looks_at_late_confirmations(400) / 4 <= few + 1


two_channels = st.tuples(st.sampled_from(["trades", "quotes"]), st.sampled_from(SYMBOLS))
moves = st.one_of(
    st.tuples(st.just("add"), st.sampled_from(SYMBOLS)),
    st.tuples(st.just("remove"), st.sampled_from(SYMBOLS)),
    st.tuples(st.just("confirm"), two_channels),
    st.tuples(st.just("end"), two_channels),
    st.tuples(st.just("refuse"), two_channels),
    st.tuples(st.just("give up"), st.just("")),
    st.tuples(st.just("send"), st.just("")),
    st.tuples(st.just("forget"), st.just("")),
)


@given(script=st.lists(moves, max_size=40))
def test_who_is_mute_is_known_without_looking_at_all_topics(script: list[Any]) -> None:
    mine = Subscriptions(
        a_polygon(), {f"mine{s}": s for s in SYMBOLS}, frozenset({"trades", "quotes"})
    )
    before = set[str]()
    for move, what in script:
        if move == "add":
            mine.add({f"mine{what}": what})
        elif move == "remove":
            mine.remove([f"mine{what}"])
        elif move == "confirm":
            mine.confirm(Acknowledged((Topic(*what),)))
        elif move == "end":
            mine.confirm(Acknowledged(ended=(Topic(*what),)))
        elif move == "refuse":
            mine.refuse([Topic(*what)], "no")
        elif move == "give up":
            mine.unconfirmed.give_up(tuple(mine.unconfirmed), mine.asking)
        elif move == "send":
            mine.to_send()
        else:
            mine.forget_connection()
        unconfirmed = mine.unconfirmed
        mute = {
            f"mine{topic.symbol}" for topic in unconfirmed._given_up if topic in unconfirmed._served
        }
        assert unconfirmed.mute.keys() == mute
        assert unconfirmed.turned.keys() >= mute ^ before
        if move == "give up":
            unconfirmed.turned.clear()
            before = mute


def test_a_symbol_that_is_refused_is_known_by_the_vendors_own_spelling() -> None:
    provider = dataclasses.replace(
        a_polygon(),
        to_native=lambda symbol: symbol.replace("-", "/"),
        from_native=lambda native: native.replace("/", "-"),
    )
    mine = subscriptions({"A-B": "A-B", "mine": "C-D"}, provider)
    mine.to_send()
    assert [mine.neutral_of(native) for native in ("A/B", "C/D")] == ["A-B", "mine"]
    mine.refuse(trades_of("A/B", "C/D"), "no")
    assert mine.symbols == ()


def test_what_is_refused_is_wanted_no_more_until_it_is_added_again() -> None:
    mine = Subscriptions(a_polygon(), {"mine": "A", "B": "B"}, frozenset({"trades", "quotes"}))
    mine.to_send()
    trades, quotes = Topic("trades", "A"), Topic("quotes", "A")
    assert mine.refuse([trades, Topic("trades", "OTHER")], "no") == [trades]
    assert mine.symbols == ("mine", "B")
    assert mine.to_send() == ([], [])
    assert mine.refuse([trades, quotes], "no") == [quotes]
    assert (mine.symbols, mine.neutral) == (("B",), {})
    assert mine.to_send() == ([], [])
    assert set(mine.unconfirmed) == {Topic("trades", "B"), Topic("quotes", "B")}
    mine.add({"mine": "A"})
    assert mine.to_send() == ([quotes, trades], [])
    mine.forget_connection()
    mine.refused[trades] = "no"
    assert trades not in mine.to_send()[0]


def test_a_vendor_that_ends_but_never_acknowledges_is_not_waited_for() -> None:
    mine = subscriptions(["A"], finnhub("token"))
    mine.to_send()
    assert mine.confirm(Acknowledged(ended=tuple(trades_of("A")))) == trades_of("A")
    assert mine.to_send() == (trades_of("A"), [])
    assert not mine.unconfirmed


def test_a_vendor_that_never_acknowledges_is_never_waited_for() -> None:
    mine = subscriptions(["A"], finnhub("token"))
    mine.to_send()
    assert not mine.unconfirmed


def test_symbols_are_unique_and_keep_their_order() -> None:
    assert subscriptions(["B", "A", "B"]).symbols == ("B", "A")


def test_neutral_names_come_back_for_native_ones_however_they_are_spelled() -> None:
    crypto = Subscriptions(
        polygon("key", market="crypto"), {"BTC": "X:BTC-USD"}, frozenset({"trades"})
    )
    assert crypto.topics_of(["BTC"]) == trades_of("BTC-USD")
    assert crypto.neutral == {"BTC-USD": "BTC"}
    crypto.remove(["BTC"])
    assert crypto.neutral == {"BTC-USD": "BTC"}  # some data may be under way
    crypto.forget_connection()
    assert crypto.neutral == {}


def test_a_symbol_that_is_added_again_has_the_name_it_is_given_then() -> None:
    mine = subscriptions({"it": "A"})
    mine.remove(["it"])
    mine.add(["A"])
    assert mine.neutral == {}
    mine.remove(["A"])
    mine.add({"other": "A"})
    assert mine.neutral == {"A": "other"}


def test_a_symbol_that_gets_another_meaning_leaves_its_old_one() -> None:
    mine = subscriptions({"it": "A"})
    mine.to_send()
    mine.add({"it": "B"})
    assert mine.neutral == {"B": "it"}
    assert mine.to_send() == (trades_of("B"), trades_of("A"))


def test_two_symbols_for_one_thing_are_refused_and_nothing_changes() -> None:
    mine = subscriptions(["A"])
    with pytest.raises(ValueError, match="two symbols mean 'A' of polygon"):
        mine.add({"other": "A"})
    assert mine.symbols == ("A",)


def test_many_topics_are_named_in_part() -> None:
    words = named(trades_of(*(f"S{number}" for number in range(25))))
    assert words.startswith("trades of S0, ")
    assert words.endswith("trades of S19, and 5 more")


# Refused before anything is dialled


@pytest.mark.parametrize(
    ("symbols", "channels", "words"),
    [
        (["AAPL,MSFT"], None, "polygon refused: not a symbol: 'AAPL,MSFT'"),
        ([""], None, "polygon refused: not a symbol: ''"),
        ([" AAPL"], None, "polygon refused: not a symbol: ' AAPL'"),
        ([], None, "polygon refused: no symbols given"),
        ({}, None, "polygon refused: no symbols given"),
        (["AAPL"], [], "polygon refused: no channels given"),
        (["AAPL"], ["gossip"], "polygon refused: no channel 'gossip'; it has .*trades"),
    ],
)
def test_what_cannot_be_streamed_is_refused_with_the_vendors_name_and_the_value(
    symbols: Any, channels: Any, words: str
) -> None:
    with pytest.raises(SubscriptionError, match=words):
        feed(a_polygon(), symbols, channels=channels)


def test_a_channel_that_another_vendor_has_is_refused() -> None:
    with pytest.raises(SubscriptionError, match="finnhub refused: no channel 'quotes'"):
        feed(finnhub("token"), ["AAPL"], channels=["quotes"])
    with pytest.raises(SubscriptionError, match="alpaca refused: no channel 'statuses'"):
        feed(alpaca("key", "secret", feed="crypto"), ["BTC/USD"], channels=["statuses"])


def test_a_lone_string_is_no_list_of_symbols() -> None:
    with pytest.raises(TypeError, match="must be a list or a mapping, got the string 'AAPL'"):
        feed(a_polygon(), "AAPL")


@in_virtual_time
async def test_adding_what_cannot_be_streamed_sends_and_changes_nothing() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor)
    Ear().to(events)
    await settled()
    said = list(vendor.line.said)
    for symbols in (["MSFT", "A,B"], [""]):
        with pytest.raises(SubscriptionError, match="not a symbol"):
            await events.add(symbols)
    assert events.subscriptions == ("AAPL",)
    assert vendor.line.said == said
    await events.close()


# At any time


async def _never_dialled(vendor: PolygonVendor, events: Any) -> None:
    pass


async def _dialling(vendor: PolygonVendor, events: Any) -> None:
    vendor.never_answers = True
    Ear().to(events)
    await settled()


async def _authenticating(vendor: PolygonVendor, events: Any) -> None:
    vendor.login = ()
    Ear().to(events)
    await settled()


async def _connected(vendor: PolygonVendor, events: Any) -> None:
    Ear().to(events)
    await settled()


async def _reconnecting(vendor: PolygonVendor, events: Any) -> None:
    await _connected(vendor, events)
    vendor.line.lose()
    await settled()
    assert events.status is StreamStatus.RECONNECTING


@pytest.mark.parametrize(
    "moment", [_never_dialled, _dialling, _authenticating, _connected, _reconnecting]
)
@in_virtual_time
async def test_adding_and_removing_ends_in_exactly_the_wanted_set(moment: Any) -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor, ["AAPL", "MSFT"], connection_timeout_seconds=5.0)
    await moment(vendor, events)
    await events.add(["IBM", "AAPL"])
    await events.remove(["MSFT", "UNKNOWN"])
    await events.remove("AAPL")
    await events.add(["AAPL"])
    if vendor.lines and not vendor.login:
        vendor.line.say(status("auth_success"))
    vendor.never_answers, vendor.login = False, (status("auth_success"),)
    ear = Ear().to(events)
    await after(20)
    assert events.status is CONNECTED
    assert vendor.line.topics == {"T.IBM", "T.AAPL"}
    assert set(events.subscriptions) == {"IBM", "AAPL"}
    assert (ear.errors, ear.problems) == ([], [])
    await events.close()


@in_virtual_time
async def test_adding_returns_when_the_vendor_has_confirmed() -> None:
    vendor = PolygonVendor(acks="none")
    events = a_feed(vendor)
    Ear().to(events)
    await settled()
    adding = asyncio.ensure_future(events.add(["B", "C"]))
    await settled()
    vendor.line.say(status("success", "subscribed to: T.C"))
    await settled()
    assert not adding.done()
    vendor.line.say(status("success", "subscribed to: T.B"))
    await settled()
    assert adding.done()
    assert adding.exception() is None
    await events.close()


@in_virtual_time
async def test_what_is_not_confirmed_in_time_is_named_once_and_stays_wanted() -> None:
    vendor = PolygonVendor()
    vendor.unknown = frozenset({"T.ZZ"})
    events = a_feed(vendor, acknowledge_timeout_seconds=4.0)
    ear = Ear().to(events)
    await settled()
    began = virtual_loop().time()
    with pytest.raises(
        SubscriptionError, match=r"polygon refused: no acknowledgement in time for trades of ZZ$"
    ):
        await events.add(["MSFT", "ZZ"])
    assert virtual_loop().time() - began == pytest.approx(4.0, abs=0.01)
    assert events.subscriptions == ("AAPL", "MSFT", "ZZ")
    assert [error.kind for error in ear.of(FeedError)] == ["unacknowledged"]
    await events.add(["IBM"])  # one lost acknowledgement does not keep the later ones waiting
    assert virtual_loop().time() - began == pytest.approx(4.0, abs=0.01)
    await events.close()


@in_virtual_time
async def test_adding_does_not_wait_for_a_connection_that_is_lost_meanwhile() -> None:
    vendor = PolygonVendor(acks="none")
    events = a_feed(vendor)
    Ear().to(events)
    await settled()
    adding = asyncio.ensure_future(events.add(["B"]))
    await settled()
    vendor.line.lose()
    await settled()
    assert adding.done()
    vendor.acks = "each"
    await after(3)
    assert vendor.line.topics == {"T.AAPL", "T.B"}
    await events.close()


@in_virtual_time
async def test_who_is_removed_and_added_again_has_all_the_time_anew() -> None:
    vendor = PolygonVendor()
    vendor.unknown = frozenset({"T.B"})
    events = a_feed(vendor, acknowledge_timeout_seconds=4.0)
    ear = Ear().to(events)
    await settled()
    first = asyncio.ensure_future(events.add(["B"]))
    await after(2)
    await events.remove(["B"])
    again = asyncio.ensure_future(events.add(["B"]))
    await after(3)
    assert ear.of(FeedError) == []
    await after(2)
    assert [error.kind for error in ear.of(FeedError)] == ["unacknowledged"]
    assert first.done()
    assert isinstance(again.exception(), SubscriptionError)
    await events.close()


@in_virtual_time
async def test_adding_raises_what_ends_the_feed_meanwhile() -> None:
    class Alpaca(Vendor):
        def hear(self, line: Any, text: str) -> None:
            if '"auth"' in text:
                line.say({"T": "success", "msg": "authenticated"})
            elif '"B"' in text:
                line.say({"T": "error", "code": 409, "msg": "insufficient subscription"})
            else:
                line.say({"T": "subscription", "trades": ["A"], "quotes": [], "bars": []})

    vendor = Alpaca()
    events = a_feed(vendor, ["A"], provider=alpaca("key", "secret"))
    ear = Ear().to(events)
    await settled()

    with pytest.raises(AuthError, match="insufficient subscription"):
        await events.add(["B"])

    assert "insufficient subscription" in str(ear.errors[0])
    await events.close()


class Limited(Vendor):
    """Speaks as Alpaca does, and streams two symbols."""

    def hear(self, line: Any, text: str) -> None:
        message = msgspec.json.decode(text)
        if message["action"] == "auth":
            line.topics = set[str]()
            line.say({"T": "success", "msg": "authenticated"})
            return
        asked = set(message["trades"])
        wanted = line.topics | asked if message["action"] == "subscribe" else line.topics - asked
        if len(wanted) > 2:
            line.say({"T": "error", "code": 405, "msg": "symbol limit exceeded"})
            return
        line.topics = wanted
        line.say({"T": "subscription", "trades": sorted(wanted), "quotes": [], "bars": []})


@in_virtual_time
async def test_a_symbol_too_many_is_refused_and_those_in_force_stay() -> None:
    vendor = Limited()
    events = a_feed(vendor, ["A", "B"], provider=alpaca("key", "secret"))
    ear = Ear().to(events)
    await settled()
    began = virtual_loop().time()

    with pytest.raises(
        SubscriptionError, match=r"^alpaca refused: trades of C: symbol limit exceeded$"
    ):
        await events.add(["C"])

    assert virtual_loop().time() == began
    assert (ear.errors, events.subscriptions) == ([], ("A", "B"))
    assert [(error.kind, error.message) for error in ear.of(FeedError)] == [
        ("refused", "trades of C: symbol limit exceeded")
    ]
    vendor.line.lose()
    await after(5)
    assert vendor.line.topics == {"A", "B"}
    await events.remove(["A"])
    await events.add(["C"])
    assert vendor.line.topics == {"B", "C"}
    await events.close()


@in_virtual_time
async def test_symbols_too_many_end_a_feed_of_which_nothing_is_in_force() -> None:
    vendor = Limited()
    ear = Ear().to(a_feed(vendor, ["A", "B", "C"], provider=alpaca("key", "secret")))

    await after(100)

    assert str(ear.errors[0]) == "alpaca refused: symbol limit exceeded"
    assert len(vendor.dials) == 1


@in_virtual_time
async def test_a_refusal_that_answers_nothing_of_ours_is_told() -> None:
    vendor = Limited()
    events = a_feed(vendor, ["A"], provider=alpaca("key", "secret"))
    ear = Ear().to(events)
    await settled()

    vendor.line.say({"T": "error", "code": 400, "msg": "invalid syntax"})
    await settled()

    assert [(error.kind, error.message) for error in ear.of(FeedError)] == [
        ("refused", "invalid syntax")
    ]
    assert events.subscriptions == ("A",)
    await events.close()


def test_a_refusal_without_names_is_of_the_oldest_request_that_is_unanswered() -> None:
    mine = Subscriptions(alpaca("key", "secret"), ["A"], frozenset({"trades"}))
    mine.to_send()
    mine.confirm(Acknowledged(tuple(trades_of("A")), whole=True))
    for symbol in ("B", "C"):
        mine.add([symbol])
        mine.to_send()

    assert mine.unconfirmed.unanswered() == trades_of("B")
    mine.refuse(mine.unconfirmed.unanswered(), "no")
    assert mine.unconfirmed.unanswered() == trades_of("C")
    mine.unconfirmed.give_up(trades_of("C"), mine.asking)
    assert mine.unconfirmed.unanswered() == trades_of("C")  # the answer came late
    assert not mine.is_hopeless()


def test_nothing_is_left_where_all_that_was_asked_for_is_unanswered_or_given_up() -> None:
    mine = Subscriptions(alpaca("key", "secret"), ["A"], frozenset({"trades"}))
    mine.to_send()
    assert mine.is_hopeless()
    mine.add(["B"])
    mine.to_send()
    assert not mine.is_hopeless()  # B may yet be in force
    mine.unconfirmed.give_up(trades_of("A"), mine.asking - 1)
    assert mine.is_hopeless()


@in_virtual_time
async def test_adding_without_acknowledgements_returns_at_once() -> None:
    vendor = Vendor()
    events = a_feed(vendor, provider=finnhub("token"))
    Ear().to(events)
    await settled()
    await events.add(["BINANCE:BTCUSDT"])
    await settled()
    assert vendor.line.said[-1] == '{"type":"subscribe","symbol":"BINANCE:BTCUSDT"}'
    await events.remove(["AAPL"])
    await settled()
    assert vendor.line.said[-1] == '{"type":"unsubscribe","symbol":"AAPL"}'
    await events.close()


@pytest.mark.parametrize("acks", ["each", "whole", "unnamed"])
@in_virtual_time
async def test_acknowledgements_are_understood_in_every_shape(acks: str) -> None:
    vendor = PolygonVendor(acks=acks)
    events = a_feed(vendor, ["A", "B", "C"])
    ear = Ear().to(events)
    await after(60)
    assert not events._subscriptions.unconfirmed
    assert ear.problems == []
    vendor.line.lose()
    await after(3)
    assert len(ear.gaps) == 1
    await events.close()


@in_virtual_time
async def test_a_full_set_confirms_what_stands_in_it() -> None:
    class Alpaca(Vendor):
        def hear(self, line: Any, text: str) -> None:
            if '"auth"' in text:
                line.say({"T": "success", "msg": "authenticated"})

    def whole(*symbols: str) -> dict[str, Any]:
        return {"T": "subscription", "trades": list(symbols), "quotes": [], "bars": []}

    vendor = Alpaca()
    events = a_feed(vendor, ["A", "B"], provider=alpaca("key", "secret"))
    ear = Ear().to(events)
    await settled()
    vendor.line.say(whole("A"))
    await settled()
    assert list(events._subscriptions.unconfirmed) == trades_of("B")
    vendor.line.say(whole("A", "B"))
    adding = asyncio.ensure_future(events.add(["C"]))
    await settled()
    assert not adding.done()
    vendor.line.say(whole("A", "B", "C"))
    await settled()
    assert adding.done()
    assert [text for text in vendor.line.said if "auth" not in text] == [
        '{"action":"subscribe","trades":["A","B"]}',
        '{"action":"subscribe","trades":["C"]}',
    ]
    await after(60)
    assert ear.problems == []
    await events.close()


@in_virtual_time
async def test_a_subscription_that_the_vendor_ends_is_told_asked_for_again_and_marked_as_a_gap() -> (
    None
):
    class Alpaca(Vendor):
        def hear(self, line: Any, text: str) -> None:
            if '"auth"' in text:
                line.say({"T": "success", "msg": "authenticated"})
            else:
                line.topics |= set(msgspec.json.decode(text)["trades"])
                self.whole(line)

        def whole(self, line: Any) -> None:
            line.say({"T": "subscription", "trades": sorted(line.topics), "quotes": []})

    vendor = Alpaca()
    events = a_feed(vendor, {"mine": "A", "B": "B"}, provider=alpaca("key", "secret"))
    ear = Ear().to(events)
    await after(5)
    vendor.line.topics.remove("A")
    vendor.whole(vendor.line)
    await settled()
    (told,) = ear.of(FeedError)
    assert (told.kind, told.message) == (
        "ended",
        "the vendor ended trades of A; asking again in 1.0 s",
    )
    assert ear.gaps == []
    await after(2)
    assert vendor.line.topics == {"A", "B"}
    (gap,) = ear.gaps
    assert (gap.symbols, gap.reason) == (("mine",), GapReason.REPORTED)
    assert (gap.ts_from, gap.ts_to) == (START, START + 6 * SECOND)
    await after(60)
    assert len(ear.of(FeedError)) == len(vendor.lines) == 1
    await events.close()


class Choosy(Vendor):
    """Speaks as Polygon does, and refuses every symbol that begins with X."""

    def hear(self, line: Any, text: str) -> None:
        message = msgspec.json.decode(text)
        if message["action"] == "auth":
            line.say(status("auth_success"))
        for topic in message["params"].split(",") if message["action"] == "subscribe" else ():
            refused = topic.startswith("T.X")
            line.say(status("refused" if refused else "success", f"subscribed to: {topic}"))


def choosy(names: Any) -> Any:
    """A decoder that understands such a refusal."""
    inner = a_polygon().decoder(names)

    def decode(raw: bytes, ts_recv: int, seq: int) -> Any:
        if b'"refused"' not in raw:
            return inner(raw, ts_recv, seq)
        symbol = raw.rpartition(b"T.")[2].partition(b'"')[0].decode()
        topics = (Topic("trades", symbol),)
        return [], (Acknowledged(refused=topics, reason=f"no such pair ({KEY})"),)

    return decode


@in_virtual_time
async def test_a_symbol_that_the_vendor_refuses_is_told_at_once_and_not_asked_for_again() -> None:
    vendor = Choosy()
    provider = dataclasses.replace(a_polygon(), decoder=choosy)
    events = a_feed(vendor, ["A", "XA"], provider=provider, silence_seconds=30.0)
    ear = Ear().to(events)
    await settled()
    assert events.subscriptions == ("A",)
    began = virtual_loop().time()
    with pytest.raises(
        SubscriptionError, match=r"^polygon refused: trades of XB: no such pair \(\*\*\*\)$"
    ):
        await events.add(["B", "XB"])
    assert virtual_loop().time() == began
    assert events.subscriptions == ("A", "B")
    assert [(error.kind, error.symbol, error.message) for error in ear.of(FeedError)] == [
        ("refused", symbol, f"trades of {symbol}: no such pair (***)") for symbol in ("XA", "XB")
    ]
    for _ in range(20):
        vendor.line.say(trade("A"), trade("B"))
        await after(10)
    assert len(vendor.lines) == 1  # nobody waits for data of what was refused
    vendor.line.lose()
    await after(5)
    assert "X" not in vendor.line.said[-1]
    await events.close()


@in_virtual_time
async def test_thousands_of_symbols_are_taken_and_confirmed_in_their_stride() -> None:
    vendor = PolygonVendor()
    many = [f"S{number}" for number in range(3_000)]
    events = a_feed(vendor, many)
    ear = Ear().to(events)
    await after(1)
    await events.add([f"N{number}" for number in range(3_000)])
    assert len(vendor.line.topics) == 6_000
    await events.remove(many)
    await settled()
    assert len(vendor.line.topics) == 3_000
    await after(20)
    assert ear.problems == []
    await events.close()


class Clerk(Vendor):
    """Takes a second for each message, though it never keeps anybody waiting, and counts the turns of the loop meanwhile."""

    turns = 0

    def greet(self, line: Any) -> None:
        self.turn()

    def turn(self) -> None:
        self.turns += 1
        if len(self.line.said) < 1_000:
            virtual_loop().call_soon(self.turn)

    def hear(self, line: Any, text: str) -> None:
        virtual_loop().block(1.0)


@in_virtual_time
async def test_more_symbols_than_messages_may_wait_are_asked_for_one_by_one_while_the_feed_lives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "OUTBOX_LIMIT", 10)
    vendor = Clerk()
    symbols = [f"S{number}" for number in range(1_000)]
    events = a_feed(vendor, symbols, provider=finnhub("token"), heartbeat_interval_seconds=10.0)
    ear = Ear().to(events)
    await settled()
    assert [msgspec.json.decode(text)["symbol"] for text in vendor.line.said] == symbols
    assert vendor.line.pings == 100
    assert vendor.turns >= 10
    assert ear.statuses == [StreamStatus.CONNECTING, CONNECTED]
    await events.close()


steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.lists(st.sampled_from(SYMBOLS), min_size=1, max_size=3)),
        st.tuples(st.just("remove"), st.lists(st.sampled_from(SYMBOLS), min_size=1, max_size=3)),
        st.tuples(st.just("lose"), st.just([])),
        st.tuples(st.just("refuse"), st.just([])),
        st.tuples(st.just("deafen"), st.just([])),
        st.tuples(st.just("wait"), st.sampled_from([0, 0.3, 2, 40])),
        st.tuples(st.just("leave"), st.just([])),
    ),
    max_size=12,
)


@given(script=steps, acks=st.sampled_from(["each", "whole", "unnamed", "none"]))
@settings(max_examples=60)
def test_any_history_ends_in_exactly_the_wanted_set_and_nothing_is_asked_for_twice(
    script: list[tuple[str, Any]], acks: str
) -> None:
    """The played vendor itself fails when something is subscribed to twice on one connection."""

    async def story() -> None:
        vendor = PolygonVendor(acks=acks)
        events = a_feed(vendor, ["A", "B"], max_reconnect_attempts=None)
        wanted = {"A", "B"}
        ear = Ear().to(events)
        adding: list[asyncio.Future[None]] = []
        for action, what in script:
            if action == "add":
                wanted |= set(what)
                adding.append(asyncio.ensure_future(events.add(what)))
                await asyncio.sleep(0)
            elif action == "remove":
                if not wanted - set(what):
                    continue
                wanted -= set(what)
                await events.remove(what)
            elif action == "lose" and vendor.lines:
                vendor.line.lose()
            elif action == "refuse":
                vendor.refuse = iter([Disconnected("down")])
                if vendor.lines:
                    vendor.line.lose()
            elif action == "deafen" and vendor.lines:
                vendor.line.answers_pings = False
            elif action == "leave":
                ear.leave()
                ear = Ear().to(events)
            elif action == "wait":
                await after(what)
        await after(400)
        assert events.status is CONNECTED
        assert set(events.subscriptions) == wanted
        assert vendor.line.topics == {f"T.{symbol}" for symbol in wanted}
        assert len(vendor.open_lines) == 1
        assert ear.errors == []
        for symbol in wanted:
            vendor.line.say(trade(symbol))
        await settled()
        assert {fact.symbol for fact in ear.of(Trade)} == wanted
        await events.close()
        await asyncio.gather(*adding, return_exceptions=acks == "none")

    run(story)


@pytest.mark.parametrize("symbols", [[1], {"A": 1}, {1: "A"}])
def test_symbols_that_are_no_texts_are_refused_with_their_value(symbols: Any) -> None:
    with pytest.raises(TypeError, match="symbols must be texts, got 1"):
        feed(a_polygon(), symbols)

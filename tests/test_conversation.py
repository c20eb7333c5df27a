"""A conversation alone: what a feed and a provider say to each other, message by message."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from reactivex.subject import Subject
from reactivex.testing import TestScheduler

from ordinis_rx.config import StreamConfig
from ordinis_rx.conversation import Conversation
from ordinis_rx.errors import AuthError, Disconnected
from ordinis_rx.events import Event, FeedError
from ordinis_rx.feed_stats import Meter
from ordinis_rx.providers.finnhub import finnhub
from ordinis_rx.providers.protocol import Acknowledged, Decoded, Provider, Topic
from ordinis_rx.session import Session
from ordinis_rx.subscriptions import Subscriptions
from ordinis_rx.taps import Taps
from ordinis_rx.timebase import SECOND
from tests.transport import KEY, Ear, a_polygon


class Talk:
    """A session whose connection is a subject, and whose clock is a scheduler's."""

    def __init__(self, provider: Provider | None = None, **settings: Any) -> None:
        self.provider = provider or a_polygon()
        self.said: list[str | bytes] = []
        self.told: list[Event] = []
        self.calls: list[str] = []
        self.wall = 1_000
        self.scheduler = TestScheduler()
        self.subscriptions = Subscriptions(
            self.provider, ["AAPL"], frozenset(self.provider.default_channels & {"trades"})
        )
        self.session = Session(
            self.provider,
            self.subscriptions,
            StreamConfig(**settings),
            Meter(),
            Taps([]),
            tell=self.told.extend,
            ready=lambda: self.calls.append("ready"),
            acknowledged=lambda: self.calls.append("acknowledged"),
            lapsed=lambda topics: self.calls.append("lapsed"),
            refused=lambda: self.calls.append("refused"),
            settled=lambda: self.calls.append("settled"),
            wall=lambda: self.wall,
        )
        self.connect()

    def connect(self) -> None:
        self.wire: Subject[bytes] = Subject()
        self.conversation = Conversation(self.session)
        self.ear = Ear()
        self.ear.subscription = self.conversation.facts(self.wire).subscribe(
            lambda facts: [self.ear.on_next(fact) for fact in facts] and None,
            self.ear.on_error,
            self.ear.on_completed,
            scheduler=self.scheduler,
        )

    def send(self, *texts: str | bytes) -> bool:
        self.said.extend(texts)
        return True

    def let_in(self) -> None:
        self.conversation.opened(self.send)
        self.wire.on_next(b'[{"ev":"status","status":"auth_success"}]')


def test_the_order_is_open_login_ready_subscribe_acknowledged_settled() -> None:
    talk = Talk()
    assert not talk.session.let_in
    talk.conversation.opened(talk.send)
    assert (talk.said, talk.calls) == ([], [])
    talk.wire.on_next(b'[{"ev":"status","status":"auth_success"}]')
    assert talk.session.let_in
    assert talk.calls == ["ready"]
    assert talk.said == ['{"action":"subscribe","params":"T.AAPL"}']
    talk.wire.on_next(b'[{"ev":"status","status":"success","message":"subscribed to: T.AAPL"}]')
    assert talk.calls == ["ready", "acknowledged", "settled"]


def test_what_is_confirmed_too_late_is_told_as_settled_only_where_its_data_were_missing() -> None:
    talk = Talk(acknowledge_timeout_seconds=3.0)
    confirmed = b'[{"ev":"status","status":"success","message":"subscribed to: T.AAPL"}]'
    talk.let_in()
    talk.scheduler.advance_to(4.0)
    assert talk.calls == ["ready", "settled"]
    talk.wire.on_next(confirmed)  # it was never in force
    talk.wire.on_next(confirmed)  # it says nothing new
    assert talk.calls == ["ready", "settled", "acknowledged", "acknowledged"]
    talk.connect()
    talk.let_in()
    talk.scheduler.advance_to(8.0)
    talk.calls.clear()
    talk.subscriptions.unconfirmed.turned.clear()
    talk.wire.on_next(confirmed)
    assert talk.calls == ["acknowledged", "settled"]


def test_where_nobody_logs_in_opening_is_enough() -> None:
    talk = Talk(finnhub("token"))
    talk.conversation.opened(talk.send)
    assert talk.calls == ["ready", "settled"]
    assert talk.said == ['{"type":"subscribe","symbol":"AAPL"}']


def test_what_is_refused_is_told_of_each_symbol_by_our_name() -> None:
    refused = tuple(Topic("trades", native) for native in ("XA", "MSFT", "AAPL"))
    inner = a_polygon().decoder({})

    def decode(raw: bytes, ts_recv: int, seq: int) -> Decoded:
        if raw != b"no":
            return inner(raw, ts_recv, seq)
        return [], (Acknowledged(refused=refused, reason="no plan"),)

    talk = Talk(dataclasses.replace(a_polygon(), decoder=lambda names: decode))
    talk.subscriptions.add({"ours": "XA"})
    talk.let_in()
    talk.wire.on_next(b"no")

    told = [(fact.symbol, fact.message) for fact in talk.told if isinstance(fact, FeedError)]
    assert told == [("ours", "trades of XA: no plan"), ("AAPL", "trades of AAPL: no plan")]


def test_a_provider_that_gives_no_messages_is_named_and_nothing_is_sent() -> None:
    def subscribe(topics: object) -> Any:
        return "ab"

    talk = Talk(dataclasses.replace(a_polygon(), subscribe=subscribe))
    with pytest.raises(TypeError, match="polygon: subscribe gave str, not a list of texts"):
        talk.let_in()
    assert talk.said == []


def test_a_protocols_question_is_answered() -> None:
    talk = Talk(finnhub("token"))
    talk.conversation.opened(talk.send)
    talk.wire.on_next(b'{"type":"ping"}')
    assert talk.said[-1] == '{"type":"pong"}'


def test_a_question_before_the_connection_is_open_has_nobody_to_answer_to() -> None:
    talk = Talk(finnhub("token"))
    talk.wire.on_next(b'{"type":"ping"}')
    assert (talk.said, talk.ear.errors) == ([], [])


def test_numbers_rise_through_facts_errors_and_statuses() -> None:
    talk = Talk()
    talk.let_in()
    talk.wire.on_next(b'[{"ev":"T","sym":"AAPL","p":1,"s":1,"t":1700000000000,"x":1,"i":"1"}] ')
    assert talk.session.next_seq(3) == 2
    talk.wire.on_next(b"dirt")
    talk.wire.on_next(b'[{"ev":"T","sym":"AAPL","p":1,"s":1,"t":1700000000000,"x":1,"i":"1"}] ')
    assert [fact.seq for fact in talk.ear.facts] == [1, 5, 6]


def test_the_deadline_of_the_login_is_a_lost_connection() -> None:
    talk = Talk(connection_timeout_seconds=7.0)
    talk.conversation.opened(talk.send)
    talk.scheduler.advance_to(6.9)
    assert talk.ear.errors == []
    talk.scheduler.advance_to(7.1)
    assert [str(error) for error in talk.ear.errors] == [
        "disconnected: polygon did not let us in within 7 s"
    ]
    assert not talk.wire.observers


def test_a_missing_acknowledgement_is_told_once_and_then_no_longer_waited_for() -> None:
    talk = Talk(acknowledge_timeout_seconds=3.0)
    talk.let_in()
    talk.scheduler.advance_to(100.0)
    (error,) = talk.told
    assert isinstance(error, FeedError)
    assert error.message == "no acknowledgement within 3 s for trades of AAPL"
    assert talk.calls == ["ready", "settled"]


def test_after_the_end_no_timer_of_a_connection_is_left() -> None:
    talk = Talk(acknowledge_timeout_seconds=3.0)
    talk.let_in()
    talk.wire.on_error(Disconnected("gone"))
    talk.scheduler.advance_to(100.0)
    assert talk.told == []
    assert [type(error) for error in talk.ear.errors] == [Disconnected]
    assert not talk.session.let_in
    said = len(talk.said)
    talk.subscriptions.add(["MSFT"])
    talk.session.reconcile()
    assert len(talk.said) == said


def test_an_old_connection_that_ends_late_does_not_take_the_new_one_with_it() -> None:
    talk = Talk()
    talk.let_in()
    old = talk.ear.subscription
    talk.connect()
    talk.let_in()
    old.dispose()
    assert talk.session.let_in
    talk.subscriptions.add(["MSFT"])
    talk.session.reconcile()
    assert talk.said[-1] == '{"action":"subscribe","params":"T.MSFT"}'


def test_a_refusal_ends_the_conversation_there_and_then() -> None:
    talk = Talk()
    talk.conversation.opened(talk.send)
    talk.wire.on_next(
        b'[{"ev":"status","status":"auth_failed","message":"no"},'
        b'{"ev":"status","status":"auth_success"}]'
    )
    assert [type(error) for error in talk.ear.errors] == [AuthError]
    assert talk.calls == []
    assert not talk.wire.observers


def test_a_goodbye_that_repeats_our_key_is_told_without_it() -> None:
    talk = Talk()
    talk.wire.on_error(Disconnected(f"bad key {KEY}", code=1008, cool_down=5.0))
    (error,) = talk.ear.errors
    assert isinstance(error, Disconnected)
    assert (error.reason, error.code, error.cool_down) == ("bad key ***", 1008, 5.0)


SUBSCRIBED = b'[{"ev":"status","status":"success","message":"subscribed to: T.AAPL"}]'
ENDED = b'[{"ev":"status","status":"success","message":"unsubscribed to: T.AAPL"}]'


def ended(talk: Talk) -> list[float]:
    """After how many seconds it is asked again, each time it was told that something was ended."""
    messages = [fact.message for fact in talk.told if isinstance(fact, FeedError)]
    assert all(message.startswith("the vendor ended trades of ") for message in messages)
    return [float(message.rpartition(" in ")[2].removesuffix(" s")) for message in messages]


def test_what_a_vendor_keeps_ending_is_asked_for_less_and_less_readily_but_for_ever() -> None:
    talk = Talk(max_reconnect_attempts=2, reconnect_delay_max_seconds=30.0)
    talk.let_in()
    talk.wire.on_next(SUBSCRIBED)
    for patience in (1.0, 2.0, 30.0, 30.0):
        asked = len(talk.said)
        talk.wire.on_next(ENDED)
        assert talk.calls[-2:] == ["lapsed", "acknowledged"]
        assert len(talk.said) == asked
        talk.scheduler.advance_by(patience)
        assert talk.said[asked:] == ['{"action":"subscribe","params":"T.AAPL"}']
        talk.wire.on_next(SUBSCRIBED)
        assert talk.calls[-1] == "settled"
    first, second, *further = ended(talk)
    assert (first, further) == (1.0, [30.0, 30.0])
    assert 1.0 <= second <= 2.0


def test_once_all_has_been_in_force_for_a_while_the_row_of_waits_begins_anew() -> None:
    talk = Talk(max_reconnect_attempts=1, stable_seconds=10.0)
    talk.let_in()
    for stable in (9, 10, 9):
        talk.wire.on_next(SUBSCRIBED)
        talk.wall += stable * SECOND
        talk.wire.on_next(SUBSCRIBED)  # said again: it is in force since before
        talk.wire.on_next(ENDED)
        talk.scheduler.advance_by(1.0)
        talk.wall += 60 * SECOND  # it was not in force all that time
    assert ended(talk) == [1.0, 1.0, 60.0]


def test_what_is_ended_in_one_moment_is_asked_for_again_together() -> None:
    talk = Talk()
    symbols = [f"S{number}" for number in range(14)]
    talk.subscriptions.add(symbols)
    talk.let_in()
    for symbol in ("AAPL", *symbols):
        talk.wire.on_next(SUBSCRIBED.replace(b"AAPL", symbol.encode()))
    for symbol in symbols:
        talk.wire.on_next(ENDED.replace(b"AAPL", symbol.encode()))
        talk.wall += SECOND // 10
    assert ended(talk) == [1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0, 0.0, 0.0, 0.0]
    asked = len(talk.said)
    talk.scheduler.advance_by(60.0)
    assert talk.said[asked:] == [
        f'{{"action":"subscribe","params":"{",".join(f"T.{symbol}" for symbol in symbols)}"}}'
    ]


def test_who_hangs_up_at_a_refusal_hears_of_no_end_in_the_same_message() -> None:
    topics = (Topic("trades", "AAPL"),), (Topic("trades", "MSFT"),)

    def decoder(names: Any) -> Any:
        inner = a_polygon().decoder(names)

        def decode(raw: bytes, ts_recv: int, seq: int) -> Any:
            if raw != b"both":
                return inner(raw, ts_recv, seq)
            return [], (Acknowledged(ended=topics[0], refused=topics[1], reason="no"),)

        return decode

    talk = Talk(dataclasses.replace(a_polygon(), decoder=decoder))
    talk.subscriptions.add(["MSFT"])
    talk.let_in()
    talk.wire.on_next(SUBSCRIBED)

    def leave(facts: list[Event]) -> None:
        talk.told.extend(facts)
        talk.ear.leave()

    talk.session.tell = leave
    talk.wire.on_next(b"both")
    assert [fact.kind for fact in talk.told if isinstance(fact, FeedError)] == ["refused"]
    assert talk.calls[-1] == "refused"


def test_what_was_ended_and_is_removed_meanwhile_is_not_asked_for_again() -> None:
    talk = Talk()
    talk.subscriptions.add(["MSFT"])
    talk.let_in()
    talk.wire.on_next(SUBSCRIBED)
    talk.wire.on_next(SUBSCRIBED.replace(b"AAPL", b"MSFT"))
    talk.wire.on_next(ENDED)
    talk.subscriptions.remove(["AAPL"])
    asked = len(talk.said)
    talk.scheduler.advance_by(60.0)
    assert talk.said[asked:] == []
    assert talk.calls[-1] == "settled"

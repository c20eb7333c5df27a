from __future__ import annotations

import json

import pytest

from ordinis_rx.events import Trade, TradeFlags
from ordinis_rx.providers import polygon as vendor
from ordinis_rx.providers.protocol import Topic
from ordinis_rx.sim import market
from ordinis_rx.sim.dialects.dialect import Access, Answer, Ending, Handshake
from ordinis_rx.sim.dialects.polygon import POLYGON
from ordinis_rx.timebase import SECOND


def _session(path: str = "/stocks"):  # type: ignore[no-untyped-def]
    return POLYGON.session(Access("key", "", None), Handshake(path, {}, {}))


def _authenticated(path: str = "/stocks"):  # type: ignore[no-untyped-def]
    session = _session(path)
    assert session.receive('{"action":"auth","params":"key"}').admitted
    return session


def _statuses(answer: Answer) -> list[tuple[str, str]]:
    return [
        (message["status"], message["message"])
        for frame in answer.frames
        for message in json.loads(frame)
    ]


def test_it_speaks_first() -> None:
    assert _session().greet().frames == (
        '[{"ev":"status","status":"connected","message":"Connected Successfully"}]',
    )


def test_the_right_key_is_let_in() -> None:
    answer = _session().receive('{"action":"auth","params":"key"}')

    assert _statuses(answer) == [("auth_success", "authenticated")]
    assert (answer.admitted, answer.turned_away, answer.ending) == (True, False, None)


def test_a_wrong_key_is_told_and_then_cut_off_without_a_close_frame() -> None:
    answer = _session().receive('{"action":"auth","params":"wrong"}')

    assert _statuses(answer) == [("auth_failed", "authentication failed")]
    assert (answer.admitted, answer.turned_away, answer.ending) == (False, True, Ending(None))


def test_each_topic_is_confirmed_by_its_own_name() -> None:
    session = _authenticated()
    answer = session.receive('{"action":"subscribe","params":"T.AAPL, AM.MSFT,Q.*"}')

    assert _statuses(answer) == [
        ("success", "subscribed to: T.AAPL"),
        ("success", "subscribed to: AM.MSFT"),
        ("success", "subscribed to: Q.*"),
    ]
    assert len(answer.frames) == 1
    assert answer.subscribed == 3
    assert session.topics == {
        Topic("trades", "AAPL"),
        Topic("minute_bars", "MSFT"),
        Topic("quotes", "*"),
    }


def test_an_unknown_topic_is_ignored_in_silence() -> None:
    session = _authenticated()

    assert session.receive('{"action":"subscribe","params":"ZZ.AAPL,T"}') == Answer()
    assert session.topics == set()


def test_a_repeated_subscription_is_not_confirmed_again() -> None:
    session = _authenticated()
    session.receive('{"action":"subscribe","params":"T.AAPL"}')
    answer = session.receive('{"action":"subscribe","params":"T.AAPL,T.MSFT"}')

    assert _statuses(answer) == [("success", "subscribed to: T.MSFT")]
    assert answer.subscribed == 1


def test_unsubscribing_is_confirmed_for_what_was_subscribed() -> None:
    session = _authenticated()
    session.receive('{"action":"subscribe","params":"T.AAPL"}')
    answer = session.receive('{"action":"unsubscribe","params":"T.AAPL,T.MSFT"}')

    assert _statuses(answer) == [("success", "unsubscribed to: T.AAPL")]
    assert session.topics == set()


def test_nobody_subscribes_before_authenticating() -> None:
    session = _session()

    assert _statuses(session.receive('{"action":"subscribe","params":"T.AAPL"}')) == [
        ("error", "not authorized")
    ]
    assert session.topics == set()


@pytest.mark.parametrize(
    "message", ["", "{", b"\xff\x00", '{"action":5}', '{"action":"dance"}', "[]"]
)
def test_what_it_does_not_understand_is_ignored(message: str | bytes) -> None:
    assert _authenticated().receive(message) == Answer()


def test_the_path_says_which_market_it_is() -> None:
    session = _authenticated("/crypto")
    session.receive('{"action":"subscribe","params":"XT.BTC-USD,T.AAPL"}')

    assert session.topics == {Topic("trades", "BTC-USD")}


def test_farewells_have_the_vendors_words_and_codes() -> None:
    session = _session()

    assert [
        (*_statuses(answer)[0], answer.ending.code)
        for answer in (session.overdue(), session.crowded_out(), session.too_slow())
    ] == [
        ("auth_timeout", "No authentication request received.", 1008),
        ("max_connections", "Maximum number of websocket connections exceeded. ", 1008),
        ("slow_consumer", "Slow consumer: messages could not be delivered.", 1008),
    ]


def test_what_a_print_may_move_survives_the_wire() -> None:
    sent = [
        event
        for event in market(
            ["AAPL"], seed=2, rate=200, duration=20 * SECOND, irregular=0.2
        ).events()
        if isinstance(event, Trade)
    ]
    frames = _session().encode([POLYGON.spelled(trade) for trade in sent])
    provider = vendor.polygon("-")
    read = [fact for frame in frames for fact in provider.decoder({})(frame.encode(), 0, 1)[0]]

    assert [(t.price, t.size, t.flags, t.trade_id) for t in read] == [
        (t.price, t.size, t.flags, t.trade_id) for t in sent
    ]
    assert {t.flags for t in read} >= {
        TradeFlags.VOLUME,
        TradeFlags.VOLUME | TradeFlags.ODD_LOT,
        TradeFlags.HIGH_LOW | TradeFlags.VOLUME | TradeFlags.LATE,
    }
    assert {t.venue for t in read} == {"4", "10", "11", "12", "15", "19"}

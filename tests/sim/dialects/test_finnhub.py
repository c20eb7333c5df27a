from __future__ import annotations

import json

import pytest

from ordinis_rx.events import Trade
from ordinis_rx.providers import finnhub as vendor
from ordinis_rx.providers.protocol import Topic
from ordinis_rx.sim import market
from ordinis_rx.sim.dialects.dialect import Access, Answer, Ending, Handshake
from ordinis_rx.sim.dialects.finnhub import FINNHUB
from ordinis_rx.timebase import SECOND


def _session(limit: int | None = 50):  # type: ignore[no-untyped-def]
    return FINNHUB.session(Access("token", "", limit), Handshake("/", {"token": "token"}, {}))


def _asked(word: str, symbol: str) -> str:
    return json.dumps({"type": word, "symbol": symbol})


def test_it_says_nothing_first_and_lets_in_at_once() -> None:
    assert _session().greet() == Answer(admitted=True)


def test_subscriptions_are_not_confirmed() -> None:
    session = _session()

    assert session.receive(_asked("subscribe", "AAPL")) == Answer(subscribed=1)
    assert session.receive(_asked("subscribe", "AAPL")) == Answer()
    assert session.topics == {Topic("trades", "AAPL")}
    assert session.receive(_asked("unsubscribe", "AAPL")) == Answer()
    assert session.topics == set()


def test_a_symbol_too_many_is_refused_in_words_and_then_silent() -> None:
    session = _session(limit=2)
    answers = [session.receive(_asked("subscribe", symbol)) for symbol in "ABC"]

    assert answers[2].frames == ('{"type":"error","msg":"Subscribing to too many symbols"}',)
    assert answers[2].ending is None
    assert session.topics == {Topic("trades", "A"), Topic("trades", "B")}


@pytest.mark.parametrize(
    "message",
    [
        "",
        "[]",
        b"\x00",
        '{"type":"pong"}',
        '{"type":"subscribe-news","symbol":"A"}',
        '{"type":"subscribe"}',
    ],
)
def test_what_it_does_not_understand_is_ignored(message: str | bytes) -> None:
    session = _session()

    assert session.receive(message) == Answer()
    assert session.topics == set()


def test_it_pings_in_json_and_leaves_without_words() -> None:
    session = _session()

    assert session.idle() == '{"type":"ping"}'
    assert session.crowded_out() == Answer(ending=Ending(None))
    assert session.too_slow() == Answer(ending=Ending(1008))


def test_what_a_print_may_move_survives_the_wire() -> None:
    sent = [
        event
        for event in market(
            ["AAPL"], seed=2, rate=200, duration=20 * SECOND, irregular=0.2
        ).events()
        if isinstance(event, Trade)
    ]
    spelled = [told for trade in sent if (told := FINNHUB.spelled(trade)) is not None]
    [frame] = _session().encode(spelled)
    read, _ = vendor.finnhub("token").decoder({})(frame.encode(), 0, 1)
    known = [trade for trade in sent if trade.conditions[0] in "@T"]

    assert len(known) < len(sent)
    assert [(t.price, t.size, t.flags) for t in read] == [(t.price, t.size, t.flags) for t in known]

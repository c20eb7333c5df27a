from __future__ import annotations

import json

import msgspec
import pytest

from ordinis_rx.events import Trade
from ordinis_rx.providers import alpaca as vendor
from ordinis_rx.providers.protocol import Topic
from ordinis_rx.sim import market
from ordinis_rx.sim.dialects.alpaca import ALPACA
from ordinis_rx.sim.dialects.dialect import Access, Answer, Handshake
from ordinis_rx.timebase import SECOND

AUTH = '{"action":"auth","key":"key","secret":"secret"}'


def _session(limit: int | None = None, **headers: str):  # type: ignore[no-untyped-def]
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return ALPACA.session(Access("key", "secret", limit), Handshake("/v2/iex", {}, named))


def _authenticated(limit: int | None = None):  # type: ignore[no-untyped-def]
    session = _session(limit)
    assert session.receive(AUTH).admitted
    return session


def _told(answer: Answer) -> list[dict[str, object]]:
    return [message for frame in answer.frames for message in json.loads(frame)]


def test_it_greets_and_wants_key_and_secret() -> None:
    session = _session()

    assert _told(session.greet()) == [{"T": "success", "msg": "connected"}]
    assert _told(session.receive(AUTH)) == [{"T": "success", "msg": "authenticated"}]


@pytest.mark.parametrize(("key", "secret"), [("key", "no"), ("no", "secret"), ("", "")])
def test_a_wrong_key_or_secret_is_error_402(key: str, secret: str) -> None:
    answer = _session().receive(json.dumps({"action": "auth", "key": key, "secret": secret}))

    assert _told(answer) == [{"T": "error", "code": 402, "msg": "auth failed"}]
    assert (answer.admitted, answer.turned_away) == (False, True)


def test_the_key_may_come_in_the_headers() -> None:
    let_in = _session(apca_api_key_id="key", apca_api_secret_key="secret").greet()
    kept_out = _session(apca_api_key_id="key", apca_api_secret_key="no").greet()

    assert let_in.admitted
    assert [m["msg"] for m in _told(let_in)] == ["connected", "authenticated"]
    assert kept_out.turned_away
    assert [m.get("code") for m in _told(kept_out)] == [None, 402]


def test_every_confirmation_is_the_whole_set_in_force() -> None:
    session = _authenticated()
    first = session.receive('{"action":"subscribe","trades":["AAPL"],"updatedBars":["AAPL"]}')
    second = session.receive('{"action":"subscribe","trades":["MSFT"],"quotes":["MSFT"]}')
    third = session.receive('{"action":"unsubscribe","trades":["AAPL"]}')

    assert (first.subscribed, second.subscribed, third.subscribed) == (2, 2, 0)
    [full] = _told(second)
    assert (full["trades"], full["quotes"]) == (["AAPL", "MSFT"], ["MSFT"])
    assert (full["updatedBars"], full["bars"]) == (["AAPL"], [])
    assert full["corrections"] == full["cancelErrors"] == ["AAPL", "MSFT"]
    assert _told(third)[0]["trades"] == ["MSFT"]
    assert session.topics == {
        Topic("trades", "MSFT"),
        Topic("quotes", "MSFT"),
        Topic("updated_bars", "AAPL"),
    }


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("{", 400),
        ('{"action":"dance"}', 400),
        (AUTH, 403),
        ('{"action":"subscribe","trades":["A","B","C"]}', 405),
    ],
)
def test_errors_are_numbered(message: str, code: int) -> None:
    session = _authenticated(limit=2)
    answer = session.receive(message)

    assert [m["code"] for m in _told(answer)] == [code]
    assert answer.ending is None
    assert session.topics == set()


def test_nobody_subscribes_before_authenticating() -> None:
    assert _told(_session().receive('{"action":"subscribe","trades":["A"]}')) == [
        {"T": "error", "code": 401, "msg": "not authenticated"}
    ]


def test_farewells_are_numbered_too() -> None:
    session = _session()
    farewells = [session.overdue(), session.crowded_out(), session.too_slow()]

    assert [_told(answer)[0]["code"] for answer in farewells] == [404, 406, 407]
    assert all(answer.ending is not None for answer in farewells)


def test_msgpack_is_spoken_where_the_handshake_asks_for_it() -> None:
    session = _session(content_type="application/msgpack")
    [hello] = session.greet().frames
    answer = session.receive(
        msgspec.msgpack.encode({"action": "auth", "key": "key", "secret": "secret"})
    )

    assert msgspec.msgpack.decode(hello) == [{"T": "success", "msg": "connected"}]
    assert answer.admitted


def test_what_a_print_may_move_survives_the_wire() -> None:
    sent = [
        event
        for event in market(
            ["AAPL"], seed=2, rate=200, duration=20 * SECOND, irregular=0.2
        ).events()
        if isinstance(event, Trade)
    ]
    frames = _session().encode([ALPACA.spelled(trade) for trade in sent])
    decode = vendor.alpaca("-", "-").decoder({})
    read = [fact for frame in frames for fact in decode(frame.encode(), 0, 1)[0]]

    assert [(t.price, t.size, t.flags, t.ts_event) for t in read] == [
        (t.price, t.size, t.flags, t.ts_event) for t in sent
    ]

"""What every vendor's side of a conversation keeps, whatever its words."""

from __future__ import annotations

import pytest

from ordinis_rx.events import Event, Trade
from ordinis_rx.providers.alpaca import alpaca
from ordinis_rx.providers.finnhub import finnhub
from ordinis_rx.providers.polygon import polygon
from ordinis_rx.providers.protocol import Provider, Topic
from ordinis_rx.sim.dialects import DIALECTS
from ordinis_rx.sim.dialects.dialect import Access, Answer, Handshake, Session

KEY, SECRET = "canary-key", "canary-secret"

PROVIDERS: dict[str, Provider] = {
    "polygon": polygon(KEY),
    "finnhub": finnhub(KEY),
    "alpaca": alpaca(KEY, SECRET),
}

each = pytest.mark.parametrize("name", DIALECTS)


def opened(name: str, *, max_symbols: int | None = None) -> Session:
    """A session that our own provider has opened, with its hello."""
    dialect = DIALECTS[name]
    query = {} if dialect.key_in_query is None else {dialect.key_in_query: KEY}
    session = dialect.session(
        Access(KEY, SECRET, max_symbols), Handshake(dialect.path, query, headers={})
    )
    answers = [session.greet(), *(session.receive(text) for text in PROVIDERS[name].hello)]
    assert any(answer.admitted for answer in answers)
    return session


def subscribed(session: Session, name: str, *symbols: str) -> list[Answer]:
    texts = PROVIDERS[name].subscribe([Topic("trades", symbol) for symbol in symbols])
    return [session.receive(text) for text in texts]


@each
def test_a_provider_of_ours_is_understood(name: str) -> None:
    session = opened(name)

    answers = subscribed(session, name, "AAPL", "MSFT")

    assert session.topics == {Topic("trades", "AAPL"), Topic("trades", "MSFT")}
    assert sum(answer.subscribed for answer in answers) == 2


@each
def test_what_ends_is_no_longer_subscribed_to(name: str) -> None:
    session = opened(name)
    subscribed(session, name, "AAPL", "MSFT")

    for text in PROVIDERS[name].unsubscribe([Topic("trades", "AAPL")]):
        session.receive(text)

    assert session.topics == {Topic("trades", "MSFT")}


@each
def test_what_is_encoded_is_what_our_provider_decodes(name: str) -> None:
    dialect, session = DIALECTS[name], opened(name)
    trade = Trade(
        symbol="AAPL",
        ts_event=1_700_000_000_123_000_000,
        price=185.25,
        size=100.0,
        venue="Q",
        trade_id="7",
        conditions=("@",),
    )
    spelled = dialect.spelled(trade)
    assert spelled is not None

    decode = PROVIDERS[name].decoder({})
    facts: list[Event] = []
    for frame in session.encode([spelled]):
        facts += decode(frame.encode() if isinstance(frame, str) else frame, 1, 1)[0]

    [told] = facts
    assert isinstance(told, Trade)
    assert (told.symbol, told.price, told.size) == ("AAPL", 185.25, 100.0)
    assert told.ts_event == trade.ts_event


@pytest.mark.parametrize("name", [name for name in DIALECTS if DIALECTS[name].max_symbols])
def test_a_limit_of_symbols_holds(name: str) -> None:
    session = opened(name, max_symbols=2)

    subscribed(session, name, "A", "B", "C")

    assert len({topic.symbol for topic in session.topics}) <= 2


@each
def test_every_farewell_ends_the_connection(name: str) -> None:
    for farewell in (Session.overdue, Session.crowded_out, Session.too_slow):
        answer: Answer = getattr(opened(name), farewell.__name__)()

        assert answer.ending is not None


@each
def test_no_repr_shows_who_is_let_in(name: str) -> None:
    access = Access(KEY, SECRET, None)
    handshake = Handshake(DIALECTS[name].path, {"token": KEY}, {"authorization": SECRET})

    assert "canary" not in repr(access) + repr(handshake) + repr(opened(name))

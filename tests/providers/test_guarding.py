from __future__ import annotations

import dataclasses
import logging
from typing import Any

import pytest

from ordinis_rx.errors import DecodeError, SubscriptionError
from ordinis_rx.events import FeedError
from ordinis_rx.providers.guarding import asked, guarded
from ordinis_rx.providers.protocol import Reply, Topic
from ordinis_rx.testing import a_trade
from tests.transport import KEY, a_polygon

TOPICS = [Topic("trades", "AAPL")]


def read(given: Any) -> tuple[list[Any], Any]:
    return guarded("acme", lambda raw, ts_recv, seq: given)(b"raw", 7, 3)


@pytest.mark.parametrize("controls", [(), [], (Reply("pong"),), [Reply(b"pong")]])
def test_what_a_decoder_gives_as_it_should_is_handed_on_as_it_is(controls: Any) -> None:
    given = ([a_trade(1.0)], controls)

    assert read(given) is given


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (None, "NoneType, not facts and controls, as in [trade], ()"),
        ((5, ()), "int for a list of facts"),
        ((a_trade(1.0), ()), "Trade for a list of facts"),
        ((["no"], ()), "str for a fact"),
        (([], 5), "int for a sequence of controls"),
        (([a_trade(1.0)], None), "NoneType for a sequence of controls"),
        (([], "ok"), "str for a sequence of controls"),
        (([], ("ok",)), "str for a control"),
    ],
)
def test_what_a_decoder_gives_wrongly_is_told_and_counted(given: Any, told: str) -> None:
    [error], controls = read(given)

    assert isinstance(error, FeedError)
    assert error.message == f"the decoder gave {told}"
    assert (error.provider, error.kind, error.raw) == ("acme", "undecodable", b"raw")
    assert (error.ts_recv, error.seq, controls) == (7, 3, ())


def test_what_a_decoder_raises_is_told_with_its_place_and_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def decode(raw: bytes, ts_recv: int, seq: int) -> Any:
        if raw == b"odd":
            raise DecodeError("acme", raw, "odd")
        return {"price": "canary"}[raw.decode()]

    line = decode.__code__.co_firstlineno + 3
    caplog.set_level(logging.DEBUG)
    reader = guarded("acme", decode)

    told = [reader(raw, 7, 1)[0][0] for raw in (b"canary", b"canary", b"odd")]

    why = f"the decoder raised KeyError at test_guarding.py, line {line}"
    assert [error.message for error in told] == [why, why, "odd"]  # type: ignore[union-attr]
    logged = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert logged == [("WARNING", f"acme: {why}"), ("DEBUG", f"acme: {why}")]
    assert [bool(record.exc_info) for record in caplog.records] == [False, True]


@pytest.mark.parametrize("what", ["subscribe", "unsubscribe"])
@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("ab", "gave str, not a list of texts"),
        (None, "gave NoneType, not a list of texts"),
        ([{"op": "sub"}], "gave dict in its list, not a text"),
    ],
)
def test_what_is_no_list_of_texts_is_not_sent(what: Any, given: Any, told: str) -> None:
    provider = dataclasses.replace(a_polygon(), **{what: lambda topics: given})

    with pytest.raises(TypeError) as caught:
        asked(provider, what, TOPICS)

    assert str(caught.value) == f"polygon: {what} {told}"


def test_a_function_of_a_provider_that_raises_is_named_without_our_keys() -> None:
    def fails(topics: object) -> Any:
        raise ZeroDivisionError(f"nothing for {KEY}")

    with pytest.raises(RuntimeError) as caught:
        asked(dataclasses.replace(a_polygon(), subscribe=fails), "subscribe", TOPICS)

    assert str(caught.value) == "polygon: subscribe raised ZeroDivisionError: nothing for ***"


def test_a_provider_may_refuse_what_it_is_asked_for() -> None:
    def refuses(topics: object) -> Any:
        raise SubscriptionError("polygon", "no such plan")

    with pytest.raises(SubscriptionError):
        asked(dataclasses.replace(a_polygon(), subscribe=refuses), "subscribe", TOPICS)

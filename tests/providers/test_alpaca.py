from __future__ import annotations

import json
from typing import Any, Literal

import msgspec
import pytest

from ordinis_rx.errors import (
    AuthError,
    DecodeError,
    Disconnected,
    OrdinisError,
    SubscriptionError,
)
from ordinis_rx.events import FeedError
from ordinis_rx.providers.alpaca import alpaca
from ordinis_rx.providers.protocol import (
    Acknowledged,
    Authenticated,
    Control,
    Decoded,
    Refused,
    Topic,
)

NOW = 1_700_000_000_000_000_000
AUTH = {"action": "auth", "key": "canary-key", "secret": "canary-secret"}


def decoded(*messages: object) -> Decoded:
    decode = alpaca("canary-key", "canary-secret").decoder({})
    return decode(json.dumps(messages).encode(), NOW, 1)


def said(*messages: object) -> list[Control]:
    facts, controls = decoded(*messages)
    assert not facts
    return list(controls)


def test_each_feed_has_its_address() -> None:
    feeds: dict[Literal["iex", "sip", "delayed_sip", "test", "crypto"], str] = {
        "iex": "wss://stream.data.alpaca.markets/v2/iex",
        "sip": "wss://stream.data.alpaca.markets/v2/sip",
        "delayed_sip": "wss://stream.data.alpaca.markets/v2/delayed_sip",
        "test": "wss://stream.data.alpaca.markets/v2/test",
        "crypto": "wss://stream.data.alpaca.markets/v1beta3/crypto/us",
    }
    for feed, address in feeds.items():
        assert alpaca("k", "s", feed=feed).endpoint.url == address


def test_an_address_of_the_users_replaces_the_whole_one() -> None:
    endpoint = alpaca("k", "s", url="ws://127.0.0.1:9/v2/iex?x=canary").endpoint

    assert endpoint.url == "ws://127.0.0.1:9/v2/iex?x=canary"
    assert endpoint.shown == "ws://127.0.0.1:9/v2/iex"


def test_unknown_feeds_and_codecs_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no feed 'opra'"):
        alpaca("k", "s", feed="opra")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no codec 'xml'"):
        alpaca("k", "s", codec="xml")  # type: ignore[arg-type]


def test_an_empty_key_or_secret_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="alpaca: key is empty"):
        alpaca("", "s")
    with pytest.raises(ValueError, match="alpaca: secret is empty"):
        alpaca("k", "")


def test_the_hello_is_the_login_and_nothing_shows_it() -> None:
    provider = alpaca("canary-key", "canary-secret")

    assert [json.loads(message) for message in provider.hello] == [AUTH]
    assert provider.authenticates
    assert provider.acknowledges
    assert "canary" not in repr(provider) + repr(provider.endpoint)


def test_messagepack_is_asked_for_by_a_header_and_spoken_by_us() -> None:
    provider = alpaca("canary-key", "canary-secret", codec="msgpack")

    assert provider.endpoint.headers == {"Content-Type": "application/msgpack"}
    assert msgspec.msgpack.decode(bytes(provider.hello[0])) == AUTH
    [message] = provider.subscribe([Topic("trades", "AAPL")])
    assert isinstance(message, bytes)
    assert msgspec.msgpack.decode(message) == {"action": "subscribe", "trades": ["AAPL"]}
    assert alpaca("k", "s").endpoint.headers == {}


def test_one_message_subscribes_to_all_channels_by_the_vendors_names() -> None:
    provider = alpaca("k", "s")
    topics = provider.topics(["AAPL", "MSFT"], provider.channels)

    [message] = provider.subscribe(topics)
    request = json.loads(message)
    assert request.pop("action") == "subscribe"
    assert set(request) == {
        "trades",
        "quotes",
        "bars",
        "updatedBars",
        "dailyBars",
        "statuses",
        "lulds",
        "imbalances",
    }
    assert all(symbols == ["AAPL", "MSFT"] for symbols in request.values())

    [message] = provider.unsubscribe(topics[:1])
    assert json.loads(message)["action"] == "unsubscribe"
    assert provider.subscribe([]) == []


def test_crypto_has_fewer_channels_and_pairs_with_a_slash() -> None:
    provider = alpaca("k", "s", feed="crypto")

    assert provider.topics(["BTC/USD"], frozenset({"quotes"})) == [Topic("quotes", "BTC/USD")]
    with pytest.raises(SubscriptionError, match="alpaca refused: no channel 'luld'"):
        provider.topics(["BTC/USD"], frozenset({"luld"}))


def test_symbols_are_neutral_as_they_are() -> None:
    provider = alpaca("k", "s")

    assert provider.from_native(provider.to_native("BRK.B")) == "BRK.B"


def test_the_greeting_says_nothing_and_the_login_is_confirmed() -> None:
    assert said({"T": "success", "msg": "connected"}) == []
    assert said({"T": "success", "msg": "authenticated"}) == [Authenticated()]
    assert said({"T": "success"}) == []


def test_a_confirmation_lists_the_whole_set_by_our_names() -> None:
    [control] = said(
        {
            "T": "subscription",
            "trades": ["AAPL"],
            "quotes": ["AMD", "CLDR"],
            "bars": ["*"],
            "updatedBars": ["SPY"],
            "dailyBars": ["VOO"],
            "statuses": ["*"],
            "lulds": None,
            "corrections": ["AAPL"],
            "cancelErrors": ["AAPL"],
        }
    )

    assert control == Acknowledged(
        (
            Topic("trades", "AAPL"),
            Topic("quotes", "AMD"),
            Topic("quotes", "CLDR"),
            Topic("minute_bars", "*"),
            Topic("updated_bars", "SPY"),
            Topic("daily_bars", "VOO"),
            Topic("statuses", "*"),
        ),
        whole=True,
    )


@pytest.mark.parametrize(
    ("lists", "odd", "topics"),
    [
        ({"trades": ["AAPL", None]}, ["unreadable-trades"], [Topic("trades", "AAPL")]),
        ({"trades": 5, "bars": ["SPY"]}, ["unreadable-trades"], [Topic("minute_bars", "SPY")]),
        (
            {"trades": [["AAPL"]], "quotes": None, "bars": {"SPY": 1}},
            ["unreadable-trades", "unreadable-bars"],
            [],
        ),
    ],
)
def test_a_confirmation_that_can_be_read_in_part_confirms_that_and_ends_nothing(
    lists: dict[str, object], odd: list[str], topics: list[Topic]
) -> None:
    facts, controls = decoded({"T": "subscription", **lists})

    assert [fact.kind for fact in facts if isinstance(fact, FeedError)] == odd
    assert list(controls) == [Acknowledged(tuple(topics))]


def test_an_empty_confirmation_says_that_nothing_is_in_force() -> None:
    assert said({"T": "subscription"}) == [Acknowledged((), whole=True)]


@pytest.mark.parametrize(
    ("code", "message", "kind", "cool_down"),
    [
        (401, "not authenticated", AuthError, None),
        (402, "auth failed", AuthError, None),
        (404, "auth timeout", Disconnected, 0.0),
        (406, "connection limit exceeded", Disconnected, 90.0),
        (407, "slow client", Disconnected, 0.0),
        (408, "v2 not enabled", AuthError, None),
        (409, "insufficient subscription", AuthError, None),
        (411, "insufficient scope", AuthError, None),
        (500, "internal error", Disconnected, 0.0),
    ],
)
def test_an_error_ends_the_conversation_for_good_or_for_now(
    code: int, message: str, kind: type[OrdinisError], cool_down: float | None
) -> None:
    [control] = said({"T": "error", "code": code, "msg": message})

    assert isinstance(control, Refused)
    assert type(control.error) is kind
    assert message in str(control.error)
    assert getattr(control.error, "cool_down", None) == cool_down


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (400, "invalid syntax"),
        (405, "symbol limit exceeded"),
        (410, "invalid subscribe action for this feed"),
    ],
)
def test_a_request_that_is_void_is_declined_and_does_not_end_the_conversation(
    code: int, message: str
) -> None:
    controls = said({"T": "error", "code": code, "msg": f"{message} (canary-key)"})

    assert controls == [Acknowledged(declined=True, reason=f"{message} (***)")]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"code": 403, "msg": "already authenticated"}, "error-403"),
        ({"code": 499, "msg": "new"}, "error-499"),
        ({"msg": "no code"}, "error-0"),
    ],
)
def test_other_errors_are_told_and_not_fatal(error: dict[str, object], kind: str) -> None:
    facts, controls = decoded({"T": "error", **error})

    assert not controls
    [fact] = facts
    assert isinstance(fact, FeedError)
    assert (fact.kind, fact.message) == (kind, error["msg"])


def test_a_vendor_that_repeats_the_keys_does_not_get_them_into_an_error() -> None:
    text = "no such key canary-key / canary-secret"

    [control] = said({"T": "error", "code": 402, "msg": text})
    [fact], _ = decoded({"T": "error", "code": 403, "msg": text})

    assert "canary" not in repr(control) + repr(fact)


def test_every_decoder_has_a_memory_of_its_own() -> None:
    provider = alpaca("k", "s")
    bar = {"T": "b", "S": "A", "o": 1, "h": 1, "l": 1, "c": 1, "v": 1, "vw": 1, "n": 1}
    raw = json.dumps([{**bar, "t": "2021-02-22T19:15:00Z"}]).encode()

    once, twice = provider.decoder({}), provider.decoder({})

    revisions: list[Any] = [once(raw, NOW, 1), once(raw, NOW, 2), twice(raw, NOW, 1)]
    assert [facts[0].revision for facts, _ in revisions] == [0, 1, 0]


@pytest.mark.parametrize(
    "raw", [b"", b"5", b'"t"', b"null", b"[", b'[{"T":"t"', b"\xff", b"[" * 10**5, b"{]"]
)
def test_bytes_that_are_no_message_are_refused_with_their_bytes(raw: bytes) -> None:
    with pytest.raises(DecodeError, match="alpaca sent what cannot be read") as caught:
        alpaca("k", "s").decoder({})(raw, NOW, 1)

    assert caught.value.raw == raw

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from ordinis_rx.providers.reading import (
    RAW_LIMIT,
    blotter,
    check_given,
    feed_error,
    hushed,
    shown,
)


def test_an_error_keeps_the_beginning_of_what_it_is_about() -> None:
    error = feed_error("sim", "odd", "why", b"x" * 9000, ts_recv=5, seq=2, symbol="A")

    assert error.raw == b"x" * RAW_LIMIT
    assert (error.provider, error.kind, error.message) == ("sim", "odd", "why")
    assert (error.symbol, error.ts_event, error.ts_recv, error.seq) == ("A", 5, 5, 2)


def test_an_address_is_shown_without_what_may_be_secret() -> None:
    assert shown("wss://ws.finnhub.io?token=canary") == "wss://ws.finnhub.io"
    assert shown("ws://u:canary@127.0.0.1:81/a/b?k=canary#canary") == "ws://127.0.0.1:81/a/b"


def test_secrets_are_hushed_and_empty_ones_change_nothing() -> None:
    assert hushed("a canary, a Canary", "canary", "") == "a ***, a Canary"


def test_a_vendor_that_talks_without_end_is_cut_short() -> None:
    assert hushed("x" * 3_000_000) == "x" * 1000 + "..."
    assert hushed("x" * 1000) == "x" * 1000


def test_a_key_as_short_as_a_word_does_not_mangle_what_people_read() -> None:
    assert hushed("not a key for AAPL", "key", "A") == "not a key for AAPL"
    assert hushed("not a keys for AAPL", "keys") == "not a *** for AAPL"


def test_a_key_that_could_stand_in_a_message_by_chance_is_not_blotted_out_of_its_bytes() -> None:
    assert blotter(["1234567", "", "12345678"])(b"1234567 12345678") == b"1234567 ********"


@pytest.mark.parametrize("encode", [msgspec.json.encode, msgspec.msgpack.encode])
def test_a_message_without_our_keys_can_still_be_read(encode: Callable[[object], bytes]) -> None:
    message = {"msg": "not for canary-key or clé-secrète", "code": 402}

    raw = blotter(["canary-key", "clé-secrète"])(encode(message))

    told = msgspec.json.decode(raw) if raw[:1] == b"{" else msgspec.msgpack.decode(raw)
    assert told == {"msg": f"not for {'*' * 10} or {'*' * 13}", "code": 402}


@pytest.mark.parametrize(
    ("key", "error", "told"),
    [
        ("", ValueError, "mine: token is empty"),
        (None, ValueError, "mine: token is empty"),
        ("canary\n", ValueError, "mine: token begins or ends with white space"),
        (" canary", ValueError, "mine: token begins or ends with white space"),
        (b"canary", TypeError, "mine: token must be a text, got bytes"),
        (5, TypeError, "mine: token must be a text, got int"),
    ],
)
def test_a_key_that_is_none_is_refused_without_showing_it(
    key: object, error: type[Exception], told: str
) -> None:
    with pytest.raises(error) as caught:
        check_given("mine", token=key)

    assert str(caught.value) == told

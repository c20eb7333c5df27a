"""A provider is a value: what it refuses before anything is dialled, and what it never shows."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest

from ordinis_rx.errors import SubscriptionError
from ordinis_rx.providers.protocol import Decoded, Endpoint, Provider, Topic

CANARY = "canary-key-5309"


def nothing(raw: bytes, ts_recv: int, seq: int) -> Decoded:
    return [], ()


ACME = Provider(
    name="acme",
    endpoint=Endpoint(
        f"wss://stream.acme.test/?token={CANARY}", "wss://stream.acme.test", {"x-key": CANARY}
    ),
    channels=frozenset({"trades", "quotes", "minute_bars"}),
    default_channels=frozenset({"trades", "quotes"}),
    hello=(f'{{"auth":"{CANARY}"}}',),
    authenticates=True,
    acknowledges=True,
    subscribe=lambda topics: [f"+{topic.symbol}" for topic in topics],
    unsubscribe=lambda topics: [f"-{topic.symbol}" for topic in topics],
    decoder=lambda names: nothing,
    encode=lambda events: [],
)


def test_topics_are_every_pair_in_the_order_of_the_symbols() -> None:
    assert ACME.topics(["MSFT", "AAPL"], frozenset({"trades", "quotes"})) == [
        Topic("quotes", "MSFT"),
        Topic("trades", "MSFT"),
        Topic("quotes", "AAPL"),
        Topic("trades", "AAPL"),
    ]


@pytest.mark.parametrize(
    ("symbols", "channels", "told"),
    [
        (["AAPL"], {"trades", "dreams"}, "no channel 'dreams'; it has minute_bars, quotes, trades"),
        ([], {"trades"}, "no symbols given"),
        (["AAPL"], set(), "no channels given"),
        (["AAPL,MSFT"], {"trades"}, "not a symbol: 'AAPL,MSFT'"),
        (["AAPL", ""], {"trades"}, "not a symbol: ''"),
        ([" AAPL"], {"trades"}, "not a symbol: ' AAPL'"),
        (["AAPL", "A\ud800"], {"trades"}, r"not a symbol: 'A\ud800'"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused_with_name_and_value(
    symbols: list[str], channels: set[str], told: str
) -> None:
    with pytest.raises(SubscriptionError) as refused:
        ACME.topics(symbols, frozenset(channels))

    assert str(refused.value) == f"acme refused: {told}"


def test_a_blank_inside_a_symbol_is_the_vendors_business() -> None:
    assert ACME.topics(["IC MARKETS:1"], frozenset({"trades"})) == [Topic("trades", "IC MARKETS:1")]


def test_an_address_of_another_kind_is_refused_and_not_shown() -> None:
    with pytest.raises(ValueError, match=r"^acme: the address must begin with ws:// or wss://$"):
        replace(ACME, endpoint=Endpoint(f"https://stream.acme.test/{CANARY}", "shown"))


def test_the_vendors_limit_counts_each_symbol_once() -> None:
    two = replace(ACME, max_symbols=2)

    assert len(two.topics(["A", "B", "A"], frozenset({"trades"}))) == 3
    with pytest.raises(SubscriptionError, match="3 symbols, but it streams at most 2"):
        two.topics(["A", "B", "C"], frozenset({"trades"}))


def test_a_vendor_may_refuse_a_topic_of_its_own_accord() -> None:
    def no_bars_of_btc(topic: Topic) -> None:
        if topic == Topic("minute_bars", "BTC"):
            raise SubscriptionError("acme", "no bars of BTC")

    strict = replace(ACME, check=no_bars_of_btc)

    assert strict.topics(["BTC"], frozenset({"trades"})) == [Topic("trades", "BTC")]
    with pytest.raises(SubscriptionError, match="no bars of BTC"):
        strict.topics(["BTC"], frozenset({"minute_bars"}))


def test_no_key_is_shown() -> None:
    shown = f"{ACME!r} {ACME} {ACME.endpoint!r} {ACME.endpoint}"

    assert "wss://stream.acme.test" in shown
    assert CANARY not in shown


def test_a_provider_does_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        ACME.name = "other"  # type: ignore[misc]


def test_symbols_are_the_vendors_unless_it_says_otherwise() -> None:
    assert ACME.to_native("AAPL") == ACME.from_native("AAPL") == "AAPL"


@pytest.mark.parametrize(
    ("fields", "error", "told"),
    [
        ({"name": None}, TypeError, "Provider: name must be a text, got None"),
        ({"name": ""}, ValueError, "Provider: name is empty"),
        ({"hello": CANARY}, TypeError, "acme: hello must be a tuple of texts, got str"),
        ({"hello": 5}, TypeError, "acme: hello must be a tuple of texts, got int"),
        ({"hello": iter([CANARY])}, TypeError, "acme: hello must be a tuple of texts, got list_it"),
        ({"hello": (5,)}, TypeError, "acme: hello must be a tuple of texts, got int in it"),
        ({"secrets": CANARY}, TypeError, "acme: secrets must be a tuple of texts, got str"),
        ({"subscribe": 5}, TypeError, "acme: subscribe must be a function, got 5"),
        ({"decoder": None}, TypeError, "acme: decoder must be a function, got None"),
        ({"check": 5}, TypeError, "acme: check must be a function, got 5"),
        ({"channels": ["trades"]}, TypeError, "acme: channels must be a set, as in frozenset"),
        ({"default_channels": "trades"}, TypeError, "acme: default_channels must be a set"),
    ],
)
def test_a_field_that_is_not_what_it_is_for_is_refused_by_name_and_no_key_is_shown(
    fields: Any, error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told) as refused:
        replace(ACME, **fields)
    assert CANARY not in str(refused.value)

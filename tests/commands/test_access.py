from __future__ import annotations

import pytest

from ordinis_rx.commands.access import feed_of, provider_of
from ordinis_rx.commands.values import BadUsage
from ordinis_rx.providers.protocol import Provider

KEYS = {
    "POLYGON_API_KEY": "canary",
    "FINNHUB_TOKEN": "can/ary",
    "APCA_API_KEY_ID": "canary",
    "APCA_API_SECRET_KEY": "canary-too",
}


def made(name: str, market: str | None = None, url: str | None = None) -> Provider:
    return provider_of(name, market=market, url=url, environment=KEYS)


@pytest.mark.parametrize(
    ("name", "market", "shown"),
    [
        ("polygon", None, "wss://socket.massive.com/stocks"),
        ("polygon", "forex", "wss://socket.massive.com/forex"),
        ("finnhub", None, "wss://ws.finnhub.io"),
        ("alpaca", None, "wss://stream.data.alpaca.markets/v2/iex"),
        ("alpaca", "crypto", "wss://stream.data.alpaca.markets/v1beta3/crypto/us"),
    ],
)
def test_a_market_chooses_the_address(name: str, market: str | None, shown: str) -> None:
    assert made(name, market).endpoint.shown == shown


@pytest.mark.parametrize("name", ["polygon", "finnhub", "alpaca"])
def test_no_key_is_in_the_repr(name: str) -> None:
    assert "can" not in repr(made(name))


@pytest.mark.parametrize(
    ("url", "dialled"),
    [
        ("ws://127.0.0.1:1/", "ws://127.0.0.1:1/?token=can%2Fary"),
        ("ws://127.0.0.1:1/?v=2", "ws://127.0.0.1:1/?v=2&token=can%2Fary"),
        ("ws://127.0.0.1:1/?token=mine", "ws://127.0.0.1:1/?token=mine"),
    ],
)
def test_finnhubs_token_joins_an_address_that_has_none(url: str, dialled: str) -> None:
    assert made("finnhub", url=url).endpoint.url == dialled


def test_an_address_with_a_token_needs_none_from_the_environment() -> None:
    provider = provider_of("finnhub", market=None, url="wss://x/?token=mine", environment={})

    assert provider.endpoint.url == "wss://x/?token=mine"


@pytest.mark.parametrize(
    ("name", "market", "complaint"),
    [
        ("polygon", "mars", "polygon has no market 'mars'; it has stocks, "),
        ("alpaca", "mars", "alpaca has no feed 'mars'; it has iex, sip"),
        ("finnhub", "mars", "finnhub has no markets, got --market mars"),
    ],
)
def test_a_market_that_there_is_not_is_refused(name: str, market: str, complaint: str) -> None:
    with pytest.raises(BadUsage, match=complaint):
        made(name, market)


def test_an_address_of_another_kind_is_refused_and_not_repeated() -> None:
    with pytest.raises(BadUsage, match="must begin with ws:// or wss://") as refused:
        made("polygon", url="https://key:canary@host")

    assert "canary" not in str(refused.value)


def test_symbols_that_cannot_be_streamed_are_bad_usage() -> None:
    with pytest.raises(BadUsage, match="not a symbol: ''"):
        feed_of("polygon", [""], market=None, url=None, environment=KEYS)

"""A key goes over a network encrypted or not at all, unless the host is asked for by its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ordinis_rx.providers.alpaca import alpaca
from ordinis_rx.providers.finnhub import finnhub
from ordinis_rx.providers.polygon import polygon
from ordinis_rx.providers.privacy import check_private
from ordinis_rx.providers.protocol import Endpoint
from ordinis_rx.pull.rest.alpaca import AlpacaRest
from ordinis_rx.pull.rest.finnhub import FinnhubRest
from ordinis_rx.pull.rest.polygon import PolygonRest

KEY = "canary-key-2290"

STREAMS: list[Callable[..., Any]] = [
    lambda **options: polygon(KEY, **options),
    lambda **options: finnhub(KEY, **options),
    lambda **options: alpaca(KEY, KEY, **options),
]
SERVICES: list[Callable[..., Any]] = [
    lambda **options: PolygonRest(KEY, **options),
    lambda **options: FinnhubRest(KEY, **options),
    lambda **options: AlpacaRest(KEY, KEY, **options),
]
NAMES = ["polygon", "finnhub", "alpaca"]


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.8.9.10", "localhost", "LOCALHOST", "[::1]", "0.0.0.0", "[::]"],
)
def test_on_this_machine_nothing_need_be_encrypted(host: str) -> None:
    for scheme in ("ws", "http", "WS"):
        check_private("acme", f"{scheme}://{host}:8080/stocks?token={KEY}")


@pytest.mark.parametrize(
    "host",
    [
        "feed.example",
        "localhost.example",
        "127.0.0.1.example",
        "10.0.0.7",
        "192.168.1.1",
        "128.0.0.1",
        "[2001:db8::1]",
        "user:127.0.0.1@feed.example",
    ],
)
def test_to_another_machine_a_key_is_not_sent_in_the_clear(host: str) -> None:
    for scheme in ("ws", "http", "WS", "Http"):
        with pytest.raises(
            ValueError, match=f"acme: a key is not sent over plain {scheme.lower()}:"
        ):
            check_private("acme", f"{scheme}://{host}/stocks?token={KEY}")
        check_private("acme", f"{scheme}s://{host}/stocks?token={KEY}")


@pytest.mark.parametrize(
    ("host", "named"),
    [("feed.lan:81", "feed.lan"), ("feed.LAN", "Feed.lan"), ("[2001:db8::1]:81", "2001:db8::1")],
)
def test_a_host_that_is_named_is_told_the_key_and_no_other_is(host: str, named: str) -> None:
    check_private("acme", f"ws://{host}/stocks", named)
    with pytest.raises(ValueError, match="insecure_host"):
        check_private("acme", "ws://feed.example/stocks", named)


@pytest.mark.parametrize("make", STREAMS, ids=NAMES)
def test_every_stream_refuses_a_plain_address_abroad_unless_it_is_named(
    make: Callable[..., Any],
) -> None:
    with pytest.raises(ValueError, match="over plain ws://") as refused:
        make(url=f"ws://canary-host/?x={KEY}")
    assert "canary" not in str(refused.value)

    named = make(url="ws://feed.lan/x", insecure_host="feed.lan")
    assert named.endpoint.url.startswith("ws://feed.lan/x")
    with pytest.raises(ValueError, match="over plain ws://"):
        replace(named, endpoint=Endpoint("ws://elsewhere/x", "ws://elsewhere/x"))
    assert make(url="ws://127.0.0.1:1/x").endpoint.shown == "ws://127.0.0.1:1/x"
    assert make().endpoint.url.startswith("wss://")


@pytest.mark.parametrize("make", SERVICES, ids=NAMES)
def test_every_service_refuses_a_plain_address_abroad_unless_it_is_named(
    make: Callable[..., Any],
) -> None:
    with pytest.raises(ValueError, match="over plain http://") as refused:
        make(url="http://canary-host/v1")
    assert "canary" not in str(refused.value)

    make(url="http://feed.lan/v1", insecure_host="feed.lan")
    make(url="http://127.0.0.1:1/v1")


def test_a_provider_without_a_key_may_speak_in_the_clear() -> None:
    public = replace(
        polygon(KEY),
        secrets=(),
        hello=(),
        authenticates=False,
        endpoint=Endpoint("ws://feed.example", "ws://feed.example"),
    )

    assert public.endpoint.url == "ws://feed.example"
    with pytest.raises(ValueError, match="over plain ws://"):
        replace(public, authenticates=True)
    with pytest.raises(ValueError, match="over plain ws://"):
        replace(public, secrets=(KEY,))

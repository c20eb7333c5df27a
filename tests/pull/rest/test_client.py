from __future__ import annotations

import asyncio
import gzip
import logging
import sys
import traceback
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from ordinis_rx.errors import (
    AuthError,
    MissingExtra,
    OrdinisError,
    ProviderError,
    SubscriptionError,
)
from ordinis_rx.pull.failures import NoAnswer, RateLimited
from ordinis_rx.pull.rest import client as client_module
from ordinis_rx.pull.rest.client import RestClient
from ordinis_rx.wire.tls import trusted

KEY = "canary-key-0815"
URL = "https://canary-host.example:8080/v1"


class _Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def _client(transport: Any, clock: _Clock | None = None, **options: Any) -> RestClient:
    return RestClient(
        "vendor",
        URL,
        headers={"Authorization": f"Bearer {KEY}"},
        secrets=(KEY,),
        timeout_seconds=options.pop("timeout_seconds", 5.0),
        transport=transport,
        clock=clock or _Clock(),
        now=lambda: 77,
    )


async def test_an_answer_comes_with_the_moment_of_its_arrival(played: Callable[..., Any]) -> None:
    vendor = played({"price": 1})
    client = _client(vendor.transport)

    body = await client.get("/quotes/A", about="A", query={"limit": 1})

    assert body == (b'{"price":1}', 77)
    (request,) = vendor.requests
    assert str(request.url) == f"{URL}/quotes/A?limit=1"
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert KEY not in str(request.url)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, SubscriptionError),
        (401, AuthError),
        (402, ProviderError),
        (403, AuthError),
        (404, SubscriptionError),
        (422, SubscriptionError),
        (429, RateLimited),
        (500, NoAnswer),
        (503, NoAnswer),
        (204, NoAnswer),
        (302, NoAnswer),  # our key goes nowhere else
    ],
)
async def test_each_status_is_an_error_of_ours(
    status: int, kind: type[OrdinisError], played: Callable[..., Any]
) -> None:
    client = _client(played(httpx.Response(status, headers={"Location": URL})).transport)

    with pytest.raises(OrdinisError) as caught:
        await client.get("/quotes/A", about="AAPL")

    assert type(caught.value) is kind
    assert "vendor" in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [{"error": f"key {KEY} is not\x1b[2J valid"}, {"message": f"key {KEY} is not\x1b[2J valid"}],
)
async def test_what_the_vendor_says_is_told_without_our_key(
    body: dict[str, str], played: Callable[..., Any]
) -> None:
    client = _client(played(httpx.Response(401, json=body)).transport)

    with pytest.raises(AuthError) as caught:
        await client.get("/quotes/A", about="AAPL")

    stars = "*" * len(KEY)
    assert str(caught.value) == f"vendor refused: HTTP 401 for AAPL: key {stars} is not?[2J valid"


@pytest.mark.parametrize("body", [b"<html>", b"\xff", b"[1]", b'{"error":5}', b""])
async def test_an_error_without_words_is_told_by_its_number(
    body: bytes, played: Callable[..., Any]
) -> None:
    client = _client(played(httpx.Response(500, content=body)).transport)

    with pytest.raises(NoAnswer, match=r"^vendor did not answer: HTTP 500 for AAPL$"):
        await client.get("/quotes/A", about="AAPL")


async def test_who_is_asked_too_often_is_not_asked_until_the_time_is_over(
    played: Callable[..., Any],
) -> None:
    clock = _Clock()
    vendor = played(httpx.Response(429, headers={"Retry-After": "7"}), {})
    client = _client(vendor.transport, clock)

    with pytest.raises(RateLimited) as refused:
        await client.get("/q", about="A")
    clock.now = 6.0
    with pytest.raises(RateLimited) as spared:
        await client.get("/q", about="A")

    assert (refused.value.cool_down, spared.value.cool_down) == (7.0, 1.0)
    assert len(vendor.requests) == 1
    clock.now = 7.0
    await client.get("/q", about="A")
    assert len(vendor.requests) == 2


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError(f"cannot reach {URL}"),
        httpx.ConnectTimeout(f"late {URL}"),
        httpx.ReadTimeout(f"late {URL}"),
        httpx.RemoteProtocolError(f"odd {URL}"),
        httpx.ReadError(f"broke {URL}"),
    ],
)
async def test_no_address_and_no_key_is_shown_when_the_network_fails(
    error: Exception, played: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = _client(played(error).transport)

    with pytest.raises(NoAnswer) as caught:
        await client.get("/q", about="A")

    shown = "".join(traceback.format_exception(caught.value)) + repr(client) + caplog.text
    assert "canary" not in shown
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


async def test_a_server_that_hangs_is_waited_for_no_longer_than_was_said() -> None:
    hung = asyncio.Event()

    async def hang(_: httpx.Request) -> httpx.Response:
        await hung.wait()
        raise AssertionError

    client = _client(httpx.MockTransport(hang), timeout_seconds=0.01)

    with pytest.raises(NoAnswer, match=r"nothing within 0\.01 s"):
        await client.get("/q", about="A")


async def test_an_answer_without_end_is_not_read(
    played: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "MAX_BYTES", 10)
    client = _client(played(b"12345678901").transport)

    with pytest.raises(NoAnswer, match="more than 10 bytes"):
        await client.get("/q", about="A")


async def test_an_answer_that_is_packed_unasked_is_not_unpacked() -> None:
    """A kilobyte of it may be a megabyte, and a packed one of that a gigabyte."""
    bomb = gzip.compress(bytes(1 << 24))

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["Accept-Encoding"] == "identity"
        return httpx.Response(
            200, stream=httpx.ByteStream(bomb), headers={"Content-Encoding": "gzip"}
        )

    with pytest.raises(NoAnswer, match="its answer is packed, which was not asked for"):
        await _client(httpx.MockTransport(answer)).get("/q", about="A")


async def test_closing_closes_the_transport_once() -> None:
    class Counting(httpx.MockTransport):
        closed = 0

        async def aclose(self) -> None:
            self.closed += 1

    transport = Counting(lambda _: httpx.Response(200))
    client = _client(transport)

    await client.aclose()
    await client.aclose()

    assert transport.closed == 1


def test_connections_of_a_loop_that_is_over_are_not_used_on_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class OfOneLoop(httpx.MockTransport):
        def __init__(self, *, verify: object) -> None:
            super().__init__(lambda _: httpx.Response(200, json={}))
            self.loop = asyncio.get_running_loop()
            made.append(self)

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            assert asyncio.get_running_loop() is self.loop
            return await super().handle_async_request(request)

        async def aclose(self) -> None:
            assert asyncio.get_running_loop() is self.loop

    made: list[OfOneLoop] = []
    monkeypatch.setattr(httpx, "AsyncHTTPTransport", OfOneLoop)
    client = _client(None)

    async def twice() -> None:
        await client.get("/q", about="A")
        await client.get("/q", about="A")

    asyncio.run(twice())
    asyncio.run(twice())
    asyncio.run(client.aclose())
    asyncio.run(client.aclose())

    assert len(made) == 2


@pytest.mark.parametrize("scheme", ["https", "HTTPS", "http"])
async def test_certificates_are_those_that_the_system_trusts(
    scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialled: list[object] = []

    def dial(*, verify: object) -> httpx.MockTransport:
        dialled.append(verify)
        return httpx.MockTransport(lambda _: httpx.Response(200, json={}))

    monkeypatch.setattr(httpx, "AsyncHTTPTransport", dial)
    client = RestClient(
        "vendor", f"{scheme}://127.0.0.1", headers={}, secrets=(), timeout_seconds=1.0
    )
    await client.get("/q", about="A")
    await client.get("/q", about="A")

    assert dialled == [False if scheme == "http" else trusted()]


async def test_without_httpx_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httpx", None)

    with pytest.raises(MissingExtra, match=r"asking vendor needs httpx.*ordinis-rx\[rest\]"):
        await _client(None).get("/q", about="A")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("ftp://canary-host", "must begin with http"),
        ("canary-host", "must begin with http"),
        ("https:///canary", "must begin with http"),
        ("https://host/?apiKey=canary", "no user, query or fragment"),
        ("https://canary@host/", "no user, query or fragment"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_and_not_shown(url: str, told: str) -> None:
    with pytest.raises(ValueError, match=told) as caught:
        RestClient("vendor", url, headers={}, secrets=(), timeout_seconds=1.0)

    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("key", ["canary\n", "canary\u20ac", " canary"])
def test_a_key_that_no_header_can_hold_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(ValueError, match="not printable ASCII") as caught:
        RestClient("vendor", URL, headers={"X-Key": key}, secrets=(key,), timeout_seconds=1.0)

    assert "canary" not in str(caught.value)


def test_patience_must_be_positive() -> None:
    with pytest.raises(ValueError, match="timeout_seconds must be a number above 0, got 0"):
        RestClient("vendor", URL, headers={}, secrets=(), timeout_seconds=0)

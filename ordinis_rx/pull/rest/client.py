"""One vendor's REST service: the one place where httpx is met, and where HTTP's failures become errors of ours.

What a request shows to others is the vendor's name and what was asked about: never the address, a header or a key, even
where the answer repeats it. httpx's client writes the address of every request to its log, so the transport below it is used
instead.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from ordinis_rx.checks import check_positive, check_text
from ordinis_rx.errors import (
    AuthError,
    MissingExtra,
    OrdinisError,
    ProviderError,
    SubscriptionError,
)
from ordinis_rx.providers.privacy import check_private
from ordinis_rx.providers.reading import blotter, hushed
from ordinis_rx.pull.failures import NoAnswer, RateLimited
from ordinis_rx.pull.rest.discretion import discreet
from ordinis_rx.pull.rest.limits import RateLimit
from ordinis_rx.timebase import SECOND, Nanos
from ordinis_rx.wire.tls import trusted

if TYPE_CHECKING:
    import httpx

__all__ = ["Body", "RestClient", "segment"]

MAX_BYTES = 16 * 1024 * 1024
"""A larger answer is not read to its end."""


class Body(NamedTuple):
    """What came, and when."""

    raw: bytes
    ts_recv: Nanos


class _Complaint(msgspec.Struct):
    """How vendors say what is wrong."""

    message: str | None = None
    error: str | None = None


def segment(text: str) -> str:
    """*text* as one segment of a path.

    >>> segment("X:BTC/USD?")
    'X%3ABTC%2FUSD%3F'
    """
    return quote(text, safe="")


class RestClient:
    """Asks the service *name* at *url*, for *timeout_seconds* at most, with *headers* that may hold *secrets*.

    Over plain ``http://`` only on this machine and to *insecure_host*, see `check_private`: ValueError otherwise.
    Without a proxy and without following redirects. Connections are kept for the next question on the same asyncio loop;
    `aclose` ends them.
    *transport* takes the place of the network, in tests. Limits that the vendor tells (``Retry-After``,
    ``X-Ratelimit-Remaining`` and ``-Reset``) are kept: until they are over, `RateLimited` is raised and nothing is sent.
    """

    def __init__(
        self,
        name: str,
        url: str,
        *,
        headers: Mapping[str, str],
        secrets: tuple[str, ...],
        timeout_seconds: float,
        insecure_host: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], Nanos] = time.time_ns,
    ) -> None:
        check_text("name", name)
        check_positive(f"{name}: timeout_seconds", timeout_seconds, endless=True)
        for header, value in headers.items():
            if not (value.isascii() and value.isprintable() and value == value.strip()):
                raise ValueError(f"{name}: the value of header {header!r} is not printable ASCII")
        self.name = name
        self._base = _base(url, name)
        check_private(name, url, insecure_host)
        self._headers = {
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": "ordinis-rx",
            **headers,
        }
        # A vendor that repeats a key may spell it as an address would.
        self._secrets = tuple(
            dict.fromkeys((*secrets, *(quote(word, safe="") for word in secrets)))
        )
        self._quiet = blotter(self._secrets)
        self._timeout = timeout_seconds
        self._transport = transport
        self._home: asyncio.AbstractEventLoop | None = None
        """The loop on which our own transport was made, if it was: its connections live on no other."""
        self._now = now
        self._limit = RateLimit(clock=clock, now=lambda: now() / SECOND)

    def __repr__(self) -> str:
        return f"RestClient({self.name!r})"

    async def get(
        self, path: str, *, about: str, query: Mapping[str, str | int] | None = None
    ) -> Body:
        """The body of the answer to a GET of *path*; *about* is what an error says was asked for.

        Raises `RateLimited`, `NoAnswer` (too late, unreachable, 5xx, anything unexpected), `AuthError` (401, 403),
        `SubscriptionError` (400, 404, 422: no such symbol, as a rule), `MissingExtra` without httpx.
        """
        wait = self._limit.wait_seconds
        if wait > 0:
            raise RateLimited(self.name, cool_down=wait)
        try:
            import httpx
        except ImportError as error:
            raise MissingExtra(f"asking {self.name}", package="httpx", extra="rest") from error
        self._leave_old_loop()
        if self._transport is None:
            self._home = asyncio.get_running_loop()
            # A context of its own would stop the loop for tens of milliseconds; plain HTTP has no use for one.
            tls = trusted() if self._base.lower().startswith("https:") else False
            self._transport = httpx.AsyncHTTPTransport(verify=tls)
        request = httpx.Request(
            "GET",
            self._base + path + (f"?{urlencode(query)}" if query else ""),
            headers=self._headers,
            extensions={
                "timeout": dict.fromkeys(("connect", "read", "write", "pool"), self._timeout)
            },
        )
        failure: OrdinisError
        try:
            with discreet(self._secrets):
                async with asyncio.timeout(self._timeout):
                    response = await self._transport.handle_async_request(request)
                    try:
                        raw = await self._read(response)
                    finally:
                        await response.aclose()
            return self._judged(response, Body(self._quiet(raw), self._now()), about)
        except (TimeoutError, httpx.TimeoutException):
            failure = NoAnswer(self.name, f"nothing within {self._timeout:g} s")
        except httpx.HTTPError as error:
            failure = NoAnswer(self.name, _kind_of(error))
        raise failure  # outside of except, so that nothing with the address in it is chained

    async def aclose(self) -> None:
        """Hang up. The next question dials again."""
        self._leave_old_loop()
        transport, self._transport = self._transport, None
        if transport is not None:
            await transport.aclose()

    def _leave_old_loop(self) -> None:
        """Let go of connections of another loop, such as one that `asyncio.run` has closed: none can be ended here."""
        if self._home not in (None, asyncio.get_running_loop()):
            self._transport = self._home = None

    async def _read(self, response: httpx.Response) -> bytes:
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            # A few packed kilobytes may hold any number of megabytes.
            raise NoAnswer(self.name, "its answer is packed, which was not asked for")
        parts: list[bytes] = []
        size = 0
        async for part in response.aiter_bytes():
            parts.append(part)
            size += len(part)
            if size > MAX_BYTES:
                raise NoAnswer(self.name, f"more than {MAX_BYTES} bytes")
        return b"".join(parts)

    def _judged(self, response: httpx.Response, body: Body, about: str) -> Body:
        status = response.status_code
        self._limit.heard(status, response.headers)
        if status == 200:
            return body
        reason = f"HTTP {status} for {about}{self._complaint(body.raw)}"
        if status == 429:
            raise RateLimited(self.name, cool_down=self._limit.wait_seconds)
        if status in (401, 403):
            raise AuthError(self.name, reason)
        if status in (400, 404, 422):
            raise SubscriptionError(self.name, reason)
        if 400 <= status < 500:
            raise ProviderError(self.name, reason)
        raise NoAnswer(self.name, reason)

    def _complaint(self, raw: bytes) -> str:
        try:
            told = msgspec.json.decode(raw, type=_Complaint)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return ""
        text = told.message or told.error or ""
        text = "".join(letter if letter.isprintable() else "?" for letter in text[:200])
        return f": {hushed(text, *self._secrets)}" if text else ""


def _base(url: str, name: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"the address of {name} must begin with http:// or https:// and a host")
    if parts.query or parts.fragment or parts.username is not None:
        raise ValueError(f"the address of {name} must have no user, query or fragment")
    return url.rstrip("/")


def _kind_of(error: httpx.HTTPError) -> str:
    """What went wrong, by its kind alone: the text may hold the address."""
    kinds = {
        "ConnectError": "it cannot be reached",
        "ReadError": "the connection broke",
        "RemoteProtocolError": "it does not speak HTTP, or broke off",
    }
    return kinds.get(type(error).__name__, type(error).__name__)

"""As much of HTTP/1.1 as a service of GET requests needs: one request after the other on a connection that is kept."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from ordinis_rx.timebase import SECOND, Nanos

__all__ = ["HttpRequest", "HttpResponse", "converse", "json_response"]

HEAD_LIMIT = 16 * 1024
"""A longer head of a request ends the connection."""


@dataclass(frozen=True, slots=True, repr=False)
class HttpRequest:
    """A request; its path is cut into segments and decoded."""

    method: str
    path: tuple[str, ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """An answer."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


def json_response(
    value: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """An answer in JSON.

    >>> json_response({"error": "no"}, 404).body
    b'{"error":"no"}'
    """
    return HttpResponse(status, msgspec.json.encode(value), dict(headers or {}))


async def converse(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    answer: Callable[[HttpRequest], Awaitable[HttpResponse | None]],
    now: Callable[[], Nanos],
) -> None:
    """Answer every request of one connection until the client goes; None leaves a request without an answer."""
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            request = _request(head)
            response = json_response({"error": "bad request"}, 400)
            if request is not None:
                answered = await _unless_gone(answer(request), reader)
                if answered is None:
                    return
                response = answered
            writer.write(_spelled(response, now()))
            await writer.drain()
            if request is None:
                return
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
        pass  # the client has gone, or is none
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def _unless_gone(
    answer: Awaitable[HttpResponse | None], reader: asyncio.StreamReader
) -> HttpResponse | None:
    """The answer, or None when the client hangs up first; a client that waits sends nothing."""
    answering = asyncio.ensure_future(answer)
    gone = asyncio.ensure_future(reader.read(1))
    try:
        await asyncio.wait((answering, gone), return_when=asyncio.FIRST_COMPLETED)
        return answering.result() if answering.done() else None
    finally:
        for task in (answering, gone):
            task.cancel()
        await asyncio.wait((answering, gone))


def _request(head: bytes) -> HttpRequest | None:
    try:
        first, *rest = head.decode("ascii").removesuffix("\r\n\r\n").split("\r\n")
        method, target, _ = first.split(" ")
        headers = {
            name.lower(): value.strip() for name, _, value in (h.partition(":") for h in rest)
        }
        parts = urlsplit(target)
    except ValueError:
        return None
    path = tuple(unquote(segment) for segment in parts.path.strip("/").split("/"))
    return HttpRequest(method, path, dict(parse_qsl(parts.query)), headers)


def _spelled(response: HttpResponse, now: Nanos) -> bytes:
    headers = {
        "Date": formatdate(now / SECOND, usegmt=True),
        "Content-Type": "application/json",
        "Content-Length": str(len(response.body)),
        **response.headers,
    }
    phrase = HTTPStatus(response.status).phrase
    lines = [f"HTTP/1.1 {response.status} {phrase}", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + response.body

"""Serving to this machine alone: by which names it may be asked, and how an answer is made."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from websockets.asyncio.server import ServerConnection
    from websockets.http11 import Request, Response

__all__ = ["NOBODY", "PATIENCE_SECONDS", "hosts", "page", "refusal"]

PATIENCE_SECONDS = 2.0
"""How long who has connected may take to ask; the end waits as long for one who never does."""

# websockets logs request lines, whatever is in them: it logs to nobody.
NOBODY = logging.Logger("ordinis_rx.views.websockets", level=logging.CRITICAL + 1)


_NAMES = ("127.0.0.1", "localhost", "[::1]")


def hosts(port: int) -> frozenset[str]:
    """What is at *port* of this machine, by all its names.

    >>> sorted(hosts(80))
    ['127.0.0.1:80', '[::1]:80', 'localhost:80']
    """
    return frozenset(f"{name}:{port}" for name in _NAMES)


def refusal(connection: ServerConnection, request: Request) -> Response | None:
    """The answer to a request that names another machine, or wants more than to read; None for all others.

    A page of another that is made to lead here goes by a name of its own.
    """
    if request.headers.get("Host", "").rsplit(":", 1)[0] not in _NAMES:
        return connection.respond(HTTPStatus.FORBIDDEN, "not by that name\n")
    # Before version 16, websockets reads no other method itself, and has no word for it.
    if getattr(request, "method", "GET") != "GET":
        return connection.respond(HTTPStatus.METHOD_NOT_ALLOWED, "there is nothing to be changed\n")
    return None


def page(connection: ServerConnection, content: bytes, kind: str) -> Response:
    """An answer with *content* of the media type *kind*, that nobody keeps."""
    response = connection.respond(HTTPStatus.OK, "")
    response.body = content
    for name in ("Content-Type", "Content-Length"):
        del response.headers[name]
    response.headers["Content-Type"] = kind
    response.headers["Content-Length"] = str(len(content))
    response.headers["Cache-Control"] = "no-store"
    return response

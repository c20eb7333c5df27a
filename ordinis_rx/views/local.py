"""Serving to this machine alone: by which names it may be asked, and how an answer is made."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from websockets.asyncio.server import ServerConnection
    from websockets.http11 import Request, Response

__all__ = ["NOBODY", "PATIENCE_SECONDS", "hosts", "is_for_us", "page", "refusal"]

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


def is_for_us(request: Request) -> bool:
    """Whether the request names this machine; a page of another that is made to lead here goes by a name of its own."""
    return request.headers.get("Host", "").rsplit(":", 1)[0] in _NAMES


def refusal(connection: ServerConnection) -> Response:
    """The answer to a request that names another machine."""
    return connection.respond(HTTPStatus.FORBIDDEN, "not by that name\n")


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

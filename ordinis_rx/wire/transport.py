"""What a connection needs of a WebSocket, and the one place where the websockets package is met.

A transport is an async function that dials and returns a `Socket`. It raises `Disconnected` for whatever another try may
heal and `AuthError` where the server does not know us. Its messages are sentences of our own: an exception of the network
or of websockets may hold the address, and with it a token, so none of them is shown or chained.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol, cast
from urllib.parse import urlsplit

from ordinis_rx.errors import AuthError, Disconnected, MissingExtra, OrdinisError
from ordinis_rx.wire.guarding import Guarded, guarded_connection
from ordinis_rx.wire.retry_after import retry_after
from ordinis_rx.wire.tls import trusted

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection
    from websockets.exceptions import ConnectionClosed, WebSocketException

__all__ = ["CLOSE_SECONDS", "MAX_MESSAGE_BYTES", "Socket", "Transport", "websockets_transport"]

MAX_MESSAGE_BYTES = 6 * 1024 * 1024
"""A larger message ends the connection (close code 1009)."""

CLOSE_SECONDS = 1.0
"""How long a goodbye may take before the TCP connection is cut."""

TOO_MANY_REQUESTS_SECONDS = 60.0

# websockets logs the request line and the headers, keys and all, at DEBUG: it logs to nobody.
_NOBODY = logging.Logger("ordinis_rx.wire.websockets", level=logging.CRITICAL + 1)


class Socket(Protocol):
    """One open connection. Every method but `close` raises `Disconnected` once it is closed."""

    async def recv(self) -> bytes:
        """The next message; a text message as its UTF-8 bytes, not checked.

        An empty one stands for a frame that is no whole message (a ping, a pong, a piece), unless a message waits.
        """
        ...

    async def send(self, data: str | bytes) -> None:
        """Send a text (str) or binary (bytes) message; waits while the peer reads too slowly."""
        ...

    async def ping(self) -> None:
        """Send a ping; `recv` tells the answer, if one comes."""
        ...

    async def close(self) -> None:
        """Say goodbye; cut the connection after `CLOSE_SECONDS`, or at once when cancelled. Never fails."""
        ...


class Transport(Protocol):
    """An async function that dials."""

    async def __call__(
        self, url: str, *, headers: Mapping[str, str], name: str, timeout_seconds: float
    ) -> Socket:
        """Open a connection within *timeout_seconds*, handshake included.

        *name* stands for the server in errors, which never hold the address or a header's value.
        """
        ...


async def websockets_transport(
    url: str, *, headers: Mapping[str, str], name: str, timeout_seconds: float
) -> Socket:
    """Dial with the websockets package, without a proxy and without following redirects to another origin.

    Raises `Disconnected` when the server cannot be reached, answers late or refuses the handshake (HTTP 429 cools down
    for at least a minute, longer when the server says so), `AuthError` for HTTP 401 and 403, `ValueError` for an
    address or a header that cannot be used, `MissingExtra` when websockets is not installed.
    """
    try:
        from websockets.asyncio.client import connect
        from websockets.exceptions import InvalidURI, WebSocketException
    except ImportError as error:
        raise MissingExtra("dialling a provider", package="websockets", extra="stream") from error

    host, port = _host_and_port(url, name)
    _check_headers(headers, name)
    failure: Exception
    try:
        connection = await connect(
            url,
            additional_headers=headers,
            proxy=None,
            open_timeout=timeout_seconds,
            ping_interval=None,  # the connection pings by itself, and counts any message as life
            close_timeout=CLOSE_SECONDS,
            max_size=MAX_MESSAGE_BYTES,
            max_queue=None,  # the reader empties the queue before the loop reads on
            logger=_NOBODY,
            create_connection=guarded_connection(),
            ssl=trusted() if url.lower().startswith("wss:") else None,
            host=host,  # said explicitly, so that no redirect leads our key to another host
            port=port,
        )
        return _WebSocket(connection)
    except TimeoutError:
        failure = Disconnected(f"no connection to {name} within {timeout_seconds:g} s")
    except OSError as error:
        failure = Disconnected(f"{name} cannot be reached: {_told(error)}")
    except (InvalidURI, ValueError):
        # The address itself is checked above: what is left is where a redirect leads.
        failure = Disconnected(f"{name} redirects to another origin, which is not followed")
    except WebSocketException as error:
        failure = _refused(error, name)
    raise failure  # outside of except, so that nothing with the address in it is chained


class _WebSocket:
    """A websockets connection as a `Socket`."""

    __slots__ = ("_closed", "_connection", "_inbox")

    def __init__(self, connection: ClientConnection) -> None:
        from websockets.exceptions import ConnectionClosed

        self._connection = connection
        self._inbox = cast(Guarded, connection).inbox
        self._closed = ConnectionClosed

    async def recv(self) -> bytes:
        inbox = self._inbox
        if inbox.whole or await inbox.more():
            return bytes(inbox.whole.popleft())
        try:
            return await self._connection.recv(False)  # says why there is no more
        except self._closed as error:
            raise _lost(error) from None

    async def send(self, data: str | bytes) -> None:
        try:
            await self._connection.send(data)
        except self._closed as error:
            raise _lost(error) from None

    async def ping(self) -> None:
        try:
            await self._connection.ping()
        except self._closed as error:
            raise _lost(error) from None

    async def close(self) -> None:
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._connection.close()
        except TimeoutError:
            pass  # the peer does not read: not even our goodbye could be written
        finally:
            self._connection.transport.abort()
        await self._connection.wait_closed()


def _host_and_port(url: str, name: str) -> tuple[str, int]:
    parts = urlsplit(url)
    wrong = None
    if parts.scheme not in ("ws", "wss"):
        wrong = f"its scheme must be ws or wss, got {parts.scheme!r}"
    elif not parts.hostname:
        wrong = "it names no host"
    elif parts.fragment:
        wrong = "it must not have a fragment"
    elif parts.username is not None and parts.password is None:
        wrong = "it has a user but no password"
    if wrong is None:
        try:
            return parts.hostname or "", parts.port or (443 if parts.scheme == "wss" else 80)
        except ValueError:
            wrong = "its port must be a number from 1 to 65535"
    raise ValueError(f"the address of {name} cannot be dialled: {wrong}")


def _check_headers(headers: Mapping[str, str], name: str) -> None:
    for header, value in headers.items():
        if not (value.isascii() and (value.isprintable() or not value)):
            raise ValueError(f"{name}: the value of header {header!r} is not printable ASCII")


def _told(error: OSError) -> str:
    """What went wrong, without the address, which the text of an OSError may hold."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted ({error.verify_message})"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed ({error.reason})"
    if isinstance(error, socket.gaierror):
        return "its host name is not known"
    if error.errno is not None:
        return os.strerror(error.errno)
    if isinstance(error, ConnectionError):
        return "the connection broke off"
    return "none of its addresses answers"


def _refused(error: WebSocketException, name: str) -> OrdinisError:
    """Why the handshake failed; HTTP says it by its status."""
    from websockets.exceptions import InvalidStatus

    if not isinstance(error, InvalidStatus):
        return Disconnected(f"{name} does not answer as a WebSocket ({type(error).__name__})")
    status = error.response.status_code
    reason = f"HTTP {status} in the handshake"
    if status in (401, 403):
        return AuthError(name, reason)
    cool_down = retry_after(error.response.headers)
    if status == 429:
        cool_down = max(cool_down, TOO_MANY_REQUESTS_SECONDS)
    return Disconnected(f"{name} refused: {reason}", cool_down=cool_down)


def _lost(error: ConnectionClosed) -> Disconnected:
    """Who ended the connection, and why."""
    received, sent = error.rcvd, error.sent
    if received is not None and (sent is None or error.rcvd_then_sent):
        return Disconnected(received.reason or "closed by the server", code=received.code)
    if sent is not None:
        return Disconnected(f"closed by us: {sent.reason or 'goodbye'}", code=sent.code)
    cause = error.__cause__
    why = f": {_told(cause)}" if isinstance(cause, OSError) else ""
    return Disconnected(f"lost without a close frame{why}", code=1006)

"""Whose certificates are accepted: of servers on loopback, with certificates made for the occasion."""

from __future__ import annotations

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
from websockets.asyncio.server import ServerConnection, serve

from ordinis_rx.errors import Disconnected
from ordinis_rx.pull.failures import NoAnswer
from ordinis_rx.pull.rest.polygon import PolygonRest
from ordinis_rx.wire.tls import trusted
from ordinis_rx.wire.transport import websockets_transport
from tests.figures import record

KEY = "canary-key-7741"
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("nothing_left")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusting(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """The authority is the one that the environment names."""
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    trusted.cache_clear()
    yield
    trusted.cache_clear()


def serving(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@asynccontextmanager
async def server(context: ssl.SSLContext, heard: list[str]) -> AsyncIterator[int]:
    """A WebSocket over TLS that says one word to whoever gets in; *heard* are the paths asked for."""

    async def peer(socket: ServerConnection) -> None:
        assert socket.request is not None
        heard.append(socket.request.path)
        await socket.send("data")
        await socket.wait_closed()

    async with serve(peer, "127.0.0.1", 0, ssl=context) as listening:
        yield next(iter(listening.sockets)).getsockname()[1]


async def outcome(context: ssl.SSLContext) -> str:
    """What the server says, or why it is not listened to; then it must not have learned the key."""
    heard: list[str] = []
    async with server(context, heard) as port:
        try:
            socket = await websockets_transport(
                f"wss://127.0.0.1:{port}/?token={KEY}", headers={}, name="acme", timeout_seconds=5
            )
        except Disconnected as error:
            said = error.reason
        else:
            said = (await socket.recv()).decode()
            await socket.close()
    assert heard == ([f"/?token={KEY}"] if said == "data" else [])
    assert KEY not in said
    return said


def test_certificates_are_checked_against_the_host() -> None:
    assert trusted().verify_mode is ssl.CERT_REQUIRED
    assert trusted().check_hostname


def test_certificates_are_read_once() -> None:
    assert trusted() is trusted()


def test_nothing_older_than_tls_1_2_is_spoken() -> None:
    assert trusted().minimum_version is ssl.TLSVersion.TLSv1_2


@pytest.mark.usefixtures("trusting")
async def test_an_authority_that_the_environment_names_is_trusted(authority: trustme.CA) -> None:
    assert await outcome(serving(authority.issue_cert("127.0.0.1"))) == "data"


async def test_an_authority_that_nobody_names_is_not_trusted(authority: trustme.CA) -> None:
    why = await outcome(serving(authority.issue_cert("127.0.0.1")))

    assert why.startswith("acme cannot be reached: its certificate is not accepted (")


@pytest.mark.usefixtures("trusting")
@pytest.mark.parametrize(
    ("certificate", "why"),
    [
        (lambda ca: trustme.CA().issue_cert("127.0.0.1"), "unable to get local issuer certificate"),
        (
            lambda ca: ca.issue_cert("127.0.0.1", not_before=LONG_AGO, not_after=LONG_AGO),
            "certificate has expired",
        ),
        (
            lambda ca: ca.issue_cert("other.example", "127.0.0.2"),
            "IP address mismatch, certificate is not valid for '127.0.0.1'",
        ),
    ],
    ids=["made by its own hand", "expired", "of another host"],
)
async def test_a_certificate_that_proves_nothing_is_refused_before_the_key_is_told(
    certificate: Callable[[trustme.CA], trustme.LeafCert], why: str, authority: trustme.CA
) -> None:
    refused = await outcome(serving(certificate(authority)))

    assert refused.startswith("acme cannot be reached: its certificate is not accepted (")
    assert why in refused
    record(
        "TLS: certificates", "refused before the key is told", "self-signed, expired, other host"
    )


@pytest.mark.usefixtures("trusting")
async def test_a_server_that_speaks_nothing_newer_than_tls_1_0_is_refused(
    authority: trustme.CA,
) -> None:
    old = serving(authority.issue_cert("127.0.0.1"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1
    old.set_ciphers("ALL:@SECLEVEL=0")  # OpenSSL itself would not serve it otherwise

    assert await spoken_by(old) == "TLSv1"
    assert await outcome(old) == "acme cannot be reached: the connection broke off"
    record("TLS: old versions", "TLS 1.0 refused, nothing below 1.2 spoken", "1 server")


async def spoken_by(context: ssl.SSLContext) -> str | None:
    """What a client without scruples gets that server to speak."""
    careless = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    careless.check_hostname = False
    careless.verify_mode = ssl.CERT_NONE
    careless.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        careless.minimum_version = ssl.TLSVersion.TLSv1
    async with server(context, []) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=careless)
        version: str | None = writer.get_extra_info("ssl_object").version()
        writer.close()
        await writer.wait_closed()
    return version


async def test_a_rest_service_is_held_to_the_same(authority: trustme.CA) -> None:
    heard: list[str] = []
    async with server(serving(authority.issue_cert("127.0.0.1")), heard) as port:
        service = PolygonRest(KEY, f"https://127.0.0.1:{port}")
        with pytest.raises(NoAnswer, match="cannot be reached"):
            await service.get_quote("AAPL")
        await service.aclose()
    assert heard == []


def test_no_option_turns_verification_off() -> None:
    """Neither a stream nor a service has a parameter by which a certificate would not be checked."""
    import inspect

    from ordinis_rx.feed import feed
    from ordinis_rx.providers.polygon import polygon
    from ordinis_rx.wire.connection import messages

    for door in (feed, polygon, messages, websockets_transport, PolygonRest.__init__):
        assert not {"verify", "ssl", "tls", "insecure"} & inspect.signature(door).parameters.keys()
    record("TLS: verification", "no switch turns it off", "5 doors")

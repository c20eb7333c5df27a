from __future__ import annotations

import re
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ordinis_rx.cli import main

Start = Callable[..., Any]


@pytest.fixture
def shouting() -> Iterator[int]:
    """The port of a server that says 100,000 bytes to each of its clients, once it has been greeted.

    Said at once, the connection would be cut before the client knows that it has one.
    """
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            try:
                while True:
                    with server.accept()[0] as peer:
                        peer.recv(1)
                        peer.sendall(bytes(100_000))
                        peer.recv(1)
            except OSError:
                return

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
    thread.join(5)
    assert not thread.is_alive()


def whole(client: socket.socket) -> bytes:
    heard = b""
    try:
        while part := client.recv(1 << 16):
            heard += part
    except ConnectionResetError:
        return heard
    raise AssertionError("it was not cut")


def test_what_is_asked_for_befalls_a_client_and_is_told_at_the_end(
    run: Start, shouting: int
) -> None:
    process = run("proxy", "--to", f"127.0.0.1:{shouting}", "--cut-after", "64KB")
    host, port = process.url.rsplit(":", 1)
    assert host == "127.0.0.1"
    with socket.create_connection((host, int(port)), 5) as client:
        client.sendall(b"!")
        assert len(whole(client)) <= 64_000

    code, out, err = process.end(signal.SIGINT)

    assert (code, err) == (0, "")
    assert out.strip() == (
        "carried 1 bytes up and 63999 bytes down over 1 connections; faults: 1 cuts"
    )


def test_the_duration_ends_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["proxy", "--to", "127.0.0.1:1", "--duration", "0.05"]) == 0

    first, last = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"listening 127\.0\.0\.1:\d+", first)
    assert last == "carried 0 bytes up and 0 bytes down over 0 connections; faults: none"


def test_a_port_that_is_taken_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        assert main(["proxy", "--to", "127.0.0.1:1", "--port", str(port)]) == 1

    assert capsys.readouterr().err == (
        f"ordinis-rx: cannot listen on port {port}: Address already in use\n"
    )

"""The command line in processes of its own: started, listened to, and always ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]

KEYS = {
    "POLYGON_API_KEY": "sim-key",
    "FINNHUB_TOKEN": "sim-key",
    "APCA_API_KEY_ID": "sim-key",
    "APCA_API_SECRET_KEY": "sim-secret",
}


class Running(NamedTuple):
    """A command that runs, and what it said first."""

    process: subprocess.Popen[str]
    first: str

    @property
    def url(self) -> str:
        return self.first.removeprefix("listening ").strip()

    def end(self, number: int) -> tuple[int, str, str]:
        """Send a signal; how it ended, and all that it still said."""
        self.process.send_signal(number)
        # Not communicate(): that reads past what readline() has taken from the pipe and not handed out yet.
        overdue = threading.Timer(10, self.process.kill)
        overdue.start()
        try:
            out, err = self.process.stdout.read(), self.process.stderr.read()
            return self.process.wait(), out, err
        finally:
            overdue.cancel()


Start = Callable[..., Running]


def start(*words: str, keys: bool = True, terminal: int | None = None) -> subprocess.Popen[str]:
    """The command line in a process of its own, where every warning is an error."""
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "ordinis_rx", *words],
        cwd=ROOT,
        env={**os.environ, **(KEYS if keys else {}), "TERM": "xterm-256color"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if terminal is None else terminal,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextlib.contextmanager
def running(*words: str) -> Iterator[Running]:
    process = start(*words)
    assert process.stdout is not None
    try:
        yield Running(process, process.stdout.readline())
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
        process.stdout.close()
        assert process.stderr is not None
        process.stderr.close()


@pytest.fixture
def run() -> Iterator[Start]:
    """Start a command and wait for its first line; killed when the test is over, if it still runs."""
    with contextlib.ExitStack() as stack:

        def begin(*words: str) -> Running:
            return stack.enter_context(running(*words))

        yield begin


@pytest.fixture(scope="session")
def simulated() -> Iterator[Callable[[str], Running]]:
    """A simulated server of each protocol in AAPL and MSFT, seed 7, for all tests together."""
    servers: dict[str, Running] = {}
    with contextlib.ExitStack() as stack:

        def server(protocol: str) -> Running:
            if protocol not in servers:
                words = ["simulate", "--protocol", protocol, "--symbols", "AAPL,MSFT"]
                more = ["--rate", "200", "--seed", "7"]
                servers[protocol] = stack.enter_context(running(*words, *more))
            return servers[protocol]

        yield server


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The keys of the simulated servers, in the environment."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    return KEYS


class Demo(NamedTuple):
    """A demo that is over."""

    code: int
    out: str
    err: str


def in_terminal(words: Sequence[str], *, interrupt_at: str | None = None) -> Demo:
    """Run in a terminal of 120 columns; with *interrupt_at*, press Ctrl-C when that has appeared."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 120, 0, 0))
    process = start(*words, terminal=theirs)
    os.close(theirs)
    seen = b""
    with contextlib.suppress(OSError):  # how a terminal says that the other side has gone
        while part := os.read(ours, 65536):
            seen += part
            if interrupt_at is not None and interrupt_at.encode() in seen:
                process.send_signal(signal.SIGINT)
                interrupt_at = None
    os.close(ours)
    _, err = process.communicate(timeout=10)
    return Demo(process.returncode, seen.decode(), err)


@pytest.fixture(scope="session")
def demos(tmp_path_factory: pytest.TempPathFactory) -> tuple[Demo, str, Demo]:
    """Two short demos side by side: one as JSON with its page, one in a terminal."""
    page = tmp_path_factory.mktemp("demo") / "page.html"
    told = start("demo", "--seconds", "5", "--seed", "5", "--json", "--report", str(page))
    seen = in_terminal(["demo", "--seconds", "5"])
    out, err = told.communicate(timeout=30)
    return Demo(told.returncode, out, err), page.read_text("utf-8"), seen


@pytest.fixture(scope="session")
def reported(demos: tuple[Demo, str, Demo]) -> tuple[Demo, str]:
    """A short demo as JSON, and the page that it wrote."""
    return demos[:2]


@pytest.fixture(scope="session")
def shown(demos: tuple[Demo, str, Demo]) -> Demo:
    """A short demo in a terminal."""
    return demos[2]


@pytest.fixture
def terminal() -> Callable[..., Demo]:
    """Run a command in a terminal."""
    return in_terminal

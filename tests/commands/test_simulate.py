from __future__ import annotations

import re
import signal
import socket
from collections.abc import Callable
from typing import Any

import pytest

from ordinis_rx.cli import main

Start = Callable[..., Any]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_server_that_is_stopped_ends_well_and_says_what_it_served(
    run: Start, number: signal.Signals
) -> None:
    server = run("simulate", "--protocol", "polygon", "--symbols", "AAPL")

    code, out, err = server.end(number)

    assert (code, err) == (0, "")
    assert re.fullmatch(r"ws://127\.0\.0\.1:\d+/stocks", server.url)
    assert "served 0 events in 0 messages over 0 connections; faults: none" in out


@pytest.mark.parametrize(
    ("protocol", "path"), [("polygon", "/stocks"), ("finnhub", "/"), ("alpaca", "/v2/iex")]
)
def test_the_first_line_is_the_address_and_the_duration_ends_it(
    protocol: str, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["simulate", "--protocol", protocol, "--symbols", "AAPL,MSFT", "--duration", "0.05"]

    assert main(words) == 0

    first, hint, summary = capsys.readouterr().out.splitlines()
    assert re.fullmatch(rf"listening ws://127\.0\.0\.1:\d+{path}", first)
    assert f"--provider {protocol} --url {first.split()[1]} --symbols AAPL,MSFT" in hint
    assert summary.startswith("served 0 events")


def test_a_key_of_ones_own_is_shown_nowhere(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["simulate", "--protocol", "finnhub", "--symbols", "A", "--duration", "0.05"]

    assert main([*words, "--api-key", "canary-3141"]) == 0

    said = capsys.readouterr()
    assert said.out.startswith("listening ")
    assert "canary" not in said.out + said.err


def test_a_port_that_is_taken_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        words = ["simulate", "--protocol", "alpaca", "--symbols", "A", "--port", str(port)]

        assert main(words) == 1

    assert capsys.readouterr().err == (
        f"ordinis-rx: cannot listen on port {port}: Address already in use\n"
    )


def test_faults_of_the_data_are_counted_in_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["simulate", "--protocol", "polygon", "--symbols", "A", "--duration", "0.3"]

    assert main([*words, "--rate", "1000", "--fault", "drop=1", "--fault", "garbage=0.5"]) == 0

    assert re.search(r"faults: \d+ dropped$", capsys.readouterr().out.strip())


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ("rain=1", "no fault 'rain'; there are drop=SHARE, duplicate=SHARE"),
        ("garbage=2", "garbage must be a share between 0 and 1, got 2.0"),
        ("disconnect=5", "disconnect=DURATION, got '5'"),
    ],
)
def test_a_fault_that_there_is_not_is_bad_usage(
    fault: str, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["simulate", "--protocol", "polygon", "--symbols", "A", "--fault", fault]

    with pytest.raises(SystemExit, match="2"):
        main(words)

    assert complaint in capsys.readouterr().err


def test_who_has_read_the_address_may_close_the_pipe(run: Start) -> None:
    server = run("simulate", "--protocol", "finnhub", "--symbols", "A", "--duration", "1")
    server.process.stdout.close()

    assert server.process.wait(timeout=10) == 0
    assert server.process.stderr.read() == ""

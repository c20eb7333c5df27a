from __future__ import annotations

import json
import re
import signal
import socket
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ordinis_rx.cli import main
from ordinis_rx.event_json import from_json
from ordinis_rx.events import Event, Quote, StatusChange, StreamStatus, Trade
from ordinis_rx.sim import market
from ordinis_rx.timebase import MINUTE

pytestmark = pytest.mark.deep

Start = Callable[..., Any]
Server = Callable[[str], Any]

PROTOCOLS = ["polygon", "finnhub", "alpaca"]


def words(protocol: str, url: str, *more: str) -> list[str]:
    return ["watch", "--provider", protocol, "--url", url, "--symbols", "AAPL,MSFT", *more]


def is_told_by(seen: Iterable[object], told: Iterable[object]) -> bool:
    """Whether all that was seen is told, in that order."""
    rest = iter(told)
    return all(any(fact == other for other in rest) for fact in seen)


def figures(event: Event) -> tuple[object, ...]:
    match event:
        case Trade():
            return event.symbol, event.price, event.size
        case Quote():
            return event.symbol, event.bid, event.ask, event.bid_size, event.ask_size
        case _:
            raise AssertionError(event)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_is_served_arrives_as_json_until_ctrl_c(
    protocol: str, run: Start, simulated: Server
) -> None:
    watching = run(*words(protocol, simulated(protocol).url, "--json"))
    lines = [watching.first]
    while sum('"TRADE"' in line for line in lines) < 20:
        lines.append(watching.process.stdout.readline())
    code, rest, err = watching.end(signal.SIGINT)

    assert (code, err) == (0, "")
    events = [from_json(line) for line in [*lines, *rest.splitlines()]]
    told = list(market(["AAPL", "MSFT"], 7, 200.0, 15 * MINUTE).events())
    for kind in (Trade, Quote):
        seen = [event for event in events if isinstance(event, kind)]
        assert is_told_by(map(figures, seen), (figures(e) for e in told if isinstance(e, kind)))
        assert bool(seen) == (kind is Trade or protocol != "finnhub")
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert {event.provider for event in events} == {protocol}
    assert [event.status.name for event in events if isinstance(event, StatusChange)] == [
        "CONNECTING",
        "CONNECTED",
        "CLOSED",
    ]


def test_sigterm_and_the_duration_end_it_as_well(
    run: Start, simulated: Server, keys: object, capsys: pytest.CaptureFixture[str]
) -> None:
    url = simulated("polygon").url
    watching = run(*words("polygon", url, "--json"))
    while '"CONNECTED"' not in watching.process.stdout.readline():
        pass

    code, out, err = watching.end(signal.SIGTERM)

    assert (code, "Traceback" in err) == (0, False)
    assert '"CLOSED"' in out.splitlines()[-1]
    assert main(words("polygon", url, "--duration", "0.3")) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "STATUS              CONNECTED polygon let us in" in lines[1]
    assert lines[-1].endswith("CLOSED closed")
    assert any(" TRADE " in line or " QUOTE " in line for line in lines)


def test_only_the_channels_that_are_asked_for_come(
    simulated: Server, keys: object, capsys: pytest.CaptureFixture[str]
) -> None:
    url = simulated("alpaca").url

    assert main(words("alpaca", url, "--channels", "quotes", "--json", "--duration", "0.4")) == 0

    kinds = {json.loads(line)["type"] for line in capsys.readouterr().out.splitlines()}
    assert kinds == {"STATUS", "QUOTE"}


def test_a_reader_that_has_gone_is_no_failure(run: Start, simulated: Server) -> None:
    watching = run(*words("polygon", simulated("polygon").url, "--json"))

    watching.process.stdout.close()
    watching.process.wait(timeout=10)

    assert watching.process.returncode == 0
    assert watching.process.stderr.read() == ""


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_wrong_key_is_told_in_one_line_that_does_not_hold_it(
    protocol: str,
    simulated: Server,
    keys: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in keys:
        monkeypatch.setenv(name, "canary-2718")

    assert main(words(protocol, simulated(protocol).url, "--json")) == 1

    out, err = capsys.readouterr()
    assert err.startswith(f"ordinis-rx: {protocol} refused: ")
    assert err.count("\n") == 1
    assert "canary" not in out + err
    last = from_json(out.splitlines()[-1])
    assert isinstance(last, StatusChange)
    assert last.status is StreamStatus.ERROR


@pytest.mark.parametrize(
    ("provider", "variables", "missing"),
    [
        ("polygon", {}, "POLYGON_API_KEY"),
        ("finnhub", {}, "FINNHUB_TOKEN"),
        ("alpaca", {"APCA_API_SECRET_KEY": "s"}, "APCA_API_KEY_ID"),
        ("alpaca", {"APCA_API_KEY_ID": "k", "APCA_API_SECRET_KEY": " "}, "APCA_API_SECRET_KEY"),
    ],
)
def test_a_missing_key_is_bad_usage_and_named(
    provider: str,
    variables: dict[str, str],
    missing: str,
    keys: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in keys:
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(SystemExit, match="2"):
        main(["watch", "--provider", provider, "--symbols", "AAPL"])

    assert f"{missing} is not set" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        (["--channels", "gossip"], "polygon refused: no channel 'gossip'; it has "),
        (["--market", "mars"], "polygon has no market 'mars'; it has stocks, "),
        (["--url", "http://x"], "--url must begin with ws:// or wss://"),
    ],
)
def test_what_the_provider_lacks_is_bad_usage_before_anything_is_dialled(
    more: list[str], complaint: str, keys: object, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["watch", "--provider", "polygon", "--symbols", "AAPL", *more])

    said = capsys.readouterr()
    assert said.out == ""
    assert complaint in said.err


def test_metrics_are_served_while_it_watches_and_no_longer(run: Start, simulated: Server) -> None:
    url = simulated("polygon").url
    watching = run(*words("polygon", url, "--json", "--metrics-port", "0"))
    address = watching.process.stderr.readline().removeprefix("metrics at ").strip()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/metrics", address)
    silent = {'"AAPL"', '"MSFT"'}  # the watch would tell of a symbol that nothing came of
    while silent:
        line = watching.process.stdout.readline()
        silent -= {symbol for symbol in silent if symbol in line and '"TRADE"' in line}
    with urllib.request.urlopen(address, timeout=10) as answer:
        text = answer.read().decode()
    code, _, err = watching.end(signal.SIGINT)

    assert (code, err) == (0, "")
    told = {
        (sample.name, sample.labels.get("status")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.labels["provider"] == "polygon"
    }
    assert told["ordinis_rx_feed_events_total", None] >= 3
    assert told["ordinis_rx_feed_status", "connected"] == 1
    assert "sim-key" not in text
    assert "AAPL" not in text
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(address, timeout=10)


def test_a_metrics_port_that_is_taken_is_told_before_anything_is_dialled(
    keys: object, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert main(words("polygon", "ws://127.0.0.1:9", "--metrics-port", port)) == 1

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"ordinis-rx: cannot listen on port {port}: Address already in use\n"

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from ordinis_rx.cli import main
from ordinis_rx.commands import demo as demo_module
from ordinis_rx.commands import stage
from ordinis_rx.commands.outcome import Outcome
from ordinis_rx.commands.script import CUES, Break, Lie
from ordinis_rx.config import StreamConfig

Demo = Any


def test_a_demo_ends_well_and_prints_one_json_document(reported: tuple[Demo, str]) -> None:
    demo, _ = reported

    assert (demo.code, demo.err) == (0, "")
    outcome = json.loads(demo.out)
    assert demo.out.count("\n") == 1
    assert outcome["ok"]
    assert (outcome["seconds"], outcome["seed"]) == (5.0, 5)
    assert all(check["ok"] for check in outcome["checks"])
    for told, kind in (("faults", Break), ("falsehoods", Lie)):
        cues = [cue.provider for cue in CUES if isinstance(cue, kind)]
        assert [fault["provider"] for fault in outcome[told]] == cues
    assert all(0 < fault["gap"] < 4 for fault in outcome["faults"])


def test_the_consensus_of_the_demo_leaves_out_what_is_false_and_holds_the_truth(
    reported: tuple[Demo, str],
) -> None:
    outcome = json.loads(reported[0].out)

    assert {false["reason"] for false in outcome["falsehoods"]} == {"outlier", "stale"}
    for false in outcome["falsehoods"]:
        assert false["falsified"] > 0
        assert 0 <= false["excluded_after"] <= false["until"] - false["at"] + 1
        assert false["back_after"] < 3
    assert outcome["errors_bps"]["median"] < 2
    assert outcome["interval"]["holds_truth"] >= 0.9
    assert outcome["statuses"]["OK"] > 0
    assert [row["symbol"] for row in outcome["symbols"]] == ["AAPL", "MSFT", "NVDA"]
    alpaca = next(row for row in outcome["providers"] if row["name"] == "alpaca")
    assert alpaca["outlier_share"] > 0.01  # false by 50 bps for a tenth of the time
    assert alpaca["deviation_bps"] > 1


def test_every_provider_of_the_demo_was_heard_and_reconnected(reported: tuple[Demo, str]) -> None:
    providers = {row["name"]: row for row in json.loads(reported[0].out)["providers"]}

    assert set(providers) == {"polygon", "finnhub", "alpaca"}
    for name, row in providers.items():
        assert row["status"] == "CONNECTED"
        assert row["reconnects"] >= sum(
            cue.provider == name and isinstance(cue, Break) for cue in CUES
        )
        assert row["events"] > 100
        assert (row["bid"] is None) == (name == "finnhub")
    assert providers["finnhub"]["errors"] > 0


def test_a_terminal_shows_the_demo_as_it_goes(shown: Demo) -> None:
    assert (shown.code, shown.err) == (0, "")
    assert shown.out.count("what they say of AAPL") > 5  # drawn again and again
    assert "CONNECTED" in shown.out
    assert "of 5 s" in shown.out
    assert "promises kept" in shown.out.splitlines()[-1]
    assert shown.out.rindex("\x1b[?25h") > shown.out.rindex("\x1b[?25l")  # the cursor is back


@pytest.mark.deep
def test_ctrl_c_ends_the_demo_without_a_verdict(terminal: Callable[..., Demo]) -> None:
    ended = terminal(["demo", "--seconds", "30"], interrupt_at="three providers")

    assert (ended.code, ended.err) == (130, "ordinis-rx: interrupted\n")
    assert "self-check" not in ended.out
    assert "Traceback" not in ended.out
    assert "\x1b[?25h" in ended.out


async def test_ctrl_c_before_the_market_opens_ends_the_demo_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    # Handled in the demo's first await: by then it listens to signals.
    asyncio.get_running_loop().call_soon(signal.raise_signal, signal.SIGINT)

    code = await demo_module.demo(5.0)

    assert code == 130
    assert capsys.readouterr().err == "ordinis-rx: interrupted\n"


def test_feeds_that_do_not_heal_fail_the_self_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = StreamConfig(reconnect_enabled=False, silence_seconds=0.6)
    monkeypatch.setattr(stage, "CONFIG", broken)

    assert main(["demo", "--seconds", "5", "--json"]) == 1

    outcome = json.loads(capsys.readouterr().out)
    failed = [check["name"] for check in outcome["checks"] if not check["ok"]]
    assert not outcome["ok"]
    assert "finnhub is connected again" in failed
    assert "nothing is lost on the way" in failed
    assert "everything was tried" in failed


def test_without_a_terminal_the_tables_are_printed_once_at_the_end(
    reported: tuple[Demo, str], capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = msgspec.json.decode(reported[0].out.replace("null", "0.0"), type=Outcome)

    demo_module.tell(outcome, demo_module.Screen())

    shown = capsys.readouterr().out
    for title in (
        "three providers",
        "consensus beside the hidden",
        "broken on purpose",
        "false on purpose",
        "self-check",
    ):
        assert shown.count(title) == 1
    assert "\x1b" not in shown
    assert shown.splitlines()[-1] == f"{len(outcome.checks)} of {len(outcome.checks)} promises kept"

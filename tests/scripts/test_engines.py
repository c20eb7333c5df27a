"""What `make engines` tells: each engine's outcome, and success only where all are well."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from conftest import PACKAGES
from scripts import engines
from scripts.apart import NotInstalled


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that would have run the tests of an engine; csp's fail, zipline cannot be installed."""
    commands: list[list[str]] = []

    def made(folder: Path, *_: Path) -> Path:
        if folder.name == "zipline":
            raise NotInstalled("no wheel for this machine")
        return folder / "bin" / "python"

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, int("/csp/" in command[0]))

    monkeypatch.setattr(engines, "interpreter_with", made)
    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setenv("COLUMNS", "200")
    return commands


def test_an_engine_whose_tests_pass_is_a_success_with_its_bridge_examined(
    ran: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert engines.main(["backtrader"]) == 0

    [command] = ran
    assert [Path(part).name for part in command[-2:]] == ["backtrader", "backtrader.py"]
    assert "passed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("zipline", "NOT INSTALLED: no wheel for this machine"),
        ("csp", "FAILED: pytest ended with 1"),
    ],
)
def test_neither_failing_nor_missing_is_a_success(
    ran: list[list[str]], capsys: pytest.CaptureFixture[str], name: str, told: str
) -> None:
    assert engines.main([name, "backtrader"]) == 1

    out = capsys.readouterr().out
    assert told in out
    assert "passed" in out  # the other was tested all the same


def test_an_unknown_engine_is_refused_with_those_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert engines.main(["cps"]) == 2
    assert "no engine 'cps'; there are backtesting, backtrader" in capsys.readouterr().err


def test_every_engine_is_passed_over_where_it_is_missing() -> None:
    assert engines.names() == sorted(PACKAGES)

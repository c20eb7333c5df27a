"""Environments made from pins: once, anew when the pins change, and with a reason when they cannot be."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from scripts.apart import NotInstalled, interpreter_with


class Pip:
    """Runs nothing: notes the commands, makes the folder, and answers as it is told to."""

    def __init__(self) -> None:
        self.commands: list[list[str]] = []
        self.error = ""

    def run(self, command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        self.commands.append(command)
        if "venv" in command:
            Path(command[-1]).mkdir(parents=True, exist_ok=True)
            return subprocess.CompletedProcess(command, 0, "", "")
        return subprocess.CompletedProcess(command, int(bool(self.error)), "", self.error)


@pytest.fixture
def pip(monkeypatch: pytest.MonkeyPatch) -> Pip:
    stub = Pip()
    monkeypatch.setattr(subprocess, "run", stub.run)
    return stub


@pytest.fixture
def pins(tmp_path: Path) -> Path:
    path = tmp_path / "pins.txt"
    path.write_text("an_engine==1.0\n")
    return path


def test_it_is_made_once_and_again_when_a_pin_changes(pip: Pip, pins: Path, tmp_path: Path) -> None:
    folder = tmp_path / "apart"

    python = interpreter_with(folder, pins)
    interpreter_with(folder, pins)
    assert python == folder / "bin" / "python"
    assert [command[2] for command in pip.commands] == ["venv", "pip"]
    assert pip.commands[1][-2:] == ["-r", str(pins)]

    pins.write_text("an_engine==1.1\n")
    interpreter_with(folder, pins)
    assert len(pip.commands) == 4


def test_what_cannot_be_installed_says_why_and_is_tried_again(
    pip: Pip, pins: Path, tmp_path: Path
) -> None:
    pip.error = "WARNING: a mirror is slow\nERROR: No matching distribution\nNOTICE: a new pip"

    with pytest.raises(NotInstalled, match=r"^ERROR: No matching distribution$"):
        interpreter_with(tmp_path / "apart", pins)
    pip.error = ""
    interpreter_with(tmp_path / "apart", pins)

    assert len(pip.commands) == 4

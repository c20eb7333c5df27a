from __future__ import annotations

import asyncio
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import ordinis_rx as ox
from ordinis_rx.cli import main
from ordinis_rx.commands import demo, usage
from ordinis_rx.errors import Disconnected

DEMO = ["demo"]
SIMULATE = ["simulate", "--protocol", "polygon", "--symbols", "A"]
WATCH = ["watch", "--provider", "polygon", "--symbols", "A"]


def test_it_tells_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])

    assert capsys.readouterr().out == f"ordinis-rx {version('ordinis-rx')}\n"
    assert ox.__version__ == version("ordinis-rx")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["trade"], "invalid choice: 'trade'"),
        ([*DEMO, "--seconds", "0"], "--seconds: must be a number above 0, got '0'"),
        ([*DEMO, "--seconds", "soon"], "--seconds: must be a number above 0, got 'soon'"),
        ([*DEMO, "--seconds", "inf"], "--seconds: must be a number above 0, got 'inf'"),
        ([*DEMO, "--seed", "-1"], "--seed: must be a whole number from 0 to"),
        ([*DEMO, "--report", "no/such/folder/x.html"], "must be a file in a folder that exists"),
        ([*DEMO, "--sec", "5"], "unrecognized arguments: --sec 5"),
        (["simulate", "--symbols", "A"], "required: --protocol"),
        (["simulate", "--protocol", "bloomberg"], "invalid choice: 'bloomberg' (choose from"),
        ([*SIMULATE, "--port", "65536"], "--port: must be a whole number from 0 to 65535"),
        ([*SIMULATE, "--rate", "0"], "--rate: must be a number above 0, got '0'"),
        ([*SIMULATE, "--duration", "nan"], "--duration: must be a number above 0, got 'nan'"),
        ([*SIMULATE, "--api-key", ""], "--api-key: must not be empty"),
        ([*SIMULATE, "--symbols", "A,,B"], "must be different names between commas, got 'A,,B'"),
        ([*SIMULATE, "--symbols", "A,A"], "must be different names between commas, got 'A,A'"),
        (["watch", "--symbols", "A"], "required: --provider"),
        ([*WATCH, "--channels", ","], "--channels: must be different names between commas"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_usage_ends_with_2_and_says_what_is_allowed(
    words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)

    out, err = capsys.readouterr()
    assert ended.value.code == 2
    assert out == ""
    assert complaint in err
    assert "--help tells what is allowed" in err


@pytest.mark.parametrize("command", ["demo", "simulate", "watch"])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])

    said = capsys.readouterr().out
    assert ended.value.code == 0
    assert said.startswith(f"usage: ordinis-rx {command}")
    assert "None" not in said


def failing(error: BaseException) -> object:
    async def command(*_: object, **__: object) -> int:
        await asyncio.sleep(0)
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (Disconnected("gone"), 1, "ordinis-rx: disconnected: gone\n"),
        (OSError(28, "No space left on device"), 1, "ordinis-rx: No space left on device\n"),
        (OSError("Invalid flatbuffers"), 1, "ordinis-rx: Invalid flatbuffers\n"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_what_ends_a_command_is_told_in_one_line_and_a_code(
    error: BaseException,
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(demo, "demo", failing(error))

    assert main(["demo"]) == code
    assert capsys.readouterr().err == said


def test_ctrl_c_while_the_commands_are_imported_ends_with_130_and_without_a_word(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Pressed:
        @staticmethod
        def find_spec(name: str, *_: object) -> None:
            if name == usage.__name__:
                raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, usage.__name__)
    monkeypatch.setattr(sys, "meta_path", [Pressed, *sys.meta_path])

    assert main(["demo"]) == 130
    assert capsys.readouterr() == ("", "")


def test_a_fault_of_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "demo", failing(ZeroDivisionError("ours")))

    with pytest.raises(ZeroDivisionError, match="ours"):
        main(["demo"])


def test_the_package_runs_as_a_module(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "ordinis_rx", "fly"],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr.startswith("ordinis-rx: argument COMMAND: invalid choice: 'fly'")

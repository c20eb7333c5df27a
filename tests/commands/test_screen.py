from __future__ import annotations

import io
import sys

import pytest

from ordinis_rx.commands.screen import PLAIN_WIDTH, Screen


def test_without_a_terminal_only_what_stays_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with Screen() as screen:
        screen.update("passing")
        screen.say("x" * PLAIN_WIDTH)

    assert not screen.moves
    assert capsys.readouterr().out == "x" * PLAIN_WIDTH + "\n"


def test_in_a_terminal_what_passes_is_shown_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # how rich is told that this is a terminal
    monkeypatch.setenv("TERM", "xterm")
    with Screen() as screen:
        screen.update("passing")

    assert screen.moves
    shown = capsys.readouterr().out
    assert "passing" in shown
    assert shown.endswith("\x1b[?25h")  # the cursor is back


def test_that_nobody_reads_any_more_is_told_as_a_broken_pipe(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Gone(io.StringIO):
        def write(self, text: str, /) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Gone())

    with pytest.raises(BrokenPipeError), Screen() as screen:
        screen.say("into nothing")


def test_a_silent_screen_takes_no_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with Screen(silent=True) as screen:
        screen.update("passing")

    assert capsys.readouterr().out == ""


def test_a_terminal_that_cannot_move_its_cursor_is_no_live_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")

    assert not Screen().moves

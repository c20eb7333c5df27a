"""A line on the terminal while a kernel is compiled for long."""

from __future__ import annotations

import io
import sys
import threading

import pytest

from ordinis_rx.kernels.patience import told_when_long


class Terminal(io.StringIO):
    """Stderr, as a terminal or not, that knows when a line has been told."""

    def __init__(self, *, is_one: bool = True) -> None:
        super().__init__()
        self.is_one = is_one
        self.told = threading.Event()

    def isatty(self) -> bool:
        return self.is_one

    def flush(self) -> None:
        self.told.set()


def test_who_waits_at_a_terminal_is_told_for_what(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)

    with told_when_long("fold_reports", after=0.0):
        assert terminal.told.wait(10.0)

    assert terminal.getvalue().startswith("compiling fold_reports, once on this machine")


def test_what_is_there_soon_is_told_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    before = threading.active_count()

    with told_when_long("mid", after=3600.0):
        assert threading.active_count() == before + 1
        (timer,) = [each for each in threading.enumerate() if isinstance(each, threading.Timer)]
    timer.join(10.0)

    assert terminal.getvalue() == ""
    assert threading.active_count() == before


def test_a_file_is_told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal(is_one=False)
    monkeypatch.setattr(sys, "stderr", terminal)
    before = threading.active_count()

    with told_when_long("fold_reports", after=0.0):
        assert threading.active_count() == before

    assert terminal.getvalue() == ""

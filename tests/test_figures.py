"""The registry of figures keeps the last one of each property, and nothing unless asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import figures


def test_the_last_figure_of_a_property_counts_and_says_of_which_run_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "figures"
    monkeypatch.setenv(figures.FILE, str(path))
    monkeypatch.delenv(figures.RUN, raising=False)
    figures.record("storms", "1 retry", "2 feeds")
    figures.record("loss", "0 silent", "20 seeds")
    monkeypatch.setenv(figures.RUN, "today abc")
    figures.record("storms", "0 retries", "4 feeds")
    assert figures.read(path) == [
        ("loss", "0 silent", "20 seeds", ""),
        ("storms", "0 retries", "4 feeds", "today abc"),
    ]


def test_nothing_is_written_unless_a_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(figures.FILE, raising=False)
    monkeypatch.chdir(tmp_path)
    figures.record("loss", "0 silent", "20 seeds")
    assert list(tmp_path.iterdir()) == []

"""What `make mutants` tells: whose tests judge a module, its score, and success only where enough is noticed."""

from __future__ import annotations

import json
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from scripts import mutants
from scripts.mutants import Score, judges_of, modules, score
from tests import figures

UNREACHED = "Stopping early, because we could not find any test case for any mutant."


class Mutmut:
    """What would have been run; of a hundred faults in a module so many go unnoticed."""

    def __init__(self) -> None:
        self.settings: list[dict[str, Any]] = []
        self.unnoticed = 10
        self.untested = 0
        self.unreached: list[str] = []
        self.last_words = ""

    def run(
        self, command: list[str], *, cwd: Path, **_: object
    ) -> subprocess.CompletedProcess[str]:
        if command[1] == "run":
            self.settings.append(tomllib.loads((cwd / "pyproject.toml").read_text("utf-8")))
            kept = cwd / "mutants" / self.settings[-1]["tool"]["mutmut"]["only_mutate"][0]
            kept.parent.mkdir(parents=True)
            faults = {"exit_code_by_key": dict.fromkeys(self.unreached)}
            kept.with_name(f"{kept.name}.meta").write_text(json.dumps(faults))
            failed = int(bool(self.last_words))
            return subprocess.CompletedProcess(command, failed, f"1/2\r{self.last_words}\n", "")
        stats = {"total": 100, "survived": self.unnoticed, "no_tests": self.untested}
        (cwd / "mutants" / "mutmut-cicd-stats.json").write_text(json.dumps(stats))
        return subprocess.CompletedProcess(command, 0)


@pytest.fixture
def mutmut(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Mutmut:
    played = Mutmut()
    monkeypatch.setattr(subprocess, "run", played.run)
    monkeypatch.setattr(mutants, "COPIES", tmp_path)
    monkeypatch.setattr(mutants, "COPIED", ("conftest.py", "pyproject.toml", "scripts"))
    monkeypatch.setenv("COLUMNS", "200")
    return played


def test_a_name_is_a_module_or_all_of_a_folder() -> None:
    assert modules("wire/backoff") == ["wire/backoff"]
    assert modules("stream") == ["stream"]
    assert {"wire/backoff", "wire/transport"} < set(modules("wire"))
    assert "wire/__init__" not in modules("wire")
    assert modules("wire/nothing") == []


def test_a_module_is_judged_by_its_own_tests_and_those_of_its_folder() -> None:
    assert judges_of("wire/backoff") == ["tests/wire/test_backoff.py"]
    assert judges_of("consensus/rows") == [
        "tests/consensus/test_consensus.py",
        "tests/consensus/test_rows.py",
    ]
    assert judges_of("stream") == ["tests/test_stream.py"]


def test_a_module_that_shows_itself_is_judged_by_the_tests_of_displays_too() -> None:
    assert judges_of("consensus/statistics") == [
        "tests/consensus/test_consensus.py",
        "tests/consensus/test_statistics.py",
        "tests/test_display.py",
    ]


def test_one_module_is_mutated_in_a_copy_and_what_no_test_reaches_is_not_noticed(
    mutmut: Mutmut, tmp_path: Path
) -> None:
    mutmut.untested = 5

    assert score("wire/backoff") == Score(85, 100)

    (settings,) = mutmut.settings
    told = settings["tool"]["mutmut"]
    assert told["only_mutate"] == ["ordinis_rx/wire/backoff.py"]
    assert told["pytest_add_cli_args_test_selection"] == ["tests/wire/test_backoff.py"]
    assert settings["project"]["name"] == "ordinis-rx"  # all else is the project's own
    assert (tmp_path / "wire-backoff" / "scripts" / "mutants.py").exists()


def test_where_nothing_can_be_mutated_nothing_is_missed(
    mutmut: Mutmut, capsys: pytest.CaptureFixture[str]
) -> None:
    mutmut.last_words = UNREACHED

    assert mutants.main(["wire/tls"]) == 0
    assert "nothing to mutate" in capsys.readouterr().out


def test_where_no_test_reaches_what_can_be_mutated_nothing_is_noticed(mutmut: Mutmut) -> None:
    mutmut.unreached = ["x_moment__mutmut_1", "x_moment__mutmut_2"]
    mutmut.last_words = UNREACHED

    assert score("wire/clock") == Score(0, 2)


def test_a_run_that_fails_is_an_error_with_its_last_words(mutmut: Mutmut) -> None:
    mutmut.last_words = "failed to collect stats. runner returned 2"

    with pytest.raises(RuntimeError, match=r"^wire/backoff: failed to collect stats"):
        mutants.main(["wire/backoff"])


@pytest.mark.parametrize(("unnoticed", "told"), [(15, 0), (16, 1)])
def test_success_takes_85_of_100_faults_in_all(
    mutmut: Mutmut, capsys: pytest.CaptureFixture[str], unnoticed: int, told: int
) -> None:
    mutmut.unnoticed = unnoticed

    assert mutants.main(["wire/backoff", "stream"]) == told

    out = capsys.readouterr().out
    assert f"{100 - unnoticed:.1f}%" in out
    assert "200" in out


def test_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert mutants.main(["wire/backof"]) == 2
    assert "no module 'wire/backof' in ordinis_rx" in capsys.readouterr().err


def test_the_share_of_each_name_asked_for_is_kept_as_a_figure(
    mutmut: Mutmut, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(figures.FILE, str(tmp_path / "figures"))
    mutmut.unnoticed = 9

    mutants.main(["wire/backoff", "stream"])

    assert [
        (kept.property, kept.figure, kept.size) for kept in figures.read(tmp_path / "figures")
    ] == [
        ("strength of the suite, stream", "91.0%", "100 faults"),
        ("strength of the suite, wire/backoff", "91.0%", "100 faults"),
    ]

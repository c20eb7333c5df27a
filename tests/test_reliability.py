"""What runs the tests of reliability: which sizes it asks for, what its table says, and when it writes no page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests import figures
from tests.figures import Figure
from tests.reliability import DEMANDS, MEASURED, PAGE, Machine, main, page, table

MACHINE = Machine(2, 8.0, "CPython 3.13.1", "Linux")


class Tests:
    """Stands for pytest: notes how it was called, and leaves a figure at each call."""

    __test__ = False

    def __init__(self, *, fails: bool = False) -> None:
        self.calls: list[list[str]] = []
        self.env: dict[str, str] = {}
        self._fails = fails

    def __call__(self, command: list[str], *, cwd: Path, env: dict[str, str]) -> int:
        self.calls.append(command[command.index("-m", 2) :])
        self.env = env
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(figures.FILE, env[figures.FILE])
            patch.setenv(figures.RUN, env[figures.RUN])
            figures.record("storms", f"call {len(self.calls)}", "4 feeds")
        return int(self._fails)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    return tmp_path


def run(tests: Tests, folder: Path, *words: str) -> int:
    return main([*words, "--commit", "abc1234"], call=tests, folder=folder, machine=MACHINE)


def rows(text: str) -> dict[str, list[str]]:
    """The cells of each row, by the property."""
    cells = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return {row[0]: row[1:] for row in cells}


def test_every_demand_has_a_row_and_what_was_not_run_says_so() -> None:
    told = rows(table([Figure("storms", "1.0 a feed", "100 feeds", "today abc")]))
    assert told.keys() == {"property", *(demand.property for demand in DEMANDS)}
    assert told["storms"][1:] == ["1.0 a feed", "100 feeds", "today abc"]
    assert all(
        "**not run**" in told[demand.property] for demand in DEMANDS if demand.property != "storms"
    )


def test_figures_stand_beside_the_demand_that_their_name_begins_with() -> None:
    found = [
        Figure("loss over real sockets", "0 silent", "9 faults"),
        Figure("loss, seeds 0 to 9", "0", "10 days"),
        Figure("soak, connect cycles", "flat", "9"),
        Figure("a new thing", "7", "8"),
    ]
    told = rows(table(found))
    demanded = {demand.property: demand.figure for demand in DEMANDS}
    assert told["loss over real sockets"][0] == told["loss, seeds 0 to 9"][0] == demanded["loss"]
    assert "loss" not in told
    assert told["soak, connect cycles"][0] == demanded["soak, connect cycles"]
    assert told["a new thing"][1:3] == ["7", "8"]


def test_a_page_says_when_where_and_at_which_commit() -> None:
    told = page([], date="2026-11-25", commit="abc1234", machine=MACHINE)
    assert "on 2026-11-25 at commit `abc1234`" in told
    assert "on 2 cores, 8 GiB of memory, CPython 3.13.1, Linux." in told
    for untested in ("Power loss", "Several hosts", "Real venues"):
        assert f"**{untested}.**" in told


def test_all_is_run_in_the_sizes_that_are_asked_for(folder: Path) -> None:
    tests = Tests()
    assert run(tests, folder, "--seconds", "120", "--seeds=300") == 0
    assert tests.calls == [["-m", "not soak", *MEASURED], ["-m", "soak"]]
    asked = {name: value for name, value in tests.env.items() if name.startswith("ORDINIS_RX_SOAK")}
    assert asked == {"ORDINIS_RX_SOAK_SECONDS": "120", "ORDINIS_RX_SOAK_SEEDS": "300"}
    storms = rows((folder / PAGE).read_text())["storms"]
    assert storms[1:3] == ["call 2", "4 feeds"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d abc1234", storms[3])


def test_pieces_are_gathered_in_one_file(folder: Path) -> None:
    kept = folder / "figures"
    tests = Tests()
    assert run(tests, folder, "--figures", str(kept), "tests/world") == 0
    assert tests.calls == [["-m", "soak", "tests/world"]]
    kept.write_bytes(kept.read_bytes() + b'["clock","0 stalls","3 jumps"]\n')
    (folder / PAGE).unlink()
    assert run(tests, folder, "--figures", str(kept), "--page") == 0
    assert len(tests.calls) == 1
    told = rows((folder / PAGE).read_text())
    assert (told["storms"][1], told["clock"][1]) == ("call 1", "0 stalls")


def test_a_failure_writes_no_page(folder: Path) -> None:
    assert run(Tests(fails=True), folder) == 1
    assert not (folder / PAGE).exists()


def test_a_page_of_nothing_is_not_written(folder: Path, capsys: Any) -> None:
    assert run(Tests(), folder, "--page") == 1
    assert "nothing was measured" in capsys.readouterr().err
    assert not (folder / PAGE).exists()


def test_the_figures_of_this_machine_can_be_told() -> None:
    assert re.fullmatch(r"\d+ cores, \d+ GiB of memory, \w+ [\d.]+\w*, \w+", str(Machine.this()))

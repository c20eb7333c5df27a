"""How many small faults the tests would notice: mutmut puts them in, one at a time, and the tests of the module are run.

``python -m scripts.mutants [NAME ...]``: the modules named (``wire/backoff``), all of a folder (``wire``), or, without a
name, all whose score is demanded. A module is judged by the tests that mirror it, by those of its folder as a whole and,
where it has a display of its own, by those of displays; in a copy of the project under ``build/mutants``, since mutmut
writes beside what it mutates. It takes a minute or a few for each module.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from scripts.apart import ROOT
from tests.figures import record

__all__ = ["DEMANDED", "Score", "judges_of", "main", "modules", "score"]

PACKAGE = ROOT / "ordinis_rx"
COPIES = ROOT / "build" / "mutants"
COPIED = ("ordinis_rx", "tests", "conftest.py", "pyproject.toml")

DEMANDED = ("consensus", "stream", "wire")
LEAST = 0.85
"""The share of faults that must be noticed in a module, or in all that were asked for."""

SETTINGS = """
[tool.mutmut]
source_paths = ["ordinis_rx"]
only_mutate = ["ordinis_rx/{name}.py"]
also_copy = ["conftest.py"]
timeout_multiplier = 5.0
pytest_add_cli_args = ["-p", "no:xdist", "-p", "no:cacheprovider", "--hypothesis-profile=mutants"]
pytest_add_cli_args_test_selection = {tests}
"""


class Score(NamedTuple):
    """How many of the *faults* were *noticed*, by a test that failed or did not end; 0 of 0: nothing can be mutated."""

    noticed: int
    faults: int

    def and_(self, other: Score) -> Score:
        """That of both together."""
        return Score(self.noticed + other.noticed, self.faults + other.faults)

    @property
    def share(self) -> float:
        """The share that was noticed; 1 where there was nothing to notice."""
        return self.noticed / self.faults if self.faults else 1.0


def modules(name: str) -> list[str]:
    """The modules that *name* stands for, itself or all in its folder; none where there is no such module."""
    if (PACKAGE / f"{name}.py").is_file():
        return [name]
    return sorted(f"{name}/{path.stem}" for path in (PACKAGE / name).glob("[!_]*.py"))


def judges_of(name: str) -> list[str]:
    """The test files that judge a module: one that imports `ordinis_rx.display` shows itself, see tests/test_display.py."""
    folder = ROOT / "tests" / Path(name).parent
    stem = Path(name).stem
    found = {*folder.glob(f"test_{stem}.py"), *folder.glob(f"test_{stem}_*.py")}
    if folder.name != "tests":
        found |= {*folder.glob(f"test_{folder.name}.py")}
    if "from ordinis_rx.display import" in (PACKAGE / f"{name}.py").read_text("utf-8"):
        found |= {ROOT / "tests" / "test_display.py"}
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


def score(name: str) -> Score:
    """Have the module mutated; `RuntimeError` with mutmut's last words where that fails."""
    copy = COPIES / name.replace("/", "-")
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(parents=True)
    for part in COPIED:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, copy / part)
    with (copy / "pyproject.toml").open("a", encoding="utf-8") as settings:
        settings.write(SETTINGS.format(name=name, tests=json.dumps(judges_of(name))))
    mutmut = [str(Path(sys.executable).with_name("mutmut"))]
    children = ["--max-children", str(os.cpu_count() or 1)]
    done = subprocess.run(
        [*mutmut, "run", *children], cwd=copy, capture_output=True, text=True, check=False
    )
    told = done.stdout.replace("\r", "\n").strip().splitlines()
    if done.returncode:
        if any("could not find any test case for any mutant" in line for line in told):
            kept = copy / "mutants" / "ordinis_rx" / f"{name}.py.meta"
            return Score(0, len(json.loads(kept.read_text("utf-8"))["exit_code_by_key"]))
        raise RuntimeError(f"{name}: {(told or done.stderr.splitlines() or ['no word'])[-1]}")
    subprocess.run([*mutmut, "export-cicd-stats"], cwd=copy, capture_output=True, check=True)
    found = json.loads((copy / "mutants" / "mutmut-cicd-stats.json").read_text("utf-8"))
    return Score(found["total"] - found["survived"] - found["no_tests"], found["total"])


def main(wanted: list[str]) -> int:
    """Score the modules *wanted*, or those demanded, and tell how each fared; 1 where too little is noticed in all."""
    unknown = [name for name in wanted if not modules(name)]
    if unknown:
        Console(stderr=True).print(f"no module {unknown[0]!r} in ordinis_rx, as in wire/backoff")
        return 2
    table = Table(title="faults that tests notice", title_justify="left")
    table.add_column("module")
    for column in ("faults", "noticed", "score"):
        table.add_column(column, justify="right")
    total = Score(0, 0)
    for asked in wanted or DEMANDED:
        part = Score(0, 0)
        for name in modules(asked):
            print(f"== {name}", flush=True)
            found = score(name)
            part = part.and_(found)
            table.add_row(name, *_cells(found))
        record(f"strength of the suite, {asked}", f"{part.share:.1%}", f"{part.faults:,} faults")
        total = total.and_(part)
    table.add_section()
    table.add_row("all", *_cells(total))
    Console().print(table)
    return 1 if total.share < LEAST else 0


def _cells(found: Score) -> tuple[str, str, str]:
    share = f"{found.share:.1%}" if found.faults else "nothing to mutate"
    return f"{found.faults:,}", f"{found.noticed:,}", share


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

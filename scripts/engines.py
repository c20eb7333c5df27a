"""The bridges and recipes for other people's engines, tested with each in an environment of its own.

``python -m scripts.engines [NAME ...]``: all of ``tests/engines``, or those named. An engine that cannot be installed on
this machine is told with the reason, and is no success.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from scripts.apart import ROOT, NotInstalled, interpreter_with

__all__ = ["main", "names", "outcome"]

TESTS = ROOT / "tests" / "engines"
APART = Path(sys.prefix) / "engines"
"""Where the environments are, one a folder."""


def names() -> list[str]:
    """The engines that there are tests for."""
    return sorted(pins.parent.name for pins in TESTS.glob("*/pins.txt"))


def outcome(name: str) -> str:
    """Install the engine, run its tests and the examples of its bridge; empty where all is well, else what is not."""
    try:
        python = interpreter_with(APART / name, TESTS / name / "pins.txt", TESTS / "common.txt")
    except NotInstalled as reason:
        return f"NOT INSTALLED: {reason}"
    bridge = [str(path) for path in (ROOT / "ordinis_rx" / "bridges").glob(f"{name}*")]
    # What an engine warns of is for its makers; what ours warns of stays an error.
    command = [str(python), "-m", "pytest", "-q", "-W", "default", "-W", "error:::ordinis_rx"]
    done = subprocess.run([*command, str(TESTS / name), *bridge], cwd=ROOT, check=False)
    return "" if done.returncode == 0 else f"FAILED: pytest ended with {done.returncode}"


def main(wanted: list[str]) -> int:
    """Test the engines *wanted*, or all, and tell how each fared; 1 unless all are well."""
    unknown = [name for name in wanted if name not in names()]
    if unknown:
        Console(stderr=True).print(f"no engine {unknown[0]!r}; there are {', '.join(names())}")
        return 2
    table = Table(title="engines", title_justify="left")
    table.add_column("engine")
    table.add_column("pins")
    table.add_column("outcome")
    bad = 0
    for name in wanted or names():
        print(f"== {name}", flush=True)
        told = outcome(name)
        bad += bool(told)
        pins = (TESTS / name / "pins.txt").read_text("utf-8").split()
        table.add_row(name, " ".join(pins), told or "passed")
    Console().print(table)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

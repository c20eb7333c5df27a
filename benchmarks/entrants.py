"""Contenders in processes of their own: each tells its results, is checked, and only then timed."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.contenders.stage import Columns
from scripts.apart import ROOT

__all__ = ["Skipped", "measured"]


class Skipped(Exception):
    """A contender that cannot take part, and why."""


def measured(
    command: Sequence[str], results: Path, check: Callable[[Columns], str]
) -> tuple[float, Columns]:
    """What an event costs the process of *command*, in nanoseconds, and its results.

    *check* tells in what these differ from what they must be, or nothing; then it is `Skipped`.
    """
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        if process.stdout.readline() != "done\n":
            raise Skipped("it failed, see above")
        with np.load(results) as file:
            told = dict(file)
        if difference := check(told):
            process.kill()
            raise Skipped(f"its results are not ours: {difference}")
        process.stdin.write("go\n")
        process.stdin.flush()
        return float(process.stdout.readline()), told

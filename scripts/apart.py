"""Environments of their own for what ours could not hold, each made once from files of pins."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

__all__ = ["ROOT", "NotInstalled", "interpreter_with"]

ROOT = Path(__file__).resolve().parent.parent


class NotInstalled(Exception):
    """An environment that could not be made, and why."""


def interpreter_with(folder: Path, *pins: Path) -> Path:
    """The interpreter of the environment in *folder*, which is made anew where its *pins* are not those it was made of.

    Wheels alone are installed: nothing is compiled. `NotInstalled` where that fails.
    """
    python = folder / "bin" / "python"
    wanted = "".join(path.read_text("utf-8") for path in pins)
    stamp = folder / "installed.txt"
    if stamp.exists() and stamp.read_text("utf-8") == wanted:
        return python
    options = ["-q", "--disable-pip-version-check", "--only-binary=:all:"]
    options += [argument for path in pins for argument in ("-r", str(path))]
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(folder)],
        [str(python), "-m", "pip", "install", *options],
    ):
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            said = done.stderr.strip().splitlines() or ["no reason given"]
            errors = [line for line in said if line.startswith("ERROR: ")]
            raise NotInstalled((errors or said)[-1])
    stamp.write_text(wanted, "utf-8")
    return python

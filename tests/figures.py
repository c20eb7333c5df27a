"""The figures that tests of reliability leave behind: one row a property, gathered over all processes of a run.

A test says `record("storms", "0 retries after a fatal error", "4 feeds")`. Nothing is kept unless `ORDINIS_RX_FIGURES` names
a file; then each figure is one line of JSON at its end, which processes may write side by side. `ORDINIS_RX_RUN` says
which run it was of: its date and commit.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import msgspec

__all__ = ["FILE", "RUN", "Figure", "read", "record"]

FILE = "ORDINIS_RX_FIGURES"
RUN = "ORDINIS_RX_RUN"


class Figure(NamedTuple):
    """What was seen of one property, how much was tried, and in which run."""

    property: str
    figure: str
    size: str
    run: str = ""


def record(property: str, figure: str, size: str) -> None:
    """Keep a figure; the last one of a property counts."""
    path = os.environ.get(FILE)
    if path:
        line = msgspec.json.encode(Figure(property, figure, size, os.environ.get(RUN, ""))) + b"\n"
        with open(path, "ab", buffering=0) as file:
            file.write(line)


def read(path: Path) -> list[Figure]:
    """The last figure of each property, in the order of their names."""
    lines = path.read_bytes().splitlines()
    newest = {
        figure.property: figure
        for figure in (msgspec.json.decode(line, type=Figure) for line in lines)
    }
    return [newest[name] for name in sorted(newest)]

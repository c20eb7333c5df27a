"""The figures that tests of reliability leave behind: one row a property, gathered over all processes of a run.

A test says `record("storms", "0 retries after a fatal error", "4 feeds")`. Nothing is kept unless `ORDINIS_RX_FIGURES` names
a file; then each figure is one line of JSON at its end, which processes may write side by side.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import msgspec

__all__ = ["Figure", "read", "record", "table"]

FILE = "ORDINIS_RX_FIGURES"


class Figure(NamedTuple):
    """What was seen of one property, and how much was tried."""

    property: str
    figure: str
    size: str


def record(property: str, figure: str, size: str) -> None:
    """Keep a figure; the last one of a property counts."""
    path = os.environ.get(FILE)
    if path:
        line = msgspec.json.encode(Figure(property, figure, size)) + b"\n"
        with open(path, "ab", buffering=0) as file:
            file.write(line)


def read(path: Path) -> list[Figure]:
    """The last figure of each property, by its name."""
    lines = path.read_bytes().splitlines()
    newest = {
        figure.property: figure
        for figure in (msgspec.json.decode(line, type=Figure) for line in lines)
    }
    return [newest[name] for name in sorted(newest)]


def table(figures: list[Figure]) -> str:
    """The figures as a Markdown table."""
    rows = [f"| {each.property} | {each.figure} | {each.size} |" for each in figures]
    return "\n".join(["| property | figure | size |", "|---|---|---|", *rows]) + "\n"

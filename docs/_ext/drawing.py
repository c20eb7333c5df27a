"""Marble diagrams: a text that says what goes into an operator and what comes out, and its picture.

A drawing is a file of `docs/marbles`, three paragraphs long::

    trades  a--b-c---d--|    a=10  b=12  c=11  d=15

    bars = trades.pipe(time_bars(5 * SECOND))

    bars    ---------p--(q|)  p=10 12 10 11  q=15 15 15 15

Rows that go in, the code, rows that come out. Marks are those of `ordinis_rx.testing.marbles`, a tick is a second, and
behind a row stands what its letters mean. The tests run the code on the rows above and compare what comes with the rows
below.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from html import escape
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from ordinis_rx.testing.marbles import Heard, parsed

__all__ = ["DRAWINGS", "Drawing", "Row", "read", "svg"]

DRAWINGS = Path(__file__).resolve().parent.parent / "marbles"

LEFT, RIGHT, TICK, PILL, LINE = 108, 28, 26, 22, 19
"""Pixels: before the first tick, behind the last one, a tick, the height of a marble, a line of code."""


class Row(NamedTuple):
    """One stream: its name, its marks, and what letters stand for."""

    name: str
    marks: str
    legend: dict[str, str]

    @property
    def told(self) -> list[Heard]:
        """(tick, text) for each marble; the end is ``|``, an error an exception."""
        unknown = set(re.findall(r"\w", self.marks)) - set(self.legend)
        if unknown:
            raise ValueError(f"nothing says what {sorted(unknown)} are in the row {self.name!r}")
        return parsed(self.marks, self.legend)


class Drawing(NamedTuple):
    """What goes in, the code that it goes through, and what comes out."""

    ins: Sequence[Row]
    code: str
    outs: Sequence[Row]


def read(text: str) -> Drawing:
    """The drawing that *text* says; ValueError where it says none."""
    parts = [part for part in re.split(r"\n\s*\n", text.strip("\n")) if part.strip()]
    if len(parts) != 3:
        raise ValueError(f"a drawing has three paragraphs, got {len(parts)}")
    ins, code, outs = parts
    return Drawing(_rows(ins), code, _rows(outs))


def _rows(part: str) -> list[Row]:
    rows = []
    for line in part.splitlines():
        name, marks, *rest = re.split(r"\s{2,}", line.strip(), maxsplit=2)
        pairs = re.split(r"\s{2,}", rest[0]) if rest else []
        rows.append(Row(name, marks, dict(pair.split("=", 1) for pair in pairs)))
    return rows


def svg(drawing: Drawing, name: str) -> str:
    """The picture of *drawing*; ValueError where marbles would lie on each other."""
    rows = [*drawing.ins, *drawing.outs]
    lines = drawing.code.splitlines()
    width = max(
        *(_end(row.told, tick) + RIGHT for row in rows for tick, _ in row.told),
        40 + max(len(line) for line in lines) * 8,
    )
    parts: list[str] = []
    top = 6
    for row in drawing.ins:
        top += _row(parts, row, top, width, "in")
    parts.append(
        f'<rect class="code" x="1" y="{top}" width="{width - 2}" height="{len(lines) * LINE + 12}" rx="4"/>'
    )
    for k, line in enumerate(lines):
        y = top + 20 + k * LINE
        parts.append(
            f'<text class="call" x="14" y="{y}" xml:space="preserve">{escape(line)}</text>'
        )
    top += len(lines) * LINE + 20
    for row in drawing.outs:
        top += _row(parts, row, top, width, "out")
    said = escape(_in_words(drawing))
    return (
        f'<div class="marble"><svg viewBox="0 0 {width} {top}" width="{width}" role="img" aria-label="{said}">'
        f"<title>{escape(name)}</title>{''.join(parts)}</svg></div>"
    )


def _wide(text: str) -> int:
    return max(PILL, 7 * len(text) + 12)


def _end(told: Sequence[Heard], tick: float) -> int:
    """Where the line ends that ends at *tick*: behind what is told at that tick."""
    last = [_wide(what) // 2 + 8 for at, what in filter(_is_told, told) if at == tick]
    return LEFT + int(tick) * TICK + max(last, default=0)


def _is_told(heard: Heard) -> bool:
    return isinstance(heard[1], str) and heard[1] != "|"


def _row(parts: list[str], row: Row, top: int, width: int, role: str) -> int:
    """Draw *row* at *top*; how high it is."""
    told = row.told
    piled = Counter(tick for tick, _ in filter(_is_told, told))
    height = max(piled.values(), default=1) * (PILL + 4) + 8
    middle = top + height // 2
    end = next((heard for heard in told if not _is_told(heard)), None)
    until = width - 12 if end is None else _end(told, end[0])
    parts.append(f'<text class="name" x="4" y="{middle + 4}">{escape(row.name)}</text>')
    parts.append(f'<path class="time" d="M{LEFT - 14} {middle}H{until}"/>')
    if end is None:
        parts.append(f'<path class="time" d="M{until - 6} {middle - 4}l6 4l-6 4"/>')
    elif end[1] == "|":
        parts.append(f'<path class="end" d="M{until} {middle - 11}v22"/>')
    else:
        parts.append(f'<path class="end" d="M{until - 6} {middle - 6}l12 12m0 -12l-12 12"/>')
    _marbles(parts, row, middle, role)
    return height


def _marbles(parts: list[str], row: Row, middle: int, role: str) -> None:
    """Draw what *row* tells, around the height *middle*; what comes at one tick is piled up."""
    reached = LEFT - 44.0
    for tick, piled in groupby(filter(_is_told, row.told), itemgetter(0)):
        texts = [str(text) for _, text in piled]
        x = LEFT + tick * TICK
        widest = max(map(_wide, texts))
        if x - widest / 2 < reached:
            raise ValueError(f"{texts} lies on what is before it in the row {row.name!r}")
        reached = x + widest / 2
        for level, text in enumerate(texts):
            wide = _wide(text)
            y = middle + int((level - (len(texts) - 1) / 2) * (PILL + 4))
            parts.append(
                f'<rect class="{role}" x="{x - wide / 2:g}" y="{y - PILL // 2}" width="{wide}" height="{PILL}" rx="11"/>'
                f'<text class="{role}" x="{x}" y="{y + 4}">{escape(text)}</text>'
            )


def _in_words(drawing: Drawing) -> str:
    """The picture for those who hear it."""
    return "; ".join(
        f"{row.name}: " + ", ".join(f"{_said(what)} at {tick}" for tick, what in row.told)
        for row in (*drawing.ins, *drawing.outs)
    )


def _said(what: Any) -> str:
    return "error" if isinstance(what, Exception) else "end" if what == "|" else str(what)

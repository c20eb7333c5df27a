"""Lines over time as SVG, coloured by the style sheet of the page that they stand in."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby
from typing import NamedTuple

__all__ = ["Lane", "Point", "Span", "lanes", "lines"]

WIDTH, LEFT, RIGHT = 920, 76, 12
PLOT = WIDTH - LEFT - RIGHT
HEIGHT, TOP, BOTTOM = 190, 12, 24
LANE, BAR = 30, 14
MOST_POINTS = 1200
"""Of one line; more would be finer than the screen."""


class Point(NamedTuple):
    """A value at a time in seconds; NaN interrupts the line."""

    at: float
    value: float


class Span(NamedTuple):
    """From when to when, and what to say of it."""

    start: float
    end: float
    text: str


class Lane(NamedTuple):
    """A name, the stretches in which it had nothing to say, and the moments at which it was hit."""

    name: str
    spans: Sequence[Span]
    hits: Sequence[Span]


def lines(title: str, series: Sequence[tuple[str, Sequence[Point]]], seconds: float) -> str:
    """Each series (a class of the style sheet, and its points) as a line over the same axes.

    >>> drawn = lines("A", [("true", [Point(0.0, 1.0), Point(1.0, 2.0)])], 1.0)
    >>> drawn.count("<polyline"), "</svg>" in drawn
    (1, True)
    """
    values = [point.value for _, points in series for point in points if not _is_hole(point)]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if low == high:
        low, high = low - 0.5, high + 0.5
    bottom = HEIGHT - BOTTOM

    def y(value: float) -> float:
        return bottom - (value - low) / (high - low) * (bottom - TOP)

    parts = [_time_axis(seconds, bottom)]
    for value in (low, (low + high) / 2, high):
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" {_level(y(value))}/>')
        parts.append(_text("end", LEFT - 8, y(value) + 4, f"{value:.2f}"))
    for name, points in series:
        step = math.ceil(len(points) / MOST_POINTS) or 1
        for hole, stretch in groupby(points[::step], _is_hole):
            if not hole:
                path = " ".join(f"{_x(at, seconds):.1f},{y(value):.1f}" for at, value in stretch)
                parts.append(f'<polyline class="{name}" points="{path}"/>')
    return _svg(title, HEIGHT, parts)


def lanes(title: str, rows: Sequence[Lane], seconds: float) -> str:
    """Who was silent when, and what was done to it."""
    height = TOP + LANE * len(rows) + BOTTOM
    parts = [_time_axis(seconds, height - BOTTOM)]
    for number, row in enumerate(rows):
        middle = TOP + LANE * number + LANE / 2
        top = middle - BAR / 2
        parts.append(_text("end", LEFT - 8, middle + 4, row.name))
        parts.append(_bar("up", 0, seconds, seconds, top, f"{row.name}: connected"))
        parts += [_bar("gap", *span[:2], seconds, top, span.text) for span in row.spans]
        for hit in row.hits:
            x = _x(hit.start, seconds)
            shape = f'<path class="hit" d="M{x:.1f} {top:.1f}l-5 -8h10z">'
            parts.append(f"{shape}<title>{escape(hit.text)}</title></path>")
    return _svg(title, height, parts)


def _is_hole(point: Point) -> bool:
    return math.isnan(point.value)


def _x(at: float, seconds: float) -> float:
    return LEFT + min(max(at / seconds, 0.0), 1.0) * PLOT


def _level(y: float) -> str:
    return f'y1="{y:.1f}" y2="{y:.1f}"'


def _bar(name: str, start: float, end: float, seconds: float, top: float, text: str) -> str:
    left, right = _x(start, seconds), _x(end, seconds)
    return (
        f'<rect class="{name}" x="{left:.1f}" y="{top:.1f}" width="{max(right - left, 2):.1f}" '
        f'height="{BAR}"><title>{escape(text)}</title></rect>'
    )


def _time_axis(seconds: float, bottom: float) -> str:
    step = _round_step(seconds)
    ticks = [number * step for number in range(int(seconds / step) + 1)]
    return "".join(_text("middle", _x(at, seconds), bottom + 18, f"{at:g} s") for at in ticks)


def _round_step(seconds: float) -> float:
    """The smallest of 1, 2, 5, 10, 20, 50, ... seconds of which ten or fewer fit."""
    power = 1
    while True:
        for step in (power, 2 * power, 5 * power):
            if seconds / step <= 10:
                return step
        power *= 10


def _text(anchor: str, x: float, y: float, text: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _svg(title: str, height: float, parts: Iterable[str]) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}">'
        f"{''.join(parts)}</svg>"
    )

"""Lines over time as SVG, coloured by the style sheet of the page that they stand in."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby
from typing import NamedTuple, TypeVar

__all__ = ["Lane", "Picture", "Point", "Reach", "Span", "lanes", "lines"]

WIDTH, LEFT, RIGHT = 920, 76, 12
PLOT = WIDTH - LEFT - RIGHT
HEIGHT, TOP, BOTTOM = 190, 12, 24
LANE, BAR = 30, 14
STRIP, STRIP_BAR = 14, 8
MOST_POINTS = 1200
"""Of one line; more would be finer than the screen."""
_MOST = 1e300
"""No value as large is drawn: differences of such are infinite."""

T = TypeVar("T")


class Point(NamedTuple):
    """A value at a time in seconds; NaN interrupts the line, and so does what no scale can hold."""

    at: float
    value: float


class Reach(NamedTuple):
    """From where to where values reach at a time in seconds; what interrupts a line interrupts the band."""

    at: float
    low: float
    high: float


class Span(NamedTuple):
    """From when to when, what to say of it, and its class of the style sheet."""

    start: float
    end: float
    text: str
    kind: str = "gap"


class Lane(NamedTuple):
    """A name, the stretches in which something was the matter, and the moments at which it was hit."""

    name: str
    spans: Sequence[Span]
    hits: Sequence[Span] = ()


class Picture(NamedTuple):
    """What `lines` draws over one another."""

    series: Sequence[tuple[str, Sequence[Point]]]
    """Each a class of the style sheet, and its points."""
    band: Sequence[Reach] = ()
    """Behind the lines. What would need another scale than they do is cut off."""
    shades: Sequence[Span] = ()
    """Stretches of time, shaded over the whole height."""
    strips: Sequence[Lane] = ()
    """Below the lines, one below the other."""


def lines(title: str, picture: Picture, seconds: float, *, unit: str = "s") -> str:
    """Values over time, or over whatever *unit* the points are counted in.

    >>> drawn = lines("A", Picture([("true", [Point(0.0, 1.0), Point(1.0, 2.0)])]), 1.0)
    >>> drawn.count("<polyline"), "</svg>" in drawn
    (1, True)
    """
    low, high = _scale(picture)
    digits = max(2, 1 - math.floor(math.log10(high - low)))
    bottom = HEIGHT - BOTTOM
    height = HEIGHT + STRIP * len(picture.strips)

    def y(value: float) -> float:
        return bottom - (min(max(value, low), high) - low) / (high - low) * (bottom - TOP)

    parts = [_box(span, seconds, TOP, bottom - TOP) for span in picture.shades]
    parts.append(_time_axis(seconds, height - BOTTOM, unit))
    for value in (low, (low + high) / 2, high):
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" {_level(y(value))}/>')
        parts.append(_text("end", LEFT - 8, y(value) + 4, f"{value:.{digits}f}"))
    for drawn, stretch in groupby(
        _thinned(picture.band), lambda r: _holds(r.low) and _holds(r.high)
    ):
        if drawn:
            reaches = list(stretch)
            there = [f"{_x(at, seconds):.1f},{y(top):.1f}" for at, _, top in reaches]
            back = [f"{_x(at, seconds):.1f},{y(foot):.1f}" for at, foot, _ in reversed(reaches)]
            parts.append(f'<polygon class="band" points="{" ".join(there + back)}"/>')
    for name, points in picture.series:
        for drawn, line in groupby(_thinned(points), lambda point: _holds(point.value)):
            if drawn:
                path = " ".join(f"{_x(at, seconds):.1f},{y(value):.1f}" for at, value in line)
                parts.append(f'<polyline class="{name}" points="{path}"/>')
    for number, strip in enumerate(picture.strips):
        top = bottom + 6 + STRIP * number
        parts.append(_text("end", LEFT - 8, top + STRIP_BAR + 1, strip.name))
        parts.append(_box(Span(0, seconds, f"{strip.name}: used", "up"), seconds, top, STRIP_BAR))
        parts += [_box(span, seconds, top, STRIP_BAR) for span in strip.spans]
    return _svg(title, height, parts)


def _scale(picture: Picture) -> tuple[float, float]:
    """From where to where: all lines, and as much of the band as stands out as a rule."""
    values = [
        point.value for _, points in picture.series for point in points if _holds(point.value)
    ]
    if not values:
        return 0.0, 1.0
    widths = sorted(r.high - r.low for r in picture.band if _holds(r.low) and _holds(r.high))
    margin = widths[len(widths) // 2] if widths else 0.0
    low, high = min(values) - margin, max(values) + margin
    # Of a flat line: the more the larger it is, or it would add nothing.
    around = max(0.5, abs(low) * 1e-9)
    return (low, high) if low < high else (low - around, high + around)


def _holds(value: float) -> bool:
    """Whether a scale can hold *value*: no NaN, nothing infinite, nor so large that differences would be."""
    return abs(value) < _MOST


def lanes(title: str, rows: Sequence[Lane], seconds: float) -> str:
    """Who was silent when, and what was done to it."""
    height = TOP + LANE * len(rows) + BOTTOM
    parts = [_time_axis(seconds, height - BOTTOM)]
    for number, row in enumerate(rows):
        middle = TOP + LANE * number + LANE / 2
        top = middle - BAR / 2
        parts.append(_text("end", LEFT - 8, middle + 4, row.name))
        parts.append(_box(Span(0, seconds, f"{row.name}: connected", "up"), seconds, top, BAR))
        parts += [_box(span, seconds, top, BAR) for span in row.spans]
        for hit in row.hits:
            x = _x(hit.start, seconds)
            shape = f'<path class="hit" d="M{x:.1f} {top:.1f}l-5 -8h10z">'
            parts.append(f"{shape}<title>{escape(hit.text)}</title></path>")
    return _svg(title, height, parts)


def _thinned(points: Sequence[T]) -> Sequence[T]:
    return points[:: math.ceil(len(points) / MOST_POINTS) or 1]


def _x(at: float, seconds: float) -> float:
    return LEFT + min(max(at / seconds, 0.0), 1.0) * PLOT


def _level(y: float) -> str:
    return f'y1="{y:.1f}" y2="{y:.1f}"'


def _box(span: Span, seconds: float, top: float, height: float) -> str:
    left, right = _x(span.start, seconds), _x(span.end, seconds)
    return (
        f'<rect class="{span.kind}" x="{left:.1f}" y="{top:.1f}" width="{max(right - left, 2):.1f}" '
        f'height="{height}"><title>{escape(span.text)}</title></rect>'
    )


def _time_axis(seconds: float, bottom: float, unit: str = "s") -> str:
    step = _round_step(seconds)
    ticks = [number * step for number in range(int(seconds / step) + 1)]
    return "".join(_text("middle", _x(at, seconds), bottom + 18, f"{at:g} {unit}") for at in ticks)


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

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.commands.drawing import MOST_POINTS, WIDTH, Lane, Point, Span, lanes, lines

numbers = st.floats(-1e9, 1e9) | st.just(math.nan)
points = st.lists(st.builds(Point, st.floats(-1, 100), numbers), max_size=20)


def drawn_points(svg: str) -> list[list[tuple[float, float]]]:
    return [
        [(float(x), float(y)) for x, y in (pair.split(",") for pair in path.split())]
        for path in re.findall(r'points="([^"]+)"', svg)
    ]


@given(points, st.floats(0.1, 1000))
def test_whatever_is_drawn_is_valid_and_stays_in_the_picture(
    series: list[Point], seconds: float
) -> None:
    svg = lines("any <title>", [("true", series)], seconds)

    box = ElementTree.fromstring(svg).attrib["viewBox"].split()
    for line in drawn_points(svg):
        assert all(0 <= x <= WIDTH and 0 <= y <= float(box[3]) for x, y in line)


def test_a_higher_price_stands_higher_and_later_further_right() -> None:
    [[first, second]] = drawn_points(lines("A", [("true", [Point(0, 1), Point(1, 2)])], 1.0))

    assert first[0] < second[0]
    assert first[1] > second[1]


def test_a_hole_interrupts_the_line() -> None:
    series = [Point(0, 1), Point(1, math.nan), Point(2, 3), Point(3, 3)]

    assert [len(line) for line in drawn_points(lines("A", [("true", series)], 3.0))] == [1, 2]


def test_a_long_line_is_thinned() -> None:
    series = [Point(at, at) for at in range(5 * MOST_POINTS + 1)]

    [line] = drawn_points(lines("A", [("true", series)], 1.0))

    assert MOST_POINTS / 2 <= len(line) <= MOST_POINTS


def test_lanes_hold_their_gaps_and_hits() -> None:
    row = Lane("p & q", [Span(1.0, 2.0, "gap of 1 s")], [Span(1.0, 1.0, "cut off")])

    root = ElementTree.fromstring(lanes("who", [row], 10.0))

    shapes = {shape.attrib["class"]: shape for shape in root if "class" in shape.attrib}
    assert set(shapes) == {"up", "gap", "hit"}
    up, gap = (float(shapes[name].attrib["width"]) for name in ("up", "gap"))
    assert abs(gap - up / 10) < 0.2
    assert "p & q" in [text.text for text in root.iter("text")]

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.commands.drawing import (
    MOST_POINTS,
    WIDTH,
    Lane,
    Picture,
    Point,
    Reach,
    Span,
    lanes,
    lines,
)

numbers = st.floats(-1e9, 1e9) | st.floats()
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
    svg = lines("any <title>", Picture([("true", series)]), seconds)

    box = ElementTree.fromstring(svg).attrib["viewBox"].split()
    for line in drawn_points(svg):
        assert all(0 <= x <= WIDTH and 0 <= y <= float(box[3]) for x, y in line)


def test_a_higher_price_stands_higher_and_later_further_right() -> None:
    [[first, second]] = drawn_points(
        lines("A", Picture([("true", [Point(0, 1), Point(1, 2)])]), 1.0)
    )

    assert first[0] < second[0]
    assert first[1] > second[1]


def test_a_hole_interrupts_the_line() -> None:
    series = [Point(0, 1), Point(1, math.nan), Point(2, 3), Point(3, 3)]

    assert [len(line) for line in drawn_points(lines("A", Picture([("true", series)]), 3.0))] == [
        1,
        2,
    ]


def test_what_is_infinite_interrupts_the_line_and_leaves_the_scale_to_the_rest() -> None:
    series = [Point(0, math.inf), Point(1, 1), Point(2, 2)]

    svg = lines("A", Picture([("true", series)]), 2.0)

    assert drawn_points(svg) == drawn_points(lines("A", Picture([("true", series[1:])]), 2.0))
    assert labels(svg) == ["1.00", "1.50", "2.00"]


def test_labels_have_as_many_digits_as_tell_them_apart() -> None:
    series = [Point(0, 0.000_012), Point(1, 0.000_014)]

    assert labels(lines("A", Picture([("true", series)]), 1.0)) == [
        "0.0000120",
        "0.0000130",
        "0.0000140",
    ]


def labels(svg: str) -> list[str]:
    """Those of the scale."""
    return re.findall(r'text-anchor="end">([^<]+)', svg)


def test_a_long_line_is_thinned() -> None:
    series = [Point(at, at) for at in range(5 * MOST_POINTS + 1)]

    [line] = drawn_points(lines("A", Picture([("true", series)]), 1.0))

    assert MOST_POINTS / 2 <= len(line) <= MOST_POINTS


def test_lanes_hold_their_gaps_and_hits() -> None:
    row = Lane("p & q", [Span(1.0, 2.0, "gap of 1 s")], [Span(1.0, 1.0, "cut off")])

    root = ElementTree.fromstring(lanes("who", [row], 10.0))

    shapes = {shape.attrib["class"]: shape for shape in root if "class" in shape.attrib}
    assert set(shapes) == {"up", "gap", "hit"}
    up, gap = (float(shapes[name].attrib["width"]) for name in ("up", "gap"))
    assert abs(gap - up / 10) < 0.2
    assert "p & q" in [text.text for text in root.iter("text")]


def shapes(svg: str, tag: str) -> list[dict[str, str]]:
    return [dict(shape.attrib) for shape in ElementTree.fromstring(svg).iter(tag)]


def test_a_band_reaches_around_its_line_and_ends_at_a_hole() -> None:
    band = [Reach(0, 0.5, 1.5), Reach(1, math.nan, math.nan), Reach(2, 2, 4), Reach(3, 2, 4)]
    line = [Point(at, value) for at, value in enumerate((1, math.nan, 3, 3))]

    svg = lines("A", Picture([("true", line)], band), 3.0)

    bands = [shape["points"].split() for shape in shapes(svg, "polygon")]
    assert [len(points) for points in bands] == [2, 4]
    polylines = [shape["points"].split() for shape in shapes(svg, "polyline")]
    middle = float(polylines[1][0].split(",")[1])
    top, bottom = (float(bands[1][at].split(",")[1]) for at in (0, -1))
    assert top < middle < bottom


def test_a_wide_stretch_of_the_band_does_not_flatten_the_lines() -> None:
    line = [Point(at, 100 + at / 100) for at in range(10)]
    usual = [Reach(at, 100 + at / 100 - 0.01, 100 + at / 100 + 0.01) for at in range(10)]
    wide = [*usual[:5], Reach(5, 0, 200), *usual[6:]]

    assert (
        drawn_points(lines("A", Picture([("true", line)], wide), 9.0))[-1]
        == (drawn_points(lines("A", Picture([("true", line)], usual), 9.0))[-1])
    )


def test_shades_cover_the_height_and_strips_stand_below_the_lines() -> None:
    picture = Picture(
        [("true", [Point(0, 1), Point(9, 2)])],
        shades=[Span(1, 2, "gap", "shade")],
        strips=[Lane("p & q", [Span(3, 4, "outlier", "outlier")])],
    )

    drawn = {box["class"]: box for box in shapes(lines("A", picture, 9.0), "rect")}

    assert set(drawn) == {"shade", "up", "outlier"}
    shade, up, out = (drawn[name] for name in ("shade", "up", "outlier"))
    assert float(up["y"]) == float(out["y"]) > float(shade["y"]) + float(shade["height"])
    assert float(shade["x"]) < float(out["x"])

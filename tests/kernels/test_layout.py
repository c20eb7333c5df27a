"""The layout of a kernel: its columns by name, what is wrong with one, and what parameters make of its state."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from ordinis_rx.kernels.layout import FIRST, ROOM, STOP, Column, Layout
from ordinis_rx.kernels.record import Call

LAYOUT = Layout(
    reads="symbol:i price:f",
    writes="row:i",
    state="seen:i mean:f ring:f*window clock:i@1 table:f@size",
    params="window:i size:i threshold:f",
)
SYMBOL, PRICE, ROW, SEEN, MEAN, RING, CLOCK, TABLE, WINDOW, SIZE, THRESHOLD = LAYOUT.slots


@pytest.mark.parametrize(
    "layout",
    [
        Layout("symbol:i price:f=nan flags:i=7 size:f=100000000", "row:i value:f"),
        Layout("price:f", "row:i", "mean:f ring:f*2*window clock:i@1", "window:i", expands=True),
    ],
)
def test_a_layout_is_shown_by_the_words_that_make_it(layout: Layout) -> None:
    assert repr(eval(repr(layout), {"Layout": Layout})) == repr(layout)
    assert repr(layout).startswith("Layout(reads='")


def test_a_layout_that_is_renamed_shows_what_it_reads() -> None:
    layout = Layout("value:f", "row:i").renamed(value="close")
    assert repr(layout) == "Layout(reads='close:f', writes='row:i')"


def test_slots_follow_the_order_of_the_layout() -> None:
    assert (STOP, ROOM, SYMBOL) == (0, 1, FIRST)
    assert (LAYOUT.first_write, LAYOUT.first_state, LAYOUT.first_param) == (ROW, SEEN, WINDOW)
    assert LAYOUT.size == THRESHOLD + 1


def test_state_says_how_many_rows_and_for_whom() -> None:
    assert LAYOUT.state == (
        Column("seen", "i"),
        Column("mean", "f"),
        Column("ring", "f", "window"),
        Column("clock", "i", "1", per_symbol=False),
        Column("table", "f", "size", per_symbol=False),
    )


@pytest.mark.parametrize(
    "spec", ["price", "price:x", "Price:f", "price:f*", "price : f", ":f", "a:f*2*"]
)
def test_a_column_that_cannot_be_read_is_shown(spec: str) -> None:
    with pytest.raises(ValueError, match="a column is name:i or name:f"):
        Layout(reads=spec, writes="row:i")


def coerced(kind: str, value: Any) -> float:
    return Layout("price:f", "row:i", params=f"given:{kind}").coerce((value,))[0]


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("f", 2, 2.0),
        ("f", True, 1.0),
        ("f", np.float32(0.5), 0.5),
        ("f", math.inf, math.inf),
        ("i", True, 1),
        ("i", np.int32(-7), -7),
        ("i", 2**63 - 1, 2**63 - 1),
        ("i", -(2**63) + 1, -(2**63) + 1),
    ],
)
def test_a_parameter_becomes_its_declared_kind(kind: str, value: Any, expected: float) -> None:
    got = coerced(kind, value)

    assert got == expected
    assert type(got) is (float if kind == "f" else int)


@pytest.mark.parametrize(
    ("kind", "value", "told"),
    [
        ("i", 2.0, "parameter given must be an integer, got 2.0"),
        ("i", "2", "parameter given must be an integer, got '2'"),
        ("f", None, "parameter given must be a number, got None"),
        ("f", "0.5", "parameter given must be a number, got '0.5'"),
        ("f", "much", "parameter given must be a number, got 'much'"),
        ("f", 1j, "parameter given must be a number, got 1j"),
    ],
)
def test_a_parameter_of_another_kind_is_refused_by_name(kind: str, value: Any, told: str) -> None:
    with pytest.raises(TypeError) as raised:
        coerced(kind, value)

    assert str(raised.value) == told


@pytest.mark.parametrize("value", [2**63, -(2**63), 2**100])
def test_an_integer_that_does_not_fit_is_refused(value: int) -> None:
    with pytest.raises(ValueError, match=f"parameter given must fit 64 bits, got {value}"):
        coerced("i", value)


def test_too_few_parameters_are_counted_and_named() -> None:
    with pytest.raises(TypeError, match=r"3 parameters \(window size threshold\), got 1"):
        LAYOUT.coerce((1,))


def test_state_that_depends_on_an_unknown_parameter_is_refused() -> None:
    layout = Layout("price:f", "row:i", state="ring:f*width", params="window:i")

    with pytest.raises(ValueError, match="state ring wants 'width' rows"):
        Call(layout, (3,))


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ((0, 1), "state ring must have from 1 to 134217728 rows, got 0 with parameter window=0"),
        ((-3, -1), "state ring must have from 1 to 134217728 rows, got -3 with parameter window=-3"),
        ((3, 0), "state ring must have from 1 to 134217728 rows, got 0 with parameter many=0"),
        ((10**13, 1), "got 10000000000000 with parameter window=10000000000000"),
        ((1 << 20, 1 << 20), "got 1099511627776 with parameter many=1048576"),
    ],
)  # fmt: skip
def test_a_parameter_that_leaves_no_state_or_far_too_much_is_refused(
    params: tuple[int, int], told: str
) -> None:
    layout = Layout("price:f", "row:i", state="ring:f*window*many", params="window:i many:i")

    with pytest.raises(ValueError, match=told):
        layout.rows(params)
    with pytest.raises(ValueError, match=told):
        Call(layout, params)


def test_a_number_with_a_point_sizes_no_state() -> None:
    layout = Layout("price:f", "row:i", state="ring:f*share", params="share:f")

    with pytest.raises(ValueError, match="no integer parameter is so named"):
        layout.rows((2.5,))


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({"reads": 5}, "reads must be a text, as in 'symbol:i price:f', got 5"),
        ({"reads": "price:f price:f"}, "reads names price twice, in 'price:f price:f'"),
        ({"state": "last:f last:i"}, "state names last twice"),
        ({"reads": "symbol:i*3"}, r"only state has rows of its own, not reads: 'symbol:i\*3'"),
        ({"params": "window:i@3"}, "only state has rows of its own, not params: 'window:i@3'"),
        ({"writes": "row:i value:f=3"}, "only what is read has a default, not writes: 'value:f=3'"),
        ({"writes": "row:f"}, "writes has row:i, not row:f"),
        ({"reads": "symbol:i=x"}, "the default of symbol:i is a number, got 'symbol:i=x'"),
    ],
)
def test_a_layout_that_says_nothing_that_can_be_is_refused(
    parts: dict[str, Any], told: str
) -> None:
    with pytest.raises((TypeError, ValueError), match=told):
        Layout(**{"reads": "price:f", "writes": "row:i", **parts})


def test_a_renamed_layout_reads_other_columns_into_the_same_slots() -> None:
    other = LAYOUT.renamed(price="close")

    assert [column.name for column in other.reads] == ["symbol", "close"]
    assert [column.name for column in LAYOUT.reads] == ["symbol", "price"]
    assert other.slots == LAYOUT.slots


@pytest.mark.parametrize(
    ("spec", "default"), [("flags:i=7", 7), ("size:f=nan", math.nan), ("price:f", None)]
)
def test_a_column_may_say_what_stands_for_it_where_there_is_none(
    spec: str, default: float | None
) -> None:
    (column,) = Layout(reads=spec, writes="row:i").reads

    assert repr(column.default) == repr(default)

"""What an argument must not be is refused by name and value; what it may be passes."""

from __future__ import annotations

import enum
import math
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ordinis_rx.checks import (
    check_callable,
    check_choice,
    check_count,
    check_flag,
    check_number,
    check_path,
    check_several,
    check_text,
)


@pytest.mark.parametrize(
    "value", [1, 0.5, math.nan, np.float32(1), np.int64(3), Fraction(1, 2), Decimal(1)]
)
def test_a_number_passes(value: Any) -> None:
    check_number("n", value)


@pytest.mark.parametrize("value", [True, "5", None, [], 1j, b"5"])
def test_what_is_no_number_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="n must be a number, got"):
        check_number("n", value)


@pytest.mark.parametrize("value", [True, False, np.True_])
def test_a_truth_passes(value: Any) -> None:
    check_flag("n", value)


@pytest.mark.parametrize("value", ["no", 0, 1, None, math.nan])
def test_what_is_no_truth_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="n must be True or False, got"):
        check_flag("n", value)


class Letter(enum.StrEnum):
    A = "a"


def test_none_may_be_a_choice_and_whatever_is_a_text() -> None:
    check_choice("n", None, (None, "a"))
    for word in ("a", Letter.A, np.str_("a")):
        check_choice("n", word, (None, "a"))


@pytest.mark.parametrize("value", ["b", 1, math.nan, ["a"], np.array([1, 2])])
def test_what_is_no_choice_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="n must be one of 'a', got"):
        check_choice("n", value, ("a",))


@pytest.mark.parametrize("value", [[], ("a",), {"a"}, iter("ab"), {"a": 1}])
def test_several_pass(value: Any) -> None:
    check_several("n", value, "['a']")


@pytest.mark.parametrize("value", ["ab", b"ab", 5, None])
def test_what_is_not_several_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match=r"n must be several, as in \['a'\], got"):
        check_several("n", value, "['a']")


def test_what_is_right_passes() -> None:
    for function in (print, lambda: None, dict, [].append):
        check_callable("f", function)
    check_callable("f", None, optional=True)
    check_count("n", 1, "rows")
    check_count("n", np.int64(5), "rows")
    check_text("name", "a")
    check_path("path", "a/b")
    check_path("path", Path("a"))


@pytest.mark.parametrize("value", [5, "print", None, [print]])
def test_what_is_no_function_is_refused_by_name_and_value(value: Any) -> None:
    with pytest.raises(TypeError, match="f must be a function, got ") as told:
        check_callable("f", value)
    assert repr(value) in str(told.value)


@pytest.mark.parametrize("value", [5, "print"])
def test_nothing_to_call_is_none_and_nothing_else(value: Any) -> None:
    with pytest.raises(TypeError, match="f must be a function, got "):
        check_callable("f", value, optional=True)


@pytest.mark.parametrize("value", ["5", 1.0, None, True])
def test_what_counts_nothing_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="n must be a whole number of rows, got "):
        check_count("n", value, "rows")


@pytest.mark.parametrize("value", [0, -1])
def test_fewer_than_one_is_refused(value: int) -> None:
    with pytest.raises(ValueError, match=f"n must be at least 1, got {value}"):
        check_count("n", value, "rows")


@pytest.mark.parametrize(
    ("value", "error", "words"),
    [("", ValueError, "name is empty"), (5, TypeError, "name must be a text, got 5")],
)
def test_what_is_no_text_or_an_empty_one_is_refused(
    value: Any, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        check_text("name", value)


@pytest.mark.parametrize(
    ("value", "error", "words"),
    [
        ("", ValueError, "path is empty"),
        (5, TypeError, "path must be a path, got 5"),
        (None, TypeError, "path must be a path, got None"),
    ],
)
def test_what_is_no_path_is_refused(value: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        check_path("path", value)

"""What an argument must not be is refused by name and value; what it may be passes."""

from __future__ import annotations

import enum
import math
from collections.abc import Callable
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
    check_duration,
    check_flag,
    check_not_negative,
    check_number,
    check_path,
    check_positive,
    check_several,
    check_share,
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


NO_NUMBERS: list[Any] = [True, np.True_, "5", None, [], 1j]

TINY = 5e-324


@pytest.mark.parametrize(
    "value",
    [1, TINY, 10**400, np.float32(1), np.int64(3), np.uint8(1), Fraction(1, 2), Decimal("0.1")],
)
def test_a_number_above_zero_passes(value: Any) -> None:
    check_positive("n", value)
    check_not_negative("n", value)


@pytest.mark.parametrize("value", [0, 0.0, -0.0, np.int64(0), Decimal(0)])
def test_zero_is_not_above_zero_nor_is_it_negative(value: Any) -> None:
    check_not_negative("n", value)
    with pytest.raises(ValueError, match="n must be a finite number above 0, got ") as told:
        check_positive("n", value)
    assert str(told.value).endswith(repr(value))


BELOW_OR_NONE: list[Any] = [
    -1,
    -TINY,
    -math.inf,
    math.nan,
    np.float64("nan"),
    np.int64(-3),
    Decimal("NaN"),
    Decimal(-1),
]


@pytest.mark.parametrize("endless", [False, True])
@pytest.mark.parametrize("value", BELOW_OR_NONE)
def test_what_is_negative_or_nan_is_refused(value: Any, endless: bool) -> None:
    kind = "number" if endless else "finite number"
    with pytest.raises(ValueError, match=f"n must be a {kind} above 0, got ") as told:
        check_positive("n", value, endless=endless)
    assert str(told.value).endswith(repr(value))
    with pytest.raises(ValueError, match=f"n must be a {kind}, 0 or more, got ") as told:
        check_not_negative("n", value, endless=endless)
    assert str(told.value).endswith(repr(value))


@pytest.mark.parametrize("value", [math.inf, np.float32("inf"), Decimal("Infinity")])
def test_infinity_passes_where_a_span_may_be_endless(value: Any) -> None:
    check_positive("n", value, endless=True)
    check_not_negative("n", value, endless=True)
    with pytest.raises(ValueError, match="n must be a finite number above 0, got "):
        check_positive("n", value)
    with pytest.raises(ValueError, match="n must be a finite number, 0 or more, got "):
        check_not_negative("n", value)


@pytest.mark.parametrize("value", NO_NUMBERS)
@pytest.mark.parametrize("check", [check_positive, check_not_negative, check_share])
def test_limits_are_for_numbers(check: Callable[[str, Any], None], value: Any) -> None:
    with pytest.raises(TypeError, match="n must be a number, got "):
        check("n", value)


@pytest.mark.parametrize("value", [0, 1, 0.5, np.int64(1), np.float32(0.1), Fraction(1, 3)])
def test_a_share_passes(value: Any) -> None:
    check_share("n", value)


@pytest.mark.parametrize(
    "value", [-TINY, 1.0000000000000002, 2, math.nan, math.inf, -math.inf, Decimal("NaN")]
)
def test_what_is_no_share_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="n must be a share between 0 and 1, got ") as told:
        check_share("n", value)
    assert str(told.value).endswith(repr(value))


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


NO_COUNTS: list[Any] = ["5", 1.0, np.float64(2), math.nan, math.inf, None, True, np.True_, [1]]


@pytest.mark.parametrize("value", NO_COUNTS)
def test_what_counts_nothing_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="n must be a whole number of rows, got "):
        check_count("n", value, "rows")


@pytest.mark.parametrize("value", [0, -1, np.int64(0), -(10**30)])
def test_fewer_than_one_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"^n must be 1 or more rows, got ") as told:
        check_count("n", value, "rows")
    assert str(told.value).endswith(repr(value))


def test_a_count_has_the_limits_that_are_asked_for() -> None:
    for value in (0, np.int64(7), 10**30):
        check_count("n", value, "tries", least=0)
    with pytest.raises(ValueError, match=r"^n must be 0 or more tries, got -1$"):
        check_count("n", -1, "tries", least=0)

    for value in (2, 3, np.uint8(5)):
        check_count("n", value, "bars", least=2, most=5)
    for value in (1, 6):
        with pytest.raises(ValueError, match=f"^n must be from 2 to 5 bars, got {value}$"):
            check_count("n", value, "bars", least=2, most=5)


def test_a_duration_is_of_whole_nanoseconds() -> None:
    for value in (1, np.int64(5), 10**30):
        check_duration("d", value)
    check_duration("d", 0, least=0)


@pytest.mark.parametrize("value", NO_COUNTS)
def test_a_duration_that_is_not_whole_is_refused_with_an_example(value: Any) -> None:
    wanted = r"^d must be a whole number of nanoseconds, such as 5 \* SECOND, got "
    with pytest.raises(TypeError, match=wanted) as told:
        check_duration("d", value)
    assert str(told.value).endswith(repr(value))


@pytest.mark.parametrize(("value", "least"), [(0, 1), (-1, 1), (-1, 0), (9, 10)])
def test_a_duration_that_is_too_short_is_refused_with_an_example(value: int, least: int) -> None:
    wanted = rf"^d must be {least} or more nanoseconds, such as 5 \* SECOND, got {value}$"
    with pytest.raises(ValueError, match=wanted):
        check_duration("d", value, least)


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

"""What is no number, no truth, none of the choices or not several is refused by name; what is one passes."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from ordinis_rx.checks import check_choice, check_flag, check_number, check_several


@pytest.mark.parametrize("value", [1, 0.5, math.nan, np.float32(1), np.int64(3), Fraction(1, 2)])
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


def test_none_may_be_a_choice() -> None:
    check_choice("n", None, (None, "a"))
    check_choice("n", "a", (None, "a"))


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

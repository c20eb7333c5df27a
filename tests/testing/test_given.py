"""What a check is given, and what it says where that is something else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import ordinis_rx as ox
from ordinis_rx import operators as oo
from ordinis_rx.testing import (
    a_trade,
    check_apart,
    check_no_lookahead,
    check_operator,
    check_warmup,
    same_on_frames,
    through,
)
from ordinis_rx.testing.given import check_given

STREAM: Any = ox.from_events([a_trade(1.0)])


def mean() -> ox.Operator[Any, Any]:
    return oo.rolling_mean(2)


@pytest.mark.parametrize(
    "check",
    [
        lambda: check_operator(mean, STREAM),
        lambda: same_on_frames(mean, STREAM),
        lambda: check_apart(mean, STREAM),
        lambda: check_no_lookahead(mean(), STREAM),
        lambda: check_warmup(mean(), STREAM),
        lambda: through(mean(), STREAM),
    ],
    ids=["operator", "frames", "apart", "lookahead", "warmup", "through"],
)
def test_a_stream_for_a_list_of_facts_is_refused(check: Callable[[], object]) -> None:
    with pytest.raises(TypeError, match=r": what goes in must be several, as in \[fact\], got "):
        check()


@pytest.mark.parametrize("check", [check_operator, same_on_frames, check_apart])
def test_an_operator_for_the_function_that_makes_it_is_refused(
    check: Callable[..., object],
) -> None:
    with pytest.raises(
        TypeError, match=f"{check.__name__} wants a function that makes the operator"
    ):
        check(mean(), [a_trade(1.0)])


def test_what_may_be_called_without_arguments_makes_operators() -> None:
    check_given("check", lambda of="price": oo.rolling_mean(2, of=of), [])
    check_given("check", lambda *_, **__: oo.rolling_mean(2), [])

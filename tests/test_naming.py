"""What a step of a pipeline was called with."""

from __future__ import annotations

from typing import Any

import pytest
from reactivex import operators as ops

import ordinis_rx as ox
from ordinis_rx import operators as oo
from ordinis_rx.naming import origin_of
from ordinis_rx.testing import a_trade


def call(stream: object) -> str:
    origin = origin_of(stream)  # type: ignore[arg-type]
    assert origin is not None
    return origin.call


def test_a_step_is_called_as_its_user_called_it() -> None:
    trades = ox.from_events([a_trade(1.0)])
    assert call(trades.pipe(oo.rolling_mean(20, of="price"))) == "rolling_mean(20, of='price')"
    assert call(trades.pipe(oo.time_bars(ox.SECOND))) == "time_bars(1_000_000_000)"


def test_a_long_argument_is_cut_short() -> None:
    many = ox.from_events([a_trade(float(p)) for p in range(1, 500)])
    assert len(call(many)) < 300
    assert call(many).startswith("from_events([")


def test_facts_among_the_arguments_are_told_by_their_kind() -> None:
    stream = ox.from_events([a_trade(1.0, at=k) for k in range(5)], rows=2)

    assert origin_of(stream).call == (  # type: ignore[union-attr]
        "from_events([Trade(...), Trade(...), Trade(...), ...], rows=2)"
    )


def test_a_step_knows_all_streams_that_it_was_made_of() -> None:
    shared = ox.from_events([a_trade(1.0)]).pipe(ox.share())
    left, right = shared.pipe(oo.trades()), shared.pipe(oo.rolling_mean(2))
    joined, merged = left.pipe(oo.with_latest(right)), ox.merge(left, right)
    for made in (joined, merged):
        origin = origin_of(made)
        assert origin is not None
        assert origin.sources == (left, right)
    assert call(joined) == "with_latest(...)"
    assert call(merged) == "merge()"


NO_STEPS = {"col", "highest", "indicator", "lowest", "rule", "vote", "weighted", "zscores"}
"""Functions of the face that give a value, and no operator."""


def test_every_operator_of_the_face_names_its_steps_and_keeps_its_docstring() -> None:
    for name in set(oo.__all__) - NO_STEPS:
        make = getattr(oo, name)
        if not isinstance(make, type) and callable(make):
            assert make.__name__ == name
            assert make.__doc__
            assert make.__wrapped__.__module__.startswith("ordinis_rx.operators.")


def test_an_operator_that_nobody_called_says_so() -> None:
    stream: Any = ox.from_events([])
    with pytest.raises(
        TypeError, match=r"^trades makes an operator when it is called: pipe\(trades\(\)\)$"
    ):
        stream.pipe(oo.trades)
    with pytest.raises(TypeError, match="reorder: lateness must be a whole number"):
        oo.reorder("soon")  # type: ignore[arg-type]


def test_plain_rx_has_no_origin() -> None:
    assert origin_of(ox.from_events([a_trade(1.0)]).pipe(ops.take(1))) is None

from __future__ import annotations

import re

import pytest
import reactivex
from hypothesis import given
from hypothesis import strategies as st
from reactivex import Observable
from reactivex import operators as ops

from ordinis_rx.stream import Stream
from ordinis_rx.testing import a_trade, cold, play, through
from ordinis_rx.testing.marbles import parsed

nothing_done = ops.map(lambda x: x)


def test_a_letter_is_told_at_its_tick() -> None:
    trades = {"a": a_trade(9), "b": a_trade(7)}

    assert play("a--b-|", nothing_done, trades) == [(0, trades["a"]), (3, trades["b"]), (5, "|")]


def test_a_group_is_told_at_once_at_the_tick_of_its_parenthesis() -> None:
    assert play("-(ab|)", nothing_done) == [(1, "a"), (1, "b"), (1, "|")]


def test_spaces_line_drawings_up_and_take_no_time() -> None:
    assert play("a -- b", nothing_done) == [(0, "a"), (3, "b")]


def test_an_error_is_heard_with_its_tick() -> None:
    [(_, a), (tick, error)] = play("a-#", nothing_done)

    assert (a, tick) == ("a", 2)
    assert isinstance(error, RuntimeError)


def test_timers_of_an_operator_run_in_the_same_time() -> None:
    assert play("a-b----c|", ops.debounce(2.0)) == [(4, "b"), (8, "c"), (8, "|")]


def test_half_a_tick_is_told_as_half_a_tick() -> None:
    assert play("a-----|", ops.delay(0.5)) == [(0.5, "a"), (6.5, "|")]


def test_what_comes_after_until_is_not_heard() -> None:
    assert play("a-b-c-d|", nothing_done, until=3) == [(0, "a"), (2, "b")]


def test_an_endless_timer_does_not_hang_a_play() -> None:
    heard = play("a", lambda _: reactivex.interval(100.0))

    assert [tick for tick, _ in heard] == [100 * n for n in range(1, 11)]


def test_more_than_a_hundred_items_at_one_tick_stay_there() -> None:
    heard = play(f"({'a' * 250})", ops.observe_on(reactivex.scheduler.ImmediateScheduler()))

    assert heard == [(0, "a")] * 250


@pytest.mark.parametrize(
    ("drawing", "told"),
    [
        ("a|b", "'b' after the end in 'a|b'"),
        ("a)", "')' without its other half in 'a)'"),
        ("((a)", "'(' without its other half in '((a)'"),
        ("(ab", "'(' without its other half in '(ab'"),
    ],
)
def test_a_drawing_that_makes_no_sense_is_refused(drawing: str, told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        parsed(drawing)


@given(st.text("ab-", max_size=30))
def test_every_letter_stands_at_its_place(drawing: str) -> None:
    assert parsed(drawing) == [(at, mark) for at, mark in enumerate(drawing) if mark != "-"]


def test_a_drawing_without_a_scheduler_is_refused() -> None:
    errors: list[Exception] = []

    cold("a").subscribe(print, errors.append)

    assert [str(error) for error in errors] == [
        "the drawing 'a' was subscribed to without a scheduler"
    ]


def test_through_numbers_facts_and_hands_them_on_as_a_stream() -> None:
    seen: list[Observable[object]] = []

    def operator(source: Observable[object]) -> Observable[object]:
        seen.append(source)
        return source

    heard = through(operator, [a_trade(9), a_trade(7)])

    assert heard == [a_trade(9, seq=1), a_trade(7, seq=2)]
    assert isinstance(seen[0], Stream)


def test_through_takes_plain_values_too() -> None:
    assert through(ops.scan(lambda a, b: a + b), [1, 2, 3]) == [1, 3, 6]


def test_through_raises_the_error_that_comes_out() -> None:
    error = RuntimeError("odd")

    with pytest.raises(RuntimeError, match="odd"):
        through(lambda _: reactivex.throw(error), [1])

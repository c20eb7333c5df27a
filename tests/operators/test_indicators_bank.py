"""Indicators of indicators: a reading that is told again takes the place of the last one, in frames of any size."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from reactivex import operators as ops

from ordinis_rx import operators as oo
from ordinis_rx.events import Bar
from ordinis_rx.memory import OperatorMemory
from ordinis_rx.operators import SideOutput
from ordinis_rx.testing import a_bar, a_reading, same, same_on_frames, through
from tests.candles import random_bars


def revised_bars(n: int = 60) -> list[Bar]:
    """Bars of two symbols, some of which are told again, once or twice."""
    told: list[Bar] = []
    for one, other in zip(random_bars(n, seed=1), random_bars(n, seed=2, symbol="B"), strict=True):
        told += [one, other]
        if one.ts_event % 5 == 2:
            told.append(replace(one, close=one.close + 3, high=one.high + 3, revision=1))
        if one.ts_event % 7 == 3:
            told += [replace(other, close=other.low, revision=r) for r in (1, 2)]
    return told


def twice(outer: Any) -> Any:
    return ops.compose(oo.sma(2), outer)


def test_an_indicator_of_an_indicator_counts_a_bar_told_again_once() -> None:
    bars = [a_bar(1, at=1), a_bar(2, at=2), a_bar(9, at=3), a_bar(3, at=3, revision=1)]
    bars.append(a_bar(4, at=4))

    told = through(twice(oo.sma(2, of="value")), bars)

    assert [(r.ts_event, r.revision, r.value) for r in told] == [
        (3, 0, 3.5),
        (3, 1, 2.0),
        (4, 0, 3.0),
    ]


@pytest.mark.parametrize("text", ["sma:3:of=value", "bbands:3:of=value"])
def test_the_last_readings_are_those_of_a_story_without_detours(text: str) -> None:
    bars = revised_bars()
    last = {(bar.symbol, bar.ts_event): replace(bar, revision=0) for bar in bars}

    def told(story: Any) -> dict[Any, Any]:
        rows = through(twice(oo.indicators(x=text, y="wma:2:of=value")), story)
        return {(row.symbol, row.ts_event): row.values for row in rows}

    assert same(told(bars), told(last.values()))


@pytest.mark.parametrize("text", ["sma:3:of=value", "bbands:3:of=value"])
def test_frames_of_any_size_give_the_same_readings_of_readings(text: str) -> None:
    name, *_ = text.split(":")
    outer = {"sma": oo.sma, "bbands": oo.bbands}[name]
    symbols = [replace(bar, symbol=f"{bar.symbol}{k}") for bar in revised_bars() for k in (1, 2)]

    for story in (revised_bars(), symbols):
        readings = through(oo.sma(2), story)
        same_on_frames(
            lambda: outer(3, of="value"), readings, cuts=[[1] * 9, [130], [5, 90, 2, 40]]
        )


def test_a_reading_of_another_name_is_one_more_and_an_older_one_is_left_out() -> None:
    skipped: SideOutput[Any] = SideOutput()
    missed: list[Any] = []
    skipped.subscribe(missed.append)
    facts = [a_reading(1, at=1, name="x"), a_reading(2, at=2, name="x")]
    facts += [
        a_reading(3, at=2, name="y", revision=1),
        a_reading(9, at=1, name="y", revision=1),
        a_reading(9, at=2, name="y", revision=1),
        a_reading(5, at=2, name="y", revision=2),
    ]
    facts.append(a_reading(7, at=1, name="y"))

    told = through(oo.sma(2, of="value", skipped=skipped), facts)

    assert [reading.value for reading in told] == [1.5, 2.5, 3.5, 6.0]
    assert [reading.value for reading in missed] == [9.0, 9.0]


def test_a_checkpoint_knows_which_reading_was_the_last() -> None:
    memory = OperatorMemory()
    through(oo.sma(2, of="value", memory=memory), [a_reading(1, at=1), a_reading(3, at=2)])

    again = OperatorMemory(memory.save())
    told = through(oo.sma(2, of="value", memory=again), [a_reading(5, at=2, revision=1)])

    assert [reading.value for reading in told] == [3.0]

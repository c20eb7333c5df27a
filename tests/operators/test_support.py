"""Support, resistance and breakouts as facts: what a row carries, and when a level is known."""

from __future__ import annotations

import math
from typing import Any

import pytest

from ordinis_rx import from_json, to_json
from ordinis_rx.kinds import Direction
from ordinis_rx.operators import Levels, SideOutput, breakouts, levels
from ordinis_rx.operators.support_facts import LevelsFrame
from ordinis_rx.testing import a_bar, a_trade, check_operator, same, same_on_frames, through
from tests.candles import random_bars


def flat(*prices: float, start: int = 0) -> list[Any]:
    return [a_bar(price, at=at) for at, price in enumerate(prices, start)]


def test_a_turning_point_is_known_once_the_bars_after_it_are_over() -> None:
    rows = through(levels(2), flat(100, 101, 105, 102, 101, 103, 103))

    assert [row.resistance for row in rows[:5]] == [pytest.approx(math.nan, nan_ok=True)] * 5
    assert [row.breakout for row in rows[:5]] == [Direction.UNKNOWN] * 5
    assert (rows[5].resistance, rows[5].resistance_touches, rows[5].known) == (105.0, 1, 1)
    assert rows[5].breakout is Direction.NEUTRAL


def test_support_and_resistance_are_the_nearest_levels_on_either_side() -> None:
    rows = through(levels(1), flat(100, 110, 105, 120, 90, 112, 111))

    assert (rows[-1].support, rows[-1].resistance, rows[-1].known) == (110.0, 120.0, 4)


def test_turns_that_are_near_to_each_other_are_touches_of_one_level() -> None:
    rows = through(levels(1), flat(100, 110, 105, 110.2, 100, 109.9, 106, 106))

    assert rows[-1].resistance == pytest.approx((110 + 110.2 + 109.9) / 3)
    assert rows[-1].resistance_touches == 3


def test_levels_with_too_few_touches_do_not_count() -> None:
    rows = through(levels(1, touches=2), flat(100, 110, 105, 110, 100, 106))

    assert [row.known for row in rows] == [0, 0, 0, 0, 0, 1]
    assert rows[-1].resistance == 110.0


def test_a_broken_resistance_becomes_a_support() -> None:
    *_, broken, after = through(levels(1), flat(100, 110, 105, 106, 115, 116))

    assert (broken.breakout, broken.broken, broken.confirmed) == (Direction.BULLISH, 110.0, True)
    assert (after.breakout, after.support, after.is_breakout) == (Direction.NEUTRAL, 110.0, False)


def test_a_break_out_of_the_very_edge_is_not_confirmed() -> None:
    rows = through(levels(1, break_bps=100), flat(100, 110, 105, 107, 110.9, 112))

    assert [row.is_breakout for row in rows] == [False] * 5 + [True]
    assert (rows[-1].broken, rows[-1].confirmed) == (110.0, False)


def test_of_several_levels_broken_at_once_the_last_is_told() -> None:
    row = through(levels(1), flat(100, 110, 100, 115, 100, 101, 130))[-1]

    assert (row.breakout, row.broken) == (Direction.BULLISH, 115.0)


def test_the_level_that_was_touched_the_longest_ago_makes_place() -> None:
    rows = through(levels(1, most=2), flat(100, 110, 90, 120, 95, 96))

    assert (rows[-1].support, rows[-1].resistance, rows[-1].known) == (90.0, 120.0, 2)


def test_a_row_carries_the_times_interval_close_and_revision_of_its_bar() -> None:
    bar = a_bar(5, at=7, interval=60, ts_recv=9, provider="x", symbol="B", revision=3)

    (row,) = through(levels(), [bar])

    assert (row.symbol, row.ts_event, row.ts_recv, row.provider) == ("B", 7, 9, "x")
    assert (row.interval, row.close, row.revision, row.seq) == (60, 5.0, 3, 1)


def test_breakouts_are_the_rows_with_one() -> None:
    story = random_bars(300, seed=1)

    told = through(breakouts(2, touches=2), story)

    assert told
    assert same(told, [row for row in through(levels(2, touches=2), story) if row.is_breakout])


def test_skipped_bars_are_counted() -> None:
    skipped = SideOutput()

    rows = through(levels(skipped=skipped), [*flat(5, 7), a_bar(math.nan, at=3), a_bar(8, at=0)])

    assert (len(rows), skipped.told) == (2, 2)


@pytest.mark.parametrize("make", [levels, breakouts])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"window": 0}, "window must be from 1 to 1000 bars, got 0"),
        ({"touches": 0}, "touches must be from 1 to 1000000 touches, got 0"),
        ({"most": 10_001}, "most must be from 1 to 10000 levels, got 10001"),
        ({"merge_bps": -1.0}, "merge_bps must be a finite number, 0 or more, got -1.0"),
        ({"break_bps": math.inf}, "break_bps must be a finite number, 0 or more, got inf"),
    ],
)
def test_numbers_that_cannot_be_are_refused(
    make: Any, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=f"{make.__name__}: {message}"):
        make(**options)


A_DAY = [
    fact
    for one, other in zip(random_bars(30, seed=4), random_bars(30, seed=5, symbol="B"), strict=True)
    for fact in (one, other, a_trade(1, at=one.ts_event))
]
A_DAY += [a_bar(math.nan, at=31), a_bar(990, at=30, high=999, low=980, revision=1)]


@pytest.mark.parametrize("make", [levels, breakouts])
def test_frames_of_any_size_give_the_same_rows(make: Any) -> None:
    same_on_frames(lambda: make(1), A_DAY)


@pytest.mark.parametrize("make", [levels, breakouts])
def test_it_keeps_the_promises_of_an_operator(make: Any) -> None:
    check_operator(lambda: make(1, skipped=SideOutput()), A_DAY)


def test_a_row_survives_json_and_columns() -> None:
    rows = through(levels(1), random_bars(40, seed=6))

    assert same([from_json(to_json(row)) for row in rows], rows)
    frame = LevelsFrame.from_events(rows)
    assert same(frame.support.tolist(), [row.support for row in rows])
    assert frame.confirmed.tolist() == [int(row.confirmed) for row in rows]
    assert same(frame.copy().to_events(), rows)


def test_a_lone_row_is_no_breakout() -> None:
    assert not Levels(symbol="A", ts_event=0, interval=60, close=9.0).is_breakout

"""Conditions over columns, composites, and the signals that they give."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from reactivex import operators as ops

from ordinis_rx.kinds import Direction
from ordinis_rx.operators import (
    CloudPosition,
    IchimokuCloud,
    ichimoku,
    indicators,
    mid,
    timeframes,
)
from ordinis_rx.operators.conditions import (
    Condition,
    Expression,
    col,
    highest,
    lowest,
    rule,
    score,
    signals,
    vote,
    weighted,
    where,
    zscores,
)
from ordinis_rx.operators.conditions.nodes import Node
from ordinis_rx.testing import (
    a_bar,
    a_gap,
    a_heartbeat,
    a_quote,
    a_reading,
    check_operator,
    same,
    same_on_frames,
    through,
)
from ordinis_rx.timebase import MINUTE

nan = math.nan
close, other = col("close"), col("open")


def over(
    node: Expression | Condition, closes: Sequence[float], opens: Sequence[float] | None = None
) -> list[Any]:
    """The value of *node* at each of some bars."""
    state, values = node.start, []
    for now, first in zip(closes, opens or [0.0] * len(closes), strict=True):
        value, state = node.step(state, a_bar(now, open=first))
        values.append(value)
    return values


class Told(Node[bool | None]):
    """A condition that holds as the closes say: above 0, below 0, or unknown."""

    def step(self, state: Any, row: Any) -> tuple[bool | None, Any]:
        return (None if math.isnan(row.close) else row.close > 0), state

    def columns(self) -> tuple[Any, ...]:
        return ()

    def __str__(self) -> str:
        return "told"


@pytest.mark.parametrize(
    ("condition", "at", "holds"),
    [
        (close > 5, 6, True),
        (close > 5, 5, False),
        (close >= 5, 5, True),
        (close < 5, 5, False),
        (close <= 5, 5, True),
        (abs(close - 5) > 2, 2.5, True),
        (abs(close - 5) > 2, 7.5, True),
        (abs(close - 5) > 2, 7, False),
        (abs(close) > 2, nan, None),
        (close.between(4, 6), 4, True),
        (close.between(4, 6), 6, True),
        (close.between(4, 6), 6.5, False),
        (close > 5, nan, None),
        (close.between(4, 6), nan, None),
        (~(close > 5), 6, False),
        (~(close > 5), nan, None),
        (close * 2 - 1 > 10, 6, True),
        (12 / close > 3, 3, True),
        (1 / close > 3, 0, None),  # divided by nothing
        (-close + 1 < 0, 3, True),
        (7 - close >= 4, 3, True),
        (1 + close >= 4, 3, True),
        (2 * close >= 7, 3, False),
    ],
)
def test_comparisons_are_unknown_where_a_number_is(
    condition: Condition, at: float, holds: bool | None
) -> None:
    assert over(condition, [at]) == [holds]


THREE = (True, False, None)


@pytest.mark.parametrize(("a", "b"), list(itertools.product(THREE, THREE)))
def test_and_and_or_are_those_of_three_valued_logic(a: bool | None, b: bool | None) -> None:
    number = {True: 1.0, False: -1.0, None: nan}
    one, another = close > 0, other > 0
    rank = {False: 0, None: 1, True: 2}  # Kleene: and is the lower, or the higher
    value = {0: False, 1: None, 2: True}

    assert over(one & another, [number[a]], [number[b]]) == [value[min(rank[a], rank[b])]]
    assert over(one | another, [number[a]], [number[b]]) == [value[max(rank[a], rank[b])]]


@pytest.mark.parametrize(
    ("closes", "above", "below"),
    [
        ([1, 3], [None, True], [None, False]),
        ([3, 1], [None, False], [None, True]),
        ([1, 2, 3], [None, False, True], [None, False, False]),  # touches, then crosses
        ([1, 2, 1], [None, False, False], [None, False, False]),  # touches, and turns back
        ([2, 2, 3], [None, None, None], [None, None, None]),  # never known to have been below
        ([1, nan, 3], [None, None, True], [None, None, False]),  # crossed while nobody looked
        ([3, 1, 3], [None, False, True], [None, True, False]),
        ([1, 3, 4], [None, True, False], [None, False, False]),  # once
    ],
)
def test_a_cross_is_told_when_the_other_side_is_reached(
    closes: list[float], above: list[bool | None], below: list[bool | None]
) -> None:
    assert over(close.crosses_above(2), closes) == above
    assert over(close.crosses_below(2), closes) == below


def test_columns_cross_each_other() -> None:
    assert over(close.crosses_above(other), [1, 5], [2, 3]) == [None, True]


@pytest.mark.parametrize(
    ("condition", "closes", "holds"),
    [
        (close.rising(), [1, 2, 2, 1], [None, True, False, False]),
        (close.falling(), [3, 2, 2, 1], [None, True, False, True]),
        (close.rising(2), [1, 2, 3, 4, 4], [None, None, True, True, False]),
        (close.rising(2), [2, 1, 2, 3], [None, False, False, True]),  # one step down is enough
        (close.rising(1), [1, nan, 3, 4], [None, None, None, True]),
    ],
)
def test_rising_and_falling_count_steps(
    condition: Condition, closes: list[float], holds: list[bool | None]
) -> None:
    assert over(condition, closes) == holds


@given(st.lists(st.sampled_from([1.0, 2.0, 3.0, nan]), max_size=12), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_rising_is_all_of_the_last_steps_in_three_valued_logic(closes: list[float], n: int) -> None:
    befores = [nan, *closes]
    steps = [None] * n + [
        None if math.isnan(before + now) else now > before
        for before, now in zip(befores, closes, strict=False)
    ]

    expected = []
    for at in range(n, len(steps)):
        window = steps[at - n + 1 : at + 1]
        expected.append(False if False in window else None if None in window else True)

    assert over(close.rising(n), closes) == expected
    assert over((~close.rising()).within_last(n), closes) == over(~close.rising(n), closes)


@given(st.lists(st.sampled_from([1.0, -1.0, nan]), max_size=12), st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_within_last_is_any_of_the_last_rows_in_three_valued_logic(
    truths: list[float], n: int
) -> None:
    known = [None] * n + [None if math.isnan(x) else x > 0 for x in truths]

    expected = []
    for at in range(n, len(known)):
        window = known[at - n + 1 : at + 1]
        expected.append(True if True in window else None if None in window else False)

    assert over(Condition(Told()).within_last(n), truths) == expected


def test_an_expression_is_no_truth_by_itself() -> None:
    with pytest.raises(TypeError, match="true or false only at a row"):
        bool(close > 5)
    with pytest.raises(TypeError, match="not chained"):
        assert 1 < close < 3
    with pytest.raises(TypeError, match="wants a condition, got 5"):
        _ = (close > 1) & 5  # type: ignore[operator]
    for wrong in (
        lambda: close > 1 & close > 1,
        lambda: close > 1 | close > 1,
        lambda: (close > 1) | (close & (close > 1)),
    ):
        with pytest.raises(
            TypeError, match=r"close is a number, and & and \| take conditions: put comparisons"
        ):
            wrong()
    for wrong in (lambda: (close > 3) & True, lambda: True | (close > 3)):
        with pytest.raises(TypeError, match="wants a condition, got True; that is so") as caught:
            wrong()
        assert "==" not in str(caught.value)
    with pytest.raises(
        TypeError, match="where wants a condition, got False; columns are compared by"
    ):
        where(close == 5)  # type: ignore[arg-type]


@pytest.mark.parametrize("n", [0, -1])
def test_a_number_of_rows_is_positive(n: int) -> None:
    for make in (close.rising, close.falling, (close > 1).within_last):
        with pytest.raises(ValueError, match=f"n must be 1 or more rows, got {n}"):
            make(n)
    with pytest.raises(TypeError, match="whole number of rows"):
        close.rising(1.5)  # type: ignore[arg-type]


def test_columns_are_looked_up_by_name_and_further_in_by_dots() -> None:
    bars = [a_bar(n, at=n * MINUTE, interval=MINUTE) for n in range(1, 5)]
    rows = through(timeframes("1m", "2m"), bars)

    values = [reading.value for reading in through(score("2m.close"), rows)]

    assert same(values, [nan, 2.0, 2.0, 4.0])


@pytest.mark.parametrize("kind", [np.int64, np.int32, np.float32, np.float64])
def test_numbers_of_numpys_are_numbers(kind: Any) -> None:
    bars = [
        replace(a_bar(n, at=n), close=kind(n), open=kind(6), volume=kind(n)) for n in range(1, 9)
    ]
    row = kind(3) <= col("close")
    both = row & (col("volume") < kind(6)) & col("volume").between(kind(1), kind(7))

    assert [bar.close for bar in through(where(both), bars)] == [3, 4, 5]
    assert through(where((col("close") > 0) & (col("open") > kind(100))), bars) == []
    summed = through(score(kind(2) * col("volume") + kind(1)), bars)
    assert [(type(reading.value), reading.value) for reading in summed[:2]] == [
        (float, 3),
        (float, 5),
    ]


def test_a_column_that_is_not_there_is_an_error_that_names_it() -> None:
    with pytest.raises(AttributeError, match="rsi"):
        through(where(col("rsi") > 5), [a_bar()])
    with pytest.raises(TypeError, match="column symbol of a Bar is no number: 'A'"):
        through(score("symbol"), [a_bar()])
    with pytest.raises(ValueError, match="a column has a name"):
        col("a..b")


def test_readings_have_their_outputs_as_columns() -> None:
    band = a_reading(3.0, name="bbands", values=(3.0, 2.0, 1.0))

    (reading,) = through(score(col("upper") - col("lower")), [band])

    assert reading.value == 2.0


@pytest.mark.parametrize("member", [CloudPosition.ABOVE, "ABOVE"])
def test_members_of_enumerations_are_compared_and_unknown_is_unknown(member: object) -> None:
    above = col("position").is_(member)
    rows = [
        IchimokuCloud(symbol="A", ts_event=0, interval=1, close=1.0, position=position)
        for position in (CloudPosition.ABOVE, CloudPosition.BELOW, CloudPosition.UNKNOWN)
    ]

    assert [above.step((), row)[0] for row in rows] == [True, False, None]
    assert str(above) == "position is ABOVE"


@pytest.mark.parametrize(
    ("votes", "outcome"),
    [
        ((1, 1, -1), 1.0),
        ((1, -1, -1), -1.0),
        ((1, -1), 0.0),
        ((1, 0, 0), 0.0),
        ((1, 0), 0.0),
        ((0,), 0.0),
        ((1, 1, nan), nan),
    ],
)
def test_a_vote_goes_to_the_most_and_a_tie_to_nobody(
    votes: tuple[float, ...], outcome: float
) -> None:
    assert same(over(vote(*votes), [1]), [outcome])


def test_directions_vote_and_those_that_are_unknown_abstain_where_a_quorum_allows_it() -> None:
    row = IchimokuCloud(
        symbol="A",
        ts_event=0,
        interval=1,
        close=1.0,
        trend=Direction.BEARISH,
        twist=Direction.NEUTRAL,
        tk_cross=Direction.BEARISH,
    )

    def outcome(*names: str, quorum: int | None = None) -> float:
        node = vote(*names, quorum=quorum)
        value: float = node.step(node.start, row)[0]
        return value

    assert outcome("trend", "twist", "tk_cross") == -1.0
    assert math.isnan(outcome("trend", "lagging"))
    assert outcome("trend", "lagging", quorum=1) == -1.0


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (weighted(2.0, 4.0), 3.0),
        (weighted(2.0, 4.0, weights=(3, 1)), 2.5),
        (weighted(2.0, 4.0, weights=(3, -1)), 0.5),
        (weighted(2.0, 4.0, weights=(each for each in (3, 1))), 2.5),
        (weighted(2.0, 4.0, weights=(3, 1), normalize=False), 10.0),
        (weighted(2.0, nan), nan),
        (weighted(math.inf, -math.inf), nan),
        (weighted(math.inf, 1.0), math.inf),
        (weighted(1e308, 1e308, normalize=False), math.inf),
        (weighted(2.0, nan, weights=(1, 0)), 2.0),
        (weighted(2.0, nan, skip_unknown=True), 2.0),
        (weighted(nan, nan, skip_unknown=True), nan),
        (weighted(close > 0, close > 5), 0.5),
        (lowest(2.0, 1.0, 3.0), 1.0),
        (highest(2.0, 1.0, 3.0), 3.0),
        (lowest(2.0, nan), nan),
        (highest(nan, 2.0), nan),
    ],
)
def test_several_numbers_make_one(expression: Expression, value: float) -> None:
    assert same(over(expression, [1]), [value])


def test_a_number_that_was_unknown_leaves_no_trace() -> None:
    assert same(over(weighted("close", 0.0), [2, nan, 4]), [1.0, nan, 2.0])


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ((1,), "2 terms, got 1 weights"),
        ((1, nan), "finite number, got nan"),
        ((1, math.inf), "finite number, got inf"),
        ((1e308, -1e308), "sum of the weights must be finite, got"),
        ((0, 0), "must not be 0"),
    ],
)
def test_weights_are_checked(weights: tuple[float, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        weighted("close", "open", weights=weights)


def test_composites_want_terms_and_a_quorum_within_reach() -> None:
    for make in (weighted, vote, lowest, highest, lambda: zscores(window=5)):
        with pytest.raises(ValueError, match="at least one term"):
            make()
    with pytest.raises(ValueError, match="from 1 to 2 terms, got 3"):
        vote("open", "close", quorum=3)
    with pytest.raises(ValueError, match="2 or more rows, got 1"):
        zscores("close", window=1)
    with pytest.raises(TypeError, match="wants a number, a column or a condition"):
        weighted(None)  # type: ignore[arg-type]


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=20), st.integers(2, 5))
@settings(max_examples=40, deadline=None)
def test_zscores_are_those_of_the_last_values(closes: list[float], window: int) -> None:
    got = over(zscores("close", window=window), closes)

    for at, value in enumerate(got):
        last = closes[max(0, at - window + 1) : at + 1]
        if len(last) < window or len(set(last)) == 1 or statistics.pstdev(last) < 1e-150:
            continue
        wanted = (last[-1] - statistics.fmean(last)) / statistics.pstdev(last)
        assert math.isclose(value, wanted, rel_tol=1e-9, abs_tol=1e-9)
    assert all(math.isnan(value) for value in got[: window - 1])


def test_zscores_pass_over_what_is_missing() -> None:
    assert same(
        over(zscores("close", window=2), [1, nan, 3, 3, math.inf]), [nan, nan, 1.0, nan, nan]
    )


def test_zscores_of_numbers_too_far_apart_for_their_squares_are_unknown() -> None:
    assert same(over(zscores("close", window=2), [1e308, 1.5e308, 1, 2]), [nan, nan, nan, 1.0])


BARS = [a_bar(price, at=at) for at, price in enumerate((9, 11, 12, 9, 11), 1)]


def test_a_rule_is_told_when_it_turns_true_and_again_only_after_it_was_false() -> None:
    told = through(signals(bullish=close > 10), BARS)

    assert [(signal.ts_event, signal.seq) for signal in told] == [(2, 2), (5, 5)]
    assert {signal.direction for signal in told} == {Direction.BULLISH}
    assert told[0].reason == "close > 10 (close 11)"


def test_with_repeat_a_rule_is_told_at_every_row() -> None:
    assert [s.ts_event for s in through(signals(bullish=close > 10, repeat=True), BARS)] == [
        2,
        3,
        5,
    ]


def test_what_is_unknown_for_a_while_is_not_told_twice() -> None:
    closes = [a_bar(price, at=at) for at, price in enumerate((11, nan, 12, 9, nan, 11))]

    assert [signal.ts_event for signal in through(signals(bullish=close > 10), closes)] == [0, 5]


def test_several_rules_are_told_in_their_order_with_strength_and_reason() -> None:
    rules = (
        rule("up", close > 10, Direction.BULLISH, strength=close / 20, reason="it is high"),
        rule("far up", close > 10.5, Direction.BULLISH, strength=7.0),
        rule("odd", close > 10, strength=col("vwap")),
    )

    told = through(signals(*rules), BARS[:2])

    assert [signal.name for signal in told] == ["up", "far up", "odd"]
    assert same([signal.strength for signal in told], [0.55, 1.0, nan])
    assert told[0].reason == "it is high"
    assert str(told[0]) == "A ▲ up 0.55: it is high"
    assert told[2].direction is Direction.NEUTRAL


def test_symbols_are_judged_apart() -> None:
    mixed = [
        a_bar(9, symbol="A"),
        a_bar(11, symbol="B"),
        a_bar(11, symbol="A"),
        a_bar(9, symbol="B"),
    ]

    told = through(signals(bullish=close.crosses_above(10), bearish=close.crosses_below(10)), mixed)

    assert [(signal.symbol, signal.name) for signal in told] == [("A", "bullish"), ("B", "bearish")]


def test_a_row_told_again_takes_the_place_of_the_last_one() -> None:
    rows = [a_bar(9, at=1), a_bar(11, at=2), a_bar(9.5, at=2, revision=1), a_bar(12, at=3)]

    told = through(signals(bullish=close.crosses_above(10)), rows)

    assert [(signal.ts_event, signal.revision) for signal in told] == [(2, 0), (3, 0)]
    assert [reading.ts_event for reading in through(score("close"), rows)] == [1, 2, 2, 3]


def test_an_old_row_told_again_is_left_out() -> None:
    rows = [a_bar(9, at=1), a_bar(11, at=2), a_bar(50, at=1, revision=3)]

    assert [reading.value for reading in through(score("close"), rows)] == [9.0, 11.0]


def test_all_signals_and_patterns_of_a_bar_told_again_are_looked_at() -> None:
    rules = rule("one", col("close") > 3), rule("two", col("close") > 5)
    bars = [a_bar(4, at=1), a_bar(9, at=2), a_bar(9, at=2, revision=1)]

    told = through(ops.compose(signals(*rules, repeat=True), where(col("strength") > 0.5)), bars)

    assert [(signal.ts_event, signal.name, signal.revision) for signal in told] == [
        (1, "one", 0),
        (2, "one", 0),
        (2, "two", 0),
        (2, "one", 1),
        (2, "two", 1),
    ]


def test_each_name_remembers_its_own_rows() -> None:
    rows = [
        a_reading(value, at=at, name=name, revision=revision)
        for at, name, value, revision in (
            (1, "x", 1, 0),
            (1, "y", 9, 0),
            (2, "x", 2, 0),
            (2, "y", 8, 0),
            (2, "x", 0, 1),
            (3, "y", 9, 0),
            (3, "x", 1, 0),
        )
    ]

    told = through(where(col("value").rising()), rows)

    assert [(row.ts_event, row.name) for row in told] == [(2, "x"), (3, "y"), (3, "x")]
    same_on_frames(lambda: where(col("value").rising()), rows)


def test_a_reading_told_again_takes_the_place_of_the_last_one_of_its_name() -> None:
    readings = [
        a_reading(1, at=1, name="rsi"),
        a_reading(2, at=2, name="rsi"),
        a_reading(5, at=2, name="rsi", revision=1),
        a_reading(3, at=3, name="rsi"),
    ]

    rising = through(where(col("value").rising()), readings)

    assert [reading.value for reading in rising] == [2.0, 5.0]
    bars = [
        a_bar(close, at=at, revision=r)
        for close, at, r in ((1, 1, 0), (2, 2, 0), (5, 2, 1), (3, 3, 0))
    ]
    made = through(indicators(sma="sma:1"), bars)
    assert [reading.revision for reading in made] == [0, 0, 1, 0]
    assert len(through(where(col("sma").rising()), made)) == 2


def test_readings_of_one_time_are_rows_of_their_own() -> None:
    quotes = [a_quote(n, n + 2, at=at) for n, at in ((9, 1), (10, 2), (11, 2), (12, 2))]
    mids = through(mid(), quotes)

    high = rule("high", col("value") > 10.5)
    assert [signal.seq for signal in through(signals(high), mids)] == [2]
    rising = through(where(col("value").rising(2)), mids)
    assert [reading.value for reading in rising] == [12.0, 13.0]


@pytest.mark.parametrize("again", [1, 2])
def test_an_old_revision_and_one_that_was_told_before_are_left_out(again: int) -> None:
    rows = [
        a_bar(5, at=0),
        a_bar(5, at=1),
        a_bar(12, at=1, revision=2),
        a_bar(4, at=1, revision=again),
        a_bar(13, at=2),
    ]

    told = through(signals(bullish=col("close").crosses_above(10)), rows)

    assert [(signal.ts_event, signal.revision) for signal in told] == [(1, 2)]
    assert [bar.close for bar in through(where(col("close") > 3), rows)] == [5, 5, 12, 13]


def test_facts_that_are_no_rows_are_left_out() -> None:
    facts = [a_heartbeat(at=0), BARS[0], a_gap(0, 1), BARS[1]]

    assert len(through(score("close"), facts)) == 2


def test_rows_of_any_kind_have_columns() -> None:
    assert [
        quote.bid for quote in through(where(col("bid") > 5), [a_quote(4, 9), a_quote(6, 9)])
    ] == [6]


def test_clouds_give_signals() -> None:
    bars = [a_bar(price, at=at) for at, price in enumerate((9, 8, 7, 8, 9, 10, 11, 12))]
    clouds = through(ichimoku(1, 2, 3, 1), bars)

    told = through(signals(bullish=col("trend").is_(Direction.BULLISH)), clouds)

    wanted = next(row for row in clouds if row.trend is Direction.BULLISH)
    assert [signal.ts_event for signal in told] == [wanted.ts_event]


def test_rules_are_checked() -> None:
    with pytest.raises(ValueError, match="at least one rule"):
        signals()
    with pytest.raises(ValueError, match="a name of its own, got up, up"):
        signals(rule("up", close > 1), rule("up", close > 2))
    with pytest.raises(TypeError, match="rule up wants a condition"):
        rule("up", close)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="where wants a condition"):
        where(close)  # type: ignore[arg-type]


def test_one_rule_serves_many_streams_and_keeps_nothing() -> None:
    make = signals(bullish=close.crosses_above(10))

    assert through(make, BARS) == through(make, BARS)
    check_operator(lambda: make, BARS)


def test_signals_and_scores_are_the_same_however_the_input_is_cut() -> None:
    rows = [
        *(a_bar(9 + n % 4, at=n, symbol="AB"[n % 2]) for n in range(12)),
        a_bar(77, at=11, symbol="B", revision=1),
        a_bar(nan, at=12),
    ]
    rules = (
        rule(
            "cross", close.crosses_above(10).within_last(2), Direction.BULLISH, strength=close / 12
        ),
        rule("fall", close.falling() & (close < 11), Direction.BEARISH),
    )

    same_on_frames(lambda: signals(*rules, repeat=True), rows)
    same_on_frames(lambda: score(zscores("close", window=3)), rows)
    same_on_frames(lambda: where(close.rising() | (close > 11)), rows)


def test_a_column_that_only_other_kinds_have_is_named_beside_what_selects_them() -> None:
    with pytest.raises(AttributeError, match=r"a Quote has no price: .*, put trades\(\) before"):
        through(where(col("price") > 1), [a_quote(9, 11)])
    with pytest.raises(
        AttributeError, match=r"a Quote has no bdi: it has symbol, ts_event, .* bid, ask"
    ):
        through(where(col("bdi") > 1), [a_quote(9, 11)])


def test_a_condition_is_shown_as_what_it_says() -> None:
    rises = col("close").rising() & (col("close") > 11)

    assert repr(rises) == str(rises) == "(close rising 1) & (close > 11)"
    assert "when=(close rising 1) & (close > 11)" in repr(rule("up", rises, Direction.BULLISH))

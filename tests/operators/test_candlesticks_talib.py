"""TA-Lib's patterns through our operator are what its batch functions say of the whole history, to the last number."""

from __future__ import annotations

import random
import sys
from typing import Any

import numpy as np
import pytest
import talib
from hypothesis import given, settings
from hypothesis import strategies as st

from ordinis_rx.errors import MissingExtra
from ordinis_rx.events import Bar
from ordinis_rx.operators import Pattern, patterns
from ordinis_rx.operators.candlesticks import NEEDS_GAP, TALIB_PATTERNS
from ordinis_rx.operators.candlesticks.names import PENETRATION
from ordinis_rx.operators.candlesticks.talib import TalibPatterns, enter
from ordinis_rx.operators.indicators.track import Row, Track
from ordinis_rx.testing import same_on_frames, through
from tests.candles import daily_bars, every_pattern, random_bars

Told = list[tuple[int, str, int]]
"""The number of a bar, a pattern, and TA-Lib's number."""


def by_batch(bars: list[Bar], names: tuple[Pattern, ...] = TALIB_PATTERNS) -> Told:
    sides = [[bar.open, bar.high, bar.low, bar.close] for bar in bars]
    columns = np.array(sides, float).reshape(-1, 4).T.copy()
    raws = {name: getattr(talib, name)(*columns) for name in names}
    return [
        (row, str(name), int(raws[name][row]))
        for row in range(len(bars))
        for name in names
        if raws[name][row]
    ]


def by_operator(bars: list[Bar]) -> Told:
    return [(match.seq - 1, str(match.name), match.raw) for match in through(patterns(), bars)]


STORIES = {
    "every pattern": every_pattern,
    "with gaps": lambda: random_bars(600, seed=1),
    "without gaps": lambda: random_bars(600, seed=2, gaps=False),
    **{symbol: lambda symbol=symbol: daily_bars(symbol) for symbol in ("AAPL", "GOOG", "IBM", "MSFT")},
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_all_patterns_are_those_of_the_batch_functions(story: Any) -> None:
    bars = story()

    assert by_operator(bars) == by_batch(bars)


def test_every_pattern_of_talib_is_known_and_fires() -> None:
    assert [str(name) for name in TALIB_PATTERNS] == talib.get_function_groups()["Pattern Recognition"]  # fmt: skip

    told = by_operator(every_pattern())

    assert {name for _, name, _ in told} == {str(name) for name in TALIB_PATTERNS}
    assert {raw for _, _, raw in told} == {-200, -100, -80, 80, 100, 200}


def test_patterns_that_need_a_gap_never_come_about_without_one() -> None:
    told = by_batch(random_bars(20_000, seed=3, gaps=False))

    # Matching lows are nearer to each other than two prices of this walk can be.
    possible = set(TALIB_PATTERNS) - NEEDS_GAP - {Pattern.CDLMATCHINGLOW}
    assert {Pattern(name) for _, name, _ in told} == possible


def of_tracks(bars: list[Bar], lengths: list[int], again: list[int]) -> Told:
    """What a track says of bars that come in runs; those whose numbers are in *again* are told wrongly before."""
    track = Track(TalibPatterns(TALIB_PATTERNS, {}))
    rows: list[Row] = [(bar.open, bar.high, bar.low, bar.close, bar.volume) for bar in bars]
    found: list[list[tuple[int, int]]] = []
    cuts = iter(lengths)
    while len(found) < len(rows):
        at = len(found)
        if at in again:
            first, high, low, close, volume = rows[at]
            track.enter((first - 3, high + 9, low - 8, close + 5, volume))
            track.enter_again((first, high + 1, low - 20, close - 2, volume))
            found.append(track.enter_again(rows[at]))
            continue
        end = min(at + next(cuts, 50), len(rows), *(row for row in again if row > at))
        found += enter(track, rows[at:end], len(TALIB_PATTERNS))
    return [(row, str(TALIB_PATTERNS[j]), raw) for row, here in enumerate(found) for j, raw in here]


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.integers(1, 90), max_size=12),
    st.lists(st.integers(0, 299), max_size=5, unique=True),
    st.integers(0, 200),
)
def test_runs_of_any_length_and_bars_told_again_give_the_same(
    lengths: list[int], again: list[int], start: int
) -> None:
    bars = every_pattern()[start : start + 300]

    assert of_tracks(bars, lengths, [*again, 10**6]) == by_batch(bars)


def test_a_bar_told_again_and_again_keeps_its_handles_in_step() -> None:
    bars = every_pattern()[:200]

    assert of_tracks(bars, [1] * 200, [*range(100, 200), 10**6]) == by_batch(bars)


def test_frames_of_any_size_give_the_same_patterns() -> None:
    bars = every_pattern()[:120]
    other = [*random_bars(60, seed=4, symbol="B")]
    both = sorted([*bars, *other], key=lambda bar: bar.ts_event)
    chance = random.Random(5)

    same_on_frames(
        patterns, both, cuts=[[1] * 40, [180], [chance.randint(1, 30) for _ in range(20)]]
    )


@pytest.mark.parametrize("name", PENETRATION)
def test_how_far_a_bar_must_reach_is_that_of_the_batch_function(name: Pattern) -> None:
    bars = every_pattern()
    sides = np.array([[bar.open, bar.high, bar.low, bar.close] for bar in bars], float).T.copy()
    told: dict[float, Told] = {}

    for share in (0.0, 0.2, PENETRATION[name], 1.5):
        raws = getattr(talib, name)(*sides, penetration=share)
        for asked in (share, {str(name): share}):
            matches = through(patterns([name], penetration=asked), bars)
            told[share] = [(match.seq - 1, str(name), match.raw) for match in matches]
            rows = np.flatnonzero(raws)
            assert told[share] == [(int(row), str(name), int(raws[row])) for row in rows]

    assert told[PENETRATION[name]] == by_batch(bars, (name,))
    assert told[0.0] != told[1.5]


def test_only_those_of_talib_have_a_penetration() -> None:
    takes = {name for name in TALIB_PATTERNS if talib.abstract.Function(str(name)).parameters}

    assert takes == set(PENETRATION)
    for name, share in PENETRATION.items():
        assert talib.abstract.Function(str(name)).parameters == {"penetration": share}


def test_a_history_too_short_for_any_pattern_tells_none() -> None:
    assert by_operator(every_pattern()[:2]) == []


def test_without_talib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "talib", None)

    with pytest.raises(MissingExtra, match=r"needs ta-lib: pip install 'ordinis-rx\[indicators\]'"):
        patterns(["CDLDOJI"])


def test_our_own_need_no_talib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "talib", None)

    assert through(patterns(["doji"]), random_bars(50, seed=1))

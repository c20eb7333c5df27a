"""Every function of TA-Lib's, in runs of any length, is what its batch function says of the whole history, bit for bit."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
import talib
from hypothesis import given, settings
from hypothesis import strategies as st

from ordinis_rx import operators as oo
from ordinis_rx.events import Bar
from ordinis_rx.operators.indicators import indicator
from ordinis_rx.operators.indicators.cores import Columns, Core
from ordinis_rx.operators.indicators.talib_core import talib_info
from ordinis_rx.outputs import OUTPUTS
from ordinis_rx.testing import difference, through
from tests.candles import daily_bars, random_bars

FUNCTIONS = talib.get_functions()
OF_TWO_PERIODS = {"MAVP": ("close", "volume")}


def inputs_of(name: str, bars: list[Bar]) -> Columns:
    spec = indicator(name, of=OF_TWO_PERIODS.get(name))
    columns = [np.array([getattr(bar, word) for bar in bars], np.float64) for word in spec.inputs]
    if name in ("ACOS", "ASIN"):
        columns = [column / 4096.0 for column in columns]
    return columns


def by_batch(name: str, columns: Columns, **params: Any) -> list[list[float]]:
    answers = getattr(talib, name)(*columns, **params)
    spec = indicator(name, of=OF_TWO_PERIODS.get(name), **params)
    several = [answers] if isinstance(answers, np.ndarray) else list(answers)
    known: list[list[float]] = []
    for column in several:
        numbers = column.astype(np.float64)
        if column.dtype.kind == "i":
            numbers[: spec.warm_up - 1] = np.nan
        known.append(numbers.tolist())
    return known


def in_runs(core: Core, columns: Columns, lengths: list[int], single: bool) -> list[list[float]]:
    """The answers to runs of these lengths, each by column; runs of one row where *single* go in by themselves."""
    told: list[list[float]] = []
    at, n = 0, len(columns[0])
    cuts = iter(lengths)
    while at < n:
        length = next(cuts, n)
        rows = [column[at : at + length].copy() for column in columns]
        if single and length == 1:
            answer = core.update(*(column.item() for column in rows))
            answers = [[each] for each in (answer if isinstance(answer, tuple) else (answer,))]
        else:
            answers = [column.tolist() for column in core.fill(rows)]
        told = [[*a, *b] for a, b in zip(told, answers, strict=True)] if told else answers
        at += length
    return told


def bits(columns: list[list[float]]) -> list[bytes]:
    return [np.array(column, np.float64).tobytes() for column in columns]


WALK = random_bars(260, seed=11)
REAL = {symbol: daily_bars(symbol) for symbol in ("GOOG", "AAPL", "IBM", "MSFT")}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_any_runs_are_the_batch_function(name: str) -> None:
    chance = random.Random(name)
    for bars in (WALK, REAL["IBM"][:300]):
        columns = inputs_of(name, bars)
        wanted = bits(by_batch(name, columns))
        spec = indicator(name, of=OF_TWO_PERIODS.get(name))
        for lengths in ([1] * len(bars), [len(bars)], [chance.randint(1, 60) for _ in range(9)]):
            assert bits(in_runs(spec.core(), columns, lengths, single=True)) == wanted, lengths


@pytest.mark.parametrize("symbol", REAL)
def test_years_of_real_bars_are_the_batch_functions(symbol: str) -> None:
    for name in FUNCTIONS:
        columns = inputs_of(name, REAL[symbol])
        lengths = [700, 1, 1, 800]
        core = indicator(name, of=OF_TWO_PERIODS.get(name)).core()
        assert bits(in_runs(core, columns, lengths, single=True)) == bits(by_batch(name, columns)), name  # fmt: skip


PERIODS = ["SMA", "EMA", "T3", "KAMA", "RSI", "ATR", "ADX", "BBANDS", "MFI", "HMA", "SUPERTREND"]


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(PERIODS),
    st.integers(2, 90),
    st.lists(st.integers(1, 70), max_size=8),
    st.booleans(),
)
def test_any_period_and_any_cut_are_the_batch_function(
    name: str, period: int, lengths: list[int], single: bool
) -> None:
    columns = inputs_of(name, WALK)
    core = indicator(name, timeperiod=period).core()

    assert bits(in_runs(core, columns, lengths, single)) == bits(by_batch(name, columns, timeperiod=period))  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_peeking_tells_what_update_will_and_changes_nothing(name: str) -> None:
    columns = [column.tolist() for column in inputs_of(name, WALK)]
    spec = indicator(name, of=OF_TWO_PERIODS.get(name))
    core = spec.core()
    rows = list(zip(*columns, strict=True))
    for row, other in zip(rows, rows[5:], strict=False):
        core.peek(*other)
        told = core.peek(*row)
        assert np.array(told).tobytes() == np.array(core.update(*row)).tobytes()


@pytest.mark.parametrize("name", ["SMA", "BBANDS", "HT_TRENDMODE"])
@pytest.mark.parametrize("seen", [5, 150])
def test_a_copy_goes_on_by_itself(name: str, seen: int) -> None:
    columns = inputs_of(name, WALK)
    wanted = bits(by_batch(name, columns))
    core = indicator(name).core()
    first = core.fill([column[:seen] for column in columns])
    other = core.copy()
    other.fill([column[100:140] for column in columns])

    rest = core.fill([column[seen:] for column in columns])

    joined = [[*a, *b] for a, b in zip(first, rest, strict=True)]
    assert bits(joined) == wanted


def test_the_outputs_of_each_function_have_names_of_their_own() -> None:
    for name in FUNCTIONS:
        ours, theirs = OUTPUTS.get(name.lower()), talib_info(name).outputs
        assert len(ours or (name,)) == len(theirs), name
        assert (len(theirs) > 1) == (ours is not None), name


def test_whole_numbers_are_told_as_floats() -> None:
    state = indicator("minmaxindex", 2).state()

    answers = [state.update(c, c, c, c, 1.0) for c in (3.0, 1.0, 2.0)]

    assert [type(each) for each in answers[-1]] == [float, float]
    assert answers[1:] == [(1.0, 0.0), (1.0, 2.0)]
    assert answers[0][0] != answers[0][0]


@pytest.mark.parametrize(
    "name", ["sma", "atr", "bbands", "minmaxindex", "hma", "supertrend", "vwap"]
)
@pytest.mark.parametrize("n", [0, 1, 5, 260])
def test_a_whole_history_is_what_it_is_bar_by_bar(name: str, n: int) -> None:
    spec = indicator(name)
    columns = [
        np.array([getattr(bar, word) for bar in WALK[:n]], np.float64) for word in spec.inputs
    ]
    whole = [column.tolist() for column in spec.whole(*columns)]

    assert bits(whole) == bits(
        in_runs(spec.core(), columns, [1] * n, single=True) or [[]] * len(whole)
    )


def test_columns_that_do_not_fit_are_refused() -> None:
    with pytest.raises(
        ValueError, match=r"atr reads high low close, got columns of \[3, 3, 2\] rows"
    ):
        indicator("atr").whole(np.ones(3), np.ones(3), np.ones(2))


def test_a_whole_number_is_as_good_as_another_where_talib_wants_one() -> None:
    bars = random_bars(60, seed=3)

    for whole, real in (
        (oo.bbands(20, 2), oo.bbands(20, 2.0)),
        (oo.t3(5, 1), oo.t3(5, 1.0)),
        (oo.sar(1, 1), oo.sar(1.0, 1.0)),
        (oo.indicators(x="bbands:20:2"), oo.indicators(x="bbands:20:2.0")),
    ):
        assert not difference(through(whole, bars), through(real, bars))

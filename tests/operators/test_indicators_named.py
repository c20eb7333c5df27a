"""The indicators with names of their own are those of TA-Lib, or ours, with the same parameters in the same order."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

import pytest

import ordinis_rx.operators as oo
from ordinis_rx.operators.indicators import (
    averages,
    indicator,
    momentum,
    ta,
    trend,
    volatility_and_bands,
    volume,
)
from ordinis_rx.operators.indicators.catalogue import NATIVE, kind_of
from ordinis_rx.operators.indicators.wrapping import of_spec
from ordinis_rx.testing import same, through
from tests.candles import random_bars

FAMILIES = (averages, momentum, trend, volatility_and_bands, volume)
NAMED = {
    name: getattr(family, name) for family in FAMILIES for name in family.__all__ if name != "dmi"
}
BARS = random_bars(150, seed=8)


@pytest.mark.parametrize("name", NAMED)
def test_a_name_is_short_for_the_indicator_with_the_same_parameters(name: str) -> None:
    make = NAMED[name]
    known = name.removeprefix("bar_")
    kind = kind_of(known)
    parameters = {
        word: each.default
        for word, each in inspect.signature(make).parameters.items()
        if word not in ("of", "options")
    }

    assert parameters == dict(kind.params)
    assert list(parameters) == list(kind.params)
    wanted = through(of_spec(indicator(known)), BARS)
    got = through(make(), BARS)
    assert got
    assert same(got, wanted)


@pytest.mark.parametrize(
    "name", [name for name in NAMED if name.removeprefix("bar_") not in NATIVE]
)
def test_those_of_talib_are_told_as_ta_tells_them(name: str) -> None:
    assert same(through(NAMED[name](), BARS), through(ta(name.removeprefix("bar_")), BARS))


def test_options_and_other_numbers_are_passed_on() -> None:
    rows = through(averages.sma(3, of="volume", warm_up="nan"), BARS)

    assert len(rows) == len(BARS)
    assert rows[2].value == sum(bar.volume for bar in BARS[:3]) / 3


def test_directional_movement_is_three_indicators_in_one_row() -> None:
    rows = through(trend.dmi(5), BARS)
    parts: list[Any] = [through(ta(name, timeperiod=5), BARS) for name in ("PLUS_DI", "MINUS_DI", "ADX")]  # fmt: skip

    assert [row.adx for row in rows] == [part.value for part in parts[2]]
    assert [row.plus_di for row in rows] == [part.value for part in parts[0]][-len(rows) :]
    assert [row.minus_di for row in rows] == [part.value for part in parts[1]][-len(rows) :]


def test_every_family_is_offered_by_the_package() -> None:
    package = importlib.import_module("ordinis_rx.operators.indicators")

    assert set(NAMED) | {"dmi"} <= set(package.__all__)
    assert set(package.__all__) - {"parse"} <= set(oo.__all__)


def test_of_is_offered_by_those_alone_that_take_it() -> None:
    bad: Any = oo.atr
    with pytest.raises(TypeError, match=r"^atr takes no of; it reads high low close$"):
        bad(14, of="close")
    with pytest.raises(TypeError, match=r"^atr takes no off; it takes timeperiod warm_up"):
        bad(14, off="close")
    bad = oo.sma
    with pytest.raises(TypeError, match=r"^sma takes no off; did you mean of\?$"):
        bad(14, off="close")
    for name, make in NAMED.items():
        takes = "of" in inspect.signature(make).parameters
        assert takes is (kind_of(name.removeprefix("bar_")).inputs == ("close",))

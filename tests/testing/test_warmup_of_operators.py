"""Every operator of analysis, and every function of TA-Lib's, begins to know when it says, and forgets as it should."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import talib
from msgspec.structs import replace
from reactivex import operators as ops

import ordinis_rx.operators as oo
from ordinis_rx.testing import check_no_lookahead, check_warmup
from ordinis_rx.timebase import MINUTE
from tests.candles import random_bars
from tests.test_conformance import CASES, NO_OPERATORS

pytestmark = pytest.mark.deep

BARS = [
    replace(bar, ts_event=bar.ts_event * MINUTE, interval=MINUTE)
    for bar in random_bars(400, seed=11)
]

AT_ONCE, SLOWLY, NEVER = "at once", "slowly", "never"
"""When what came before the beginning no longer counts: as soon as something is known, some bars later, or never."""


class Case(NamedTuple):
    """An operator, with how many bars it first knows all that *fields* are, and when it settles."""

    make: Callable[[], Any]
    known: int
    settles: str
    fields: tuple[str, ...] = ("value",)


ANALYSIS: dict[str, Case] = {
    "ad": Case(oo.ad, 1, NEVER),
    "adosc": Case(lambda: oo.adosc(2, 4), 4, SLOWLY),
    "adx": Case(lambda: oo.adx(4), 8, SLOWLY),
    "agreement": Case(
        lambda: ops.compose(oo.timeframes("1m", "4m"), oo.agreement(periods=(2, 3))),
        12,
        AT_ONCE,
        ("direction", "agreement", "bias"),
    ),
    "aroon": Case(lambda: oo.aroon(4), 5, AT_ONCE, ("values[0]", "values[1]")),
    "atr": Case(lambda: oo.atr(4), 5, SLOWLY),
    "bar_ema": Case(lambda: oo.bar_ema(4), 4, SLOWLY),
    "bar_vwap": Case(oo.bar_vwap, 1, NEVER),
    "bar_vwap, begun anew": Case(lambda: oo.bar_vwap(7 * MINUTE), 1, SLOWLY),
    "bbands": Case(lambda: oo.bbands(4), 4, AT_ONCE, ("values[0]", "values[2]")),
    "breakouts": Case(lambda: oo.breakouts(2, most=4), 21, SLOWLY, ("breakout", "broken")),
    "cci": Case(lambda: oo.cci(4), 4, AT_ONCE),
    "cmf": Case(lambda: oo.cmf(4), 4, AT_ONCE),
    "dema": Case(lambda: oo.dema(4), 7, SLOWLY),
    "dmi": Case(lambda: oo.dmi(4), 8, SLOWLY, ("values[0]", "values[1]", "values[2]")),
    "donchian": Case(lambda: oo.donchian(4), 4, AT_ONCE, ("values[0]", "values[2]")),
    "force": Case(lambda: oo.force(4), 5, SLOWLY),
    "hma": Case(lambda: oo.hma(6), 7, AT_ONCE),
    "ichimoku": Case(
        lambda: oo.ichimoku(3, 5, 8, 4), 12, AT_ONCE, ("cloud_b", "trend", "position")
    ),
    "indicators": Case(lambda: oo.indicators(a="sma:4", b="roc:4"), 5, AT_ONCE, ("values[1]",)),
    "kama": Case(lambda: oo.kama(4), 5, SLOWLY),
    "keltner": Case(lambda: oo.keltner(4, 3), 4, SLOWLY),
    "levels": Case(lambda: oo.levels(2, most=4), 18, SLOWLY, ("support",)),
    "macd": Case(lambda: oo.macd(3, 6, 3), 8, SLOWLY, ("values[0]", "values[1]", "values[2]")),
    "mfi": Case(lambda: oo.mfi(4), 5, SLOWLY),
    "natr": Case(lambda: oo.natr(4), 5, SLOWLY),
    "obv": Case(oo.obv, 1, NEVER),
    "patterns": Case(
        lambda: oo.patterns(["doji", "CDLDOJI"], trend=5, volume=4), 9, SLOWLY, ("context",)
    ),
    "roc": Case(lambda: oo.roc(4), 5, AT_ONCE),
    "rsi": Case(lambda: oo.rsi(4), 5, SLOWLY),
    "rvol": Case(lambda: oo.rvol(4), 5, AT_ONCE),
    "sar": Case(oo.sar, 2, SLOWLY),
    "score": Case(lambda: oo.score(oo.zscores("close", "volume", window=5)), 5, AT_ONCE),
    "signals": Case(
        lambda: oo.signals(bullish=oo.col("close").rising(), bearish=oo.col("close").falling()),
        4,
        AT_ONCE,
        ("direction",),
    ),
    "sma": Case(lambda: oo.sma(4), 4, AT_ONCE),
    "snapshot": Case(oo.snapshot, 78, AT_ONCE, ("cloud", "opinion")),
    "stoch": Case(lambda: oo.stoch(4, 2, 0, 2), 6, SLOWLY),  # by rounding, where it is 0
    "stochrsi": Case(lambda: oo.stochrsi(4), 11, SLOWLY),
    "supertrend": Case(lambda: oo.supertrend(4), 5, SLOWLY, ("values[0]", "values[1]")),
    "t3": Case(lambda: oo.t3(3), 13, SLOWLY),
    "ta": Case(lambda: oo.ta("MIDPRICE", timeperiod=4), 4, AT_ONCE),
    "tema": Case(lambda: oo.tema(4), 10, SLOWLY),
    "timeframes": Case(
        lambda: oo.timeframes("1m", "10m"), 10, AT_ONCE, ("closed[1].close", "closed[1].high")
    ),
    "ultosc": Case(lambda: oo.ultosc(2, 4, 6), 7, AT_ONCE),
    "volatility": Case(lambda: oo.volatility(4), 5, AT_ONCE),
    "where": Case(lambda: oo.where(oo.col("close") > oo.col("open")), 4, AT_ONCE, ("close",)),
    "willr": Case(lambda: oo.willr(4), 4, AT_ONCE),
    "wma": Case(lambda: oo.wma(4), 4, AT_ONCE),
}

FAMILIES = ("candlesticks", "cloud", "conditions", "indicators", "snapshot", "support", "timeframes")  # fmt: skip


def test_every_operator_of_analysis_has_a_case() -> None:
    names = {
        name
        for name in set(oo.__all__) - NO_OPERATORS
        if getattr(oo, name).__module__.split(".")[2] in FAMILIES
    }

    assert names == {name.partition(",")[0] for name in ANALYSIS}
    assert names <= set(CASES)  # where the tests of look-ahead find them, too


@pytest.mark.parametrize("name", ANALYSIS)
def test_an_operator_first_knows_and_settles_when_it_should(name: str) -> None:
    case = ANALYSIS[name]

    report = check_warmup(case.make(), BARS, starts=4)

    told = [report.of(field) for field in case.fields]
    assert {row.first_known for row in told} == {case.known}
    if case.settles == AT_ONCE:
        assert max(row.settles_after for row in told) == case.known
    elif case.settles == SLOWLY:
        assert min(row.settles_after for row in told) >= 1
        assert max(row.settles_after for row in told) > case.known
    else:
        assert {row.settles_after for row in told} == {-1}
        assert min(row.worst for row in told) > 1e-3


@pytest.mark.parametrize("name", ANALYSIS)
def test_an_operator_knows_nothing_of_later_bars(name: str) -> None:
    assert check_no_lookahead(ANALYSIS[name].make(), BARS[:150], cuts=3) == 3


OUT_OF_RANGE = {"ACOS", "ASIN"}
"""Functions that prices are too large for."""


def all_of_talib() -> dict[str, oo.Indicator]:
    """Every function of TA-Lib's, by a name that a column may have."""
    return {
        f"of_{name.lower()}": oo.indicator(name, of=("close", "volume") if name == "MAVP" else None)
        for name in talib.get_functions()
    }


def test_every_function_of_talib_first_knows_when_its_warm_up_says() -> None:
    chosen = all_of_talib()
    report = check_warmup(oo.indicators(**chosen), BARS, starts=1)

    outputs = [name for name, each in chosen.items() for _ in each.outputs]
    known = {name: report.of(f"values[{j}]").first_known for j, name in enumerate(outputs)}

    assert len(known) == len(talib.get_functions()) > 200
    wanted = {name: -1 if each.name in OUT_OF_RANGE else each.warm_up for name, each in chosen.items()}  # fmt: skip
    assert known == wanted


def test_no_function_of_talib_knows_anything_of_later_bars() -> None:
    assert check_no_lookahead(oo.indicators(**all_of_talib()), BARS[:200], cuts=3) == 3

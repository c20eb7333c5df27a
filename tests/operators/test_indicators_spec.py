"""Indicators as values: what they are made of, how they are read and written, and what is refused."""

from __future__ import annotations

import pickle
import sys
from typing import Any

import numpy as np
import pytest

from ordinis_rx.errors import MissingExtra
from ordinis_rx.operators.indicators import indicator, parse
from ordinis_rx.operators.indicators.catalogue import NATIVE

ALL_OF_IT = {"every": 0, "since": 0, "zone": "", "calendar": ""}
"""A volume-weighted price that is never begun anew."""


@pytest.mark.parametrize(
    ("text", "params", "written"),
    [
        ("rsi:14", {"timeperiod": 14}, "rsi:14"),
        ("EMA:20", {"timeperiod": 20}, "ema:20"),
        ("macd", {"fastperiod": 12, "slowperiod": 26, "signalperiod": 9}, "macd:12"),
        (" bbands:20:nbdevup=2.5 ", {"timeperiod": 20, "nbdevup": 2.5, "nbdevdn": 2.0, "matype": 0}, "bbands:20:2.5"),
        ("supertrend:7:2", {"timeperiod": 7, "multiplier": 2}, "supertrend:7:2"),
        ("vwap:zone=America/New_York", {**ALL_OF_IT, "zone": "America/New_York"}, "vwap:0:0:America/New_York"),
        ("vwap:calendar=24/7", {**ALL_OF_IT, "calendar": "24/7"}, "vwap:0:0::24/7"),
        ("obv", {}, "obv"),
    ],
)  # fmt: skip
def test_a_text_says_which_indicator_is_meant(text: str, params: Any, written: str) -> None:
    parsed = parse(text)

    assert dict(parsed.params) == params
    assert str(parsed) == written
    assert parse(str(parsed)) == parsed


def test_other_numbers_may_be_read() -> None:
    assert parse("sma:5:of=volume") == indicator("sma", 5, of="volume")
    assert parse("correl:10:of=close+volume").inputs == ("close", "volume")
    assert str(parse("sma:5:of=volume")) == "sma:5:of=volume"


def test_small_letters_are_our_own_and_capitals_talibs() -> None:
    assert indicator("hma").name == "hma"
    assert indicator("HMA").name == "HMA"
    assert str(indicator("HMA")) == "HMA:20"
    assert indicator("HMA").label == "hma"


def test_a_value_is_itself_wherever_it_is_made_and_survives_a_pickle() -> None:
    first = indicator("atr", timeperiod=10)

    assert first == indicator("ATR", 10)
    assert len({first, indicator("atr", 10), indicator("atr", 11)}) == 2
    assert pickle.loads(pickle.dumps(first)) == first


@pytest.mark.parametrize(
    ("text", "error", "told"),
    [
        ("nonsense", ValueError, "TA-Lib has no function 'NONSENSE'"),
        ("rsii:14", ValueError, "no function 'RSII'; did you mean RSI?"),
        ("ichimoku", ValueError, "no function 'ICHIMOKU'; ichimoku.. is an operator of its own"),
        ("26", ValueError, "no function '26'; the numbers of one indicator stand between colons"),
        ("rsi(14)", ValueError, "in a text, numbers stand between colons: rsi:14"),
        ("", ValueError, "a name must come first"),
        ("rsi:1:2", ValueError, "rsi takes timeperiod, got 2 values"),
        ("rsi:period=5", ValueError, "rsi takes timeperiod, got period=5"),
        ("rsi:5:timeperiod=6", ValueError, "rsi: timeperiod is given twice"),
        ("rsi:timeperiod=6:5", ValueError, "'5' must stand before what has a name"),
        ("obv:5", ValueError, "obv takes no parameters, got 1 values"),
        ("rsi:0", ValueError, "rsi: TA-Lib does not take timeperiod=0"),
        ("rsi:2.5", TypeError, "rsi: timeperiod must be a whole number of bars, got 2.5"),
        ("bbands:20:x", TypeError, "bbands: nbdevup must be a number, got 'x'"),
        ("bbands:20:nan", TypeError, "bbands: nbdevup must be a number, got nan"),
        ("hma:0", ValueError, "hma: timeperiod must be at least 1, got 0"),
        ("volatility:20:0", ValueError, "volatility: per_year must be above 0, got 0"),
        ("volatility:20:-1", ValueError, "volatility: per_year must be at least 0.0, got -1"),
        (
            "macd:26:12:9",
            ValueError,
            "macd: fastperiod must not be above slowperiod, got 26 and 12",
        ),
        ("ppo:27", ValueError, "ppo: fastperiod must not be above slowperiod, got 27 and 26"),
        ("bar_vwap:60", ValueError, "bar_vwap is an operator; the indicator is called vwap"),
        ("BAR_EMA:9", ValueError, "bar_ema is an operator; the indicator is called ema"),
        ("volatility:1", ValueError, "volatility: timeperiod must be at least 2, got 1"),
        ("vwap:0:0:5", TypeError, "vwap: zone must be a text, got 5"),
        ("vwap:1.5", TypeError, "vwap: every must be a whole number of nanoseconds, got 1.5"),
        ("vwap:zone=Nowhere", ValueError, "vwap: zone must be a time zone, got 'Nowhere'"),
        ("vwap:calendar=XNIX", ValueError, "calendar: no exchange is known as 'XNIX'"),
        (
            "vwap:60:calendar=XNYS",
            ValueError,
            "vwap begins anew by one of every, zone and calendar, got every=60 calendar='XNYS'",
        ),
        (
            "vwap:60:zone=UTC",
            ValueError,
            "by one of every, zone and calendar, got every=60 zone='UTC'",
        ),
        ("atr:5:of=close", ValueError, "atr reads high low close, got of=close"),
        ("sma:5:of=colour", ValueError, "sma: of must be one of .*, got 'colour'"),
        (
            "atr:5:of=high+price+low",
            ValueError,
            "atr: high is a number of bars, price is one of trades",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_its_value(text: str, error: Any, told: str) -> None:
    with pytest.raises(error, match=told):
        parse(text)


def test_without_calendars_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "exchange_calendars", None)

    with pytest.raises(MissingExtra, match=r"sessions of exchanges needs .*\[calendars\]"):
        indicator("vwap", calendar="XBUE")  # one that nobody has asked for before
    assert str(parse("vwap:zone=UTC")) == "vwap:0:0:UTC"


def test_without_talib_ours_still_work_and_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    for name in ("talib", "talib.abstract", "talib.stream"):
        monkeypatch.setitem(sys.modules, name, None)

    for name in NATIVE:
        assert indicator(name).state().update(2.0, 3.0, 1.0, 2.0, 5.0, 1)
    with pytest.raises(MissingExtra, match=r"the indicator rsi needs ta-lib: .*\[indicators\]"):
        indicator("rsi")


@pytest.mark.parametrize("name", ["sma", "hma"])
def test_a_number_of_numpys_is_as_good_as_pythons(name: str) -> None:
    asked = indicator(name, np.int64(17))

    assert asked == indicator(name, 17)
    assert type(asked.params[0][1]) is int


def test_a_number_of_numpys_with_a_point_is_none_of_bars() -> None:
    assert indicator("bbands", 17, np.float32(2.5), 2).params[1] == ("nbdevup", 2.5)
    with pytest.raises(TypeError, match="must be a whole number of bars, got 17"):
        indicator("sma", np.float64(17.0))

"""What an analysis finds, and how it is shown."""

from __future__ import annotations

import math
import sys

import pytest
import reactivex

from ordinis_rx.commands.analysis import Asked, analysed, heard, lacking
from ordinis_rx.commands.analysis_view import page, tables
from ordinis_rx.testing import a_bar
from ordinis_rx.timebase import MINUTE
from tests.candles import random_bars

ASKED = Asked("1m", {"dc": "donchian:3"}, True, ("2m",))
BARS = [
    a_bar(bar.close, at=k * MINUTE, interval=MINUTE, open=bar.open, high=bar.high, low=bar.low)
    for k, bar in enumerate(random_bars(40, seed=1), 1)
]


def test_each_symbol_is_seen_with_all_that_was_asked() -> None:
    (seen,) = analysed(BARS, ASKED)

    assert seen.analysis.symbol == "A"
    assert list(seen.analysis.indicators) == ["dc_upper", "dc_middle", "dc_lower"]
    assert seen.analysis.timeframes == {"1m": BARS[-1].close, "2m": BARS[-1].close}
    assert seen.analysis.bias == "UNKNOWN"  # 20 bars of two minutes, and 50 are needed
    assert 0 < len(seen.analysis.patterns) <= 5


@pytest.mark.parametrize("name", ["volatility", "macd"])
def test_an_indicator_alone_is_seen_and_drawn_by_its_name(name: str) -> None:
    (seen,) = analysed(BARS, Asked("1m", {name: "hma:4"}, False, ()))

    assert seen.analysis.indicators == {name: seen.rows[-1].value}
    assert name in page([seen])


def test_what_was_not_asked_is_not_there() -> None:
    (seen,) = analysed(BARS, Asked("1m", {}, False, ()))

    assert (seen.rows, seen.matches, seen.analysis.bias) == ([], [], "")


def test_without_ta_lib_our_own_patterns_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "talib", None)
    monkeypatch.setitem(sys.modules, "talib.stream", None)

    (seen,) = analysed(BARS, Asked("1m", {}, True, ()))

    assert seen.matches
    assert not any(str(match.name).startswith("CDL") for match in seen.matches)


def test_a_bar_without_a_close_is_drawn_as_a_hole_and_hides_no_last_price() -> None:
    (seen,) = analysed([*BARS, a_bar(math.nan, at=50 * MINUTE, interval=MINUTE)], ASKED)

    assert seen.analysis.close == BARS[-1].close
    assert "nan" not in page([seen])


def test_an_indicator_that_left_the_last_bar_out_is_not_shown_beside_its_close_but_others_are() -> (
    None
):
    last = a_bar(50, at=50 * MINUTE, interval=MINUTE, volume=math.nan)

    (seen,) = analysed([*BARS, last], Asked("1m", {"force": "force:2", "r": "sma:2"}, False, ()))
    (alone,) = analysed([*BARS, last], Asked("1m", {"r": "sma:2"}, False, ()))

    assert seen.analysis.close == alone.analysis.close == 50
    assert math.isnan(seen.analysis.indicators["force"])
    assert seen.analysis.indicators["r"] == alone.analysis.indicators["r"]
    assert alone.analysis.indicators["r"] == (BARS[-1].close + 50) / 2


def test_an_indicator_of_what_no_bar_has_is_shown_as_nothing_and_named() -> None:
    bars = [a_bar(10 + k, at=k * MINUTE, interval=MINUTE, volume=math.nan) for k in range(1, 9)]

    (seen,) = analysed(bars, Asked(None, {"obv": "obv", "r": "sma:2"}, False, ("2m",)))

    assert math.isnan(seen.analysis.indicators["obv"])
    assert seen.analysis.indicators["r"] == 17.5
    assert (lacking(bars, "obv"), lacking(bars, "sma:2")) == (["volume"], [])
    assert list(seen.analysis.timeframes) == ["1m", "2m"]
    assert "obv" in page([seen])


def test_names_cannot_break_the_page() -> None:
    (seen,) = analysed([a_bar(5, symbol="<b>&", at=MINUTE, interval=MINUTE)], ASKED)

    assert "<b>" not in page([seen])
    assert "&lt;b&gt;&amp;" in page([seen])
    assert tables([seen]) is not None


def test_the_error_of_a_stream_is_raised() -> None:
    with pytest.raises(RuntimeError, match="broken"):
        heard(reactivex.throw(RuntimeError("broken")))

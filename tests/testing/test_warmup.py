"""How results depend on where a story begins is measured."""

from __future__ import annotations

import io
from typing import Any

import pytest
import reactivex
from msgspec.structs import replace
from reactivex import operators as ops
from rich.console import Console

from ordinis_rx.operators import (
    col,
    ema,
    ichimoku,
    obv,
    patterns,
    rolling_mean,
    rule,
    score,
    signals,
    sma,
    time_bars,
    timeframes,
    where,
)
from ordinis_rx.testing import WarmUpReport, a_bar, a_trade, check_warmup
from ordinis_rx.timebase import MINUTE
from tests.candles import random_bars

BARS = random_bars(300, seed=11)
LATER = [replace(bar, ts_event=bar.ts_event + 160) for bar in random_bars(40, seed=2, symbol="B")]


@pytest.mark.parametrize("window", [2, 7, 30])
def test_a_window_settles_when_it_is_full(window: int) -> None:
    assert check_warmup(rolling_mean(window, of="close"), BARS, tolerance=1e-12).settles_after in (
        window,
        1 + window,
    )


def test_an_exponential_average_is_known_at_once_and_settles_slowly() -> None:
    fast = check_warmup(ema(span=3, of="close"), BARS).of("value")
    slow = check_warmup(ema(span=9, of="close"), BARS).of("value")

    assert fast.first_known == slow.first_known == 1
    assert 10 < fast.settles_after < slow.settles_after < 150


def test_a_looser_tolerance_settles_sooner() -> None:
    loose = check_warmup(ema(span=9, of="close"), BARS, tolerance=1e-3)

    assert loose.settles_after < check_warmup(ema(span=9, of="close"), BARS).settles_after
    slow = check_warmup(ema(span=60, of="close"), BARS, tolerance=0.1)
    assert 0.0 < slow.of("value").worst < 0.1  # told, though it is within the tolerance


def test_a_running_total_never_settles() -> None:
    def count(source: Any) -> Any:
        return source.pipe(
            ops.scan(lambda total, bar: (total[0] + bar.close, bar), (0.0, None)),
            ops.map(lambda total: a_bar(total[0], at=total[1].ts_event)),
        )

    report = check_warmup(count, BARS)

    assert not report.settled
    assert report.settles_after == -1
    assert report.of("close").settles_after == -1
    assert report.of("close").worst > 0.05


def test_the_cloud_settles_with_the_longest_of_its_windows() -> None:
    report = check_warmup(ichimoku(), BARS)

    assert report.of("tenkan").settles_after == 9
    assert report.of("kijun").settles_after == 26
    assert report.of("senkou_b").settles_after == 52
    assert report.of("cloud_b").settles_after in (77, 78)
    assert report.settled


@pytest.mark.parametrize(
    "pipeline",
    [
        patterns(["doji", "hammer", "CDLENGULFING"]),
        signals(bullish=col("close").rising(3), repeat=True),
        score(col("high") - col("low")),
    ],
    ids=["patterns", "signals", "score"],
)
def test_operators_that_look_back_a_little_settle(pipeline: Any) -> None:
    assert check_warmup(pipeline, BARS, tolerance=1e-6).of("name").settles_after < 120


def test_timeframes_settle_when_the_longest_has_closed() -> None:
    minutes = [a_bar(n % 17, at=n * MINUTE, interval=MINUTE) for n in range(1, 101)]

    report = check_warmup(timeframes("1m", "10m"), minutes)

    assert 10 <= report.of("closed[1].close").settles_after <= 20
    assert report.of("closed[0].close").settles_after == 1


def test_a_symbol_that_never_settles_is_not_hidden_behind_another_that_comes_last() -> None:
    mine = random_bars(200, seed=1)
    both = sorted([*mine, *LATER], key=lambda bar: bar.ts_event)

    report = check_warmup(obv(), both)

    assert not check_warmup(obv(), mine).settled
    assert not report.settled
    assert report.of("value").worst > 0.05


def test_a_name_that_never_settles_is_not_hidden_behind_another_of_the_same_bars() -> None:
    def both(source: Any) -> Any:
        return reactivex.merge(source.pipe(obv()), source.pipe(sma(5)))

    assert check_warmup(sma(5), BARS).settled
    assert not check_warmup(both, BARS).settled


def test_a_name_that_is_rare_does_not_count_as_one_that_never_settles() -> None:
    rare = rule("rare", (col("ts_event") > 70) & (col("ts_event") < 75) & col("close").rising(3))
    bars = [a_bar(at, at=at) for at in range(300)]

    report = check_warmup(
        signals(rare, rule("usual", col("close") > 0), repeat=True), bars, starts=4
    )

    assert report.settled
    assert report.settles_after < 10
    assert report.of("strength").worst == 0.0


def test_a_symbol_that_begins_later_does_not_hang_on_the_beginning() -> None:
    mine = random_bars(200, seed=1)
    both = sorted([*mine, *LATER], key=lambda bar: bar.ts_event)

    alone = check_warmup(rolling_mean(5, of="close"), mine).of("value")

    assert check_warmup(rolling_mean(5, of="close"), both).of("value").settles_after == 5
    assert alone.settles_after == 5


def test_bars_of_trades_are_compared_though_no_trade_has_their_time() -> None:
    trades = [a_trade(100 + k % 7, at=7 * k) for k in range(300)]

    report = check_warmup(ops.compose(time_bars(60), sma(4)), trades)

    assert report.settled
    assert 4 * 8 < report.of("value").settles_after < 6 * 9  # eight or nine trades a bar, one cut
    assert not check_warmup(ops.compose(time_bars(60), obv()), trades).settled


def test_a_field_that_is_not_there_is_named() -> None:
    with pytest.raises(KeyError, match="no field 'rsi'; there are name value"):
        check_warmup(score("close"), BARS).of("rsi")


def test_a_report_is_told_in_lines_and_as_a_table() -> None:
    report = check_warmup(rolling_mean(5, of="close"), BARS)
    console = Console(width=100, file=io.StringIO(), record=True)
    console.print(report)

    assert isinstance(report, WarmUpReport)
    assert "value: known after" in str(report)
    assert "settled after" in console.export_text()


def test_a_check_that_would_check_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="5 beginnings want 10 facts or more, got 3"):
        check_warmup(score("close"), BARS[:3])
    for tolerance in (float("nan"), -1.0):
        with pytest.raises(ValueError, match="tolerance must be a finite number, 0 or more, got"):
            check_warmup(rolling_mean(2), [], tolerance=tolerance)
    with pytest.raises(TypeError, match="tolerance must be a number, got 'small'"):
        check_warmup(rolling_mean(2), [], tolerance="small")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="all that comes out lies before the later beginnings"):
        check_warmup(where(col("ts_event") < 20), BARS)
    with pytest.raises(ValueError, match="nothing with a time"):
        check_warmup(lambda source: source.pipe(ops.map(lambda bar: bar.close)), BARS)

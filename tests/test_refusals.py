"""What is given wrongly is refused where it is given, by its name and value: nothing of it runs, and says something else."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import pytest

import ordinis_rx as ox
from ordinis_rx import operators as oo
from ordinis_rx.consensus import (
    LeaveOneOutZ,
    MadOutlier,
    RobustOutlier,
    ZScoreOutlier,
    panel,
    provider_stats,
    reject_outliers,
    score,
    validate,
)
from ordinis_rx.pull import BreakerPolicy, DataAggregator, PolygonRest
from ordinis_rx.sim import faults
from ordinis_rx.testing import ProxyFaults
from ordinis_rx.wire.backoff import Backoff
from ordinis_rx.wire.connection import messages
from ordinis_rx.wire.liveness import liveness

CLOSE = oo.col("close")
NAN = math.nan
SECOND = ox.SECOND
WHOLE = "must be a whole number of nanoseconds, such as 5 * SECOND, got"

Refused = tuple[Callable[..., Any], str]


def a(value: Any) -> Any:
    """*value*, whatever its type: who has no type checker may write it."""
    return value


REFUSED: list[Refused] = [
    # Flags and choices
    (lambda: validate(ignore="alpaca"), "validate: ignore must be several, as in ['alpaca'], got 'alpaca'"),
    (lambda: validate(ignore=a([None])), "validate: ignore: each must be the name of a provider, got None"),
    (lambda: oo.zip_latest_by(providers=a([5])), "zip_latest_by: providers: each must be a name, got 5"),
    (lambda: validate(price=a("micro")), "validate: price must be one of 'mid', 'microprice', got 'micro'"),
    (lambda: validate(price=a(None)), "validate: price must be one of 'mid', 'microprice', got None"),
    (lambda: validate(time_window=a(NAN)), f"validate: time_window {WHOLE} nan"),
    (lambda: ox.ProviderWeight("x", enabled=a("no")), "ProviderWeight: enabled must be True or False, got 'no'"),
    (lambda: ox.ProviderWeight(a(5)), "ProviderWeight: provider_name must be a name, got 5"),
    (lambda: ox.ProviderWeight("x", a("2")), "ProviderWeight: weight of 'x' must be a number, got '2'"),
    (lambda: ox.AggregationConfig(reliability=a("no")), "reliability must be True or False, got 'no'"),
    (lambda: ox.AggregationConfig(tolerance_bps=a("2")), "tolerance_bps must be a number, got '2'"),
    (lambda: ox.AggregationConfig(weights=a(5)), "weights must be several, as in (ProviderWeight("),
    (lambda: ox.AggregationConfig(max_age_by_symbol=a([5])), "max_age_by_symbol must be a mapping"),
    (lambda: ox.bbo(max_age=a(0.5)), f"bbo: max_age {WHOLE} 0.5"),
    (lambda: provider_stats(a(NAN)), f"provider_stats: every {WHOLE} nan"),
    (lambda: provider_stats(a(True)), f"provider_stats: every {WHOLE} True"),
    (lambda: provider_stats(config=a(5)), "provider_stats: config must be an AggregationConfig, got 5"),
    (lambda: panel(max_age=a(0.5)), f"panel: max_age {WHOLE} 0.5"),
    (lambda: panel(idle=a(True)), f"panel: idle {WHOLE} True"),
    (lambda: score(confidence=a("x")), "score: confidence must be one of 'calibrated', 'original', got 'x'"),
    (lambda: score(a("2")), "score: tolerance_bps must be a number, got '2'"),
    (lambda: reject_outliers(confirm=0), "reject_outliers: confirm must be 1 or more rounds, got 0"),
    (lambda: reject_outliers(confirm=a("x")), "reject_outliers: confirm must be a whole number of rounds, got 'x'"),
    (lambda: reject_outliers(reliability=a("no")), "reject_outliers: reliability must be True or False"),
    (lambda: reject_outliers(a(5)), "reject_outliers: rule must be one of the rules, RobustOutlier() say, got 5"),
    (lambda: ox.consensus(meter=a(5)), "consensus: meter must be a ConsensusMeter(), got 5"),
    (lambda: RobustOutlier(confirm=a(2.5)), "RobustOutlier: confirm must be a whole number of rounds, got 2.5"),
    (lambda: RobustOutlier(k=a("4")), "RobustOutlier: k must be a number, got '4'"),
    (lambda: ZScoreOutlier(min_providers=a(NAN)), "ZScoreOutlier: min_providers must be a whole number"),
    (lambda: LeaveOneOutZ(floor_bps=a("2")), "LeaveOneOutZ: floor_bps must be a number, got '2'"),
    (lambda: MadOutlier(a("3")), "MadOutlier: threshold must be a number, got '3'"),
    (lambda: oo.time_bars(SECOND, fill=a("0")), "time_bars: fill must be True or False, got '0'"),
    (lambda: oo.time_bars(SECOND, of=a({})), "time_bars: of must be one of 'trade', 'bid', 'ask', 'mid', got {}"),
    (lambda: oo.timeframes("1m", forming=a("no")), "timeframes: forming must be True or False, got 'no'"),
    (lambda: oo.timeframes("1m", of=a({})), "timeframes: of must be 'trade', 'bar' or a price of quotes, got {}"),
    (lambda: oo.zscore_filter(9, feedback=a("5")), "zscore_filter: feedback must be True or False, got '5'"),
    (lambda: oo.patterns(gaps=a("5")), "patterns: gaps must be True or False, got '5'"),
    (lambda: oo.ichimoku(future=a("no")), "ichimoku: future must be True or False, got 'no'"),
    (lambda: oo.signals(bullish=CLOSE > 1, repeat=a("no")), "signals: repeat must be True or False, got 'no'"),
    (lambda: oo.weighted(CLOSE, normalize=a("no")), "weighted: normalize must be True or False, got 'no'"),
    # Several things
    (lambda: oo.for_symbols(""), "for_symbols: symbols must be words, as in ['AAPL', 'MSFT'], got ''"),
    (lambda: oo.for_symbols(a([None])), "for_symbols: symbols must be words, as in ['AAPL', 'MSFT'], got None"),
    (lambda: oo.for_symbols(a(b"A")), "for_symbols: symbols must be several, as in ['AAPL', 'MSFT'], got b'A'"),
    (lambda: oo.for_symbols(a(5)), "for_symbols: symbols must be several, as in ['AAPL', 'MSFT'], got 5"),
    (lambda: oo.align(SECOND, a(b"A")), "align: symbols must be several, as in ['AAPL', 'MSFT'], got b'A'"),
    (lambda: oo.align(SECOND, a([None])), "align: symbols must be words, as in ['AAPL', 'MSFT'], got None"),
    (lambda: oo.align(SECOND, a(5)), "align: symbols must be several"),
    (lambda: oo.zip_latest_by(providers=a(5)), "zip_latest_by: providers must be several"),
    (lambda: oo.weighted(CLOSE, CLOSE, weights=a("55")), "weighted: weights must be several, as in (3, 1), got '55'"),
    (lambda: oo.weighted(CLOSE, weights=a(5)), "weighted: weights must be several, as in (3, 1), got 5"),
    (lambda: oo.weighted(CLOSE, weights=a(["5"])), "weighted: a weight must be a number, got '5'"),
    (lambda: oo.zscores(CLOSE, window=5, weights=a("5")), "weights must be several, as in (3, 1), got '5'"),
    (lambda: oo.agreement(a(b"x")), "agreement: periods must be several, as in (10, 20, 50), got b'x'"),
    (lambda: oo.patterns(a(5)), "patterns: names must be several, as in ['hammer'], got 5"),
    (lambda: ox.sim.market(a(5)), "market: symbols must be several, as in ['AAPL', 'MSFT'], got 5"),
    (lambda: ox.sim.market("AAPL"), "a market needs a list of different symbols, got 'AAPL'"),
    # Buffers, faults and clocks, which would wait for ever
    (lambda: oo.buffer(2, a("DROP_OLDEST")), "buffer: policy must be an Overflow, Overflow.DROP_OLDEST say, got 'DROP"),
    (lambda: oo.buffer(scheduler=a(5)), "buffer: scheduler must be a scheduler of Rx, got 5"),
    (lambda: oo.buffer(a(NAN)), "buffer: size must be a whole number of events, got nan"),
    (lambda: oo.buffer(a(2.5)), "buffer: size must be a whole number of events, got 2.5"),
    (lambda: oo.buffer(meter=a(5)), "buffer: meter must be a BufferMeter(), got 5"),
    (lambda: faults.drop(0.5, tally=a(5)), "drop: tally must be a Faults(), got 5"),
    (lambda: faults.duplicate(0.5, tally=a(5)), "duplicate: tally must be a Faults(), got 5"),
    (lambda: faults.delay(0.5, 1, tally=a(5)), "delay: tally must be a Faults(), got 5"),
    (lambda: faults.reorder(0.5, tally=a(5)), "reorder: tally must be a Faults(), got 5"),
    (lambda: faults.spike(0.5, 1, tally=a(5)), "spike: tally must be a Faults(), got 5"),
    (lambda: faults.bias(1, tally=a(5)), "bias: tally must be a Faults(), got 5"),
    (lambda: faults.freeze("A", 0, 1, tally=a(5)), "freeze: tally must be a Faults(), got 5"),
    (lambda: faults.drop(a("x")), "drop: share must be a number, got 'x'"),
    (lambda: faults.bias(NAN), "bias: bps must leave a price above 0, got nan"),
    (lambda: faults.bias(-20_000), "bias: bps must leave a price above 0, got -20000"),
    (lambda: faults.spike(0.5, 10_000), "spike: bps must leave a price above 0, got -10000"),
    (lambda: faults.freeze("A", 0, a(1.5)), "freeze: ts_to must be a whole number of nanoseconds, got 1.5"),
    (lambda: ox.EventClock(a("x")), "EventClock: start must be a whole number of nanoseconds, got 'x'"),
    (lambda: oo.on_clock(a(5)), "on_clock: clock must be an EventClock(), got 5"),
    # Numbers
    (lambda: oo.rolling_mean(a("5")), "rolling_mean: window must be a whole number of numbers, got '5'"),
    (lambda: oo.rolling_mean(a(True)), "rolling_mean: window must be a whole number of numbers, got True"),
    (lambda: oo.rolling_std(5, warm_up=a("2")), "rolling_std: warm_up must be a whole number of numbers, got '2'"),
    (lambda: oo.zscore_filter(a("5")), "zscore_filter: window must be a whole number of numbers, got '5'"),
    (lambda: oo.zscore_filter(5, a("3")), "zscore_filter: threshold in deviations must be a number, got '3'"),
    (lambda: oo.zscore_filter(5, patience=a(0.5)), "zscore_filter: patience must be a whole number of refusals"),
    (lambda: oo.hampel_filter(a("5")), "hampel_filter: window must be a whole number of numbers, got '5'"),
    (lambda: oo.ema(span=a("5")), "ema: span must be a number, got '5'"),
    (lambda: oo.vwap(a(True)), f"vwap: anchor {WHOLE} True"),
    (lambda: oo.dedupe(remember=a(NAN)), "dedupe: remember must be a whole number of ids, got nan"),
    (lambda: oo.levels(merge_bps=a("5")), "levels: merge_bps must be a number, got '5'"),
    (lambda: oo.breakouts(break_bps=a(None)), "breakouts: break_bps must be a number, got None"),
    (lambda: oo.volume_bars(a("5")), "volume_bars: volume must be a number, got '5'"),
    (lambda: oo.notional_bars(a([])), "notional_bars: notional must be a number, got []"),
    (lambda: oo.patterns(volume_ratio=a("5")), "patterns: volume_ratio must be a number, got '5'"),
    (lambda: oo.patterns(penetration=a("5")), "patterns: penetration as a share must be a number, got '5'"),
    (lambda: ox.sim.market(["A"], rate=a("5")), "rate must be a number, got '5'"),
    (lambda: ox.sim.market(["A"], volatility=math.inf), "volatility must be a finite number, 0 or more, got inf"),
    (lambda: ox.sim.market(["A"], spread_bps=math.inf), "spread_bps must be a finite number above 0, got inf"),
    (lambda: ox.sim.market(["A"], tick_size=math.inf), "tick_size must be a finite number above 0, got inf"),
    (lambda: ox.BufferedStreamHandler(a("5")), "max_buffer_size must be a whole number of facts, got '5'"),
    (lambda: ox.BufferedStreamHandler(a(2.5)), "max_buffer_size must be a whole number of facts, got 2.5"),
    (lambda: oo.zip_latest_by(a("venue")), "by must be one of 'provider', 'bid_venue', 'ask_venue', got 'venue'"),
    (lambda: ox.sim.market(["A"]).seen_by("x", latency=a(0.5)), f"seen_by: latency {WHOLE} 0.5"),
    (lambda: ox.StreamConfig(reconnect_delay_seconds=math.inf),
     "reconnect_delay_seconds must be a finite number above 0, got inf"),
    (lambda: ProxyFaults(bandwidth=math.inf), "bandwidth must be a finite number above 0, got inf"),
    (lambda: ProxyFaults(cut_after=a(math.inf)), "cut_after must be a whole number of bytes, got inf"),
    # Indicators
    (lambda: oo.sma(10**30), f"sma: timeperiod must be fewer than 2147483648 bars, got {10**30}"),
    (lambda: oo.hma(10**30), f"hma: timeperiod must be fewer than 2147483648 bars, got {10**30}"),
    (lambda: a(oo.adx)(timeperod=5), "adx takes no timeperod; did you mean timeperiod?"),
    (lambda: a(oo.dmi)(memori=5), "plus_di takes no memori; did you mean memory?"),
    (lambda: a(oo.obv)(x=5), "obv takes no x; it takes warm_up skipped memory"),
    (lambda: oo.indicator(a(5)), "indicator: name must be that of an indicator, indicator('rsi') say, got 5"),
    (lambda: oo.indicator("sma", of=a(5)), "sma: of must be several, as in ('high', 'low'), got 5"),
    (lambda: oo.ta(a(5)), "ta: name must be that of a function of TA-Lib's, ta('RSI') say, got 5"),
    (lambda: oo.indicators(x=a(5)), "indicators: x must be an indicator or its text, 'rsi:14' say, got 5"),
    (lambda: oo.indicators(x="dmi:14"), "dmi() is plus_di, minus_di and adx together"),
    (lambda: ox.sim.market(["A"], latency=10**30), "market: latency must fit 62 bits of nanoseconds, got 1000"),
    (lambda: ox.sim.market(["A"], start=10**30), "market: start must fit 62 bits of nanoseconds, got 1000"),
    (lambda: ox.sim.market(["A"], seed=-1), "seed must be a finite number, 0 or more, got -1"),
    (lambda: ox.sim.market(["A"], prices=a(5)), "market: prices must be a mapping, as in {'AAPL': 190.0}, got 5"),
    (lambda: ox.sim.WireFaults(mute_after=a("5")), f"mute_after {WHOLE} '5'"),
    (lambda: ox.sim.RestFaults(hang=a("5")), "hang must be a number, got '5'"),
    (lambda: ox.sim.RestFaults(wrong_bps=math.nan), "wrong_bps must leave a price above 0, got nan"),
    (lambda: ox.sim.RestFaults(wrong_bps=-10_000), "wrong_bps must leave a price above 0, got -10000"),
    (lambda: ProxyFaults(jitter=a("5")), f"jitter {WHOLE} '5'"),
    # Names
    (lambda: oo.rule("x", CLOSE > 1, a("up")),
     "rule x: direction must be one of 'UNKNOWN', 'BULLISH', 'BEARISH', 'NEUTRAL', got 'up'"),
    (lambda: oo.timeframes("1m", calendar=a(["x"])), "timeframes: calendar must be a name, 'XNYS' say, got ['x']"),
    (lambda: oo.patterns(requires=a("x")), "patterns: requires must be a whole number of flags, got 'x'"),
    (lambda: oo.col(a(5)), "col: name must be the name of a column, col(\"close\") say, got 5"),
    (lambda: oo.rule(a(None), CLOSE > 1), "rule: name must be a word, got None"),
    (lambda: oo.rule("", CLOSE > 1), "rule: name must be a word, got ''"),
    (lambda: oo.score(CLOSE, a(5)), "score: name must be a word, got 5"),
    # Streams
    (lambda: ox.from_frames(a(5)), "from_frames: values must be several, as in [frame], got 5"),
    (lambda: oo.trades()(a(5)), "an operator wants a stream, got 5"),
    (lambda: ox.consensus()(a(5)), "an operator wants a stream, got 5"),
    (lambda: ox.share()(a(5)), "an operator wants a stream, got 5"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "told"), REFUSED, ids=[told for _, told in REFUSED])
def test_what_is_given_wrongly_is_refused_by_name_and_value(
    call: Callable[[], object], told: str
) -> None:
    with pytest.raises((TypeError, ValueError), match=re.escape(told)):
        call()


@pytest.mark.parametrize(
    "call",
    [
        lambda: ox.StreamConfig(reconnect_delay_max_seconds=math.inf),
        lambda: ox.StreamConfig(connection_timeout_seconds=math.inf),
        lambda: ox.StreamConfig(heartbeat_interval_seconds=math.inf),
        lambda: ox.StreamConfig(acknowledge_timeout_seconds=math.inf),
        lambda: ox.StreamConfig(stable_seconds=math.inf),
        lambda: ox.StreamConfig(silence_seconds={"A": math.inf}),
        lambda: Backoff(longest_seconds=math.inf, stable_seconds=math.inf, long_seconds=math.inf),
        lambda: messages("ws://127.0.0.1", timeout_seconds=math.inf, heartbeat_seconds=math.inf),
        lambda: liveness(math.inf, first_seconds=math.inf),
        lambda: BreakerPolicy(cool_down_seconds=math.inf, longest_seconds=math.inf),
        lambda: DataAggregator([], grace_seconds=math.inf),
        lambda: PolygonRest("key", timeout_seconds=math.inf),
    ],
)
def test_a_span_of_seconds_may_be_endless(call: Callable[[], object]) -> None:
    call()

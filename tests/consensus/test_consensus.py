"""The whole consensus: the kernel and the chain of its parts say the same, however the events are cut into frames."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ordinis_rx.consensus import (
    AggregationConfig,
    AggregationMethod,
    LeaveOneOutZ,
    MadOutlier,
    NoOutliers,
    ProviderWeight,
    RobustOutlier,
    ZScoreOutlier,
    changes,
    combine,
    consensus,
    panel,
    reject_outliers,
    score,
    validate,
)
from ordinis_rx.events import Event, StreamStatus, TradeFlags
from ordinis_rx.kernels.compiled import uncompiled
from ordinis_rx.stream import numbered
from ordinis_rx.testing import a_gap, a_heartbeat, a_quote, a_status, a_trade, through
from ordinis_rx.testing.identity import difference
from ordinis_rx.testing.on_frames import same_on_frames
from ordinis_rx.timebase import MILLI, MINUTE, SECOND

PROVIDERS = ["a", "b", "c", "d", "e"]
RULES = [RobustOutlier(), RobustOutlier(k=3.0, confirm=1, tick_size=0.01, half_life=3.0), ZScoreOutlier(1.2),
         LeaveOneOutZ(), MadOutlier(), NoOutliers()]  # fmt: skip


def chain(config: AggregationConfig) -> Any:
    """The consensus as its parts one after the other."""
    parts = [
        validate(price=config.price, time_window=config.time_window, ignore=config.disabled),
        panel(config.max_age, max_age_by_symbol=config.max_age_by_symbol, idle=config.idle),
        reject_outliers(config.outliers, confirm=config.confirm, reliability=config.reliability),
        combine(
            config.method,
            config.weights,
            min_providers=config.min_providers,
            trimmed_mean_pct=config.trimmed_mean_pct,
            volume=config.volume,
            compat=config.compat,
        ),
        score(config.tolerance_bps, confidence=config.confidence),
    ]
    if config.emit == "change":
        parts.append(changes())
    return lambda events: events.pipe(*parts)


prices = st.one_of(
    st.floats(99.9, 100.1),
    st.sampled_from([100.0, 100.01, 100.02, 99.0, 101.0, 150.0]),
    st.sampled_from([math.nan, math.inf, 0.0, -1.0]),
)
steps = st.sampled_from([0, 1, 300 * MILLI, 1 * SECOND, 3 * SECOND, 10 * SECOND, 45 * SECOND, 5 * MINUTE])


@st.composite
def events(draw: st.DrawFn) -> list[Event]:
    told: list[Event] = []
    now = 10**18
    for _ in range(draw(st.integers(0, 40))):
        now += draw(steps)
        at = now + draw(st.sampled_from([0, 0, 0, 0, -2 * SECOND, -3 * MINUTE, 4 * MINUTE]))
        symbol, provider = draw(st.sampled_from("XY")), draw(st.sampled_from(PROVIDERS))
        came = draw(st.sampled_from([0, now]))
        match draw(st.integers(0, 11)):
            case 0:
                told.append(a_heartbeat(at=now, provider=provider))
            case 1:
                told.append(a_status(draw(st.sampled_from(StreamStatus)), at=now, provider=provider))
            case 2:
                symbols = draw(st.sampled_from([(), ("X",), ("X", "Y")]))
                who = draw(st.sampled_from([provider, ""]))
                told.append(a_gap(now, now, symbols=symbols, provider=who))
            case 3 | 4:
                flags = draw(st.sampled_from([TradeFlags.LAST, TradeFlags.VOLUME]))
                size = draw(st.sampled_from([0.0, 1.5, 100.0, math.nan]))
                price = draw(prices)
                told.append(
                    a_trade(price, at=at, symbol=symbol, provider=provider, size=size, flags=flags, ts_recv=came)
                )
            case _:
                price, half = draw(prices), draw(st.sampled_from([0.0, 0.005, 0.05, -0.01, math.nan]))
                told.append(
                    a_quote(price - half, price + half, at=at, symbol=symbol, provider=provider, ts_recv=came,
                            bid_size=draw(st.sampled_from([0.0, 3.0])))
                )  # fmt: skip
    return numbered(told)


configs = st.builds(
    AggregationConfig,
    method=st.sampled_from(AggregationMethod),
    outliers=st.sampled_from(RULES),
    confidence=st.sampled_from(["calibrated", "original"]),
    min_providers=st.integers(1, 3),
    weights=st.sampled_from(
        [(), (ProviderWeight("a", 2.5), ProviderWeight("b", 0.0)), (ProviderWeight("c", 1.0, enabled=False),)]
    ),
    trimmed_mean_pct=st.sampled_from([0.0, 0.1, 0.25]),
    max_age=st.sampled_from([2 * SECOND, 5 * SECOND, 10 * MINUTE]),
    max_age_by_symbol=st.sampled_from([{}, {"X": 1 * SECOND}]),
    price=st.sampled_from(["mid", "microprice"]),
    volume=st.sampled_from(["max", "median", "sum"]),
    emit=st.sampled_from(["change", "every"]),
    idle=st.sampled_from([20 * SECOND, 30 * MINUTE]),
    compat=st.sampled_from([None, "original"]),
    reliability=st.booleans(),
)


@settings(max_examples=150)
@given(config=configs, told=events())
def test_the_kernel_says_what_the_chain_of_its_parts_says(
    config: AggregationConfig, told: list[Event]
) -> None:
    with uncompiled():
        plain = through(consensus(config), told)

    assert not difference(through(chain(config), told), plain)
    assert not difference(through(consensus(config), told), plain)


@settings(max_examples=25)
@given(config=configs, told=events())
def test_the_cut_into_frames_changes_nothing(config: AggregationConfig, told: list[Event]) -> None:
    same_on_frames(lambda: consensus(config), told)


@settings(max_examples=10)
@given(config=configs, told=events())
def test_the_cut_into_frames_changes_nothing_for_the_chain(
    config: AggregationConfig, told: list[Event]
) -> None:
    same_on_frames(lambda: chain(config), told, cuts=[[1] * len(told), [3, 2, 5], [len(told)]])

"""A pipeline that knows the future is found out, and none of ours does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import reactivex
from msgspec.structs import replace
from reactivex import Observable
from reactivex import operators as ops

from ordinis_rx.events import Bar, Reading
from ordinis_rx.multicast import share
from ordinis_rx.operators import (
    col,
    quotes,
    resample,
    score,
    signals,
    time_bars,
    timeframes,
    trades,
    with_latest,
    zscores,
)
from ordinis_rx.testing import a_bar, a_quote, a_trade, check_no_lookahead
from ordinis_rx.timebase import MINUTE, SECOND
from tests.candles import random_bars
from tests.test_conformance import CASES, MARKET

LEFT_OUT = {
    "window_by_time": "what it tells has no time, and the last window ends where the story does",
    "window_by_count": "as above",
    "buffer, conflating": "what it drops depends on who is slow, and not on the story",
}


def story() -> list[Any]:
    """Bars, trades and quotes of two symbols, and what else a market tells."""
    told: list[Any] = []
    for symbol in "AB":
        for bar in random_bars(25, seed=ord(symbol), symbol=symbol):
            at = 4 * bar.ts_event + (symbol == "B")
            told.append(replace(bar, ts_event=at, interval=4))
            told.append(
                a_trade(bar.close, at=at - 2, symbol=symbol, trade_id=str(at), provider="p")
            )
            told.append(a_quote(bar.low, bar.high, at=at - 1, symbol=symbol, provider="q"))
    told += [replace(fact, ts_event=fact.ts_event + 60) for fact in MARKET]
    return sorted(told, key=lambda fact: fact.ts_event)


STORY = story()
MINUTES = [
    replace(bar, ts_event=bar.ts_event * MINUTE, interval=MINUTE) for bar in random_bars(60, seed=3)
]


@pytest.mark.parametrize("name", sorted(CASES.keys() - LEFT_OUT.keys()))
def test_no_operator_of_the_library_knows_the_future(name: str) -> None:
    assert check_no_lookahead(CASES[name](), STORY, cuts=6) == 6


@pytest.mark.parametrize(
    "pipeline",
    [
        timeframes("1m", "5m", "15m", forming=True),
        resample(5 * MINUTE),
        score(zscores("close", "volume", window=5)),
        ops.compose(timeframes("1m", "5m"), signals(bullish=col("1m.close") > col("5m.close"))),
    ],
    ids=["timeframes", "resample", "score", "signals of timeframes"],
)
def test_minutes_and_what_is_made_of_them_know_no_future(pipeline: Any) -> None:
    check_no_lookahead(pipeline, MINUTES, cuts=20)


def batch(work: Callable[[Any], Any]) -> Callable[[Observable[Bar]], Observable[Reading]]:
    """A pipeline that waits for all bars, and works on arrays."""

    def told(bars: list[Bar]) -> Observable[Reading]:
        values = work(np.array([bar.close for bar in bars]))
        return reactivex.from_iterable(
            [
                Reading(symbol=bar.symbol, ts_event=bar.ts_event, value=float(value))
                for bar, value in zip(bars, values, strict=True)
            ]
        )

    return lambda source: source.pipe(ops.to_list(), ops.flat_map(told))


def centred(closes: Any) -> Any:
    return np.convolve(closes, np.ones(3) / 3)[1:-1]


@pytest.mark.parametrize(
    "peeking",
    [
        lambda closes: (
            (closes - closes.mean()) / (closes.std() or 1.0)
        ),  # scaled by the whole history
        lambda closes: np.append(closes[1:], closes[-1]),  # tomorrow's close today
        centred,
        lambda closes: np.maximum.accumulate(closes[::-1])[::-1],
    ],
    ids=["scaled", "shifted", "centred", "backwards"],
)
def test_a_pipeline_that_looks_ahead_is_caught(peeking: Any) -> None:
    with pytest.raises(AssertionError, match="look-ahead: what is told up to"):
        check_no_lookahead(batch(peeking), MINUTES)


def test_a_batch_that_looks_back_alone_is_not_blamed() -> None:
    check_no_lookahead(batch(np.cumsum), MINUTES)


def test_a_bar_shown_before_it_is_over_is_caught() -> None:
    """Each minute is stamped with the five minutes that it is in, as a join by the opening time does it."""

    def joined(source: Observable[Bar]) -> Observable[Any]:
        fives = source.pipe(resample(5 * MINUTE), ops.to_list())
        return fives.pipe(
            ops.flat_map(
                lambda long: source.pipe(
                    ops.map(lambda bar: replace(bar, close=known(long, bar.ts_open)))
                )
            )
        )

    def known(long: list[Bar], at: int) -> float:
        return next((bar.close for bar in long if bar.ts_open <= at < bar.ts_event), 0.0)

    with pytest.raises(AssertionError, match="look-ahead"):
        check_no_lookahead(joined, MINUTES)


def quoted(source: Observable[Any], lateness: int = 0) -> Observable[Any]:
    """Bars of trades with the newest quote beside each."""
    shared = source.pipe(share())
    bars = shared.pipe(trades(), time_bars(MINUTE, lateness))
    return bars.pipe(with_latest(shared.pipe(quotes())))


def trades_and_quotes(n: int) -> list[Any]:
    return [
        fact
        for k in range(n)
        for fact in (
            a_trade(100 + k % 7, at=k * SECOND),
            a_quote(99 + k % 11, 101 + k % 11, at=k * SECOND),
        )
    ]


def test_a_join_has_the_time_of_its_latest_part() -> None:
    def newest(source: Observable[Any]) -> Observable[Any]:
        shared = source.pipe(share())
        return reactivex.combine_latest(shared.pipe(trades()), shared.pipe(quotes()))

    story = trades_and_quotes(300)
    uneven = [fact for k, fact in enumerate(story) if k % 3]

    assert check_no_lookahead(quoted, story) == 12
    assert check_no_lookahead(newest, uneven) == 12


@pytest.mark.parametrize("seed", range(5))
def test_what_is_stamped_earlier_than_it_was_known_is_caught_by_few_cuts(seed: int) -> None:
    def stamped(source: Observable[Any]) -> Observable[Reading]:
        return quoted(source, 2 * SECOND).pipe(
            ops.map(
                lambda pair: Reading(
                    symbol=pair[0].symbol, ts_event=pair[0].ts_event, value=pair[1].bid
                )
            )
        )

    with pytest.raises(AssertionError, match="look-ahead: what is told up to"):
        check_no_lookahead(stamped, trades_and_quotes(600), cuts=4, seed=seed)


def test_numbers_without_a_time_must_be_the_beginning_of_the_whole() -> None:
    def running(source: Observable[Bar]) -> Observable[float]:
        return source.pipe(ops.map(lambda bar: bar.close))

    def scaled(source: Observable[Bar]) -> Observable[float]:
        def work(bars: list[Bar]) -> Observable[float]:
            top = max(bar.high for bar in bars)
            return reactivex.from_iterable([bar.close / top for bar in bars])

        return source.pipe(ops.to_list(), ops.flat_map(work))

    check_no_lookahead(running, MINUTES)
    with pytest.raises(AssertionError, match="look-ahead"):
        check_no_lookahead(scaled, [a_bar(n, at=n) for n in range(1, 20)])


def test_the_same_seed_makes_the_same_cuts() -> None:
    def first_difference(seed: int) -> str:
        with pytest.raises(AssertionError) as caught:
            check_no_lookahead(batch(centred), MINUTES, cuts=1, seed=seed)
        return str(caught.value)

    assert first_difference(5) == first_difference(5)
    assert len({first_difference(seed) for seed in range(5)}) > 1


def test_a_check_that_would_check_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="two moments"):
        check_no_lookahead(score("close"), [a_bar(at=1), a_bar(at=1)])
    with pytest.raises(ValueError, match="cuts must be 1 or more moments, got 0"):
        check_no_lookahead(score("close"), [a_trade(1, at=1), a_trade(2, at=2)], cuts=0)
    with pytest.raises(ValueError, match="nothing comes out of the pipeline for these 2 facts"):
        check_no_lookahead(timeframes("1w"), [a_bar(at=1), a_bar(at=2)])

"""The technical snapshot."""

from __future__ import annotations

import io
import math

import pytest
from msgspec.structs import replace
from rich.console import Console

from ordinis_rx.events import Bar
from ordinis_rx.kinds import Direction
from ordinis_rx.operators import Opinion, SideOutput, ichimoku, indicators, snapshot
from ordinis_rx.operators.snapshot import _judged  # pyright: ignore[reportPrivateUsage]
from ordinis_rx.operators.snapshot_facts import Volatility
from ordinis_rx.testing import a_bar, check_no_lookahead, same, same_on_frames, through
from tests.candles import daily_bars, random_bars

BARS = random_bars(160, seed=8)


def test_the_numbers_are_those_of_the_operators() -> None:
    shots = through(snapshot(), BARS)
    rows = through(
        indicators(
            rsi="rsi:14",
            st="stoch",
            macd="macd",
            atr="atr:14",
            bb="bbands:20",
            slow="sma:50",
            rv="rvol:20",
        ),
        BARS,
    )
    clouds = through(ichimoku(), BARS)

    for shot, row, cloud in zip(shots, rows, clouds, strict=True):
        assert same(
            (shot.rsi, shot.stochastic, shot.macd_histogram, shot.atr, shot.relative_volume),
            (row.rsi, row.st_k, row.macd_histogram, row.atr, row.rv),
        )
        assert shot.cloud is cloud.trend
        if not math.isnan(row.slow):
            assert (shot.trend is Direction.BULLISH) == (shot.close > row.slow)
        width = row.bb_upper - row.bb_lower
        if width > 0:
            assert math.isclose(shot.band_position, (shot.close - row.bb_lower) / width)


def test_there_is_no_opinion_before_all_is_known() -> None:
    shots = through(snapshot(), BARS)

    first = next(k for k, shot in enumerate(shots, 1) if shot.opinion is not Opinion.UNKNOWN)

    assert first == 78  # the cloud over a bar takes that many
    assert all(shot.opinion is not Opinion.UNKNOWN for shot in shots[first:])
    assert all(shot.score == 0 for shot in shots[: first - 1])


@pytest.mark.parametrize(
    ("ways", "rsi", "score", "opinion"),
    [
        (("BULLISH", "BULLISH", "BULLISH"), 50, 4, Opinion.STRONG_BUY),
        (("BULLISH", "BULLISH", "NEUTRAL"), 75, 2, Opinion.BUY),
        (("NEUTRAL", "NEUTRAL", "NEUTRAL"), 50, 1, Opinion.NEUTRAL),
        (("BEARISH", "BEARISH", "NEUTRAL"), 75, -2, Opinion.SELL),
        (("BEARISH", "BEARISH", "BEARISH"), 75, -3, Opinion.SELL),
        (("UNKNOWN", "BEARISH", "BEARISH"), 75, 0, Opinion.UNKNOWN),
    ],
)
def test_votes_make_an_opinion(
    ways: tuple[str, str, str], rsi: float, score: int, opinion: Opinion
) -> None:
    trend, alignment, cloud = (Direction[way] for way in ways)

    shot = _judged(
        a_bar(5, open=5),
        trend=trend,
        alignment=alignment,
        cloud=cloud,
        rsi=float(rsi),
        stochastic=50.0,
        macd_histogram=1.0,
        atr=1.0,
        band_position=0.5,
        volatility=Volatility.NORMAL,
        relative_volume=2.0,
    )

    assert (shot.score, shot.opinion) == (score, opinion)
    assert "+ MACD" in shot.signals


def test_real_days_bring_every_opinion_and_every_regime() -> None:
    shots = through(snapshot(), daily_bars("AAPL")[:1500])

    assert {shot.opinion for shot in shots} == set(Opinion)
    assert {shot.volatility for shot in shots} == set(Volatility)


def test_a_bar_told_again_takes_the_place_of_the_last_one() -> None:
    again = a_bar(1005, at=BARS[99].ts_event, revision=1)

    twice = through(snapshot(), [*BARS[:100], again, *BARS[100:]])
    once = through(snapshot(), [*BARS[:99], again, *BARS[100:]])

    assert twice[100].revision == 1
    assert same([shot.rsi for shot in twice[100:]], [shot.rsi for shot in once[99:]])
    assert [shot.score for shot in twice[100:]] == [shot.score for shot in once[99:]]


def test_a_bar_without_a_volume_has_no_relative_volume_and_one_without_a_price_no_snapshot() -> (
    None
):
    skipped: SideOutput[object] = SideOutput()
    odd = [*BARS[:60], a_bar(1000, at=61, volume=math.nan), a_bar(math.nan, at=62)]

    shots = through(snapshot(skipped=skipped), odd)

    assert len(shots) == 61
    assert math.isnan(shots[-1].relative_volume)
    assert shots[-1].volume_trend is Direction.UNKNOWN
    assert skipped.told == 1


def quiet(n: int, price: float, at: int = 0) -> list[Bar]:
    return [a_bar(price, at=at + k, volume=5) for k in range(1, n + 1)]


def test_a_price_that_never_moved_is_voted_on_by_nobody() -> None:
    shot = through(snapshot(), quiet(100, 12.5))[-1]

    assert (shot.signals, shot.score, shot.opinion) == ((), 0, Opinion.NEUTRAL)
    assert math.isnan(shot.band_position)


def test_a_halt_at_the_high_is_not_taken_for_a_market_sold_too_far() -> None:
    bars = [a_bar(100 + k, at=k, high=101 + k, low=99 + k) for k in range(1, 91)]
    halted = quiet(30, 200, at=90)
    after = a_bar(200.5, at=121, high=201, low=200)

    shots = through(snapshot(), [*bars, *halted, after])

    for shot in shots[94:]:
        assert "+ stochastic" not in shot.signals
        assert shot.opinion is not Opinion.UNKNOWN
    assert "- RSI" in shots[96].signals
    assert not {"+ RSI", "- RSI"} & set(shots[-2].signals)


def test_without_a_volume_for_long_the_volume_has_no_vote() -> None:
    silent = [replace(bar, volume=0) for bar in random_bars(100, seed=3)]
    loud = replace(silent[-1], ts_event=101, open=900, low=900, volume=3)

    last, first = through(snapshot(), [*silent, loud])[-2:]

    assert math.isnan(last.relative_volume)
    assert last.volume_trend is Direction.NEUTRAL
    assert last.opinion is not Opinion.UNKNOWN
    assert (first.relative_volume, first.volume_trend) == (math.inf, Direction.BULLISH)


def test_a_snapshot_is_a_table() -> None:
    console = Console(file=io.StringIO(), record=True, width=80)
    console.print(through(snapshot(), BARS)[-1])

    text = console.export_text()
    for word in ("rsi", "macd histogram", "opinion", "signals", "relative volume"):
        assert word in text


def test_snapshots_know_no_future_and_are_the_same_however_the_input_is_cut() -> None:
    story = [*BARS[:60], *quiet(30, 1000, at=60)]
    mixed = [
        bar for pair in zip(story, random_bars(90, 5, symbol="B"), strict=True) for bar in pair
    ]

    check_no_lookahead(snapshot(), mixed, cuts=5)
    same_on_frames(snapshot, mixed, cuts=([], [1] * 180, [7] * 25))


@pytest.mark.parametrize("price", [235.66, 0.24, 1e-7, 43000.1, 100.0])
def test_a_market_that_never_moved_is_neutral_whatever_its_price(price: float) -> None:
    bars = [a_bar(price, at=60 * n, interval=60, volume=0.0) for n in range(1, 121)]

    last = through(snapshot(), bars)[-1]

    assert (last.opinion, last.score, last.signals) == (Opinion.NEUTRAL, 0, ())
    assert (last.trend, last.alignment) == (Direction.NEUTRAL, Direction.NEUTRAL)

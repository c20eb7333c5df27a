"""The bridge into backtrader: the bars that arrive, those that do not, and how a run ends."""

from __future__ import annotations

import gc
import math
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import backtrader as bt
import pytest
import reactivex as rx
from hypothesis import given, settings
from hypothesis import strategies as st

import ordinis_rx as ox
from ordinis_rx.bridges.backtrader import to_feed, to_live_feed
from ordinis_rx.events import Bar
from ordinis_rx.frames import BarFrame
from ordinis_rx.stream import from_events
from ordinis_rx.testing import a_bar, a_trade
from ordinis_rx.timebase import DAY, HOUR, MINUTE, SECOND, from_datetime

NAN = math.nan
NOON = from_datetime(datetime(2024, 3, 15, 12, tzinfo=UTC))


def minutes(*closes: float, symbol: str = "A") -> list[Bar]:
    return [
        a_bar(close, at=NOON + n * MINUTE, interval=MINUTE, symbol=symbol, seq=n)
        for n, close in enumerate(closes, 1)
    ]


class Notes(bt.Strategy):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def next(self) -> None:
        bar = self.data
        numbers = (bar.open[0], bar.high[0], bar.low[0], bar.close[0], bar.volume[0])
        self.told.append((bar.datetime.datetime(0), *numbers))


def run(*feeds: Any, strategy: Any = Notes) -> Any:
    cerebro = bt.Cerebro()
    for feed in feeds:
        cerebro.adddata(feed)
    cerebro.addstrategy(strategy)
    [ran] = cerebro.run()
    return ran


def closes(told: list[tuple[Any, ...]]) -> list[float]:
    return [close for *_, close, _ in told]


@pytest.mark.parametrize("to", [to_feed, to_live_feed])
def test_a_bar_arrives_with_all_its_numbers_and_the_time_of_its_end(to: Any) -> None:
    bar = a_bar(3.5, at=NOON, interval=MINUTE, open=2.5, high=4.5, low=1.5, volume=7.25)

    [(when, *numbers)] = run(to(from_events([bar]), "A", MINUTE)).told

    assert abs(when - datetime(2024, 3, 15, 12)) < timedelta(microseconds=20)
    assert numbers == [2.5, 4.5, 1.5, 3.5, 7.25]


def test_facts_a_frame_frames_and_a_stream_say_the_same() -> None:
    bars = minutes(1, 2, 3)
    whole = BarFrame.from_events(bars)

    ways = (bars, whole, [whole[:1], whole[1:]], from_events(bars), lambda: from_events(bars))
    for way in ways:
        assert closes(run(to_feed(way, "A", MINUTE)).told) == [1.0, 2.0, 3.0]


def test_other_symbols_intervals_and_kinds_are_passed_over() -> None:
    [bar] = minutes(1)
    others = [*minutes(5, symbol="B"), a_bar(6, at=NOON, interval=HOUR), a_trade(7, at=NOON)]

    feed = to_feed([*others, bar], "A", MINUTE)

    assert closes(run(feed).told) == [1.0]
    assert feed.skipped == {}


def test_bars_without_a_price_and_late_ones_are_left_out_and_counted() -> None:
    first, second, third = minutes(1, NAN, 3)
    again = a_bar(9, at=first.ts_event, interval=MINUTE, revision=1)

    feed = to_feed([first, second, again, third], "A", MINUTE)

    assert closes(run(feed).told) == [1.0, 3.0]
    assert feed.skipped == {"missing": 1, "late": 1}


def test_a_missing_volume_is_nan_and_not_nothing() -> None:
    [(*_, volume)] = run(to_feed([a_bar(at=NOON, volume=NAN)], "A", SECOND)).told

    assert math.isnan(volume)


def test_a_bar_of_a_day_has_the_date_that_it_is_about() -> None:
    midnight = from_datetime(datetime(2024, 3, 16, tzinfo=UTC))

    [(when, *_)] = run(to_feed([a_bar(at=midnight, interval=DAY)], "A", DAY)).told

    assert when.date() == datetime(2024, 3, 15).date()
    assert datetime(2024, 3, 16) - when < timedelta(microseconds=30)


@pytest.mark.parametrize(
    ("interval", "frame", "compression"),
    [
        (DAY, "Days", 1),
        (4 * HOUR, "Minutes", 240),
        (MINUTE, "Minutes", 1),
        (90 * SECOND, "Seconds", 90),
        (250 * ox.MILLI, "MicroSeconds", 250_000),
    ],
)
def test_an_interval_is_a_timeframe_of_backtrader(
    interval: int, frame: str, compression: int
) -> None:
    feed = to_feed([], "A", interval)

    assert (feed.p.timeframe, feed.p.compression) == (getattr(bt.TimeFrame, frame), compression)


@pytest.mark.parametrize("interval", [0, -MINUTE, 1500])
def test_an_interval_without_a_timeframe_is_refused(interval: int) -> None:
    with pytest.raises(ValueError, match=f"got an interval of {interval} ns"):
        to_feed([], "A", interval)


def test_options_are_those_of_a_feed_of_backtrader() -> None:
    later = datetime(2024, 3, 15, 12, 1, 30)

    feed = to_feed(minutes(1, 2, 3), "A", MINUTE, name="A", fromdate=later)

    assert closes(run(feed).told) == [2.0, 3.0]
    assert feed._name == "A"


@pytest.mark.parametrize("to", [to_feed, to_live_feed])
def test_the_error_of_a_stream_is_raised_by_the_run_and_no_thread_is_left(to: Any) -> None:
    broken = rx.concat(from_events(minutes(1)), rx.throw(ox.Stalled("AAPL", 2.5)))

    with pytest.raises(ox.Stalled, match="nothing from AAPL"):
        run(to(broken, "A", MINUTE))
    assert threading.enumerate() == [threading.main_thread()]


class Stops(Notes):
    """Has enough after one bar."""

    def next(self) -> None:
        super().next()
        self.env.runstop()


def test_a_run_that_is_stopped_lets_go_of_an_endless_stream() -> None:
    let_go = threading.Event()
    endless = rx.concat(from_events(minutes(1)), rx.never())

    ran = run(
        to_live_feed(endless.pipe(rx.operators.finally_action(let_go.set)), "A", MINUTE),
        strategy=Stops,
    )

    assert closes(ran.told) == [1.0]
    assert let_go.is_set()
    assert threading.enumerate() == [threading.main_thread()]


class Raises(bt.Strategy):
    """Cannot cope with its first bar."""

    def next(self) -> None:
        raise KeyError("mine")


def test_a_strategy_that_raises_leaves_no_thread_once_its_feed_is_gone() -> None:
    endless = rx.concat(from_events(minutes(1)), rx.never())

    with pytest.raises(KeyError, match="mine"):
        run(to_live_feed(endless, "A", MINUTE), strategy=Raises)
    gc.collect()

    assert threading.enumerate() == [threading.main_thread()]


def test_a_quiet_live_feed_holds_up_nobody() -> None:
    quiet: rx.Subject[Bar] = rx.Subject()

    first = minutes(1)
    cerebro = bt.Cerebro()
    cerebro.adddata(to_live_feed(quiet, "A", MINUTE, qcheck=0.01))
    cerebro.adddata(to_live_feed(from_events(minutes(4, 5, 6, symbol="B")), "B", MINUTE))
    heard: list[float] = []

    class Hears(bt.Strategy):
        def prenext(self) -> None:  # the quiet feed has no bar yet
            heard.append(self.datas[1].close[0])
            if len(heard) == 3:
                for bar in first:
                    quiet.on_next(bar)
                quiet.on_completed()

    cerebro.addstrategy(Hears)
    cerebro.run()

    assert heard == [4.0, 5.0, 6.0]
    assert threading.enumerate() == [threading.main_thread()]


PRICE = st.one_of(st.just(NAN), st.integers(1, 10_000).map(lambda cents: cents / 100))


@given(st.lists(st.tuples(st.integers(1, 15), PRICE, st.sampled_from("AB")), max_size=20))
@settings(max_examples=25)
def test_what_arrives_are_the_newest_bars_with_a_price_in_their_order(
    story: list[tuple[int, float, str]],
) -> None:
    bars = [
        a_bar(close, at=NOON + minute * MINUTE, interval=MINUTE, symbol=symbol)
        for minute, close, symbol in story
    ]
    kept: list[Bar] = []
    for bar in bars:
        newest = kept[-1].ts_event if kept else 0
        if bar.symbol == "A" and bar.close == bar.close and bar.ts_event > newest:
            kept.append(bar)

    feed = to_feed([*bars, a_bar(1, at=NOON + DAY, interval=MINUTE)], "A", MINUTE)
    told = run(feed).told

    assert closes(told)[:-1] == [bar.close for bar in kept]
    assert sum(feed.skipped.values()) == sum(bar.symbol == "A" for bar in bars) - len(kept)

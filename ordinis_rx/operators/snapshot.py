"""The technical snapshot: the usual indicators of a bar, and what they amount to together."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator
from itertools import islice
from typing import Any

from ordinis_rx.batches import Item
from ordinis_rx.events import NAN, Bar, Event
from ordinis_rx.frames import BarFrame, Frame
from ordinis_rx.hearing import hears
from ordinis_rx.kernels.bar_order import LEFT_OUT, NEW
from ordinis_rx.kernels.ichimoku import ICHIMOKU, ichimoku, ichimoku_params
from ordinis_rx.kinds import Direction
from ordinis_rx.operators.bar_order import BarOrder, telling_skipped
from ordinis_rx.operators.cloud_facts import IchimokuCloud, IchimokuFrame
from ordinis_rx.operators.indicators import Indicator, IndicatorState, parse
from ordinis_rx.operators.side import SideOutput
from ordinis_rx.operators.snapshot_facts import Opinion, Snapshot, Volatility
from ordinis_rx.recipes import Recipe
from ordinis_rx.running import KernelRun
from ordinis_rx.stepping import telling
from ordinis_rx.typing import Operator

__all__ = ["snapshot"]

_OF_PRICES = ("sma:20", "sma:50", "rsi:14", "stoch", "macd", "atr:14", "bbands:20")
_OF_VOLUME = "rvol:20"
_ATRS = 50
_K, _SLOW = 5, 3
"""Slow %K is the mean of so many, each over so many bars."""
_RSI = 14
_FASTER, _SLOWER = 20, 50
"""Bars of the two averages."""
_VOLUMES = 20
_CLOUD = ichimoku_params(9, 26, 52, 26)


def snapshot(*, skipped: SideOutput[Bar] | None = None) -> Operator[Event, Snapshot]:
    """How each symbol stands, a `Snapshot` a bar, told with the bar: trend, momentum, volatility, volume, and an opinion.

    The numbers are those of `indicators` and `ichimoku` with their usual parameters (see `Snapshot`). Eight votes of one
    point make the score: trend, alignment, cloud, MACD histogram and volume trend by their direction; RSI up to 30, %K up to
    20 and a close at or below the lower band for a rise, since they speak of a market sold too far, and from 70, 80 and the
    upper band on for a fall. From 4 on it is STRONG_BUY, from 2 on BUY, from -2 down SELL, from -4 down STRONG_SELL. It is
    UNKNOWN until every vote is known, 78 bars in. A summary of textbook rules, no advice.

    Where nothing moves, some have nothing to vote on: the averages and the trend where their closes are one price, RSI where
    the last 15 are (TA-Lib answers 0), %K where five bars on end of its seven are one price, the bands where they have no
    width, the volume where there is none, as in the 20 bars before.

    A bar told again takes the place of the last one. Bars without a price, late ones and old revisions are left out, and go
    to *skipped*; one without a volume has no relative volume. Needs the extra ``indicators``; raises `MissingExtra` without.

    >>> from ordinis_rx.testing import a_bar, through
    >>> rows = through(snapshot(), [a_bar(100 + n % 9 + n / 10, at=n) for n in range(90)])
    >>> rows[0].opinion.name, rows[-1].opinion.name != "UNKNOWN", 0 <= rows[-1].rsi <= 100
    ('UNKNOWN', True, True)
    """
    prices = tuple(map(parse, _OF_PRICES))
    volume = parse(_OF_VOLUME)
    made: Operator[Event, Snapshot] = hears(
        telling(lambda: _Snapshots(prices, volume).step), Bar, tells=Snapshot
    )
    return telling_skipped(made, skipped)


class _Snapshots:
    """One subscriber's symbols."""

    def __init__(self, prices: tuple[Indicator, ...], volume: Indicator) -> None:
        self._make: Callable[[], _Symbol] = lambda: _Symbol(
            [each.state() for each in prices], volume.state()
        )
        written = [column.name for column in ICHIMOKU.writes if column.name != "row"]
        recipe = Recipe(BarFrame.schema, IchimokuFrame.schema, written)
        self._cloud = KernelRun(ichimoku, ICHIMOKU, BarFrame, IchimokuFrame, _CLOUD, recipe)
        self._order = BarOrder()
        self._symbols: dict[str, _Symbol] = {}

    def step(self, item: Item) -> Iterator[Snapshot]:
        frame = item.of(Bar)
        if frame is None:
            return
        clouds = self._clouds(frame)
        for bar in frame.facts:
            standing = self._order.standing(bar)
            if standing == LEFT_OUT:
                continue
            symbol = self._symbols.get(bar.symbol)
            if symbol is None:
                symbol = self._symbols[bar.symbol] = self._make()
            yield symbol.at(bar, standing == NEW, next(clouds))

    def _clouds(self, frame: Frame) -> Iterator[IchimokuCloud]:
        """A row for each bar that is not left out: the kernel has the same rule for them."""
        at = 0
        while at < frame.n:
            out, at = self._cloud.rows_of(frame, at)
            if out.n:
                yield from out.facts


class _Symbol:
    """One symbol: indicators fed with all bars but the last, which is only looked at, since it may be told again."""

    def __init__(self, prices: list[IndicatorState], volume: IndicatorState) -> None:
        self._prices, self._volume = prices, volume
        self._last: Bar | None = None
        self._last_atr = NAN
        self._atrs: deque[float] = deque(maxlen=_ATRS - 1)
        self._ranges: deque[tuple[float, float]] = deque(maxlen=_K + _SLOW - 2)
        self._closes: deque[float] = deque(maxlen=_SLOWER - 1)
        self._volumes = 0

    def at(self, bar: Bar, is_new: bool, cloud: IchimokuCloud) -> Snapshot:
        """The snapshot of a bar."""
        last = self._last
        if is_new and last is not None:
            for each in self._prices:
                each.update(last.open, last.high, last.low, last.close, 0.0)
            self._ranges.append((last.high, last.low))
            self._closes.append(last.close)
            if last.volume - last.volume == 0.0:
                self._volume.update(last.open, last.high, last.low, last.close, last.volume)
                self._volumes += 1
            if self._last_atr == self._last_atr:
                self._atrs.append(self._last_atr)
        numbers = (bar.open, bar.high, bar.low, bar.close)
        (fast,), (slow,), (rsi,), (k, _), (_, _, histogram), (atr,), (upper, _, lower) = (
            each.peek(*numbers, 0.0) for each in self._prices
        )
        relative = NAN
        if bar.volume - bar.volume == 0.0:
            (relative,) = self._volume.peek(*numbers, bar.volume)
        self._last, self._last_atr = bar, atr
        # A mean of equal numbers need not be that number to the last bit.
        fast = bar.close if fast == fast and self._stands_still(bar, _FASTER) else fast
        slow = bar.close if slow == slow and self._stands_still(bar, _SLOWER) else slow
        width = upper - lower
        silent = {
            "RSI": self._stands_still(bar, _RSI + 1),
            "stochastic": self._had_no_range(bar),
            "Bollinger bands": width == 0.0,
            "volume": bar.volume == 0.0 and relative != relative and self._volumes >= _VOLUMES,
        }
        return _judged(
            bar,
            [name for name, is_silent in silent.items() if is_silent],
            trend=_above(bar.close, slow),
            alignment=_aligned(bar.close, fast, slow),
            cloud=cloud.trend,
            rsi=rsi,
            stochastic=k,
            macd_histogram=histogram,
            atr=atr,
            band_position=(bar.close - lower) / width if width > 0.0 else NAN,
            volatility=self._regime(atr),
            relative_volume=relative,
        )

    def _stands_still(self, bar: Bar, bars: int) -> bool:
        """Whether so many *bars* on end, up to this one, closed at one price."""
        before = islice(reversed(self._closes), bars - 1)
        return len(self._closes) >= bars - 1 and all(close == bar.close for close in before)

    def _had_no_range(self, bar: Bar) -> bool:
        """Whether a %K within the slow one is of bars that have one price alone, which TA-Lib answers with 0."""
        ranges = [*self._ranges, (bar.high, bar.low)]
        windows = [ranges[first : first + _K] for first in range(len(ranges) - _K + 1)]
        return any(max(high for high, _ in each) == min(low for _, low in each) for each in windows)

    def _regime(self, atr: float) -> Volatility:
        if atr != atr or len(self._atrs) < _ATRS - 1:
            return Volatility.UNKNOWN
        mean = (sum(self._atrs) + atr) / _ATRS
        if atr > 1.5 * mean:
            return Volatility.HIGH
        return Volatility.LOW if atr < 0.67 * mean else Volatility.NORMAL


def _above(a: float, b: float) -> Direction:
    if a != a or b != b:
        return Direction.UNKNOWN
    if a == b:
        return Direction.NEUTRAL
    return Direction.BULLISH if a > b else Direction.BEARISH


def _aligned(close: float, fast: float, slow: float) -> Direction:
    one, other = _above(close, fast), _above(fast, slow)
    if Direction.UNKNOWN in (one, other):
        return Direction.UNKNOWN
    return one if one is other else Direction.NEUTRAL


def _volume_trend(bar: Bar, relative: float) -> Direction:
    if relative != relative:
        return Direction.UNKNOWN
    return _above(bar.close, bar.open) if relative > 1.0 else Direction.NEUTRAL


def _judged(bar: Bar, silent: Collection[str] = (), **seen: Any) -> Snapshot:
    """The snapshot with what it amounts to; *silent* are those that have nothing to vote on."""
    volume_trend = _volume_trend(bar, seen["relative_volume"])
    if "volume" in silent:
        volume_trend = Direction.NEUTRAL
    votes = {
        "trend": seen["trend"],
        "moving averages": seen["alignment"],
        "cloud": seen["cloud"],
        "RSI": _stretched(seen["rsi"], 30.0, 70.0),
        "stochastic": _stretched(seen["stochastic"], 20.0, 80.0),
        "MACD": _above(seen["macd_histogram"], 0.0),
        "Bollinger bands": _stretched(seen["band_position"], 0.0, 1.0),
        "volume": volume_trend,
    }
    votes.update(dict.fromkeys(silent, Direction.NEUTRAL))
    known = Direction.UNKNOWN not in votes.values()
    up = [f"+ {name}" for name, way in votes.items() if way is Direction.BULLISH]
    down = [f"- {name}" for name, way in votes.items() if way is Direction.BEARISH]
    score = len(up) - len(down) if known else 0
    return Snapshot(
        symbol=bar.symbol,
        ts_event=bar.ts_event,
        ts_recv=bar.ts_recv,
        provider=bar.provider,
        seq=bar.seq,
        interval=bar.interval,
        revision=bar.revision,
        close=bar.close,
        volume_trend=volume_trend,
        score=score,
        opinion=_opinion(score) if known else Opinion.UNKNOWN,
        signals=(*up, *down),
        **seen,
    )


def _stretched(value: float, low: float, high: float) -> Direction:
    """Too low speaks for a rise, too high for a fall."""
    if value != value:
        return Direction.UNKNOWN
    if value <= low:
        return Direction.BULLISH
    return Direction.BEARISH if value >= high else Direction.NEUTRAL


def _opinion(score: int) -> Opinion:
    if score >= 2:
        return Opinion.STRONG_BUY if score >= 4 else Opinion.BUY
    if score <= -2:
        return Opinion.STRONG_SELL if score <= -4 else Opinion.SELL
    return Opinion.NEUTRAL

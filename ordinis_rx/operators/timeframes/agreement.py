"""Whether several timeframes point the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import msgspec

from ordinis_rx.batches import Item
from ordinis_rx.checks import check_count, check_several
from ordinis_rx.events import NAN, Bar
from ordinis_rx.hearing import hears
from ordinis_rx.kinds import Direction
from ordinis_rx.memory import OperatorMemory, check_memory
from ordinis_rx.operators.timeframes.agreement_facts import Agreement, Bias, TimeframeSignal
from ordinis_rx.operators.timeframes.facts import TimeframeBars
from ordinis_rx.remembering import remembered_telling
from ordinis_rx.typing import Operator

__all__ = ["agreement"]

_BULLISH_ABOVE, _BEARISH_BELOW = 70.0, 30.0
_STRONG, _PLAIN = 0.75, 0.5


class _Averages(NamedTuple):
    """Of one timeframe: how many closes there were, the first, how far all went from it together, the averages, the last.

    An average of equal closes is that close, to the last bit: what has not moved is neither above nor below itself.
    """

    closes: int
    first: float
    away: float
    averages: tuple[float, ...]
    close: float


def agreement(
    periods: Sequence[int] = (10, 20, 50), *, memory: OperatorMemory | None = None
) -> Operator[TimeframeBars, Agreement]:
    """Whether the timeframes of each row of `timeframes` point the same way, one answer a row.

    A timeframe's score is the percentage of its exponential averages (of *periods* of its closed bars: alpha = 2 / (n + 1),
    begun with the mean of the first n closes, as TA-Lib does) that its last close is above, an equal one counting half:
    BULLISH above 70, BEARISH below 30, NEUTRAL between, as where nothing has moved. Together they go the way of most; a tie
    is NEUTRAL. `agreement` is the share of those that do, and the `bias` strong from 0.75 on, NEUTRAL below 0.5. Until every
    timeframe has as many closed bars as the longest period, all is UNKNOWN.

    A row told again takes the place of the symbol's last one. With *memory* the averages can be saved and taken up again
    (see `OperatorMemory`). Raises ValueError for periods that are not positive, TypeError for what is no such memory; a row
    of a symbol whose rows were of other timeframes ends the stream with a ValueError.

    >>> from ordinis_rx.operators.timeframes.rows import timeframes
    >>> from ordinis_rx.testing import a_bar, through
    >>> from ordinis_rx.timebase import MINUTE
    >>> bars = [a_bar(100 + n, at=n * MINUTE, interval=MINUTE) for n in range(1, 7)]
    >>> rows = through(timeframes("1m", "2m"), bars)
    >>> [(answer.bias.name, answer.agreement) for answer in through(agreement(periods=(2, 3)), rows)][-2:]
    [('UNKNOWN', nan), ('STRONG_BULLISH', 1.0)]
    """
    check_several("agreement: periods", periods, "(10, 20, 50)")
    wanted = tuple(periods)
    for period in wanted:
        check_count("agreement: a period", period, "bars")
    if not wanted:
        raise ValueError("agreement wants at least one period")
    check_memory("agreement", memory)
    answers = remembered_telling(lambda: _Agreeing(wanted, memory).step, memory, None)
    make: Operator[TimeframeBars, Agreement] = hears(answers, TimeframeBars, tells=Agreement)
    return make


class _Known(NamedTuple):
    """What is known of a symbol: its timeframes, the end of its last row, the averages before that and with it."""

    names: tuple[str, ...]
    at: int
    before: tuple[_Averages, ...]
    now: tuple[_Averages, ...]


class _Agreeing:
    """One subscriber's averages, by symbol and timeframe. With a *memory* they go on where that was saved."""

    def __init__(self, periods: tuple[int, ...], memory: OperatorMemory | None) -> None:
        self._periods = periods
        self._start = _Averages(0, NAN, 0.0, (NAN,) * len(periods), NAN)
        label = f"agreement {' '.join(map(str, periods))}"
        saved = None if memory is None else memory.attach(label, self._save)
        self._known: dict[str, _Known] = (
            {} if saved is None else msgspec.msgpack.decode(saved, type=dict[str, _Known])
        )

    def _save(self) -> bytes:
        return msgspec.msgpack.encode(self._known)

    def step(self, item: Item) -> Iterable[Agreement]:
        frame = item.of(TimeframeBars)
        return () if frame is None else map(self._of, frame.facts)

    def _of(self, row: TimeframeBars) -> Agreement:
        known = self._known.get(row.symbol)
        before = (self._start,) * len(row.names)
        if known is not None:
            if known.names != row.names:
                names, others = " ".join(row.names), " ".join(known.names)
                raise ValueError(f"agreement: rows of {row.symbol} were of {others}, now {names}")
            before = known.before if row.revision > 0 and known.at == row.ts_event else known.now
        # What was over before the row is told once, what ends with it each time that it is told.
        before = self._with(before, row, lambda bar: bar.ts_event < row.ts_event)
        now = self._with(before, row, lambda bar: bar.ts_event >= row.ts_event)
        self._known[row.symbol] = _Known(row.names, row.ts_event, before, now)
        signals = tuple(map(self._signal, row.names, now))
        direction, share, bias = _together([signal.direction for signal in signals])
        return Agreement(
            symbol=row.symbol,
            ts_event=row.ts_event,
            ts_recv=row.ts_recv,
            provider=row.provider,
            seq=row.seq,
            revision=row.revision,
            direction=direction,
            agreement=share,
            bias=bias,
            signals=signals,
        )

    def _with(
        self, known: tuple[_Averages, ...], row: TimeframeBars, which: Callable[[Bar], bool]
    ) -> tuple[_Averages, ...]:
        """The averages of each timeframe after those of its new bars."""
        return tuple(
            self._after(averages, [bar for bar in row.new(name) if which(bar)])
            for averages, name in zip(known, row.names, strict=True)
        )

    def _after(self, known: _Averages, bars: Sequence[Bar]) -> _Averages:
        for bar in bars:
            count, close = known.closes + 1, bar.close
            first = known.first if known.closes else close
            away = known.away + (close - first)
            averages = tuple(
                first + away / period
                if count == period
                else close - (period - 1) / (period + 1) * (close - average)
                for period, average in zip(self._periods, known.averages, strict=True)
            )
            known = _Averages(count, first, away, averages, close)
        return known

    def _signal(self, name: str, known: _Averages) -> TimeframeSignal:
        if known.closes < max(self._periods):
            return TimeframeSignal(name)
        above = sum(
            (known.close > average) + 0.5 * (known.close == average) for average in known.averages
        )
        score = 100.0 * above / len(self._periods)
        direction = Direction.NEUTRAL
        if score > _BULLISH_ABOVE:
            direction = Direction.BULLISH
        elif score < _BEARISH_BELOW:
            direction = Direction.BEARISH
        return TimeframeSignal(name, direction, score)


def _together(directions: Sequence[Direction]) -> tuple[Direction, float, Bias]:
    """The way of most, their share, and the bias."""
    if Direction.UNKNOWN in directions:
        return Direction.UNKNOWN, NAN, Bias.UNKNOWN
    counts = {each: directions.count(each) for each in directions}
    most = max(counts.values())
    winners = [each for each, count in counts.items() if count == most]
    share = most / len(directions)
    if len(winners) > 1 or share < _PLAIN or winners[0] is Direction.NEUTRAL:
        return (winners[0] if len(winners) == 1 else Direction.NEUTRAL), share, Bias.NEUTRAL
    strength = "STRONG_" if share >= _STRONG else ""
    return winners[0], share, Bias[f"{strength}{winners[0].name}"]

"""Find candlestick patterns in bars, and say how far each may be trusted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from operator import attrgetter
from typing import Any

from ordinis_rx.batches import Item
from ordinis_rx.columns import Block
from ordinis_rx.events import Bar, Event
from ordinis_rx.frames import BarFrame, Frame
from ordinis_rx.hearing import hears
from ordinis_rx.kernels.bar_order import LEFT_OUT, NEW, standing
from ordinis_rx.kernels.candles import CANDLES, candles
from ordinis_rx.lifting import operator
from ordinis_rx.memory import OperatorMemory, check_memory
from ordinis_rx.misfits import MISFIT, before_misfit, misfit
from ordinis_rx.operators.bar_order import telling_skipped
from ordinis_rx.operators.candlesticks.facts import PatternContext, PatternFrame, PatternMatch
from ordinis_rx.operators.candlesticks.names import NATIVE_PATTERNS, TALIB_PATTERNS, Pattern
from ordinis_rx.operators.candlesticks.options import Options, chosen, penetrations
from ordinis_rx.operators.candlesticks.surroundings import Surroundings
from ordinis_rx.operators.candlesticks.talib import NUMBERS, Found, TalibPatterns, enter
from ordinis_rx.operators.indicators.checkpoint import histories_of, read_histories
from ordinis_rx.operators.indicators.track import Row, Track
from ordinis_rx.operators.side import SideOutput
from ordinis_rx.recipes import Recipe
from ordinis_rx.remembering import Recall, remembered_telling
from ordinis_rx.running import KernelRun
from ordinis_rx.stepping import Telling
from ordinis_rx.timebase import check_whole
from ordinis_rx.typing import Operator

__all__ = ["patterns"]

_READS = ("symbol", *NUMBERS, "ts_event", "revision")

_LAY_OUT = BarFrame.schema.row_writer(_READS, Block("ifffffii", 1))


def patterns(
    names: Iterable[str] | None = None,
    *,
    gaps: bool = True,
    trend: int = 10,
    volume: int = 20,
    volume_ratio: float = 1.5,
    requires: PatternContext | int = 0,
    penetration: float | Mapping[str, float] | None = None,
    skipped: SideOutput[Bar] | None = None,
    memory: OperatorMemory | None = None,
) -> Operator[Event, PatternMatch]:
    """The candlestick patterns of each symbol, one fact for each that a bar completes, told with that bar.

    *names* are TA-Lib's (``CDLENGULFING``; extra ``indicators``) or our own (``hammer``, see `Pattern`), which need nothing;
    both may be mixed, and without any they are TA-Lib's sixty-one. TA-Lib's are what its batch functions say of the whole
    history, to the last number; how our own are defined, and whose definitions these are, is said in
    `ordinis_rx.kernels.candle_shapes`, and `AS_TALIB` tells which goes by the same name. Patterns of one bar are told in the
    order of `Pattern`.

    Each match says which way it points, how strong it is (0 to 1; `raw` is TA-Lib's own number), and in its `context` what
    surrounds it: the trend before its first bar (close against the exponential average of *trend* closes, after G. Morris),
    whether it is against that trend, and whether its last bar traded at least *volume_ratio* times the mean of *volume* bars
    before. What is not known yet is not said. *requires* are flags without which a match is not told. With
    `PatternContext.CONFIRMED` among them it is told one bar later, with the time of that bar, and only if that bar closes
    beyond the pattern's last close, where the pattern points; a neutral one is never confirmed.

    *penetration* is a share of the first body, in place of TA-Lib's own, for all patterns that have one or by name
    (``{"CDLMORNINGSTAR": 0.5}``). The last bar of TA-Lib's stars and of its abandoned baby closes more than that within the
    first body (0.3), and so does that of its dark cloud cover (0.5); the bars amid its mat hold reach less far (0.5).

    Markets that never close have no gaps, and thirty-five of TA-Lib's patterns (`NEEDS_GAP`) cannot come about there, but
    for a rare CDLCOUNTERATTACK. With ``gaps=False`` our own do without (a star need only lie beyond the middle of the first
    body, a piercing line need not open below the low), they take the place of TA-Lib's where no names are given, and asking
    for one of TA-Lib's that needs a gap is an error.

    Nothing is told before a pattern has the bars that it needs: eleven to fifteen for most. Time is not asked: a bar is a
    bar, however long after the last. A bar that ends with the last one and has a higher `revision` replaces it; its
    patterns are told anew with that revision, and those of lower ones are void. Bars without a price, late ones and old
    revisions are left out, and go to *skipped*. Facts of other kinds are left out. With *memory* the state can be saved and
    taken up again; where TA-Lib's are among them it keeps five numbers for every bar. Raises ValueError for names and
    numbers that cannot be, `MissingExtra` where TA-Lib is needed and not installed.

    >>> from ordinis_rx.testing import a_bar, through
    >>> fall = [a_bar(200 - 2 * k, at=k, open=202 - 2 * k, high=203 - 2 * k, low=199 - 2 * k) for k in range(12)]
    >>> last = a_bar(178, at=12, open=177, high=178, low=171)
    >>> print(*through(patterns(["hammer", "CDLHAMMER"]), [*fall, last]), sep=chr(10))
    A CDLHAMMER ▲ 100 % (downtrend, against trend)
    A hammer ▲ 100 % (downtrend, against trend)
    """
    check_memory("patterns", memory)
    wanted = chosen(names, gaps)
    check_whole("patterns: requires", requires, "flags")
    options = Options(gaps, trend, volume, volume_ratio, PatternContext(int(requires))).checked()
    of_talib = [each for each in wanted if each in TALIB_PATTERNS]
    native = [each for each in wanted if each in NATIVE_PATTERNS]
    shares = penetrations(penetration, of_talib)
    params = _native_params(native, options)
    if not of_talib:
        own: Operator[Event, Any] = operator(
            candles, CANDLES, reads=BarFrame, writes=PatternFrame, params=params, memory=memory
        )
        return telling_skipped(own, skipped, memory)
    asked = TalibPatterns(of_talib, shares)
    label = _label(of_talib, options, shares)

    def make() -> Telling:
        finder = _Finder(of_talib, asked, options, remembers=memory is not None)
        run = _native_run(params) if native else None
        recall = None
        if memory is not None:
            finder.take_up(memory.attach(label, finder.save))
            recall = None if run is None else Recall(run, memory)

        def step(item: Item) -> Iterator[PatternMatch]:
            frame = item.of(Bar)
            if frame is None:
                return
            frame, failed = _fitting(frame)
            told = finder.matches(frame.facts)
            if run is not None:
                if recall is not None:
                    recall.begin(item.names)
                told += _all_of(run, frame)
                told.sort(key=attrgetter("seq"))  # stable: TA-Lib's before our own
            yield from told
            if failed is not None:
                raise failed

        return step

    found = hears(remembered_telling(make, memory, PatternMatch), Bar, tells=PatternMatch)
    return telling_skipped(found, skipped, memory)


def _fitting(frame: Frame) -> tuple[Frame, Exception | None]:
    """The bars, up to one that is none, and what is wrong with that: TA-Lib enters many at once, and cannot go back."""
    names = frame.names
    try:
        if frame.n == 1 and frame.held is not None:  # live, most are
            _LAY_OUT(frame.held[0], names.symbols, names.providers)
        else:
            for name in _READS:
                frame.lookup(name)
    except MISFIT as error:
        fitting = BarFrame(frame.names)
        fitting.hold(before_misfit(frame.facts, _READS, frame.names))
        left = fitting.n < frame.n  # if not, what does not fit was left out above
        return fitting, misfit(frame.facts, _READS, error) if left else None
    return frame, None


def _label(names: list[Pattern], options: Options, shares: Mapping[Pattern, float]) -> str:
    """The patterns of TA-Lib and what is asked of them, as checkpoints have it."""
    wanted = [f"{name}:{shares[name]}" if name in shares else str(name) for name in names]
    return " ".join(
        (
            *wanted,
            f"trend={options.trend} volume={options.volume} volume_ratio={options.volume_ratio}",
            f"requires={int(options.requires)}",
        )
    )


def _native_params(names: list[Pattern], options: Options) -> tuple[float, ...]:
    return (
        sum(1 << NATIVE_PATTERNS.index(name) for name in names),
        list(Pattern).index(NATIVE_PATTERNS[0]),
        int(options.gaps),
        options.trend,
        options.alpha,
        options.volume,
        options.volume_ratio,
        int(options.requires),
    )


def _native_run(params: tuple[float, ...]) -> KernelRun:
    written = [column.name for column in CANDLES.writes if column.name != "row"]
    recipe = Recipe(BarFrame.schema, PatternFrame.schema, written)
    return KernelRun(candles, CANDLES, BarFrame, PatternFrame, params, recipe)


def _all_of(run: KernelRun, frame: Frame) -> list[PatternMatch]:
    """All that the kernel makes of a frame."""
    told: list[PatternMatch] = []
    at = 0
    while at < frame.n:
        out, at = run.rows_of(frame, at)
        if out.n:  # one without rows still holds those of the last
            told += out.facts
    return told


class _Finder:
    """One subscriber's symbols."""

    def __init__(
        self, names: list[Pattern], asked: TalibPatterns, options: Options, *, remembers: bool
    ) -> None:
        self._names = names
        self._asked = asked
        self._options = options
        self._remembers = remembers
        self._tracks: dict[str, Track] = {}
        self._surroundings: dict[str, Surroundings] = {}

    def save(self) -> bytes:
        """The bars of all symbols, where they are remembered."""
        return histories_of(self._tracks)

    def take_up(self, saved: bytes | None) -> None:
        """Find anew what was found in the bars that `save` gave."""
        for symbol, history in read_histories(saved).items() if saved else ():
            rows = history.table(len(NUMBERS)).tolist()
            if not rows:  # all its bars were left out
                continue
            self.matches(
                [
                    Bar(symbol=symbol, ts_event=history.at, interval=0, **dict(zip(NUMBERS, row, strict=True)))
                    for row in rows
                ]
            )  # fmt: skip
            self._tracks[symbol].revision = history.revision

    def matches(self, bars: list[Bar]) -> list[PatternMatch]:
        """The matches that are to be told with *bars*, in their order."""
        rows: dict[str, list[int]] = {}
        for row, bar in enumerate(bars):
            rows.setdefault(bar.symbol, []).append(row)
        told: dict[int, list[PatternMatch]] = {}
        for symbol, mine in rows.items():
            if symbol not in self._tracks:
                self._tracks[symbol] = Track(self._asked, remembers=self._remembers)
                self._surroundings[symbol] = Surroundings(self._names, self._options)
            matches = self._surroundings[symbol].matches
            for row, stands, found in self._find(self._tracks[symbol], mine, bars):
                told[row] = matches(bars[row], stands, found)
        return [match for row in sorted(told) for match in told[row]]

    def _find(
        self, track: Track, rows: list[int], bars: list[Bar]
    ) -> Iterator[tuple[int, int, Found]]:
        """How each of the *rows* of a symbol stands, and what it completes: new bars in runs, others one by one."""
        fresh: dict[int, Row] = {}
        width = len(self._names)
        for row in rows:
            bar = bars[row]
            numbers = bar.open, bar.high, bar.low, bar.close, bar.volume
            begun = track.seen + len(fresh)
            stands = standing(*numbers[:4], bar.ts_event, bar.revision, begun, track.at, track.revision)  # fmt: skip
            if stands == LEFT_OUT:
                continue
            track.at, track.revision = bar.ts_event, bar.revision
            if stands == NEW:
                fresh[row] = numbers
                continue
            yield from _entered(track, fresh, width)
            fresh = {}
            yield row, stands, track.enter_again(numbers)
        yield from _entered(track, fresh, width)


def _entered(
    track: Track, fresh: Mapping[int, Row], width: int
) -> Iterator[tuple[int, int, Found]]:
    """How new bars stand, and what they complete."""
    if fresh:
        found = enter(track, list(fresh.values()), width)
        yield from zip(fresh, [NEW] * len(fresh), found, strict=True)

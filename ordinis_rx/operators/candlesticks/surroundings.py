"""What surrounds the bars of one symbol: makes matches of what was found, and lets those wait that must be confirmed.

The arithmetic is that of the kernel `candles`: both call the helpers of `kernels.bar_context`.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from ordinis_rx.events import NAN, Bar
from ordinis_rx.kernels.bar_context import (
    BEARISH,
    BULLISH,
    MARKS,
    NEUTRAL,
    NUMBERS,
    context_of,
    is_confirmed,
    take_in,
)
from ordinis_rx.kernels.bar_order import NEW
from ordinis_rx.kinds import Direction
from ordinis_rx.operators.candlesticks.facts import PatternContext, PatternMatch
from ordinis_rx.operators.candlesticks.names import BARS, NEUTRAL_PATTERNS, Pattern
from ordinis_rx.operators.candlesticks.options import Options
from ordinis_rx.operators.candlesticks.talib import Found

__all__ = ["Surroundings"]

_DIRECTIONS = tuple(Direction)
_CONTEXTS = tuple(PatternContext(flags) for flags in range(1 << len(PatternContext)))

_CONFIRMED_RAW = 200
"""TA-Lib's number for a pattern that is confirmed already: of a hikkake, by one of the three bars after it."""


class Surroundings:
    """The trend, the usual volume, and what is awaited of one symbol."""

    __slots__ = (
        "_awaited",
        "_before",
        "_close",
        "_made",
        "_marks",
        "_names",
        "_numbers",
        "_options",
        "_volume",
        "_volumes",
    )

    def __init__(self, names: Sequence[Pattern], options: Options) -> None:
        self._names = names
        self._options = options
        self._numbers = [0.0] * NUMBERS
        self._marks = [0] * MARKS
        self._volumes = [0.0] * options.volume
        self._close = self._before = NAN
        self._volume = NAN
        self._made: list[PatternMatch] = []
        self._awaited: list[PatternMatch] = []

    def matches(self, bar: Bar, stands: int, found: Found) -> list[PatternMatch]:
        """What is to be told with *bar*, which completes the patterns *found*."""
        options = self._options
        if stands == NEW:
            if self._close == self._close:
                take_in(
                    self._close,
                    self._volume,
                    self._numbers,
                    0,
                    self._marks,
                    0,
                    self._volumes,
                    0,
                    options.trend,
                    options.alpha,
                    options.volume,
                )
            self._before, self._awaited = self._close, self._made
        self._close, self._volume = bar.close, bar.volume
        self._made = [self._match(bar, self._names[j], raw) for j, raw in found]
        confirmed = PatternContext.CONFIRMED
        if confirmed not in options.requires:
            return [match for match in self._made if options.requires in match.context]
        told = [
            replace(
                match,
                ts_event=bar.ts_event,
                ts_recv=bar.ts_recv,
                provider=bar.provider,
                seq=bar.seq,
                revision=bar.revision,
                context=match.context | confirmed,
            )
            for match in self._awaited
            if confirmed not in match.context
            and is_confirmed(_DIRECTIONS.index(match.direction), self._before, bar.close)
        ]
        told += [match for match in self._made if confirmed in match.context]
        return [match for match in told if options.requires in match.context]

    def _match(self, bar: Bar, name: Pattern, raw: int) -> PatternMatch:
        direction = BULLISH if raw > 0 else BEARISH
        if name in NEUTRAL_PATTERNS:
            direction = NEUTRAL
        flags = context_of(
            BARS[name],
            direction,
            bar.volume,
            self._numbers,
            0,
            self._marks,
            0,
            self._options.volume,
            self._options.volume_ratio,
        )
        context = _CONTEXTS[flags]
        if abs(raw) >= _CONFIRMED_RAW:
            context |= PatternContext.CONFIRMED
        return PatternMatch(
            symbol=bar.symbol,
            ts_event=bar.ts_event,
            ts_recv=bar.ts_recv,
            provider=bar.provider,
            seq=bar.seq,
            revision=bar.revision,
            name=name,
            direction=_DIRECTIONS[direction],
            strength=min(abs(raw) / 100.0, 1.0),
            raw=raw,
            context=context,
        )

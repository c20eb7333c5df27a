"""Bars looked at: indicators, candlestick patterns and timeframes of each symbol, put together for a table and a chart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from reactivex import Observable

from ordinis_rx.commands.choosing import length_of
from ordinis_rx.errors import MissingExtra
from ordinis_rx.events import NAN, Bar, Reading
from ordinis_rx.operators import (
    Agreement,
    PatternMatch,
    SideOutput,
    TimeframeBars,
    agreement,
    indicators,
    patterns,
    timeframes,
)
from ordinis_rx.operators.candlesticks.names import NATIVE_PATTERNS
from ordinis_rx.operators.indicators import parse
from ordinis_rx.stream import from_events
from ordinis_rx.timebase import Nanos

__all__ = ["Analysis", "Asked", "Seen", "analysed", "heard", "lacking"]


class Asked(NamedTuple):
    """What is to be looked at: indicators by name, whether for patterns, and timeframes longer than *interval*.

    An *interval* of None is that of the bars.
    """

    interval: str | None
    indicators: dict[str, str]
    patterns: bool
    timeframes: tuple[str, ...]


class Analysis(msgspec.Struct, frozen=True):
    """How one symbol stands at its last bar; what is not known is NaN, None or UNKNOWN."""

    symbol: str
    bars: int
    last: Nanos
    close: float
    """That of the last bar that has one."""
    indicators: dict[str, float]
    """With that bar; NaN where there is none, since too few bars came or one lacks a number that is read."""
    patterns: list[str]
    """Those of the last bars, the newest last."""
    timeframes: dict[str, float | None]
    """The last close of each."""
    bias: str


class Seen(NamedTuple):
    """All that was seen of one symbol, bar by bar."""

    bars: list[Bar]
    rows: list[Reading]
    """Those of all indicators: each row has the numbers of one."""
    matches: list[PatternMatch]
    analysis: Analysis


_PATTERNS_SHOWN = 5


def heard(stream: Observable[Any]) -> list[Any]:
    """All facts of a cold stream; raises the error that it ends with."""
    facts: list[Any] = []
    errors: list[Exception] = []
    stream.subscribe(facts.append, errors.append)
    for error in errors:
        raise error
    return facts


def analysed(
    bars: Sequence[Bar], asked: Asked, skipped: SideOutput[Bar] | None = None
) -> list[Seen]:
    """Each symbol of *bars*, in the order in which they came; *skipped* are told those that timeframes leave out.

    Raises ValueError for what cannot be asked.
    """
    stream = from_events(bars)
    # One by one: a bar without volume is none for an indicator of volume, and is one for the others.
    rows = {name: _readings(stream, name, spec) for name, spec in asked.indicators.items()}
    matches = _patterns(stream) if asked.patterns else []
    spans: list[TimeframeBars] = []
    biases: list[Agreement] = []
    if asked.timeframes:
        base = asked.interval or length_of(bars)
        longer = timeframes(base, *asked.timeframes, of="bar", skipped=skipped)
        spans = heard(stream.pipe(longer))
        biases = heard(from_events(spans).pipe(agreement()))
    return [
        _of(
            [bar for bar in bars if bar.symbol == symbol],
            {name: [row for row in told if row.symbol == symbol] for name, told in rows.items()},
            [match for match in matches if match.symbol == symbol],
            [row for row in spans if row.symbol == symbol],
            [bias for bias in biases if bias.symbol == symbol],
        )
        for symbol in dict.fromkeys(bar.symbol for bar in bars)
    ]


def lacking(bars: Sequence[Bar], spec: str) -> list[str]:
    """What an indicator reads and no bar has."""
    return [
        name for name in parse(spec).inputs if all(math.isnan(getattr(bar, name)) for bar in bars)
    ]


def _readings(stream: Observable[Any], name: str, spec: str) -> list[Reading]:
    chosen: dict[str, Any] = {name: spec}
    return heard(stream.pipe(indicators(**chosen)))


def _patterns(stream: Observable[Any]) -> list[PatternMatch]:
    """TA-Lib's sixty-one; without it our own fifteen, which need nothing."""
    try:
        return heard(stream.pipe(patterns()))
    except MissingExtra:
        return heard(stream.pipe(patterns(NATIVE_PATTERNS)))


def _of(
    bars: list[Bar],
    rows: dict[str, list[Reading]],
    matches: list[PatternMatch],
    spans: list[TimeframeBars],
    biases: list[Agreement],
) -> Seen:
    priced = next((bar for bar in reversed(bars) if bar.close == bar.close), None)
    values: dict[str, float] = {}
    for name, told in rows.items():
        names = told[-1].name.split(",") if told else [name]
        fits = told and priced is not None and told[-1].ts_event == priced.ts_event
        values |= {each: getattr(told[-1], each) if fits else NAN for each in names}
    closes: dict[str, float | None] = {}
    if spans:
        closed = dict(zip(spans[-1].names, spans[-1].closed, strict=True))
        closes = {name: bar.close if bar else None for name, bar in closed.items()}
    analysis = Analysis(
        symbol=bars[0].symbol,
        bars=len(bars),
        last=bars[-1].ts_event,
        close=NAN if priced is None else priced.close,
        indicators=values,
        patterns=[str(match) for match in matches[-_PATTERNS_SHOWN:]],
        timeframes=closes,
        bias=biases[-1].bias.name if biases else "",
    )
    return Seen(bars, [row for told in rows.values() for row in told], matches, analysis)

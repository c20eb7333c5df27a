"""``ordinis-rx analyze``: indicators, patterns and timeframes of a file's bars, as a table and as a chart."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import msgspec
from reactivex import Observable
from rich.console import Console

from ordinis_rx import sim
from ordinis_rx.commands.analysis import Asked, analysed, heard, lacking
from ordinis_rx.commands.analysis_view import page, tables
from ordinis_rx.commands.choosing import bars_to_look_at, length_of
from ordinis_rx.commands.columns import NAMES, Said, is_table, rows_of
from ordinis_rx.commands.lines import amount
from ordinis_rx.commands.recordings import nothing_of, recorded_facts
from ordinis_rx.commands.values import (
    Add,
    BadUsage,
    add_seed,
    columns,
    delimiter,
    file,
    words,
    zone,
)
from ordinis_rx.errors import OrdinisError
from ordinis_rx.events import NAN, Bar, Event, Trade
from ordinis_rx.operators import SideOutput, time_bars
from ordinis_rx.operators.indicators import parse
from ordinis_rx.operators.timeframes.spans import parse as parse_timeframe
from ordinis_rx.timebase import HOUR

__all__ = ["add_analyze", "analyze"]

_DEMO = ["AAPL", "MSFT"]


def add_analyze(add: Add) -> None:
    """Add ``analyze``."""
    parser = add(
        "analyze",
        _analyze,
        "indicators, candlestick patterns and timeframes of recorded bars",
        "FILE is a recording, or CSV or Parquet of bars or of trades (made into bars), whose columns are called "
        f"{NAMES}. Needs no key and no network.",
    )
    parser.add_argument("path", nargs="?", type=Path, metavar="FILE", help="what to look at")
    parser.add_argument("--demo", action="store_true", help="look at two simulated hours instead")
    add_seed(parser, "of --demo")
    parser.add_argument(
        "--interval",
        metavar="T",
        help="how long a bar is: of trades (default: 1m), and where no column says it (default: the smallest distance of "
        "two of a symbol)",
    )
    parser.add_argument(
        "--stamped",
        choices=("start", "end"),
        help="what the times of bars in CSV or Parquet are (default: start where --interval or that distance is a day or "
        "more, otherwise end)",
    )
    parser.add_argument(
        "--zone",
        type=zone,
        metavar="NAME",
        help="that of times without one in CSV or Parquet, as America/New_York; plain dates of days need none and are UTC",
    )
    parser.add_argument(
        "--columns",
        type=columns,
        default={},
        metavar="close=C,ts_event=Day",
        help="columns of CSV or Parquet that are called otherwise",
    )
    parser.add_argument(
        "--delimiter",
        type=delimiter,
        default=",",
        metavar="C",
        help="what is between two values of CSV (default: %(default)s)",
    )
    parser.add_argument("--symbols", type=words, metavar="A,B", help="only these")
    parser.add_argument("--provider", metavar="NAME", help="only the bars of this one")
    parser.add_argument(
        "--indicators",
        type=words,
        default=[],
        metavar="rsi:14,ema:20",
        help="which, with their parameters",
    )
    parser.add_argument("--patterns", action="store_true", help="find candlestick patterns")
    parser.add_argument(
        "--timeframes",
        type=words,
        default=[],
        metavar="5m,1h",
        help="longer ones to look at together",
    )
    parser.add_argument(
        "--chart",
        type=file,
        metavar="FILE.html",
        help="write a self-contained page with charts; a file that is there is written over",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def _analyze(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    if (options.path is None) is not options.demo:
        raise BadUsage("analyze wants a FILE or --demo")
    _check_what_is_said_of(options)
    try:
        asked = Asked(
            options.interval,
            {_name(each): each for each in options.indicators},
            options.patterns,
            tuple(options.timeframes),
        )
        for each in options.indicators:
            parse(each).state()  # which says of what no bar has
        for each in options.timeframes:
            parse_timeframe(each)
        said_length = options.interval
        interval = None if said_length is None else parse_timeframe(said_length).interval
    except (TypeError, ValueError) as error:
        raise BadUsage(str(error)) from None
    said = Said(interval, options.stamped, options.zone, options.columns, options.delimiter)
    return analyze(
        _market(options.seed) if options.demo else _read(options.path, said),
        asked,
        options.symbols,
        provider=options.provider,
        chart=options.chart,
        json=options.json,
    )


def _check_what_is_said_of(options: argparse.Namespace) -> None:
    """Refuse what is said of how to read CSV or Parquet where there is none to be read."""
    if options.path is not None and (is_table(options.path) or not options.path.exists()):
        return
    for name in ("stamped", "zone", "columns", "delimiter"):
        if getattr(options, name) != getattr(Said(), name):
            what = "--demo" if options.demo else f"{options.path}, a recording,"
            raise BadUsage(f"--{name} says how to read CSV or Parquet: {what} needs none")


async def analyze(
    source: Observable[Any],
    asked: Asked,
    symbols: list[str] | None = None,
    *,
    provider: str | None = None,
    chart: Path | None = None,
    json: bool = False,
) -> int:
    """Print what is *asked* of the bars of *source*, or of its trades where it has no bars; write the chart.

    Of bars told again the last counts, and all are looked at in the order of time. How many trades came too late for their
    bar, and how many bars are in no timeframe, is told on stderr. Raises `BadUsage` for timeframes that do not fit,
    `OrdinisError` where there is nothing to look at, where bars of several providers or lengths overlap and nobody says
    which are meant, or the chart cannot be written.
    """
    late: SideOutput[Event] = SideOutput()
    facts = heard(source)
    bars = [fact for fact in facts if isinstance(fact, Bar)]
    if not bars:
        interval = parse_timeframe(asked.interval or "1m").interval
        bars = heard(source.pipe(time_bars(interval, late=late)))
        if not any(fact.size == fact.size for fact in facts if isinstance(fact, Trade)):
            bars = [msgspec.structs.replace(bar, volume=NAN) for bar in bars]  # not the sum of none
    if not bars:
        raise OrdinisError("there are no bars, and no trades to make bars of")
    if symbols is not None:
        known = sorted({bar.symbol for bar in bars})
        missed = [symbol for symbol in symbols if symbol not in known]
        if len(missed) == len(symbols):
            raise OrdinisError(nothing_of(missed, known))
        if missed:
            print(f"ordinis-rx: {nothing_of(missed, known)}", file=sys.stderr)
        bars = [bar for bar in bars if bar.symbol in symbols]
    length = parse_timeframe(asked.interval or length_of(bars)).interval
    bars = bars_to_look_at(bars, length, provider)
    astray: SideOutput[Bar] = SideOutput()
    try:
        seen = analysed(bars, asked, astray)
    except ValueError as error:
        raise BadUsage(str(error)) from None
    if chart is not None:
        try:
            chart.write_text(page(seen), "utf-8")
        except OSError as error:
            raise OrdinisError(f"cannot write {chart}: {error.strerror}") from error
    if json:
        print(msgspec.json.encode([each.analysis for each in seen]).decode())
    else:
        Console().print(tables(seen))
    for spec in asked.indicators.values():
        if fields := lacking(bars, spec):
            why = f"no bar has what {spec} reads: {', '.join(fields)}"
            print(f"ordinis-rx: {why}", file=sys.stderr)
    if astray.told:
        why = f"without a price, or in no {asked.interval or length_of(bars)} counted from 1970 UTC"
        left = f"left out of the timeframes, {why}: {amount(astray.told, 'bar')}"
        print(f"ordinis-rx: {left}", file=sys.stderr)
    if late.told:
        came = f"after their bar was over, and so in none, came {amount(late.told, 'trade')}"
        print(f"ordinis-rx: {came}", file=sys.stderr)
    return 0


def _name(spec: str) -> str:
    """What an indicator is called in the table: ``rsi:14`` is ``rsi_14``."""
    return "".join(letter if letter.isalnum() else "_" for letter in spec.lower())


def _market(number: int) -> Observable[Any]:
    return sim.market(_DEMO, seed=number, rate=2.0, duration=2 * HOUR)


def _read(path: Path, said: Said) -> Observable[Any]:
    return rows_of(path, said) if is_table(path) else recorded_facts(path, "analyze")

"""``ordinis-rx analyze``: indicators, patterns and timeframes of a file's bars, as a table and as a chart."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import msgspec
from reactivex import Observable
from rich.console import Console

from ordinis_rx import sim
from ordinis_rx.arrow import pyarrow
from ordinis_rx.commands.analysis import Asked, analysed, heard
from ordinis_rx.commands.analysis_view import page, tables
from ordinis_rx.commands.choosing import bars_to_look_at
from ordinis_rx.commands.lines import amount
from ordinis_rx.commands.recordings import nothing_of, recorded_facts
from ordinis_rx.commands.values import BadUsage, file, seed, words
from ordinis_rx.errors import OrdinisError
from ordinis_rx.events import Bar, Event
from ordinis_rx.journal import from_csv, from_parquet
from ordinis_rx.journal.csv_reading import first_line
from ordinis_rx.journal.foreign import Stamped
from ordinis_rx.operators import SideOutput, time_bars
from ordinis_rx.operators.indicators import parse
from ordinis_rx.operators.timeframes.spans import parse as parse_timeframe
from ordinis_rx.timebase import HOUR

__all__ = ["add_analyze", "analyze"]

_TIMES = ("ts_event", "timestamp", "time", "datetime", "date")
_DEMO = ["AAPL", "MSFT"]


def add_analyze(add: Callable[[str, Any, str, str], argparse.ArgumentParser]) -> None:
    """Add ``analyze``."""
    parser = add(
        "analyze",
        _analyze,
        "indicators, candlestick patterns and timeframes of recorded bars",
        "FILE is a recording, or CSV or Parquet with a column of times and either open, high, low, close (bars) or price "
        "(trades, made into bars). Needs no key and no network.",
    )
    parser.add_argument("path", nargs="?", type=Path, metavar="FILE", help="what to look at")
    parser.add_argument("--demo", action="store_true", help="look at two simulated hours instead")
    parser.add_argument(
        "--seed", type=seed, default=0, metavar="N", help="of --demo (default: %(default)s)"
    )
    parser.add_argument(
        "--interval",
        default="1m",
        metavar="T",
        help="how long a bar is: of trades, and where the file does not say (default: %(default)s)",
    )
    parser.add_argument(
        "--stamped",
        choices=("start", "end"),
        default="end",
        help="what the times of bars in CSV or Parquet are (default: %(default)s)",
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
    try:
        asked = Asked(
            options.interval,
            {_name(each): each for each in options.indicators},
            options.patterns,
            tuple(options.timeframes),
        )
        for each in options.indicators:
            parse(each)
        for each in (options.interval, *options.timeframes):
            parse_timeframe(each)
    except (TypeError, ValueError) as error:
        raise BadUsage(str(error)) from None
    of_file = options.path, options.interval, options.stamped
    source = _market(options.seed) if options.demo else _read(*of_file)
    return analyze(
        source,
        asked,
        options.symbols,
        provider=options.provider,
        chart=options.chart,
        json=options.json,
    )


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
    bar is told on stderr. Raises `BadUsage` for timeframes that do not fit, `OrdinisError` where there is nothing to look
    at, where bars of several providers or lengths overlap and nobody says which are meant, or the chart cannot be written.
    """
    late: SideOutput[Event] = SideOutput()
    facts = heard(source)
    bars = [fact for fact in facts if isinstance(fact, Bar)]
    if not bars:
        interval = parse_timeframe(asked.interval).interval
        bars = heard(source.pipe(time_bars(interval, late=late)))
    if not bars:
        raise OrdinisError("there are no bars, and no trades to make bars of")
    if symbols is not None:
        known = sorted({bar.symbol for bar in bars})
        lacking = [symbol for symbol in symbols if symbol not in known]
        if len(lacking) == len(symbols):
            raise OrdinisError(nothing_of(lacking, known))
        if lacking:
            print(f"ordinis-rx: {nothing_of(lacking, known)}", file=sys.stderr)
        bars = [bar for bar in bars if bar.symbol in symbols]
    bars = bars_to_look_at(bars, parse_timeframe(asked.interval).interval, provider)
    try:
        seen = analysed(bars, asked)
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
    if late.told:
        came = f"after their bar was over, and so in none, came {amount(late.told, 'trade')}"
        print(f"ordinis-rx: {came}", file=sys.stderr)
    return 0


def _name(spec: str) -> str:
    """What an indicator is called in the table: ``rsi:14`` is ``rsi_14``."""
    return "".join(letter if letter.isalnum() else "_" for letter in spec.lower())


def _market(number: int) -> Observable[Any]:
    return sim.market(_DEMO, seed=number, rate=2.0, duration=2 * HOUR)


def _read(path: Path, interval: str, stamped: Stamped) -> Observable[Any]:
    """A file of bars or trades, by the names of its columns; anything else is a recording."""
    names = path.name.lower().removesuffix(".gz")
    if not names.endswith((".csv", ".parquet")) or (path.parent / "manifest.json").exists():
        return recorded_facts(path, "analyze")
    is_csv = names.endswith(".csv")
    found = first_line(path, ",") if is_csv else _columns(path)
    known = {name.lower(): name for name in found}
    time = next((known[name] for name in _TIMES if name in known), None)
    kind = "bar" if "close" in known else "trade"
    if time is None:
        raise BadUsage(
            f"{path}: no column of times among {', '.join(found)}; one must be called {', '.join(_TIMES)}"
        )
    fields = ("open", "high", "low", "close", "volume", "interval", "price", "size", "symbol")
    columns = {name: known[name] for name in fields if name in known} | {"ts_event": time}
    constants: dict[str, Any] = {}
    if "symbol" not in columns:
        ticker = known.get("ticker")
        if ticker is None:
            constants["symbol"] = path.name.partition(".")[0]
        else:
            columns["symbol"] = ticker
    if kind == "bar" and "interval" not in columns:
        constants["interval"] = parse_timeframe(interval).interval
    if kind == "bar" and "volume" not in columns:
        constants["volume"] = 0.0
    if kind == "trade" and "size" not in columns:
        constants["size"] = 1.0
    wanted = Bar.__struct_fields__ if kind == "bar" else ("ts_event", "symbol", "price", "size")
    columns = {name: column for name, column in columns.items() if name in wanted}
    read = from_csv if is_csv else from_parquet
    return read(
        path,
        kind,
        columns,
        constants=constants,
        zone="UTC",
        stamped=stamped if kind == "bar" else "end",
    )


def _columns(path: Path) -> list[str]:
    names: list[str] = pyarrow(".parquet").read_schema(path).names
    return names

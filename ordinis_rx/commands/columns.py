"""A CSV or Parquet file of bars or trades, by the names of its columns; what these do not say its rows tell, or the user."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from reactivex import operators as ops

from ordinis_rx.arrow import pyarrow
from ordinis_rx.commands.analysis import heard
from ordinis_rx.commands.choosing import in_words
from ordinis_rx.commands.values import BadUsage
from ordinis_rx.errors import JournalError
from ordinis_rx.events import NAN, Bar
from ordinis_rx.journal import from_csv, from_parquet
from ordinis_rx.journal.csv_reading import first_line, told_of
from ordinis_rx.journal.foreign import Stamped
from ordinis_rx.stream import Stream
from ordinis_rx.timebase import DAY, SECOND, Nanos

__all__ = ["NAMES", "Said", "is_table", "rows_of"]

_FIELDS = {
    "bar": ("ts_event", "symbol", "open", "high", "low", "close", "volume", "interval"),
    "trade": ("ts_event", "symbol", "price", "size"),
}
_OTHERWISE = {"ts_event": ("timestamp", "time", "datetime", "date"), "symbol": ("ticker",)}
NAMES = (
    "ts_event (timestamp, time, datetime, date), symbol (ticker) and either open, high, low, close, volume, interval "
    "or price, size; in capitals, too"
)
"""What columns may be called."""

_ANY: Nanos = 1
"""A length for bars of which only the times are wanted."""

_CLOCKS = "UTC"
"""Times without a zone as clocks show them, where a day on which clocks are put forward is no shorter than others."""


class Said(NamedTuple):
    """What the user says of a file: the length of its bars, what their times are, their zone; columns by field."""

    interval: Nanos | None = None
    stamped: Stamped | None = None
    zone: str | None = None
    columns: Mapping[str, str] = {}
    delimiter: str = ","


class _Read(Protocol):
    def __call__(
        self, zone: str | None, interval: Nanos = _ANY, stamped: Stamped = "end"
    ) -> Stream[Any]: ...


def is_table(path: Path) -> bool:
    """Whether *path* is a CSV or Parquet file."""
    return path.name.lower().removesuffix(".gz").endswith((".csv", ".parquet"))


def rows_of(path: Path, said: Said) -> Stream[Any]:
    """The bars or trades of a file, cold; numbers that it has no column for are NaN.

    Where nobody says how long bars are, they are as long as the smallest distance of two of a symbol. They are stamped with
    their end, but from a day on, where no column says how long each is, with their start. Plain dates are days in UTC. What
    was guessed is told on stderr. Raises `BadUsage` for lengths that the rows do not tell and other times without a zone,
    `JournalError` for what cannot be read.
    """
    kind, columns = _meant(path, _found(path, said.delimiter), said.columns)
    read = _reader(path, kind, columns, said.delimiter)
    has_zone = said.zone is not None or _tells_zone(read)
    if kind == "trade":
        if not has_zone:
            raise _zone_wanted(path)
        return read(said.zone)
    each_says = "interval" in columns
    guessed = not has_zone or not (each_says or said.interval)
    length = said.interval or _ANY
    if guessed:
        bars: list[Bar] = heard(read(_CLOCKS))
        if not bars:
            return read(_CLOCKS)
        if each_says:
            length = min(bar.interval for bar in bars)
        elif said.interval is None:
            length = _spacing(path, bars)
        if not has_zone and (length < DAY or any(bar.ts_event % DAY for bar in bars)):
            raise _zone_wanted(path)
    stamped = said.stamped or ("start" if length >= DAY and not each_says else "end")
    if guessed:
        zone = "" if has_zone else ", in UTC"
        taken = f"bars of {in_words(length)}, stamped with their {stamped}{zone}"
        hint = "--interval, --stamped and --zone say otherwise"
        print(f"ordinis-rx: {path} is taken for {taken}; {hint}", file=sys.stderr)
    return read(said.zone or _CLOCKS, length, stamped)


def _found(path: Path, delimiter: str) -> list[str]:
    if path.suffix.lower() == ".parquet":
        with told_of(path):
            names: list[str] = pyarrow(".parquet").read_schema(path).names
        if not names:
            raise JournalError(path, "has no columns")
        return names
    return first_line(path, delimiter)


def _meant(path: Path, found: Sequence[str], said: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Whether the rows are bars or trades, and their columns by field."""
    known = {name.strip().lower(): name for name in found}
    kind = "bar" if "close" in known or "close" in said else "trade"
    columns: dict[str, str] = {}
    for field in _FIELDS[kind]:
        names = [name for name in (field, *_OTHERWISE.get(field, ())) if name in known]
        if names:
            columns[field] = known[names[0]]
    columns |= said
    if "ts_event" not in columns:
        names = ["ts_event", *_OTHERWISE["ts_event"]]
        raise BadUsage(
            f"{path}: no column of times among {', '.join(found)}; one must be called {', '.join(names)}, "
            f"or be named, as in --columns ts_event={found[0]}"
        )
    return kind, columns


def _reader(path: Path, kind: str, columns: Mapping[str, str], delimiter: str) -> _Read:
    constants: dict[str, Any] = {"symbol": path.name.partition(".")[0]}
    constants |= {"volume": NAN} if kind == "bar" else {"size": NAN}

    def read(zone: str | None, interval: Nanos = _ANY, stamped: Stamped = "end") -> Stream[Any]:
        lacking = constants | ({"interval": interval} if kind == "bar" else {})
        lacking = {field: value for field, value in lacking.items() if field not in columns}
        if path.suffix.lower() == ".parquet":
            return from_parquet(path, kind, columns, constants=lacking, zone=zone, stamped=stamped)
        return from_csv(
            path, kind, columns, delimiter=delimiter, constants=lacking, zone=zone, stamped=stamped
        )

    return read


def _tells_zone(read: _Read) -> bool:
    """Whether times are numbers, or name their zone, by the first rows."""
    try:
        heard(read(None).pipe(ops.take(1)))
    except JournalError:
        # Raises again, where it is not the zone that they lack.
        heard(read(_CLOCKS).pipe(ops.take(1)))
        return False
    return True


def _zone_wanted(path: Path) -> BadUsage:
    return BadUsage(f"{path} has times without a zone: say which, as in --zone America/New_York")


def _spacing(path: Path, bars: Sequence[Bar]) -> Nanos:
    """The smallest distance of two bars of a symbol: whole seconds of which a day has a whole number, a day or a week."""
    times: dict[str, set[Nanos]] = {}
    for bar in bars:
        times.setdefault(bar.symbol, set()).add(bar.ts_event)
    pairs = (pair for each in times.values() for pair in pairwise(sorted(each)))
    spacing = min((after - before for before, after in pairs), default=0)
    usual = spacing in (DAY, 7 * DAY) or (spacing and spacing % SECOND == 0 == DAY % spacing)
    if not usual:
        raise BadUsage(
            f"{path} does not say how long its bars are, and their times do not tell: say so, as in --interval 1d"
        )
    return spacing

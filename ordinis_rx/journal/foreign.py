"""Data that users have: CSV and Parquet files of trades, quotes or bars, with a map of their columns, as streams."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from ordinis_rx.arrow import pyarrow
from ordinis_rx.batches import Item
from ordinis_rx.checks import check_choice, check_count, check_is, check_text
from ordinis_rx.codes import Names
from ordinis_rx.errors import JournalError
from ordinis_rx.journal.adapting import Adapter
from ordinis_rx.journal.csv_reading import Batched, csv_batches, first_line, told_of
from ordinis_rx.journal.files import parquet_batches
from ordinis_rx.journal.rows import Fitting
from ordinis_rx.journal.selection import Kind, Moment, kinds_of, moment_of
from ordinis_rx.journal.weaving import Weaver
from ordinis_rx.stream import Stream, from_items
from ordinis_rx.timebase import Nanos

__all__ = ["BadRows", "Stamped", "adapted", "from_csv", "from_parquet"]

Stamped: TypeAlias = Literal["start", "end"]
"""Whether the time of a bar is when its interval begins or when it ends."""

BadRows: TypeAlias = Literal["raise", "tell"]
"""Whether a row that cannot be a fact ends the stream, or is told as a `FeedError`."""


def from_csv(
    path: str | os.PathLike[str],
    kind: Kind,
    columns: Mapping[str, str] | None = None,
    *,
    header: Sequence[str] | None = None,
    delimiter: str = ",",
    constants: Mapping[str, Any] | None = None,
    unit: Nanos | None = None,
    since: Moment = 0,
    zone: str | None = None,
    stamped: Stamped = "end",
    bad_rows: BadRows = "raise",
    rows: int = 10_000,
) -> Stream[Any]:
    """The rows of a CSV file (``.gz`` too) as facts of one *kind* (``"trade"``, `Quote`, ...): cold, in their order.

    *columns* maps fields to the names of the file's columns, for those that are called otherwise; columns that mean nothing
    here are left alone, and fields that have no column keep their defaults, or have one value in all rows: *constants*. A
    file without a line of names is told them by *header*.

    Times are read as they are: whole numbers and fractions of *unit* (nanoseconds; None: seconds, milli-, micro- or
    nanoseconds, told by their size) after *since*, or ISO dates, which need a *zone* (``"UTC"``) unless they name one. A bar
    that is *stamped* with its start is given its end. ``conditions`` are split at commas. A number that is missing is NaN; a
    null among texts and lists is the field's default, and so is a side that is missing; within a list a missing text is left
    out. Each row is read for itself, whatever form those before it have.

    What does not fit raises `JournalError` that names the file, the column and the row (the first row of data is 1), here
    where a column is missing, and as the end of the stream, after the rows before it, where a value cannot be read. With
    ``bad_rows="tell"`` such a row is a `FeedError` in its place, of the kind ``bad-row``, with the time of the fact before
    it and the row itself in `raw`, and the stream goes on; what is no CSV at all (a quote that nobody closes; a
    line with too many or too few values that is no UTF-8, either) ends it still. Needs the extra ``arrow``.

    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
    ...     _ = file.write("time,px,qty\\n1704205800,185.25,100\\n1704205801,185.5,7\\n")
    ...     file.flush()
    ...     names = {"ts_event": "time", "price": "px", "size": "qty"}
    ...     trades = from_csv(file.name, "trade", names, constants={"symbol": "AAPL"})
    ...     trades.subscribe(lambda trade: print(trade.symbol, trade.time, trade.price)).dispose()
    AAPL 2024-01-02 14:30:00+00:00 185.25
    AAPL 2024-01-02 14:30:01+00:00 185.5
    """
    pyarrow()
    file = Path(path)
    if isinstance(header, str):
        raise TypeError(f"from_csv: header must be names, as in ['time', 'price'], got {header!r}")
    for name in header or ():
        check_is("from_csv: header", name, str, "names, as in ['time', 'price']")
    check_text("from_csv: delimiter", delimiter)
    if len(delimiter) != 1:
        raise ValueError(f"from_csv: delimiter must be one letter, as in ';', got {delimiter!r}")
    found = list(header) if header is not None else first_line(file, delimiter)
    adapter = _adapter("from_csv", kind, columns, found, constants, unit, since, zone, stamped)
    return adapted(file, adapter, csv_batches(file, adapter, header, delimiter), rows, bad_rows)


def from_parquet(
    path: str | os.PathLike[str],
    kind: Kind,
    columns: Mapping[str, str] | None = None,
    *,
    constants: Mapping[str, Any] | None = None,
    unit: Nanos | None = None,
    since: Moment = 0,
    zone: str | None = None,
    stamped: Stamped = "end",
    bad_rows: BadRows = "raise",
    rows: int = 10_000,
) -> Stream[Any]:
    """The rows of a Parquet file as facts of one *kind*: cold, in their order; arguments and errors are those of `from_csv`.

    >>> import pyarrow, pyarrow.parquet, tempfile
    >>> with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
    ...     table = pyarrow.table({"t": [1_704_205_800], "px": [185.25], "qty": [100.0]})
    ...     pyarrow.parquet.write_table(table, file.name)
    ...     names = {"ts_event": "t", "price": "px", "size": "qty"}
    ...     trades = from_parquet(file.name, "trade", names, constants={"symbol": "AAPL"})
    ...     trades.subscribe(lambda trade: print(trade.symbol, trade.time, trade.price)).dispose()
    AAPL 2024-01-02 14:30:00+00:00 185.25
    """
    file = Path(path)
    with told_of(file), pyarrow(".parquet").ParquetFile(file) as opened:
        found = list(opened.schema_arrow.names)
    adapter = _adapter("from_parquet", kind, columns, found, constants, unit, since, zone, stamped)
    return adapted(
        file, adapter, lambda wanted: parquet_batches(file, list(wanted)), rows, bad_rows
    )


def adapted(
    path: Path, adapter: Adapter, batches: Batched, rows: int, bad_rows: BadRows = "raise"
) -> Stream[Any]:
    """A stream of what *adapter* makes of the batches of a file."""
    check_count("rows", rows, "rows")
    check_choice("bad_rows", bad_rows, get_args(BadRows))
    with told_of(path):
        adapter.check()

    def make(names: Names) -> Iterator[Item]:
        weaver = Weaver(names, rows)
        fitting = Fitting(path.name, adapter, tells=bad_rows == "tell")
        try:
            with told_of(path):
                for batch in batches(adapter.wanted):
                    for told in fitting.facts_of(batch):
                        yield from weaver.add(told)
        except JournalError:
            yield from weaver.rest()
            raise
        yield from weaver.rest()

    return from_items(make)


def _adapter(
    who: str,
    kind: Kind,
    columns: Mapping[str, str] | None,
    found: Sequence[str],
    constants: Mapping[str, Any] | None,
    unit: Nanos | None,
    since: Moment,
    zone: str | None,
    stamped: Stamped,
) -> Adapter:
    """What the arguments ask for, where they make sense."""
    check_is(f"{who}: columns", columns or {}, Mapping, "a mapping, as in {'price': 'px'}")
    check_is(f"{who}: constants", constants or {}, Mapping, "a mapping, as in {'symbol': 'AAPL'}")
    if unit is not None:
        check_count(f"{who}: unit", unit, "nanoseconds")
    if zone is not None:
        check_is(f"{who}: zone", zone, str, "the name of a time zone, as in 'UTC'")
    check_choice(f"{who}: stamped", stamped, get_args(Stamped))
    only, *others = kinds_of(kind)
    if others:
        raise ValueError(f"{who}: the rows of a file are of one kind, got {kind!r}")
    if stamped == "start" and "interval" not in only.__struct_fields__:
        raise ValueError(
            f"{who}: a {only.__name__} has no interval, so that it cannot be stamped with a start"
        )
    return Adapter(
        kind=only,
        columns=columns or {},
        found=found,
        constants=constants or {},
        unit=unit,
        since=moment_of(f"{who}: since", since) or 0,
        zone=zone,
        stamped_start=stamped == "start",
    )

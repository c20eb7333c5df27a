"""``ordinis-rx replay``: a recording again, line by line or as a table."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from reactivex import Observable, Subject
from reactivex import operators as ops

from ordinis_rx.batches import Item
from ordinis_rx.commands.access import provider_of
from ordinis_rx.commands.attendance import Attendance
from ordinis_rx.commands.lines import amount, line_of
from ordinis_rx.commands.pipeline import pipeline_of
from ordinis_rx.commands.recordings import nothing_of, symbols_of
from ordinis_rx.commands.stopping import Stop, stoppable
from ordinis_rx.commands.values import BadUsage
from ordinis_rx.errors import JournalError
from ordinis_rx.event_json import to_json
from ordinis_rx.frames import Frame
from ordinis_rx.framing import frames
from ordinis_rx.journal import absent, record
from ordinis_rx.journal import replay as replayed
from ordinis_rx.journal.parquet import ParquetFile
from ordinis_rx.journal.selection import Moment
from ordinis_rx.journal.tables import table_of
from ordinis_rx.providers.protocol import Provider
from ordinis_rx.stepping import each_item

__all__ = ["reader", "replay"]

_NO_KEYS: dict[str, str] = dict.fromkeys(
    ("POLYGON_API_KEY", "FINNHUB_TOKEN", "APCA_API_KEY_ID", "APCA_API_SECRET_KEY"),
    "(a recording is read without a key)",
)


_OTHER_FILES = (".csv", ".json", ".jsonl", ".txt", ".arrow", ".feather", ".pq", ".wire")
"""What somebody might expect to become a file."""


class _Stopped(Exception):
    """The user has had enough."""


def reader(provider: str | None, market: str | None) -> Provider | None:
    """The provider that reads a recording of its wire; it needs no key."""
    if provider is None:
        return None
    return provider_of(provider, market=market, url=None, environment=_NO_KEYS)


async def replay(
    path: Path,
    *,
    pipeline: str | None = None,
    out: Path | None = None,
    json: bool = False,
    speed: float | None = None,
    symbols: Sequence[str] | None = None,
    kinds: Sequence[str] | None = None,
    start: Moment | None = None,
    end: Moment | None = None,
    provider: str | None = None,
    market: str | None = None,
) -> int:
    """Tell what *path* recorded, through *pipeline*, to stdout (with *json* an object a line) or into *out*.

    *out* is a Parquet file, for facts of one kind, or else the folder of a new recording. Damage is told on stderr, and by
    exit code 1, after all that could be read. Symbols that are not there are told on stderr, and by exit code 1 where none
    is; that nothing came of it is told on stderr alone. Raises `JournalError` for a Parquet file that exists already.
    """
    if out is not None and out.suffix in _OTHER_FILES:
        raise BadUsage(
            f"--out {out}: only FILE.parquet is written as a file; any other name is that of a folder"
        )
    if out is not None and out.suffix == ".parquet" and out.exists():
        raise JournalError(out, "exists already, and is not written over")
    sender = reader(provider, market)
    try:
        told = replayed(
            path,
            speed=speed,
            symbols=symbols,
            kinds=kinds,
            start=start,
            end=end,
            provider=sender,
            progress=None if out is not None else False,
            strict=True,
        )
    except ValueError as error:
        raise BadUsage(str(error)) from error
    found, came = Attendance(symbols or ()), Attendance()
    with stoppable() as stop, _unsaid(absent.__name__):
        halt = Subject[Any]() if speed is not None else None
        until = each_item(lambda: _until(stop)) if halt is None else ops.take_until(halt)
        stream: Observable[Any] = told.pipe(until, each_item(lambda: found.take))
        for step in pipeline_of(pipeline) if pipeline is not None else ():
            stream = stream.pipe(step)
        stream = stream.pipe(each_item(lambda: came.take))
        if out is None:
            await _written(stream, stop, halt, _json_line if json else line_of)
        elif out.suffix == ".parquet":
            await _tabled(stream, stop, halt, path, out)
        else:
            await _heard(lambda ended: record(stream, out, on_end=ended), stop, halt)
            print(f"recorded {amount(came.total, 'fact')} in the folder {out}")
    if stop.signal:
        return stop.exit_code
    if found.missed:
        return _say_what_is_missed(path, found.missed, symbols or (), symbols_of(path, sender))
    if not found.total:
        print(f"ordinis-rx: nothing in {path} is of what was asked for", file=sys.stderr)
    elif not came.total:
        nothing = f"nothing came of {amount(found.total, 'fact')} through {pipeline}"
        print(f"ordinis-rx: {nothing}", file=sys.stderr)
    return 0


@contextmanager
def _unsaid(module: str) -> Generator[None]:
    """Keep out of the log what *module* would say there: it is told in our own words."""
    log = logging.getLogger(module)
    log.addFilter(_nothing)
    try:
        yield
    finally:
        log.removeFilter(_nothing)


def _nothing(_: logging.LogRecord) -> bool:
    return False


def _say_what_is_missed(
    path: Path, missed: Sequence[str], symbols: Sequence[str], known: Sequence[str]
) -> int:
    """Tell symbols that are not there from those that have nothing of what was chosen; 1 where all are not there."""
    if unknown := [symbol for symbol in missed if symbol not in known]:
        print(f"ordinis-rx: {nothing_of(unknown, known)}", file=sys.stderr)
    if silent := [symbol for symbol in missed if symbol in known]:
        print(
            f"ordinis-rx: {path} has nothing of {', '.join(silent)} of those kinds and times",
            file=sys.stderr,
        )
    return 1 if len(unknown) == len(symbols) else 0


def _until(stop: Stop) -> Callable[[Item], Item]:
    def step(item: Item) -> Item:
        if stop.is_asked:
            raise _Stopped
        return item

    return step


def _json_line(event: Any) -> str:
    return to_json(event).decode()


async def _written(
    stream: Observable[Any], stop: Stop, halt: Subject[Any] | None, line: Callable[[Any], str]
) -> None:
    def begin(ended: Callable[[Exception | None], None]) -> None:
        stream.subscribe(lambda fact: print(line(fact)), ended, lambda: ended(None))

    await _heard(begin, stop, halt)


async def _tabled(
    stream: Observable[Any], stop: Stop, halt: Subject[Any] | None, path: Path, out: Path
) -> None:
    tables: list[ParquetFile] = []
    kinds: list[type[Any]] = []
    rows = 0

    def write(frame: Frame) -> None:
        nonlocal rows
        if not tables:
            kinds.append(frame.kind)
            tables.append(kept.enter_context(ParquetFile(out, table_of(frame.kind).schema)))
        if frame.kind is not kinds[0]:
            both = f"{kinds[0].__name__} and {frame.kind.__name__}"
            raise BadUsage(
                f"--out {out}: a Parquet file holds facts of one kind, and here are {both}; "
                "choose with --kinds or --pipeline, or name a folder"
            )
        arrival = np.arange(rows, rows + frame.n, dtype=np.int64)
        tables[0].write(table_of(frame.kind).batch(frame, arrival))
        rows += frame.n

    def begin(ended: Callable[[Exception | None], None]) -> None:
        frames(stream, rows=50_000).subscribe(write, ended, lambda: ended(None))

    damage: JournalError | None = None
    with ExitStack() as kept:
        try:
            await _heard(begin, stop, halt)
        except JournalError as error:
            if error.path != str(path):
                raise
            damage = error  # what came before it is certain
    if tables:
        print(f"wrote {amount(rows, 'row')} to {out}")
    if damage is not None:
        raise damage


async def _heard(
    begin: Callable[[Callable[[Exception | None], None]], object],
    stop: Stop,
    halt: Subject[Any] | None,
) -> None:
    """Let *begin* subscribe, and wait until it is told the end: its error is raised, but not that we were stopped.

    What is told at a speed has a *halt*, which stops it also while nothing is due.
    """
    loop = asyncio.get_running_loop()
    outcome: list[Exception | None] = []

    def ended(error: Exception | None) -> None:
        outcome.append(error)
        loop.call_soon_threadsafe(stop.now)

    if halt is None:  # as fast as it goes: in a thread, so that the loop hears of signals
        with suppress(_Stopped):  # a recorder raises what has ended it before it is there
            await asyncio.to_thread(begin, ended)
    else:
        begin(ended)
        await stop.wait()
        halt.on_error(_Stopped())  # whom it still concerns
    if outcome and outcome[0] is not None and not isinstance(outcome[0], _Stopped):
        raise outcome[0]

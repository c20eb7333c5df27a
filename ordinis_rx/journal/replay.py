"""Telling a recording again."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from reactivex import Observable, abc
from reactivex.disposable import Disposable

from ordinis_rx.arrow import pyarrow
from ordinis_rx.batches import Item
from ordinis_rx.checks import check_count, check_path, check_positive
from ordinis_rx.codes import Names
from ordinis_rx.entries import Entry
from ordinis_rx.errors import JournalError
from ordinis_rx.journal.absent import noting_absent
from ordinis_rx.journal.log import is_log
from ordinis_rx.journal.loss import Loss
from ordinis_rx.journal.manifest import LOG, Part
from ordinis_rx.journal.progress import shown
from ordinis_rx.journal.recording import Recording
from ordinis_rx.journal.selection import Kind, Moment, between, kinds_of, moment_of, of_kinds
from ordinis_rx.journal.single import SingleFile
from ordinis_rx.journal.wire_replay import WireRecording
from ordinis_rx.operators.by_name import for_providers, for_symbols, symbols_in
from ordinis_rx.pacing import paced
from ordinis_rx.providers.protocol import Provider
from ordinis_rx.stream import Stream, flow_of, from_items
from ordinis_rx.turns import FlowObserver
from ordinis_rx.typing import Operator

__all__ = ["Replay", "replay"]

_log = logging.getLogger(__name__)


class _Source(Protocol):
    loss: Loss


def replay(
    path: str | os.PathLike[str],
    *,
    speed: float | None = None,
    symbols: str | Iterable[str] | None = None,
    providers: str | Iterable[str] | None = None,
    kinds: Kind | Iterable[Kind] | None = None,
    start: Moment | None = None,
    end: Moment | None = None,
    provider: Provider | None = None,
    rows: int = 10_000,
    progress: bool | None = None,
    strict: bool = False,
) -> Replay:
    """What was recorded, as a stream like any other: every fact as it was, in the order of its arrival.

    *path* is the folder of a `record`, a Parquet file with facts of one kind, or the file of a `record_wire`, whose messages
    *provider* reads as it did live (no key is needed for that, any text will do: ``polygon("-")``).

    It is cold: each subscriber hears it from the beginning, in frames of about *rows* rows where operators take frames, as
    fast as they are taken; bounded consumers are waited for. With a *speed* the facts come on the running asyncio loop (or
    the scheduler of the subscription) as they came when they were recorded: 1.0 at the same pace, 10.0 ten times as fast.

    *symbols*, *providers* and *kinds* (``"trade"``, `Trade`) choose what is told, *start* and *end* by `ts_event`: in
    nanoseconds or aware datetimes, *end* excluded. Files of a recording that have nothing of those kinds and times are not
    read, and not checked. Of a symbol that nothing read is about the log warns, with the one that was likely meant.

    A recording that was cut off or damaged is told as far as it is certain; then ``stream.loss`` says how many bytes were
    lost and why, and a warning is logged. With *strict* the stream ends with a `JournalError` instead of completing.
    A *path* that is no recording raises `JournalError`, a kind that there is not, or a *start* after the *end*,
    ValueError.

    *progress* shows a bar on stderr; by default where that is a terminal, for what takes longer than a second.
    """
    check_path("replay: path", path)
    if speed is not None:
        check_positive("replay: speed", speed)
    check_count("replay: rows", rows, "rows")
    chosen = None if kinds is None else kinds_of(kinds)
    about = None if symbols is None else symbols_in("replay", (symbols,))
    since, until = moment_of("start", start), moment_of("end", end)
    if since is not None and until is not None and since > until:
        raise ValueError(f"start must not be after end, got {start} and {end}")

    def wanted(kind: type[Any], part: Part) -> bool:
        return (
            (chosen is None or kind in chosen)
            and (since is None or part.latest >= since)
            and (until is None or part.earliest < until)
        )

    source, items = _opened(Path(path), provider, rows, wanted, progress)

    def whole(names: Names) -> Iterator[Item]:
        told = items(names)
        yield from told if about is None else noting_absent(path, told, names, about)
        if source.loss and strict:
            raise JournalError(path, f"is damaged: {source.loss}")
        if source.loss:
            _log.warning("%s is damaged: %s", path, source.loss)

    choice: list[Operator[Any, Any]] = []
    if not isinstance(source, Recording) and chosen is not None:
        choice.append(of_kinds(chosen))
    if since is not None or until is not None:
        choice.append(between(since, until))
    if about is not None:
        choice.append(for_symbols(about))
    if providers is not None:
        choice.append(for_providers(providers))
    if speed is None:
        return Replay(from_items(whole).pipe(*choice), source)
    return Replay(_at_speed(whole, choice, speed), source)


def _opened(
    path: Path,
    provider: Provider | None,
    rows: int,
    wanted: Callable[[type[Any], Part], bool],
    progress: bool | None,
) -> tuple[_Source, Callable[[Names], Iterator[Item]]]:
    if path.is_dir():
        if not (path / LOG).exists():
            raise JournalError(path, f"is no recording: it has no {LOG}")
        pyarrow()
        if provider is not None:
            raise JournalError(path, "holds facts, not messages: it is replayed without a provider")
        facts = Recording(path)
        return facts, lambda names: shown(
            facts.items(names, rows, wanted), facts.rows, lambda item: item.n, progress
        )
    if not path.exists():
        raise JournalError(path, "does not exist")
    if path.suffix == ".parquet":
        table = SingleFile(path)
        return table, lambda names: shown(
            table.items(names, rows), table.rows, lambda item: item.n, progress
        )
    if not is_log(path) and path.stat().st_size:
        raise JournalError(path, "is no recording")
    if provider is None:
        raise JournalError(
            path, "holds messages as they came: replay needs the provider that sent them"
        )
    wire = WireRecording(path, provider)
    return wire, lambda names: wire.items(names, rows)


def _at_speed(
    items: Callable[[Names], Iterator[Item]], choice: Sequence[Operator[Any, Any]], speed: float
) -> Stream[Any]:
    """The facts of *choice* at the pace of their arrival: what is not chosen takes no time."""

    def facts() -> Iterator[Any]:
        entries: list[Entry] = []
        chosen: list[Any] = []

        def flow(
            observer: FlowObserver, scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            entries.append(Entry(observer))
            return Disposable()

        Stream[Any](flow).pipe(*choice).subscribe(chosen.append)
        for item in items(Names()):
            entries[0].take(item)
            yield from chosen
            chosen.clear()

    return paced(facts, None, speed=speed, waits=True, what="a replay at a speed")


class Replay(Stream[Any]):
    """A recording as a cold stream, made by `replay`: every subscriber hears it from the beginning."""

    def __init__(self, stream: Observable[Any], source: _Source) -> None:
        super().__init__(lambda observer, scheduler: flow_of(stream, observer, scheduler))
        self._source = source

    @property
    def loss(self) -> Loss:
        """What could not be read, as a `Loss`; nothing before a subscriber has heard the recording to its end."""
        return self._source.loss

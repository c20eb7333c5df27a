"""What is in a recording, as plain values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from ordinis_rx.codes import Names
from ordinis_rx.errors import JournalError
from ordinis_rx.events import Gap
from ordinis_rx.journal.log import is_log
from ordinis_rx.journal.loss import Loss
from ordinis_rx.journal.manifest import LOG
from ordinis_rx.journal.recording import Recording
from ordinis_rx.journal.single import SingleFile
from ordinis_rx.journal.wire import Renamed, WireReader
from ordinis_rx.timebase import Nanos, seconds

__all__ = ["GapRow", "KindRow", "Survey", "survey"]

_MOST_SYMBOLS = 20
_MOST_GAPS = 20


class KindRow(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of fact (or one direction of a wire): how many, when, and how many a second."""

    kind: str
    count: int
    first: Nanos
    last: Nanos
    rate: float


class GapRow(msgspec.Struct, frozen=True, kw_only=True):
    """Where data is or may be missing."""

    provider: str
    ts_from: Nanos
    ts_to: Nanos
    reason: str
    filled: bool


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """What is in a recording; `symbols` are the busiest, with their counts."""

    path: str
    format: str
    started: Nanos | None
    provider: str | None
    bytes: int
    count: int
    kinds: tuple[KindRow, ...]
    symbols_in_all: int
    symbols: dict[str, int]
    gaps_in_all: int
    gaps: tuple[GapRow, ...]
    lost_bytes: int
    lost_reason: str


def survey(path: Path) -> Survey:
    """Read all of *path*: a folder with facts, a Parquet file of one kind, or a recording of a wire.

    Raises `JournalError` for what is no recording.
    """
    if path.is_dir():
        if not (path / LOG).exists():
            raise JournalError(path, f"is no recording: it has no {LOG}")
        recording = Recording(path)
        started = None if recording.header is None else recording.header.started
        return _of_facts(path, "facts", started, recording)
    if path.exists() and path.suffix == ".parquet":
        return _of_facts(path, "parquet", None, SingleFile(path))
    if path.exists() and path.stat().st_size and not is_log(path):
        raise JournalError(path, "is no recording")
    return _of_wire(path)


class _Span:
    """How many, and between which moments."""

    def __init__(self) -> None:
        self.count = 0
        self.first = 2**63 - 1
        self.last = -(2**63)

    def add(self, count: int, first: Nanos, last: Nanos) -> None:
        self.count += count
        self.first, self.last = min(self.first, first), max(self.last, last)

    def row(self, kind: str) -> KindRow:
        span = seconds(self.last - self.first)
        rate = (self.count - 1) / span if span > 0 else 0.0
        return KindRow(kind=kind, count=self.count, first=self.first, last=self.last, rate=rate)


def _of_facts(
    path: Path, format: str, started: Nanos | None, recording: Recording | SingleFile
) -> Survey:
    spans: dict[type[Any], _Span] = {}
    names = Names()
    symbols = np.zeros(0, np.int64)
    gaps: list[GapRow] = []
    for item in recording.items(names, 10_000):
        for frame in item.frames():
            stamps = frame.ts_event
            span = spans.setdefault(frame.kind, _Span())
            span.add(frame.n, int(stamps.min()), int(stamps.max()))
            counts = np.bincount(frame.symbol, minlength=len(symbols))
            counts[: len(symbols)] += symbols
            symbols = counts
            if frame.kind is Gap:
                gaps += map(_gap_row, frame.facts)
    words = names.symbols.words
    busiest = Counter(
        {words[code]: n for code, n in enumerate(symbols.tolist()) if n and words[code]}
    )
    kinds = [span.row(kind.type.value.lower()) for kind, span in spans.items()]
    return _survey(path, format, started, None, kinds, busiest, gaps, recording.loss)


def _gap_row(gap: Gap) -> GapRow:
    return GapRow(
        provider=gap.provider,
        ts_from=gap.ts_from,
        ts_to=gap.ts_to,
        reason=gap.reason.value.lower(),
        filled=gap.filled,
    )


def _of_wire(path: Path) -> Survey:
    spans: dict[str, _Span] = {}
    with WireReader(path) as reader:
        header = reader.header
        for entry in reader:
            if not isinstance(entry, Renamed):
                span = spans.setdefault(f"messages {entry.direction}", _Span())
                span.add(1, entry.ts_recv, entry.ts_recv)
        loss = reader.loss
    kinds = [spans[name].row(name) for name in sorted(spans)]
    started, provider = (None, None) if header is None else (header.started, header.provider)
    return _survey(path, "wire", started, provider, kinds, Counter(), [], loss)


def _survey(
    path: Path,
    format: str,
    started: Nanos | None,
    provider: str | None,
    kinds: list[KindRow],
    symbols: Counter[str],
    gaps: list[GapRow],
    loss: Loss,
) -> Survey:
    return Survey(
        path=str(path),
        format=format,
        started=started,
        provider=provider,
        bytes=sum(file.stat().st_size for file in _files(path)),
        count=sum(row.count for row in kinds),
        kinds=tuple(kinds),
        symbols_in_all=len(symbols),
        symbols=dict(symbols.most_common(_MOST_SYMBOLS)),
        gaps_in_all=len(gaps),
        gaps=tuple(gaps[:_MOST_GAPS]),
        lost_bytes=loss.bytes,
        lost_reason=loss.reason,
    )


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from (file for file in path.rglob("*") if file.is_file())
    else:
        yield path

"""Frames as values: streams to frames of any size, and frames to streams.

>>> from ordinis_rx.events import Trade
>>> from ordinis_rx.stream import from_events
>>> trades = from_events([Trade(symbol="AAPL", ts_event=t, price=100.0 + t, size=1.0) for t in range(5)])
>>> frames(trades, rows=2).subscribe(lambda frame: print(len(frame), frame.price.tolist())).dispose()
2 [100.0, 101.0]
2 [102.0, 103.0]
1 [104.0]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
from reactivex import Observable, abc

from ordinis_rx.batches import Item
from ordinis_rx.columns import Block, Names
from ordinis_rx.frames import Frame
from ordinis_rx.stream import Stream, flow_of, from_items

__all__ = ["concatenated", "frames", "from_frames"]


def concatenated(parts: Sequence[Frame]) -> Frame:
    """The rows of *parts*, which are of one kind and one dictionary, one after the other in memory of their own."""
    first = parts[0]
    whole = type(first)(first.names)
    if all(part.rests_on_facts for part in parts):
        whole.hold([fact for part in parts for fact in part.facts])
        return whole
    n = sum(part.n for part in parts)
    block = Block(first.schema.kinds, max(n, 1))
    for j, field in enumerate(first.schema.columns):
        at = 0
        for part in parts:
            source, k = part.lookup(field.name)
            block.columns[j][at : at + part.n] = source.columns[k][: part.n]
            at += part.n
    objects: dict[str, Sequence[Any]] = {
        name: [value for part in parts for value in part.object_column(name)]
        for name in first.schema.objects
        if any(part.has_objects(name) for part in parts)
    }
    whole.hold_columns(block, n, objects)
    return whole


def frames(source: Observable[Any], *, rows: int = 10_000) -> Observable[Frame]:
    """The facts of *source* as frames that are yours to keep: one of a kind whenever *rows* facts of it have come.

    Made for whoever wants columns: ``frame.price`` is an array. What is left is told when the stream ends, before its
    completion or its error; a quiet stream tells nothing before that.
    """
    if rows < 1:
        raise ValueError(f"rows must be at least 1, got {rows}")

    def subscribe(
        observer: abc.ObserverBase[Frame], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        return flow_of(source, _Collector(observer, rows), scheduler)

    return Observable(subscribe)


class _Collector:
    __slots__ = ("_observer", "_parts", "_rows")

    def __init__(self, observer: abc.ObserverBase[Frame], rows: int) -> None:
        self._observer = observer
        self._rows = rows
        self._parts: dict[type[Any], list[Frame]] = {}

    def on_item(self, item: Item) -> None:
        for frame in item.frames():
            at = 0
            while at < frame.n:
                parts = self._parts.setdefault(frame.kind, [])
                room = self._rows - sum(part.n for part in parts)
                part = frame.copy() if at == 0 and frame.n <= room else _part(frame, at, at + room)
                parts.append(part)
                at += part.n
                if part.n == room:
                    del self._parts[frame.kind]
                    self._observer.on_next(concatenated(parts))

    def on_error(self, error: Exception) -> None:
        self._flush()
        self._observer.on_error(error)

    def on_completed(self) -> None:
        self._flush()
        self._observer.on_completed()

    def exits(self, found: set[int]) -> None:
        """Frames as values are of no use to plain Rx operators that compare rows: this is no exit of facts."""

    def _flush(self) -> None:
        parts, self._parts = self._parts, {}
        for rest in parts.values():
            self._observer.on_next(concatenated(rest))


def _part(frame: Frame, start: int, end: int) -> Frame:
    """Rows *start* to *end* in memory of their own."""
    end = min(end, frame.n)
    part = type(frame)(frame.names)
    if frame.rests_on_facts:
        part.hold(frame.facts[start:end])
        return part
    block = Block(frame.schema.kinds, end - start)
    for j, field in enumerate(frame.schema.columns):
        source, k = frame.lookup(field.name)
        block.columns[j][:] = source.columns[k][start:end]
    objects: dict[str, Sequence[Any]] = {
        name: list(frame.object_column(name))[start:end]
        for name in frame.schema.objects
        if frame.has_objects(name)
    }
    part.hold_columns(block, end - start, objects)
    return part


def from_frames(values: Iterable[Frame]) -> Stream[Any]:
    """A cold stream of the rows of frames, in the order given; an iterator is read once and remembered.

    Frames that share one dictionary and number their rows upwards flow as they are; the others are coded and numbered anew,
    from where the last one ended.
    """
    remembered = list(values)

    def make(names: Names) -> Iterator[Item]:
        if not remembered:
            return
        common, last = remembered[0].names, 0
        for frame in remembered:
            if not frame.n:
                continue
            seq = frame.seq
            if frame.names is common and seq[0] > last and bool(np.all(seq[1:] > seq[:-1])):
                last = int(seq[-1])
                yield frame
            else:
                yield _recoded(frame, common, last + 1)
                last += frame.n

    return from_items(make)


def _recoded(frame: Frame, names: Names, first: int) -> Frame:
    """The same rows, coded by *names* and numbered from *first* on."""
    if frame.rests_on_facts:
        numbers = range(first, first + frame.n)
        whole = type(frame)(names)
        whole.hold(
            [
                msgspec.structs.replace(fact, seq=seq)
                for fact, seq in zip(frame.facts, numbers, strict=True)
            ]
        )
        return whole
    whole = _part(frame, 0, frame.n)
    block, index = whole.block, whole.schema.index
    assert block is not None
    for name, old, new in (
        ("symbol", frame.names.symbols, names.symbols),
        ("provider", frame.names.providers, names.providers),
    ):
        codes = np.array([new[word] for word in old.words], np.int64)
        column = block.columns[index[name]]
        column[:] = codes[column]
    block.columns[index["seq"]][:] = np.arange(first, first + frame.n)
    whole.names = names
    return whole

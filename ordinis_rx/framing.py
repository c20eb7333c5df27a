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
from numpy.typing import NDArray
from reactivex import Observable, abc
from reactivex.disposable import Disposable

from ordinis_rx.batches import Item
from ordinis_rx.checks import check_count, check_is, check_several, check_stream
from ordinis_rx.codes import Names
from ordinis_rx.columns import Block
from ordinis_rx.doors import Exit
from ordinis_rx.entries import Entry
from ordinis_rx.frames import Frame
from ordinis_rx.hearing import known_to_tell
from ordinis_rx.stream import Stream, flow_of, from_items
from ordinis_rx.turns import RAISED

__all__ = ["concatenated", "frames", "from_frames", "renumbered"]


def concatenated(parts: Sequence[Frame]) -> Frame:
    """The rows of *parts*, frames of one kind, one after the other in memory of their own.

    >>> from ordinis_rx.frames import TradeFrame
    >>> one = TradeFrame.from_columns(symbol=["A", "B"], ts_event=[1, 2], price=[9.0, 5.0], size=1.0)
    >>> other = TradeFrame.from_columns(symbol=["B"], ts_event=[3], price=[6.0], size=1.0)
    >>> [(trade.symbol, trade.price) for trade in concatenated([one, other]).to_events()]
    [('A', 9.0), ('B', 5.0), ('B', 6.0)]
    """
    if not parts:
        raise ValueError("concatenated wants at least one frame, got none")
    first = parts[0]
    for part in parts:
        if type(part) is not type(first):
            raise TypeError(
                f"concatenated wants frames of one kind, got a {type(first).__name__} and a {type(part).__name__}"
            )
    whole = type(first)(first.names)
    if all(part.rests_on_facts for part in parts):
        whole.hold([fact for part in parts for fact in part.facts])
        return whole
    parts = [
        part if part.names is first.names else part.picked(slice(None), first.names)
        for part in parts
    ]
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
    completion or its error; a quiet stream tells nothing before that. Each kind of fact fills frames of its own.

    Raises TypeError for a *source* that is no stream and for *rows* that are not whole, ValueError for *rows* below 1; what
    is no fact ends the stream with TypeError.

    >>> from ordinis_rx.stream import from_events
    >>> from ordinis_rx.testing import a_trade
    >>> told = frames(from_events([a_trade(9.0), a_trade(8.0), a_trade(7.0)]), rows=2)
    >>> told.subscribe(lambda frame: print(frame.price.tolist())).dispose()
    [9.0, 8.0]
    [7.0]
    """
    check_stream("frames", source, ", as in frames(stream, rows=512)")
    check_count("frames: rows", rows, "rows")
    return _Frames(source, rows)


class _Frames(Observable[Frame]):
    def __init__(self, source: Observable[Any], rows: int) -> None:
        super().__init__()
        self._source = source
        self._rows = rows

    def subscribe(
        self,
        on_next: abc.ObserverBase[Frame] | abc.OnNext[Frame] | None = None,
        on_error: abc.OnError | None = None,
        on_completed: abc.OnCompleted | None = None,
        *,
        scheduler: abc.SchedulerBase | None = None,
    ) -> abc.DisposableBase:
        """Subscribe to the frames. As with a `Stream`, who raises is let go and told by its own `on_error`."""
        end = Exit.of(on_next, on_error, on_completed)
        end.connect(
            lambda _, clock: flow_of(self._source, _Collector(end, self._rows), clock), scheduler
        )
        return Disposable(end.leave)


class _Collector:
    __slots__ = ("_end", "_entry", "_held", "_parts", "_rows")

    def __init__(self, end: Exit, rows: int) -> None:
        self._end = end
        self._entry: Entry
        """Where what is held came in."""
        self._rows = rows
        self._parts: dict[type[Any], list[Frame]] = {}
        self._held: dict[type[Any], int] = {}  # counted along: parts of one row are as many as rows

    def on_item(self, item: Item) -> None:
        self._entry = item.turn.entry
        for frame in item.frames():
            at = 0
            while at < frame.n:
                parts = self._parts.setdefault(frame.kind, [])
                held = self._held.get(frame.kind, 0)
                room = self._rows - held
                if frame.n == 1:  # a fact is kept for a tenth of what columns cost
                    part = type(frame)(frame.names)
                    part.hold(list(frame.facts))
                else:
                    part = frame.copy() if at == 0 and frame.n <= room else frame[at : at + room]
                parts.append(part)
                at += part.n
                self._held[frame.kind] = held + part.n
                if part.n == room:
                    del self._parts[frame.kind], self._held[frame.kind]
                    self._tell(parts)

    def on_error(self, error: Exception) -> None:
        self._flush()
        self._end.on_error(error)

    def on_completed(self) -> None:
        self._flush()
        self._end.on_completed()

    def exits(self, found: set[int]) -> None:
        """Frames as values are of no use to plain Rx operators that compare rows: this is no exit of facts."""

    def _flush(self) -> None:
        parts, self._parts, self._held = self._parts, {}, {}
        for rest in parts.values():
            self._tell(rest)

    def _tell(self, parts: list[Frame]) -> None:
        if not self._end.stopped:
            try:
                self._end.on_next(concatenated(parts))
            except RAISED as error:
                self._end.fail(error, self._entry)


def from_frames(values: Iterable[Frame]) -> Stream[Any]:
    """A cold stream of the rows of frames, in the order given; an iterator is read once and remembered.

    A frame flows as it is where its `names` are those of the first one and its `seq` goes on rising; any other is copied,
    with codes of those names and numbered on from the frame before it. Raises TypeError for a lone frame, and for what is
    none.

    >>> from ordinis_rx.frames import TradeFrame
    >>> frame = TradeFrame.from_columns(symbol=["A", "B"], ts_event=[1, 2], price=[9.0, 5.0], size=1.0)
    >>> from_frames([frame, frame]).subscribe(lambda trade: print(trade.seq, trade.symbol, trade.price)).dispose()
    1 A 9.0
    2 B 5.0
    3 A 9.0
    4 B 5.0
    """
    check_several("from_frames: values", values, "[frame]")
    remembered = list(values)
    for frame in remembered:
        check_is("from_frames: each", frame, Frame, "a frame, [frame] where there is one")

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

    stream = from_items(make)
    kinds = dict.fromkeys(frame.kind for frame in remembered)
    return known_to_tell(stream, kinds) if kinds else stream


def _recoded(frame: Frame, names: Names, first: int) -> Frame:
    """The same rows, coded by *names* and numbered from *first* on."""
    return renumbered(frame.picked(slice(None), names), np.arange(first, first + frame.n))


def renumbered(frame: Frame, numbers: NDArray[np.int64]) -> Frame:
    """*frame*, which nobody else may hold, with *numbers* for the `seq` of its rows."""
    if frame.rests_on_facts:
        pairs = zip(frame.facts, numbers.tolist(), strict=True)
        frame.hold([msgspec.structs.replace(fact, seq=seq) for fact, seq in pairs])
    else:
        frame.seq[:] = numbers
    return frame

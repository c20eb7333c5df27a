"""Rows that wait for time to pass them, by column: what `reorder` holds of large frames."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ordinis_rx.batches import Batch, Item
from ordinis_rx.codes import Names
from ordinis_rx.columns import Block
from ordinis_rx.events import Event, Heartbeat
from ordinis_rx.frames import FRAMES, Frame
from ordinis_rx.framing import concatenated, renumbered
from ordinis_rx.kernels.compiled import prepare
from ordinis_rx.kernels.in_order import (
    BEAT,
    BEGUN,
    HAPPENED,
    HELD,
    IN_ORDER,
    LATE,
    NOW,
    in_order,
)
from ordinis_rx.kernels.in_order import OURS as BY_OUR_CLOCK
from ordinis_rx.kernels.record import FIRST, Call
from ordinis_rx.operators.event_time import OURS, moments
from ordinis_rx.timebase import Nanos

__all__ = ["Passed", "Waiting"]

_KIND, _PLACE, _AT, _SEQ = range(4)
"""What is known of a row: the number of its kind and its place in the frame of that, when it happened, and its number."""


class Passed(NamedTuple):
    """What time has passed, in order and numbered anew; what came too late for that; and the time."""

    item: Item | None
    late: list[Event]
    now: Nanos | None


class Waiting:
    """The rows of one subscriber, one frame a kind."""

    __slots__ = ("_argument", "_block", "_call", "_parts", "_rows", "_run")

    def __init__(self, lateness: Nanos) -> None:
        self._call = Call(IN_ORDER, [lateness])
        self._run, self._argument = prepare(in_order, self._call)
        self._block = Block("iiiii", 0)
        self._parts: dict[type[Any], Frame] = {}
        self._rows = np.zeros((4, 0), np.int64)

    def __len__(self) -> int:
        return self._rows.shape[1]

    def hold(self, entries: Iterable[tuple[Nanos, Event]], names: Names) -> None:
        """Hold facts, each with its time, in the order in which they are to be told; nothing is held before."""
        facts: dict[type[Any], list[Event]] = {}
        rows: list[tuple[int, int, Nanos, int]] = []
        number = {kind: code for code, kind in enumerate(_kinds())}
        for at, fact in entries:
            kind = type(fact)
            mine = facts.setdefault(kind, [])
            rows.append((number[kind], len(mine), at, fact.seq))
            mine.append(fact)
        for kind, mine in facts.items():
            self._parts[kind] = FRAMES[kind](names)
            self._parts[kind].hold(mine)
        self._rows = np.array(rows, np.int64).reshape(-1, 4).T.copy()

    def let_go(self) -> list[tuple[Nanos, Event]]:
        """All that waits, in order, as facts with their times; nothing is held after."""
        facts = {
            code: self._parts[kind].facts
            for code, kind in enumerate(_kinds())
            if kind in self._parts
        }
        kinds, places, times, _ = self._rows.tolist()
        self._parts, self._rows = {}, np.zeros((4, 0), np.int64)
        return [(at, facts[k][p]) for k, p, at in zip(kinds, places, times, strict=True)]

    def take(self, frames: Sequence[Frame], now: Nanos | None, names: Names, first: int) -> Passed:
        """Hold the rows of *frames*, one a kind, until time has passed them; the others are numbered from *first* on."""
        parts, rows = dict(self._parts), [self._rows]
        for frame in frames:
            before = parts.get(frame.kind)
            parts[frame.kind] = frame if before is None else concatenated([before, frame])
            rows.append(_rows_of(frame, 0 if before is None else before.n))
        if len(rows) > 2:
            new = np.concatenate(rows[1:], axis=1)
            rows[1:] = [new[:, np.argsort(new[_SEQ], kind="stable")]]
        found = np.concatenate(rows, axis=1)
        told, late, now = self._sorted(found, now)
        n = found.shape[1]
        order = self._block.columns[3][:n]
        found[_AT] = self._block.columns[0][:n]
        self._rows, self._parts = found[:, order[told : n - late]], {}
        for kind, mine in self._by_kind(self._rows):
            self._parts[kind] = parts[kind].picked(self._rows[_PLACE, mine])
            self._rows[_PLACE, mine] = np.arange(len(mine))
        ready, left = found[:, order[:told]], found[:, order[n - late :][::-1]]
        told_frames = [
            renumbered(parts[kind].picked(ready[_PLACE, mine], names), first + mine)
            for kind, mine in self._by_kind(ready)
        ]
        item: Item | None = told_frames[0] if len(told_frames) == 1 else None
        if len(told_frames) > 1:
            item = Batch.of_frames(told_frames, names)
        return Passed(item, _facts(parts, left), now)

    def _sorted(self, rows: NDArray[np.int64], now: Nanos | None) -> tuple[int, int, Nanos | None]:
        """Have the kernel write down the order of the *rows*; how many are told, how many are late, and the time."""
        n = rows.shape[1]
        if self._block.capacity < n:
            self._block = Block("iiiii", 2 * n)
            for slot, (address, view) in enumerate(
                zip(self._block.addresses, self._block.views, strict=True), FIRST
            ):
                self._call.point(slot, address, view)
        for column, values in zip(
            self._block.columns,
            (rows[_AT], rows[_SEQ], _how(len(FRAMES))[rows[_KIND]]),
            strict=False,
        ):
            column[:n] = values
        clock = self._call.state("clock")
        clock[NOW], clock[BEGUN], clock[HELD] = now or 0, now is not None, len(self)
        told = self._run(n, self._argument)
        return told, int(clock[LATE]), int(clock[NOW]) if clock[BEGUN] else None

    @staticmethod
    def _by_kind(rows: NDArray[np.int64]) -> list[tuple[type[Any], NDArray[np.int64]]]:
        """Which of the *rows* are of each kind that there is among them."""
        codes = np.flatnonzero(np.bincount(rows[_KIND], minlength=1)).tolist()
        return [(_kinds()[code], np.flatnonzero(rows[_KIND] == code)) for code in codes]


def _rows_of(frame: Frame, first: int) -> NDArray[np.int64]:
    """The rows of *frame*, which come to stand at *first* among those of their kind."""
    n = frame.n
    rows = np.empty((4, n), np.int64)
    rows[_KIND], rows[_PLACE] = _kinds().index(frame.kind), np.arange(first, first + n)
    rows[_AT] = moments(frame.ts_event, frame.ts_recv)
    rows[_SEQ] = frame.seq
    return rows


def _facts(parts: dict[type[Any], Frame], rows: NDArray[np.int64]) -> list[Event]:
    """Those *rows*, in their order, as facts."""
    found: dict[int, Event] = {}
    for code in set(rows[_KIND].tolist()):
        mine = np.flatnonzero(rows[_KIND] == code)
        found.update(
            zip(mine.tolist(), parts[_kinds()[code]].picked(rows[_PLACE, mine]).facts, strict=True)
        )
    return [found[k] for k in range(len(found))]


def _kinds() -> list[type[Any]]:
    """The kinds of facts by number; those of which nobody has heard yet get the next ones."""
    return list(FRAMES)


@functools.cache
def _how(count: int) -> NDArray[np.int64]:
    """How the first so many kinds move time."""
    kinds = _kinds()[:count]
    return np.array(
        [BY_OUR_CLOCK if k in OURS else BEAT if k is Heartbeat else HAPPENED for k in kinds],
        np.int64,
    )

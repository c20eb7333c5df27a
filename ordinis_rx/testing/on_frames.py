"""The law of identity, checked: however facts are cut into frames, what comes out is the same to the last bit."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeAlias

import numpy as np
import reactivex
from reactivex import Observable
from reactivex.scheduler import VirtualTimeScheduler

from ordinis_rx.batches import Batch, Item, item_of
from ordinis_rx.codes import Names
from ordinis_rx.columns import Block
from ordinis_rx.events import Event
from ordinis_rx.frames import FRAMES, Frame
from ordinis_rx.kernels.compiled import uncompiled
from ordinis_rx.kernels.faults import KernelFault
from ordinis_rx.multicast import Hot
from ordinis_rx.stream import Stream, from_items, numbered
from ordinis_rx.testing.given import check_given
from ordinis_rx.testing.identity import difference
from ordinis_rx.typing import Operator

__all__ = ["same_on_frames", "stays_in_bounds"]

_Make: TypeAlias = Callable[[], Operator[Any, Any]]


def same_on_frames(
    make: _Make,
    events: Sequence[Event],
    *,
    cuts: Iterable[Sequence[int]] | None = None,
    silent: bool = False,
) -> None:
    """Assert that ``make()`` makes the same of *events* however they are cut into frames.

    What it makes of the facts of a plain observable, one by one, is compared bit for bit (values, order, `seq`) with what it
    makes of frames: of one row, of all rows, and of sizes in between; resting on facts and on columns; heard as facts and as
    frames; with kernels compiled and as Python; and with what it makes of facts that are pushed live, alone and in messages.
    What a frame rests on is overwritten as soon as the call is over, so that an operator that keeps one without a copy is
    found out. Before all that kernels are watched, so that one that reaches beyond its state, or tells of rows that are not
    there, is found out before it does so as machine code.

    *cuts* are the lengths of the frames, a sequence for each way to cut; those that are left over come in one more frame.
    Raises ValueError where nothing would be compared: no way to cut is given, or nothing comes out. With *silent* nothing
    may come out, as of some stories that the test of a property tries.

    >>> from ordinis_rx.testing import a_trade
    >>> same_on_frames(lambda: lambda source: source, [a_trade(9), a_trade(7)])
    """
    check_given("same_on_frames", make, events)
    facts = numbered(events)
    lengths_of_all = list(_usual(len(facts)) if cuts is None else cuts)
    if not lengths_of_all:
        raise ValueError("same_on_frames: cuts must have one way to cut at least, got none")
    stays_in_bounds(make, facts)
    wanted = _heard(reactivex.from_iterable(facts).pipe(make()))
    ways: list[tuple[str, Callable[[], AbstractContextManager[None]]]] = [
        ("compiled", nullcontext),
        ("uncompiled", uncompiled),
    ]
    for lengths in lengths_of_all:
        for resting, lend in (("facts", _Lender), ("columns", _ColumnLender)):
            for kernels, running in ways:
                for hearing, heard in (("facts", _heard), ("frames", _heard_in_frames)):
                    with running():
                        got = heard(_cut(facts, lengths, lend).pipe(make()))
                    told = difference(got, wanted)
                    assert not told, (
                        f"frames: in frames of {_shown(lengths)} rows that rest on {resting}, kernels {kernels},"
                        f" heard as {hearing}: {told}"
                    )
        told = difference(_pushed(facts, lengths, make), wanted)
        assert not told, f"frames: pushed into a hot stream, {_shown(lengths)} at a time: {told}"
    if not wanted and not silent:
        raise ValueError(f"nothing comes out of the operator for these {len(facts)} facts")


def _shown(lengths: Sequence[int]) -> str:
    """The first few of *lengths*, and how many there are."""
    few = ", ".join(map(str, lengths[:_SHOWN]))
    return f"[{few}]" if len(lengths) <= _SHOWN else f"[{few}, ...: {len(lengths)} of them]"


_SHOWN = 12


def stays_in_bounds(make: _Make, facts: list[Any]) -> None:
    """Assert that the kernels of ``make()`` keep to their rows and their state, with *facts* one by one and all at once."""
    for source in (reactivex.from_iterable(facts), _cut(facts, (), _Lender)):
        with uncompiled(watching=True):
            heard = _heard(source.pipe(make()))
        for each in heard:
            assert not isinstance(each, KernelFault), f"bounded: {each}"


def _usual(n: int) -> Iterator[list[int]]:
    """One row at a time, all at once, a few sizes in between, and a few at random (always the same)."""
    for rows in dict.fromkeys((1, 2, 3, 7, max(n, 1))):
        yield [rows] * (n // rows)
    chance = random.Random(n)
    for _ in range(3):
        yield [chance.randint(1, 5) for _ in range(n // 3)]


def _cut(facts: list[Any], lengths: Sequence[int], lend: Callable[[Names], _Lender]) -> Stream[Any]:
    def make(names: Names) -> Iterator[Item]:
        lender = lend(names)
        at = 0
        for length in (*lengths, len(facts)):
            rows = facts[at : at + length]
            at += length
            if rows:
                yield lender.item(rows)
                lender.take_back()

    return from_items(make)


class _Lender:
    """Items that rest on facts, the same objects again and again, as a hot source has them."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._frames: dict[type[Any], Frame] = {}
        self._lent: Item | None = None

    def item(self, rows: list[Any]) -> Item:
        kinds: set[type[Any]] = set(map(type, rows))
        if len(kinds) > 1:
            self._lent = item_of(rows, self._names)
        else:
            (kind,) = kinds
            self._lent = self._frames.setdefault(kind, FRAMES[kind](self._names))
            self._lent.hold(rows)
        return self._lent

    def take_back(self) -> None:
        assert self._lent is not None
        self._lent.hold([])


class _ColumnLender(_Lender):
    """Items that rest on columns, as a recording has them."""

    def item(self, rows: list[Any]) -> Item:
        self._blocks: list[Block] = []
        by_kind = {kind: [row for row in rows if type(row) is kind] for kind in FRAMES}
        frames = [self._frame(kind, facts) for kind, facts in by_kind.items() if facts]
        return frames[0] if len(frames) == 1 else Batch.of_frames(frames, self._names)

    def _frame(self, kind: type[Any], facts: list[Any]) -> Frame:
        frame = FRAMES[kind](self._names)
        schema, names = frame.schema, frame.names
        block = Block(schema.kinds, len(facts))
        write = schema.writer(tuple(schema.index))
        write(facts, block.views, names.symbols, names.providers)
        objects: dict[str, Sequence[Any]] = {
            name: [getattr(fact, name) for fact in facts] for name in schema.objects
        }
        frame.hold_columns(block, len(facts), objects)
        self._blocks.append(block)
        return frame

    def take_back(self) -> None:
        for block in self._blocks:
            for column in block.columns:
                column[:] = np.nan if column.dtype == np.float64 else -1


def _heard(stream: Observable[Any]) -> list[Any]:
    heard: list[Any] = []
    clock = VirtualTimeScheduler()
    stream.subscribe(heard.append, heard.append, scheduler=clock)
    clock.start()
    return heard


def _pushed(facts: list[Any], lengths: Sequence[int], make: _Make) -> list[Any]:
    """What is heard live, where some facts come alone and others in messages."""
    hot = Hot()
    heard: list[Any] = []
    clock = VirtualTimeScheduler()
    hot.stream.pipe(make()).subscribe(heard.append, heard.append, scheduler=clock)

    def push(*_: object) -> None:
        at = 0
        for length in (*lengths, len(facts)):
            if rows := facts[at : at + length]:
                hot.push(rows)
            at += length
        hot.complete()

    clock.schedule_relative(1.0, push)  # later: plain Rx operators subscribe by the clock
    clock.start()
    return heard


def _heard_in_frames(stream: Observable[Any]) -> list[Any]:
    if not isinstance(stream, Stream):
        return _heard(stream)
    ear, clock = _Ear(), VirtualTimeScheduler()
    stream.flow(ear, clock)
    clock.start()
    return ear.heard


class _Ear:
    """An observer of items that hears their facts."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def on_item(self, item: Item) -> None:
        self.heard += item.copy().facts

    def on_error(self, error: Exception) -> None:
        self.heard.append(error)

    def on_completed(self) -> None:
        pass

    def exits(self, found: set[int]) -> None:
        found.add(id(self))

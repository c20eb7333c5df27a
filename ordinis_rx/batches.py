"""Batches: rows of several kinds as one item, one frame a kind; and what flows, a frame or a batch."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ordinis_rx.codes import Names
from ordinis_rx.frames import FRAMES, Frame
from ordinis_rx.recipes import unchanged

__all__ = ["Batch", "Item", "item_of", "only_frames", "only_rows"]


class Batch:
    """Rows of several kinds as one item: one frame a kind, told in the order of `seq`, ties in the order of kinds."""

    __slots__ = ("_frames", "held", "names", "turn")

    dirty: ClassVar = True
    """Other facts are always to be told by `hold`, since the frames of those before are void."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.turn: Any = None
        self.held: list[Any] | None = None
        self._frames: dict[type[Any], Frame | None] = {}

    @classmethod
    def of_frames(cls, frames: Iterable[Frame], names: Names) -> Batch:
        """A batch that rests on frames, one a kind; of a kind of which there are no rows it has none."""
        batch = cls(names)
        batch._frames = dict.fromkeys(FRAMES)
        batch._frames.update((frame.kind, frame) for frame in frames if frame.n)
        return batch

    def hold(self, facts: list[Any]) -> None:
        """Rest on facts of any kinds, in the order of `seq`."""
        self.held = facts
        self._frames = {}

    @property
    def rests_on_facts(self) -> bool:
        """True where the facts are at hand."""
        return self.held is not None

    @property
    def n(self) -> int:
        """How many rows it has in all."""
        if self.held is not None:
            return len(self.held)
        return sum(frame.n for frame in self.frames())

    def of(self, kind: type[Any]) -> Frame | None:
        """The frame of that kind, or None."""
        if kind in self._frames:
            frame = self._frames[kind]
            if frame is not None:
                frame.turn = self.turn
            return frame
        facts = [fact for fact in self.held or () if type(fact) is kind]
        frame = None
        if facts:
            frame = FRAMES[kind](self.names)
            frame.hold(facts)
            frame.turn = self.turn
        self._frames[kind] = frame
        return frame

    def frames(self) -> tuple[Frame, ...]:
        """One frame a kind, in the fixed order of kinds."""
        return tuple(frame for kind in FRAMES if (frame := self.of(kind)) is not None)

    @property
    def facts(self) -> list[Any]:
        """All rows as facts, in order."""
        if self.held is None:
            facts = [fact for frame in self.frames() for fact in frame.facts]
            facts.sort(key=_seq)  # stable: equal seq stay in the order of kinds
            self.held = facts
        return self.held

    def copy(self) -> Batch:
        """The same rows in memory of their own."""
        other = Batch(self.names)
        if self.held is not None:
            other.hold(list(self.held))
            return other
        return Batch.of_frames([frame.copy() for frame in self.frames()], self.names)

    def __repr__(self) -> str:
        return f"Batch({', '.join(map(repr, self.frames()))})"


Item: TypeAlias = Frame | Batch
"""What flows: rows of one kind, or of several."""


def _seq(fact: Any) -> int:
    seq: int = fact.seq
    return seq


def item_of(facts: list[Any], names: Names) -> Item:
    """Facts of any kinds, in the order of `seq`, as one item."""
    if len(facts) == 1:
        try:
            item: Item = FRAMES[type(facts[0])](names)
        except KeyError:
            raise TypeError(f"not a fact: {facts[0]!r}") from None
    else:
        item = Batch(names)
    item.hold(facts)
    return item


def only_rows(frame: Frame, rows: NDArray[np.int64], lent: dict[type[Any], Frame]) -> Frame | None:
    """Those *rows* of *frame*: itself where they are all, None where they are none, else a frame that rests on it.

    That one stands in *lent*, by kind, and is lent anew each time.
    """
    if len(rows) == frame.n:
        return frame
    if not len(rows):
        return None
    out = lent.get(frame.kind)
    if out is None:
        out = lent[frame.kind] = type(frame)(frame.names)
    out.hold_derived(frame, len(rows), rows, unchanged(frame.schema))
    return out


def only_frames(item: Item, frames: list[Frame]) -> Item | None:
    """*item* with these *frames* alone, one a kind, of its own rows: itself where they are all, None where there are none.

    Facts of which the item knows the order stay in it, though several may have one `seq`.
    """
    whole = item.frames()
    if len(frames) == len(whole) and all(a is b for a, b in zip(frames, whole, strict=True)):
        return item
    if len(frames) > 1 and item.rests_on_facts:
        return item_of(_rows_in_order(item.facts, frames), item.names)
    if len(frames) > 1:
        return Batch.of_frames(frames, item.names)
    return frames[0] if frames else None


def _rows_in_order(facts: list[Any], frames: list[Frame]) -> list[Any]:
    """Those of *facts* that are rows of *frames*, each of which has some of one kind."""
    left: dict[type[Any], deque[Any]] = {frame.kind: deque(frame.facts) for frame in frames}
    kept: list[Any] = []
    for fact in facts:
        rows = left.get(fact.__class__)
        if rows and rows[0] is fact:
            kept.append(rows.popleft())
    return kept

"""Items that rest on columns alone, as those of a recording do."""

from __future__ import annotations

from typing import Any

from ordinis_rx.batches import Batch, Item
from ordinis_rx.codes import Names
from ordinis_rx.frames import FRAMES, Frame

__all__ = ["by_column", "frame_by_column"]


def frame_by_column(facts: list[Any], names: Names | None = None) -> Frame:
    """A frame of *facts* of one kind that rests on columns and object lists, and has no fact at hand."""
    held = FRAMES[type(facts[0])].from_events(facts, names or Names())
    for name in held.schema.index:
        held.lookup(name)
    assert held.block is not None
    objects = {name: list(held.object_column(name)) for name in held.schema.objects}
    frame = type(held)(held.names)
    frame.hold_columns(held.block, held.n, objects)
    return frame


def by_column(facts: list[Any], names: Names | None = None) -> Item:
    """The same for *facts* of any kinds: a frame, or a batch of them."""
    names = names or Names()
    kinds = dict.fromkeys(map(type, facts))
    frames = [frame_by_column([f for f in facts if type(f) is kind], names) for kind in kinds]
    return frames[0] if len(frames) == 1 else Batch.of_frames(frames, names)

"""From the codes and numbers of one root stream to those of another."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from ordinis_rx.codes import Names
from ordinis_rx.columns import Block, Schema
from ordinis_rx.frames import Frame
from ordinis_rx.recipes import Recipe
from ordinis_rx.translation import Translation

__all__ = ["Recoder"]


class Recoder:
    """Makes frames of one root frames of another: *theirs* are the names that come, *ours* those that go out."""

    def __init__(self, theirs: Names, ours: Names) -> None:
        self.theirs = theirs
        self._ours = ours
        self._translation = Translation(theirs, ours)

    def recoded(self, frame: Frame, numbers: NDArray[np.int64]) -> Frame:
        """The rows of *frame* in our codes, with *numbers* for `seq`."""
        n, schema = frame.n, frame.schema
        out = type(frame)(self._ours)
        recipe = _with_new_codes(schema)
        out.hold_derived(frame, n, None, recipe)
        out.names = self._ours
        block = out.block = Block(schema.kinds, n)
        for name in recipe.written:
            j = schema.index[name]
            if name == "seq":
                block.columns[j][:] = numbers
            else:
                source, k = frame.lookup(name)
                block.columns[j][:] = self._translation.column(
                    schema.fields[name], source.columns[k][:n]
                )
        return out


@functools.cache
def _with_new_codes(schema: Schema) -> Recipe:
    coded = [field.name for field in schema.columns if Translation.concerns(field)]
    return Recipe(schema, schema, [*coded, "seq"])

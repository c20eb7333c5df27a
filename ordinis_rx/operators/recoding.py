"""From the codes and numbers of one root stream to those of another."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from ordinis_rx.columns import Block, Names, Schema
from ordinis_rx.frames import Frame
from ordinis_rx.recipes import Recipe

__all__ = ["Recoder"]


class Recoder:
    """Makes frames of one root frames of another: *theirs* are the names that come, *ours* those that go out."""

    def __init__(self, theirs: Names, ours: Names) -> None:
        self.theirs = theirs
        self._ours = ours
        self._symbols: NDArray[np.int64] = np.zeros(0, np.int64)
        self._providers: NDArray[np.int64] = np.zeros(0, np.int64)

    def recoded(self, frame: Frame, numbers: NDArray[np.int64]) -> Frame:
        """The rows of *frame* in our codes, with *numbers* for `seq`."""
        theirs, ours = self.theirs, self._ours
        symbols, providers = frame.symbol, frame.provider  # first, since they may be coded only now
        if len(theirs.symbols) > len(self._symbols):
            self._symbols = np.array([ours.symbols[word] for word in theirs.symbols.words])
        if len(theirs.providers) > len(self._providers):
            self._providers = np.array([ours.providers[word] for word in theirs.providers.words])
        n = frame.n
        out = type(frame)(ours)
        out.hold_derived(frame, n, None, _with_new_codes(frame.schema))
        out.names = ours
        block = out.block = Block(out.schema.kinds, n)
        index = out.schema.index
        block.columns[index["symbol"]][:] = self._symbols[symbols]
        block.columns[index["provider"]][:] = self._providers[providers]
        block.columns[index["seq"]][:] = numbers
        return out


@functools.cache
def _with_new_codes(schema: Schema) -> Recipe:
    return Recipe(schema, schema, ("symbol", "provider", "seq"))

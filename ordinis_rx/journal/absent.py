"""Symbols that were asked of a recording, and that nothing in it is about: an empty answer may be a slip of the pen."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any

import numpy as np

from ordinis_rx.batches import Item
from ordinis_rx.codes import Names
from ordinis_rx.events import Gap

__all__ = ["noting_absent"]

_log = logging.getLogger(__name__)


def noting_absent(
    path: str | os.PathLike[str], items: Iterable[Item], names: Names, symbols: Iterable[str]
) -> Iterator[Item]:
    """The *items* of *path*, coded by *names*; at their end the log warns of those *symbols* that none is about."""
    absent, told = set(symbols), set[str]()
    for item in items:
        if absent:
            told |= _told_of(item, names, absent)
            absent -= told
        yield item
    for symbol in sorted(absent):
        near = get_close_matches(symbol, told | names.symbols.keys(), 1)
        meant = f" (did you mean {near[0]!r}?)" if near else ""
        _log.warning("%s: nothing that was read is about %r%s", path, symbol, meant)


def _told_of(item: Item, names: Names, symbols: set[str]) -> set[str]:
    """The symbols that the facts of *item* are about; of frames, those of *symbols*."""
    if item.rests_on_facts:
        return _about(item.facts)
    told = set[str]()
    for frame in item.frames():
        if frame.kind is Gap:
            told |= _about(frame.facts)
            continue
        there = np.bincount(frame.symbol, minlength=len(names.symbols))
        told.update(
            s for s in symbols if (code := names.symbols.get(s)) is not None and there[code]
        )
    return told


def _about(facts: Iterable[Any]) -> set[str]:
    told = {fact.symbol for fact in facts}
    return told.union(*(fact.symbols for fact in facts if isinstance(fact, Gap)))

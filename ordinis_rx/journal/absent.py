"""Symbols that were asked of a recording, and that nothing in it is about: an empty answer may be a slip of the pen."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from ordinis_rx.batches import Item
from ordinis_rx.codes import Names

__all__ = ["noting_absent"]

_log = logging.getLogger(__name__)


def noting_absent(
    path: str | os.PathLike[str], items: Iterable[Item], names: Names, symbols: Iterable[str]
) -> Iterator[Item]:
    """The *items* of *path*, coded by *names*; at their end the log warns of those *symbols* that none is about."""
    absent, told = set(symbols), set[str]()
    for item in items:
        if absent and item.rests_on_facts:
            told.update(fact.symbol for fact in item.facts)
            absent -= told
        absent -= names.symbols.keys()
        yield item
    for symbol in sorted(absent):
        near = get_close_matches(symbol, told | names.symbols.keys(), 1)
        meant = f" (did you mean {near[0]!r}?)" if near else ""
        _log.warning("%s: nothing that was read is about %r%s", path, symbol, meant)

"""Facts with something in a field that has no place in its column: which fact, which field, and what."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import Any

from ordinis_rx.codes import Names
from ordinis_rx.columns import Block, schema_of

__all__ = ["MISFIT", "before_misfit", "misfit"]

MISFIT = (TypeError, ValueError, OverflowError, KeyError, struct.error)
"""What is raised where a fact's value does not fit into its column."""


def misfit(facts: Iterable[Any], names: Sequence[str], error: Exception) -> Exception:
    """What *error* came of: which of the fields *names* of which fact could not be written; itself, where all can be.

    >>> from ordinis_rx.events import Heartbeat
    >>> print(misfit([Heartbeat(ts_event=1.5)], ["seq", "ts_event"], TypeError("no number")))
    ts_event cannot be 1.5 in Heartbeat(symbol='', ts_event=1.5, ts_recv=0, provider='', seq=0)
    """
    words = Names()
    for fact in facts:
        name = _unfit(fact, names, words)
        if name is not None:
            own = name in fact.__struct_fields__
            why = f"cannot be {getattr(fact, name)!r} in" if own else "cannot be worked out of"
            return TypeError(f"{name} {why} {fact!r}")
    return error


def before_misfit(facts: Iterable[Any], names: Sequence[str], words: Names) -> list[Any]:
    """The facts, coded by *words*, that come before the first whose fields *names* cannot all be written.

    >>> from ordinis_rx.events import Heartbeat
    >>> beats = [Heartbeat(ts_event=at) for at in (1, 2, 3.5, 4)]
    >>> [beat.ts_event for beat in before_misfit(beats, ["ts_event"], Names())]
    [1, 2]
    """
    return list(takewhile(lambda fact: _unfit(fact, names, words) is None, facts))


def _unfit(fact: Any, names: Sequence[str], words: Names) -> str | None:
    """The first of the fields *names* that cannot be written; None where all can be."""
    kind: type[Any] = fact.__class__
    schema = schema_of(kind)
    for name in names:
        code = schema.kinds[schema.index[name]] if name in schema.index else "f"
        views = Block(code, 1).views
        try:
            schema.writer((name,))([fact], views, words.symbols, words.providers)
        except MISFIT:
            return name
    return None

"""Recordings that commands look at: facts, not messages, and which symbols they tell of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ordinis_rx.events import FeedError
from ordinis_rx.frames import Frame
from ordinis_rx.framing import frames
from ordinis_rx.journal import replay
from ordinis_rx.providers.protocol import Provider

__all__ = ["nothing_of", "symbols_of"]

_SOME = 10


def symbols_of(path: Path, provider: Provider | None) -> list[str]:
    """The symbols that a recording tells of, in order; all of it is read."""
    known: set[str] = set()

    def note(frame: Frame) -> None:
        if frame.kind is not FeedError:  # which may say that there is no such symbol
            codes: list[int] = np.unique(frame.symbol).tolist()
            known.update(frame.names.symbols.words[code] for code in codes)

    frames(replay(path, provider=provider, progress=False), rows=50_000).subscribe(note)
    return sorted(known - {""})


def nothing_of(symbols: Sequence[str], known: Sequence[str]) -> str:
    """That nothing is told of *symbols*, and of which it is: some of many.

    >>> nothing_of(["X"], ["A", "B"])
    'nothing is told of X; there are A, B'
    """
    more = f" and {len(known) - _SOME} more" if len(known) > _SOME else ""
    there = ", ".join(known[:_SOME]) + more or "none"
    return f"nothing is told of {', '.join(symbols)}; there are {there}"

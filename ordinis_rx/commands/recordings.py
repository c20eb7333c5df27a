"""Recordings that commands look at: facts, not messages, and which symbols they tell of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ordinis_rx.errors import JournalError
from ordinis_rx.events import FeedError
from ordinis_rx.frames import Frame
from ordinis_rx.framing import frames
from ordinis_rx.journal import replay
from ordinis_rx.journal.log import is_log
from ordinis_rx.journal.replay import Replay
from ordinis_rx.journal.wire import WireReader
from ordinis_rx.providers.protocol import Provider

__all__ = ["nothing_of", "recorded_facts", "symbols_of"]

_SOME = 10


def recorded_facts(path: Path, who: str, *, speed: float | None = None) -> Replay:
    """What *path* recorded, for the command *who*; raises `JournalError` for messages, and says how they become facts."""
    if is_log(path):
        with WireReader(path) as reader:
            sender = "NAME" if reader.header is None else reader.header.provider
        todo = f"ordinis-rx replay {path} --provider {sender} --out FOLDER"
        raise JournalError(
            path, f"holds messages as they came, and {who} reads facts: first `{todo}`"
        )
    return replay(path, speed=speed)


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

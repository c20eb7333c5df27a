"""What is heard of a stream by who does nothing but listen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reactivex import Observable

from ordinis_rx.journal import replay

__all__ = ["heard", "heard_out", "replayed"]


def heard(stream: Observable[Any]) -> list[Any]:
    """What *stream* tells, and the error that it ends with; it is told on, into the same list."""
    told: list[Any] = []
    stream.subscribe(told.append, told.append)
    return told


def heard_out(stream: Observable[Any]) -> list[Any]:
    """The same, and "|" where it ends well."""
    told: list[Any] = []
    stream.subscribe(told.append, told.append, lambda: told.append("|"))
    return told


def replayed(path: Path, **options: Any) -> list[Any]:
    """What is heard of a recording."""
    return heard(replay(path, **options))

"""What every engine is told on the page about other programs, and what must come of it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.pages import executed_with

__all__ = ["changes", "closes", "means", "of_engine"]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "embedding.md"


def of_engine(engine: str, folder: Path) -> Any:
    """The names that the section of *engine* leaves behind."""
    return executed_with(engine, PAGE, folder)


def closes(names: Any) -> list[float]:
    """What our bars close at."""
    return names["table"].close.tolist()


def means(names: Any) -> list[float]:
    """Our averages of twenty closes, from the twentieth bar on."""
    return [reading.value for reading in names["averages"]]


def changes(names: Any) -> list[tuple[int, bool]]:
    """The bars at which the close gets above its average (True), or not any more (False); below it comes first."""
    averages = means(names)
    above = [close > mean for close, mean in zip(closes(names)[19:], averages, strict=True)]
    return [
        (19 + n, now) for n, (before, now) in enumerate(pairwise([False, *above])) if now != before
    ]

"""Values of the command line. What is wrong with one is said in words that repeat it and name what is allowed.

>>> words("AAPL, MSFT")
['AAPL', 'MSFT']
>>> port("70000")
Traceback (most recent call last):
argparse.ArgumentTypeError: must be a whole number from 0 to 65535, got '70000'
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from ordinis_rx.errors import OrdinisError

__all__ = [
    "SHORTEST_DEMO",
    "BadUsage",
    "demo_seconds",
    "file",
    "key",
    "port",
    "positive",
    "seed",
    "words",
]


class BadUsage(OrdinisError, ValueError):
    """A value on the command line, or in the environment, that is missing or wrong; names it and what is allowed."""


SHORTEST_DEMO = 5.0
"""Seconds: every fault must have time to be found out and healed."""


def positive(text: str) -> float:
    """A number above 0."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"must be a number above 0, got {text!r}")
    return value


def demo_seconds(text: str) -> float:
    """Seconds that a demo takes; fewer than the shortest one needs mean that one."""
    return max(positive(text), SHORTEST_DEMO)


def _whole(text: str, most: int) -> int:
    try:
        value = int(text)
    except ValueError:
        value = -1
    if not 0 <= value <= most:
        raise argparse.ArgumentTypeError(f"must be a whole number from 0 to {most}, got {text!r}")
    return value


def port(text: str) -> int:
    """A port; 0 is any free one."""
    return _whole(text, 65_535)


def seed(text: str) -> int:
    """A seed that NumPy takes too."""
    return _whole(text, 2**63 - 1)


def key(text: str) -> str:
    """A key, which is not repeated in the complaint."""
    if not text.strip():
        raise argparse.ArgumentTypeError("must not be empty")
    return text


def words(text: str) -> list[str]:
    """Different names between commas."""
    found = [word.strip() for word in text.split(",")]
    if not all(found) or len(set(found)) < len(found):
        raise argparse.ArgumentTypeError(f"must be different names between commas, got {text!r}")
    return found


def file(text: str) -> Path:
    """A file that can be written, by what can be seen now."""
    path = Path(text)
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise argparse.ArgumentTypeError(f"must be a file in a folder that exists, got {text!r}")
    return path

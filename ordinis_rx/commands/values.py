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
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from ordinis_rx.errors import OrdinisError
from ordinis_rx.timebase import Nanos, duration

__all__ = [
    "SHORTEST_DEMO",
    "Add",
    "BadUsage",
    "add_seed",
    "address",
    "columns",
    "count",
    "delimiter",
    "demo_seconds",
    "file",
    "key",
    "port",
    "positive",
    "seed",
    "share",
    "size",
    "span",
    "words",
    "zone",
]


class BadUsage(OrdinisError, ValueError):
    """A value on the command line, or in the environment, that is missing or wrong; names it and what is allowed."""


Add: TypeAlias = Callable[[str, Any, str, str], argparse.ArgumentParser]
"""Adds a command: its name, what does it, a summary, and more."""

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


def add_seed(parser: argparse.ArgumentParser, told: str) -> None:
    """Add ``--seed`` to a command; *told* is what it does there."""
    parser.add_argument(
        "--seed", type=seed, default=0, metavar="N", help=f"{told} (default: %(default)s)"
    )


def count(text: str) -> int:
    """A whole number, 0 or more."""
    return _whole(text, 2**63 - 1)


def share(text: str) -> float:
    """A number from 0 to 1."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"must be a number from 0 to 1, got {text!r}")
    return value


def span(text: str) -> Nanos:
    """A duration with its unit, such as 50ms or 1.5s, as nanoseconds."""
    try:
        return duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


_SIZES = {"": 0, "K": 1, "M": 2, "G": 3}


def size(text: str) -> int:
    """A number of bytes, alone or with its unit: 64KB are 64,000 bytes, 64KiB are 65,536.

    >>> size("1.5MB"), size("1MiB"), size("10")
    (1500000, 1048576, 10)
    """
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)(?:(K|M|G|)(i?)B)?", text)
    if match is None or (match[3] and not match[2]):
        raise argparse.ArgumentTypeError(f"must be a size such as 64KB or 1MiB, got {text!r}")
    unit: int = (1024 if match[3] else 1000) ** _SIZES[match[2] or ""]
    return round(float(match[1]) * unit)


def address(text: str) -> tuple[str, int]:
    """A host and a port above 0; a host that has colons stands in brackets.

    >>> address("127.0.0.1:8765"), address("[::1]:80")
    (('127.0.0.1', 8765), ('::1', 80))
    """
    host, colon, number = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        colon = ""
    if not host or not colon or not number.isdecimal() or not 0 < int(number) <= 65_535:
        raise argparse.ArgumentTypeError(f"must be a host and a port, HOST:PORT, got {text!r}")
    return host, int(number)


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


def columns(text: str) -> dict[str, str]:
    """Fields and the names of their columns.

    >>> columns("close=C, ts_event=Day of trade")
    {'close': 'C', 'ts_event': 'Day of trade'}
    """
    pairs = [[part.strip() for part in pair.split("=", 1)] for pair in text.split(",")]
    if not all(len(pair) == 2 and all(pair) for pair in pairs):
        raise argparse.ArgumentTypeError(f"must be FIELD=COLUMN between commas, got {text!r}")
    return dict(pairs)


def delimiter(text: str) -> str:
    """One character between two values."""
    if len(text) != 1:
        raise argparse.ArgumentTypeError(f"must be one character, as in ';', got {text!r}")
    return text


def zone(text: str) -> str:
    """The name of a time zone."""
    try:
        return ZoneInfo(text).key
    except (KeyError, ValueError, OSError):
        raise argparse.ArgumentTypeError(
            f"must be a time zone such as America/New_York, got {text!r}"
        ) from None


def file(text: str) -> Path:
    """A file that can be written, by what can be seen now."""
    path = Path(text)
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise argparse.ArgumentTypeError(f"must be a file in a folder that exists, got {text!r}")
    return path

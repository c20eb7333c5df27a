"""How long the tests that take minutes take: what is asked for when they are run, or else the full size.

`ORDINIS_RX_SOAK_SECONDS=120` makes the long run over real sockets two minutes long; `python -m tests.reliability` sets them.
"""

from __future__ import annotations

import os

__all__ = ["PREFIX", "SIZES", "size"]

PREFIX = "ORDINIS_RX_SOAK_"

SIZES = {
    "SECONDS": 1800,
    "CONNECTIONS": 10_000,
    "PAGE_SECONDS": 600,
    "SEEDS": 10_000,
    "FIRST_SEED": 0,
}
"""The full size of each thing that can be asked for."""


def size(name: str) -> int:
    """What is asked for, or else the full size."""
    return int(os.environ.get(PREFIX + name, SIZES[name]))

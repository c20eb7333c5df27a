"""What a call leaves behind."""

from __future__ import annotations

import sys
from collections.abc import Callable

TIMES = 5000


def grows(call: Callable[[], object]) -> bool:
    """Whether *call* leaves objects behind each time."""
    for _ in range(100):
        call()
    before = sys.getallocatedblocks()
    for _ in range(TIMES):
        call()
    return sys.getallocatedblocks() - before > TIMES // 10

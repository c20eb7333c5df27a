"""What of a recording could not be read."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Loss"]


class Loss(NamedTuple):
    """How many bytes at the end of a recording could not be read, and why (`Replay.loss`); falsy when there are none.

    >>> bool(Loss()), str(Loss(17, "day.wire: it ends within a record, at byte 90"))
    (False, '17 bytes lost (day.wire: it ends within a record, at byte 90)')
    """

    bytes: int = 0
    reason: str = ""

    def __bool__(self) -> bool:
        return self.bytes > 0

    def __str__(self) -> str:
        return f"{self.bytes} bytes lost ({self.reason})" if self else "nothing lost"

"""Faults of a REST service, for a simulated one to commit."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Literal, TypeAlias

from ordinis_rx.checks import check_number

__all__ = ["RestFault", "RestFaults"]

RestFault: TypeAlias = Literal["hang", "error", "limited", "wrong"]
"""What may befall a request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestFaults:
    """What goes wrong with requests; each number is the share of them that meets it, and together they are at most 1.

    >>> RestFaults(hang=0.7, error=0.7)
    Traceback (most recent call last):
    ValueError: the shares of faults must be between 0 and 1, and so must their sum; got 1.4
    """

    hang: float = 0.0
    """Never answered, until the client goes."""
    error: float = 0.0
    """Answered with an internal error (500)."""
    limited: float = 0.0
    """Refused as one too many (429), with ``Retry-After: 1``."""
    wrong: float = 0.0
    """Answered with prices that are off by `wrong_bps`."""
    wrong_bps: float = 100.0

    def __post_init__(self) -> None:
        for name in ("hang", "error", "limited", "wrong", "wrong_bps"):
            check_number(name, getattr(self, name))
        shares = (self.hang, self.error, self.limited, self.wrong)
        if not all(0 <= share <= 1 for share in shares) or sum(shares) > 1:
            raise ValueError(
                f"the shares of faults must be between 0 and 1, and so must their sum; got {sum(shares):g}"
            )

    def draw(self, random: Random) -> RestFault | None:
        """What befalls the next request."""
        dice = random.random()
        faults: tuple[tuple[RestFault, float], ...] = (
            ("hang", self.hang),
            ("error", self.error),
            ("limited", self.limited),
            ("wrong", self.wrong),
        )
        for fault, share in faults:
            if dice < share:
                return fault
            dice -= share
        return None

"""Faults of a REST service, for a simulated one to commit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import Literal, TypeAlias

from ordinis_rx.checks import check_number, check_share

__all__ = ["RestFault", "RestFaults"]

RestFault: TypeAlias = Literal["hang", "error", "limited", "wrong"]
"""What may befall a request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestFaults:
    """What goes wrong with requests; each number is the share of them that meets it, and together they are at most 1.

    >>> RestFaults(hang=0.7, error=0.7)
    Traceback (most recent call last):
    ValueError: the shares of faults must together be at most 1, got 1.4
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
        for name in ("hang", "error", "limited", "wrong"):
            check_share(name, getattr(self, name))
        check_number("wrong_bps", self.wrong_bps)
        if not -10_000 < self.wrong_bps < math.inf:
            raise ValueError(f"wrong_bps must leave a price above 0, got {self.wrong_bps}")
        together = self.hang + self.error + self.limited + self.wrong
        if together > 1:
            raise ValueError(f"the shares of faults must together be at most 1, got {together:g}")

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

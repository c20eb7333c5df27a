"""How often a bar has been told: vendors repeat one, with other figures, when late trades come in."""

from __future__ import annotations

from ordinis_rx.timebase import Nanos

__all__ = ["Revisions"]


class Revisions:
    """Counts the tellings of each bar, from 0; remembers the newest *keep* bars of every symbol and interval.

    >>> told = Revisions()
    >>> [told.count("AAPL", 60, start) for start in (0, 60, 60, 0)]
    [0, 0, 1, 1]
    """

    __slots__ = ("_keep", "_told")

    def __init__(self, keep: int = 8) -> None:
        self._keep = keep
        self._told: dict[tuple[str, Nanos], dict[Nanos, int]] = {}

    def count(self, symbol: str, interval: Nanos, start: Nanos, first: int = 0) -> int:
        """The revision of the bar that is told now; *first* if it has not been told before, as far as we remember."""
        told = self._told.setdefault((symbol, interval), {})
        before = told.get(start)
        told[start] = revision = first if before is None else before + 1
        if len(told) > self._keep:
            del told[min(told)]
        return revision

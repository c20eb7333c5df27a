"""How often a bar has been told: vendors repeat one, with other figures, when late trades come in."""

from __future__ import annotations

from ordinis_rx.timebase import Nanos

__all__ = ["Revisions"]

_BACK = 1024
"""Of so many intervals up to the newest bar it is known which were told: 17 minutes of seconds, 17 hours of minutes.

FINRA leaves 15 minutes to report a trade, and so long Polygon takes trades into a bar that it has told.
"""

_ALL = (1 << _BACK) - 1

_REVISED = 16
"""So many of the bars that were told again are remembered, however old they are."""


class Revisions:
    """Counts the tellings of each bar, from 0, by its symbol, interval and start (ns).

    A bar older than all that is remembered was told before, as far as anybody knows: it is a revision, from 1 on. A stamp
    far ahead makes all that come after it older.

    >>> told = Revisions()
    >>> [told.count("AAPL", 60, start) for start in (0, 60, 60, 0)]
    [0, 0, 1, 1]
    """

    __slots__ = ("_bars",)

    def __init__(self) -> None:
        self._bars: dict[Nanos, dict[str, _Bars]] = {}

    def count(self, symbol: str, interval: Nanos, start: Nanos, first: int = 0) -> int:
        """The revision of the bar that is told now; *first* if it has not been told before."""
        number = start // interval
        symbols = self._bars.setdefault(interval, {})
        bars = symbols.get(symbol)
        if bars is None:
            bars = symbols[symbol] = _Bars(number)
        return bars.count(number, first)


class _Bars:
    """Those of one symbol and interval: of the last ones a bit each, whether it was told, and how often some were again."""

    # There is one for each symbol that a market has: it holds little until bars are told again.
    __slots__ = ("_again", "_newest", "_told")

    def __init__(self, number: int) -> None:
        self._newest, self._told = number, 0
        self._again: dict[int, int] | None = None

    def count(self, number: int, first: int) -> int:
        age = self._newest - number
        if age < 0:
            self._told = self._told << -age & _ALL if -age < _BACK else 0
            self._newest, age = number, 0
        bit = 1 << age if age < _BACK else 0
        if bit and not self._told & bit:
            self._told |= bit
            revision = first
        else:
            revision = 1 if self._again is None else self._again.pop(number, 0) + 1
        if revision:
            self._remember(number, revision)
        return revision

    def _remember(self, number: int, revision: int) -> None:
        if self._again is None:
            self._again = {}
        again = self._again
        again[number] = revision  # behind the others, which are forgotten before it
        while len(again) > _REVISED:
            longest_ago = next(iter(again))
            if len(again) <= _BACK and self._newest - longest_ago < _BACK:
                break
            del again[longest_ago]

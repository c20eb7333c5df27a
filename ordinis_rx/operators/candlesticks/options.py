"""What is asked of patterns, checked: which of them, and what must surround them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ordinis_rx.checks import (
    check_count,
    check_flag,
    check_not_negative,
    check_positive,
    check_several,
)
from ordinis_rx.operators.candlesticks.facts import PatternContext
from ordinis_rx.operators.candlesticks.names import (
    AS_TALIB,
    NATIVE_PATTERNS,
    NEEDS_GAP,
    PENETRATION,
    TALIB_PATTERNS,
    Pattern,
)

__all__ = ["Options", "chosen", "penetrations"]

_MOST_BARS = 10_000


class Options(NamedTuple):
    """How the context of patterns is worked out, and what of it is required."""

    gaps: bool
    trend: int
    volume: int
    volume_ratio: float
    requires: PatternContext

    @property
    def alpha(self) -> float:
        """The share of the way that a close draws the average towards itself: 2 / (n + 1)."""
        return 2.0 / (self.trend + 1)

    def checked(self) -> Options:
        """These options, or an error that names what is wrong."""
        for name, bars in (("trend", self.trend), ("volume", self.volume)):
            check_count(f"patterns: {name}", bars, "bars", most=_MOST_BARS)
        check_flag("patterns: gaps", self.gaps)
        check_positive("patterns: volume_ratio", self.volume_ratio)
        return self._replace(requires=PatternContext(self.requires))


def chosen(names: Iterable[str] | None, gaps: bool) -> tuple[Pattern, ...]:
    """The patterns that *names* ask for, in their fixed order; raises ValueError for one that there is not.

    Without names, those of TA-Lib; where there are no *gaps*, our own take the place of those that need one.

    >>> [str(each) for each in chosen(["hammer", "CDLDOJI"], True)]
    ['CDLDOJI', 'hammer']
    """
    if names is not None:
        check_several("patterns: names", names, "['hammer']")
    if names is None:
        twins = [twin for twin, of in AS_TALIB.items() if of in NEEDS_GAP]
        wanted = set(TALIB_PATTERNS) if gaps else {*TALIB_PATTERNS, *twins} - NEEDS_GAP
    else:
        asked = list(names)
        unknown = [name for name in asked if name not in set(Pattern)]
        if unknown:
            raise ValueError(
                f"patterns: there is no {unknown[0]!r}; TA-Lib has {TALIB_PATTERNS[0]} to {TALIB_PATTERNS[-1]}, "
                f"and our own are {' '.join(NATIVE_PATTERNS)}"
            )
        wanted = {Pattern(name) for name in asked}
        if not wanted:
            raise ValueError("patterns: names must be one pattern at least, got none")
        if not gaps and wanted & NEEDS_GAP:
            name = min(wanted & NEEDS_GAP)
            twin = " or ".join(twin for twin, of in AS_TALIB.items() if of is name)
            instead = f"; ask for {twin}" if twin else ""
            raise ValueError(f"patterns: {name} needs a gap between bars{instead}")
    return tuple(each for each in Pattern if each in wanted)


def penetrations(
    asked: float | Mapping[str, float] | None, wanted: Sequence[Pattern]
) -> dict[Pattern, float]:
    """How far the patterns that are *wanted* must reach into the first body, as far as that is *asked*.

    One number is for all that take one. Raises ValueError for a pattern that takes none, or is not wanted, and for a number
    that cannot be.

    >>> penetrations(0.4, [Pattern.CDLDOJI, Pattern.CDLMORNINGSTAR])
    {<Pattern.CDLMORNINGSTAR: 'CDLMORNINGSTAR'>: 0.4}
    """
    if asked is None:
        return {}
    takes = [each for each in wanted if each in PENETRATION]
    if not isinstance(asked, Mapping):
        asked = dict.fromkeys(takes, asked)
        if not takes:
            raise ValueError("patterns: none of those asked for takes a penetration")
    shares: dict[Pattern, float] = {}
    for name, share in asked.items():
        if name not in takes:
            listed = " ".join(takes) or "none"
            raise ValueError(
                f"patterns: penetration is for {listed} of those asked for, not for {name!r}"
            )
        check_not_negative("patterns: penetration as a share", share)
        shares[Pattern(name)] = float(share)
    return shares

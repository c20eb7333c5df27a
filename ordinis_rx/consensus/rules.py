"""Outlier rules, as values: which report is too far away from the others to be used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from ordinis_rx.checks import check_count, check_not_negative, check_positive

__all__ = [
    "LeaveOneOutZ",
    "MadOutlier",
    "NoOutliers",
    "OutlierRule",
    "RobustOutlier",
    "ZScoreOutlier",
    "check_rule",
]


@dataclass(frozen=True, slots=True)
class RobustOutlier:
    """Too far from the median of all, measured by how far reports of this symbol usually are.

    With x the distance from the median of all fresh reports, relative to it: a report is excluded when ``|x| > k * scale``
    in *confirm* rounds in a row, and used again when ``|x| < k / 2 * scale``; never more than a minority,
    ``(n - 1) // 2``. A round is one report that the panel took; what is none, as when time passes or somebody is lost,
    confirms and forgets nothing. ::

        scale^2 = max(floor, 1.4826 * MAD, s)^2 + v^2 * min(age, 30 s)
        floor   = max(floor_bps, tick_size, half the median spread)

    age is the report's, or that of the older of the two in the middle of all, where that is more. s is the usual distance
    from the median, over all providers of the symbol: an exponentially weighted mean square with *half_life* rounds, to
    which excluded reports add nothing and others 1.5 times what is usual at most, so that who drifts away slowly does not
    stretch it. v is the volatility of the median itself. A report that is out of line, but not yet for so many rounds, has
    no weight in a median. With two reports nobody is excluded, and with one nobody can be: the answer says so in its status;
    and two alone do not raise s, since nobody can tell which of them drifts.

    The hysteresis is that of CF Benchmarks' real-time indices; the floor that of Brownlees and Gallo (2006).
    """

    k: float = 4.0
    floor_bps: float = 1.0
    """Least scale, in basis points of the price. It matters more than *k*: choose it by the symbol's spread."""

    confirm: int | None = None
    """Rounds in a row; None: 2 where the method is MEDIAN, which one bad report hardly moves, and otherwise 1."""

    tick_size: float = 0.0
    """Smallest step of the price; 0 where it is not known."""

    half_life: float = 15.0
    """Rounds after which a distance counts half in the scale."""

    def __post_init__(self) -> None:
        check_positive("RobustOutlier: k", self.k)
        check_positive("RobustOutlier: half_life", self.half_life)
        check_not_negative("RobustOutlier: floor_bps", self.floor_bps)
        check_not_negative("RobustOutlier: tick_size", self.tick_size)
        if self.confirm is not None:
            check_count("RobustOutlier: confirm", self.confirm, "rounds")


@dataclass(frozen=True, slots=True)
class ZScoreOutlier:
    """Excluded is who is more than *threshold* sample standard deviations from the mean, both of all reports.

    It cannot fire with few reports, since no z is above ``(n - 1) / sqrt(n)``: 2.0 takes six. Here for those who must have
    the answers that they have always had. Where it would exclude all, all are used.
    """

    threshold: float = 2.0
    min_providers: int = 3

    def __post_init__(self) -> None:
        check_positive("ZScoreOutlier: threshold", self.threshold)
        check_count("ZScoreOutlier: min_providers", self.min_providers, "providers", least=2)

    def can_fire(self, providers: int) -> bool:
        """Whether any prices of so many providers could make one an outlier.

        >>> [n for n in range(2, 9) if ZScoreOutlier(2.0).can_fire(n)]
        [6, 7, 8]
        """
        return providers >= self.min_providers and self.threshold < (providers - 1) / providers**0.5


@dataclass(frozen=True, slots=True)
class LeaveOneOutZ:
    """Excluded is who is more than *threshold* standard deviations of the others from the mean of the others.

    The best at one offender among few; two on the same side hide each other. It takes three reports at least, the deviation
    counts as *floor_bps* basis points at least, the farthest go first, and never more than a minority.
    """

    threshold: float = 3.0
    floor_bps: float = 2.0

    def __post_init__(self) -> None:
        check_positive("LeaveOneOutZ: threshold", self.threshold)
        check_not_negative("LeaveOneOutZ: floor_bps", self.floor_bps)


@dataclass(frozen=True, slots=True)
class MadOutlier:
    """Excluded is who is more than *threshold* times ``max(floor_bps, 1.4826 * MAD)`` from the median of all.

    MAD is the median of the distances from the median; the floor, in basis points, keeps ties from making it nothing. It
    takes three reports at least, and never more than a minority is excluded.
    """

    threshold: float = 3.5
    floor_bps: float = 2.0

    def __post_init__(self) -> None:
        check_positive("MadOutlier: threshold", self.threshold)
        check_not_negative("MadOutlier: floor_bps", self.floor_bps)


@dataclass(frozen=True, slots=True)
class NoOutliers:
    """No report is too far from the others: all that are fresh are used, and no answer is disputed or split."""


OutlierRule: TypeAlias = RobustOutlier | ZScoreOutlier | LeaveOneOutZ | MadOutlier | NoOutliers
"""Any of the rules."""


def check_rule(what: str, rule: object) -> None:
    """Raise ValueError where *rule* is none of the rules."""
    if not isinstance(rule, OutlierRule):
        raise ValueError(f"{what} must be one of the rules, RobustOutlier() say, got {rule!r}")

"""Settings as the numbers that the arithmetic goes by."""

from __future__ import annotations

from typing import NamedTuple

from ordinis_rx.consensus.config import AggregationConfig
from ordinis_rx.consensus.methods import AggregationMethod
from ordinis_rx.consensus.rules import (
    LeaveOneOutZ,
    MadOutlier,
    NoOutliers,
    OutlierRule,
    RobustOutlier,
    ZScoreOutlier,
)
from ordinis_rx.kernels.abreast import WIDE
from ordinis_rx.kernels.outliers import LEAVE_ONE_OUT, MAD, NONE, ROBUST, Z_SCORE
from ordinis_rx.kernels.reports import (
    AHEAD,
    CROSSED,
    LATE,
    NOT_A_NUMBER,
    NOT_POSITIVE,
    ONE_SIDED,
    TOO_MANY,
)

__all__ = ["BPS", "METHODS", "REASONS", "VOLUMES", "RuleNumbers", "kernel_params", "rule_numbers"]

REASONS = {
    NOT_A_NUMBER: "not-a-number",
    NOT_POSITIVE: "not-positive",
    CROSSED: "crossed",
    ONE_SIDED: "one-sided",
    AHEAD: "ahead",
    LATE: "late",
    TOO_MANY: "too-many-providers",
}
"""What is wrong with a report, in a word."""

BPS = 1e-4
"""A basis point as a share."""

VOLUMES = ("max", "median", "sum")
METHODS = tuple(AggregationMethod)


class RuleNumbers(NamedTuple):
    """A rule as numbers."""

    rule: int
    k: float = 4.0
    floor: float = BPS
    tick: float = 0.0
    confirm: int = 1
    least: int = 3
    alpha: float = 1.0 - 0.5 ** (1.0 / 15.0)


def rule_numbers(rule: OutlierRule, confirm: int) -> RuleNumbers:
    """What *rule* comes to."""
    match rule:
        case RobustOutlier():
            alpha = 1.0 - 0.5 ** (1.0 / rule.half_life)
            floor = rule.floor_bps * BPS
            return RuleNumbers(ROBUST, rule.k, floor, rule.tick_size, confirm, alpha=alpha)
        case ZScoreOutlier():
            return RuleNumbers(Z_SCORE, rule.threshold, least=rule.min_providers)
        case LeaveOneOutZ():
            return RuleNumbers(LEAVE_ONE_OUT, rule.threshold, rule.floor_bps * BPS)
        case MadOutlier():
            return RuleNumbers(MAD, rule.threshold, rule.floor_bps * BPS)
        case NoOutliers():  # pragma: no branch - a rule is one of these five
            return RuleNumbers(NONE)


def kernel_params(
    config: AggregationConfig, *, metered: bool, abreast: int = WIDE
) -> tuple[float, ...]:
    """The parameters of the kernel that does it all, with so many answers *abreast*."""
    emit = config.emit
    return (
        *rule_numbers(config.outliers, config.confirm),
        METHODS.index(config.method),
        int(config.compat == "original"),
        config.trimmed_mean_pct,
        VOLUMES.index(config.volume),
        int(config.price == "microprice"),
        config.min_providers,
        int(config.confidence == "original"),
        config.tolerance_bps * BPS,
        emit if isinstance(emit, int) else {"change": 0, "every": -1}[emit],
        config.idle,
        config.time_window,
        int(config.reliability),
        int(metered),
        abreast,
    )

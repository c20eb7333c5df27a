"""How the prices that are left fold into one."""

from __future__ import annotations

import enum

__all__ = ["AggregationMethod"]


class AggregationMethod(enum.Enum):
    """How the reports that are used fold into one price; those excluded as outliers are not among them.

    MEDIAN, WEIGHTED_MEAN and TRIMMED_MEAN weigh each report: by its provider's weight, and less the older it is. To MEAN,
    MIN and MAX all reports are alike. `combine` has the formulas.
    """

    MEDIAN = "median"
    """The point with half of the weight on either side. Close to the border of two reports (within a quarter of the lighter
    one's weight) it is a blend of both, so that it moves without jumps as weights change."""

    MEAN = "mean"
    """The plain mean."""

    WEIGHTED_MEAN = "weighted_mean"
    """The mean by weight."""

    MIN = "min"
    """The lowest."""

    MAX = "max"
    """The highest."""

    TRIMMED_MEAN = "trimmed_mean"
    """The mean of what is left when a share of the weight is cut off at either end, exactly, in parts of reports where need
    be."""

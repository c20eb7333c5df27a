"""How the prices that are left fold into one."""

from __future__ import annotations

import enum

__all__ = ["AggregationMethod"]


class AggregationMethod(enum.Enum):
    """How the reports that are used fold into one price.

    All but MEAN, MIN and MAX weigh: by the provider's weight, and less the older a report is. MIN and MAX are taken after
    outliers are gone.
    """

    MEDIAN = "median"
    """The point with half of the weight on either side."""

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

"""Moments of a few numbers by exact arithmetic."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from fractions import Fraction


def exact(numbers: Sequence[float]) -> tuple[float, float]:
    """Their mean, and their deviation as that of a sample."""
    fractions = [Fraction(x) for x in numbers]
    deviation = math.sqrt(statistics.variance(fractions)) if len(numbers) > 1 else 0.0
    return float(statistics.mean(fractions)), deviation

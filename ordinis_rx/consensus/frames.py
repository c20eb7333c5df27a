"""The facts of a consensus by column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ordinis_rx.consensus.facts import AggregatedQuote, Panel, Reject, Report
from ordinis_rx.frames import Frame

__all__ = [
    "AggregatedQuoteFrame",
    "PanelFrame",
    "RejectFrame",
    "ReportFrame",
]


class ReportFrame(Frame, kind=Report):
    """Reports by column."""

    __slots__ = ()


class PanelFrame(Frame, kind=Panel):
    """Panels: their entries have no columns."""

    __slots__ = ()


class AggregatedQuoteFrame(Frame, kind=AggregatedQuote):
    """Answers by column; sets of providers are integers with a bit for each."""

    __slots__ = ()

    if TYPE_CHECKING:
        price: NDArray[np.float64]
        half_width: NDArray[np.float64]
        confidence: NDArray[np.float64]
        status: NDArray[np.int64]
        bid: NDArray[np.float64]
        ask: NDArray[np.float64]
        volume: NDArray[np.float64]
        crossed_share: NDArray[np.float64]
        provider_count: NDArray[np.int64]
        providers_used: NDArray[np.int64]
        outliers_excluded: NDArray[np.int64]
        stale: NDArray[np.int64]
        lost: NDArray[np.int64]
        age: NDArray[np.int64]


class RejectFrame(Frame, kind=Reject):
    """Rejects by column."""

    __slots__ = ()

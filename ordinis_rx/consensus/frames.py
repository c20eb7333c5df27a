"""The facts of a consensus by column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ordinis_rx.consensus.facts import AggregatedQuote, ConsensusStatus, Panel, Reject, Report
from ordinis_rx.consensus.methods import AggregationMethod
from ordinis_rx.frames import Frame

__all__ = ["AggregatedQuoteFrame", "PanelFrame", "RejectFrame", "ReportFrame"]

_METHODS = tuple(AggregationMethod)
_STATUSES = tuple(ConsensusStatus)


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

    def _explode(self) -> list[Any]:
        block = self.block
        if self.n != 1 or block is None or self._parent is not None:
            return super()._explode()
        # Live, every answer is told for itself: straight from the block, it takes a third of the time.
        (
            symbol, ts_event, ts_recv, provider, seq, method, price, half_width, confidence, status, bid, ask, volume,
            crossed_share, provider_count, used, excluded, stale, lost, age,
        ) = block.views  # fmt: skip
        providers = self.names.providers.words
        named = providers.named
        answer = AggregatedQuote(
            symbol=self.names.symbols.words[symbol[0]],
            ts_event=ts_event[0],
            ts_recv=ts_recv[0],
            provider=providers[provider[0]],
            seq=seq[0],
            method=_METHODS[method[0]],
            price=price[0],
            half_width=half_width[0],
            confidence=confidence[0],
            status=_STATUSES[status[0]],
            bid=bid[0],
            ask=ask[0],
            volume=volume[0],
            crossed_share=crossed_share[0],
            provider_count=provider_count[0],
            providers_used=named(used[0]),
            outliers_excluded=named(excluded[0]),
            stale=named(stale[0]),
            lost=named(lost[0]),
            age=age[0],
        )
        return [answer]


class RejectFrame(Frame, kind=Reject):
    """Rejects by column."""

    __slots__ = ()

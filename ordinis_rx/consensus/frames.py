"""The facts of a consensus by column."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import repeat, starmap
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from ordinis_rx.columns import Block, Names
from ordinis_rx.consensus.facts import AggregatedQuote, ConsensusStatus, Panel, Reject, Report
from ordinis_rx.consensus.methods import AggregationMethod
from ordinis_rx.frames import Frame

__all__ = [
    "AggregatedQuoteFrame",
    "PanelFrame",
    "RejectFrame",
    "ReportFrame",
    "answers",
    "first_answers",
]

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
        if block is None or self.parent is not None:
            return super()._explode()
        if self.n == 1:
            return [first_answers(block, self.names)()]
        columns: list[list[Any]] = [column[: self.n].tolist() for column in block.columns]
        return list(answers(zip(*columns, strict=True), self.names))


def answers(rows: Iterable[Any], names: Names) -> Iterator[AggregatedQuote]:
    """The facts that rows of a block of answers stand for."""
    symbols, providers = names.symbols.words, names.providers.words
    sets = providers.sets
    symbol: int
    provider: int
    method: int
    status: int
    for (
        symbol, ts_event, ts_recv, provider, seq, method, price, half_width, confidence, status, bid, ask, volume,
        crossed_share, provider_count, used, excluded, stale, lost, age,
    ) in rows:  # fmt: skip
        # At most MOST_KEYWORDS in a call. What is left out is the default, most of the time.
        answer = AggregatedQuote(
            symbol=symbols[symbol],
            ts_event=ts_event,
            ts_recv=ts_recv,
            provider=providers[provider],
            seq=seq,
            price=price,
            half_width=half_width,
            confidence=confidence,
            status=_STATUSES[status],
            bid=bid,
            ask=ask,
            volume=volume,
            provider_count=provider_count,
            providers_used=sets[used],
            age=age,
        )
        if excluded or stale or lost or crossed_share or method:
            answer = msgspec.structs.replace(
                answer,
                method=_METHODS[method],
                crossed_share=crossed_share,
                outliers_excluded=sets[excluded],
                stale=sets[stale],
                lost=sets[lost],
            )
        yield answer


def first_answers(block: Block, names: Names) -> Callable[[], AggregatedQuote]:
    """What gives the first row of a block of answers, as it is each time: live, every one is told for itself."""
    return answers(starmap(block.first, repeat(())), names).__next__


class RejectFrame(Frame, kind=Reject):
    """Rejects by column."""

    __slots__ = ()

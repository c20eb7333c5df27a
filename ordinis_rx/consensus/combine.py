"""The fourth step of a consensus: one price out of the reports that are left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec.structs import replace

from ordinis_rx.batches import Item, item_of
from ordinis_rx.consensus.config import AggregationConfig, ProviderWeight
from ordinis_rx.consensus.facts import ConsensusStatus, Panel
from ordinis_rx.consensus.methods import AggregationMethod
from ordinis_rx.consensus.numbers import METHODS, VOLUMES
from ordinis_rx.kernels.certainty import (
    apart_from,
    known_spread,
    mean_age,
    squared_shares,
    standard_error,
    status_of,
    wandered,
)
from ordinis_rx.kernels.folding import (
    ANSWER,
    ASK_OUT,
    BID_OUT,
    MIDDLE_OUT,
    OFF_OUT,
    PRICE_OUT,
    crossed_share,
    fold_book,
    fold_price,
    fold_volume,
)
from ordinis_rx.kernels.outliers import DISPUTED, SPLIT, kept_of
from ordinis_rx.kernels.robust import arrange
from ordinis_rx.lifting import each_item
from ordinis_rx.typing import Operator

__all__ = ["Combining", "combine", "kept_entries"]

_STATUSES = tuple(ConsensusStatus)


def combine(
    method: AggregationMethod = AggregationMethod.MEDIAN,
    weights: Sequence[ProviderWeight] = (),
    *,
    min_providers: int = 1,
    trimmed_mean_pct: float = 0.1,
    volume: Literal["max", "median", "sum"] = "max",
    compat: Literal["original"] | None = None,
) -> Operator[Panel, Panel]:
    """Fold the entries that are not excluded into one price, one book and one volume; and say how far that may be trusted.

    An entry weighs its provider's weight / (1 + v^2 * age / s^2), with v the volatility and s the scale of the panel: the
    uncertainty of a price that has wandered since. The standard error of the price rests on

    ``sigma^2 = (4 * history + (m - 1) * s_x^2) / (m + 3)``

    of *m* entries, with s_x their mean distance from the median (corrected for *m*): what is usual counts like four reports.
    """
    config = AggregationConfig(
        method=method,
        weights=tuple(weights),
        min_providers=min_providers,
        trimmed_mean_pct=trimmed_mean_pct,
        volume=volume,
        compat=compat,
    )
    combining = Combining(config)

    def step(item: Item) -> Item:
        return item_of([combining.combined(panel) for panel in item.facts], item.names)

    return each_item(lambda: step)


def kept_entries(panel: Panel) -> tuple[list[int], list[float], int]:
    """The numbers of the entries that are used, from the lowest price to the highest, their prices, and how many."""
    entries = panel.entries
    n = len(entries)
    order, kept, level = [0] * n, [0] * n, [0.0] * n
    arrange([entry.price for entry in entries], n, order, level)
    return kept, level, kept_of(order, level, [entry.excluded for entry in entries], n, kept)


class Combining:
    """A method at work. It remembers nothing."""

    __slots__ = ("_config", "_method", "_volume", "_weights")

    def __init__(self, config: AggregationConfig) -> None:
        self._config = config
        self._method = METHODS.index(config.method)
        self._volume = VOLUMES.index(config.volume)
        self._weights = {each.provider_name: each.weight for each in config.weights}

    def combined(self, panel: Panel) -> Panel:
        """*panel* with its price."""
        config, entries = self._config, panel.entries
        kept, level, m = kept_entries(panel)
        known = len(entries) + len(panel.stale) + len(panel.lost)
        flags = panel.disputed * DISPUTED | panel.split * SPLIT
        status = _STATUSES[status_of(m, known, config.min_providers, flags)]
        if status in (ConsensusStatus.NO_QUORUM, ConsensusStatus.NO_CONSENSUS):
            return replace(panel, method=config.method, status=status)
        n = len(entries)
        ages = [entry.age for entry in entries]
        bid, ask = [entry.bid for entry in entries], [entry.ask for entry in entries]
        weight = [self._weights.get(e.provider, 1.0) * e.weight for e in entries]
        answer, load = [0.0] * ANSWER, [0.0] * n
        fold_price(
            self._method, int(config.compat == "original"), config.trimmed_mean_pct, panel.scale, panel.volatility2, kept,
            level, m, ages, weight, load, answer,
        )  # fmt: skip
        bids, asks = [0.0] * n, [0.0] * n
        books = fold_book(kept, m, bid, ask, bids, asks, answer)
        middle = answer[MIDDLE_OUT]
        error = standard_error(
            self._method, known_spread(panel.scale, panel.scale2), wandered(panel.volatility2, mean_age(kept, m, ages)), m,
            answer[PRICE_OUT], middle, apart_from(middle, level, m), squared_shares(load, m),
        )  # fmt: skip
        return replace(
            panel,
            method=config.method,
            status=status,
            price=answer[PRICE_OUT],
            error=error,
            off_centre=answer[OFF_OUT],
            bid=answer[BID_OUT],
            ask=answer[ASK_OUT],
            volume=fold_volume(
                self._volume, kept, m, [entry.volume for entry in entries], [0.0] * n
            ),
            crossed_share=crossed_share(bids, asks, books),
        )

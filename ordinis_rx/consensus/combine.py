"""The fourth step of a consensus: one price out of the reports that are left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec.structs import replace

from ordinis_rx.checks import check_several
from ordinis_rx.consensus.config import AggregationConfig, ProviderWeight
from ordinis_rx.consensus.facts import ConsensusStatus, Panel
from ordinis_rx.consensus.methods import AggregationMethod
from ordinis_rx.consensus.numbers import METHODS, VOLUMES
from ordinis_rx.consensus.scratch import scratch
from ordinis_rx.kernels.abreast import (
    AGES,
    ASK_SIDE,
    ASKS,
    BID_SIDE,
    BIDS,
    CROSSED_PART,
    ERROR,
    HISTORY,
    LEVELS,
    LOADS,
    MEMBERS,
    OFF,
    PRICE,
    SLOTS,
    SWING2,
    USUAL,
    WIDE,
)
from ordinis_rx.kernels.certainty import find_errors, known_spread, status_of
from ordinis_rx.kernels.folding import fold_answers, fold_volume
from ordinis_rx.kernels.outliers import DISPUTED, SPLIT, kept_of
from ordinis_rx.kernels.robust import arrange
from ordinis_rx.stepping import Telling, telling
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
    check_several("combine: weights", weights, '(ProviderWeight("polygon", 2.0),)')
    config = AggregationConfig(
        method=method,
        weights=tuple(weights),
        min_providers=min_providers,
        trimmed_mean_pct=trimmed_mean_pct,
        volume=volume,
        compat=compat,
    )

    def make() -> Telling:
        combining = Combining(config)
        return lambda item: map(combining.combined, item.facts)

    return telling(make)


def kept_entries(panel: Panel) -> tuple[list[int], list[float], int]:
    """The numbers of the entries that are used, from the lowest price to the highest, their prices, and how many."""
    entries = panel.entries
    n = len(entries)
    if n > SLOTS:
        raise ValueError(
            f"a panel of {panel.symbol} has {n} entries; {SLOTS} can be folded into a price"
        )
    order, kept, level = [0] * n, [0] * n, [0.0] * n
    arrange([entry.price for entry in entries], n, order, level)
    return kept, level, kept_of(order, level, [entry.excluded for entry in entries], n, kept)


class Combining:
    """One subscriber's method at work. It remembers nothing: its columns are there so as not to be made again."""

    __slots__ = ("_config", "_method", "_more", "_some", "_volume", "_weights")

    def __init__(self, config: AggregationConfig) -> None:
        self._config = config
        self._method = METHODS.index(config.method)
        self._volume = VOLUMES.index(config.volume)
        self._weights = {each.provider_name: each.weight for each in config.weights}
        self._some, self._more = [0.0] * SLOTS, [0.0] * SLOTS

    def combined(self, panel: Panel) -> Panel:
        """*panel* with its price."""
        config, entries = self._config, panel.entries
        kept, _, m = kept_entries(panel)
        known = len(entries) + len(panel.stale) + len(panel.lost)
        flags = panel.disputed * DISPUTED | panel.split * SPLIT
        status = _STATUSES[status_of(m, known, config.min_providers, flags)]
        if status in (ConsensusStatus.NO_QUORUM, ConsensusStatus.NO_CONSENSUS):
            return replace(panel, method=config.method, status=status)
        lane, number = scratch.lane, scratch.number
        for j, number_of in enumerate(sorted(kept[:m])):
            entry, at = entries[number_of], j * WIDE
            lane[LEVELS + at], lane[AGES + at] = entry.price, float(entry.age)
            lane[LOADS + at] = self._weights.get(entry.provider, 1.0) * entry.weight
            lane[BIDS + at], lane[ASKS + at] = entry.bid, entry.ask
        lane[USUAL], lane[SWING2] = panel.scale, panel.volatility2
        lane[HISTORY] = known_spread(panel.scale, panel.scale2)
        number[MEMBERS] = m
        fold_answers(
            1, m, lane, number, self._method, int(config.compat == "original"), config.trimmed_mean_pct, self._some,
            self._more,
        )  # fmt: skip
        find_errors(1, lane, number, self._method)
        n = len(entries)
        return replace(
            panel,
            method=config.method,
            status=status,
            price=lane[PRICE],
            error=lane[ERROR],
            off_centre=lane[OFF],
            bid=lane[BID_SIDE],
            ask=lane[ASK_SIDE],
            volume=fold_volume(
                self._volume, kept, m, [entry.volume for entry in entries], [0.0] * n
            ),
            crossed_share=lane[CROSSED_PART],
        )

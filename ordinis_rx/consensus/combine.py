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
from ordinis_rx.hearing import hears
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
    """Fold the entries that are not excluded into one price, one book and one volume, with a status and a standard error.

    One panel out for each in, at once. It has no price (NaN) where fewer than *min_providers* entries are left (NO_QUORUM),
    or where these are two camps (NO_CONSENSUS). What an entry weighs, and the standard error of the price::

        weight  = w / (1 + v^2 * age / s^2)
        error   = price * sqrt(c * q * sigma^2 + v^2 * mean age)
        sigma^2 = (4 * h^2 + (m - 1) * d^2) / (m + 3)

    - w is the provider's weight, of *weights* (1 without), times that of the entry;
    - v is how far the median moves in a second, and s how far reports usually are from it, both as shares of the price
      (`Panel.volatility2` is v^2, `Panel.scale` is s); ages are seconds before the panel's clock: an old price may have
      moved;
    - m is how many entries are used, d their mean distance from the median as the standard deviation that it stands for, and
      h what is usual (s without its floor, where that is known): it counts like four reports;
    - q is the sum of the squares of the entries' shares of all weight (1 / m for MEAN), c what a median costs over a mean (1
      for MEAN and WEIGHTED_MEAN).

    *method*, *trimmed_mean_pct*, *volume* and *compat* are explained at `AggregationConfig`. `ProviderWeight.enabled` says
    nothing here: name those not to be heard in ``validate(ignore=...)``.

    Raises TypeError for what is not of its kind, ValueError for what is out of range; a panel of more than 62 entries ends
    the stream with ValueError.

    >>> from ordinis_rx.consensus.facts import Entry
    >>> from ordinis_rx.testing import through
    >>> entries = (Entry("a", 100.0), Entry("b", 102.0), Entry("c", 150.0, excluded=True))
    >>> (told,) = through(combine(), [Panel(symbol="A", ts_event=0, entries=entries)])
    >>> told.price, told.status.name
    (101.0, 'DEGRADED')
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

    return hears(telling(make), Panel, tells=Panel)


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

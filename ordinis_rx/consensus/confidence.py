"""The last step of a consensus: the interval that the price is in, and how likely it is right."""

from __future__ import annotations

import math
from typing import Literal

from ordinis_rx.checks import check_choice, check_positive
from ordinis_rx.consensus.combine import kept_entries
from ordinis_rx.consensus.facts import AggregatedQuote, ConsensusStatus, Panel
from ordinis_rx.consensus.numbers import BPS
from ordinis_rx.consensus.scratch import scratch
from ordinis_rx.hearing import hears
from ordinis_rx.kernels.abreast import (
    AGES,
    ERROR,
    HALF,
    HIGHEST,
    MEMBERS,
    OFF,
    PRICE,
    RANKED,
    STATUS,
    TRUST,
    WIDE,
)
from ordinis_rx.kernels.certainty import find_intervals, original_score, trust_answers
from ordinis_rx.kernels.middles import mean_age
from ordinis_rx.stepping import Telling, telling
from ordinis_rx.typing import Operator

__all__ = ["Scoring", "score"]

_STATUSES = tuple(ConsensusStatus)


def score(
    tolerance_bps: float = 2.0, *, confidence: Literal["calibrated", "original"] = "calibrated"
) -> Operator[Panel, AggregatedQuote]:
    """Each panel as an `AggregatedQuote`, one for one: with the half-width of the 95 % interval and a confidence of 0 to 1.

    A panel without a price is an answer with a price and a half-width of NaN, a confidence of 0 and no providers used; its
    status says why. A price whose error is unknown (NaN) has a half-width of NaN and a calibrated confidence of 0, too. With
    *m* reports used and the standard error *e* of the price (`Panel.error`)::

        half_width = t(0.975; m + 3) * e                                 in the unit of the price
        calibrated = 2 * T(tolerance / e; m + 3) - 1
        original   = 0.3 * min(m / 5, 1) + 0.4 * max(0, 1 - 10 * d) + 0.3 * success - 0.1 * outliers

    t and T are quantile and distribution of Student's t: the calibrated confidence is the probability that the price is
    within *tolerance_bps* basis points of the true one. By MIN and MAX the interval is wider, and the tolerance less, by how
    far they are from the middle; the interval of a disputed price reaches to every report used. In the original confidence,
    cut to 0 ... 1, d is the largest deviation from the mean, as a share of it (of one report, the second part is 0.2),
    success the mean share of reports fit to be used, and outliers how many entries are excluded.

    That the reports agree says nothing of an error that is common to all of them. Raises TypeError where *tolerance_bps* is
    no number, ValueError where it is not above 0 and finite, and for another *confidence*.

    >>> from ordinis_rx.consensus import combine, panel, validate
    >>> from ordinis_rx.testing import a_quote, through
    >>> told = [a_quote(99, 101, provider="a"), a_quote(99, 101, provider="b")]
    >>> steps = lambda events: events.pipe(validate(), panel(), combine(min_providers=2), score())
    >>> [(answer.price, answer.status.name, answer.providers_used) for answer in through(steps, told)]
    [(nan, 'NO_QUORUM', ()), (100.0, 'OK', ('a', 'b'))]
    """
    check_positive("score: tolerance_bps", tolerance_bps)
    check_choice("score: confidence", confidence, ("calibrated", "original"))

    def make() -> Telling:
        scoring = Scoring(tolerance_bps * BPS, original=confidence == "original")
        return lambda item: map(scoring.scored, item.facts)

    return hears(telling(make), Panel, tells=AggregatedQuote)


class Scoring:
    """A way to score. It remembers nothing."""

    __slots__ = ("_original", "_tolerance")

    def __init__(self, tolerance: float, *, original: bool) -> None:
        self._tolerance = tolerance
        self._original = original

    def scored(self, panel: Panel) -> AggregatedQuote:
        """The answer that *panel* comes to."""
        entries = panel.entries
        by_price, level, m = kept_entries(panel)
        kept = sorted(by_price[:m])
        half, trust, age = math.nan, 0.0, 0
        used: tuple[str, ...] = ()
        if panel.price == panel.price:
            used = tuple(sorted(entry.provider for entry in entries if not entry.excluded))
            lane, number = scratch.lane, scratch.number
            lane[PRICE], lane[ERROR], lane[OFF] = panel.price, panel.error, panel.off_centre
            lane[RANKED], lane[HIGHEST] = level[0], level[m - 1]
            number[MEMBERS], number[STATUS] = m, _STATUSES.index(panel.status)
            find_intervals(1, lane, number)
            half, trust = lane[HALF], self._trust(panel, kept, level, m)
            for j, number_of in enumerate(kept):
                lane[AGES + j * WIDE] = float(entries[number_of].age)
            age = int(mean_age(lane, number))
        return AggregatedQuote(
            symbol=panel.symbol,
            ts_event=panel.ts_event,
            ts_recv=panel.ts_recv,
            provider=panel.provider,
            seq=panel.seq,
            method=panel.method,
            price=panel.price,
            half_width=half,
            confidence=trust,
            status=panel.status,
            bid=panel.bid,
            ask=panel.ask,
            volume=panel.volume,
            crossed_share=panel.crossed_share,
            provider_count=len(used),
            providers_used=used,
            outliers_excluded=tuple(sorted(e.provider for e in entries if e.excluded)),
            stale=panel.stale,
            lost=panel.lost,
            age=age,
        )

    def _trust(self, panel: Panel, kept: list[int], level: list[float], m: int) -> float:
        if not self._original:
            trust_answers(1, m, scratch.lane, scratch.number, self._tolerance)
            return scratch.lane[TRUST]
        success = [entry.success for entry in panel.entries]
        return original_score(kept, level, m, success, len(success) - m)

"""How good a consensus is: the same stories told to each, and what it made of them beside the truth.

Every story goes on for 80 rounds; what goes wrong goes wrong in round 40. One provider off by 50, 100 or 500 basis points;
one that drifts away by half a point a round; two that are off alike; and a true jump that no provider should be blamed for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ordinis_rx.consensus import AggregatedQuote, ConsensusStatus
from ordinis_rx.events import Event
from ordinis_rx.stream import from_events
from ordinis_rx.testing.reports import Reports, reports
from ordinis_rx.typing import Operator

__all__ = ["Scores", "score_consensus"]

ROUNDS, BEGINS = 80, 40
SETTLED = BEGINS + 3
AFTER_A_JUMP = slice(BEGINS, BEGINS + 10)
OFFSETS_BPS = (50, 100, 500)
CLEAN, OFF_BY_50, TWO_OFF, DRIFTING, JUMPING = 0, 1, 4, 5, 6
STORIES = 7


@dataclass(frozen=True, slots=True)
class Scores:
    """What `score_consensus` found. Shares are of 1, errors in basis points of the true price."""

    providers: int
    false_positives: float
    """Of the clean answers, those that exclude anybody."""
    published: float
    """Of the clean answers, those with a price."""
    detected: dict[int, float]
    """Of the offenders off by so many basis points, those excluded by the second round."""
    collateral: float
    """Of the answers about one offender, those that exclude somebody else."""
    both_found: float
    """Of the answers about two offenders, those that exclude just these two."""
    no_consensus: float
    """Of the answers about two offenders, those that say that there is no consensus."""
    drift_found: float
    """Of the providers that drift, those excluded within 25 rounds."""
    drift_rounds: float
    """After how many rounds half of the drifting providers were excluded; more than there were: never."""
    after_jump: float
    """Of the answers in the ten rounds after a true jump, those that exclude anybody."""
    coverage: float
    """Of the clean answers, those whose interval holds the true price."""
    coverage_with_offender: float
    half_width_bps: float
    """Mean half-width of the clean intervals."""
    rmse_bps: float
    rmse_with_offender_bps: float
    """With one of the providers off by 50 basis points, once that has settled."""


def score_consensus(
    make: Callable[[], Operator[Event, AggregatedQuote]],
    providers: int,
    *,
    together: bool = False,
    symbols: int = 40,
    seed: int = 1,
) -> Scores:
    """How well a consensus does: tell ``make()`` each of seven stories of *symbols* symbols, whose true price is known.

    In a story nothing goes wrong, or one provider of *providers* is off or drifts away, two are off alike, or the true price
    jumps; *seed* draws them. A round is one report of one provider or, *together*, the reports of all at one moment, judged
    by the last answer to them. The operator must answer every report, with a price or with none (``emit="every"``): else
    ValueError.

    >>> from ordinis_rx.consensus import AggregationConfig, consensus
    >>> config = AggregationConfig(emit="every")
    >>> scores = score_consensus(lambda: consensus(config), 3, symbols=5)
    >>> scores.detected[50], scores.rmse_with_offender_bps < 1.0
    (1.0, True)
    """
    story = _stories(providers, symbols, seed)
    told = _Answers(story, together)
    from_events(story.quotes(together=together)).pipe(make()).subscribe(told.add)
    told.check()

    def of(number: int) -> slice:
        return slice(number * symbols, (number + 1) * symbols)

    error_bps = (told.price / story.truth[:, None, :] - 1) * 1e4
    inside = np.abs(told.price - story.truth[:, None, :]) <= told.half_width
    priced = np.isfinite(told.price)
    clean = np.s_[BEGINS:, :, of(CLEAN)]
    settled = np.s_[SETTLED:, :, of(OFF_BY_50)]
    two = np.s_[SETTLED:, :, of(TWO_OFF)]
    jumped = np.s_[AFTER_A_JUMP, :, of(JUMPING)]
    half_width_bps = told.half_width / story.truth[:, None, :] * 1e4

    drifting = (told.excluded[BEGINS:, :, of(DRIFTING)] & 1).any(axis=1)
    first = np.where(drifting.any(axis=0), drifting.argmax(axis=0) + 1, ROUNDS)
    second = told.second_round(BEGINS, 0)
    return Scores(
        providers=providers,
        false_positives=_share(told.excluded[clean] != 0),
        published=_share(priced[clean]),
        detected={bps: _share(second[of(OFF_BY_50 + j)] & 1) for j, bps in enumerate(OFFSETS_BPS)},
        collateral=_share((told.excluded[settled] & ~1) != 0),
        both_found=_share(told.excluded[two] == 0b11),
        no_consensus=_share(told.no_consensus[two]),
        drift_found=_share(first <= 25),
        drift_rounds=float(np.median(first)),
        after_jump=_share(told.excluded[jumped] != 0),
        coverage=_share(inside[clean][priced[clean]]),
        coverage_with_offender=_share(inside[settled][priced[settled]]),
        half_width_bps=float(np.nanmean(half_width_bps[clean])),
        rmse_bps=_rms(error_bps[clean]),
        rmse_with_offender_bps=_rms(error_bps[settled]),
    )


def _stories(providers: int, symbols: int, seed: int) -> Reports:
    error = np.zeros((ROUNDS, STORIES, providers))
    jump = np.zeros((ROUNDS, STORIES))
    for j, bps in enumerate(OFFSETS_BPS):
        error[BEGINS:, OFF_BY_50 + j, 0] = bps
    error[BEGINS:, TWO_OFF, :2] = 50.0
    error[BEGINS:, DRIFTING, 0] = 0.5 * np.arange(1, ROUNDS - BEGINS + 1)
    jump[BEGINS, JUMPING] = 50.0
    return reports(
        ROUNDS,
        STORIES * symbols,
        providers,
        seed=seed,
        error_bps=np.repeat(error, symbols, axis=1),
        jump_bps=np.repeat(jump, symbols, axis=1),
    )


class _Answers:
    """The answers by round, step of the round, and symbol."""

    def __init__(self, story: Reports, together: bool) -> None:
        self._turn = story.turn
        steps = 1 if together else len(story.providers)
        shape = (story.rounds, steps, len(story.symbols))
        self.price = np.full(shape, np.nan)
        self.half_width = np.full(shape, np.nan)
        self.excluded = np.full(shape, -1, np.int64)
        self.no_consensus = np.zeros(shape, np.bool_)
        self._column = {name: j for j, name in enumerate(story.symbols)}
        self._bit = {name: 1 << j for j, name in enumerate(story.providers)}
        self._row = {
            story.moment(round_, step, together=together): (round_, step)
            for round_ in range(story.rounds)
            for step in range(steps)
        }

    def add(self, answer: AggregatedQuote) -> None:
        """Take an answer; of several to the same moment, the last one."""
        at = (*self._row[answer.ts_event], self._column[answer.symbol])
        self.price[at] = answer.price
        self.half_width[at] = answer.half_width
        self.excluded[at] = sum(self._bit[name] for name in answer.outliers_excluded)
        self.no_consensus[at] = answer.status is ConsensusStatus.NO_CONSENSUS

    def check(self) -> None:
        """Raise ValueError where a report went without an answer."""
        missing = int((self.excluded < 0).sum())
        if missing:
            raise ValueError(f"every report must be answered, {missing} were not")

    def second_round(self, begins: int, offender: int) -> NDArray[np.int64]:
        """Who was excluded, symbol by symbol, in the second round since *offender* first was wrong."""
        steps = self.excluded.shape[1]
        wrong = 0 if steps == 1 else int(np.flatnonzero(self._turn[begins] == offender)[0])
        round_, step = divmod(begins * steps + wrong + 1, steps)
        found: NDArray[np.int64] = self.excluded[round_, step]
        return found


def _share(which: NDArray[Any]) -> float:
    return float(np.mean(which))


def _rms(errors: NDArray[np.float64]) -> float:
    return float(np.sqrt(np.nanmean(errors * errors)))

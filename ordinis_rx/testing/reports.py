"""What several providers report of the same prices, with faults as asked for, and the truth behind it.

A round is one report from every provider. Symbols are independent repetitions of the same story: as many as it takes to
tell a share from luck.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ordinis_rx.checks import check_count
from ordinis_rx.events import Quote
from ordinis_rx.timebase import SECOND, Nanos

__all__ = ["Reports", "reports"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reports:
    """The prices that were reported, and the true ones; made by `reports`."""

    truth: Floats
    """True prices: rounds x symbols."""
    price: Floats
    """Reported prices: rounds x symbols x providers."""
    turn: NDArray[np.int64]
    """Who comes first in a round: rounds x providers."""
    half_spread: float
    """Half the distance from bid to ask, as a share of the price."""
    start: Nanos
    interval: Nanos
    """From one round to the next."""

    @property
    def rounds(self) -> int:
        """How many rounds there are."""
        return len(self.price)

    @property
    def symbols(self) -> tuple[str, ...]:
        """The names of the symbols: ``S0``, ``S1``, ..."""
        return tuple(f"S{j}" for j in range(self.price.shape[1]))

    @property
    def providers(self) -> tuple[str, ...]:
        """The names of the providers: ``p0``, ``p1``, ..."""
        return tuple(f"p{j}" for j in range(self.price.shape[2]))

    def moment(self, round_: int, step: int, *, together: bool = False) -> Nanos:
        """When the report number *step* of a round is made: evenly spread over the interval, or all at once."""
        spread = 0 if together else step * self.interval // len(self.providers)
        return self.start + round_ * self.interval + spread

    def quotes(self, *, together: bool = False) -> list[Quote]:
        """The reports as quotes around the reported prices, in the order in which they arrive.

        *together*: the reports of a round share one `ts_event`. Otherwise each has a moment of its own.
        """
        bids = (self.price * (1 - self.half_spread)).tolist()
        asks = (self.price * (1 + self.half_spread)).tolist()
        told: list[Quote] = []
        for round_, turn in enumerate(self.turn.tolist()):
            for step, j in enumerate(turn):
                at = self.moment(round_, step, together=together)
                told += [
                    Quote(symbol=name, ts_event=at, provider=f"p{j}", bid=bid[j], ask=ask[j])
                    for name, bid, ask in zip(self.symbols, bids[round_], asks[round_], strict=True)
                ]
        return told


def reports(
    rounds: int,
    symbols: int,
    providers: int,
    *,
    seed: int,
    noise_bps: float = 1.0,
    volatility_bps: float = 0.2,
    spread_bps: float = 1.0,
    error_bps: Any = 0.0,
    jump_bps: Any = 0.0,
    interval: Nanos = SECOND,
    start: Nanos = SECOND,
) -> Reports:
    """Seeded reports: each provider tells the truth, give or take normal noise of *noise_bps* basis points.

    The true prices start at 100 and walk *volatility_bps* a round; *jump_bps* (rounds x symbols, or what broadcasts to it)
    moves them on top. *error_bps* (rounds x symbols x providers) is what the providers are off by.

    >>> story = reports(rounds=2, symbols=1, providers=3, seed=1, noise_bps=0.0, error_bps=[0.0, 0.0, 50.0])
    >>> (story.price / story.truth[:, :, None]).round(4)[0, 0].tolist()
    [1.0, 1.0, 1.005]
    >>> [quote.provider for quote in story.quotes()] == [f"p{j}" for turn in story.turn for j in turn]
    True
    """
    for name, count in (("rounds", rounds), ("symbols", symbols), ("providers", providers)):
        check_count(f"reports: {name}", count, name)
    chance = np.random.default_rng(seed)
    steps = chance.normal(0.0, volatility_bps, (rounds, symbols)) + jump_bps
    truth = 100.0 * np.exp(np.cumsum(steps, axis=0) * 1e-4)
    off = chance.normal(0.0, noise_bps, (rounds, symbols, providers)) + error_bps
    turn = np.array([chance.permutation(providers) for _ in range(rounds)])
    return Reports(
        truth=truth,
        price=truth[:, :, None] * (1.0 + off * 1e-4),
        turn=turn,
        half_spread=spread_bps / 2 * 1e-4,
        start=start,
        interval=interval,
    )

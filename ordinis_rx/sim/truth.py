"""The hidden true price: a random walk per symbol whose volatility comes in clusters.

It lives on a fixed grid of time and grows as far as it is asked. A symbol's path depends on the seed and its own name only:
neither other symbols, nor the rate of events, nor the order of questions change it.
"""

from __future__ import annotations

import math
import threading
import zlib
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from ordinis_rx.timebase import MILLI, SECOND, Nanos

__all__ = ["Floats", "Ints", "Truth"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

STEP: Nanos = 100 * MILLI
BLOCK = 1024

TRADING_SECONDS_A_YEAR = 252 * 6.5 * 3600
CLUSTER_HALF_LIFE: Nanos = 30 * SECOND
CLUSTER_SPREAD = 0.5
"""Standard deviation of log volatility: most of the time between 0.6 and 1.6 times its usual level."""

KEEP = math.exp(-math.log(2) * STEP / CLUSTER_HALF_LIFE)
SHOCK = CLUSTER_SPREAD * math.sqrt(1 - KEEP * KEEP)


class Truth:
    """True prices of *symbols* from *start* on.

    *volatility* is that of a year of trading hours (0.3 = 30 %) at its usual level: as it comes in clusters, that of a long
    time is exp(CLUSTER_SPREAD^2) = 1.28 times as high. *prices* fixes where symbols begin, others are drawn.

    >>> truth = Truth(["AAPL"], seed=1, start=0, prices={"AAPL": 185.0})
    >>> truth.price("AAPL", 0)
    185.0
    """

    def __init__(
        self,
        symbols: Sequence[str],
        *,
        seed: int,
        start: Nanos,
        prices: Mapping[str, float] | None = None,
        volatility: float = 0.3,
    ) -> None:
        self.symbols = tuple(symbols)
        self.start = start
        self._codes = {symbol: code for code, symbol in enumerate(self.symbols)}
        scale = volatility * math.sqrt(STEP / SECOND / TRADING_SECONDS_A_YEAR)
        self._paths = [
            _path(seed, symbol, None if prices is None else prices.get(symbol), scale)
            for symbol in self.symbols
        ]
        # Several providers of one market may run on threads of their own.
        self._growing = threading.Lock()
        firsts = [next(path) for path in self._paths]
        self._logs: Floats = np.array([log for log, _ in firsts])
        self._levels: Floats = np.array([level for _, level in firsts])

    def price(self, symbol: str, ts: Nanos) -> float:
        """The true price of *symbol* at *ts*.

        Raises `ValueError` for a symbol that the market lacks and a moment before its start.
        """
        code = self._codes.get(symbol)
        if code is None:
            raise ValueError(
                f"no symbol {symbol!r} in this market; it has {', '.join(self.symbols)}"
            )
        if ts < self.start:
            raise ValueError(f"the market starts at {self.start}, asked for {ts}")
        return float(self.at(np.array([code]), np.array([ts]))[0][0])

    def at(self, codes: Ints, ts: Ints) -> tuple[Floats, Floats]:
        """True prices and volatility (1 = the usual) of many symbols, by index, at many moments."""
        since = ts - self.start
        step = since // STEP
        self._reach(int(step.max(initial=0)) + 2)
        part = (since - step * STEP) / STEP
        before, after = self._logs[codes, step], self._logs[codes, step + 1]
        # exp(log(185)) is not 185: rounded well below any tick size, so that a given price stays itself.
        price = np.exp(before + part * (after - before)).round(10)
        return price, self._levels[codes, step]

    def _reach(self, steps: int) -> None:
        with self._growing:
            have = self._logs.shape[1]
            if have >= steps:
                return
            # At least doubled, so that a long run copies each step a constant number of times.
            blocks = range(math.ceil((max(steps, 2 * have) - have) / BLOCK))
            more = [[next(path) for _ in blocks] for path in self._paths]
            logs: Floats = np.array([np.concatenate([log for log, _ in row]) for row in more])
            levels: Floats = np.array([np.concatenate([level for _, level in row]) for row in more])
            self._logs = np.concatenate([self._logs, logs], axis=1)
            self._levels = np.concatenate([self._levels, levels], axis=1)


def _path(
    seed: int, symbol: str, price: float | None, scale: float
) -> Iterator[tuple[Floats, Floats]]:
    """Log prices and volatility levels of one symbol, a block at a time.

    Log volatility reverts to its mean as an AR(1); its recursion is unrolled by powers of KEEP, which stay moderate over
    one block. The price moves by Gaussian steps of that volatility.
    """
    random = np.random.default_rng([seed, zlib.crc32(symbol.encode())])
    drawn = round(math.exp(random.uniform(math.log(20), math.log(500))), 2)
    log_price = math.log(drawn if price is None else price)
    log_level = CLUSTER_SPREAD * float(random.standard_normal())
    decay = KEEP ** np.arange(1, BLOCK + 1)
    while True:
        shocks = SHOCK * random.standard_normal(BLOCK)
        log_levels = decay * (log_level + np.cumsum(shocks / decay))
        levels = np.exp(log_levels)
        moves = scale * levels * random.standard_normal(BLOCK)
        logs = log_price + np.concatenate([[0.0], np.cumsum(moves)])
        yield logs[:-1], levels
        log_price, log_level = float(logs[-1]), float(log_levels[-1])

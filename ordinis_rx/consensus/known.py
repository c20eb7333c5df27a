"""What the settings say of each provider and each symbol of a stream, by their codes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ordinis_rx.codes import Names
from ordinis_rx.consensus.config import AggregationConfig

__all__ = ["Known"]


class Known:
    """The weight of every provider (below 0: not to be used), and how old a report of every symbol may be."""

    __slots__ = ("_config", "_tabled_of", "ages", "fills", "names", "tables", "weights")

    def __init__(self, config: AggregationConfig) -> None:
        self._config = config
        self.names: Names | None = None
        self.weights: list[float] = []
        self.ages: list[int] = []
        self.tables: tuple[NDArray[Any], ...] = ()
        """The weights by provider and the ages by symbol; one of each where all are equal."""
        self.fills: list[float | None] = []
        """That one, of each table; None where there are several."""
        self._tabled_of: tuple[Names, int, int] | None = None

    def learn(self, names: Names) -> None:
        """Have a weight for every provider of *names*, and an age for every symbol."""
        if names is not self.names:
            self.names = names
            self.weights.clear()
            self.ages.clear()
        config = self._config
        for provider in names.providers.words[len(self.weights) :]:
            disabled = provider in config.disabled
            self.weights.append(-1.0 if disabled else config.weight_of(provider))
        for symbol in names.symbols.words[len(self.ages) :]:
            self.ages.append(config.max_age_of(symbol))

    def tabulate(self, names: Names) -> None:
        """Have `tables` and `fills` of *names*."""
        of = names, len(names.providers.words), len(names.symbols.words)
        if of == self._tabled_of:
            return
        self._tabled_of = of
        self.learn(names)
        tables = np.array(self.weights), np.array(self.ages)
        self.tables = tuple(t if t.min() < t.max() else t[:1] for t in tables)
        self.fills = [t.tolist()[0] if len(t) == 1 else None for t in self.tables]

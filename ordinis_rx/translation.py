"""From the codes of one root stream to those of another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ordinis_rx.codes import Codes, Names
from ordinis_rx.columns import Field

__all__ = ["Translation"]


class Translation:
    """Makes columns in the codes of *theirs* columns in the codes of *ours*, which learn the words that they lack.

    >>> theirs, ours = Names(), Names()
    >>> theirs.symbols["AAPL"], theirs.symbols["MSFT"], ours.symbols["MSFT"]
    (0, 1, 0)
    >>> symbol = Field("symbol", "i")
    >>> Translation(theirs, ours).column(symbol, np.array([0, 1, 1])).tolist(), ours.symbols.words
    ([1, 0, 0], ['MSFT', 'AAPL'])
    """

    __slots__ = ("_ours", "_providers", "_symbols", "theirs")

    def __init__(self, theirs: Names, ours: Names) -> None:
        self.theirs = theirs
        self._ours = ours
        self._symbols: NDArray[np.int64] = np.zeros(0, np.int64)
        self._providers: NDArray[np.int64] = np.zeros(0, np.int64)

    @staticmethod
    def concerns(field: Field) -> bool:
        """Whether the numbers of *field* mean something in the codes of one stream alone."""
        return field.many or field.name in ("symbol", "provider")

    def column(self, field: Field, values: NDArray[np.int64]) -> NDArray[np.int64]:
        """*values* of *field*, which `concerns` codes, in ours."""
        theirs, ours = self.theirs, self._ours
        if field.many:
            named, bits = theirs.providers.words.sets, ours.providers.bits
            sets, places = np.unique(values, return_inverse=True)
            return np.array([bits(named[word]) for word in sets.tolist()], np.int64)[places]
        if field.name == "symbol":
            self._symbols = _grown(self._symbols, theirs.symbols, ours.symbols)
            return self._symbols[values]
        self._providers = _grown(self._providers, theirs.providers, ours.providers)
        return self._providers[values]


def _grown(known: NDArray[np.int64], theirs: Codes, ours: Codes) -> NDArray[np.int64]:
    if len(known) == len(theirs.words):
        return known
    return np.array([ours[word] for word in theirs.words], np.int64)

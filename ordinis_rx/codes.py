"""Symbols and providers as numbers: the dictionaries of a root stream."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

__all__ = ["MOST_PROVIDERS", "Codes", "Names", "Words"]

MOST_PROVIDERS = 62
"""How many providers of one stream can stand in a set of providers: one bit each, of an int64.

Those count that its root has named, also of facts that were filtered away since; and in what order it names them hangs on
how it cuts its facts into frames. So of a stream with more, which ones are beyond is nothing to build on.
"""

_MOST_SETS = 4096
"""How many sets are kept: of many providers that fall silent one by one, in no order, there may be any number."""


class Words(list[str]):
    """Words by number; a set of them is an integer, a bit each, and `sets` holds the words of each set in their own order.

    >>> codes = Codes()
    >>> codes.words.sets[codes.bits(["polygon", "alpaca"])]
    ('alpaca', 'polygon')
    """

    __slots__ = ("sets",)

    def __init__(self) -> None:
        super().__init__()
        self.sets = _Sets(self)


class _Sets(dict[int, tuple[str, ...]]):
    """The words of each set, worked out when they are asked for; where there are too many of them, anew."""

    __slots__ = ("_words",)

    def __init__(self, words: list[str]) -> None:
        super().__init__()
        self._words = words

    def __missing__(self, bits: int) -> tuple[str, ...]:
        chosen = sorted(word for j, word in enumerate(self._words) if bits >> j & 1)
        if len(self) >= _MOST_SETS:
            self.clear()
        known = self[bits] = tuple(chosen)
        return known


class Codes(dict[str, int]):
    """A dictionary that gives each new word the next number; `words` reads it backwards. What is no text raises TypeError.

    >>> codes = Codes()
    >>> codes["AAPL"], codes["MSFT"], codes["AAPL"], codes.words
    (0, 1, 0, ['AAPL', 'MSFT'])
    """

    __slots__ = ("words",)

    def __init__(self) -> None:
        super().__init__()
        self.words = Words()

    def __missing__(self, word: Any) -> int:
        if not isinstance(word, str):
            raise TypeError(f"a symbol or provider must be a text, got {word!r}")
        code = self[word] = len(self.words)
        self.words.append(word)
        return code

    def bits(self, words: Iterable[str]) -> int:
        """A set of words as an integer; raises ValueError where one has a number too high for that."""
        bits = 0
        for word in words:
            code = self[word]
            if code >= MOST_PROVIDERS:
                raise ValueError(
                    f"a set of providers holds the first {MOST_PROVIDERS} of a stream, {word!r} is number {code + 1}"
                )
            bits |= 1 << code
        return bits


class Names:
    """The dictionaries of one root stream. Its codes mean nothing in another."""

    __slots__ = ("providers", "symbols")

    def __init__(self) -> None:
        self.symbols = Codes()
        self.providers = Codes()

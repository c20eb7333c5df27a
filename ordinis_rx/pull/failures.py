"""Why a question stayed without an answer, or without a usable one.

* WireError
    * NoAnswer             nothing came, or nothing but a failure; asking again may help
        * RateLimited      asked too often; asking again before the time is over will not help
        * CircuitOpen      not asked at all, after too many failures in a row
* OrdinisError
    * UnusableAnswer       something came, but no price that can be used
    * NoQuotes             no source had a price; holds the cause of each (a `ValueError` too)
        * NoQuorum         some had, but too few
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ordinis_rx.errors import OrdinisError, WireError

__all__ = [
    "CircuitOpen",
    "NoAnswer",
    "NoQuorum",
    "NoQuotes",
    "RateLimited",
    "UnusableAnswer",
    "words_of",
]


class NoAnswer(WireError):
    """A source did not answer, or failed to; asking again may help.

    >>> str(NoAnswer("polygon", "HTTP 500"))
    'polygon did not answer: HTTP 500'
    """

    def __init__(self, provider: str, reason: str, *, cool_down: float = 0.0) -> None:
        super().__init__(provider, reason)
        self.provider = provider
        self.reason = reason
        self.cool_down = cool_down

    def __str__(self) -> str:
        return f"{self.provider} did not answer: {self.reason}"


class RateLimited(NoAnswer):
    """The source was asked too often, and is not asked again for `cool_down` seconds.

    >>> str(RateLimited("finnhub", cool_down=12.25))
    'finnhub did not answer: asked too often, 12.2 s to wait'
    """

    def __init__(self, provider: str, *, cool_down: float) -> None:
        super().__init__(
            provider, f"asked too often, {cool_down:.1f} s to wait", cool_down=cool_down
        )


class CircuitOpen(NoAnswer):
    """The source has failed too often in a row, or for good, and is left alone for `cool_down` seconds more.

    >>> str(CircuitOpen("finnhub", cool_down=12.25, last="HTTP 500"))
    'finnhub did not answer: left alone after failures, for 12.2 s more; the last was: HTTP 500'
    """

    def __init__(self, provider: str, *, cool_down: float, last: str) -> None:
        super().__init__(
            provider,
            f"left alone after failures, for {cool_down:.1f} s more; the last was: {last}",
            cool_down=cool_down,
        )


class UnusableAnswer(OrdinisError):
    """An answer without a price that can be used.

    >>> str(UnusableAnswer("finnhub", "AAPL", "price is 0"))
    'finnhub has no usable price of AAPL: price is 0'
    """

    def __init__(self, provider: str, symbol: str, reason: str) -> None:
        super().__init__(provider, symbol, reason)
        self.provider = provider
        self.symbol = symbol
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.provider} has no usable price of {self.symbol}: {self.reason}"


class NoQuotes(OrdinisError, ValueError):
    """No source had what was asked for; `causes` says why, by provider.

    >>> print(NoQuotes("No successful quotes for AAPL", {"polygon": NoAnswer("polygon", "HTTP 500")}))
    No successful quotes for AAPL (polygon did not answer: HTTP 500)
    """

    def __init__(self, message: str, causes: Mapping[str, Exception]) -> None:
        super().__init__(message, dict(causes))
        self.message = message
        self.causes = dict(causes)
        """Why, by provider."""

    def __str__(self) -> str:
        if not self.causes:
            return self.message
        return f"{self.message} ({'; '.join(map(_told, self.causes.items()))})"


class NoQuorum(NoQuotes):
    """Some sources had a price, but fewer than are needed."""


_ADDRESS = re.compile(r"\w+://\S+")


def words_of(error: Exception) -> str:
    """What *error* says; what is none of ours may say nothing, or show an address, and with it a key.

    >>> words_of(NoAnswer("polygon", "HTTP 500")), words_of(OSError("GET https://host/?token=canary failed"))
    ('polygon did not answer: HTTP 500', 'OSError: GET (an address) failed')
    """
    if isinstance(error, OrdinisError):
        return str(error)
    text = f"{type(error).__name__}: {_ADDRESS.sub('(an address)', str(error))}"
    return text.removesuffix(": ")


def _told(cause: tuple[str, Exception]) -> str:
    provider, error = cause
    # Errors of ours name their actor; what a user's own source raises need not.
    said = words_of(error)
    return said if isinstance(error, OrdinisError) else f"{provider} failed: {said}"

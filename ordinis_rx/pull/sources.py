"""What can be asked for a price: any object with a name and an async `get_quote`.

A source that can do more offers it as a method of its own, and needs not say so: `Historical`, `Validating`, `Closing`.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Protocol, TypeAlias, runtime_checkable

from ordinis_rx.checks import check_callable
from ordinis_rx.events import Bar, Quote, Trade
from ordinis_rx.timebase import Nanos

__all__ = [
    "Answer",
    "Closing",
    "FunctionSource",
    "Historical",
    "PullSource",
    "Validating",
    "close_all",
]

Answer: TypeAlias = Quote | Trade | Mapping[str, object]
"""A `Quote` or a `Trade` with its own time, or a mapping: a price under ``price``, ``last``, ``lastPrice``, ``close`` or
``mid``, or with ``bid`` and ``ask``, or with both. Its time is under ``ts_event``, ``timestamp``, ``time`` or ``t`` (an
aware datetime, ISO 8601 or a number in any unit), and otherwise that of its arrival; sizes are under ``size`` or ``volume``,
``bid_size`` and ``ask_size``."""


class PullSource(Protocol):
    """A service that can be asked for a price: any object with a `name` and an async `get_quote`.

    >>> import asyncio
    >>> from ordinis_rx.pull import DataAggregator
    >>> class Fixed:
    ...     name = "fixed"
    ...     async def get_quote(self, symbol: str) -> dict[str, float]:
    ...         return {"bid": 9.0, "ask": 11.0}
    >>> asyncio.run(DataAggregator([Fixed()]).get_quote("AAPL")).price
    10.0
    """

    @property
    def name(self) -> str:
        """What it is called in results; unique among the sources of an aggregator."""
        ...

    async def get_quote(self, symbol: str) -> Answer:
        """The newest price of *symbol*, an `Answer`.

        The aggregator cancels it when its time is over: it needs no time limit of its own. What it raises is told as the
        cause of its failure (`ProviderResult.error`; what is no Exception as a `NoAnswer`), and costs the other sources
        nothing; but for KeyboardInterrupt, SystemExit and GeneratorExit, which are not for us to take.
        After a `RateLimited` it is left alone for as long as that says.
        """
        ...


@runtime_checkable
class Historical(Protocol):
    """A source that has bars."""

    async def get_historical(
        self, symbol: str, *, start: Nanos, end: Nanos, interval: Nanos
    ) -> Sequence[Bar]:
        """The bars of *interval* that begin in [*start*, *end*), in order of time; all three in nanoseconds."""
        ...


@runtime_checkable
class Validating(Protocol):
    """A source that knows which symbols there are."""

    async def validate_symbol(self, symbol: str) -> bool:
        """Whether *symbol* is one of its own."""
        ...


@runtime_checkable
class Closing(Protocol):
    """A source that holds connections."""

    async def aclose(self) -> None:
        """Let go of them."""
        ...


class FunctionSource:
    """A source made of an async function from a symbol to an `Answer`.

    >>> import asyncio
    >>> async def ask(symbol: str) -> dict[str, object]:
    ...     return {"price": 185.25, "bid": 185.24, "ask": 185.26}
    >>> asyncio.run(FunctionSource("mine", ask).get_quote("AAPL"))["price"]
    185.25
    """

    def __init__(self, name: str, function: Callable[[str], Awaitable[Answer]]) -> None:
        if not name:
            raise ValueError("a source needs a name, got ''")
        check_callable(f"FunctionSource: the function of {name!r}", function)
        self.name = name
        self._function = function

    def __repr__(self) -> str:
        return f"FunctionSource({self.name!r})"

    async def get_quote(self, symbol: str) -> Answer:
        """What the function says of *symbol*."""
        answering = self._function(symbol)
        given: object = answering
        if not inspect.isawaitable(given):
            raise TypeError(f"the function of {self.name!r} must be async, it gave {given!r}")
        return await answering


async def close_all(sources: Iterable[object]) -> None:
    """Close those that can be closed, all at once. What one raises is raised when all have ended; of several, as a group."""
    closing = [_close(source) for source in sources if isinstance(source, Closing)]
    ended = await asyncio.gather(*closing, return_exceptions=True)
    errors = [error for error in ended if error is not None]
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise BaseExceptionGroup("closing sources", errors)


async def _close(source: Closing) -> None:
    # One whose `aclose` is not async raises here, where it is alone.
    await source.aclose()

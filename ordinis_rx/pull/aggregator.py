"""Many sources asked at once, and one price of their answers: the pull side of the consensus."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import Literal

from reactivex import Observable

from ordinis_rx.checks import check_choice, check_duration, check_is, check_not_negative
from ordinis_rx.consensus import AggregatedQuote, AggregationConfig, ConsensusStatus, ProviderStats
from ordinis_rx.events import Bar
from ordinis_rx.pull.breaker import BreakerPolicy
from ordinis_rx.pull.failures import NoQuotes
from ordinis_rx.pull.folding import RoundFolding
from ordinis_rx.pull.member import Member
from ordinis_rx.pull.observing import observed
from ordinis_rx.pull.questions import Questions, with_causes
from ordinis_rx.pull.results import Health, Round
from ordinis_rx.pull.sources import Historical, PullSource, Validating, close_all
from ordinis_rx.timebase import MINUTE, Nanos, doubt_short

__all__ = ["DataAggregator"]


class DataAggregator:
    """Asks sources for prices and folds what they answer with the same chain that folds pushed prices.

    >>> import asyncio
    >>> from ordinis_rx.pull.sources import FunctionSource
    >>> def source(name: str, price: float) -> FunctionSource:
    ...     async def ask(symbol: str) -> dict[str, object]:
    ...         return {"price": price}
    ...     return FunctionSource(name, ask)
    >>> async def main() -> AggregatedQuote:
    ...     async with DataAggregator([source("a", 100.0), source("b", 100.01), source("c", 150.0)]) as prices:
    ...         return await prices.get_quote("AAPL")
    >>> quote = asyncio.run(main())
    >>> quote.outliers_excluded, 100.0 <= quote.price <= 100.01
    (('c',), True)

    A question goes to all enabled providers at once. It ends when all have answered, when ``config.timeout_seconds`` are
    over, or, so that nobody who hangs is waited for, *grace_seconds* after enough of them agree: half of those that may
    still have a usable answer, and no fewer than ``config.min_providers``. Who answers later is left to finish, so that its
    record and its breaker know of it, but its answer is not used. After ``breaker.failures`` failures in a row a provider is
    left alone for a while, then asked once to see whether it is back; a wrong key (`AuthError`) is enough by itself.

    A price that is not of all who were asked (one failed, is left alone, or has not answered yet) has the status DEGRADED.
    With fewer usable prices than ``config.min_providers`` the answer has no price and the status NO_QUORUM, or, with
    ``no_quorum="error"``, `NoQuorum` is raised. Each round is judged by itself; `observe` remembers from round to round.
    Event times are the sources' own: give ``config.max_age`` room for those that tell of a last trade, or cut to seconds.
    Ages are counted from the newest answer, not from now: when all tell of a market that is closed, their last word is the
    answer, and its `ts_event` says of when.
    *now* is the wall clock that arrivals are stamped by, *clock* the one that latency and cool-downs are measured by (by
    default the running loop's).

    Raises ValueError for two sources of one name and for weights of providers that there are not. Sources belong to the
    aggregator: `aclose` closes those that can be closed.
    """

    def __init__(
        self,
        providers: Iterable[PullSource],
        config: AggregationConfig | None = None,
        *,
        grace_seconds: float = 0.25,
        no_quorum: Literal["status", "error"] = "status",
        breaker: BreakerPolicy | None = None,
        clock: Callable[[], float] | None = None,
        now: Callable[[], Nanos] = time.time_ns,
    ) -> None:
        check_not_negative("DataAggregator: grace_seconds", grace_seconds, endless=True)
        check_choice("DataAggregator: no_quorum", no_quorum, ("status", "error"))
        self._config = AggregationConfig() if config is None else config
        self._policy = BreakerPolicy() if breaker is None else breaker
        check_is("DataAggregator: config", self._config, AggregationConfig, "an AggregationConfig")
        check_is("DataAggregator: breaker", self._policy, BreakerPolicy, "a BreakerPolicy")
        self._clock = _loop_seconds if clock is None else clock
        self._now = now
        self._members: dict[str, Member] = {}
        self._questions = Questions(
            self._config, grace_seconds=grace_seconds, raises=no_quorum == "error", now=now
        )
        for provider in providers:
            if getattr(provider, "name", None) in self._members:
                raise ValueError(f"two providers are named {provider.name!r}")
            self.add_provider(provider)
        unknown = [
            w.provider_name for w in self._config.weights if w.provider_name not in self._members
        ]
        if unknown:
            raise ValueError(
                f"weights name provider {unknown[0]!r}; there are {', '.join(self._members) or 'none'}"
            )

    def __repr__(self) -> str:
        return f"DataAggregator({', '.join(self._members)})"

    async def __aenter__(self) -> DataAggregator:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Give up what is still being asked, within two seconds, and close the sources that can be closed.

        Who asks afterwards is told so by a RuntimeError. What a source raises is raised when the others are closed, too; of
        several, as an ExceptionGroup.
        """
        await self._questions.aclose()
        await close_all(member.source for member in self._members.values())

    @property
    def config(self) -> AggregationConfig:
        """How answers are folded."""
        return self._config

    @property
    def providers(self) -> dict[str, PullSource]:
        """The sources by name, in the order in which they were added; a copy."""
        return {name: member.source for name, member in self._members.items()}

    @property
    def provider_stats(self) -> dict[str, ProviderStats]:
        """The record of each provider so far, by name."""
        newest = max((member.newest for member in self._members.values()), default=0)
        return {name: member.stats(newest) for name, member in self._members.items()}

    def add_provider(self, provider: PullSource) -> None:
        """Ask *provider* too, from the next question on. Adding the same one again changes nothing."""
        given: object = provider
        if not isinstance(getattr(given, "name", None), str) or not hasattr(given, "get_quote"):
            raise TypeError(f"a source has a name and an async get_quote(symbol), got {given!r}")
        known = self._members.get(provider.name)
        if known is not None and known.source is not provider:
            raise ValueError(f"another provider is named {provider.name!r} already")
        if known is None:
            self._members[provider.name] = Member(
                provider, policy=self._policy, clock=self._clock, now=self._now
            )

    def remove_provider(self, name: str) -> PullSource | None:
        """Ask *name* no more, from the next question on, and forget its record. It is handed back, not closed."""
        member = self._members.pop(name, None)
        return None if member is None else member.source

    async def get_quote(self, symbol: str) -> AggregatedQuote:
        """The consensus of *symbol*.

        Raises `NoQuotes`, a ValueError that holds the cause of every failure, when nobody answers ("No successful quotes
        for AAPL") or no answer has a price fit to be used ("No valid prices for AAPL").
        """
        return (await self.ask(symbol)).quote

    async def get_quotes(self, symbols: Sequence[str]) -> dict[str, AggregatedQuote | NoQuotes]:
        """The consensus of each symbol, all asked at once; where there is none, the error that `get_quote` would raise."""
        if isinstance(symbols, str):
            raise TypeError(f"get_quotes wants symbols, as in [{symbols!r}], got {symbols!r}")
        different = list(dict.fromkeys(symbols))
        answers = await asyncio.gather(*map(self.get_quote, different), return_exceptions=True)
        told: dict[str, AggregatedQuote | NoQuotes] = {}
        for symbol, answer in zip(different, answers, strict=True):
            if isinstance(answer, BaseException) and not isinstance(answer, NoQuotes):
                raise answer
            told[symbol] = answer
        return told

    async def ask(self, symbol: str) -> Round:
        """The consensus of *symbol*, with what each provider answered. Raises as `get_quote` does."""
        return await self._round(symbol)

    def observe(self, symbol: str, *, every: Nanos) -> Observable[AggregatedQuote]:
        """Ask for *symbol* now and *every* so many nanoseconds, and tell each answer.

        Cold: every subscriber asks for itself, by the scheduler of its subscription, or else on the running asyncio loop,
        which the questions need in any case. A question that is due while the one before it is not answered is left out.
        Rounds are folded in one chain that remembers how providers fared, and what they said last for as long as
        ``config.max_age``; an answer in which such an older word is used is DEGRADED. What a provider said that was removed
        since is void (`AggregatedQuote.lost`). When nobody has a price, an answer without one
        (NO_QUORUM) is told, and the stream goes on.
        """
        _check_every("observe", every)
        # Compiles what there is to compile now, and not while answers are under way.
        RoundFolding(self._config)

        def asking() -> Callable[[], Awaitable[AggregatedQuote]]:
            folding = RoundFolding(self._config)

            async def next_answer() -> AggregatedQuote:
                try:
                    return (await self._round(symbol, folding)).quote
                except NoQuotes:
                    return self._nothing(symbol)

            return next_answer

        return observed(asking, every)

    def observe_stats(self, *, every: Nanos) -> Observable[tuple[ProviderStats, ...]]:
        """The record of each provider, by name, now and *every* so many nanoseconds. It asks nobody anything.

        Cold, by the scheduler of the subscription, or else on the running asyncio loop. It ends when it is disposed.
        """
        _check_every("observe_stats", every)

        async def told() -> tuple[ProviderStats, ...]:
            stats = self.provider_stats
            return tuple(stats[name] for name in sorted(stats))

        return observed(lambda: told, every)

    async def _round(self, symbol: str, folding: RoundFolding | None = None) -> Round:
        check_is("symbol", symbol, str, "a text, as in 'AAPL'")
        if not symbol or symbol != symbol.strip():
            raise ValueError(f"not a symbol: {symbol!r}")
        return await self._questions.ask(symbol, self._asked_for(symbol), folding)

    def _asked_for(self, symbol: str) -> list[Member]:
        if self._questions.closed:
            raise RuntimeError(f"the aggregator is closed, and asks nobody for {symbol}")
        return self._enabled()

    def _enabled(self) -> list[Member]:
        disabled = self._config.disabled
        return [member for name, member in self._members.items() if name not in disabled]

    async def get_historical(
        self, symbol: str, *, start: Nanos, end: Nanos, interval: Nanos = MINUTE
    ) -> Sequence[Bar]:
        """The bars of *interval* that begin in [*start*, *end*), of the first provider that has any, in their order.

        Raises `NoQuotes` with every cause when none of them answers; no bars when those that answer have none.
        """
        causes: dict[str, Exception] = {}
        answered = False
        for member in self._asked_for(symbol):
            source = member.source
            if not isinstance(source, Historical):
                continue
            question = partial(
                source.get_historical, symbol, start=start, end=end, interval=interval
            )
            try:
                bars = await self._questions.ask_aside(member, symbol, question)
            except Exception as error:
                causes[member.name] = error
                continue
            answered = True
            if bars:
                return bars
        if answered:
            return ()
        raise with_causes(NoQuotes(f"No bars of {symbol}", causes))

    async def validate_symbol(self, symbol: str) -> bool:
        """Whether any provider says that *symbol* exists; those that cannot say are not asked, failures count as no."""
        asking = [
            self._questions.ask_aside(member, symbol, partial(source.validate_symbol, symbol))
            for member in self._asked_for(symbol)
            if isinstance(source := member.source, Validating)
        ]
        return any(
            answer is True for answer in await asyncio.gather(*asking, return_exceptions=True)
        )

    async def health_check(self) -> Health:
        """Whether enough providers can be asked: all but those that are left alone."""
        states = {member.name: member.can_be_asked for member in self._enabled()}
        healthy = sum(states.values())
        message = f"{healthy}/{len(states)} providers healthy"
        return Health(healthy >= self._config.min_providers, message, states)

    def _nothing(self, symbol: str) -> AggregatedQuote:
        now = self._now()
        return AggregatedQuote(
            symbol=symbol,
            ts_event=now,
            ts_recv=now,
            method=self._config.method,
            status=ConsensusStatus.NO_QUORUM,
            lost=tuple(sorted(member.name for member in self._enabled())),
        )


def _check_every(who: str, every: Nanos) -> None:
    check_duration(f"{who}: every", every)
    doubt_short(f"{who}: every", every)


def _loop_seconds() -> float:
    return asyncio.get_running_loop().time()

"""Questions to all at once: asked, waited for, folded, and written into the records."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Sequence, Set
from typing import TypeVar

from msgspec.structs import replace

from ordinis_rx.consensus import AggregatedQuote, AggregationConfig, ConsensusStatus
from ordinis_rx.consensus.validate import value_of
from ordinis_rx.events import Quote, Trade
from ordinis_rx.pull.failures import NoAnswer, NoQuorum, NoQuotes, UnusableAnswer
from ordinis_rx.pull.folding import Folded, RoundFolding, fold_round
from ordinis_rx.pull.member import Member
from ordinis_rx.pull.results import Round
from ordinis_rx.pull.rounds import Heard, Patience, asked, heard
from ordinis_rx.timebase import Nanos

__all__ = ["Questions", "with_causes"]

T = TypeVar("T")

_log = logging.getLogger(__name__)

_CLOSE_SECONDS = 2.0


class Questions:
    """Asks, and keeps hold of what has not been answered yet.

    *raises*: fewer usable prices than the quorum are an error, and not just a status.
    """

    def __init__(
        self,
        config: AggregationConfig,
        *,
        grace_seconds: float,
        raises: bool,
        now: Callable[[], Nanos],
    ) -> None:
        self._config = config
        self._grace = grace_seconds
        self._raises = raises
        self._now = now
        self._tasks: set[asyncio.Task[object]] = set()
        self.closed = False
        """Whether all was given up; nobody is to be asked any more."""

    async def aclose(self) -> None:
        """Give up what is open; a source that does not heed that within two seconds is left behind, and named in the log."""
        self.closed = True
        # Those of a loop that is closed will never end.
        tasks = [task for task in self._tasks if not task.get_loop().is_closed()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_CLOSE_SECONDS)
        left = [task.get_name() for task in tasks if not task.done()]
        if left:
            _log.warning(
                "left behind, since they do not let themselves be cancelled: %s", ", ".join(left)
            )

    async def ask(
        self, symbol: str, members: Sequence[Member], folding: RoundFolding | None = None
    ) -> Round:
        """Ask *members* for *symbol* and fold what they answer: with *folding*, or as a round by itself.

        Raises `NoQuotes` where there is no price, and `NoQuorum` where there are too few and that is to be an error.
        """
        timeout = self._config.timeout_seconds
        tasks = [
            self._begun(asked(m, symbol, timeout, self._now), f"{m.name} for {symbol}")
            for m in members
        ]
        judged: dict[int, Folded] = {}

        def so_far(came: list[Heard]) -> Folded:
            judged[len(came)] = folded = self._folded(came)
            return folded

        try:
            patience = Patience(timeout, self._config.min_providers, self._grace)
            came = await heard(tasks, patience, so_far)
        except BaseException:
            ended = [task for task in tasks if task.done()]
            for task in tasks:
                task.cancel()
            self._came_apart(None, ended)
            raise
        asked_now = {m.name for m in members}
        folded = judged.get(len(came)) if folding is None else folding.fold(_facts(came), asked_now)
        if folded is None:
            folded = self._folded(came)
        for task in tasks:
            if not task.done():
                task.add_done_callback(lambda task: self._came_apart(folded.quote, [task]))
        names = {each.member.name for each in came}
        unheard = {
            m.name: self._unheard(m, given_up=task.cancelled())
            for m, task in zip(members, tasks, strict=True)
            if m.name not in names
        }
        return self._outcome(symbol, asked_now, came, unheard, folded)

    async def ask_aside(
        self, member: Member, symbol: str, question: Callable[[], Awaitable[T]]
    ) -> T:
        """The answer of one to a *question* about *symbol* that is for no price.

        Raises `NoAnswer` when the time is over or the question is given up, and what `Member.ask` raises.
        """
        if self.closed:
            raise self._unheard(member, given_up=True)
        timeout = self._config.timeout_seconds
        asking = member.ask_aside(question, timeout)
        task = self._begun(asking, f"{member.name} for {symbol}")
        try:
            # Who does not heed that its time is over is left behind.
            await asyncio.wait({task}, timeout=timeout)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if not task.done() or task.cancelled():
            raise self._unheard(member, given_up=task.done())
        return task.result()

    def _begun(self, asking: Coroutine[object, object, T], name: str) -> asyncio.Task[T]:
        task = asyncio.get_running_loop().create_task(asking, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[object]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            # Looked at, or asyncio complains of an error that nobody waited for any more.
            task.exception()

    def _unheard(self, member: Member, *, given_up: bool) -> NoAnswer:
        within = f"nothing within {self._config.timeout_seconds:g} s"
        return NoAnswer(member.name, "the question was given up" if given_up else within)

    def _outcome(
        self,
        symbol: str,
        asked_now: Set[str],
        came: list[Heard],
        unheard: dict[str, NoAnswer],
        folded: Folded,
    ) -> Round:
        excluded = folded.quote.outliers_excluded if folded.quote is not None else ()
        flaws = self._judge(came, folded, excluded)
        causes: dict[str, Exception] = {**unheard}
        causes |= {r.provider_name: r.error for r in (each.result for each in came) if r.error}
        causes |= flaws
        if not any(each.facts for each in came):
            raise with_causes(NoQuotes(f"No successful quotes for {symbol}", causes))
        quote = folded.quote
        if quote is None:
            raise with_causes(NoQuotes(f"No valid prices for {symbol}", causes))
        if self._raises and quote.status is ConsensusStatus.NO_QUORUM:
            least = self._config.min_providers
            message = f"No quorum for {symbol}: {len(folded.fit)} of {least} needed"
            raise with_causes(NoQuorum(message, causes))
        # An older word may be used of who has none in this round.
        whole = asked_now <= folded.fit.keys() & set(quote.providers_used)
        if quote.status is ConsensusStatus.OK and not whole:
            quote = replace(quote, status=ConsensusStatus.DEGRADED)
        named = {*quote.providers_used, *quote.outliers_excluded, *quote.stale, *quote.lost}
        # Without a price nobody is used, whatever was answered.
        heard = set[str]() if quote.has_price else folded.fit.keys()
        if missing := asked_now - named - heard:
            quote = replace(quote, lost=tuple(sorted({*quote.lost, *missing})))
        return Round(quote, tuple(each.result for each in came), tuple(unheard), folded.rejects)

    def _folded(self, came: Sequence[Heard]) -> Folded:
        rates = {each.member.name: each.member.success_rate for each in came}
        return fold_round(self._config, _facts(came), rates)

    def _judge(
        self, came: Sequence[Heard], folded: Folded, excluded: Collection[str] = ()
    ) -> dict[str, Exception]:
        """Write into the records what became of the answers; gives why those not fit to be used are not."""
        flaws: dict[str, Exception] = {}
        for each in came:
            if not each.facts:
                continue
            member = each.member
            fact = folded.fit.get(member.name)
            if fact is None:
                flaw = folded.flaw_of(member.name)
                error = UnusableAnswer(member.name, each.facts[-1].symbol, flaw)
                flaws[member.name] = error
                member.failed(error)
                continue
            member.served(each.result.latency_ms, fact.ts_event, fact.ts_recv)
            if folded.quote is not None:
                worth = value_of(fact, int(self._config.price == "microprice"))
                member.judged(
                    outlier=member.name in excluded,
                    deviation_bps=(worth / folded.quote.price - 1) * 1e4,
                )
        return flaws

    def _came_apart(
        self, told: AggregatedQuote | None, tasks: Iterable[asyncio.Task[Heard]]
    ) -> None:
        """Write into the records what came too late for the answer that was *told*, or what nobody waited for any more."""
        came = [t.result() for t in tasks if not t.cancelled() and t.exception() is None]
        # Whether it is fit is its own matter; how far it is off is that from what the others have told without it. Who was
        # excluded there was it for an older word.
        self._judge(came, dataclasses.replace(self._folded(came), quote=told))


def _facts(came: Iterable[Heard]) -> list[Quote | Trade]:
    return [fact for each in came for fact in each.facts]


def with_causes(error: NoQuotes) -> NoQuotes:
    """The error with all its causes in its traceback too."""
    if error.causes:
        error.__cause__ = ExceptionGroup("what each provider said", list(error.causes.values()))
    return error

"""One question to many: all are asked at once, and nobody is waited for longer than it takes the others to agree."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass

from ordinis_rx.consensus import AggregatedQuote, ConsensusStatus
from ordinis_rx.events import Quote, Trade
from ordinis_rx.pull.answers import facts_of
from ordinis_rx.pull.folding import Folded
from ordinis_rx.pull.member import Member
from ordinis_rx.pull.results import ProviderResult
from ordinis_rx.timebase import Nanos

__all__ = ["Heard", "Patience", "asked", "heard"]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a round waits."""

    timeout_seconds: float
    """For anybody at all."""
    least: int
    """Fewer than so many never end a round early, ..."""
    grace_seconds: float
    """... and enough of them, agreed, only so much later: at least half of those who may have an answer."""


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer and the facts in it, none where it failed."""

    member: Member
    result: ProviderResult
    facts: tuple[Quote | Trade, ...] = ()


async def asked(
    member: Member, symbol: str, timeout_seconds: float, now: Callable[[], Nanos]
) -> Heard:
    """Ask one; a failure is a result too. What is fit to be used is not judged here."""
    began = member.seconds()
    try:
        answer = await member.ask(lambda: member.source.get_quote(symbol), timeout_seconds)
        ts_recv = now()
        try:
            facts = facts_of(answer, symbol=symbol, provider=member.name, ts_recv=ts_recv)
        except Exception as error:
            member.failed(error)
            raise
    except Exception as error:
        latency = (member.seconds() - began) * 1e3
        return Heard(member, ProviderResult(member.name, None, latency, now(), False, error))
    latency = (member.seconds() - began) * 1e3
    return Heard(member, ProviderResult(member.name, answer, latency, ts_recv), facts)


async def heard(
    tasks: Collection[asyncio.Task[Heard]],
    patience: Patience,
    fold: Callable[[list[Heard]], Folded],
) -> list[Heard]:
    """What has come, in the order in which it came, when all have answered, the quorum has agreed, or the time is over.

    Who agrees is judged by *fold* after each answer: there is a price, and it is not disputed. An answer that comes in the
    time of grace and breaks the agreement ends the grace, not the round. A task that is cancelled has failed, and so has an
    answer that is not fit to be used, or stale.
    """
    clock = asyncio.get_running_loop().time
    deadline = clock() + patience.timeout_seconds
    until, agreed_at = deadline, None
    came: list[Heard] = []
    pending, given_up = set(tasks), 0
    order = {task: number for number, task in enumerate(tasks)}
    while pending and clock() < until:
        done, pending = await asyncio.wait(
            pending, timeout=until - clock(), return_when=asyncio.FIRST_COMPLETED
        )
        ended = [task for task in sorted(done, key=order.__getitem__) if not task.cancelled()]
        given_up += len(done) - len(ended)
        came += [task.result() for task in ended]
        if not pending or not done:
            break
        folded = fold(came)
        failed = given_up + len(came) - _usable(folded)
        quorum = max(patience.least, (len(tasks) - failed + 1) // 2)
        if _agree(folded.quote, quorum):
            agreed_at = clock() if agreed_at is None else agreed_at
            until = min(deadline, agreed_at + patience.grace_seconds)
        else:
            until, agreed_at = deadline, None
    return came


def _usable(folded: Folded) -> int:
    stale = () if folded.quote is None else folded.quote.stale
    return len(folded.fit.keys() - set(stale))


def _agree(quote: AggregatedQuote | None, quorum: int) -> bool:
    return (
        quote is not None
        and quote.has_price
        and quote.status is not ConsensusStatus.DISPUTED
        and quote.provider_count >= quorum
    )

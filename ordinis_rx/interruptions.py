"""Honest marks where data may be missing: from the last data before a loss to when the subscriptions are in force again.

What is known to be complete decides where a `Gap` begins. An answered ping proves that somebody is there, and nothing of
the data: a server may withhold it and go on answering. On an ordered connection data proves that none was lost before it,
unless the machine has just woken up: what it reads then may have waited since it fell asleep.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

import msgspec

from ordinis_rx.errors import Stalled
from ordinis_rx.events import EVENT_TYPES, Event, Gap, GapReason
from ordinis_rx.feed_stats import ALL_SYMBOLS, Meter
from ordinis_rx.loops import cancelled_ourselves
from ordinis_rx.providers.protocol import Topic
from ordinis_rx.session import Session
from ordinis_rx.timebase import SECOND, Nanos

__all__ = ["Backfill", "Interruptions"]

Backfill = Callable[[Gap], Awaitable[Iterable[Event]]]
"""Asked for what a gap may have swallowed, by REST say. What it gives is numbered and stamped as it arrives.

The bounds are times of arrival: who asks by the time of the event begins earlier, by what an event may take to arrive. Some
of what lies within them may have been told: symbols that are confirmed sooner than others tell data before the Gap ends.
Where that matters, `dedupe` the stream.
"""


class Interruptions:
    """Tells a `Gap` for each interruption of one feed, and has it filled where somebody can."""

    def __init__(
        self,
        provider: str,
        session: Session,
        meter: Meter,
        backfill: Backfill | None,
        *,
        tell: Callable[[list[Event]], None],
    ) -> None:
        self._provider = provider
        self._session = session
        self._meter = meter
        self._backfill = backfill
        self._tell = tell
        self._up_since: Nanos | None = None
        self._since: dict[tuple[str, ...], Nanos] = {}
        """From when on which symbols (none: all of them) may have missed data."""
        self._reason = GapReason.DISCONNECTED
        self._lapsed: dict[str, Nanos] = {}
        """From when on a symbol may have missed data because the vendor ended a subscription of it."""
        self._unserved: dict[str, Nanos] = {}
        """From when on a symbol has missed data because the vendor has not confirmed it again; told up to then."""
        self._told: dict[str, Nanos] = {}
        """Where the last Gap of a symbol ended; that of all of them is under `ALL_SYMBOLS`."""
        self.tasks: set[asyncio.Task[None]] = set()
        """Backfills under way."""

    def connected(self) -> None:
        """The provider let us in; what was lost before is still lost until the subscriptions are in force."""
        self._up_since = self._session.now()

    def lost(self, error: Exception) -> None:
        """The connection ended. Data counts as missing from the newest that is known to have come whole.

        For symbols with a limit of silence that is the oldest of their own last data, since one of them may have been mute
        within its limit: so their Gap begins at most that limit too early. Symbols of different limits have Gaps of their
        own, which name them. For all others it is the last data of any symbol: that one of them alone went mute cannot
        be told from quiet trading. No Gap begins before we were let in, or before a moment when the market was closed.
        """
        up_since, self._up_since = self._up_since, None
        if up_since is None or self._since:
            return
        self._reason = GapReason.STALLED if isinstance(error, Stalled) else GapReason.DISCONNECTED
        self._since = self._complete_until(up_since)
        is_open = self._session.config.is_open
        if is_open is not None:
            now = self._session.now()
            self._since = {
                symbols: _opening(is_open, since, now) for symbols, since in self._since.items()
            }

    def _complete_until(self, up_since: Nanos) -> dict[tuple[str, ...], Nanos]:
        by_limit: dict[float | None, list[str]] = {}
        for symbol in self._session.subscriptions.symbols:
            by_limit.setdefault(self._session.config.silence_of(symbol), []).append(symbol)
        complete: dict[tuple[str, ...], Nanos] = {}
        for limit, symbols in by_limit.items():
            last, named = self._meter.last_market_data, tuple[str, ...]()
            told = min(self._told.get(symbol, 0) for symbol in symbols)
            if limit is not None:
                last = min(self._meter.last_data.get(symbol, up_since) for symbol in symbols)
                if len(by_limit) > 1 and ALL_SYMBOLS not in symbols:
                    named = tuple(symbols)
            since = max(up_since, last, told, self._told.get(ALL_SYMBOLS, 0))
            complete[named] = min(since, complete.get(named, since))
        return complete

    def lapsed(self, topics: Iterable[Topic]) -> None:
        """The vendor ended these subscriptions: their symbols may have missed what came since their last data."""
        meter, told = self._meter, self._told
        if self._up_since is None:  # nobody listens any more
            return
        for topic in topics:
            symbol = self._session.subscriptions.neutral_of(topic.symbol)
            last = meter.last_data.get(symbol, meter.last_market_data)
            since = max(last, self._up_since, told.get(symbol, 0), told.get(ALL_SYMBOLS, 0))
            self._lapsed.setdefault(symbol, since)

    def healed(self) -> None:
        """The subscriptions are in force: tell what was lost, if anything was.

        A symbol that is no more waited for is not: what it misses from now on is told when it is confirmed after all, or
        when the connection ends.
        """
        unconfirmed = self._session.subscriptions.unconfirmed
        turned, mute = tuple(unconfirmed.turned), unconfirmed.mute
        unconfirmed.turned.clear()
        if self._since:  # what goes on to be missing is told up to now with the rest
            over, begun = tuple(self._unserved), tuple(mute)
        else:
            over = tuple(symbol for symbol in turned if symbol not in mute)
            begun = tuple(symbol for symbol in turned if symbol in mute)
        gaps = self._gaps(over)
        now = self._session.now()
        for symbol in begun:
            self._unserved.setdefault(symbol, now)
        if self._backfill is not None:
            # It begins after the Gap is told, and not at all if that makes everybody leave.
            for gap in gaps:
                task = asyncio.get_running_loop().create_task(self._fill(self._backfill, gap))
                self.tasks.add(task)
                task.add_done_callback(self.tasks.discard)
        if gaps:
            self._tell([*gaps])

    def final(self) -> None:
        """The feed ends in an interruption: tell it as far as it goes."""
        if gaps := self._gaps(tuple(self._unserved)):
            self._tell([*gaps])
        self.forget()

    def forget(self) -> None:
        """Nobody listens any more: nothing that comes later is missed."""
        self._up_since = None
        self._since, self._lapsed, self._unserved, self._told = {}, {}, {}, {}
        for task in tuple(self.tasks):
            if task.get_loop().is_closed():
                self.tasks.discard(task)
            else:
                task.cancel()

    def _gaps(self, over: tuple[str, ...]) -> list[Gap]:
        """What is missing, if anything is, up to now; of what the vendor has not confirmed again, the symbols *over*."""
        missing = [(since, self._reason, symbols) for symbols, since in self._since.items()]
        unserved = {s: self._unserved.pop(s) for s in over if s in self._unserved}
        for reported in (self._lapsed_alone(), self._wanted(unserved)):
            if reported:
                symbols = () if ALL_SYMBOLS in reported else tuple(reported)
                missing.append((min(reported.values()), GapReason.REPORTED, symbols))
        self._since, self._lapsed = {}, {}
        if not missing:
            return []
        now = self._session.now()
        gaps = [
            Gap(
                ts_event=now,
                ts_recv=now,
                provider=self._provider,
                seq=self._session.next_seq(),
                ts_from=since,
                ts_to=now,
                reason=reason,
                symbols=symbols,
            )
            for since, reason, symbols in missing
        ]
        for gap in gaps:
            self._told.update(dict.fromkeys(gap.symbols or (ALL_SYMBOLS,), now))
        self._meter.gaps += 1
        return gaps

    def _lapsed_alone(self) -> dict[str, Nanos]:
        """What the vendor ended, is still wanted, and was not lost from as early on together with the connection."""
        return {
            symbol: since
            for symbol, since in self._wanted(self._lapsed).items()
            if not any(
                lost <= since and (not symbols or symbol in symbols)
                for symbols, lost in self._since.items()
            )
        }

    def _wanted(self, since: dict[str, Nanos]) -> dict[str, Nanos]:
        wants = self._session.subscriptions.wants
        return {symbol: moment for symbol, moment in since.items() if wants(symbol)}

    async def _fill(self, backfill: Backfill, gap: Gap) -> None:
        problem, facts = "", list[Event]()
        try:
            facts = _facts(await backfill(gap))
        except Exception as error:  # its text may hold an address with a key: only its kind is told
            problem = f"the backfill failed with {type(error).__name__}"
        except asyncio.CancelledError:
            if cancelled_ourselves():
                raise
            problem = "the backfill failed with CancelledError"
        if cancelled_ourselves():  # it did not heed, and nobody listens any more
            return
        if problem:
            self._tell([self._session.error("backfill", problem)])
            return
        now = self._session.now()
        filled = msgspec.structs.replace(gap, ts_event=now, filled=True)
        first = self._session.next_seq(1 + len(facts))
        self._tell(
            [
                msgspec.structs.replace(fact, seq=seq, ts_recv=now)
                for seq, fact in enumerate((filled, *facts), first)
            ]
        )


def _opening(is_open: Callable[[Nanos], bool], since: Nanos, now: Nanos) -> Nanos:
    """The newest moment after *since* at which the market was closed, else *since*; looked for a thousand times at most."""
    step = max(SECOND, (now - since) // 1000)
    for moment in range(now, since, -step):
        if not is_open(moment):
            return moment
    return since


def _facts(answer: Iterable[Event]) -> list[Event]:
    facts = list(answer)
    for fact in facts:
        if type(fact) not in EVENT_TYPES:
            raise TypeError(f"a backfill gives facts, got {type(fact).__name__}")
    return facts

"""A virtual day of one feed at the mercy of a vendor that misbehaves, all of it drawn from one seed."""

from __future__ import annotations

import asyncio
import itertools
from bisect import bisect_left
from collections import Counter
from random import Random
from typing import NamedTuple

from ordinis_rx.events import Event, FeedError, Gap, StreamStatus, Trade
from ordinis_rx.feed import Feed
from ordinis_rx.testing import a_trade
from ordinis_rx.testing.history import check_history
from ordinis_rx.timebase import SECOND
from tests.transport import Ear, a_feed
from tests.virtual import VirtualLoop, after, passing, virtual_loop
from tests.world.vendor import SILENCE_SECONDS, SYMBOLS, World

__all__ = ["Story", "Told", "play"]

DAY = 86_400.0
HEARTBEATS = (120.0, 240.0)
QUIET_SECONDS = 1500.0
"""How long nothing bad happens at the end: longer than the longest silence, wait, login and absence after one another."""

UNREAD = 2 * SECOND
"""For so long what is read after a leap of the clock may have waited here since before."""

HISTORY = "history"
"""The provider of what a backfill gave."""


class Told(NamedTuple):
    """How a story went."""

    log: list[str]
    problems: list[str]
    """What went wrong; nothing should."""
    count: Counter[str]
    """How often each fault came, and how many trades were sent, lost and filled in."""


class Story(Ear):
    """A listener that comes back, with a fresh key as it were, after its feed was refused for good."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.world = World(seed)
        self.wrong: list[str] = []
        self._delivered = Counter[str]()
        random = self.world.random
        self._options = {
            "max_reconnect_attempts": None,
            "heartbeat_interval_seconds": random.choice(HEARTBEATS),
            "silence_seconds": SILENCE_SECONDS,
            "random": Random(random.random()),
            "backfill": random.choice([None, self.backfill]),
        }
        self.feed: Feed

    def on_next(self, fact: Event) -> None:
        super().on_next(fact)
        self.world.note(f"told {type(fact).__name__} {fact.seq} {fact.ts_recv}")
        if isinstance(fact, Trade):
            self._delivered[fact.trade_id] += 1

    def on_error(self, error: Exception) -> None:
        super().on_error(error)
        self.world.note(f"ended: {error}")
        self.world.in_force = False
        delay = self.world.random.uniform(1, 300)
        asyncio.get_running_loop().call_later(delay, self.to, self.feed)

    async def backfill(self, gap: Gap) -> list[Event]:
        """The vendor's history, now and then slow or out of order; less what is here already."""
        await passing(self.world.random.uniform(0, 30))
        if self.world.random.random() < 0.2:
            raise TimeoutError("no history today")
        window = [each for each in self.world.sent if gap.ts_from <= each.at <= gap.ts_to]
        here = Counter({key: self._delivered[key] for _, key, _ in window})
        facts: list[Event] = []
        for symbol, key, at in window:
            if here[key]:
                here[key] -= 1
            else:
                facts.append(a_trade(at=at, symbol=symbol, trade_id=key, provider=HISTORY))
        return facts

    async def live(self) -> None:
        world = self.world
        self.feed = a_feed(world, SYMBOLS, **self._options)
        world.arrival = self.feed._session.now
        self.to(self.feed)
        loop = virtual_loop()
        while loop.time() < DAY:
            await passing(world.random.expovariate(1 / 60))
            world.trades(world.random.randint(0, 3))
            if world.random.random() < 0.05:
                world.fault()
                world.trades(world.random.randint(0, 3))
        for _ in range(int(QUIET_SECONDS / 10)):
            await passing(10)
            world.trades(3)
        await after(1)
        self.judge()
        await self.feed.close()
        if world.open_lines:
            self.wrong.append(f"{len(world.open_lines)} connections are open after the end")

    def judge(self) -> None:
        world, problems = self.world, self.wrong
        if self.feed.status is not StreamStatus.CONNECTED:
            problems.append(f"it ended {self.feed.status.name}")
        if len(world.open_lines) != 1:
            problems.append(f"{len(world.open_lines)} connections are open")
        elif world.line.topics != (wanted := {f"T.{symbol}" for symbol in SYMBOLS}):
            problems.append(f"subscribed to {sorted(world.line.topics)}, wanted {sorted(wanted)}")
        seqs = [fact.seq for fact in self.facts]
        if any(later <= earlier for earlier, later in itertools.pairwise(seqs)):
            problems.append("seq does not rise")
        arrivals = [fact.ts_recv for fact in self.facts]
        if arrivals != sorted(arrivals):
            problems.append("ts_recv runs backwards")
        problems += check_history(world.sent, self.facts)
        failed = {error.message for error in self.of(FeedError) if error.kind == "backfill"}
        if failed - {"the backfill failed with TimeoutError"}:
            problems.append(f"a backfill was not taken: {failed}")
        problems += self._too_wide()
        filled = sum(trade.provider == HISTORY for trade in self.of(Trade))
        world.count.update(
            sent=len(world.sent), lost=len(world.sent) - len(self.prices), filled=filled
        )

    def _too_wide(self) -> list[str]:
        """Gaps that say of every symbol that it may have missed something, though each had data meanwhile."""
        live = [
            (trade.ts_recv, trade.symbol) for trade in self.of(Trade) if trade.provider != HISTORY
        ]
        arrivals = sorted({at for at, _ in live})
        # What is read first after a leap of the clock may have waited since before: it proves nothing.
        doubtful = [
            arrivals[place]
            for leap in self.world.leaps
            if (place := bisect_left(arrivals, leap)) < len(arrivals)
        ]
        problems: list[str] = []
        for gap in self.gaps:
            heard = {
                symbol
                for at, symbol in live
                if gap.ts_from < at < gap.ts_to
                and not any(first <= at <= first + UNREAD for first in doubtful)
            }
            if not gap.filled and heard >= set(gap.symbols or SYMBOLS):
                problems.append(f"the Gap from {gap.ts_from} to {gap.ts_to} is too wide")
        return problems


def play(seed: int) -> Told:
    """Live through the day of *seed*."""
    story = Story(seed)
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(story.live())
        loop = runner.get_loop()
        assert isinstance(loop, VirtualLoop)
        story.wrong += [f"reported: {context['message']}" for context in loop.reported]
    return Told(story.world.log, story.wrong, story.world.count)

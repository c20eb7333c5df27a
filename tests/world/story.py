"""A virtual day of one feed at the mercy of a vendor that misbehaves, all of it drawn from one seed."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from random import Random
from typing import Any

from ordinis_rx.errors import Disconnected
from ordinis_rx.events import StreamStatus
from ordinis_rx.testing.history import Sent, check_history
from tests.transport import Ear, Line, PolygonVendor, a_feed, trade
from tests.virtual import START, VirtualLoop, after, passing, virtual_loop

__all__ = ["SYMBOLS", "World", "play"]

DAY = 86_400.0
SYMBOLS = ("AAPL", "MSFT", "TSLA")
QUIET_SECONDS = 900.0
"""How long nothing bad happens at the end: longer than the longest wait, silence limit and login together."""


class _FaultyLine(Line):
    """A connection that may stop carrying what is said on it."""

    dead = False
    """Half-open: nothing arrives any more, in either direction, and nobody is told."""

    def raw(self, frame: bytes) -> None:
        if not self.dead:
            super().raw(frame)

    async def send(self, data: str | bytes) -> None:
        if not self.dead:
            await super().send(data)

    async def close(self) -> None:
        await super().close()
        self.vendor.closed(self)  # type: ignore[attr-defined]


class World(PolygonVendor):
    """A vendor with a market of its own, and with the faults that *seed* draws."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.random = Random(seed)
        self.sent: list[Sent] = []
        self.log: list[str] = []
        self.faults: dict[str, Callable[[], None]] = {
            "clean close": lambda: self.end("bye", 1000),
            "reset": lambda: self.end("reset", 1006),
            "eviction": lambda: self.end("max connections", 1008, 60.0),
            "half-open": self.half_open,
            "mute": self.mute,
            "garbage": self.garbage,
            "duplicate": self.duplicate,
            "refusals": self.refusals,
            "429": self.too_many,
            "partition": self.partition,
            "slow login": self.slow_login,
            "clock forward": lambda: self.jump(3600),
            "clock back": lambda: self.jump(-3600),
        }
        self.muted: Line | None = None
        self.slow = 0.0
        self._next = 0
        self.arrival: Callable[[], int] = lambda: START
        """The feed's own clock of arrival."""

    def note(self, text: str) -> None:
        self.log.append(f"{asyncio.get_running_loop().time():12.3f} {text}")

    # The vendor's side

    async def __call__(self, url: str, **options: Any) -> Line:
        self.note("dial")
        line = await super().__call__(url, **options)
        self.lines.remove(line)
        faulty = _FaultyLine(self)
        self.lines.append(faulty)
        return faulty

    def hear(self, line: Line, text: str) -> None:
        self.note("heard " + text.split(",")[0])
        if self.slow and '"auth"' in text:
            delay, self.slow = self.slow, 0.0
            asyncio.get_running_loop().call_later(delay, super().hear, line, text)
        else:
            super().hear(line, text)

    def closed(self, line: Line) -> None:
        self.note("line closed")

    def is_muted(self) -> bool:
        """Whether the connection is mute and not yet found out.

        Nothing else goes wrong meanwhile: whoever loses a mute connection before its silence is noticed cannot know that
        it was mute, so nobody could tell that loss.
        """
        return bool(self.open_lines) and self.line is self.muted

    def trades(self, count: int) -> None:
        """Tell what trades in this moment; on the newest connection, if it is subscribed."""
        if not self.lines or not (line := self.line).open:
            return
        wall = self.arrival()
        for _ in range(count):
            symbol = self.random.choice(SYMBOLS)
            if f"T.{symbol}" not in line.topics:
                continue
            self._next += 1
            self.sent.append(Sent(symbol, str(self._next), wall))
            if line is not self.muted:
                told = trade(symbol, at=wall // 1_000_000) | {"i": str(self._next)}
                line.say(told)

    # Faults

    def end(self, reason: str, code: int, cool_down: float = 0.0) -> None:
        if self.open_lines:
            self.line.lose(reason, code, cool_down)

    def half_open(self) -> None:
        for line in self.open_lines:
            line.answers_pings = False
            line.dead = True  # type: ignore[attr-defined]

    def mute(self) -> None:
        if self.open_lines:
            self.muted = self.line

    def garbage(self) -> None:
        if self.open_lines:
            self.line.raw(self.random.randbytes(40))

    def duplicate(self) -> None:
        if self.sent and self.open_lines and self.line is not self.muted:
            symbol = self.sent[-1].symbol
            if f"T.{symbol}" in self.line.topics:
                wall = self.arrival()
                self._next += 1
                for _ in range(2):
                    self.sent.append(Sent(symbol, str(self._next), wall))
                    self.line.say(trade(symbol) | {"i": str(self._next)})

    def refusals(self) -> None:
        times = self.random.randint(1, 12)
        self.refuse = iter([Disconnected("refused") for _ in range(times)])
        self.end("restart", 1012)

    def too_many(self) -> None:
        self.refuse = iter([Disconnected("HTTP 429", cool_down=60.0)])
        self.end("restart", 1012)

    def partition(self) -> None:
        self.half_open()
        self.never_answers = True

        def heal() -> None:
            self.never_answers = False

        asyncio.get_running_loop().call_later(self.random.uniform(1, 600), heal)

    def slow_login(self) -> None:
        self.slow = self.random.uniform(1, 45)
        self.end("restart", 1012)

    def jump(self, seconds: int) -> None:
        virtual_loop().wall_offset += seconds * 1_000_000_000

    # The story

    async def live(self, problems: list[str]) -> None:
        ear = Ear().to(
            events := a_feed(
                self,
                SYMBOLS,
                max_reconnect_attempts=None,
                silence_seconds=300.0,
                random=Random(self.random.random()),
            )
        )
        self.arrival = events._session.now
        ear.act = lambda fact: self.note(f"told {type(fact).__name__} {fact.seq} {fact.ts_recv}")
        loop = virtual_loop()
        while loop.time() < DAY:
            await passing(self.random.expovariate(1 / 60))
            self.trades(self.random.randint(0, 3))
            if self.random.random() < 0.05 and not self.is_muted():
                name = self.random.choice(list(self.faults))
                self.note(f"fault: {name}")
                self.faults[name]()
                self.trades(self.random.randint(0, 3))
        for _ in range(int(QUIET_SECONDS / 10)):
            await passing(10)
            self.trades(3)
        await after(1)
        self.judge(ear, events.status, problems)
        await events.close()
        if self.open_lines:
            problems.append(f"{len(self.open_lines)} connections are open after the end")

    def judge(self, ear: Ear, state: StreamStatus, problems: list[str]) -> None:
        if state is not StreamStatus.CONNECTED:
            problems.append(f"it ended {state.name}")
        if len(self.open_lines) != 1:
            problems.append(f"{len(self.open_lines)} connections are open")
        elif self.line.topics != (wanted := {f"T.{symbol}" for symbol in SYMBOLS}):
            problems.append(f"subscribed to {sorted(self.line.topics)}, wanted {sorted(wanted)}")
        seqs = [fact.seq for fact in ear.facts]
        if any(later <= earlier for earlier, later in itertools.pairwise(seqs)):
            problems.append("seq does not rise")
        arrivals = [fact.ts_recv for fact in ear.facts]
        if arrivals != sorted(arrivals):
            problems.append("ts_recv runs backwards")
        problems += check_history(self.sent, ear.facts)


def play(seed: int) -> tuple[list[str], list[str]]:
    """Live through the day of *seed*: its log, and what went wrong."""
    world, problems = World(seed), list[str]()
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(world.live(problems))
        loop = runner.get_loop()
        assert isinstance(loop, VirtualLoop)
        problems += [f"reported: {context['message']}" for context in loop.reported]
    return world.log, problems

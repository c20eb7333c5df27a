"""A vendor that misbehaves: a market of its own, and the faults that one seed draws."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

from ordinis_rx.errors import AuthError, Disconnected
from ordinis_rx.testing.history import Sent
from ordinis_rx.timebase import HOUR, MILLI, SECOND
from tests.transport import Line, PolygonVendor, status, trade
from tests.virtual import START, virtual_loop

__all__ = ["SILENCE_SECONDS", "SYMBOLS", "World"]

SYMBOLS = ("AAPL", "MSFT", "TSLA")

SILENCE_SECONDS = 600.0
"""The limit of silence of the feeds that live here: after so long a mute symbol is found out."""


class _FaultyLine(Line):
    """A connection that may stop carrying what is said on it."""

    def __init__(self, vendor: World) -> None:
        super().__init__(vendor)
        self.world = vendor
        self.dead = False
        """Half-open: nothing arrives any more, in either direction, and nobody is told."""
        self.withheld: set[str] = set()
        """Symbols whose data is kept back, while pings are answered."""

    def raw(self, frame: bytes) -> None:
        if not self.dead:
            super().raw(frame)

    async def send(self, data: str | bytes) -> None:
        if not self.dead:
            await super().send(data)

    async def close(self) -> None:
        await super().close()
        self.world.note("line closed")


class World(PolygonVendor):
    """What trades is `sent`, whether or not a connection can carry it, as long as somebody has asked for it."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.random = Random(seed)
        self.sent: list[Sent] = []
        self.log: list[str] = []
        self.count = Counter[str]()
        """How often there was each fault."""
        self.faults: dict[str, Callable[[], None]] = {
            "clean close": lambda: self.end("bye", 1000),
            "reset": lambda: self.end("reset", 1006),
            "eviction": lambda: self.end("max connections", 1008, 60.0),
            "half-open": self.half_open,
            "mute": lambda: self.withhold(SYMBOLS),
            "mute symbol": lambda: self.withhold([self.random.choice(SYMBOLS)]),
            "mute, then cut": lambda: self.withhold_and_cut(SYMBOLS),
            "mute symbol, then cut": lambda: self.withhold_and_cut([self.random.choice(SYMBOLS)]),
            "garbage": self.garbage,
            "duplicate": self.duplicate,
            "reorder": self.reorder,
            "refusals": self.refusals,
            "401": self.unauthorized,
            "429": self.too_many,
            "expired token": self.expired,
            "partition": self.partition,
            "slow login": self.slow_login,
            "clock forward": lambda: self.jump(3600),
            "clock back": lambda: self.jump(-3600),
            "suspend": self.suspend,
        }
        self.slow = 0.0
        self.in_force = False
        """Whether somebody has subscribed and waits for data, through all interruptions, until the feed ends."""
        self.arrival: Callable[[], int] = lambda: START
        """The feed's own clock of arrival."""
        self.leaps: set[int] = set()
        """When the clock of arrival has just leapt: what is read then may have come before."""
        self._next = 0

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
            self.in_force = self.in_force or bool(line.topics)

    @property
    def carrier(self) -> _FaultyLine | None:
        """The newest connection, as long as it is open."""
        line = self.lines[-1] if self.lines else None
        return line if isinstance(line, _FaultyLine) and line.open else None

    def tell(self, symbol: str, *, times: int = 1, early: int = 0) -> None:
        """A trade of *symbol*, told so often, stamped *early* nanoseconds too early."""
        if not self.in_force:
            return
        now = self.arrival()
        self._next += 1
        line = self.carrier
        for _ in range(times):
            self.sent.append(Sent(symbol, str(self._next), now))
            if line is not None and f"T.{symbol}" in line.topics and symbol not in line.withheld:
                line.say(trade(symbol, at=(now - early) // MILLI) | {"i": str(self._next)})

    def trades(self, count: int) -> None:
        """What trades in this moment."""
        for _ in range(count):
            self.tell(self.random.choice(SYMBOLS))

    def fault(self) -> None:
        """Something goes wrong."""
        name = self.random.choice(list(self.faults))
        self.note(f"fault: {name}")
        self.count[name] += 1
        self.faults[name]()

    # Faults

    def end(self, reason: str, code: int, cool_down: float = 0.0) -> None:
        if (line := self.carrier) is not None:
            line.lose(reason, code, cool_down)

    def half_open(self) -> None:
        if (line := self.carrier) is not None:
            line.answers_pings = False
            line.dead = True

    def withhold(self, symbols: tuple[str, ...] | list[str]) -> None:
        if (line := self.carrier) is not None:
            line.withheld.update(symbols)

    def withhold_and_cut(self, symbols: tuple[str, ...] | list[str]) -> None:
        """Withhold data while pings are answered, and break off before anybody can have found out."""
        if (line := self.carrier) is not None:
            self.withhold(symbols)
            delay = self.random.uniform(1, SILENCE_SECONDS)
            asyncio.get_running_loop().call_later(delay, line.lose)

    def garbage(self) -> None:
        if (line := self.carrier) is not None:
            line.raw(self.random.randbytes(40))

    def duplicate(self) -> None:
        self.tell(self.random.choice(SYMBOLS), times=2)

    def reorder(self) -> None:
        for early in (0, 5 * SECOND, 2 * SECOND):
            self.tell(self.random.choice(SYMBOLS), early=early)

    def refusals(self) -> None:
        times = self.random.randint(1, 12)
        self.refuse = iter([Disconnected("refused") for _ in range(times)])
        self.end("restart", 1012)

    def unauthorized(self) -> None:
        self.refuse = iter([AuthError("polygon", "HTTP 401 in the handshake")])
        self.end("restart", 1012)

    def too_many(self) -> None:
        self.refuse = iter([Disconnected("HTTP 429", cool_down=60.0)])
        self.end("restart", 1012)

    def expired(self) -> None:
        if (line := self.carrier) is not None:
            line.say(status("auth_failed", "the token has expired"))
            line.lose("expired", 1008)

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
        virtual_loop().wall_offset += seconds * SECOND
        self.leaps.add(self.arrival())

    def suspend(self) -> None:
        """The machine sleeps for eight hours: its timers stand still, the market does not, and no connection survives."""
        asleep = virtual_loop().wall()
        if self.in_force:
            for moment in sorted(self.random.randrange(8 * HOUR) for _ in range(5)):
                self._next += 1
                at = max(self.arrival(), asleep + moment)
                self.sent.append(Sent(self.random.choice(SYMBOLS), str(self._next), at))
        self.jump(8 * 3600)
        if self.random.random() < 0.5:
            self.half_open()
        else:
            self.end("reset", 1006)

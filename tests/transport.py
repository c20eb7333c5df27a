"""A vendor played in memory: a transport without sockets, whose other end follows the test's script."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from ordinis_rx.config import StreamConfig
from ordinis_rx.errors import Disconnected
from ordinis_rx.events import FeedError, Gap, StatusChange, StreamStatus, Trade
from ordinis_rx.feed import Feed, feed
from ordinis_rx.providers.polygon import polygon
from ordinis_rx.providers.protocol import Provider
from tests.virtual import virtual_loop

__all__ = [
    "KEY",
    "Counted",
    "Ear",
    "Line",
    "PolygonVendor",
    "Vendor",
    "a_feed",
    "a_polygon",
    "status",
    "trade",
]

KEY = "canary-4711-key"


class Counted(str):
    """A symbol that counts how often any of its kind is looked up."""

    looks = 0

    def __hash__(self) -> int:
        Counted.looks += 1
        return super().__hash__()

    __eq__ = str.__eq__


class Line:
    """One connection, from the vendor's side."""

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor
        self.said: list[str] = []
        self.topics: set[str] = set()
        self.pings = 0
        self.answers_pings = True
        self.open = True
        self._inbound: asyncio.Queue[bytes | Exception] = asyncio.Queue()

    def say(self, *messages: object) -> None:
        """One frame of messages to the feed."""
        self.raw(msgspec.json.encode(list(messages)))

    def raw(self, frame: bytes) -> None:
        self._inbound.put_nowait(frame)

    def lose(self, reason: str = "gone", code: int | None = 1006, cool_down: float = 0.0) -> None:
        """End the connection."""
        self._inbound.put_nowait(Disconnected(reason, code=code, cool_down=cool_down))

    # What the feed calls

    async def recv(self) -> bytes:
        got = await self._inbound.get()
        if isinstance(got, Exception):
            raise got
        return got

    async def send(self, data: str | bytes) -> None:
        text = data if isinstance(data, str) else data.decode("latin-1")
        self.said.append(text)
        self.vendor.hear(self, text)

    async def ping(self) -> None:
        self.pings += 1
        if self.answers_pings:
            self.raw(b"")

    async def close(self) -> None:
        self.open = False


class Vendor:
    """A transport; every dial makes a `Line`. Without a script it lets in everybody and says nothing.

    *dialled* may raise, or wait, for the dial; *hear* gets what the feed says.
    """

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.dials: list[float] = []
        self.refuse: Iterable[Exception] = iter(())
        self.never_answers = False

    async def __call__(
        self, url: str, *, headers: Mapping[str, str], name: str, timeout_seconds: float
    ) -> Line:
        self.dials.append(asyncio.get_running_loop().time())
        if self.never_answers:
            await asyncio.Event().wait()
        for error in self.refuse:
            raise error
        line = Line(self)
        self.lines.append(line)
        self.greet(line)
        return line

    def greet(self, line: Line) -> None:
        """What the vendor says first."""

    def hear(self, line: Line, text: str) -> None:
        """What the vendor does about a message."""

    @property
    def line(self) -> Line:
        """The newest connection."""
        return self.lines[-1]

    @property
    def open_lines(self) -> list[Line]:
        return [line for line in self.lines if line.open]


def status(word: str, message: str | None = None) -> dict[str, str]:
    told = {"ev": "status", "status": word}
    return told if message is None else told | {"message": message}


def trade(
    symbol: str = "AAPL", price: float = 100.0, at: int = 1_700_000_000_000
) -> dict[str, Any]:
    return {"ev": "T", "sym": symbol, "p": price, "s": 10, "t": at, "i": "1", "x": 4}


class PolygonVendor(Vendor):
    """Speaks as Polygon does. *acks*: each, whole (all in one frame), unnamed or none."""

    def __init__(
        self, *, acks: str = "each", login: tuple[object, ...] = (status("auth_success"),)
    ) -> None:
        super().__init__()
        self.acks = acks
        self.login = login
        self.unknown: frozenset[str] = frozenset()
        """Topics that are passed over in silence."""

    def hear(self, line: Line, text: str) -> None:
        message = msgspec.json.decode(text)
        action, params = message["action"], message["params"]
        if action == "auth":
            if self.login:
                line.say(*self.login)
            return
        assert action in ("subscribe", "unsubscribe")
        topics = [topic for topic in params.split(",") if topic not in self.unknown]
        if action == "subscribe":
            doubled = line.topics & set(topics)
            assert not doubled, f"subscribed twice to {doubled}"
            line.topics |= set(topics)
        else:
            assert line.topics >= set(topics), "unsubscribed from what was never asked for"
            line.topics -= set(topics)
        verb = "subscribed to" if action == "subscribe" else "unsubscribed to"
        acks = [
            status("success", None if self.acks == "unnamed" else f"{verb}: {topic}")
            for topic in topics
        ]
        if self.acks == "whole":
            line.say(*acks)
        elif self.acks != "none":
            for ack in acks:
                line.say(ack)


def a_polygon(**options: Any) -> Provider:
    return polygon(KEY, **options)


def a_feed(vendor: Vendor, symbols: Any = ("AAPL",), **options: Any) -> Feed:
    """A feed from *vendor*, on the virtual loop; fields of the config are given as they are."""
    options.setdefault("channels", {"trades"})
    settings = {
        name: options.pop(name)
        for name in tuple(options)
        if name in StreamConfig.__dataclass_fields__
    }
    options.setdefault("config", StreamConfig(**settings))
    loop = virtual_loop()
    return feed(
        options.pop("provider", a_polygon()), symbols, transport=vendor, wall=loop.wall, **options
    )


class Ear:
    """A subscriber that remembers."""

    def __init__(self) -> None:
        self.facts: list[Any] = []
        self.errors: list[Exception] = []
        self.completed = 0
        self.act: Callable[[Any], None] = lambda fact: None
        """Done at each fact."""
        self.subscription: Any = None

    def to(self, source: Any) -> Ear:
        self.subscription = source.subscribe(self.on_next, self.on_error, self.on_completed)
        return self

    def on_next(self, fact: Any) -> None:
        self.facts.append(fact)
        self.act(fact)

    def on_error(self, error: Exception) -> None:
        self.errors.append(error)

    def on_completed(self) -> None:
        self.completed += 1

    def leave(self) -> None:
        self.subscription.dispose()

    def of(self, kind: type[Any]) -> list[Any]:
        return [fact for fact in self.facts if type(fact) is kind]

    @property
    def statuses(self) -> list[StreamStatus]:
        return [fact.status for fact in self.of(StatusChange)]

    @property
    def gaps(self) -> list[Gap]:
        return self.of(Gap)

    @property
    def prices(self) -> list[float]:
        return [fact.price for fact in self.of(Trade)]

    @property
    def problems(self) -> list[str]:
        return [fact.kind for fact in self.of(FeedError)]

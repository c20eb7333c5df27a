"""One client of a simulated server, on a socket that only remembers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from websockets.exceptions import ConnectionClosedOK

from ordinis_rx.events import Event, Trade
from ordinis_rx.providers.protocol import Topic
from ordinis_rx.sim.connection import EVENTS_A_FRAME, Connection, Manners
from ordinis_rx.sim.dialects.dialect import Answer, Ending, Frame
from ordinis_rx.sim.server_stats import ServerStats
from ordinis_rx.sim.wire_faults import WireFaults
from ordinis_rx.timebase import HOUR

AAPL, MSFT = Topic("trades", "AAPL"), Topic("trades", "MSFT")


class Socket:
    """What a connection does to its socket, in order; the client says what the test puts in."""

    def __init__(self) -> None:
        self.done: list[Any] = []
        self.said: asyncio.Queue[str | None] = asyncio.Queue()
        self.transport = self
        self.stuck: asyncio.Event | None = None

    async def recv(self) -> str:
        said = await self.said.get()
        if said is None:
            raise ConnectionClosedOK(None, None)
        return said

    async def send(self, frame: Frame) -> None:
        if self.stuck is not None:
            await self.stuck.wait()
        self.done.append(frame)

    async def close(self, code: int, reason: str) -> None:
        self.done.append((code, reason))

    def abort(self) -> None:
        self.done.append("cut")

    def pause_reading(self) -> None:
        self.done.append("deaf")


class Talk:
    """A session in the plainest of languages: a symbol subscribes to its trades, a frame is its prices."""

    def __init__(self, frames: int = 1) -> None:
        self.topics: set[Topic] = set()
        self.frames = frames

    def greet(self) -> Answer:
        return Answer(("hello",))

    def receive(self, message: str | bytes) -> Answer:
        if message == "key":
            return Answer(("welcome",), admitted=True)
        self.topics.add(Topic("trades", str(message)))
        return Answer((f"+{message}",), subscribed=1)

    def encode(self, events: Sequence[Event]) -> list[Frame]:
        prices = [f"{event.price:g}" for event in events if isinstance(event, Trade)]
        return [" ".join(prices)] * self.frames

    def overdue(self) -> Answer:
        return Answer(("too late",), Ending(1008, "late"))

    def crowded_out(self) -> Answer:
        return Answer(("one too many",), Ending(1008, "crowded"))

    def too_slow(self) -> Answer:
        return Answer(("too slow",), Ending(1008, "slow"))

    def idle(self) -> Frame | None:
        return None


def rows(*prices: float, topic: Topic = AAPL) -> list[tuple[Topic, Event]]:
    return [
        (topic, Trade(symbol=topic.symbol, ts_event=1, price=price, size=1.0)) for price in prices
    ]


class Served:
    """A connection that runs, until the block ends."""

    def __init__(
        self,
        session: Talk | None = None,
        *,
        faults: WireFaults | None = None,
        send_buffer: int = 1000,
        enter: Callable[[Connection], bool] = lambda connection: True,
    ) -> None:
        self.socket, self.stats = Socket(), ServerStats()
        self.session = session or Talk()
        socket: Any = self.socket
        self.connection = Connection(
            socket,
            self.session,
            manners=Manners(HOUR, HOUR, send_buffer, faults or WireFaults()),
            stats=self.stats,
            random=Random(1),
            enter=enter,
        )

    async def __aenter__(self) -> Served:
        self.running = asyncio.create_task(self.connection.run())
        await self.settled()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.socket.said.put_nowait(None)
        await self.running

    async def settled(self) -> None:
        for _ in range(10):
            await asyncio.sleep(0)

    async def hear(self, *messages: str) -> None:
        for message in messages:
            self.socket.said.put_nowait(message)
        await self.settled()


async def test_a_client_hears_what_it_subscribed_to_from_then_on() -> None:
    async with Served() as served:
        served.connection.tell(rows(1))
        await served.hear("key", "AAPL")
        served.connection.tell([*rows(2), *rows(3, topic=MSFT)])
        await served.settled()

    assert served.socket.done == ["hello", "welcome", "+AAPL", "2"]
    assert (served.stats.subscriptions, served.stats.events_sent) == (1, 1)
    assert served.stats.messages_sent == 4


async def test_who_subscribed_to_everything_hears_everything_of_that_channel() -> None:
    async with Served() as served:
        await served.hear("*")
        served.connection.tell([*rows(2), *rows(3, topic=MSFT), *rows(4, topic=Topic("bars", "A"))])
        await served.settled()

    assert served.socket.done[-1] == "2 3"


async def test_many_events_travel_in_several_frames_and_are_counted_once() -> None:
    async with Served(Talk(frames=2)) as served:
        await served.hear("AAPL")
        served.connection.tell(rows(*range(EVENTS_A_FRAME + 1)))
        await served.settled()

    assert len(served.socket.done) == 2 + 2 * 2
    assert served.stats.events_sent == EVENTS_A_FRAME + 1


async def test_a_client_that_does_not_read_is_let_go_after_its_farewell_alone() -> None:
    async with Served(send_buffer=2) as served:
        await served.hear("AAPL")
        served.socket.stuck = asyncio.Event()
        for price in range(5):
            served.connection.tell(rows(price))
            await served.settled()
        served.socket.stuck.set()
        await served.settled()

    assert served.stats.slow_consumers == 1
    assert served.socket.done[-2:] == ["too slow", (1008, "slow")]


async def test_the_mute_answer_but_tell_nothing() -> None:
    async with Served() as served:
        await served.hear("AAPL")
        served.connection.go_mute()
        served.connection.go_mute()
        served.connection.tell(rows(1))
        await served.hear("MSFT")

    assert served.socket.done == ["hello", "+AAPL", "+MSFT"]
    assert served.stats.mutes == 1


async def test_the_half_open_neither_hear_nor_say_and_are_cut_when_let_go() -> None:
    async with Served() as served:
        served.connection.go_half_open()
        served.connection.tell(rows(1))
        served.connection.let_go(served.session.crowded_out())
        await served.settled()

    assert served.socket.done == ["hello", "deaf", "cut"]


async def test_a_client_that_finds_no_room_hears_no_welcome() -> None:
    async with Served(enter=lambda connection: False) as served:
        await served.hear("key")

    assert served.socket.done == ["hello"]


async def test_garbage_comes_before_the_frame_that_it_is_half_of() -> None:
    async with Served(faults=WireFaults(garbage=1.0)) as served:
        await served.hear("AAPL")
        served.connection.tell(rows(12.5))
        await served.settled()

    assert served.socket.done[-2:] == ["12", "12.5"]
    assert (served.stats.garbage, served.stats.events_sent) == (1, 1)

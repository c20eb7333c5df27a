"""One client of a simulated server: its session, what waits to be sent to it, and the faults that will befall it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from ordinis_rx.events import Event
from ordinis_rx.providers.protocol import Topic
from ordinis_rx.sim.dialects.dialect import Answer, Ending, Frame, Session
from ordinis_rx.sim.server_stats import ServerStats
from ordinis_rx.sim.wire_faults import WireFaults
from ordinis_rx.timebase import Nanos, seconds

if TYPE_CHECKING:
    from websockets.asyncio.server import ServerConnection

__all__ = ["Connection", "Manners"]

EVENTS_A_FRAME = 100
GRACE_SECONDS = 1.0
"""How long a client that is being let go may take to read its farewell."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How a server treats each of its clients."""

    auth_timeout: Nanos
    idle_ping: Nanos
    send_buffer: int
    faults: WireFaults = field(default_factory=WireFaults)


class Connection:
    """Runs one conversation. All on one event loop; nothing in here waits for the client but `run`."""

    def __init__(
        self,
        socket: ServerConnection,
        session: Session,
        *,
        manners: Manners,
        stats: ServerStats,
        random: Random,
        enter: Callable[[Connection], bool],
    ) -> None:
        self.session = session
        self._socket = socket
        self._manners = manners
        self._stats = stats
        self._random = random
        self._enter = enter
        self._waiting: deque[tuple[Frame | Ending, int]] = deque()
        self._more = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._timers: list[asyncio.TimerHandle] = []
        self._sending: asyncio.Task[None] | None = None
        self._admitted = False
        self._mute = False
        self._leaving = False
        self.half_open = False

    async def run(self) -> None:
        """From the greeting until the connection is closed, by whichever side."""
        from websockets.exceptions import ConnectionClosed

        self._stats.connections += 1
        self._sending = self._loop.create_task(self._send())
        self._arm()
        try:
            self._act(self.session.greet())
            while True:
                message = await self._socket.recv()
                self._stats.received += 1
                self._act(self.session.receive(message))
                if self._is_overfull():
                    await asyncio.sleep(0)  # what can be sent at once is no sign of a slow reader
                    self._let_go_if_slow()
        except ConnectionClosed:
            pass
        finally:
            for timer in self._timers:
                timer.cancel()
            self._sending.cancel()
            await asyncio.wait([self._sending])

    def tell(self, rows: Sequence[tuple[Topic, Event]]) -> None:
        """Queue what the client subscribed to; one that leaves too much unread is let go."""
        if self._mute or self._leaving:
            return
        topics = self.session.topics
        wanted = [
            event for topic, event in rows if topic in topics or Topic(topic.channel, "*") in topics
        ]
        for at in range(0, len(wanted), EVENTS_A_FRAME):
            part = wanted[at : at + EVENTS_A_FRAME]
            untold = len(part)
            for frame in self.session.encode(part):
                if self._random.random() < self._manners.faults.garbage:
                    # Half a message: no reader can take it for anything else.
                    self._queue(frame[: len(frame) // 2], 0)
                    self._stats.garbage += 1
                self._queue(frame, untold)
                untold = 0  # they are counted once, in however many frames they travel
        self._let_go_if_slow()

    @property
    def unread(self) -> int:
        """How many frames wait to be sent, because the client does not read them."""
        return 0 if self._leaving else len(self._waiting)

    def _is_overfull(self) -> bool:
        return len(self._waiting) > self._manners.send_buffer

    def _let_go_if_slow(self) -> None:
        if self._is_overfull() and not self._leaving:
            self._stats.slow_consumers += 1
            self._waiting.clear()
            self.let_go(self.session.too_slow())

    def let_go(self, farewell: Answer) -> None:
        """Say farewell and close; cut the line if the client does not take it in time."""
        if self.half_open:
            self.cut()
            return
        self._say(farewell)
        self._leaving = True
        self._timers.append(self._loop.call_later(GRACE_SECONDS, self.cut))

    def cut(self) -> None:
        """Drop the connection at once, without a close frame."""
        self._socket.transport.abort()

    def go_half_open(self) -> None:
        """From now on send nothing and read nothing, yet stay open."""
        if self.half_open:
            return
        self._stats.half_opens += 1
        self.half_open = self._leaving = True
        # Unread, the client's pings get no answer either.
        self._socket.transport.pause_reading()
        if self._sending is not None:
            self._sending.cancel()

    def go_mute(self) -> None:
        """From now on send no data, yet answer."""
        self._stats.mutes += not self._mute
        self._mute = True

    def _act(self, answer: Answer) -> None:
        self._stats.subscriptions += answer.subscribed
        self._stats.auth_failures += answer.turned_away
        if answer.admitted and not self._admitted:
            self._admitted = True
            if not self._enter(self):
                return
        if answer.ending is None:
            self._say(answer)
        else:
            self.let_go(answer)

    def _say(self, answer: Answer) -> None:
        if self._leaving:
            return
        for frame in answer.frames:
            self._queue(frame, 0)
        if answer.ending is not None:
            self._queue(answer.ending, 0)

    def _queue(self, what: Frame | Ending, events: int) -> None:
        self._waiting.append((what, events))
        self._more.set()

    async def _send(self) -> None:
        from websockets.exceptions import ConnectionClosed

        idle = seconds(self._manners.idle_ping)
        try:
            while True:
                while self._waiting:
                    what, events = self._waiting.popleft()
                    if isinstance(what, Ending):
                        await self._end(what)
                        return
                    await self._socket.send(what)
                    self._stats.messages_sent += 1
                    self._stats.events_sent += events
                self._more.clear()
                try:
                    async with asyncio.timeout(idle):
                        await self._more.wait()
                except TimeoutError:
                    ping = self.session.idle()
                    if ping is not None and not self._mute:
                        self._queue(ping, 0)
        except ConnectionClosed:
            pass

    async def _end(self, ending: Ending) -> None:
        if ending.code is None:
            # Not abort(): what was said before must still arrive.
            self._socket.transport.close()
        else:
            await self._socket.close(ending.code, ending.reason)

    def _arm(self) -> None:
        faults = self._manners.faults
        for after, fault in (
            (self._manners.auth_timeout, self._overdue),
            (faults.disconnect_every, self._disconnect),
            (faults.clean_close_every, self._close_cleanly),
            (faults.error_close_every, self._close_in_error),
            (faults.half_open_after, self.go_half_open),
            (faults.mute_after, self.go_mute),
        ):
            if after is not None:
                self._timers.append(self._loop.call_later(seconds(after), fault))

    def _overdue(self) -> None:
        if not self._admitted:
            self._stats.auth_timeouts += 1
            self.let_go(self.session.overdue())

    def _disconnect(self) -> None:
        if not self.half_open:
            self._stats.disconnects += 1
            self.cut()

    def _close_cleanly(self) -> None:
        if not self.half_open:
            self._stats.clean_closes += 1
            self.let_go(Answer(ending=Ending(1000)))

    def _close_in_error(self) -> None:
        if not self.half_open:
            self._stats.error_closes += 1
            self.let_go(Answer(ending=Ending(1011, "internal error")))

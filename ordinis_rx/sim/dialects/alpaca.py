"""Alpaca's side: greets, wants key and secret, confirms with the whole set in force, and numbers its errors.

It speaks MessagePack to clients whose handshake asks for it, JSON to others. A connection too many is refused itself; the
older ones stay.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ordinis_rx.events import Event
from ordinis_rx.providers.alpaca import alpaca
from ordinis_rx.providers.alpaca_codec import JSON, MSGPACK
from ordinis_rx.providers.alpaca_wire import CHANNELS
from ordinis_rx.providers.parts import UNREADABLE
from ordinis_rx.providers.protocol import Topic
from ordinis_rx.sim.dialects.dialect import Access, Answer, Dialect, Ending, Frame, Handshake

__all__ = ["ALPACA"]

_OURS = {theirs: ours for ours, theirs in CHANNELS.items()}


class _Request(msgspec.Struct, rename="camel"):
    action: str
    key: str = ""
    secret: str = ""
    trades: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()
    bars: tuple[str, ...] = ()
    updated_bars: tuple[str, ...] = ()
    daily_bars: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    lulds: tuple[str, ...] = ()
    imbalances: tuple[str, ...] = ()

    def topics(self) -> set[Topic]:
        lists = msgspec.to_builtins(self)
        return {Topic(ours, symbol) for theirs, ours in _OURS.items() for symbol in lists[theirs]}


class _Session:
    def __init__(self, access: Access, handshake: Handshake) -> None:
        self.topics: set[Topic] = set()
        packed = "msgpack" in handshake.headers.get("content-type", "")
        self._codec = MSGPACK if packed else JSON
        self._request = self._codec.decoder(_Request)
        self._encode = alpaca("-", "-", codec="msgpack" if packed else "json").encode
        self._access = access
        self._headers = handshake.headers
        self._admitted = False

    def greet(self) -> Answer:
        hello = self._said({"T": "success", "msg": "connected"})
        key = self._headers.get("apca-api-key-id")
        if key is None:
            return Answer((hello,))
        shown = self._shown(key, self._headers.get("apca-api-secret-key", ""))
        return Answer(
            (hello, *shown.frames), admitted=shown.admitted, turned_away=shown.turned_away
        )

    def receive(self, message: str | bytes) -> Answer:
        try:
            request: _Request = self._request.decode(message)
        except UNREADABLE:
            return self._error(400, "invalid syntax")
        match request.action:
            case "auth" if self._admitted:
                return self._error(403, "already authenticated")
            case "auth":
                return self._shown(request.key, request.secret)
            case _ if not self._admitted:
                return self._error(401, "not authenticated")
            case "subscribe":
                return self._subscribe(request.topics())
            case "unsubscribe":
                self.topics -= request.topics()
                return Answer((self._in_force(),))
            case _:
                return self._error(400, "invalid syntax")

    def _shown(self, key: str, secret: str) -> Answer:
        if (key, secret) != (self._access.api_key, self._access.secret):
            return Answer(self._error(402, "auth failed").frames, turned_away=True)
        self._admitted = True
        return Answer((self._said({"T": "success", "msg": "authenticated"}),), admitted=True)

    def _subscribe(self, topics: set[Topic]) -> Answer:
        limit = self._access.max_symbols
        wanted = self.topics | topics
        if limit is not None and len({topic.symbol for topic in wanted}) > limit:
            return self._error(405, "symbol limit exceeded")
        added = len(wanted) - len(self.topics)
        self.topics = wanted
        return Answer((self._in_force(),), subscribed=added)

    def _in_force(self) -> Frame:
        lists = {
            theirs: sorted(topic.symbol for topic in self.topics if topic.channel == ours)
            for theirs, ours in _OURS.items()
        }
        # They come with the trades, unasked.
        extra = {"corrections": lists["trades"], "cancelErrors": lists["trades"]}
        return self._said({"T": "subscription", **lists, **extra})

    def encode(self, events: Sequence[Event]) -> list[Frame]:
        return self._encode(events)

    def overdue(self) -> Answer:
        return Answer(self._error(404, "auth timeout").frames, ending=Ending(1008))

    def crowded_out(self) -> Answer:
        frames = self._error(406, "connection limit exceeded").frames
        return Answer(frames, ending=Ending(1008))

    def too_slow(self) -> Answer:
        return Answer(self._error(407, "slow client").frames, ending=Ending(1008))

    def idle(self) -> Frame | None:
        return None

    def _error(self, code: int, message: str) -> Answer:
        return Answer((self._said({"T": "error", "code": code, "msg": message}),))

    def _said(self, message: dict[str, object]) -> Frame:
        return self._codec.encode([message])


def _spelled(event: Event) -> Event:
    # The market's codes are the letters of the tape already.
    return event


ALPACA = Dialect(name="alpaca", path="/v2/iex", session=_Session, spelled=_spelled, loser="newest")

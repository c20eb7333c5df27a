"""Polygon's side: greets first, confirms topic by topic, and sends an older connection away for a newer one.

A wrong key is told and then cut off without a close frame. A topic that does not exist is ignored in silence, and so is one
that is subscribed to already.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ordinis_rx.events import Event, Quote, Trade
from ordinis_rx.providers.parts import UNREADABLE
from ordinis_rx.providers.polygon import polygon
from ordinis_rx.providers.polygon_channels import CHANNELS, base_of, named
from ordinis_rx.providers.protocol import Topic
from ordinis_rx.sim.dialects.dialect import Access, Answer, Dialect, Ending, Frame, Handshake

__all__ = ["POLYGON"]

_CONDITIONS = {"I": "37", "T": "12", "W": "2", "Z": "33"}
"""From the letters of the tape to the vendor's numbers; a regular sale has none."""

_VENUES = {"D": "4", "N": "10", "P": "11", "Q": "12", "V": "15", "Z": "19"}


class _Request(msgspec.Struct):
    action: str
    params: str = ""


_request = msgspec.json.Decoder(_Request)


class _Session:
    def __init__(self, access: Access, handshake: Handshake) -> None:
        self.topics: set[Topic] = set()
        self._key = access.api_key
        market = handshake.path.strip("/")
        self._market = base_of(market) if base_of(market) in CHANNELS else "stocks"
        self._encode = polygon("-", self._market).encode
        self._admitted = False

    def greet(self) -> Answer:
        return Answer((_status(("connected", "Connected Successfully")),))

    def receive(self, message: str | bytes) -> Answer:
        try:
            request = _request.decode(message)
        except UNREADABLE:
            return Answer()
        match request.action:
            case "auth" if request.params == self._key:
                self._admitted = True
                return Answer((_status(("auth_success", "authenticated")),), admitted=True)
            case "auth":
                told = _status(("auth_failed", "authentication failed"))
                return Answer((told,), ending=Ending(None), turned_away=True)
            case "subscribe" | "unsubscribe" if not self._admitted:
                return Answer((_status(("error", "not authorized")),))
            case "subscribe":
                return self._subscribe(request.params)
            case "unsubscribe":
                return self._unsubscribe(request.params)
            case _:
                return Answer()

    def _subscribe(self, params: str) -> Answer:
        added: list[str] = []
        for word, topic in self._read(params):
            if topic not in self.topics:
                self.topics.add(topic)
                added.append(word)
        told = _confirmed("subscribed to", added)
        return Answer(told, subscribed=len(added))

    def _unsubscribe(self, params: str) -> Answer:
        ended: list[str] = []
        for word, topic in self._read(params):
            if topic in self.topics:
                self.topics.remove(topic)
                ended.append(word)
        return Answer(_confirmed("unsubscribed to", ended))

    def _read(self, params: str) -> list[tuple[str, Topic]]:
        words = [word.strip() for word in params.split(",")]
        return [(word, topic) for word in words if (topic := named(self._market, word)) is not None]

    def encode(self, events: Sequence[Event]) -> list[Frame]:
        return self._encode(events)

    def overdue(self) -> Answer:
        told = _status(("auth_timeout", "No authentication request received."))
        return Answer((told,), ending=Ending(1008))

    def crowded_out(self) -> Answer:
        # The blank at the end is the vendor's.
        told = _status(("max_connections", "Maximum number of websocket connections exceeded. "))
        return Answer((told,), ending=Ending(1008))

    def too_slow(self) -> Answer:
        told = _status(("slow_consumer", "Slow consumer: messages could not be delivered."))
        return Answer((told,), ending=Ending(1008))

    def idle(self) -> Frame | None:
        return None


def _confirmed(what: str, words: Sequence[str]) -> tuple[Frame, ...]:
    return (_status(*(("success", f"{what}: {word}") for word in words)),) if words else ()


def _status(*told: tuple[str, str]) -> str:
    return msgspec.json.encode(
        [{"ev": "status", "status": status, "message": message} for status, message in told]
    ).decode()


def _spelled(event: Event) -> Event:
    match event:
        case Trade():
            codes = tuple(_CONDITIONS.get(code, code) for code in event.conditions if code != "@")
            venue = _VENUES.get(event.venue, event.venue)
            return msgspec.structs.replace(event, conditions=codes, venue=venue)
        case Quote():
            bid, ask = event.bid_venue, event.ask_venue
            return msgspec.structs.replace(
                event, bid_venue=_VENUES.get(bid, bid), ask_venue=_VENUES.get(ask, ask)
            )
        case _:
            return event


POLYGON = Dialect(
    name="polygon", path="/stocks", session=_Session, spelled=_spelled, loser="oldest"
)

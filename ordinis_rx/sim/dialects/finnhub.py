"""Finnhub's side: asks for the token in the address, confirms nothing, and pings in JSON when there is nothing to say.

A symbol beyond the limit is refused in words and then silent. A second connection with the same token ends the first.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ordinis_rx.events import Event, Trade
from ordinis_rx.providers.finnhub import finnhub
from ordinis_rx.providers.parts import UNREADABLE
from ordinis_rx.providers.protocol import Topic
from ordinis_rx.sim.dialects.dialect import Access, Answer, Dialect, Ending, Frame, Handshake

__all__ = ["FINNHUB"]

_CONDITIONS = {"@": "1", "I": "12", "T": "24"}
"""From the letters of the tape to the vendor's numbers, as far as they are known."""

_TOO_MANY = '{"type":"error","msg":"Subscribing to too many symbols"}'
_PING = '{"type":"ping"}'


class _Request(msgspec.Struct):
    type: str
    symbol: str = ""


_request = msgspec.json.Decoder(_Request)


class _Session:
    def __init__(self, access: Access, handshake: Handshake) -> None:
        self.topics: set[Topic] = set()
        self._limit = access.max_symbols
        self._encode = finnhub("-").encode

    def greet(self) -> Answer:
        return Answer(admitted=True)

    def receive(self, message: str | bytes) -> Answer:
        try:
            request = _request.decode(message)
        except UNREADABLE:
            return Answer()
        topic = Topic("trades", request.symbol)
        if request.type == "unsubscribe":
            self.topics.discard(topic)
        if request.type != "subscribe" or topic in self.topics or not request.symbol:
            return Answer()
        if self._limit is not None and len(self.topics) >= self._limit:
            return Answer((_TOO_MANY,))
        self.topics.add(topic)
        return Answer(subscribed=1)

    def encode(self, events: Sequence[Event]) -> list[Frame]:
        return self._encode(events)

    def overdue(self) -> Answer:
        return Answer(ending=Ending(None))

    def crowded_out(self) -> Answer:
        return Answer(ending=Ending(None))

    def too_slow(self) -> Answer:
        return Answer(ending=Ending(1008))

    def idle(self) -> Frame | None:
        return _PING


def _spelled(event: Event) -> Event | None:
    if not isinstance(event, Trade):
        return event
    codes = event.conditions
    if any(code not in _CONDITIONS for code in codes):
        # Told without its code, an average price or a late print would pass for a regular sale.
        return None
    return msgspec.structs.replace(event, conditions=tuple(_CONDITIONS[code] for code in codes))


FINNHUB = Dialect(
    name="finnhub",
    path="/",
    session=_Session,
    spelled=_spelled,
    loser="oldest",
    key_in_query="token",
    max_symbols=50,
)

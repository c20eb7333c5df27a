"""What a vendor's side of a conversation is: a value per vendor, a session per connection. No sockets in here.

A server opens a session with the handshake, hands it every message of the client, and does what the answers say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol, TypeAlias

from ordinis_rx.events import Event
from ordinis_rx.providers.protocol import Topic

__all__ = ["Access", "Answer", "Dialect", "Ending", "Frame", "Handshake", "Session"]

Frame: TypeAlias = str | bytes
"""One message: text or binary."""


@dataclass(frozen=True, slots=True, repr=False)
class Access:
    """Who is let in, and to how much."""

    api_key: str
    secret: str
    max_symbols: int | None


@dataclass(frozen=True, slots=True, repr=False)
class Handshake:
    """What the client said on opening the connection."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""


class Ending(NamedTuple):
    """How a connection ends: with a close frame of this code, or without one when it is None."""

    code: int | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What to send, and what the message meant for the connection."""

    frames: tuple[Frame, ...] = ()
    ending: Ending | None = None
    admitted: bool = False
    """The client has just shown the right key."""
    turned_away: bool = False
    """The client has just shown a wrong key."""
    subscribed: int = 0
    """How many topics have just been added."""


class Session(Protocol):
    """One connection's conversation."""

    topics: set[Topic]
    """What the client is subscribed to; a symbol may be ``*``."""

    def greet(self) -> Answer:
        """What is said on opening, unasked."""
        ...

    def receive(self, message: str | bytes) -> Answer:
        """Answer one message of the client."""
        ...

    def encode(self, events: Sequence[Event]) -> list[Frame]:
        """Events as the wire has them."""
        ...

    def overdue(self) -> Answer:
        """Farewell to a client that did not authenticate in time."""
        ...

    def crowded_out(self) -> Answer:
        """Farewell to a connection that is one too many."""
        ...

    def too_slow(self) -> Answer:
        """Farewell to a client that does not keep up."""
        ...

    def idle(self) -> Frame | None:
        """What is sent when there was nothing to send for a while."""
        ...


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one vendor's servers behave."""

    name: str
    path: str
    """Where a client usually dials, from the slash on."""
    session: Callable[[Access, Handshake], Session]
    spelled: Callable[[Event], Event | None]
    """The event with the vendor's codes of conditions and venues; None where its wire cannot carry it."""
    loser: Literal["oldest", "newest"]
    """Which connection goes when there are too many."""
    key_in_query: str | None = None
    """The parameter of the address that holds the key; a wrong one is refused with HTTP 401."""
    max_symbols: int | None = None
    """The limit of symbols unless told otherwise."""

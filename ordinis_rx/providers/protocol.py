"""What a provider is: a value that says how one vendor speaks. No sockets, no inheritance, no shared state.

A feed drives it so::

    open       send `hello`; wait for `Authenticated` where `authenticates`
    subscribe  send `subscribe(topics)`; wait for `Acknowledged` where `acknowledges`
    receive    facts, controls = decode(raw, ts_recv, seq)

`decode` comes from `decoder(names)`, once a feed: it may remember what a vendor's bars need to be told as revisions, and it
maps native symbols to neutral ones by *names*. It numbers its facts from `seq` on and raises `DecodeError` only for bytes
that cannot be read as the vendor's message at all; everything odd inside a message is a `FeedError` fact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, TypeAlias, cast
from urllib.parse import urlsplit

from ordinis_rx.checks import check_callable, check_is, check_text
from ordinis_rx.errors import OrdinisError, SubscriptionError
from ordinis_rx.events import Event
from ordinis_rx.providers.privacy import check_private
from ordinis_rx.timebase import Nanos

__all__ = [
    "Acknowledged",
    "Authenticated",
    "Control",
    "Decode",
    "Decoded",
    "Endpoint",
    "Provider",
    "Refused",
    "Reply",
    "Topic",
]


class Topic(NamedTuple):
    """One thing to subscribe to: a channel, by our name (``"trades"``), and a symbol, by the vendor's (``"X:BTC-USD"``)."""

    channel: str
    symbol: str


@dataclass(frozen=True, slots=True)
class Authenticated:
    """The vendor knows us; subscriptions may be sent."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The vendor confirms subscriptions.

    `whole` means that `topics` is the full set now in force. `unnamed` counts confirmations that did not say of what:
    each of them stands for the oldest subscription still unconfirmed. What was confirmed, and then stands in `ended` or is
    missing from a full set though nobody unsubscribed, the vendor has ended: a feed tells it, and asks for it again. What is
    `refused` it will not stream, for the `reason` that it gives: a feed tells that, and does not ask for it again.
    `declined` refuses, without naming it, all that the oldest request without an answer asked for; where nothing else is in
    force, the feed ends with a `SubscriptionError`.
    """

    topics: tuple[Topic, ...] = ()
    ended: tuple[Topic, ...] = ()
    whole: bool = False
    unnamed: int = 0
    refused: tuple[Topic, ...] = ()
    declined: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The vendor ends the conversation: after a `ProviderError` the feed ends, after a `WireError` it dials again."""

    error: OrdinisError


@dataclass(frozen=True, slots=True)
class Reply:
    """The vendor's protocol asks for this answer (to a ping of its own, say): the feed sends it as it is."""

    data: str | bytes


Control: TypeAlias = Authenticated | Acknowledged | Refused | Reply

Decoded: TypeAlias = tuple[list[Event], Sequence[Control]]
"""The facts of one message in wire order, and what it says about the conversation (mostly nothing)."""


class Decode(Protocol):
    """Bytes in, facts out: `Provider.decoder` gives one for each feed. No network and no clock; at most a memory of its own.

    Raises `DecodeError` for bytes that are no message of the vendor's at all; what is odd inside a message is a `FeedError`.
    """

    def __call__(self, raw: bytes, ts_recv: Nanos, seq: int) -> Decoded:
        """The facts of a message that came at *ts_recv* (ns), numbered from *seq* on, and what it says of the talk."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class Endpoint:
    """Where to dial: `url`, with `headers`. Both may carry a key, so that only `shown` is ever printed."""

    url: str
    shown: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    insecure_host: str | None = None
    """A host that may be told a key over plain ``ws://``, although it is another machine."""

    def __repr__(self) -> str:
        return f"Endpoint({self.shown!r})"


def _same(symbol: str) -> str:
    return symbol


def _is_symbol(symbol: str) -> bool:
    try:
        symbol.encode()  # half of a surrogate pair cannot be sent
    except UnicodeEncodeError:
        return False
    return bool(symbol) and symbol == symbol.strip() and "," not in symbol


def _anything(topic: Topic) -> None:
    """Accept every topic."""


def _check_texts(what: str, value: object) -> None:
    # Only types are told: keys may stand in it.
    if not isinstance(value, tuple):
        raise TypeError(f"{what} must be a tuple of texts, got {type(value).__name__}")
    for each in cast("tuple[object, ...]", value):
        if not isinstance(each, str | bytes):
            raise TypeError(f"{what} must be a tuple of texts, got {type(each).__name__} in it")


_FUNCTIONS = ("subscribe", "unsubscribe", "decoder", "encode", "to_native", "from_native", "check")


@dataclass(frozen=True, slots=True, repr=False)
class Provider:
    """How one vendor speaks: a name, an address and functions without state. Its repr shows no key.

    `polygon`, `finnhub` and `alpaca` make one; `ordinis_rx.testing.check_provider` holds one of your own to its promises.
    Raises TypeError for a field that is not of its kind, ValueError for an address that is no WebSocket's, and for a key
    that would go in the clear (``ws://``) to another machine, unless `Endpoint.insecure_host` names that.
    """

    name: str
    endpoint: Endpoint
    channels: frozenset[str]
    """All that the vendor streams, by our names: ``trades``, ``quotes``, ``minute_bars``, ..."""
    default_channels: frozenset[str]
    hello: tuple[str | bytes, ...]
    """Sent on opening, in order."""
    authenticates: bool
    """True where the vendor answers the hello; nothing is subscribed to before that."""
    acknowledges: bool
    """True where the vendor confirms subscriptions."""
    subscribe: Callable[[Sequence[Topic]], list[str | bytes]]
    unsubscribe: Callable[[Sequence[Topic]], list[str | bytes]]
    decoder: Callable[[Mapping[str, str]], Decode]
    """A fresh decode function; the mapping goes from native to neutral symbols, and lists only what differs."""
    encode: Callable[[Sequence[Event]], list[str | bytes]]
    """Facts as the vendor's frames: the inverse of decode, for simulators and tests."""
    to_native: Callable[[str], str] = _same
    from_native: Callable[[str], str] = _same
    check: Callable[[Topic], None] = _anything
    """Raises `SubscriptionError` for a topic that this vendor cannot stream."""
    max_symbols: int | None = None
    limits: Mapping[str, int] = field(default_factory=dict[str, int])
    """How many symbols of a channel one connection may have, where a single channel is limited."""
    secrets: tuple[str, ...] = ()
    """Keys and tokens, as they may stand in a message: what a feed blots out wherever the vendor repeats them."""

    def __post_init__(self) -> None:
        check_text("Provider: name", self.name)
        for what in ("channels", "default_channels"):
            example = "a set, as in frozenset({'trades'})"
            check_is(f"{self.name}: {what}", getattr(self, what), AbstractSet, example)
        _check_texts(f"{self.name}: hello", self.hello)
        _check_texts(f"{self.name}: secrets", self.secrets)
        for what in _FUNCTIONS:
            check_callable(f"{self.name}: {what}", getattr(self, what))
        if urlsplit(self.endpoint.url).scheme not in ("ws", "wss"):
            raise ValueError(f"{self.name}: the address must begin with ws:// or wss://")
        if self.secrets or self.authenticates:
            check_private(self.name, self.endpoint.url, self.endpoint.insecure_host)

    def __repr__(self) -> str:
        return f"Provider({self.name!r}, {self.endpoint.shown!r})"

    def topics(
        self, symbols: Sequence[str], channels: frozenset[str], *, beside: int = 0
    ) -> list[Topic]:
        """Every pair of channel and native symbol, checked before anything is dialled; *beside* so many other symbols.

        Raises `SubscriptionError` for a channel, a symbol, a number of symbols or a pair that this vendor does not stream.
        """
        unknown = sorted(channels - self.channels)
        if unknown:
            raise SubscriptionError(
                self.name, f"no channel {unknown[0]!r}; it has {', '.join(sorted(self.channels))}"
            )
        if not symbols:
            raise SubscriptionError(self.name, "no symbols given")
        if not channels:
            raise SubscriptionError(self.name, "no channels given")
        for symbol in symbols:
            if not _is_symbol(symbol):
                raise SubscriptionError(self.name, f"not a symbol: {symbol!r}")
        count = len(set(symbols)) + beside
        if self.max_symbols is not None and count > self.max_symbols:
            raise SubscriptionError(
                self.name, f"{count} symbols, but it streams at most {self.max_symbols}"
            )
        for channel in channels & self.limits.keys():
            if count > self.limits[channel]:
                raise SubscriptionError(
                    self.name,
                    f"{count} symbols of {channel}, but it streams at most {self.limits[channel]}",
                )
        wanted = [Topic(channel, symbol) for symbol in symbols for channel in sorted(channels)]
        for topic in wanted:
            self.check(topic)
        return wanted

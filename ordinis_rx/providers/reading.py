"""What every provider does alike: telling what could not be read, and showing an address without its secrets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from ordinis_rx.events import FeedError
from ordinis_rx.timebase import Nanos

__all__ = [
    "RAW_LIMIT",
    "SHORTEST_SECRET",
    "blotter",
    "check_given",
    "feed_error",
    "hushed",
    "shown",
]

_LONGEST = 1000
"""Characters of what a vendor says that are told on."""

RAW_LIMIT = 1024
"""At most so many bytes of a frame are kept in a `FeedError`."""

SHORTEST_SECRET = 8
"""A shorter key could stand in a message by chance, so that it is not blotted out there."""

SHORTEST_WORD = 4
"""A shorter key would mangle the words that people are to read."""


def check_given(provider: str, **keys: object) -> None:
    """Refuse a key that is empty, as one from an environment that lacks it may be, or that begins or ends with white space,
    as one from a file may: ValueError that says which, and not what it is. What is no text is a TypeError.

    >>> check_given("alpaca", key="abc", secret="")
    Traceback (most recent call last):
    ...
    ValueError: alpaca: secret is empty
    """
    for name, value in keys.items():
        if not value:
            raise ValueError(f"{provider}: {name} is empty")
        if not isinstance(value, str):
            raise TypeError(f"{provider}: {name} must be a text, got {type(value).__name__}")
        if value != value.strip():
            raise ValueError(f"{provider}: {name} begins or ends with white space")


def feed_error(
    provider: str,
    kind: str,
    message: str,
    raw: bytes = b"",
    *,
    ts_recv: Nanos,
    seq: int,
    symbol: str = "",
) -> FeedError:
    """A `FeedError` about *raw*, cut to the first KiB; its time is that of arrival.

    >>> feed_error("sim", "unknown-message", "no such type", b"x" * 5000, ts_recv=7, seq=1).ts_event
    7
    """
    return FeedError(
        symbol=symbol,
        ts_event=ts_recv,
        ts_recv=ts_recv,
        provider=provider,
        seq=seq,
        kind=kind,
        message=message,
        raw=raw[:RAW_LIMIT],
    )


def shown(url: str) -> str:
    """*url* without user, password, query and fragment: what may be printed.

    >>> shown("wss://user:key@feed.example:8443/stocks?token=key")
    'wss://feed.example:8443/stocks'
    """
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def hushed(text: str, *secrets: str) -> str:
    """*text* of a vendor without our *secrets*, should it repeat them; those under four letters could be any word.

    What is longer than a thousand characters is cut.

    >>> hushed("no access for key-123", "key-123")
    'no access for ***'
    """
    for secret in secrets:
        if len(secret) >= SHORTEST_WORD:
            text = text.replace(secret, "***")
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def blotter(secrets: Iterable[str]) -> Callable[[bytes], bytes]:
    """A function from the bytes of a message to the same without our *secrets*, should the vendor repeat them.

    >>> blotter(["canary-key"])(b'{"msg":"no access for canary-key"}')
    b'{"msg":"no access for **********"}'
    """
    words = (secret.encode() for secret in secrets if len(secret) >= SHORTEST_SECRET)
    # A star for each byte: in MessagePack a text that got shorter would take the next one into itself.
    hidden = [(word, b"*" * len(word)) for word in words]

    def blotted(raw: bytes) -> bytes:
        for word, stars in hidden:
            if word in raw:
                raw = raw.replace(word, stars)
        return raw

    return blotted

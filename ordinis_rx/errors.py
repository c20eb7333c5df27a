"""What can go wrong, cut along the lines a caller cares about: may trying again help?

* OrdinisError
    * WireError            the connection; trying again may help
        * Disconnected     it closed, cleanly or not, or could not be opened
        * Stalled          it is open, but silent for too long
    * ProviderError        the vendor said no; trying again will not help
        * AuthError        the key is wrong, or the plan has no access
        * SubscriptionError   a symbol or channel was refused
    * DecodeError          bytes that we cannot read; carries them
    * JournalError         a recording that cannot be written, or not be read
    * BufferOverflow       a bounded buffer with the ERROR policy was full
    * WrongKind            an operator behind facts of which it reads none
    * MissingExtra         an optional dependency is not installed; says what to install

Errors hold facts and write their own sentence. None of them holds a URL or a key.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

__all__ = [
    "AuthError",
    "BufferOverflow",
    "DecodeError",
    "Disconnected",
    "JournalError",
    "MissingExtra",
    "OrdinisError",
    "ProviderError",
    "Stalled",
    "SubscriptionError",
    "WireError",
    "WrongKind",
]


class OrdinisError(Exception):
    """The root of every error that this library raises on purpose. Each may be copied, and sent to another process."""

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]:
        # Not by its __init__, as Python has it: `args` need not be what that takes.
        return type(self).__new__, (type(self), *self.args), self.__dict__


class WireError(OrdinisError):
    """The connection failed; trying again may help. `provider` is empty where the wire does not know whose it is.

    >>> str(WireError("acme", "busy"))
    'acme: busy'
    """

    cool_down: float = 0.0
    """Seconds to wait at least before the next try; 0 where the usual back-off will do."""

    def __init__(self, provider: str, message: str) -> None:
        super().__init__(provider, message)
        self.provider = provider
        self.message = message

    def __str__(self) -> str:
        return f"{self.provider}: {self.message}"


class Disconnected(WireError):
    """The connection closed, or could not be opened.

    >>> str(Disconnected("policy violation", code=1008))
    'disconnected: policy violation (close code 1008)'
    """

    def __init__(self, reason: str, *, code: int | None = None, cool_down: float = 0.0) -> None:
        super().__init__("", reason)
        self.args = (reason, code)
        self.reason = reason
        self.code = code
        self.cool_down = cool_down

    def __str__(self) -> str:
        code = "" if self.code is None else f" (close code {self.code})"
        return f"disconnected: {self.reason}{code}"


class Stalled(WireError):
    """The connection is open, but *what* has been silent for *seconds*.

    >>> str(Stalled("the connection", 60.0))
    'stalled: nothing from the connection for 60 s'
    """

    def __init__(self, what: str, seconds: float) -> None:
        super().__init__("", f"nothing from {what} for {seconds:g} s")
        self.args = (what, seconds)
        self.what = what
        self.seconds = seconds

    def __str__(self) -> str:
        return f"stalled: {self.message}"


class ProviderError(OrdinisError):
    """The vendor said no; trying again will not help.

    >>> str(ProviderError("finnhub", "no such plan"))
    'finnhub refused: no such plan'
    """

    def __init__(self, provider: str, message: str) -> None:
        super().__init__(provider, message)
        self.provider = provider
        self.message = message

    def __str__(self) -> str:
        return f"{self.provider} refused: {self.message}"


class AuthError(ProviderError):
    """The key is wrong, or the plan behind it has no access."""


class SubscriptionError(ProviderError):
    """A symbol or a channel that the vendor cannot or will not stream."""


class DecodeError(OrdinisError):
    """Bytes that could not be read at all; `raw` holds them."""

    def __init__(self, provider: str, raw: bytes, reason: str) -> None:
        super().__init__(provider, raw, reason)
        self.provider = provider
        self.raw = raw
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.provider} sent what cannot be read: {self.reason}; {self.raw[:80]!r}"


class JournalError(OrdinisError):
    """A recording cannot be written (the disk is full, say), or not be read; names the file.

    >>> str(JournalError("day.wire", "cannot be written: No space left on device"))
    'day.wire cannot be written: No space left on device'
    """

    def __init__(self, path: object, reason: str) -> None:
        super().__init__(str(path), reason)
        self.path = str(path)
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.path} {self.reason}"


class WrongKind(OrdinisError, TypeError):
    """An operator behind a stream that can tell it nothing: it reads facts of other kinds. Raised where it is piped.

    >>> str(WrongKind(["Quote", "Trade"], ["Bar"], "consensus()"))
    'consensus() reads Quote and Trade, and what comes to it is Bar alone: it would be silent for ever'
    """

    def __init__(
        self, reads: Sequence[str], told: Sequence[str], operator: str = "an operator"
    ) -> None:
        super().__init__(reads, told, operator)
        self.reads = tuple(reads)
        self.told = tuple(told)
        self.operator = operator

    def __str__(self) -> str:
        reads, told = " and ".join(self.reads), " and ".join(self.told)
        return f"{self.operator} reads {reads}, and what comes to it is {told} alone: it would be silent for ever"


class BufferOverflow(OrdinisError):
    """A buffer with the ERROR policy was full."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size

    def __str__(self) -> str:
        return f"buffer of {self.size} events is full"


class MissingExtra(OrdinisError, ImportError):
    """An optional dependency is not installed: one of an extra of ours, or (*extra* empty) somebody else's engine.

    >>> str(MissingExtra("dialling a provider", package="websockets", extra="stream"))
    "dialling a provider needs websockets: pip install 'ordinis-rx[stream]'"
    """

    def __init__(self, what: str, *, package: str, extra: str = "") -> None:
        super().__init__(what, package, extra)
        self.what = what
        self.package = package
        self.extra = extra

    def __str__(self) -> str:
        wanted = f"'ordinis-rx[{self.extra}]'" if self.extra else self.package
        return f"{self.what} needs {self.package}: pip install {wanted}"

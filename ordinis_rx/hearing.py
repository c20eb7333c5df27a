"""Which kinds of facts a stream tells, where that is known: an operator that would hear none of its own is refused."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from reactivex import Observable

from ordinis_rx.checks import check_stream
from ordinis_rx.errors import WrongKind

__all__ = ["hears", "kinds_told", "known_to_tell"]

S = TypeVar("S", bound=Observable[Any])

_KINDS = "_ordinis_kinds"


def kinds_told(stream: Observable[Any]) -> tuple[type[Any], ...] | None:
    """The only kinds of facts that can come from *stream*; None where it may be any."""
    return getattr(stream, _KINDS, None)


def known_to_tell(stream: S, kinds: Iterable[type[Any]]) -> S:
    """*stream*, of which it is known that nothing but facts of these *kinds* can come."""
    setattr(stream, _KINDS, tuple(kinds))
    return stream


def hears(
    operator: Callable[[Observable[Any]], S], *reads: type[Any], tells: type[Any] | None = None
) -> Callable[[Observable[Any]], S]:
    """*operator*, which reads facts of some kinds (none given: whatever comes) and makes those that *tells* names.

    Without *tells* it hands on what it reads. Piped behind a stream that can tell nothing of what it reads, it raises
    `WrongKind`, instead of being silent for ever. Plain Rx operators between the two leave that unknown.

    >>> import reactivex
    >>> from ordinis_rx.events import Bar, Trade
    >>> trades = hears(lambda source: source.pipe(), tells=Trade)(reactivex.never())
    >>> hears(lambda source: source.pipe(), Bar)(trades)
    Traceback (most recent call last):
    ordinis_rx.errors.WrongKind: an operator reads Bar, and what comes to it is Trade alone: it would be silent for ever
    """

    @functools.wraps(operator)
    def checked(source: Observable[Any]) -> S:
        check_stream("an operator", source)
        told = kinds_told(source)
        if told is not None and reads and not set(told) & set(reads):
            raise WrongKind([kind.__name__ for kind in reads], [kind.__name__ for kind in told])
        out = operator(source)
        if tells is not None:
            told = (tells,)
        elif reads:
            told = reads if told is None else tuple(kind for kind in told if kind in reads)
        return out if told is None else known_to_tell(out, told)

    return checked

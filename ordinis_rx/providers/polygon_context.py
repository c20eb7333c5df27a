"""What the facts of one feed of Polygon share: names, times, condition codes met so far, what is told beside a fact."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

import msgspec

from ordinis_rx.events import MOVES_ALL, Event, TradeFlags
from ordinis_rx.providers.conditions import memorable
from ordinis_rx.providers.lenient import LATEST
from ordinis_rx.providers.polygon_channels import spelled
from ordinis_rx.providers.polygon_conditions import FORM_T, STOCK_CONDITIONS
from ordinis_rx.providers.reading import feed_error
from ordinis_rx.timebase import MILLI, Nanos, from_any_unit

__all__ = [
    "LABELS",
    "MILLIS_FROM",
    "MILLIS_TO",
    "NO_CODES",
    "Beside",
    "Codes",
    "Context",
    "facility",
    "label",
]

MILLIS_FROM, MILLIS_TO = 100_000_000_000, LATEST // MILLI
"""Stamps in between are milliseconds."""

LABELS: Mapping[int | str, str] = {number: str(number) for number in range(1024)}
"""The texts of ids: most are small integers, met again and again."""

_REMEMBERED = 4096

Beside: TypeAlias = Callable[[int], Event]
"""A further fact of the same message, given its own `seq`."""


class Codes(NamedTuple):
    """The condition codes of a trade as text, and its flags; None where these depend on the hour."""

    texts: tuple[str, ...]
    flags: TradeFlags | None


NO_CODES = Codes((), MOVES_ALL)


def facility(venue: int | str, number: int) -> str:
    """The venue of a trade reported to a facility: ids of trades are unique for each, not for all of them together.

    >>> facility(4, 202)
    '4:202'
    """
    # Of a hostile peer either may be as long as a frame.
    small = venue in LABELS and number in LABELS
    return _small_facility(venue, number) if small else f"{venue}:{number}"


@functools.lru_cache(maxsize=1024)  # there are three; a hostile peer may invent more
def _small_facility(venue: int | str, number: int) -> str:
    return f"{venue}:{number}"


def label(number: int | str) -> str:
    """An id as a text; one that is missing is ``""``."""
    return LABELS.get(number) or str(number)


class Context:
    """One feed's: *names* maps native to neutral symbols.

    What a message tells besides its one fact is left in `beside`, for the caller to number and take away.
    """

    __slots__ = ("beside", "known", "market", "names", "provider")

    def __init__(self, market: str, provider: str, names: Mapping[str, str]) -> None:
        self.market = market
        self.provider = provider
        self.names = names
        self.beside: list[Beside] = []
        self.known: dict[tuple[int, ...], Codes] = {}

    def learn(self, codes: tuple[int, ...]) -> Codes:
        """Judge condition codes that are not `known` yet; they are from now on, unless they are too many or too long."""
        texts = tuple(map(str, codes))
        # The codes of the other markets have other meanings.
        flags: TradeFlags | None = MOVES_ALL
        if self.market == "stocks":
            flags = STOCK_CONDITIONS.flags(texts, 0) if FORM_T not in texts else None
        found = Codes(texts, flags)
        if memorable(texts):
            if len(self.known) >= _REMEMBERED:
                self.known.clear()  # dirty data may make up codes without end
            self.known[codes] = found
        return found

    def symbol(self, native: str) -> str:
        """The neutral symbol, also of one in another of the vendor's spellings (``X:BTC-USD``)."""
        if native in self.names:
            return self.names[native]
        usual = spelled(self.market, native)
        return self.names.get(usual, usual)

    def moment(
        self, stamp: int, key: str, message: msgspec.Struct, symbol: str, ts_recv: Nanos
    ) -> Nanos:
        """*stamp* in nanoseconds; the time of arrival where it is missing, or beyond `LATEST`."""
        if MILLIS_FROM <= stamp <= MILLIS_TO:
            return stamp * MILLI
        nanos = from_any_unit(stamp)
        if 0 < nanos <= LATEST:
            return nanos
        if stamp:  # a missing one has been told already
            self.odd(f"unreadable-{key}", f"{key} is {stamp}", message, symbol, ts_recv)
        return ts_recv

    def odd(
        self, kind: str, text: str, message: msgspec.Struct, symbol: str, ts_recv: Nanos
    ) -> None:
        """Tell beside the fact what was odd about its message."""
        provider, raw = self.provider, msgspec.json.encode(message)
        self.beside.append(
            lambda seq: feed_error(
                provider, kind, text, raw, ts_recv=ts_recv, seq=seq, symbol=symbol
            )
        )

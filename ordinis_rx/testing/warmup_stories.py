"""The same story from its beginning and from a later one, side by side: what `check_warmup` measures."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec

from ordinis_rx.events import Timed
from ordinis_rx.testing.marbles import through
from ordinis_rx.typing import Operator

__all__ = ["Compared", "Places", "compared", "is_known", "results"]

_ORIGIN = {"symbol", "ts_event", "ts_recv", "provider", "seq", "interval", "revision"}

_Key = tuple[str, int, str, int]

_FOREVER = 1 << 63


def results(pipeline: Operator[Any, Any], facts: list[Any]) -> dict[_Key, dict[str, Any]]:
    """The fields of each result, by symbol, time, name and how many there were of it."""
    found: dict[_Key, dict[str, Any]] = {}
    for fact in through(pipeline, facts):
        if isinstance(fact, Timed):
            told: Any = fact
            name = str(getattr(told, "name", ""))
            number = 0
            while (key := (told.symbol, told.ts_event, name, number)) in found:
                number += 1
            found[key] = dict(_fields(told))
    return found


def _fields(fact: Any, within: str = "") -> Iterator[tuple[str, Any]]:
    """What a fact says, and the facts in it, but not where it comes from."""
    for name in fact.__struct_fields__:
        if name not in _ORIGIN:
            yield from _parts(f"{within}{name}", getattr(fact, name))


def _parts(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, tuple):
        for place, each in enumerate(value):  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
            yield from _parts(f"{name}[{place}]", each)
    elif isinstance(value, msgspec.Struct):
        yield from _fields(value, f"{name}.")
    else:
        yield name, value


class Compared(NamedTuple):
    """What the whole story and one from a later beginning say of one symbol under one name, result by result."""

    of: tuple[int, str]
    """The beginning and the symbol."""
    places: list[int]
    """How many facts after the beginning each result was told, at most."""
    whole: list[dict[str, Any]]
    tale: list[dict[str, Any]]
    told: list[int]
    """The places of all results of the symbol, be their name what it may."""
    is_cut: bool
    """Whether the symbol had facts before the beginning."""
    facts: int
    """How many facts after the beginning the symbol's last one was told."""

    @property
    def falls_silent(self) -> bool:
        """Whether it says nothing of the end: its last result is longer ago then than any was when the next one came."""
        longest = max(after - before for before, after in pairwise((0, *self.places)))
        return self.facts - self.places[-1] > longest

    def next_told(self, place: int) -> int:
        """The place of the symbol's first result after *place*."""
        return min((later for later in self.told if later > place), default=place + 1)

    def has(self, field: str) -> bool:
        """Whether one of the two knows the field somewhere."""
        return any(is_known(row.get(field)) for row in (*self.whole, *self.tale))


class Places:
    """How far a story had come at a moment: the place of the symbol's last fact up to then."""

    def __init__(self, facts: Sequence[Any]) -> None:
        self._times: dict[str | None, list[tuple[int, int]]] = {None: []}
        for place, fact in enumerate(facts):
            for symbol in (fact.symbol, None):
                self._times.setdefault(symbol, []).append((fact.ts_event, place))
        for times in self._times.values():
            times.sort()
        self._first = {fact.symbol: place for place, fact in reversed(list(enumerate(facts)))}

    def of(self, symbol: str, moment: int) -> int:
        """The place; that of the last fact of all for a symbol that no fact has; -1 where there was none yet."""
        times = self._times.get(symbol) or self._times[None]
        at = bisect_right(times, moment, key=itemgetter(0))
        return times[at - 1][1] if at else -1

    def is_cut(self, symbol: str, begin: int) -> bool:
        """Whether a story from *begin* on lacks facts of the symbol."""
        first: int = self._first.get(symbol, 0)
        return first < begin


def compared(
    whole: dict[_Key, dict[str, Any]], begin: int, tale: dict[_Key, dict[str, Any]], places: Places
) -> list[Compared]:
    """The two stories side by side, by symbol and name, from the beginning of the later one on."""
    found: dict[tuple[str, str], Compared] = {}
    of_symbol: dict[str, list[int]] = {}
    for key, told in whole.items():
        symbol, moment, name, _ = key
        place = places.of(symbol, moment) - begin
        if place >= 0:
            mine = found.get((symbol, name))
            if mine is None:
                told_at = of_symbol.setdefault(symbol, [])
                is_cut, length = (
                    places.is_cut(symbol, begin),
                    places.of(symbol, _FOREVER) - begin + 1,
                )
                mine = Compared((begin, symbol), [], [], [], told_at, is_cut, length)
                found[symbol, name] = mine
            mine.told.append(place + 1)
            mine.places.append(place + 1)
            mine.whole.append(told)
            mine.tale.append(tale.get(key, {}))
    return list(found.values())


def is_known(value: Any) -> bool:
    """Whether a field says anything: neither NaN, nor None, nor UNKNOWN."""
    return value is not None and value == value and getattr(value, "name", "") != "UNKNOWN"

"""Polygon's frames of trades and quotes by machine code: the facts of the typed decoder, in two thirds of the time.

The kernel (`ordinis_rx.kernels.scanning`) takes a frame whole, or not at all; what it does not take is the typed decoder's.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np

from ordinis_rx.columns import Block
from ordinis_rx.events import Event, Quote, Trade
from ordinis_rx.kernels.compiled import prepare
from ordinis_rx.kernels.record import FIRST, Call
from ordinis_rx.kernels.scanning import CELLS, NAME_WORDS, SCAN, scan
from ordinis_rx.providers.polygon_conditions import STOCK_CONDITIONS
from ordinis_rx.providers.polygon_context import NO_CODES, Codes, Context, facility
from ordinis_rx.timebase import Nanos

__all__ = ["Scan", "scanner"]

Scan = Callable[[bytes, Nanos, int], list[Event]]
"""The facts of a frame, numbered; none where it is not of the usual form."""

_Row: TypeAlias = tuple[int, Nanos, float, float, float, float, int, int, int, int]

_WORDS, _MOST_WORDS = 1 << 10, 1 << 16
_ROOM, _SHORTEST = 1 << 14, 40
"""Bytes that there is room for at first, and that a message has at least."""

_LONGEST = 1 << 24
_MOST_VENUES = 1 << 14


class _Venues(dict[int, str]):
    """The names of venues, by the kernel's number for them."""

    def __missing__(self, number: int) -> str:
        if len(self) >= _MOST_VENUES:
            self.clear()
        venue, trf = number & 1023, number >> 10
        name = self[number] = facility(venue, trf) if trf else str(venue)
        return name


class _Machine:
    """The kernel with its record, the room for a frame and for what it tells."""

    def __init__(self, judge: Callable[[str], Codes], most: int = _WORDS) -> None:
        self._most = most
        self._call = Call(SCAN, [most])
        self.run, self.argument = prepare(scan, self._call)
        self.compiled = self.argument is not self._call
        self._judge = judge
        self.words: list[str] = []
        self.codes: list[Codes] = [NO_CODES]
        self._known = self._call.state("known")
        self._names = self._call.state("names")
        self.stop = self._call.stop
        self.enlarge(_ROOM)

    def enlarge(self, size: int) -> None:
        """Have room for a frame of *size* bytes, and for the rows in it."""
        self.room = size
        words = Block("i", self.room // 8 + 2)
        cells = Block("i", CELLS * (self.room // _SHORTEST + 1))
        self.octets: memoryview[int] = words.views[0].cast("B")
        self.rows: memoryview[int] = cells.views[0].cast("B")
        self._call.point(FIRST, words.addresses[0], words.views[0])
        self._call.point(FIRST + 1, cells.addresses[0], cells.views[0])
        numbers: memoryview[float] = self.rows.cast("d")
        self._call.point(FIRST + 2, cells.addresses[0], numbers)
        self._call.room(cells.capacity)

    def __len__(self) -> int:
        return int(self._known[0])

    @property
    def full(self) -> bool:
        """Whether there is no room for another word."""
        return len(self) >= self._most

    def larger(self) -> _Machine:
        """Another one, which knows no word yet."""
        return _Machine(self._judge, min(2 * self._most, _MOST_WORDS))

    def learn(self) -> None:
        """Take note of the words that are new."""
        for code in range(len(self.words), len(self)):
            packed = self._names[NAME_WORDS * code : NAME_WORDS * (code + 1)]
            word = packed.astype(np.dtype("<i8")).tobytes().rstrip(b"\0").decode()
            self.words.append(word)
            # A word that could be both is a symbol of digits alone: judging it does no harm.
            self.codes.append(self._judge(word))


def scanner(context: Context) -> Scan | None:
    """A function from a frame to its facts; None where kernels are not compiled, since the typed decoder is quicker then."""

    def judge(word: str) -> Codes:
        parts = word.split(",")
        return context.learn(tuple(map(int, parts))) if all(map(str.isdecimal, parts)) else NO_CODES

    machine = _Machine(judge)
    if not machine.compiled:
        return None
    names, provider = context.names, context.provider
    venues = _Venues()
    unpack = struct.Struct("=2q4d4q").iter_unpack

    def read(raw: bytes, ts_recv: Nanos, seq: int) -> list[Event]:
        nonlocal machine
        size = len(raw)
        if size > machine.room:
            if size > _LONGEST:
                return []
            machine.enlarge(2 * size)
        count = (size >> 3) + 2
        octets = machine.octets
        octets[:size] = raw
        octets[size : count * 8] = bytes(count * 8 - size)
        rows = machine.run(count, machine.argument)
        if not rows or machine.stop[0] != size:
            if machine.full:
                machine = machine.larger()
            return []
        words, conditions = machine.words, machine.codes
        if len(machine) != len(words):
            machine.learn()
        text = raw.decode("ascii")
        told: Iterator[_Row] = unpack(machine.rows[: rows * CELLS * 8])
        facts: list[Event] = [
            Quote(
                symbol=names.get(words[word], words[word]) if names else words[word],
                ts_event=ts_event,
                ts_recv=ts_recv,
                provider=provider,
                seq=number,
                bid=a,
                ask=b,
                bid_size=c,
                ask_size=d,
                bid_venue=venues[venue],
                ask_venue=venues[other],
            )
            if codes < 0
            else Trade(
                symbol=names.get(words[word], words[word]) if names else words[word],
                ts_event=ts_event,
                ts_recv=ts_recv,
                provider=provider,
                seq=number,
                price=a,
                size=b,
                venue=venues[venue],
                trade_id=text[other:end],
                conditions=(judged := conditions[codes])[0],
                flags=flags
                if (flags := judged[1]) is not None
                else STOCK_CONDITIONS.flags(judged[0], ts_event),
            )
            for number, (word, ts_event, a, b, c, d, venue, other, end, codes) in enumerate(
                told, seq
            )
        ]
        return facts

    return read

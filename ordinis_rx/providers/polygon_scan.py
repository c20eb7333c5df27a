"""Polygon's frames of trades and quotes by machine code: the facts of the typed decoder, in half the time.

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
from ordinis_rx.kernels.scanning import CELLS, LONGEST, NAME_WORDS, POSITION_BITS, SCAN, scan
from ordinis_rx.providers.polygon_conditions import STOCK_CONDITIONS
from ordinis_rx.providers.polygon_context import NO_CODES, Codes, Context, facility
from ordinis_rx.timebase import Nanos

__all__ = ["Scan", "scanner"]

Scan = Callable[[bytes, Nanos, int], list[Event]]
"""The facts of a frame, numbered; none where it is not of the usual form."""

_Row: TypeAlias = tuple[int, Nanos, float, float, float, float, int, int, int, int]

_PLACE = (1 << POSITION_BITS) - 1
_SYMBOLS, _MOST_SYMBOLS = 1 << 10, 1 << 16
_ROOM, _SHORTEST = 1 << 14, 40
"""Bytes that there is room for at first, and that a message has at least."""

_REMEMBERED = 4096


class _Venues(dict[int, str]):
    """The names of venues, by the kernel's number for them."""

    def __missing__(self, number: int) -> str:
        venue, trf = number & 1023, number >> 10
        if len(self) >= _REMEMBERED:
            self.clear()
        name = self[number] = facility(venue, trf) if trf else str(venue)
        return name


class _Conditions(dict[str, Codes]):
    """Condition codes, by the text of their numbers."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context

    def __missing__(self, text: str) -> Codes:
        if len(self) >= _REMEMBERED:
            self.clear()
        codes = NO_CODES
        if text:
            codes = self._context.learn(tuple(map(int, text.split(","))))
        self[text] = codes
        return codes


class _Machine:
    """The kernel with its record, the room for a frame and for what it tells."""

    def __init__(self, most: int = _SYMBOLS) -> None:
        self._most = most
        self._call = Call(SCAN, [most])
        self.run, self.argument = prepare(scan, self._call)
        self.compiled = self.argument is not self._call
        self.symbols: list[str] = []
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
        """Whether there is no room for another symbol."""
        return len(self) >= self._most

    def larger(self) -> _Machine:
        """Another one, which knows no symbol yet."""
        return _Machine(min(2 * self._most, _MOST_SYMBOLS))

    def learn(self) -> None:
        """Take note of the symbols that are new."""
        for code in range(len(self.symbols), len(self)):
            words = self._names[NAME_WORDS * code : NAME_WORDS * (code + 1)]
            self.symbols.append(words.astype(np.dtype("<i8")).tobytes().rstrip(b"\0").decode())

    @property
    def has_news(self) -> bool:
        """Whether the last frame had a symbol that is new."""
        return len(self) != len(self.symbols)


def scanner(context: Context) -> Scan | None:
    """A function from a frame to its facts; None where kernels are not compiled, since the typed decoder is quicker then."""
    machine = _Machine()
    if not machine.compiled:
        return None
    names, provider = context.names, context.provider
    venues, conditions = _Venues(), _Conditions(context)
    unpack = struct.Struct("=2q4d4q").iter_unpack

    def read(raw: bytes, ts_recv: Nanos, seq: int) -> list[Event]:
        nonlocal machine
        facts: list[Event] = []
        size = len(raw)
        if size >= LONGEST:
            return facts
        if size > machine.room:
            machine.enlarge(2 * size)
        count = (size >> 3) + 2
        octets = machine.octets
        octets[:size] = raw
        octets[size : count * 8] = bytes(count * 8 - size)
        rows = machine.run(count, machine.argument)
        if not rows or machine.stop[0] != size:
            if machine.full:
                machine = machine.larger()
            return facts
        if machine.has_news:
            machine.learn()
        symbols = machine.symbols
        text = raw.decode("ascii")
        add = facts.append
        told: Iterator[_Row] = unpack(machine.rows[: rows * CELLS * 8])
        for number, ts_event, a, b, c, d, venue, other, place, codes in told:
            native = symbols[number]
            symbol = names.get(native, native) if names else native
            if codes < 0:
                add(
                    Quote(
                        symbol=symbol,
                        ts_event=ts_event,
                        ts_recv=ts_recv,
                        provider=provider,
                        seq=seq,
                        bid=a,
                        ask=b,
                        bid_size=c,
                        ask_size=d,
                        bid_venue=venues[venue],
                        ask_venue=venues[other],
                    )
                )
            else:
                words, flags = NO_CODES
                if codes:
                    words, flags = conditions[text[codes >> POSITION_BITS : codes & _PLACE]]
                if flags is None:
                    flags = STOCK_CONDITIONS.flags(words, ts_event)
                add(
                    Trade(
                        symbol=symbol,
                        ts_event=ts_event,
                        ts_recv=ts_recv,
                        provider=provider,
                        seq=seq,
                        price=a,
                        size=b,
                        venue=venues[venue],
                        trade_id=text[place >> POSITION_BITS : place & _PLACE],
                        conditions=words,
                        flags=flags,
                    )
                )
            seq += 1
        return facts

    return read

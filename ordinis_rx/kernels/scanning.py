"""Polygon's trades and quotes, from the bytes of a frame to numbers, where every byte is as it usually is.

A frame lies in words of eight bytes, of which the last byte is 0. The kernel accepts a narrow form of it:
an array of trades (``T``) and quotes (``Q``) without blanks, escapes, signs, exponents, nulls, doubled or unknown keys.
Whatever else it meets makes it give up the whole frame (0 rows), which is then for somebody else to read.

What it does read is exact (`lexing`).
"""

from __future__ import annotations

import math
from typing import Any

from ordinis_rx.kernels.lexing import (
    BEGIN,
    COMMA,
    END,
    QUOTE,
    as_float,
    codes_end,
    decimal_end,
    octet,
    text_end,
)
from ordinis_rx.kernels.record import (
    ROOM,
    STOP,
    Ints,
    Layout,
    floats,
    helper,
    integer,
    ints,
    octets,
)

__all__ = [
    "CELLS",
    "LATE_BY",
    "MILLIS_FROM",
    "MILLIS_TO",
    "NAME_WORDS",
    "NO_TRADE",
    "OFF_EXCHANGE",
    "SCAN",
    "code_of",
    "scan",
]

CELLS = 10
"""Places a row takes in `cells` and `numbers`, which may be the same memory.

Word of the symbol, time (ns), then four numbers and four integers: of a trade price, size, nothing twice, the venue + 1024 x
facility, where the id begins and ends, and the word of the conditions, + 1, or 0 for none; of a quote bid, ask, their sizes,
the venues of both, nothing, and -1.
"""

NAME_WORDS = 3
"""Words of memory for a symbol, or the text of some conditions: at most 24 bytes. Each is told once, and has a number."""

LATE_BY = 10_000
"""So many milliseconds after it was made an off-exchange trade may be told without being late, as the tapes have it."""

OFF_EXCHANGE = 4
"""The venue of trades that were reported to FINRA, by one of its facilities."""

NO_TRADE = -1
"""Stands for the conditions of a quote."""

SCAN = Layout(
    reads="words:i",
    writes="cells:i numbers:f",
    state="known:i@1 names:i@3*most table:i@4*most digits:i@2",
    params="most:i",
)
WORDS, CELL, NUMBER, KNOWN, NAMES, TABLE, DIGITS, MOST = SCAN.slots

NAN = math.nan

_NAME_BYTES = 8 * NAME_WORDS
MILLIS_FROM, MILLIS_TO = 100_000_000_000, 9_223_199_236_854
"""Stamps in between are milliseconds, with room for two days up to the end of 64 bits of nanoseconds."""

_COLON, _OPEN, _CLOSE = 58, 123, 125
_T, _Q = 84, 81

# Keys, packed as they lie in memory.
_SYM, _P, _S, _DS, _TIME, _I, _X, _C, _TRFI = (
    7174515,
    112,
    115,
    29540,
    116,
    105,
    120,
    99,
    1768321652,
)
_BX, _AX, _BP, _AP, _BS, _AS = 30818, 30817, 28770, 28769, 29538, 29537
_Z, _SEQUENCE, _PT, _TRFT = 122, 113, 29808, 1952871028

_HAS_SYM, _HAS_A, _HAS_B, _HAS_C, _HAS_D, _HAS_TIME, _HAS_X, _HAS_Y = 1, 2, 4, 8, 16, 32, 64, 128
_HAS_ID, _HAS_CODES, _HAS_EXACT, _HAS_Z, _HAS_SEQUENCE, _HAS_PT = 256, 512, 1024, 2048, 4096, 8192
_HAS_TRFI, _HAS_TRFT = 16384, 32768
_TRADE = 1 | 2 | 4 | 32 | 64 | 256
_QUOTED = 1 | 2 | 4 | 8 | 16 | 32 | 64 | 128


@helper
def code_of(
    frame: Ints, begin: int, end: int, known: Ints, names: Ints, table: Ints, most: int
) -> int:
    """The number of the word from *begin* to *end*, one of its own if it is new; -1 where there is no room for it."""
    length = end - begin
    if length < 1 or length > _NAME_BYTES:
        return -1
    w0, w1, w2, mixed = 0, 0, 0, 0
    for k in range(length):
        byte = octet(frame, begin + k)
        mixed = (mixed * 31 + byte) & 0x3FFFFFFF
        shifted = byte << ((k & 7) << 3)
        if k < 8:
            w0 += shifted
        elif k < 16:
            w1 += shifted
        else:
            w2 += shifted
    slots = 4 * most
    if slots < 1:
        return -1
    at = mixed % slots
    while table[at] != 0:
        code = table[at] - 1
        if names[3 * code] == w0 and names[3 * code + 1] == w1 and names[3 * code + 2] == w2:
            return code
        at += 1
        if at == slots:
            at = 0
    code = known[0]
    if code >= most:
        return -1
    known[0] = code + 1
    table[at] = code + 1
    names[3 * code], names[3 * code + 1], names[3 * code + 2] = w0, w1, w2
    return code


def scan(n: int, call: Any) -> int:
    """The rows of a frame of *n* words; 0 where it is not wholly of the usual form. `STOP` tells how many bytes it had."""
    frame, cell, number = octets(call, WORDS), ints(call, CELL), floats(call, NUMBER)
    known, names, table = ints(call, KNOWN), ints(call, NAMES), ints(call, TABLE)
    most, room, stop, out = (
        integer(call, MOST),
        integer(call, ROOM),
        ints(call, STOP),
        ints(call, DIGITS),
    )
    if n < 2 or octet(frame, 8 * n - 1) != 0 or octet(frame, 0) != BEGIN:
        return 0
    i, rows = 1, 0
    while True:
        at = rows * CELLS
        if at + CELLS > room:
            return 0
        # {"ev":"
        if octet(frame, i) != _OPEN or octet(frame, i + 1) != QUOTE or octet(frame, i + 2) != 101:
            return 0
        if (
            octet(frame, i + 3) != 118
            or octet(frame, i + 4) != QUOTE
            or octet(frame, i + 5) != _COLON
        ):
            return 0
        if octet(frame, i + 6) != QUOTE or octet(frame, i + 8) != QUOTE:
            return 0
        kind = octet(frame, i + 7)
        if kind != _T and kind != _Q:
            return 0
        i += 9
        seen, symbol, moment, made, venue, other, codes, trf = 0, 0, 0, 0, 0, 0, 0, 0
        id_begin, id_end = 0, 0
        a, b, c, d, exact = 0.0, 0.0, 0.0, 0.0, 0.0
        while octet(frame, i) == COMMA:
            if octet(frame, i + 1) != QUOTE:
                return 0
            i += 2
            key, length = 0, 0
            byte = octet(frame, i)
            # A zero would leave no trace in the key.
            while byte != QUOTE and byte != 0 and length < 4:
                key += byte << (length << 3)
                length += 1
                i += 1
                byte = octet(frame, i)
            if byte != QUOTE or octet(frame, i + 1) != _COLON:
                return 0
            i += 2
            bit = 0
            begin = i
            if key == _SYM:
                bit = _HAS_SYM
                if octet(frame, i) != QUOTE:
                    return 0
                end = text_end(frame, i + 1)
                if end < 0:
                    return 0
                symbol = code_of(frame, i + 1, end, known, names, table, most)
                if symbol < 0:
                    return 0
                i = end + 1
            elif key == _C or (kind == _Q and key == _I):
                bit = _HAS_CODES if key == _C else _HAS_ID
                end = codes_end(frame, i)
                if end < 0:
                    return 0
                if kind == _T and end > begin + 1:
                    codes = 1 + code_of(frame, begin + 1, end, known, names, table, most)
                    if codes == 0:
                        return 0
                i = end + 1
            elif kind == _T and key == _I and octet(frame, i) == QUOTE:
                bit = _HAS_ID
                end = text_end(frame, i + 1)
                if end < 0:
                    return 0
                id_begin, id_end = begin + 1, end
                i = end + 1
            else:
                quoted = 0
                if kind == _T and key == _DS:
                    if octet(frame, i) != QUOTE:
                        return 0
                    quoted = 1
                i = decimal_end(frame, i + quoted, out)
                if i < 0:
                    return 0
                if quoted == 1:
                    if octet(frame, i) != QUOTE:
                        return 0
                    i += 1
                    bit, exact = _HAS_EXACT, as_float(out)
                elif key == _BP and kind == _Q:
                    bit, a = _HAS_A, as_float(out)
                elif key == _AP and kind == _Q:
                    bit, b = _HAS_B, as_float(out)
                elif key == _BS and kind == _Q:
                    bit, c = _HAS_C, as_float(out)
                elif key == _AS and kind == _Q:
                    bit, d = _HAS_D, as_float(out)
                elif key == _P and kind == _T:
                    bit, a = _HAS_A, as_float(out)
                elif key == _S and kind == _T:
                    bit, b = _HAS_B, as_float(out)
                elif out[1] != 0:  # of all others, whole numbers alone
                    return 0
                elif key == _TIME:
                    bit, moment = _HAS_TIME, out[0]
                elif key == _SEQUENCE:
                    bit = _HAS_SEQUENCE
                elif key == _PT:
                    bit, made = _HAS_PT, out[0]
                elif key == _Z:
                    bit = _HAS_Z
                elif kind == _T and key == _I:
                    bit, id_begin, id_end = _HAS_ID, begin, i
                elif kind == _T and key == _X:
                    bit, venue = _HAS_X, out[0]
                elif kind == _T and key == _TRFI:
                    bit, trf = _HAS_TRFI, out[0]
                elif kind == _T and key == _TRFT:
                    bit = _HAS_TRFT
                elif kind == _Q and key == _BX:
                    bit, venue = _HAS_X, out[0]
                elif kind == _Q and key == _AX:
                    bit, other = _HAS_Y, out[0]
            if bit == 0 or seen & bit != 0:  # an unknown key, or one for the second time
                return 0
            seen |= bit
        if octet(frame, i) != _CLOSE:
            return 0
        i += 1
        if moment < MILLIS_FROM or moment > MILLIS_TO:
            return 0
        if venue > 1023 or other > 1023 or trf > 1023:
            return 0
        if kind == _T:
            if seen & _TRADE != _TRADE:
                return 0
            odd = made < MILLIS_FROM or made > MILLIS_TO or moment - made > LATE_BY
            if venue == OFF_EXCHANGE and made > 0 and odd:
                return 0
            if seen & _HAS_EXACT != 0:
                b = exact
            venue += trf << 10
            other = id_begin
        else:
            if seen & _QUOTED != _QUOTED:
                return 0
            codes = NO_TRADE
            # Nothing at price 0 is the vendor's word for a side without a quote.
            if a == 0.0 and c == 0.0:
                a = NAN
            if b == 0.0 and d == 0.0:
                b = NAN
        cell[at], cell[at + 1] = symbol, moment * 1_000_000
        number[at + 2], number[at + 3], number[at + 4], number[at + 5] = a, b, c, d
        cell[at + 6], cell[at + 7], cell[at + 8], cell[at + 9] = venue, other, id_end, codes
        rows += 1
        byte = octet(frame, i)
        i += 1
        if byte == END:
            stop[0] = i
            return rows
        if byte != COMMA:
            return 0

"""Texts and numbers in the bytes of a frame: where each ends, and what a number is.

What is read is exact: integers of at most 15 digits, and decimals as such an integer over a power of ten up to 10^15. Both
are whole numbers below 2^53, so that their quotient is the float nearest to the decimal (Clinger's fast case: "How to read
floating point numbers accurately", 1990).
"""

from __future__ import annotations

from ordinis_rx.kernels.record import Ints, helper

__all__ = [
    "BEGIN",
    "COMMA",
    "END",
    "QUOTE",
    "as_float",
    "codes_end",
    "decimal_end",
    "octet",
    "text_end",
]

QUOTE, COMMA, BEGIN, END = 34, 44, 91, 93
"""A quotation mark, a comma, and the brackets of an array."""

_POINT, _BACKSLASH, _ZERO, _NINE = 46, 92, 48, 57
_MOST_DIGITS = 15
_MOST_CODES = 9


@helper
def octet(frame: Ints, i: int) -> int:
    """The byte at *i*."""
    return int(frame[i])


@helper
def text_end(frame: Ints, i: int) -> int:
    """Where the text that begins at *i* ends, at its quotation mark; -1 where a byte is not plain."""
    while True:
        byte = octet(frame, i)
        if byte == QUOTE:
            return i
        if byte < 32 or byte > 126 or byte == _BACKSLASH:
            return -1
        i += 1


@helper
def decimal_end(frame: Ints, i: int, out: Ints) -> int:
    """Where the number that begins at *i* ends, or -1.

    Its digits go to ``out[0]``, and how many of them stand after the point to ``out[1]``.
    """
    first = octet(frame, i)
    value, digits, after, pointed = 0, 0, 0, 0
    while True:
        byte = octet(frame, i)
        if byte >= _ZERO and byte <= _NINE:
            value = value * 10 + (byte - _ZERO)
            digits += 1
            after += pointed
            if digits > _MOST_DIGITS:
                return -1
            if digits == 2 and pointed == 0 and first == _ZERO:
                return -1
        elif byte == _POINT and pointed == 0 and digits > 0:
            pointed = 1
        else:
            break
        i += 1
    if digits == 0 or (pointed == 1 and after == 0):
        return -1
    out[0], out[1] = value, after
    return i


@helper
def as_float(out: Ints) -> float:
    """The number that `decimal_end` has read."""
    value, power = float(out[0]), 1.0
    for _ in range(out[1]):
        power *= 10.0
    if power > 1.0:
        value = value / power
    return value


@helper
def codes_end(frame: Ints, i: int) -> int:
    """Where the whole numbers in the brackets that open at *i* end: at the closing one; -1 where there is anything else."""
    if octet(frame, i) != BEGIN:
        return -1
    i += 1
    if octet(frame, i) == END:
        return i
    while True:
        begin = i
        byte = octet(frame, i)
        first = byte
        while byte >= _ZERO and byte <= _NINE:
            i += 1
            byte = octet(frame, i)
        count = i - begin
        if count == 0 or count > _MOST_CODES or (count > 1 and first == _ZERO):
            return -1
        if byte == END:
            return i
        if byte != COMMA:
            return -1
        i += 1

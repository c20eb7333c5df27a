"""Harm done to a frame: to its bytes, and to the values in it. All of it from one number, so that it can be done again."""

from __future__ import annotations

import json
import re
from random import Random

__all__ = ["arbitrary_json", "mutated"]

_VALUE = re.compile(rb'-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|"(?:[^"\\]|\\.)*"|\b(?:null|true|false)\b')

_HOSTILE = [
    b"null", b"true", b"false", b"0", b"-0", b"-1", b"-0.0", b"1e999", b"-1e999", b"1e308", b"5e-324",
    b"NaN", b"Infinity", b"-Infinity", b'"NaN"', b'"inf"', b'"-Infinity"', b'"nan"', b'"1e999"', b'"-5"',
    b'"12"', b'"1_0"', b'" 12 "', b'"0x10"', b'"true"', b'""', b'"\xff"', b'"\\ud800"', b'"\\u0000"',
    b"9223372036854775807", b"9223372036854775808", b"-9223372036854775809", b"18446744073709551616",
    b"1" * 400, b"1" * 5000, b"0." + b"0" * 400 + b"1", b'"' + b"9" * 5000 + b'"', b"[]", b"{}", b"[[]]",
    b'[1,"x",null]', b'{"a":1}', b"1.5", b"01", b"+1", b".5", b"1.", b"2021-02-22T15:51:44Z",
    b'"0001-01-01T00:00:00Z"', b'"9999-12-31T23:59:59Z"', b'"2021-02-30T00:00:00Z"', b'"2021-02-22T15:51:60Z"',
]  # fmt: skip

_PIECES = [
    b"", b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"\\u", b"\x00", b"\xff", b"\xc0\x80", b" ",
    b"\xed\xa0\x80", b"\n", b"}{", b"][", b",,", b'"ev":"T",', b'"T":"t",', b'"type":"trade",', b"[" * 600,
    b"\xc0", b"\xc1", b"\xc7\xff", b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff", b"\xcb\x7f\xf0" + bytes(6),
    b"\xcb\x7f\xf8" + bytes(6), b"\xca\x7f\x80\x00\x00", b"\xd3\x80" + bytes(7), b"\xcf" + b"\xff" * 8, b"\xd6\xff",
]  # fmt: skip


def mutated(frame: bytes, seed: int) -> bytes:
    """*frame* with one to four wounds."""
    chance = Random(seed)
    for _ in range(chance.randint(1, 4)):
        frame = chance.choice(_WOUNDS)(frame, chance)
    return frame


def _another_value(frame: bytes, chance: Random) -> bytes:
    """One number, text or word of it is replaced by a hostile one, keys included."""
    found = list(_VALUE.finditer(frame))
    if not found:
        return frame
    at = chance.choice(found)
    return frame[: at.start()] + chance.choice(_HOSTILE) + frame[at.end() :]


def _another_bit(frame: bytes, chance: Random) -> bytes:
    if not frame:
        return frame
    at = chance.randrange(len(frame))
    return frame[:at] + bytes([frame[at] ^ 1 << chance.randrange(8)]) + frame[at + 1 :]


def _another_piece(frame: bytes, chance: Random) -> bytes:
    """A stretch is cut out, and something put there instead."""
    at = chance.randint(0, len(frame))
    end = min(at + chance.choice([0, 0, 1, 3, 40]), len(frame))
    return frame[:at] + chance.choice(_PIECES) + frame[end:]


def _doubled(frame: bytes, chance: Random) -> bytes:
    """A stretch comes twice."""
    at = chance.randint(0, len(frame))
    end = min(at + chance.randint(1, 60), len(frame))
    return frame[:end] + frame[at:]


def _cut(frame: bytes, chance: Random) -> bytes:
    return frame[: chance.randint(0, len(frame))]


_WOUNDS = [
    _another_value,
    _another_value,
    _another_value,
    _another_bit,
    _another_piece,
    _doubled,
    _cut,
]


def arbitrary_json(seed: int) -> bytes:
    """Some JSON that has the vendors' keys and kinds, and little sense otherwise."""
    chance = Random(seed)
    keys = [
        "ev",
        "T",
        "type",
        "data",
        "sym",
        "S",
        "s",
        "p",
        "t",
        "v",
        "c",
        "msg",
        "bp",
        "as",
        "x",
        "i",
        "e",
    ]
    kinds = [
        "T",
        "Q",
        "A",
        "AM",
        "LULD",
        "status",
        "t",
        "q",
        "b",
        "c",
        "x",
        "l",
        "trade",
        "ping",
        "error",
        "XT",
    ]
    leaves = [
        None,
        True,
        False,
        0,
        -1,
        1.5,
        -2.5,
        10**19,
        "",
        "A",
        "12",
        "-1",
        "2021-02-22T15:51:44Z",
    ]

    def value(depth: int) -> object:
        shape = chance.random()
        if depth > 3 or shape < 0.5:
            return chance.choice([*kinds, *leaves])
        if shape < 0.65:
            return [value(depth + 1) for _ in range(chance.randint(0, 3))]
        return {chance.choice(keys): value(depth + 1) for _ in range(chance.randint(0, 6))}

    top = value(0)
    return json.dumps([top] if chance.random() < 0.5 else top).encode()

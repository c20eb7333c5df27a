"""A frame's bytes to numbers: what the kernel reads, what it gives up, and that both are the same compiled and as Python."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ordinis_rx.columns import Block
from ordinis_rx.kernels.compiled import has_numba, prepare, uncompiled
from ordinis_rx.kernels.record import FIRST, Call
from ordinis_rx.kernels.scanning import CELLS, SCAN, scan

TRADE = b'{"ev":"T","sym":"AAPL","i":"52983","x":4,"p":297.845,"s":40,"t":1781622376036,"trfi":202,"ds":"40.5","c":[14,37]}'
QUOTE = b'{"ev":"Q","sym":"MSFT","bx":15,"ax":12,"bp":10.1,"ap":10.2,"bs":1,"as":2,"t":1781622376037,"i":[604],"z":3}'


def packed(raw: bytes) -> list[int]:
    """*raw* as words, with one of zeros behind it."""
    padded = raw + bytes(16 - len(raw) % 8)
    return [
        int.from_bytes(padded[k : k + 8], "little", signed=True) for k in range(0, len(padded), 8)
    ]


def scanned(raw: bytes, *, compiled: bool = True, most: int = 8, rows: int = 16) -> Any:
    """How many rows, up to which byte, and the rows."""
    with contextlib.nullcontext() if compiled else uncompiled():
        call = Call(SCAN, [most])
        run, argument = prepare(scan, call)
    words = packed(raw)
    source, out = Block("i", len(words)), Block("if", CELLS * rows)
    source.columns[0][:] = words
    call.point(FIRST, source.addresses[0], source.views[0])
    call.point(FIRST + 1, out.addresses[0], out.views[0])
    call.point(FIRST + 2, out.addresses[1], out.views[1])
    call.room(out.capacity)
    count = run(len(words), argument)
    return (
        count,
        call.stop[0],
        [
            out.columns[0][k : k + 2].tolist()
            + out.columns[1][k + 2 : k + 6].tolist()
            + out.columns[0][k + 6 : k + 10].tolist()
            for k in range(0, CELLS * count, CELLS)
        ],
    )


def test_a_trade_and_a_quote_become_a_row_each() -> None:
    raw = b"[" + TRADE + b"," + QUOTE + b"]"

    count, end, (trade, quote) = scanned(raw, compiled=False)

    assert (count, end) == (2, len(raw))
    assert trade[:4] == [0, 1_781_622_376_036_000_000, 297.845, 40.5]
    assert trade[6] == 4 + (202 << 10)
    assert raw[trade[7] : trade[8]] == b"52983"
    assert trade[9] == 2  # the second word that was met, and 1
    assert quote[:6] == [2, 1_781_622_376_037_000_000, 10.1, 10.2, 1.0, 2.0]
    assert (quote[6], quote[7], quote[9]) == (15, 12, -1)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"sym":"AAPL",', b""),
        (b'"sym":"AAPL"', b'"sym":"A\\u0041"'),
        (b'"sym":"AAPL"', b'"sym":"\xc3\xa4"'),
        (b'"sym":"AAPL"', b'"sym":"' + b"A" * 25 + b'"'),
        (b'"sym":"AAPL"', b'"sym":null'),
        (b'"p":297.845', b'"p":-1'),
        (b'"p":297.845', b'"p":1e3'),
        (b'"p":297.845', b'"p":01'),
        (b'"p":297.845', b'"p":1.'),
        (b'"p":297.845', b'"p":.5'),
        (b'"p":297.845', b'"p":1.234567890123456'),
        (b'"p":297.845', b'"p":1,"p":2'),
        (b'"p":297.845', b'"p": 1'),
        (b'"x":4', b'"x":1024'),
        (b'"x":4', b'"x":4.5'),
        (b'"x":4', b'"y":4'),
        (b'"t":1781622376036', b'"t":0'),
        (b'"t":1781622376036', b'"t":1781622376036000'),
        (b'"ds":"40.5"', b'"ds":"40.5 "'),
        (b'"c":[14,37]', b'"c":[14,]'),
        (b'"c":[14,37]', b'"c":[014]'),
        (b'"ev":"T"', b'"ev":"LULD"'),
        (b'"}', b'"}{'),
    ],
)
def test_whatever_is_not_as_usual_gives_up_the_frame(old: bytes, new: bytes) -> None:
    message = TRADE[:-1].replace(b',"c":[14,37]', b"") + b',"c":[14,37]}'
    raw = b"[" + message.replace(old, new) + b"," + QUOTE + b"]"

    assert scanned(b"[" + message + b"]", compiled=False)[0] == 1
    if old != b'"}':
        assert scanned(raw, compiled=False)[0] == 0


@pytest.mark.parametrize(
    "raw", [b"", b"[", b"[]", b"{}", TRADE, b"[" + TRADE, b"[" + TRADE + b",]"]
)
def test_what_is_no_array_of_messages_is_given_up(raw: bytes) -> None:
    assert scanned(raw, compiled=False)[0] == 0


def test_a_frame_with_more_symbols_or_rows_than_there_is_room_for_is_given_up() -> None:
    raw = b"[" + TRADE + b"," + QUOTE + b"]"

    assert scanned(raw, compiled=False, most=2)[0] == 0
    assert scanned(raw, compiled=False, rows=1)[0] == 0


@pytest.mark.skipif(not has_numba(), reason="numba (extra `fast`) is not installed")
@settings(max_examples=150)
@given(data=st.data())
def test_frames_with_damage_are_the_same_compiled_and_as_python(data: st.DataObject) -> None:
    messages = data.draw(st.lists(st.sampled_from([TRADE, QUOTE]), min_size=1, max_size=3))
    raw = bytearray(b"[" + b",".join(messages) + b"]")
    for _ in range(data.draw(st.integers(0, 2))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    raw = raw[: data.draw(st.sampled_from([len(raw), len(raw) - 1]))]

    assert json.dumps(scanned(bytes(raw))) == json.dumps(scanned(bytes(raw), compiled=False))

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.journal.checksum import checksum


@given(st.binary(max_size=40), st.integers(0, 9_000), st.integers(0, 7), st.randoms())
def test_any_flipped_bit_and_any_cut_changes_it(
    end: bytes, size: int, bit: int, chance: random.Random
) -> None:
    data = bytearray(chance.randbytes(size) + end + b"x")
    before = checksum(bytes(data))
    at = chance.randrange(len(data))
    data[at] ^= 1 << bit
    assert checksum(bytes(data)) != before
    data[at] ^= 1 << bit
    assert checksum(memoryview(data)) == before
    assert checksum(bytes(data[:-1])) != before


def test_pages_that_have_changed_places_are_found() -> None:
    pages = [bytes([n]) * 4096 for n in range(8)]
    before = checksum(b"".join(pages))
    pages[2], pages[5] = pages[5], pages[2]
    assert checksum(b"".join(pages)) != before

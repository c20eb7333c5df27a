from __future__ import annotations

import msgspec
import pytest

from ordinis_rx.providers.parts import UNREADABLE, fields_of


def test_a_field_that_cannot_be_read_stays_as_its_bytes_and_the_others_are_read() -> None:
    raw = b'{"p":1e999,"s":"\xff","v":[1,null],"x":' + b"[" * 10_000 + b"]" * 10_000 + b"}"
    parts = {
        "p": msgspec.Raw(b"1e999"),
        "s": msgspec.Raw(b'"\xff"'),
        "v": msgspec.Raw(b"[1,null]"),
        "deep": msgspec.Raw(b"[" * 10_000),
    }

    fields = fields_of(parts, msgspec.json.decode)

    assert fields == {"p": b"1e999", "s": b'"\xff"', "v": [1, None], "deep": b"[" * 10_000}
    with pytest.raises(UNREADABLE):
        msgspec.json.decode(raw)

"""Where texts, numbers and lists of numbers end in the bytes of a frame, and what a number is."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ordinis_rx.kernels.lexing import as_float, codes_end, decimal_end, text_end


@given(st.decimals(0, 10**9, places=6, allow_nan=False).map(lambda d: f"{d:f}"))
@example("0")
@example("0.1")
@example("123456789012345")
@example("0.000000000000001")
def test_a_decimal_is_read_as_the_nearest_float(text: str) -> None:
    out = [0, 0]
    end = decimal_end([*text.encode(), 0], 0, out)

    if sum(map(str.isdigit, text)) <= 15:
        assert (end, as_float(out)) == (len(text), float(text))
    else:
        assert end == -1


def test_a_text_ends_at_its_quotation_mark() -> None:
    assert text_end(b'A.B"\0', 0) == 3
    assert text_end(b'A\\"\0', 0) == -1
    assert text_end(b"A\0", 0) == -1


@pytest.mark.parametrize(
    ("text", "end"),
    [("[]", 1), ("[14,37]", 6), ("[0]", 2), ("14", -1), ("[14 ]", -1), ("[,1]", -1), ("[01]", -1), ("[1234567890]", -1)],
)  # fmt: skip
def test_codes_are_whole_numbers_in_brackets(text: str, end: int) -> None:
    assert codes_end([*text.encode(), 0], 0) == end

"""The state of a kernel as bytes, and back, for symbols with other numbers."""

from __future__ import annotations

import pytest

from ordinis_rx.codes import Codes
from ordinis_rx.kernels.record import Call, Layout
from ordinis_rx.kernels.state import read_state, restore_state, state_of

LAYOUT = Layout(
    reads="symbol:i", writes="value:f", state="mean:f ring:i*size clock:i@1", params="size:i"
)


def filled() -> Call:
    call = Call(LAYOUT, (2,))
    call.grow(3)
    call.state("mean")[:3] = (0.5, -0.0, float("inf"))
    call.state("ring")[:6] = (1, 2, 3, 4, 5, 6)
    call.state("clock")[0] = 7
    return call


def test_a_symbol_has_its_rows_under_its_new_number() -> None:
    codes = Codes()
    assert [codes[word] for word in ("C", "new", "A")] == [0, 1, 2]
    other = Call(LAYOUT, (2,))

    restore_state(other, read_state(other, state_of(filled(), ["A", "B", "C"])), codes.__getitem__)

    assert codes["B"] == 3
    assert other.state("mean")[:4].tolist() == [float("inf"), 0.0, 0.5, -0.0]
    assert other.state("ring")[:8].tolist() == [5, 6, 0, 0, 1, 2, 3, 4]
    assert other.state("clock").tolist() == [7]
    assert other.cells[LAYOUT.first_state][2] == 0.5  # which is where the kernel looks


def test_symbols_that_have_no_state_yet_are_left_out() -> None:
    call = Call(LAYOUT, (2,))

    saved = read_state(call, state_of(call, ["A", "B"]))

    assert saved.symbols == {}


@pytest.mark.parametrize(
    ("params", "told"),
    [((3,), r"of a kernel with .*\(size=2, version 1\), not with .*\(size=3, version 1\)")],
)
def test_the_state_of_another_kernel_is_refused(params: tuple[int, ...], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read_state(Call(LAYOUT, params), state_of(filled(), ["A"]))


def test_what_is_no_state_is_refused() -> None:
    with pytest.raises(ValueError, match="not the state of a kernel"):
        read_state(filled(), b"\x00")

"""The call record: where a kernel finds its columns, its state and its parameters."""

from __future__ import annotations

from ordinis_rx.kernels.record import Call, Layout, floats, integer, ints, real
from tests.kernels.test_layout import CLOCK, LAYOUT, RING, SEEN, SIZE, TABLE, THRESHOLD, WINDOW


def test_the_accessors_hand_out_parameters_in_their_kinds() -> None:
    call = Call(LAYOUT, (3, 2, 1))

    assert (integer(call, WINDOW), integer(call, SIZE)) == (3, 2)
    assert (real(call, THRESHOLD), type(real(call, THRESHOLD))) == (1.0, float)


def test_the_state_grows_with_the_symbols_and_keeps_what_it_held() -> None:
    call = Call(LAYOUT, (3, 2, 1.0))
    call.grow(2)
    for symbol in range(2):
        ints(call, SEEN)[symbol] = 10 + symbol
        for k in range(3):
            floats(call, RING)[symbol * 3 + k] = 100.0 * symbol + k
    ints(call, CLOCK)[0] = 99

    call.grow(1000)

    assert ints(call, SEEN)[:3].tolist() == [10, 11, 0]
    assert floats(call, RING)[:9].tolist() == [0.0, 1.0, 2.0, 100.0, 101.0, 102.0, 0.0, 0.0, 0.0]
    assert (len(ints(call, SEEN)), len(floats(call, RING))) == (1000, 3000)
    assert ints(call, CLOCK).tolist() == [99]
    assert len(floats(call, TABLE)) == 2


def test_the_state_at_least_doubles_so_that_growing_stays_cheap() -> None:
    call = Call(LAYOUT, (1, 1, 1.0))
    sizes = set()
    for symbols in range(1, 100):
        if symbols > call.symbols:
            call.grow(symbols)
        sizes.add(call.symbols)

    assert sizes == {16, 32, 64, 128}


def test_two_calls_of_one_layout_share_nothing() -> None:
    one, other = Call(LAYOUT, (1, 1, 1.0)), Call(LAYOUT, (2, 1, 1.0))
    for call in (one, other):
        call.grow(1)

    ints(one, SEEN)[0] = 5

    assert ints(other, SEEN)[0] == 0
    assert one.address != other.address
    assert (integer(one, WINDOW), integer(other, WINDOW)) == (1, 2)


def test_the_rows_of_a_state_may_be_a_product() -> None:
    layout = Layout("price:f", "row:i", state="ring:f*2*window flat:i@3*window", params="window:i")
    call = Call(layout, (5,))
    call.grow(16)

    assert len(call.state("ring")) == 16 * 2 * 5
    assert len(call.state("flat")) == 3 * 5

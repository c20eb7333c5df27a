"""The columns of the consensus."""

from __future__ import annotations

from ordinis_rx.codes import MOST_PROVIDERS
from ordinis_rx.kernels.consensus_layout import (
    BASE_ROWS,
    CONSENSUS,
    DUE,
    HEAD_ROWS,
    SLOTS,
    TOLD_ASK,
)
from ordinis_rx.kernels.record import Call


def test_there_is_a_slot_for_each_provider_that_a_stream_may_have() -> None:
    assert SLOTS == MOST_PROVIDERS


def test_there_is_a_bit_for_every_slot() -> None:
    assert (1 << (SLOTS - 1)) < 1 << 62


def test_a_symbol_has_room_for_all_that_is_remembered_of_it() -> None:
    call = Call(CONSENSUS, [1] * len(CONSENSUS.params))
    call.grow(16)

    assert len(call.state("head")) // call.symbols == HEAD_ROWS == DUE + 1
    assert len(call.state("base")) // call.symbols == BASE_ROWS == TOLD_ASK + 1

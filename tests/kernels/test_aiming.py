"""Pointing a kernel at a whole block in one call."""

from __future__ import annotations

from ordinis_rx.columns import Block
from ordinis_rx.kernels.aiming import aimer
from ordinis_rx.kernels.record import FIRST, Call, Layout


def test_each_column_is_pointed_at_where_it_lies() -> None:
    call = Call(Layout(reads="price:f weight:f size:f", writes="value:f"))
    block, beside = Block("iff", 4), Block("ff", 4)

    aimer(call, [(True, 2), (False, 1), (True, 1)])(block.addresses, beside.addresses)

    seen = list(call.record[FIRST : FIRST + 3])
    assert seen == [block.addresses[2], beside.addresses[1], block.addresses[1]]

"""What lets machine code see the columns of a block, all of them in one call: live, that is done for every message."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from ordinis_rx.kernels.record import FIRST, Call
from ordinis_rx.written import define

__all__ = ["Aim", "Source", "aimer"]

Aim: TypeAlias = Callable[[list[int], list[int]], None]
"""Takes the addresses of a block's columns, and those of what lies beside it."""

Source: TypeAlias = tuple[bool, int]
"""Where a column lies that a kernel reads: in the block (or else beside it), and the how manieth column that is there."""


def aimer(call: Call, sources: Sequence[Source]) -> Aim:
    """What points the columns that the compiled kernel of *call* reads, in their order, at *sources*.

    >>> from ordinis_rx.columns import Block
    >>> from ordinis_rx.kernels.record import Layout
    >>> call = Call(Layout(reads="price:f weight:f", writes="value:f"))
    >>> block, beside = Block("iif", 10), Block("f", 10)
    >>> aimer(call, [(True, 2), (False, 0)])(block.addresses, beside.addresses)
    >>> list(call.record[FIRST : FIRST + 2]) == [block.addresses[2], beside.addresses[0]]
    True
    """
    lines = [
        f"    record[{slot}] = {'block' if inside else 'beside'}[{j}]\n"
        for slot, (inside, j) in enumerate(sources, FIRST)
    ]
    scope: dict[str, Any] = {"record": call.record}
    # As namedtuple does: code for just these columns, since a loop over them would take three times as long.
    define(f"def aim(block, beside, record=record):\n{''.join(lines)}", scope)
    made: Aim = scope["aim"]
    return made

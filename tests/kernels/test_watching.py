"""A kernel under watch: each thing that none may do is told, with the kernel's name and the row."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ordinis_rx.kernels.compiled import prepare, uncompiled
from ordinis_rx.kernels.faults import KernelFault
from ordinis_rx.kernels.record import STOP, Call, Layout, floats, integer, ints

RING = Layout(
    reads="symbol:i",
    writes="row:i",
    state="ring:f*window clock:i@2",
    params="window:i",
    expands=True,
)
SYMBOL, ROW, STATE, CLOCK, WINDOW = RING.slots


def run(kernel: Callable[[int, Any], Any], symbols: int = 1) -> int:
    """What *kernel* returns under watch, of three rows of a symbol each."""
    call = Call(RING, (2,))
    with uncompiled(watching=True):
        watched, argument = prepare(kernel, call)
    call.grow(symbols)
    call.point(SYMBOL, 0, memoryview(np.arange(3)))  # type: ignore[arg-type]
    call.point(ROW, 0, memoryview(np.zeros(8, np.int64)))  # type: ignore[arg-type]
    call.room(8)
    call.stop[0] = 3
    return watched(3, argument)


def test_an_honest_kernel_is_left_alone() -> None:
    def honest(n: int, call: Any) -> int:
        ring, row, clock = floats(call, STATE), ints(call, ROW), ints(call, CLOCK)
        for i in range(n):
            ring[i * integer(call, WINDOW) + 1] += 1.0
            clock[1] += 1
            row[i] = i
        return n if ring[1] == 1.0 and len(ring) == 6 and clock[1] == 3 else 0

    assert run(honest, symbols=3) == 3


def beyond(n: int, call: Any) -> int:
    floats(call, STATE)[integer(call, WINDOW)] = 1.0
    return 0


def before(n: int, call: Any) -> int:
    return int(floats(call, STATE)[-1])


def beyond_what_is_for_all(n: int, call: Any) -> int:
    return int(ints(call, CLOCK)[2])


def by_two(n: int, call: Any) -> int:
    return int(floats(call, STATE)[0, 0])  # type: ignore[call-overload]


def by_a_share(n: int, call: Any) -> int:
    ints(call, CLOCK)[n / 3] = 1  # type: ignore[call-overload]
    return 0


def silent(n: int, call: Any) -> None:
    pass


def writes_rows(*rows: int) -> Callable[[int, Any], int]:
    def writes(n: int, call: Any) -> int:
        ints(call, ROW)[: len(rows)] = memoryview(np.array(rows))  # type: ignore[arg-type]
        return len(rows)

    return writes


def stops_at(stop: int) -> Callable[[int, Any], int]:
    def stops(n: int, call: Any) -> int:
        ints(call, STOP)[0] = stop
        return 0

    return stops


@pytest.mark.parametrize(
    ("kernel", "told"),
    [
        (beyond, "kernel beyond asked for row 2 of its state ring, which has 2 rows of 1 symbols"),
        (before, "kernel before asked for row -1 of its state ring, which has 2 rows of 1 symbols"),
        (beyond_what_is_for_all, "asked for row 2 of its state clock, which has 2 rows"),
        (
            by_two,
            "kernel by_two indexed its state ring by (0, 0): a column has one index, symbol * window + k",
        ),
        (by_a_share, "by_a_share indexed its state clock by 1.0: a column has one index"),
        (silent, "kernel silent returned None, not how many rows it wrote"),
        (writes_rows(0, -1), "kernel writes wrote row -1 at 1, of 3 rows that it was given"),
        (writes_rows(3), "kernel writes wrote row 3 at 0, of 3 rows that it was given"),
        (writes_rows(1, 0), "kernel writes wrote row 0 at 1, after row 1: rows rise"),
        (stops_at(-3), "kernel stops wrote -3 to STOP, of 3 rows"),
        (stops_at(10), "kernel stops wrote 10 to STOP, of 3 rows"),
    ],
)
def test_what_no_kernel_may_do_is_told(kernel: Callable[[int, Any], Any], told: str) -> None:
    with pytest.raises(KernelFault, match=re.escape(told)):
        run(kernel)


def test_watching_ends_with_its_block() -> None:
    with uncompiled(watching=True):
        pass
    with uncompiled():
        kernel, _ = prepare(beyond, Call(RING, (2,)))

    assert kernel is beyond


def test_a_kernel_written_for_another_layout_or_into_what_it_reads_is_told() -> None:
    def elsewhere(n: int, call: Any) -> int:
        return len(ints(call, WINDOW + 1))

    def spoiling(n: int, call: Any) -> int:
        ints(call, SYMBOL)[0] = 7
        return 0

    with pytest.raises(
        KernelFault, match=r"elsewhere would reach .* not its own: list index out of range"
    ):
        run(elsewhere)
    with pytest.raises(
        KernelFault, match=r"spoiling would reach .* not its own: cannot modify read-only"
    ):
        run(spoiling)

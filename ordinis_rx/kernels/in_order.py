"""Rows put back into the order in which they happened, each held back until time has got past it."""

from __future__ import annotations

from typing import Any

from ordinis_rx.kernels.record import Ints, Layout, helper, integer, ints

__all__ = ["BEAT", "BEGUN", "HAPPENED", "HELD", "IN_ORDER", "LATE", "NOW", "OURS", "in_order"]

HAPPENED, BEAT, OURS = range(3)
"""How a row tells the time: it happened at the venue, it tells nothing else, or it was told by our own clock."""

NOW, BEGUN, HELD, LATE = range(4)
"""The time, and whether there has been any; how many rows were held before, the first ones; how many others are late."""

IN_ORDER = Layout(
    reads="at:i seq:i how:i", writes="row:i heap:i", state="clock:i@4", params="lateness:i"
)
AT, SEQ, HOW, ROW, HEAP, CLOCK, LATENESS = IN_ORDER.slots


@helper
def _before(at: Ints, seq: Ints, a: int, b: int) -> bool:
    """Whether the row *a* is told before the row *b*: it happened before, was numbered before, or came before."""
    if at[a] != at[b]:
        return at[a] < at[b]
    if seq[a] != seq[b]:
        return seq[a] < seq[b]
    return a < b


@helper
def _push(at: Ints, seq: Ints, heap: Ints, size: int, row: int) -> None:
    """Add *row* to a heap of *size* rows."""
    k = size
    while k > 0 and _before(at, seq, row, heap[(k - 1) >> 1]):
        heap[k] = heap[(k - 1) >> 1]
        k = (k - 1) >> 1
    heap[k] = row


@helper
def _pop(at: Ints, seq: Ints, heap: Ints, size: int) -> int:
    """Take the first row from a heap of *size* rows."""
    first, last = heap[0], heap[size - 1]
    left = size - 1
    k = 0
    while 2 * k + 1 < left:
        child = 2 * k + 1
        if child + 1 < left and _before(at, seq, heap[child + 1], heap[child]):
            child += 1
        if not _before(at, seq, heap[child], last):
            break
        heap[k] = heap[child]
        k = child
    heap[k] = last
    return first


def in_order(n: int, call: Any) -> int:
    """How many of *n* rows are told, the first ones of `row`. Behind them come those that wait, in order, and the late ones.

    The rows held before stand in front, in order. What our own clock tells is given the time of the moment in `at`.
    """
    at, seq, how = ints(call, AT), ints(call, SEQ), ints(call, HOW)
    row, heap, clock = ints(call, ROW), ints(call, HEAP), ints(call, CLOCK)
    lateness = integer(call, LATENESS)
    now, begun, size = clock[NOW], clock[BEGUN], clock[HELD]
    told, late = 0, 0
    for i in range(size):
        heap[i] = i
    for i in range(size, n):
        if how[i] == OURS:
            if begun == 0 or size == 0:
                row[told] = i
                told += 1
                continue
            at[i] = now
        elif begun == 0 or at[i] > now:
            now, begun = at[i], 1
        elif how[i] == BEAT:
            at[i] = now
        elif at[i] < now - lateness:
            late += 1
            row[n - late] = i
            continue
        _push(at, seq, heap, size, i)
        size += 1
        while size > 0 and at[heap[0]] <= now - lateness:
            row[told] = _pop(at, seq, heap, size)
            told += 1
            size -= 1
    clock[NOW], clock[BEGUN], clock[HELD], clock[LATE] = now, begun, size, late
    for k in range(size):
        row[told + k] = _pop(at, seq, heap, size - k)
    return told

"""The order in which rows are told, by the kernel alone: against the plainest words for it, as Python and compiled."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.kernels.compiled import prepare, uncompiled
from ordinis_rx.kernels.in_order import (
    BEAT,
    BEGUN,
    HAPPENED,
    HELD,
    IN_ORDER,
    LATE,
    NOW,
    OURS,
    in_order,
)
from ordinis_rx.kernels.record import FIRST, Call

Row = tuple[int, int, int]


def by_the_kernel(rows: list[Row], lateness: int, cut: int, *, compiled: bool) -> list[list[int]]:
    """The rows told, those that wait and the late ones, of two calls: the rows up to *cut*, and the others."""
    call = Call(IN_ORDER, [lateness])
    with contextlib.nullcontext() if compiled else uncompiled():
        run, argument = prepare(in_order, call)
    clock = call.state("clock")
    told: list[int] = []
    late: list[int] = []
    waiting: list[tuple[int, int, int, int]] = []
    for part in (range(cut), range(cut, len(rows))):
        held = len(waiting)
        table = [*waiting, *((*rows[k], k) for k in part)]
        n = len(table)
        columns = [np.zeros(max(n, 1), np.int64) for _ in range(5)]
        for j in range(3):
            columns[j][:n] = [row[j] for row in table]
        for slot, column in enumerate(columns, FIRST):
            call.point(slot, column.ctypes.data, memoryview(column))
        clock[HELD] = held
        count = run(n, argument)
        order, lates = columns[3][:n].tolist(), int(clock[LATE])
        told += [table[k][3] for k in order[:count]]
        late += [table[k][3] for k in reversed(order[n - lates :])]
        waiting = [(int(columns[0][k]), *table[k][1:]) for k in order[count : n - lates]]
    return [told, [row[3] for row in waiting], late]


def in_plain_words(rows: list[Row], lateness: int) -> list[list[int]]:
    now: int | None = None
    told, late = list[int](), list[int]()
    waiting: list[tuple[int, int, int]] = []
    for k, (at, seq, how) in enumerate(rows):
        if how == OURS and (now is None or not waiting):
            told.append(k)
            continue
        if how != OURS and (now is None or at > now):
            now = at
        elif how != HAPPENED:
            at = now or 0
        elif now is not None and at < now - lateness:
            late.append(k)
            continue
        waiting.append((at, seq, k))
        passed = sorted(row for row in waiting if now is not None and row[0] <= now - lateness)
        told += [row[2] for row in passed]
        waiting = [row for row in waiting if row not in passed]
    return [told, [row[2] for row in sorted(waiting)], late]


@pytest.mark.parametrize("compiled", [False, True])
@given(
    st.lists(
        st.tuples(st.integers(0, 12), st.integers(0, 9), st.sampled_from([HAPPENED] * 4 + [BEAT, OURS])),
        max_size=40,
    ),
    st.integers(0, 8),
    st.integers(0, 40),
)  # fmt: skip
def test_rows_are_told_as_plain_words_have_it(
    compiled: bool, rows: list[Row], lateness: int, cut: int
) -> None:
    cut = min(cut, len(rows))

    assert by_the_kernel(rows, lateness, cut, compiled=compiled) == in_plain_words(rows, lateness)


def test_no_time_is_told_of_before_anything_has_happened() -> None:
    call = Call(IN_ORDER, [5])
    columns = [
        np.array([3]),
        np.array([1]),
        np.array([OURS]),
        *(np.zeros(1, np.int64) for _ in "ab"),
    ]
    for slot, column in enumerate(columns, FIRST):
        call.point(slot, column.ctypes.data, memoryview(column))

    assert in_order(1, call) == 1
    assert call.state("clock").tolist() == [0, 0, 0, 0]
    assert (NOW, BEGUN) == (0, 1)

"""Reports that are out of line, taken out of an answer of the consensus and put behind those that stay."""

from __future__ import annotations

import math
from typing import Any

from ordinis_rx.kernels.abreast import (
    AGES,
    BEFORE_SET,
    CENTRE,
    COUNTS,
    EXCLUDED_SET,
    KNOWN,
    LEVELS,
    LOADS,
    MEMBERS,
    RANKED,
    REPORTER,
    REPORTER_OUT,
    SLOT_OF,
    USED_SET,
    VOLUMES,
    VOLUMES_KNOWN,
    WIDE,
)
from ordinis_rx.kernels.consensus_layout import (
    AGES_NOW,
    BASE,
    BASE_ROWS,
    CONFIRM,
    EXCLUDED_NOW,
    FAR,
    FLOOR,
    GONE,
    HEAD,
    HEAD_ROWS,
    LANE,
    LEAST,
    LIMITS,
    MARKED,
    MARKS,
    NUMBER,
    ORDER,
    RULE,
    SCORED,
    SLOT,
    SLOTS,
    SOME,
    SPLIT_ROUNDS,
    STAMPS,
    VALUE,
    WEIGHTS,
    K,
)
from ordinis_rx.kernels.outliers import EXCLUDED, MARK, judge_panel, measure
from ordinis_rx.kernels.panel import CODE as CODE_OF
from ordinis_rx.kernels.panel import STAMP
from ordinis_rx.kernels.record import Floats, Ints, floats, helper, integer, ints, real
from ordinis_rx.kernels.robust import arrange, median
from ordinis_rx.kernels.scale import NOBODY, VOLATILITY2

__all__ = ["exclude"]


@helper
def exclude(call: Any, s: int, n: int, r: int, usual: float) -> int:
    """Take those of *n* reports that are out of line out of the answer *r*, of the symbol *s*; gives its flags."""
    lane, number, head, base = (
        floats(call, LANE),
        ints(call, NUMBER),
        ints(call, HEAD),
        floats(call, BASE),
    )
    value, ages, weights = floats(call, VALUE), floats(call, AGES_NOW), floats(call, WEIGHTS)
    far, limits, excluded = floats(call, FAR), floats(call, LIMITS), ints(call, EXCLUDED_NOW)
    slot, gone, order = ints(call, SLOT), ints(call, GONE), ints(call, ORDER)
    some, stamp, mark = floats(call, SOME), ints(call, STAMPS), ints(call, MARKS)
    rule, k, volatility2 = integer(call, RULE), real(call, K), base[s * BASE_ROWS + VOLATILITY2]
    h, m0, c = s * HEAD_ROWS, s * SLOTS * MARK, s * SLOTS * STAMP
    for j in range(n):
        some[j] = lane[LEVELS + j * WIDE + r]
    arrange(some, n, order, value)
    # From the lowest price to the highest: so who is far off is at the same end mostly, as a processor expects.
    before, out, mine = 0, 0, NOBODY
    for i in range(n):
        at = order[i] * WIDE + r
        ages[i], weights[i], slot[i] = lane[AGES + at], lane[LOADS + at], number[SLOT_OF + at]
        mine = i if order[i] == number[REPORTER + r] else mine
        if mark[m0 + slot[i] * MARK + EXCLUDED]:
            before |= 1 << stamp[c + slot[i] * STAMP + CODE_OF]
    beyond = measure(
        rule, k, real(call, FLOOR), usual, volatility2, n, max(ages[n >> 1], ages[(n - 1) >> 1]), value, value, ages,
        head[h + MARKED], far, limits,
    )  # fmt: skip
    flags = judge_panel(
        rule, k, integer(call, CONFIRM), integer(call, LEAST), usual, volatility2, n, value, ages, slot, mine != NOBODY,
        mark, m0, n == number[KNOWN + r], head, h + SPLIT_ROUNDS, weights, beyond, far, limits, excluded,
    )  # fmt: skip
    m = 0
    for i in range(n):
        lane[LOADS + order[i] * WIDE + r] = weights[i]
        gone[order[i]] = excluded[i]
        if excluded[i]:
            out |= 1 << stamp[c + slot[i] * STAMP + CODE_OF]
        value[m] = value[i]
        m += 1 - excluded[i]
    lane[CENTRE + r] = median(value, m) if m > 0 else math.nan
    if m < n:
        columns = RANKED if number[VOLUMES_KNOWN + r] or integer(call, SCORED) else VOLUMES
        _move_behind(n, m, r, columns, gone, slot, order, some, lane, number)
    number[MEMBERS + r], number[EXCLUDED_SET + r], number[BEFORE_SET + r] = m, out, before
    number[USED_SET + r] &= ~out
    if mine != NOBODY:
        far_off = beyond > 0 and far[mine] > limits[mine]
        number[COUNTS + r] = 0 if excluded[mine] or far_off else 1
        number[REPORTER_OUT + r] = excluded[mine]
    return flags


@helper
def _move_behind(
    n: int,
    m: int,
    r: int,
    columns: int,
    gone: Ints,
    slot: Ints,
    to: Ints,
    some: Floats,
    lane: Floats,
    number: Ints,
) -> None:
    """Put those of the *n* reports of the answer *r* that are `gone` behind the *m* others, to be seen how far off they are.

    The columns up to *columns* are moved.
    """
    kept, left = 0, m
    for j in range(n):
        to[j] = (left if gone[j] else kept) * WIDE + r
        left, kept = left + gone[j], kept + 1 - gone[j]
        slot[j] = number[SLOT_OF + j * WIDE + r]
    for column in range(LEVELS, columns, AGES - LEVELS):
        for j in range(n):
            some[j] = lane[column + j * WIDE + r]
        for j in range(n):
            lane[column + to[j]] = some[j]
    for j in range(n):
        number[SLOT_OF + to[j]] = slot[j]

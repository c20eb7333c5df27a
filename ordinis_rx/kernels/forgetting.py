"""Providers that were idle are forgotten, and symbols of which nobody says anything any more."""

from __future__ import annotations

from typing import Any

from ordinis_rx.kernels.consensus_layout import (
    BASE,
    BASE_ROWS,
    COUNT,
    DOUBT,
    ENTRIES,
    HEAD,
    HEAD_ROWS,
    IDLE,
    MARKED,
    MARKS,
    OLDEST,
    PLACE,
    SINCE,
    SLOTS,
    SPLIT_ROUNDS,
    STAMPS,
    VOLUMES_TOLD,
)
from ordinis_rx.kernels.outliers import MARK
from ordinis_rx.kernels.panel import CODE, ENTRY, SEEN_AT, STAMP, close_up
from ordinis_rx.kernels.record import floats, helper, integer, ints
from ordinis_rx.kernels.reports import NEVER
from ordinis_rx.kernels.scale import TRACK

__all__ = ["forget"]


@helper
def forget(call: Any, s: int, now: int) -> bool:
    """Forget the providers of the symbol *s* that were idle, and all of it when none is left; whether there were any."""
    head, base = ints(call, HEAD), floats(call, BASE)
    entry, stamp, mark = floats(call, ENTRIES), ints(call, STAMPS), ints(call, MARKS)
    doubt, place, idle = floats(call, DOUBT), ints(call, PLACE), integer(call, IDLE)
    h, b, c = s * HEAD_ROWS, s * BASE_ROWS, s * SLOTS * STAMP
    before: int = head[h + COUNT]
    count = before
    oldest = NEVER
    j = 0
    while j < count:
        seen = stamp[c + j * STAMP + SEEN_AT]
        if now - seen > idle:
            place[s * SLOTS + stamp[c + j * STAMP + CODE]] = 0
            close_up(entry, s * SLOTS * ENTRY, ENTRY, j, count)
            close_up(stamp, c, STAMP, j, count)
            close_up(mark, s * SLOTS * MARK, MARK, j, count)
            close_up(doubt, s * SLOTS, 1, j, count)
            count -= 1
        else:
            oldest = min(oldest, seen)
            j += 1
    head[h + COUNT], head[h + OLDEST] = count, oldest
    for j in range(count):
        place[s * SLOTS + stamp[c + j * STAMP + CODE]] = j + 1
    if count == 0:
        for k in range(TRACK):
            base[b + k] = 0.0
        head[h + SINCE], head[h + SPLIT_ROUNDS] = 0, 0
        head[h + MARKED], head[h + VOLUMES_TOLD] = 0, 0
    return count != before

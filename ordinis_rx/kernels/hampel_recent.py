"""Hampel's identifier by the numbers before that are recent, too, as in `ordinis_rx.kernels.recent`."""

from __future__ import annotations

from typing import Any

from ordinis_rx.kernels.hampel import drop, enter, is_near
from ordinis_rx.kernels.recent import newest_time, outdated
from ordinis_rx.kernels.record import Layout, floats, integer, ints, real

__all__ = ["HAMPEL_RECENT", "hampel_keep_recent"]

HAMPEL_RECENT = Layout(
    reads="symbol:i ts_event:i ts_recv:i value:f flags:i=7",
    writes="row:i",
    state="seen:i newest:i counts:i*2 ring:f*window times:i*window sorted:f*window",
    params="window:i over:i warm_up:i threshold:f moves:i",
)
(
    SYMBOL,
    TS_EVENT,
    TS_RECV,
    NUMBER,
    FLAGS,
    ROW,
    SEEN,
    NEWEST,
    COUNTS,
    RING,
    TIMES,
    SORTED,
    WINDOW,
    OVER,
    WARM_UP,
    THRESHOLD,
    MOVES,
) = HAMPEL_RECENT.slots


def hampel_keep_recent(n: int, call: Any) -> int:
    """As `hampel_keep`, by the numbers less than *over* older than the newest that was judged."""
    symbol, number, flags = ints(call, SYMBOL), floats(call, NUMBER), ints(call, FLAGS)
    ts_event, ts_recv = ints(call, TS_EVENT), ints(call, TS_RECV)
    row, seen, newest = ints(call, ROW), ints(call, SEEN), ints(call, NEWEST)
    times, counts, ring = ints(call, TIMES), ints(call, COUNTS), floats(call, RING)
    in_order = floats(call, SORTED)
    window, over = integer(call, WINDOW), integer(call, OVER)
    warm_up, threshold = integer(call, WARM_UP), real(call, THRESHOLD)
    moves = integer(call, MOVES)
    kept = 0
    for i in range(n):
        x = number[i]
        if x - x != 0.0:
            continue
        s = symbol[i]
        now = newest_time(s, ts_event[i], ts_recv[i], seen, newest)
        position = counts[2 * s + 1]
        gone = outdated(now, over, s, window, counts[2 * s], position, times)
        if gone > 0:
            drop(gone, s, window, counts, ring, in_order)
        count = counts[2 * s]
        if count < warm_up or is_near(x, in_order, s * window, count, threshold):
            row[kept] = i
            kept += 1
        if flags[i] & moves != 0:
            enter(x, s, window, counts, ring, in_order)
            times[s * window + position] = now
    return kept

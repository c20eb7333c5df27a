"""As `rolling`, of the last numbers of each symbol that are recent, too: none is older than so much by the newest time.

A number that comes late counts as of that time, so that numbers leave the window in the order in which they entered it.
These are kernels of their own, so that who asks for no time reads no stamps and keeps none.
"""

from __future__ import annotations

from typing import Any

from ordinis_rx.kernels.moments import COUNT, COUNTS, POSITION, remove
from ordinis_rx.kernels.record import Floats, Ints, Layout, floats, helper, integer, ints, real
from ordinis_rx.kernels.reports import NEVER, believed
from ordinis_rx.kernels.rolling import fits, take

__all__ = [
    "KEEP_RECENT",
    "RECENT",
    "forget",
    "newest_time",
    "outdated",
    "rolling_recent",
    "zscore_keep_recent",
]

RECENT = Layout(
    reads="symbol:i ts_event:i ts_recv:i value:f flags:i=7",
    writes="row:i value:f",
    state="seen:i newest:i removed:i counts:i*4 moments:f*3 ring:f*window times:i*window",
    params="window:i over:i warm_up:i measure:i moves:i",
)
(
    SYMBOL,
    TS_EVENT,
    TS_RECV,
    NUMBER,
    FLAGS,
    ROW,
    VALUE,
    SEEN,
    NEWEST,
    REMOVED,
    STATE,
    MOMENTS,
    RING,
    TIMES,
    WINDOW,
    OVER,
    WARM_UP,
    MEASURE,
    MOVES,
) = RECENT.slots

KEEP_RECENT = Layout(
    reads="symbol:i ts_event:i ts_recv:i value:f flags:i=7",
    writes="row:i",
    state="seen:i newest:i removed:i counts:i*4 moments:f*3 ring:f*window times:i*window",
    params="window:i over:i warm_up:i threshold:f feedback:i patience:i moves:i",
)
(
    K_SYMBOL,
    K_TS_EVENT,
    K_TS_RECV,
    K_NUMBER,
    K_FLAGS,
    K_ROW,
    K_SEEN,
    K_NEWEST,
    K_REMOVED,
    K_STATE,
    K_MOMENTS,
    K_RING,
    K_TIMES,
    K_WINDOW,
    K_OVER,
    K_WARM_UP,
    THRESHOLD,
    FEEDBACK,
    PATIENCE,
    K_MOVES,
) = KEEP_RECENT.slots


@helper
def newest_time(s: int, ts_event: int, ts_recv: int, seen: Ints, newest: Ints) -> int:
    """The time of symbol *s* with a number of these stamps, as it is from now on."""
    now = min(max(believed(ts_event, ts_recv), -NEVER), NEVER)
    if seen[s]:
        now = max(now, newest[s])
    seen[s], newest[s] = 1, now
    return now


@helper
def outdated(
    now: int, over: int, s: int, window: int, count: int, position: int, times: Ints
) -> int:
    """How many of the *count* numbers of symbol *s*, the last of which is before *position*, are *over* old or older."""
    first = s * window
    at = position - count
    if at < 0:
        at += window
    gone = 0
    while gone < count and now - times[first + at] >= over:
        gone += 1
        at += 1
        if at == window:
            at = 0
    return gone


@helper
def forget(
    now: int,
    over: int,
    s: int,
    window: int,
    removed: Ints,
    counts: Ints,
    moments: Floats,
    ring: Floats,
    times: Ints,
) -> int:
    """Take what is *over* old or older out of the window of symbol *s*; gives where the next number goes."""
    count, position = counts[COUNTS * s + COUNT], counts[COUNTS * s + POSITION]
    gone = outdated(now, over, s, window, count, position, times)
    if gone > 0:
        remove(gone, s, window, removed, counts, moments, ring)
    return position


def rolling_recent(n: int, call: Any) -> int:
    """As `rolling`, of the numbers less than *over* older than the newest."""
    symbol, number, flags = ints(call, SYMBOL), floats(call, NUMBER), ints(call, FLAGS)
    ts_event, ts_recv = ints(call, TS_EVENT), ints(call, TS_RECV)
    row, value = ints(call, ROW), floats(call, VALUE)
    seen, newest, times = ints(call, SEEN), ints(call, NEWEST), ints(call, TIMES)
    removed = ints(call, REMOVED)
    counts, moments, ring = ints(call, STATE), floats(call, MOMENTS), floats(call, RING)
    window, over = integer(call, WINDOW), integer(call, OVER)
    warm_up, measure, moves = integer(call, WARM_UP), integer(call, MEASURE), integer(call, MOVES)
    written = 0
    for i in range(n):
        x = number[i]
        if x - x != 0.0 or flags[i] & moves == 0:
            continue
        s = symbol[i]
        now = newest_time(s, ts_event[i], ts_recv[i], seen, newest)
        position = forget(now, over, s, window, removed, counts, moments, ring, times)
        times[s * window + position] = now
        if take(x, s, window, warm_up, measure, counts, moments, ring, value, written):
            row[written] = i
            written += 1
    return written


def zscore_keep_recent(n: int, call: Any) -> int:
    """As `zscore_keep`, by the numbers less than *over* older than the newest; one that is refused makes them older, too."""
    symbol, number, flags = ints(call, K_SYMBOL), floats(call, K_NUMBER), ints(call, K_FLAGS)
    ts_event, ts_recv = ints(call, K_TS_EVENT), ints(call, K_TS_RECV)
    row, counts = ints(call, K_ROW), ints(call, K_STATE)
    seen, newest, times = ints(call, K_SEEN), ints(call, K_NEWEST), ints(call, K_TIMES)
    removed = ints(call, K_REMOVED)
    moments, ring = floats(call, K_MOMENTS), floats(call, K_RING)
    window, over = integer(call, K_WINDOW), integer(call, K_OVER)
    warm_up, feedback = integer(call, K_WARM_UP), integer(call, FEEDBACK)
    patience, moves = integer(call, PATIENCE), integer(call, K_MOVES)
    threshold = real(call, THRESHOLD)
    limit = threshold * threshold
    kept = 0
    for i in range(n):
        x = number[i]
        if x - x != 0.0:
            continue
        s = symbol[i]
        now = newest_time(s, ts_event[i], ts_recv[i], seen, newest)
        position = forget(now, over, s, window, removed, counts, moments, ring, times)
        counted = flags[i] & moves != 0
        if fits(x, s, counted, window, warm_up, limit, feedback, patience, counts, moments, ring):
            row[kept] = i
            kept += 1
        if counts[COUNTS * s + POSITION] != position:  # it has entered
            times[s * window + position] = now
    return kept

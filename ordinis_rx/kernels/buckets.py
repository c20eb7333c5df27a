"""Buckets of intervals, which become bars when time has passed them: opened, filled, and told.

What is remembered of a symbol is a bucket for each interval that may be open at once, in a ring; the buckets of an interval
are a list, from `_HEAD` to `_TAIL`, in the order of opening.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ordinis_rx.kernels.figures import average_price
from ordinis_rx.kernels.layout import MOST_ROWS
from ordinis_rx.kernels.record import (
    ROOM,
    Call,
    Floats,
    Ints,
    Layout,
    floats,
    helper,
    integer,
    ints,
)

__all__ = [
    "AMOUNT",
    "AVERAGE",
    "BEYOND",
    "BLOCKED",
    "CELLS",
    "CLOCK",
    "COUNT",
    "ENDED",
    "FIRST",
    "FLAGS",
    "FLOATS",
    "HERE",
    "HIGHEST",
    "INTERVAL",
    "IS_OPEN",
    "LAST_PROVIDER",
    "LATE",
    "LATENESS",
    "LATEST",
    "LATE_ROWS",
    "LOWEST",
    "MARKS",
    "MOST_OPEN",
    "NEWEST",
    "OLDEST",
    "PLACE",
    "PLAIN",
    "PROVIDER",
    "REVISION",
    "SINGLE",
    "SLOTS",
    "SPAN",
    "STARTED",
    "SYMBOL",
    "TIME_BARS",
    "TOTAL",
    "TRADES",
    "TS_EVENT",
    "TS_RECV",
    "close_interval",
    "close_until",
    "move_ends",
    "open_bucket",
    "recode_buckets",
    "weigh_in",
    "widen",
]

CELLS = 8
"""How many floats, and how many integers, a bucket is made of."""

# Floats of a bucket; integers of a bucket.
_OPEN, _HIGH, _LOW, _CLOSE, TOTAL, _BASE, _WORTH, _WEIGHT = range(CELLS)
IS_OPEN, _FIRST_AT, _LAST_AT, TRADES, LAST_PROVIDER, _NEXT, PLAIN = range(7)

_QUEUE = 3
"""Integers of an interval's list: its first and last bucket, and how many there are."""

_HEAD, _TAIL, _SIZE = range(_QUEUE)

# The clock: whether it runs, where the oldest interval that is still open begins, and the one that the last row was in with
# its place in the ring, where the newest one begins, how many buckets are open, whether there was too little room; and
# whether it has stopped, which is written from outside: any time is one that a row may have.
STARTED, OLDEST, HERE, PLACE, NEWEST, _BUCKETS, BLOCKED, ENDED = range(8)

BEYOND = (1 << 63) - 1
"""After all times; negative, before all of them."""

MOST_OPEN = MOST_ROWS // CELLS
"""As many intervals may be open at once, as a symbol has a bucket for each."""

LATE_ROWS = 256
"""How many late rows are remembered until somebody has looked at them."""

_NAN = float("nan")

TIME_BARS = Layout(
    reads="symbol:i provider:i ts_event:i ts_recv:i span:i=0 revision:i=0 first:f highest:f lowest:f latest:f average:f"
    " amount:f=0 count:i=1 flags:i=7",
    writes="row:i symbol:i provider:i ts_event:i open:f high:f low:f close:f volume:f vwap:f trade_count:i",
    state="floats:f*8*slots marks:i*8*slots last:f*2 clock:i@8 queues:i@3*slots late:i@257",
    params="interval:i lateness:i fill:i slots:i single:i",
    expands=True,
)
(
    SYMBOL,
    PROVIDER,
    TS_EVENT,
    TS_RECV,
    SPAN,
    REVISION,
    FIRST,
    HIGHEST,
    LOWEST,
    LATEST,
    AVERAGE,
    AMOUNT,
    COUNT,
    FLAGS,
    ROW,
    OF_SYMBOL,
    OF_PROVIDER,
    END,
    OPEN,
    HIGH,
    LOW,
    CLOSE,
    VOLUME,
    VWAP,
    TRADE_COUNT,
    FLOATS,
    MARKS,
    LAST_CLOSE,
    CLOCK,
    QUEUES,
    LATE,
    INTERVAL,
    LATENESS,
    FILL,
    SLOTS,
    SINGLE,
) = TIME_BARS.slots


@helper
def open_bucket(call: Any, s: int, k: int) -> None:
    """Begin the bucket of symbol *s* at place *k* of the ring, the last of its interval's list."""
    numbers, marks, queue = floats(call, FLOATS), ints(call, MARKS), ints(call, QUEUES)
    at = s * integer(call, SLOTS) + k
    j, q = CELLS * at, _QUEUE * k
    numbers[j + _OPEN] = numbers[j + _HIGH] = numbers[j + _LOW] = numbers[j + _CLOSE] = _NAN
    numbers[j + TOTAL] = numbers[j + _WORTH] = numbers[j + _WEIGHT] = 0.0
    marks[j + IS_OPEN] = marks[j + PLAIN] = 1
    marks[j + _FIRST_AT] = BEYOND
    marks[j + _LAST_AT] = -BEYOND
    marks[j + TRADES] = 0
    marks[j + _NEXT] = -1
    if queue[q + _SIZE] == 0:
        queue[q + _HEAD] = s
    else:
        marks[CELLS * (queue[q + _TAIL] * integer(call, SLOTS) + k) + _NEXT] = s
    queue[q + _TAIL] = s
    queue[q + _SIZE] += 1
    ints(call, CLOCK)[_BUCKETS] += 1


@helper
def move_ends(
    numbers: Floats, marks: Ints, j: int, at: int, opening: float, closing: float
) -> None:
    """Let the bucket at *j* begin and end with what was so at the time *at*, if that is its first or its last."""
    if at < marks[j + _FIRST_AT]:
        marks[j + _FIRST_AT] = at
        numbers[j + _OPEN] = opening
    if at >= marks[j + _LAST_AT]:
        marks[j + _LAST_AT] = at
        numbers[j + _CLOSE] = closing


@helper
def widen(numbers: Floats, j: int, top: float, bottom: float) -> None:
    """Let the bucket at *j* reach to these; written in any case: nobody foresees which price is the highest so far."""
    high, low = numbers[j + _HIGH], numbers[j + _LOW]
    numbers[j + _HIGH] = high if top <= high else top
    numbers[j + _LOW] = low if bottom >= low else bottom


@helper
def weigh_in(numbers: Floats, j: int, average: float, amount: float) -> None:
    """Let the bucket at *j* weigh in an *amount* at this price."""
    if numbers[j + _WEIGHT] == 0.0:
        numbers[j + _BASE] = average
    numbers[j + _WEIGHT] += amount
    numbers[j + _WORTH] += (average - numbers[j + _BASE]) * amount


@helper
def close_interval(call: Any, begin: int, again: bool, row: int, written: int) -> int:
    """Tell the bars of the interval that begins at *begin*; gives how many rows are written then.

    With *again* each symbol is opened in the interval after it, too.
    """
    numbers, marks, last = floats(call, FLOATS), ints(call, MARKS), floats(call, LAST_CLOSE)
    interval, slots, queue = integer(call, INTERVAL), integer(call, SLOTS), ints(call, QUEUES)
    k = 0
    following = 0
    if interval > 0 and slots > 0:
        k = begin // interval % slots
        following = (k + 1) % slots
    fill = integer(call, FILL) != 0
    size = queue[_QUEUE * k + _SIZE]
    s = queue[_QUEUE * k + _HEAD]
    for _ in range(size):
        j = CELLS * (s * slots + k)
        ints(call, ROW)[written] = row
        ints(call, OF_SYMBOL)[written] = s
        ints(call, OF_PROVIDER)[written] = marks[j + LAST_PROVIDER]
        ints(call, END)[written] = begin + interval
        ints(call, TRADE_COUNT)[written] = marks[j + TRADES]
        high, low, close = numbers[j + _HIGH], numbers[j + _LOW], numbers[j + _CLOSE]
        opening = numbers[j + _OPEN]
        # Where no price was moved it stays at the last one. A range without ends stays without: the last price may be
        # outside of it. So do ends without a range, which were not allowed to make one.
        if fill and close != close and high != high and last[2 * s] > 0.0:
            opening = high = low = close = last[2 * s + 1]
        floats(call, OPEN)[written] = opening
        floats(call, HIGH)[written] = high
        floats(call, LOW)[written] = low
        floats(call, CLOSE)[written] = close
        floats(call, VOLUME)[written] = numbers[j + TOTAL]
        floats(call, VWAP)[written] = average_price(
            numbers[j + _BASE],
            numbers[j + _WORTH],
            numbers[j + _WEIGHT],
            marks[j + PLAIN],
            low,
            high,
        )
        written += 1
        if close == close:
            last[2 * s], last[2 * s + 1] = 1.0, close
        marks[j + IS_OPEN] = 0
        provider, after = marks[j + LAST_PROVIDER], marks[j + _NEXT]
        if again:
            to = CELLS * (s * slots + following)
            if not marks[to + IS_OPEN]:
                open_bucket(call, s, following)
                marks[to + LAST_PROVIDER] = provider
        s = after
    queue[_QUEUE * k + _SIZE] = 0
    ints(call, CLOCK)[_BUCKETS] -= size
    return written


@helper
def close_until(call: Any, until: int, over: bool, row: int, written: int) -> int:
    """Tell the bars of all intervals that begin before *until*, as far as there is room; gives how many rows are written.

    *over* tells that the stream ends there, which is no time: where nothing is open, the clock stays.
    """
    clock, queue, room = ints(call, CLOCK), ints(call, QUEUES), integer(call, ROOM)
    interval, slots = integer(call, INTERVAL), integer(call, SLOTS)
    fill = integer(call, FILL) != 0
    begin = clock[OLDEST]
    clock[BLOCKED] = 0
    while begin < until:
        if clock[_BUCKETS] == 0:
            if not over:
                begin = until
            break
        k = begin // interval % slots if interval > 0 and slots > 0 else 0
        size = queue[_QUEUE * k + _SIZE]
        if written + size > room:
            clock[BLOCKED] = 1
            break
        if size > 0:
            written = close_interval(call, begin, fill, row, written)
            if fill and begin + interval > clock[NEWEST]:
                clock[NEWEST] = begin + interval
        begin += interval
    clock[OLDEST] = begin
    return written


def recode_buckets(call: Call, symbols: Sequence[int], providers: Sequence[int]) -> None:
    """Let buckets that were saved, under the numbers that symbols and providers had, go by those that they have now.

    Time goes on where it had come to its end: what was told then stays told.
    """
    marks, queues = call.state("marks"), call.state("queues")
    call.state("clock")[ENDED] = 0
    slots = len(queues) // _QUEUE
    for k in np.flatnonzero(queues[_SIZE::_QUEUE]).tolist():
        queue = queues[_QUEUE * k : _QUEUE * (k + 1)]
        s = queue[_HEAD] = symbols[int(queue[_HEAD])]
        queue[_TAIL] = symbols[queue[_TAIL]]
        for _ in range(queue[_SIZE]):
            bucket = marks[CELLS * (s * slots + k) :][:CELLS]
            bucket[LAST_PROVIDER] = providers[bucket[LAST_PROVIDER]]
            if bucket[_NEXT] >= 0:
                s = bucket[_NEXT] = symbols[int(bucket[_NEXT])]

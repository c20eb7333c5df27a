"""Bars of an interval: open, high, low, close, volume, volume-weighted price; of trades, of quotes, and of shorter bars.

Time is the highest time of a row less *lateness*. An interval is open until time has passed its end; then the bars of all
symbols that had something in it are told, in the order in which they were opened. So one row may tell thousands of bars.

What is remembered of a symbol is a bucket for each interval that may be open at once, in a ring; the buckets of an interval
are a list, from `HEAD` to `TAIL`, in the order of opening.
"""

from __future__ import annotations

from typing import Any

from ordinis_rx.kernels.layout import MOST_ROWS
from ordinis_rx.kernels.record import (
    ROOM,
    STOP,
    Floats,
    Ints,
    Layout,
    floats,
    helper,
    integer,
    ints,
)
from ordinis_rx.kernels.reports import believed
from ordinis_rx.kernels.trade_flags import MOVES_ALL, MOVES_HIGH_LOW, MOVES_LAST, MOVES_VOLUME

__all__ = [
    "ENDED",
    "FAR",
    "LATE_ROWS",
    "MOST_OPEN",
    "TIME_BARS",
    "close_interval",
    "close_until",
    "is_number",
    "open_bucket",
    "time_bars",
]

_CELLS = 8
"""How many floats, and how many integers, a bucket is made of."""

# Floats of a bucket; integers of a bucket.
_OPEN, _HIGH, _LOW, _CLOSE, _VOLUME, _BASE, _WORTH, _WEIGHT = range(_CELLS)
_IS_OPEN, _FIRST_AT, _LAST_AT, _COUNT, _PROVIDER, _NEXT, _PLAIN = range(7)

_QUEUE = 3
"""Integers of an interval's list: its first and last bucket, and how many there are."""

_HEAD, _TAIL, _SIZE = range(_QUEUE)

# The clock: whether it runs, where the oldest interval that is still open begins, and the one that the last row was in with
# its place in the ring, where the newest one begins, how many buckets are open, whether there was too little room; and
# whether it has stopped, which is written from outside: any time is one that a row may have.
_STARTED, _OLDEST, _HERE, _SLOT, _NEWEST, _BUCKETS, _BLOCKED, ENDED = range(8)

FAR = 1 << 62
"""No time is as far from 1970 as this, so that sums of times fit an integer."""

_BEYOND = (1 << 63) - 1
"""After all times; negative, before all of them."""

MOST_OPEN = MOST_ROWS // _CELLS
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
def is_number(x: float) -> bool:
    """Neither missing nor beyond all bounds."""
    return x - x == 0.0


@helper
def open_bucket(call: Any, s: int, k: int) -> None:
    """Begin the bucket of symbol *s* at place *k* of the ring, the last of its interval's list."""
    numbers, marks, queue = floats(call, FLOATS), ints(call, MARKS), ints(call, QUEUES)
    at = s * integer(call, SLOTS) + k
    j, q = _CELLS * at, _QUEUE * k
    numbers[j + _OPEN] = numbers[j + _HIGH] = numbers[j + _LOW] = numbers[j + _CLOSE] = _NAN
    numbers[j + _VOLUME] = numbers[j + _WORTH] = numbers[j + _WEIGHT] = 0.0
    marks[j + _IS_OPEN] = marks[j + _PLAIN] = 1
    marks[j + _FIRST_AT] = _BEYOND
    marks[j + _LAST_AT] = -_BEYOND
    marks[j + _COUNT] = 0
    marks[j + _NEXT] = -1
    if queue[q + _SIZE] == 0:
        queue[q + _HEAD] = s
    else:
        marks[_CELLS * (queue[q + _TAIL] * integer(call, SLOTS) + k) + _NEXT] = s
    queue[q + _TAIL] = s
    queue[q + _SIZE] += 1
    ints(call, CLOCK)[_BUCKETS] += 1


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
        j = _CELLS * (s * slots + k)
        ints(call, ROW)[written] = row
        ints(call, OF_SYMBOL)[written] = s
        ints(call, OF_PROVIDER)[written] = marks[j + _PROVIDER]
        ints(call, END)[written] = begin + interval
        ints(call, TRADE_COUNT)[written] = marks[j + _COUNT]
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
        floats(call, VOLUME)[written] = numbers[j + _VOLUME]
        weight = numbers[j + _WEIGHT]
        average = _NAN
        if weight > 0.0:
            average = numbers[j + _BASE] + numbers[j + _WORTH] / weight
            # Rounding must not put it outside the prices that it is an average of.
            if marks[j + _PLAIN]:
                if average < low:
                    average = low
                if average > high:
                    average = high
        floats(call, VWAP)[written] = average
        written += 1
        if close == close:
            last[2 * s], last[2 * s + 1] = 1.0, close
        marks[j + _IS_OPEN] = 0
        provider, after = marks[j + _PROVIDER], marks[j + _NEXT]
        if again:
            to = _CELLS * (s * slots + following)
            if not marks[to + _IS_OPEN]:
                open_bucket(call, s, following)
                marks[to + _PROVIDER] = provider
        s = after
    queue[_QUEUE * k + _SIZE] = 0
    ints(call, CLOCK)[_BUCKETS] -= size
    return written


@helper
def close_until(call: Any, until: int, over: bool, row: int, written: int) -> int:
    """Tell the bars of all intervals that begin before *until*, as far as there is room; gives how many rows are written.

    *over* tells that nothing comes after them.
    """
    clock, queue, room = ints(call, CLOCK), ints(call, QUEUES), integer(call, ROOM)
    interval, slots = integer(call, INTERVAL), integer(call, SLOTS)
    fill = integer(call, FILL) != 0
    begin = clock[_OLDEST]
    clock[_BLOCKED] = 0
    while begin < until:
        if clock[_BUCKETS] == 0:
            begin = until
            break
        k = begin // interval % slots if interval > 0 and slots > 0 else 0
        size = queue[_QUEUE * k + _SIZE]
        if written + size > room:
            clock[_BLOCKED] = 1
            break
        if size > 0:
            again = fill and not (over and begin >= clock[_NEWEST])
            written = close_interval(call, begin, again, row, written)
            if again and begin + interval > clock[_NEWEST]:
                clock[_NEWEST] = begin + interval
        begin += interval
    clock[_OLDEST] = begin
    return written


@helper
def _move_ends(
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
def _widen(numbers: Floats, j: int, top: float, bottom: float) -> None:
    """Let the bucket at *j* reach to these; written in any case: nobody foresees which price is the highest so far."""
    high, low = numbers[j + _HIGH], numbers[j + _LOW]
    numbers[j + _HIGH] = high if top <= high else top
    numbers[j + _LOW] = low if bottom >= low else bottom


@helper
def _weigh_in(numbers: Floats, j: int, average: float, amount: float) -> None:
    """Let the bucket at *j* weigh in an *amount* at this price."""
    if numbers[j + _WEIGHT] == 0.0:
        numbers[j + _BASE] = average
    numbers[j + _WEIGHT] += amount
    numbers[j + _WORTH] += (average - numbers[j + _BASE]) * amount


def time_bars(n: int, call: Any) -> int:
    """The bars of the intervals that *n* more rows have ended; a *single* row is one price, and no bar.

    Where the clock has `ENDED`, all intervals are over, and the row is one to tell it by.
    """
    symbol, provider = ints(call, SYMBOL), ints(call, PROVIDER)
    ts_event, ts_recv, span = ints(call, TS_EVENT), ints(call, TS_RECV), ints(call, SPAN)
    first, highest, lowest = floats(call, FIRST), floats(call, HIGHEST), floats(call, LOWEST)
    latest, average, amount = floats(call, LATEST), floats(call, AVERAGE), floats(call, AMOUNT)
    count, flags, revision = ints(call, COUNT), ints(call, FLAGS), ints(call, REVISION)
    numbers, marks = floats(call, FLOATS), ints(call, MARKS)
    clock, late, stop = ints(call, CLOCK), ints(call, LATE), ints(call, STOP)
    if clock[ENDED]:
        written = close_until(call, clock[_NEWEST] + 1, True, 0, 0)
        if clock[_BLOCKED]:
            stop[0] = 0
        return written
    interval, lateness, slots = (
        integer(call, INTERVAL),
        integer(call, LATENESS),
        integer(call, SLOTS),
    )
    single = integer(call, SINGLE)
    # The interval that the last row was in, and the time at which the oldest one is over: most rows are between.
    here, slot = clock[_HERE], clock[_SLOT]
    gone = here < clock[_OLDEST]
    over = clock[_OLDEST] + interval + lateness if clock[_STARTED] else -_BEYOND
    until = -_BEYOND if gone or not single else min(here + interval, over, FAR)
    written = 0
    for i in range(n):
        at = believed(ts_event[i], ts_recv[i])
        # Most rows are a price and an amount, flawless, of the interval that the last one was in: the shortest way.
        if here <= at < until and at > -FAR:
            p, q = latest[i], amount[i]
            j = _CELLS * (symbol[i] * slots + slot)
            if (
                flags[i] & MOVES_ALL == MOVES_ALL
                and q >= 0.0
                and is_number(p + q)
                and marks[j + _IS_OPEN]
            ):
                marks[j + _PROVIDER] = provider[i]
                marks[j + _COUNT] += 1
                _move_ends(numbers, marks, j, at, p, p)
                _widen(numbers, j, p, p)
                if q > 0.0:
                    numbers[j + _VOLUME] += q
                    _weigh_in(numbers, j, p, q)
                continue
        width = span[i]
        if -FAR < at < FAR and 0 <= width <= interval and revision[i] <= 0:
            at -= width
            if at >= over:
                begin = (at - lateness) // interval * interval
                if clock[_STARTED]:
                    written = close_until(call, begin, False, i, written)
                    if clock[_BLOCKED]:
                        stop[0] = i
                        return written
                else:
                    clock[_STARTED] = 1
                    clock[_OLDEST] = clock[_NEWEST] = begin
                over = begin + interval + lateness
            if at < here or at >= here + interval:
                here = at // interval * interval
                slot = at // interval % slots
                clock[_HERE], clock[_SLOT] = here, slot
            gone = here < clock[_OLDEST]
            until = -_BEYOND if gone or not single else min(here + interval, over, FAR)
            misfit = gone or at + width > here + interval
        else:
            misfit = True
        moves, p, q = flags[i], latest[i], amount[i]
        top, bottom, v = highest[i], lowest[i], average[i]
        has_last = has_range = has_volume = is_counted = True
        # Most rows have all their numbers, which their sum tells; one that it cannot tell it of is looked at closely.
        if (
            moves & MOVES_ALL != MOVES_ALL
            or not q > 0.0
            or not is_number(first[i] + top + (bottom + p) + (v + q))
        ):
            has_last = moves & MOVES_LAST != 0 and is_number(first[i]) and is_number(p)
            has_range = moves & MOVES_HIGH_LOW != 0 and is_number(top) and is_number(bottom)
            # What has no price at all, not even an average one (a bar of odd lots has that alone), moves nothing; but the
            # trades of a bar are counted.
            is_counted = moves & MOVES_VOLUME != 0 and (
                has_last
                or has_range
                or is_number(p)
                or is_number(v)
                or (span[i] > 0 and count[i] > 0)
            )
            has_volume = is_counted and is_number(q) and q > 0.0 and (is_number(p) or is_number(v))
            if not (has_last or has_range or is_counted):
                continue
        if misfit:
            if late[0] == LATE_ROWS:
                stop[0] = i
                return written
            late[0] += 1
            late[late[0]] = i
            continue
        s = symbol[i]
        j = _CELLS * (s * slots + slot)
        if not marks[j + _IS_OPEN]:
            open_bucket(call, s, slot)
            if here > clock[_NEWEST]:
                clock[_NEWEST] = here
        marks[j + _PROVIDER] = provider[i]
        if has_last:
            _move_ends(numbers, marks, j, at, first[i], p)
        if has_range:
            _widen(numbers, j, top, bottom)
        else:
            marks[j + _PLAIN] = 0
        if is_counted:
            marks[j + _COUNT] += count[i]
        if has_volume:
            numbers[j + _VOLUME] += q
            if is_number(v):
                _weigh_in(numbers, j, v, q)
                if v < bottom or v > top:  # of a bar with trades that are in no range
                    marks[j + _PLAIN] = 0
    return written

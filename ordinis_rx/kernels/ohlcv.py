"""Bars of an interval: open, high, low, close, volume, volume-weighted price; of trades, of quotes, and of shorter bars.

Time is the highest time of a row less *lateness*. An interval is open until time has passed its end; then the bars of all
symbols that had something in it are told, in the order in which they were opened. So one row may tell thousands of bars.
"""

from __future__ import annotations

from typing import Any

from ordinis_rx.kernels.buckets import (
    AMOUNT,
    AVERAGE,
    BEYOND,
    BLOCKED,
    CELLS,
    CLOCK,
    COUNT,
    ENDED,
    FIRST,
    FLAGS,
    FLOATS,
    HERE,
    HIGHEST,
    INTERVAL,
    IS_OPEN,
    LAST_PROVIDER,
    LATE,
    LATE_ROWS,
    LATENESS,
    LATEST,
    LOWEST,
    MARKS,
    NEWEST,
    OLDEST,
    PLACE,
    PLAIN,
    PROVIDER,
    REVISION,
    SINGLE,
    SLOTS,
    SPAN,
    STARTED,
    SYMBOL,
    TOTAL,
    TRADES,
    TS_EVENT,
    TS_RECV,
    close_until,
    move_ends,
    open_bucket,
    weigh_in,
    widen,
)
from ordinis_rx.kernels.figures import FAR, is_number
from ordinis_rx.kernels.record import STOP, floats, integer, ints
from ordinis_rx.kernels.reports import believed
from ordinis_rx.kernels.trade_flags import MOVES_ALL, MOVES_HIGH_LOW, MOVES_LAST, MOVES_VOLUME

__all__ = ["time_bars"]


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
        written = close_until(call, clock[NEWEST] + 1, True, 0, 0)
        if clock[BLOCKED]:
            stop[0] = 0
        return written
    interval, lateness, slots = (
        integer(call, INTERVAL),
        integer(call, LATENESS),
        integer(call, SLOTS),
    )
    single = integer(call, SINGLE)
    # The interval that the last row was in, and the time at which the oldest one is over: most rows are between.
    here, slot = clock[HERE], clock[PLACE]
    gone = here < clock[OLDEST]
    over = clock[OLDEST] + interval + lateness if clock[STARTED] else -BEYOND
    until = -BEYOND if gone or not single else min(here + interval, over, FAR)
    written = 0
    for i in range(n):
        at = believed(ts_event[i], ts_recv[i])
        # Most rows are a price and an amount, flawless, of the interval that the last one was in: the shortest way.
        if here <= at < until and at > -FAR:
            p, q = latest[i], amount[i]
            j = CELLS * (symbol[i] * slots + slot)
            if (
                flags[i] & MOVES_ALL == MOVES_ALL
                and q >= 0.0
                and is_number(p + q)
                and marks[j + IS_OPEN]
            ):
                marks[j + LAST_PROVIDER] = provider[i]
                marks[j + TRADES] += 1
                move_ends(numbers, marks, j, at, p, p)
                widen(numbers, j, p, p)
                if q > 0.0:
                    numbers[j + TOTAL] += q
                    weigh_in(numbers, j, p, q)
                continue
        width = span[i]
        if -FAR < at < FAR and 0 <= width <= interval and revision[i] <= 0:
            at -= width
            if at >= over:
                begin = (at - lateness) // interval * interval
                if clock[STARTED]:
                    written = close_until(call, begin, False, i, written)
                    if clock[BLOCKED]:
                        stop[0] = i
                        return written
                else:
                    clock[STARTED] = 1
                    clock[OLDEST] = clock[NEWEST] = begin
                over = begin + interval + lateness
            if at < here or at >= here + interval:
                here = at // interval * interval
                slot = at // interval % slots
                clock[HERE], clock[PLACE] = here, slot
            gone = here < clock[OLDEST]
            until = -BEYOND if gone or not single else min(here + interval, over, FAR)
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
        j = CELLS * (s * slots + slot)
        if not marks[j + IS_OPEN]:
            open_bucket(call, s, slot)
            if here > clock[NEWEST]:
                clock[NEWEST] = here
        marks[j + LAST_PROVIDER] = provider[i]
        if has_last:
            move_ends(numbers, marks, j, at, first[i], p)
        if has_range:
            widen(numbers, j, top, bottom)
        else:
            marks[j + PLAIN] = 0
        if is_counted:
            marks[j + TRADES] += count[i]
        if has_volume:
            numbers[j + TOTAL] += q
            if is_number(v):
                weigh_in(numbers, j, v, q)
                if v < bottom or v > top:  # of a bar with trades that are in no range
                    marks[j + PLAIN] = 0
    return written

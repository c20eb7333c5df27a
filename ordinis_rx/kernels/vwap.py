"""Volume-weighted average prices since an anchor.

Prices are summed as distances from the first one, and both sums carry their rounding along (Kahan-Babuska), so that an
average over a day of ten million trades is as exact as over ten.
"""

from __future__ import annotations

from typing import Any

from ordinis_rx.kernels.record import Layout, floats, integer, ints
from ordinis_rx.kernels.reports import believed
from ordinis_rx.kernels.trade_flags import MOVES_VOLUME

__all__ = ["VWAP", "vwap"]

VWAP = Layout(
    reads="symbol:i ts_event:i ts_recv:i price:f size:f flags:i=7",
    writes="row:i value:f",
    state="seen:i period:i sums:f*5",
    params="anchor:i",
)
SYMBOL, TS_EVENT, TS_RECV, PRICE, SIZE, FLAGS, ROW, VALUE, SEEN, PERIOD, SUMS, ANCHOR = VWAP.slots

_BASE, _WORTH, _WORTH_REST, _WEIGHT, _WEIGHT_REST = range(5)


def vwap(n: int, call: Any) -> int:
    """The average so far, told with each trade that has volume; *anchor* is the length of a period, 0: no end."""
    symbol, ts_event, ts_recv = ints(call, SYMBOL), ints(call, TS_EVENT), ints(call, TS_RECV)
    price, size, flags = floats(call, PRICE), floats(call, SIZE), ints(call, FLAGS)
    row, value = ints(call, ROW), floats(call, VALUE)
    seen, period, sums, anchor = (
        ints(call, SEEN),
        ints(call, PERIOD),
        floats(call, SUMS),
        integer(call, ANCHOR),
    )
    written = 0
    for i in range(n):
        p, q = price[i], size[i]
        if p - p != 0.0 or q - q != 0.0 or not q > 0.0 or flags[i] & MOVES_VOLUME == 0:
            continue
        s = symbol[i]
        j = 5 * s
        now = believed(ts_event[i], ts_recv[i]) // anchor if anchor > 0 else 0
        if seen[s] and now < period[s]:
            continue  # of a period that is over
        if not seen[s] or now > period[s]:
            seen[s] = 1
            period[s] = now
            sums[j + _BASE] = p
            for k in range(j + _WORTH, j + 5):
                sums[k] = 0.0
        worth, worth_rest = sums[j + _WORTH], sums[j + _WORTH_REST]
        more = (p - sums[j + _BASE]) * q
        total = worth + more
        worth_rest += (worth - total) + more if abs(worth) >= abs(more) else (more - total) + worth
        weight, weight_rest = sums[j + _WEIGHT], sums[j + _WEIGHT_REST]
        heavier = weight + q
        weight_rest += (weight - heavier) + q if weight >= q else (q - heavier) + weight
        volume = heavier + weight_rest
        if volume > 0.0:
            average = sums[j + _BASE] + (total + worth_rest) / volume
            # Sums that are beyond a float would never come back.
            if average - average == 0.0:
                sums[j + _WORTH], sums[j + _WORTH_REST] = total, worth_rest
                sums[j + _WEIGHT], sums[j + _WEIGHT_REST] = heavier, weight_rest
                row[written] = i
                value[written] = average
                written += 1
    return written

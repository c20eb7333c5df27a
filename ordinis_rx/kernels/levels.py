"""Levels at which price has turned, and when it breaks through one.

A bar whose high is above those of the bars around it is a turning point, and so is one whose low is below them. Turning
points that are near to each other are one level; of each symbol so many are remembered, and the one that was touched the
longest ago makes place for a new one.

The last bar of a symbol is taken in when the next one comes, so that until then it may be told again; it is held against
the levels that were known before it.
"""

from __future__ import annotations

from typing import Any

from ordinis_rx.kernels.bar_order import LEFT_OUT, NEW, standing
from ordinis_rx.kernels.record import Layout, floats, helper, integer, ints, real

__all__ = ["BROKEN_ROWS", "LEVELS", "broken_rows", "levels"]

_UNKNOWN, _BULLISH, _BEARISH, _NEUTRAL = range(4)
"""As `ordinis_rx.kinds.Direction` has them."""

_MARKS = 6
# Of a symbol: whether there is a last bar, when it ends, its revision; bars before it; where the next goes in the ring; how
# many levels there are.
_BEGUN, _LAST_AT, _REVISION, _BARS, _POSITION, _COUNT = range(_MARKS)

_LAST = 4
_HIGH, _LOW, _CLOSE, _BEFORE = range(_LAST)

_NAN = float("nan")

LEVELS = Layout(
    reads="symbol:i ts_event:i open:f high:f low:f close:f revision:i",
    writes="row:i support:f support_touches:i resistance:f resistance_touches:i known:i breakout:i broken:f"
    " broken_touches:i confirmed:i",
    state="marks:i*6 last:f*4 highs:f*span lows:f*span prices:f*most touches:i*most touched:i*most",
    params="window:i span:i most:i least:i merge:f beyond:f",
)
(
    SYMBOL,
    TS_EVENT,
    OPEN,
    HIGH,
    LOW,
    CLOSE,
    REVISION,
    ROW,
    SUPPORT,
    SUPPORT_TOUCHES,
    RESISTANCE,
    RESISTANCE_TOUCHES,
    KNOWN,
    BREAKOUT,
    BROKEN,
    BROKEN_TOUCHES,
    CONFIRMED,
    MARKS,
    LAST,
    HIGHS,
    LOWS,
    PRICES,
    TOUCHES,
    TOUCHED,
    WINDOW,
    SPAN,
    MOST,
    LEAST,
    MERGE,
    BEYOND,
) = LEVELS.slots

BROKEN_ROWS = Layout(reads="breakout:i", writes="row:i")
WAY, BROKEN_ROW = BROKEN_ROWS.slots


@helper
def touch(call: Any, s: int, price: float, bar: int) -> None:
    """Let *price*, where *bar* has turned, be a touch of the nearest level, or a level of its own."""
    prices, touches, touched = floats(call, PRICES), ints(call, TOUCHES), ints(call, TOUCHED)
    marks, most, merge = ints(call, MARKS), integer(call, MOST), real(call, MERGE)
    first, m = most * s, _MARKS * s
    count = marks[m + _COUNT]
    nearest = oldest = -1
    for k in range(first, first + count):
        away = abs(price - prices[k])
        if away <= merge * abs(prices[k]) and (nearest < 0 or away < abs(price - prices[nearest])):
            nearest = k
        if oldest < 0 or touched[k] < touched[oldest]:
            oldest = k
    if nearest >= 0:
        touches[nearest] += 1
        if touches[nearest] > 0:
            prices[nearest] += (price - prices[nearest]) / touches[nearest]
        touched[nearest] = bar
        return
    k = first + count
    if count == most:
        k = oldest
    else:
        marks[m + _COUNT] = count + 1
    prices[k], touches[k], touched[k] = price, 1, bar


@helper
def settle_bar(call: Any, s: int) -> None:
    """Take the last bar of symbol *s* in; the bar in the middle of the ring may be a turning point."""
    marks, last, span = ints(call, MARKS), floats(call, LAST), integer(call, SPAN)
    highs, lows, window = floats(call, HIGHS), floats(call, LOWS), integer(call, WINDOW)
    m, f, r = _MARKS * s, _LAST * s, span * s
    position, bar = marks[m + _POSITION], marks[m + _BARS]
    highs[r + position], lows[r + position] = last[f + _HIGH], last[f + _LOW]
    last[f + _BEFORE] = last[f + _CLOSE]
    position = 0 if position + 1 == span else position + 1
    marks[m + _POSITION] = position
    marks[m + _BARS] = bar + 1
    if bar + 1 < span:
        return
    middle = position + window  # the oldest of the ring is at position
    if middle >= span:
        middle -= span
    top, bottom = highs[r + middle], lows[r + middle]
    is_top = is_bottom = True
    at = position
    for k in range(span):
        if k < window:  # of equal ones the first is the turning point
            if highs[r + at] >= top:
                is_top = False
            if lows[r + at] <= bottom:
                is_bottom = False
        else:
            if highs[r + at] > top:
                is_top = False
            if lows[r + at] < bottom:
                is_bottom = False
        at = 0 if at + 1 == span else at + 1
    if is_top:
        touch(call, s, top, bar - window)
    if is_bottom:
        touch(call, s, bottom, bar - window)


@helper
def hold_against(call: Any, s: int, close: float, written: int) -> None:
    """Hold a close of symbol *s* against its levels, and write what they say."""
    prices, touches = floats(call, PRICES), ints(call, TOUCHES)
    marks, least, beyond = ints(call, MARKS), integer(call, LEAST), real(call, BEYOND)
    m, first = _MARKS * s, integer(call, MOST) * s
    has_before = marks[m + _BARS] > 0
    before = floats(call, LAST)[_LAST * s + _BEFORE]
    support = resistance = broken = _NAN
    below = above = through = known = 0
    breakout = _UNKNOWN
    confirmed = 0
    for k in range(first, first + marks[m + _COUNT]):
        if touches[k] < least:
            continue
        known += 1
        price = prices[k]
        if price <= close and not price <= support:
            support, below = price, touches[k]
        if price > close and not price >= resistance:
            resistance, above = price, touches[k]
        if has_before:
            if breakout == _UNKNOWN:
                breakout = _NEUTRAL
            width = beyond * abs(price)
            if before <= price + width < close and not price <= broken:
                breakout, broken, through = _BULLISH, price, touches[k]
                confirmed = 1 if before <= price + 0.5 * width else 0
            if before >= price - width > close and not price >= broken:
                breakout, broken, through = _BEARISH, price, touches[k]
                confirmed = 1 if before >= price - 0.5 * width else 0
    floats(call, SUPPORT)[written], ints(call, SUPPORT_TOUCHES)[written] = support, below
    floats(call, RESISTANCE)[written], ints(call, RESISTANCE_TOUCHES)[written] = resistance, above
    ints(call, KNOWN)[written], ints(call, BREAKOUT)[written] = known, breakout
    floats(call, BROKEN)[written], ints(call, BROKEN_TOUCHES)[written] = broken, through
    ints(call, CONFIRMED)[written] = confirmed


def levels(n: int, call: Any) -> int:
    """A row for each bar that counts: the levels around its close, and whether it broke one."""
    symbol, ts_event, revision = ints(call, SYMBOL), ints(call, TS_EVENT), ints(call, REVISION)
    opening, high = floats(call, OPEN), floats(call, HIGH)
    low, close = floats(call, LOW), floats(call, CLOSE)
    row, marks, last = ints(call, ROW), ints(call, MARKS), floats(call, LAST)
    written = 0
    for i in range(n):
        s, at, told = symbol[i], ts_event[i], revision[i]
        m, f = _MARKS * s, _LAST * s
        stands = standing(
            opening[i],
            high[i],
            low[i],
            close[i],
            at,
            told,
            marks[m + _BEGUN],
            marks[m + _LAST_AT],
            marks[m + _REVISION],
        )
        if stands == LEFT_OUT:
            continue
        if stands == NEW:
            if marks[m + _BEGUN]:
                settle_bar(call, s)
            marks[m + _BEGUN] = 1
            marks[m + _LAST_AT] = at
        marks[m + _REVISION] = told
        last[f + _HIGH], last[f + _LOW], last[f + _CLOSE] = high[i], low[i], close[i]
        row[written] = i
        hold_against(call, s, close[i], written)
        written += 1
    return written


def broken_rows(n: int, call: Any) -> int:
    """The numbers of the rows with which a level was broken."""
    way, row = ints(call, WAY), ints(call, BROKEN_ROW)
    kept = 0
    for i in range(n):
        if way[i] == _BULLISH or way[i] == _BEARISH:
            row[kept] = i
            kept += 1
    return kept

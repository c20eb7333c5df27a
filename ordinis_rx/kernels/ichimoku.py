"""The Ichimoku cloud, bar by bar, in constant time.

The highest high and lowest low of a window are kept by a monotonic deque: a bar that is not above a later one can never
be the highest again, so it is dropped from the back when that one comes, and what has left the window from the front. Each
bar enters and leaves once (Lemire, "Streaming maximum-minimum filter using no more than three comparisons per element",
Nordic Journal of Computing 13, 2006). The deque of a short window is the end of that of a long one, so that one serves all
three windows, with a front for each. Lows are kept as highs of the negated numbers.

The last bar of a symbol stays out of the deques until the next one comes, so that it may be told again.
"""

from __future__ import annotations

from typing import Any

from ordinis_rx.kernels.bar_order import LEFT_OUT, NEW, standing
from ordinis_rx.kernels.record import Floats, Ints, Layout, floats, helper, integer, ints

__all__ = ["ICHIMOKU", "ichimoku"]

_UNKNOWN, _BULLISH, _BEARISH, _NEUTRAL = range(4)
"""As `ordinis_rx.kinds.Direction` has them."""

_NOWHERE, _ABOVE, _INSIDE, _BELOW = range(4)
"""As `CloudPosition` has them."""

_NAN = float("nan")

_MARKS = 20
# Of a symbol: bars before the last one; whether there is a last one, when it ends and its revision; where in the rings it
# is; fronts and back of the deque of highs, and of lows; which side of its line each of three things was on, before the
# last bar and with it.
_BARS, _BEGUN, _LAST_AT, _REVISION, _SLOT, _TOPS = range(6)
_BOTTOMS = _TOPS + 4
_BEFORE = _BOTTOMS + 4
_WITH = _BEFORE + 3
_BACK = 3

ICHIMOKU = Layout(
    reads="symbol:i ts_event:i open:f high:f low:f close:f revision:i",
    writes="row:i tenkan:f kijun:f senkou_a:f senkou_b:f cloud_a:f cloud_b:f lagged_close:f"
    " trend:i position:i tk_cross:i kijun_cross:i twist:i lagging:i",
    state="marks:i*20 last:f*2 tops:f*2*longest tops_at:i*2*longest bottoms:f*2*longest bottoms_at:i*2*longest"
    " spans:f*2*slots closes:f*slots",
    params="tenkan_bars:i kijun_bars:i senkou_bars:i longest:i slots:i",
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
    TENKAN,
    KIJUN,
    SENKOU_A,
    SENKOU_B,
    CLOUD_A,
    CLOUD_B,
    LAGGED_CLOSE,
    TREND,
    POSITION,
    TK_CROSS,
    KIJUN_CROSS,
    TWIST,
    LAGGING,
    MARKS,
    LAST,
    TOPS,
    TOPS_AT,
    BOTTOMS,
    BOTTOMS_AT,
    SPANS,
    CLOSES,
    TENKAN_BARS,
    KIJUN_BARS,
    SENKOU_BARS,
    LONGEST,
    SLOTS,
) = ICHIMOKU.slots


@helper
def push_back(
    x: float, number: int, marks: Ints, j: int, numbers: Floats, bars: Ints, base: int, room: int
) -> None:
    """Let bar *number* enter the deque whose fronts begin at *j* and whose numbers begin at *base*."""
    # Everything is read once and written once: the compiler cannot know that columns do not overlap.
    one, two, three, back = marks[j], marks[j + 1], marks[j + 2], marks[j + _BACK]
    front = min(one, two, three)
    while back > front and numbers[base + back - 1] <= x:
        back -= 1
    if back == room:  # no place behind: move what is left to the beginning, once in half a room
        for k in range(back - front):
            numbers[base + k] = numbers[base + front + k]
            bars[base + k] = bars[base + front + k]
        one, two, three, back = one - front, two - front, three - front, back - front
    marks[j], marks[j + 1], marks[j + 2] = min(one, back), min(two, back), min(three, back)
    marks[j + _BACK] = back + 1
    numbers[base + back] = x
    bars[base + back] = number


@helper
def highest_since(
    oldest: int, x: float, marks: Ints, j: int, k: int, numbers: Floats, bars: Ints, base: int
) -> float:
    """The highest of *x* and what the deque has of the bars from *oldest* on; front *k* is moved there."""
    front, back = marks[j + k], marks[j + _BACK]
    while front < back and bars[base + front] < oldest:
        front += 1
    marks[j + k] = front
    if front < back and numbers[base + front] > x:
        return numbers[base + front]
    return x


@helper
def crossing(side: int, known: bool, before: int) -> int:
    """What it means to be on *side* of a line (1 above, -1 below, 0 on it) after having been on the side *before*."""
    if not known or before == 0:
        return _UNKNOWN
    if side == -before:
        return _BULLISH if side > 0 else _BEARISH
    return _NEUTRAL


@helper
def side_of(x: float, line: float) -> int:
    """1 above the line, -1 below, 0 on it or where one of them is unknown."""
    if x > line:
        return 1
    return -1 if x < line else 0


def ichimoku(n: int, call: Any) -> int:
    """A row for each bar that counts: the lines, the cloud, and what they say."""
    symbol, ts_event, revision = ints(call, SYMBOL), ints(call, TS_EVENT), ints(call, REVISION)
    opening, high = floats(call, OPEN), floats(call, HIGH)
    low, close = floats(call, LOW), floats(call, CLOSE)
    marks, last = ints(call, MARKS), floats(call, LAST)
    tops, tops_at = floats(call, TOPS), ints(call, TOPS_AT)
    bottoms, bottoms_at = floats(call, BOTTOMS), ints(call, BOTTOMS_AT)
    spans, closes = floats(call, SPANS), floats(call, CLOSES)
    short, middle = integer(call, TENKAN_BARS), integer(call, KIJUN_BARS)
    wide, slots = integer(call, SENKOU_BARS), integer(call, SLOTS)
    room = 2 * integer(call, LONGEST)
    row_of = ints(call, ROW)
    tenkan, kijun = floats(call, TENKAN), floats(call, KIJUN)
    senkou_a, senkou_b = floats(call, SENKOU_A), floats(call, SENKOU_B)
    cloud_a, cloud_b = floats(call, CLOUD_A), floats(call, CLOUD_B)
    lagged_close = floats(call, LAGGED_CLOSE)
    trends, positions = ints(call, TREND), ints(call, POSITION)
    tk_cross, kijun_cross = ints(call, TK_CROSS), ints(call, KIJUN_CROSS)
    twist, lagging = ints(call, TWIST), ints(call, LAGGING)
    written = 0
    for i in range(n):
        s = symbol[i]
        m, base, ring = _MARKS * s, room * s, slots * s
        at, told = ts_event[i], revision[i]
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
                number = marks[m + _BARS]
                push_back(last[2 * s], number, marks, m + _TOPS, tops, tops_at, base, room)
                push_back(
                    last[2 * s + 1], number, marks, m + _BOTTOMS, bottoms, bottoms_at, base, room
                )
                marks[m + _BARS] = number + 1
                slot = marks[m + _SLOT] + 1
                marks[m + _SLOT] = 0 if slot == slots else slot
                for k in range(3):
                    marks[m + _BEFORE + k] = marks[m + _WITH + k]
            marks[m + _BEGUN] = 1
            marks[m + _LAST_AT] = at
        marks[m + _REVISION] = told
        up, down, c = high[i], -low[i], close[i]
        last[2 * s], last[2 * s + 1] = up, down

        number = marks[m + _BARS]
        j, k = m + _TOPS, m + _BOTTOMS
        oldest = number - short + 1
        top = highest_since(oldest, up, marks, j, 0, tops, tops_at, base)
        bottom = highest_since(oldest, down, marks, k, 0, bottoms, bottoms_at, base)
        fast = (top - bottom) * 0.5 if oldest >= 0 else _NAN
        oldest = number - middle + 1
        top = highest_since(oldest, up, marks, j, 1, tops, tops_at, base)
        bottom = highest_since(oldest, down, marks, k, 1, bottoms, bottoms_at, base)
        slow = (top - bottom) * 0.5 if oldest >= 0 else _NAN
        oldest = number - wide + 1
        top = highest_since(oldest, up, marks, j, 2, tops, tops_at, base)
        bottom = highest_since(oldest, down, marks, k, 2, bottoms, bottoms_at, base)
        b = (top - bottom) * 0.5 if oldest >= 0 else _NAN
        a = (fast + slow) * 0.5

        here = marks[m + _SLOT]
        there = 0 if here + 1 == slots else here + 1
        over_a = over_b = then = _NAN
        if number + 1 >= slots:
            over_a, over_b = spans[2 * (ring + there)], spans[2 * (ring + there) + 1]
            then = closes[ring + there]
        spans[2 * (ring + here)], spans[2 * (ring + here) + 1] = a, b
        closes[ring + here] = c

        place = _NOWHERE
        if over_a == over_a and over_b == over_b:
            place = _INSIDE
            if c > over_a and c > over_b:
                place = _ABOVE
            elif c < over_a and c < over_b:
                place = _BELOW
        order = side_of(fast, slow)
        trend = _NEUTRAL
        if place == _NOWHERE or fast != fast or slow != slow:
            trend = _UNKNOWN
        elif place == _ABOVE and over_a >= over_b and order > 0:
            trend = _BULLISH
        elif place == _BELOW and over_a < over_b and order < 0:
            trend = _BEARISH
        lag = _UNKNOWN
        if then == then:
            lag = _NEUTRAL
            if c > then:
                lag = _BULLISH
            elif c < then:
                lag = _BEARISH

        row_of[written] = i
        tenkan[written], kijun[written] = fast, slow
        senkou_a[written], senkou_b[written] = a, b
        cloud_a[written], cloud_b[written] = over_a, over_b
        lagged_close[written] = then
        trends[written], positions[written], lagging[written] = trend, place, lag
        known = fast == fast and slow == slow
        before = marks[m + _BEFORE]
        tk_cross[written] = crossing(order, known, before)
        marks[m + _WITH] = order if order != 0 else before
        order, before = side_of(c, slow), marks[m + _BEFORE + 1]
        kijun_cross[written] = crossing(order, slow == slow, before)
        marks[m + _WITH + 1] = order if order != 0 else before
        order, before = side_of(a, b), marks[m + _BEFORE + 2]
        twist[written] = crossing(order, a == a and b == b, before)
        marks[m + _WITH + 2] = order if order != 0 else before
        written += 1
    return written

"""The Ichimoku cloud, bar by bar, in constant time.

The highest high of a window is looked up, not searched for. For each bar the highest of the last 1, 2, 4, 8, ... bars is
kept, each the higher one of two that are half as long; any window is covered by two such runs, one that ends with this bar
and one that ends earlier (the sparse table of range queries: Bender and Farach-Colton, "The LCA problem revisited", LATIN
2000, grown at one end). That takes as many steps for every bar, none of which depends on a price: a monotonic deque takes
fewer, but no processor foresees how many, and it was half as fast. Lows are kept as highs of the negated numbers.

A bar that is told again is written over the one that it replaces, since nothing before it depends on it.
"""

from __future__ import annotations

from typing import Any

from ordinis_rx.kernels.bar_order import LEFT_OUT, NEW, standing
from ordinis_rx.kernels.record import Floats, Layout, floats, helper, integer, ints

__all__ = ["ICHIMOKU", "ichimoku", "ichimoku_params"]

_UNKNOWN, _BULLISH, _BEARISH, _NEUTRAL = range(4)
"""As `ordinis_rx.kinds.Direction` has them."""

_NOWHERE, _ABOVE, _INSIDE, _BELOW = range(4)
"""As `CloudPosition` has them."""

_NAN = float("nan")

_MARKS = 11
# Of a symbol: bars before the last one; whether there is a last one, when it ends and its revision; where in the ring of the
# displaced it is; which side of its line each of three things was on, before the last bar and with it.
_BARS, _BEGUN, _LAST_AT, _REVISION, _SLOT, _BEFORE = range(6)
_WITH = _BEFORE + 3

ICHIMOKU = Layout(
    reads="symbol:i ts_event:i open:f high:f low:f close:f revision:i",
    writes="row:i tenkan:f kijun:f senkou_a:f senkou_b:f cloud_a:f cloud_b:f lagged_close:f"
    " trend:i position:i tk_cross:i kijun_cross:i twist:i lagging:i",
    state="marks:i*11 runs:f*2*lengths*ring spans:f*2*slots closes:f*slots",
    params="tenkan_bars:i kijun_bars:i senkou_bars:i lengths:i ring:i slots:i",
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
    RUNS,
    SPANS,
    CLOSES,
    TENKAN_BARS,
    KIJUN_BARS,
    SENKOU_BARS,
    LENGTHS,
    RING,
    SLOTS,
) = ICHIMOKU.slots


def ichimoku_params(tenkan: int, kijun: int, senkou: int, displacement: int) -> tuple[int, ...]:
    """The parameters of the kernel for these numbers of bars."""
    longest = max(tenkan, kijun, senkou)
    ring = 1 << (longest - 1).bit_length()
    return tenkan, kijun, senkou, longest.bit_length(), ring, displacement + 1


@helper
def length_below(window: int) -> int:
    """Which power of two is the greatest that is not above *window*."""
    power = 0
    while 2 << power <= window:
        power += 1
    return power


@helper
def enter(
    up: float, down: float, number: int, runs: Floats, base: int, lengths: int, mask: int
) -> None:
    """Write the highest of the runs that end with bar *number*: highs and negated lows, by turns, the shortest first."""
    width = 2 * lengths
    at = base + (number & mask) * width
    runs[at], runs[at + 1] = up, down
    for power in range(lengths - 1):
        before = base + ((number - (1 << power)) & mask) * width + 2 * power
        other_up, other_down = runs[before], runs[before + 1]
        up = up if up > other_up else other_up
        down = down if down > other_down else other_down
        at += 2
        runs[at], runs[at + 1] = up, down


@helper
def halfway(
    number: int, window: int, power: int, runs: Floats, base: int, lengths: int, mask: int
) -> float:
    """Halfway between the highest high and the lowest low of the *window* bars up to *number*; NaN where there are fewer."""
    if number + 1 < window:
        return _NAN
    width = 2 * lengths
    one = base + (number & mask) * width + 2 * power
    two = base + ((number - window + (1 << power)) & mask) * width + 2 * power
    top, other_top = runs[one], runs[two]
    bottom, other_bottom = runs[one + 1], runs[two + 1]
    top = top if top > other_top else other_top
    bottom = bottom if bottom > other_bottom else other_bottom
    return (top - bottom) * 0.5


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
    marks, runs = ints(call, MARKS), floats(call, RUNS)
    spans, closes = floats(call, SPANS), floats(call, CLOSES)
    short, middle = integer(call, TENKAN_BARS), integer(call, KIJUN_BARS)
    wide, slots = integer(call, SENKOU_BARS), integer(call, SLOTS)
    lengths, mask = integer(call, LENGTHS), integer(call, RING) - 1
    short_power, middle_power = length_below(short), length_below(middle)
    wide_power, room = length_below(wide), 2 * lengths * (mask + 1)
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
                marks[m + _BARS] += 1
                slot = marks[m + _SLOT] + 1
                marks[m + _SLOT] = 0 if slot == slots else slot
                for k in range(3):
                    marks[m + _BEFORE + k] = marks[m + _WITH + k]
            marks[m + _BEGUN] = 1
            marks[m + _LAST_AT] = at
        marks[m + _REVISION] = told
        number, c = marks[m + _BARS], close[i]
        enter(high[i], -low[i], number, runs, base, lengths, mask)
        fast = halfway(number, short, short_power, runs, base, lengths, mask)
        slow = halfway(number, middle, middle_power, runs, base, lengths, mask)
        a = (fast + slow) * 0.5
        b = halfway(number, wide, wide_power, runs, base, lengths, mask)

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

"""The Ichimoku cloud, bar by bar, in constant time on average.

On which side of a line a price is, is worked out without a branch: no processor foresees it, and a few wrong guesses a bar
cost as much as a quarter of all that is worked out.

A bar that is told again is written over the one that it replaces, since nothing before it depends on it.
"""

from __future__ import annotations

from typing import Any

from ordinis_rx.kernels.bar_order import LEFT_OUT, NEW, standing
from ordinis_rx.kernels.extremes import begin_block, count_in, halfway
from ordinis_rx.kernels.record import Ints, Layout, floats, helper, integer, ints

__all__ = ["ICHIMOKU", "ichimoku", "ichimoku_params"]

_UNKNOWN, _BULLISH, _BEARISH, _NEUTRAL = range(4)
"""As `ordinis_rx.kinds.Direction` has them."""

_NOWHERE, _ABOVE, _INSIDE, _BELOW = range(4)
"""As `CloudPosition` has them."""

_NAN = float("nan")

_MARKS = 14
# Of a symbol: bars before the last one; whether there is a last one, when it ends and its revision; where in the ring of the
# displaced it is; how many bars of the block of each window come before it; which side of its line each of three things
# was on, before the last bar and with it.
_BARS, _BEGUN, _LAST_AT, _REVISION, _SLOT, _PHASE = range(6)
_TK = _PHASE + 3
_KIJUN = _TK + 2
_TWIST = _KIJUN + 2

ICHIMOKU = Layout(
    reads="symbol:i ts_event:i open:f high:f low:f close:f revision:i",
    writes="row:i tenkan:f kijun:f senkou_a:f senkou_b:f cloud_a:f cloud_b:f lagged_close:f"
    " trend:i position:i tk_cross:i kijun_cross:i twist:i lagging:i",
    state="marks:i*14 bars:f*2*ring so_far:f*6 short_ends:f*2*tenkan_bars middle_ends:f*2*kijun_bars"
    " wide_ends:f*2*senkou_bars behind:f*3*slots",
    params="tenkan_bars:i kijun_bars:i senkou_bars:i ring:i slots:i",
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
    BARS,
    SO_FAR,
    SHORT_ENDS,
    MIDDLE_ENDS,
    WIDE_ENDS,
    BEHIND,
    TENKAN_BARS,
    KIJUN_BARS,
    SENKOU_BARS,
    RING,
    SLOTS,
) = ICHIMOKU.slots


def ichimoku_params(tenkan: int, kijun: int, senkou: int, displacement: int) -> tuple[int, ...]:
    """The parameters of the kernel for these numbers of bars."""
    ring = 1 << max(tenkan, kijun, senkou).bit_length()
    return tenkan, kijun, senkou, ring, displacement + 1


@helper
def after(place: int, places: int) -> int:
    """The next of so many places that go round."""
    return 0 if place + 1 == places else place + 1


@helper
def side_of(x: float, line: float) -> int:
    """1 above the line, -1 below, 0 on it or where one of them is unknown."""
    return (1 if x > line else 0) - (1 if x < line else 0)


@helper
def crossing(side: int, marks: Ints, at: int, new: int) -> int:
    """What it means to be on *side* of a line (1 above, -1 below, 0 on it) after the side where the bar before was.

    That one, and the one with this bar, are among the *marks* from *at* on. Before there is a line nobody has a side.
    """
    before = marks[at + 1] if new else marks[at]
    marks[at], marks[at + 1] = before, side if side != 0 else before
    told = _NEUTRAL if side != -before else _BULLISH if side > 0 else _BEARISH
    return told if before != 0 else _UNKNOWN


def ichimoku(n: int, call: Any) -> int:
    """A row for each bar that counts: the lines, the cloud, and what they say."""
    symbol, ts_event, revision = ints(call, SYMBOL), ints(call, TS_EVENT), ints(call, REVISION)
    opening, high = floats(call, OPEN), floats(call, HIGH)
    low, close = floats(call, LOW), floats(call, CLOSE)
    marks, bars, so_far = ints(call, MARKS), floats(call, BARS), floats(call, SO_FAR)
    short_ends, middle_ends = floats(call, SHORT_ENDS), floats(call, MIDDLE_ENDS)
    wide_ends = floats(call, WIDE_ENDS)
    behind = floats(call, BEHIND)
    short, middle = integer(call, TENKAN_BARS), integer(call, KIJUN_BARS)
    wide, slots = integer(call, SENKOU_BARS), integer(call, SLOTS)
    mask = integer(call, RING) - 1
    row_of = ints(call, ROW)
    tenkan, kijun = floats(call, TENKAN), floats(call, KIJUN)
    senkou_a, senkou_b = floats(call, SENKOU_A), floats(call, SENKOU_B)
    lagged_close = floats(call, LAGGED_CLOSE)
    cloud_a, cloud_b = floats(call, CLOUD_A), floats(call, CLOUD_B)
    tk_cross, kijun_cross = ints(call, TK_CROSS), ints(call, KIJUN_CROSS)
    twist = ints(call, TWIST)
    written = 0
    for i in range(n):
        s = symbol[i]
        m, f, base = _MARKS * s, 6 * s, 2 * (mask + 1) * s
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
                last = base + 2 * (marks[m + _BARS] & mask)
                up, down = bars[last], bars[last + 1]
                count_in(up, down, so_far, f)
                count_in(up, down, so_far, f + 2)
                count_in(up, down, so_far, f + 4)
                marks[m + _BARS] += 1
                marks[m + _SLOT] = after(marks[m + _SLOT], slots)
                marks[m + _PHASE] = after(marks[m + _PHASE], short)
                marks[m + _PHASE + 1] = after(marks[m + _PHASE + 1], middle)
                marks[m + _PHASE + 2] = after(marks[m + _PHASE + 2], wide)
            else:
                for k in range(3 * slots * s, 3 * slots * (s + 1)):
                    behind[k] = _NAN
            marks[m + _BEGUN] = 1
            marks[m + _LAST_AT] = at
            number = marks[m + _BARS]
            if marks[m + _PHASE] == 0:
                begin_block(number, short, bars, base, mask, so_far, f, short_ends, 2 * short * s)
            if marks[m + _PHASE + 1] == 0:
                begin_block(
                    number, middle, bars, base, mask, so_far, f + 2, middle_ends, 2 * middle * s
                )
            if marks[m + _PHASE + 2] == 0:
                begin_block(number, wide, bars, base, mask, so_far, f + 4, wide_ends, 2 * wide * s)
        marks[m + _REVISION] = told
        number, c = marks[m + _BARS], close[i]
        up, down = high[i], -low[i]
        now = base + 2 * (number & mask)
        bars[now], bars[now + 1] = up, down
        fast = halfway(up, down, so_far, f, short_ends, 2 * (short * s + marks[m + _PHASE]))
        slow = halfway(
            up, down, so_far, f + 2, middle_ends, 2 * (middle * s + marks[m + _PHASE + 1])
        )
        b = halfway(up, down, so_far, f + 4, wide_ends, 2 * (wide * s + marks[m + _PHASE + 2]))
        a = (fast + slow) * 0.5

        here = marks[m + _SLOT]
        now, then = 3 * (slots * s + here), 3 * (slots * s + after(here, slots))
        over_a, over_b, lagged = behind[then], behind[then + 1], behind[then + 2]
        behind[now], behind[now + 1], behind[now + 2] = a, b, c

        row_of[written] = i
        # The close lies where senkou A will be, beside the lines, until `_say` has compared it with them.
        tenkan[written], kijun[written], senkou_a[written], senkou_b[written] = fast, slow, c, b
        cloud_a[written], cloud_b[written], lagged_close[written] = over_a, over_b, lagged
        new = 1 if stands == NEW else 0
        tk_cross[written] = crossing(side_of(fast, slow), marks, m + _TK, new)
        kijun_cross[written] = crossing(side_of(c, slow), marks, m + _KIJUN, new)
        twist[written] = crossing(side_of(a, b), marks, m + _TWIST, new)
        written += 1
    _say(call, written)
    return written


@helper
def _say(call: Any, n: int) -> None:
    """What the lines of *n* rows say of the closes; no row needs another, so they are taken side by side."""
    tenkan, kijun, senkou_a = floats(call, TENKAN), floats(call, KIJUN), floats(call, SENKOU_A)
    cloud_a, cloud_b = floats(call, CLOUD_A), floats(call, CLOUD_B)
    lagged_close = floats(call, LAGGED_CLOSE)
    trend, position, lagging = ints(call, TREND), ints(call, POSITION), ints(call, LAGGING)
    for k in range(n):
        c, over_a, over_b = senkou_a[k], cloud_a[k], cloud_b[k]
        at_a, at_b = side_of(c, over_a), side_of(c, over_b)
        place = _ABOVE if at_a + at_b == 2 else _BELOW if at_a + at_b == -2 else _INSIDE
        position[k] = place if over_a == over_a and over_b == over_b else _NOWHERE
    for k in range(n):
        c, lagged = senkou_a[k], lagged_close[k]
        lag = side_of(c, lagged)
        lag = _BULLISH if lag > 0 else _BEARISH if lag < 0 else _NEUTRAL
        lagging[k] = lag if lagged == lagged else _UNKNOWN
    for k in range(n):
        fast, slow, place, over_a, over_b = tenkan[k], kijun[k], position[k], cloud_a[k], cloud_b[k]
        order, upright = side_of(fast, slow), over_a >= over_b
        rising = place == _ABOVE and upright and order > 0
        sinking = place == _BELOW and not upright and order < 0
        told = _BULLISH if rising else _BEARISH if sinking else _NEUTRAL
        known = place != _NOWHERE and fast == fast and slow == slow
        trend[k] = told if known else _UNKNOWN
    for k in range(n):
        senkou_a[k] = (tenkan[k] + kijun[k]) * 0.5

"""Candlestick patterns bar by bar: finds them, says what surrounds them, and waits for the next bar where it must.

The last bar of a symbol is taken in when the next one comes, so that until then it may be told again.
"""

from __future__ import annotations

from typing import Any

from ordinis_rx.kernels.bar_context import (
    BEARISH,
    CONFIRMED,
    MARKS,
    NUMBERS,
    context_of,
    is_confirmed,
    take_in,
    trend_before,
)
from ordinis_rx.kernels.bar_order import LEFT_OUT, NEW, standing
from ordinis_rx.kernels.candle_shapes import (
    BARS,
    DIRECTIONS,
    PATTERNS,
    SIDES,
    one_bar,
    three_bars,
    two_bars,
)
from ordinis_rx.kernels.record import ROOM, STOP, Layout, floats, helper, integer, ints, real

__all__ = ["CANDLES", "candles"]

_MEAN_OF = 10
"""Bars before a bar by which it is measured."""

_ORDER = 6
# Of a symbol: whether there is a last bar, when it ends, its revision; bars before it; where the ring of them goes on.
_BEGUN, _LAST_AT, _REVISION, _BEFORE, _POSITION = range(5)

CANDLES = Layout(
    reads="symbol:i ts_event:i open:f high:f low:f close:f volume:f revision:i",
    writes="row:i name:i direction:i strength:f raw:i context:i",
    state="order:i*6 bars:f*18 volume_now:f means:f*20 numbers:f*2 marks:i*9 volumes:f*volume_bars"
    " strengths:f*15 contexts:i*15 awaited:f*15 awaited_contexts:i*15",
    params="wanted:i first:i gaps:i trend_bars:i alpha:f volume_bars:i volume_ratio:f requires:i",
    expands=True,
)
(
    SYMBOL,
    TS_EVENT,
    OPEN,
    HIGH,
    LOW,
    CLOSE,
    VOLUME,
    REVISION,
    ROW,
    NAME,
    DIRECTION,
    STRENGTH,
    RAW,
    CONTEXT,
    ORDER,
    LAST_BARS,
    VOLUME_NOW,
    MEANS,
    CONTEXT_NUMBERS,
    CONTEXT_MARKS,
    VOLUMES,
    STRENGTHS,
    CONTEXTS,
    AWAITED,
    AWAITED_CONTEXTS,
    WANTED,
    FIRST_NAME,
    GAPS,
    TREND_BARS,
    ALPHA,
    VOLUME_BARS,
    VOLUME_RATIO,
    REQUIRES,
) = CANDLES.slots

_CURRENT, _ONE_AGO, _TWO_AGO = 0, SIDES, 2 * SIDES
_CLOSE_AT = 3


@helper
def settle(call: Any, s: int) -> None:
    """Take the last bar of symbol *s* in, to make place for the next one; what it made is awaited from now on."""
    order, bars, means = ints(call, ORDER), floats(call, LAST_BARS), floats(call, MEANS)
    o, b, e = _ORDER * s, 3 * SIDES * s, 2 * _MEAN_OF * s
    volume_bars = integer(call, VOLUME_BARS)
    take_in(
        bars[b + _CLOSE_AT],
        floats(call, VOLUME_NOW)[s],
        floats(call, CONTEXT_NUMBERS),
        NUMBERS * s,
        ints(call, CONTEXT_MARKS),
        MARKS * s,
        floats(call, VOLUMES),
        volume_bars * s,
        integer(call, TREND_BARS),
        real(call, ALPHA),
        volume_bars,
    )
    position = order[o + _POSITION]
    means[e + position] = abs(bars[b + _CLOSE_AT] - bars[b])
    means[e + _MEAN_OF + position] = bars[b + 1] - bars[b + 2]
    order[o + _POSITION] = 0 if position + 1 == _MEAN_OF else position + 1
    order[o + _BEFORE] += 1
    for k in range(SIDES):
        bars[b + _TWO_AGO + k] = bars[b + _ONE_AGO + k]
        bars[b + _ONE_AGO + k] = bars[b + _CURRENT + k]
    for k in range(PATTERNS * s, PATTERNS * s + PATTERNS):
        floats(call, AWAITED)[k] = floats(call, STRENGTHS)[k]
        ints(call, AWAITED_CONTEXTS)[k] = ints(call, CONTEXTS)[k]


@helper
def look(call: Any, s: int) -> None:
    """Find the patterns that end with the last bar of symbol *s*."""
    order, bars, means = ints(call, ORDER), floats(call, LAST_BARS), floats(call, MEANS)
    found, contexts = floats(call, STRENGTHS), ints(call, CONTEXTS)
    marks, volume = ints(call, CONTEXT_MARKS), floats(call, VOLUME_NOW)[s]
    o, b, e, first = _ORDER * s, 3 * SIDES * s, 2 * _MEAN_OF * s, PATTERNS * s
    before, gaps, wanted = order[o + _BEFORE], integer(call, GAPS) != 0, integer(call, WANTED)
    body = height = float("nan")
    if before >= _MEAN_OF:
        body = height = 0.0
        for k in range(_MEAN_OF):
            body += means[e + k]
            height += means[e + _MEAN_OF + k]
        body *= 1.0 / _MEAN_OF
        height *= 1.0 / _MEAN_OF
    bars[b + 4], bars[b + 5] = body, height
    for k in range(first, first + PATTERNS):
        found[k] = 0.0
    m = MARKS * s
    one_bar(found, first, bars, b, b + _ONE_AGO, trend_before(1, marks, m), gaps)
    if before >= 1:
        two_bars(found, first, bars, b, b + _ONE_AGO, trend_before(2, marks, m), gaps)
    if before >= 2:
        three_bars(found, first, bars, b, b + _ONE_AGO, b + _TWO_AGO, gaps)
    for k in range(PATTERNS):
        if not wanted >> k & 1:
            found[first + k] = 0.0
        if found[first + k] > 0.0:
            contexts[first + k] = context_of(
                BARS[k],
                DIRECTIONS[k],
                volume,
                floats(call, CONTEXT_NUMBERS),
                NUMBERS * s,
                marks,
                m,
                integer(call, VOLUME_BARS),
                real(call, VOLUME_RATIO),
            )


@helper
def tell(call: Any, i: int, k: int, strength: float, flags: int, written: int) -> int:
    """Write pattern *k*, found with row *i*, if it has all that is required; gives how many rows are written then."""
    requires = integer(call, REQUIRES)
    if flags & requires != requires:
        return written
    ints(call, ROW)[written] = i
    ints(call, NAME)[written] = integer(call, FIRST_NAME) + k
    ints(call, DIRECTION)[written] = DIRECTIONS[k]
    floats(call, STRENGTH)[written] = strength
    raw = int(100.0 * strength + 0.5)
    ints(call, RAW)[written] = -raw if DIRECTIONS[k] == BEARISH else raw
    ints(call, CONTEXT)[written] = flags
    return written + 1


def candles(n: int, call: Any) -> int:
    """A row for each pattern that a bar completes, or where that is required, that the next bar confirms."""
    symbol, ts_event, revision = ints(call, SYMBOL), ints(call, TS_EVENT), ints(call, REVISION)
    opening, high = floats(call, OPEN), floats(call, HIGH)
    low, close, volume = floats(call, LOW), floats(call, CLOSE), floats(call, VOLUME)
    order, bars = ints(call, ORDER), floats(call, LAST_BARS)
    waits = integer(call, REQUIRES) & CONFIRMED != 0
    room, written = integer(call, ROOM), 0
    for i in range(n):
        if written + PATTERNS > room:
            ints(call, STOP)[0] = i
            return written
        s, at, told = symbol[i], ts_event[i], revision[i]
        o, b, first = _ORDER * s, 3 * SIDES * s, PATTERNS * s
        stands = standing(
            opening[i],
            high[i],
            low[i],
            close[i],
            at,
            told,
            order[o + _BEGUN],
            order[o + _LAST_AT],
            order[o + _REVISION],
        )
        if stands == LEFT_OUT:
            continue
        if stands == NEW:
            if order[o + _BEGUN]:
                settle(call, s)
            order[o + _BEGUN] = 1
            order[o + _LAST_AT] = at
        order[o + _REVISION] = told
        bars[b], bars[b + 1], bars[b + 2], bars[b + 3] = opening[i], high[i], low[i], close[i]
        floats(call, VOLUME_NOW)[s] = volume[i]
        look(call, s)
        for k in range(PATTERNS):
            if waits:
                strength = floats(call, AWAITED)[first + k]
                before = bars[b + _ONE_AGO + _CLOSE_AT]
                if strength > 0.0 and is_confirmed(DIRECTIONS[k], before, close[i]):
                    flags = ints(call, AWAITED_CONTEXTS)[first + k] | CONFIRMED
                    written = tell(call, i, k, strength, flags, written)
            else:
                strength = floats(call, STRENGTHS)[first + k]
                if strength > 0.0:
                    flags = ints(call, CONTEXTS)[first + k]
                    written = tell(call, i, k, strength, flags, written)
    return written

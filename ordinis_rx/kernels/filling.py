"""Bars that are full when enough was traded: so many trades, so much volume, or so much money."""

from __future__ import annotations

from typing import Any

from ordinis_rx.kernels.figures import FAR, average_price, is_number
from ordinis_rx.kernels.record import Layout, floats, integer, ints, real
from ordinis_rx.kernels.trade_flags import MOVES_HIGH_LOW, MOVES_LAST, MOVES_VOLUME

__all__ = ["COUNTED", "FILLING", "NOTIONAL", "SIZED", "filled_bars"]

COUNTED, SIZED, NOTIONAL = range(3)
"""What fills a bar."""

FILLING = Layout(
    reads="symbol:i ts_event:i price:f size:f flags:i",
    writes="row:i interval:i open:f high:f low:f close:f volume:f vwap:f trade_count:i",
    state="numbers:f*8 since:i count:i plain:i",
    params="measure:i full:f",
)
(
    SYMBOL,
    TS_EVENT,
    PRICE,
    SIZE,
    FLAGS,
    ROW,
    INTERVAL,
    OPEN,
    HIGH,
    LOW,
    CLOSE,
    VOLUME,
    VWAP,
    TRADE_COUNT,
    NUMBERS,
    SINCE,
    COUNT,
    PLAIN,
    MEASURE,
    FULL,
) = FILLING.slots

_CELLS = 8
_OPEN, _HIGH, _LOW, _CLOSE, _VOLUME, _BASE, _WORTH, _AMOUNT = range(_CELLS)
_NAN = float("nan")
_ROUNDED = 1e-9
"""Which share of a bar may be missing when it is full: ten sizes of 0.1 are a little less than 1, added one by one."""


def filled_bars(n: int, call: Any) -> int:
    """The bars that *n* more trades fill; the trade that fills one is wholly in it."""
    symbol, ts_event = ints(call, SYMBOL), ints(call, TS_EVENT)
    price, size, flags = floats(call, PRICE), floats(call, SIZE), ints(call, FLAGS)
    numbers, since, count = floats(call, NUMBERS), ints(call, SINCE), ints(call, COUNT)
    plain = ints(call, PLAIN)
    measure, full = integer(call, MEASURE), real(call, FULL)
    enough = full if measure == COUNTED else full - full * _ROUNDED
    written = 0
    for i in range(n):
        p, q, moves = price[i], size[i], flags[i]
        if not is_number(p) or moves & MOVES_VOLUME == 0:
            continue
        if not is_number(q) or not q >= 0.0:
            q = 0.0
        s = symbol[i]
        j = _CELLS * s
        if count[s] == 0:
            since[s] = ts_event[i]
            numbers[j + _OPEN] = numbers[j + _HIGH] = numbers[j + _LOW] = _NAN
            numbers[j + _CLOSE] = _NAN
            numbers[j + _VOLUME] = numbers[j + _WORTH] = numbers[j + _AMOUNT] = 0.0
            plain[s] = 1
        count[s] += 1
        if moves & MOVES_LAST != 0:
            if numbers[j + _CLOSE] != numbers[j + _CLOSE]:
                numbers[j + _OPEN] = p
            numbers[j + _CLOSE] = p
        if moves & MOVES_HIGH_LOW != 0:
            if not p <= numbers[j + _HIGH]:
                numbers[j + _HIGH] = p
            if not p >= numbers[j + _LOW]:
                numbers[j + _LOW] = p
        else:
            plain[s] = 0
        if q > 0.0:
            if numbers[j + _VOLUME] == 0.0:
                numbers[j + _BASE] = p
            numbers[j + _VOLUME] += q
            numbers[j + _WORTH] += (p - numbers[j + _BASE]) * q
        amount = 1.0
        if measure == SIZED:
            amount = q
        elif measure == NOTIONAL:
            amount = abs(p * q)
        numbers[j + _AMOUNT] += amount
        if not numbers[j + _AMOUNT] >= enough:
            continue
        volume = numbers[j + _VOLUME]
        ints(call, ROW)[written] = i
        first, last = since[s], ts_event[i]
        near = -FAR < first < FAR and -FAR < last < FAR
        ints(call, INTERVAL)[written] = max(last - first, 0) if near else 0
        floats(call, OPEN)[written] = numbers[j + _OPEN]
        floats(call, HIGH)[written] = numbers[j + _HIGH]
        floats(call, LOW)[written] = numbers[j + _LOW]
        floats(call, CLOSE)[written] = numbers[j + _CLOSE]
        floats(call, VOLUME)[written] = volume
        floats(call, VWAP)[written] = average_price(
            numbers[j + _BASE], numbers[j + _WORTH], volume, plain[s], numbers[j + _LOW], numbers[j + _HIGH]
        )  # fmt: skip
        ints(call, TRADE_COUNT)[written] = count[s]
        count[s] = 0
        written += 1
    return written

"""Which reports are fit to be used, and what time it is by them."""

from __future__ import annotations

from ordinis_rx.kernels.record import Ints, helper

__all__ = [
    "AHEAD",
    "CLOCK",
    "CROSSED",
    "DOUBTED",
    "FIT",
    "LAG_BUCKETS",
    "LARGEST",
    "LATE",
    "NEVER",
    "NOT_A_NUMBER",
    "NOT_POSITIVE",
    "NOW",
    "ONE_SIDED",
    "SKEW",
    "SMALLEST",
    "STARTED",
    "TOO_MANY",
    "TRUSTED",
    "believed",
    "clock_says",
    "flaw_of_price",
    "flaw_of_quote",
    "has_arrived",
    "lag_bucket",
    "lag_of_bucket",
    "stamp_of",
    "worth",
]

FIT, NOT_A_NUMBER, NOT_POSITIVE, CROSSED, ONE_SIDED, AHEAD, LATE, TOO_MANY = range(8)
"""What may be wrong with a report."""

LARGEST, SMALLEST = 1e30, 1e-30
"""Prices beyond these are no prices; within them no square of a ratio is beyond a float."""

SKEW = 1_000_000_000
"""How far a provider's clock may be ahead of ours, in nanoseconds, before its times are not believed."""

NEVER = (1 << 62) - 1
"""The last of all times; the first is as long before 1970. What lies between any two is below 2^63, and so is what is 2^62
later than any."""

CLOCK = 5
"""How many integers a panel's clock is made of."""

NOW, STARTED, DOUBT_AT, DOUBTED, TRUSTED = range(CLOCK)


@helper
def believed(ts_event: int, ts_recv: int) -> int:
    """When that was: nothing happens after it has arrived."""
    if ts_recv > 0 and max(ts_event, 0) - ts_recv > SKEW:
        return ts_recv
    return ts_event


@helper
def stamp_of(clock: int, ts_event: int, ts_recv: int) -> int:
    """When an answer is told: by the panel's *clock*, as it knows all up to then; or with what led to it, if that is later.

    A report that comes late leads to an answer out of newer ones, too: at the time of the report nobody knew that.
    """
    return max(clock, believed(ts_event, ts_recv))


@helper
def has_arrived(ts_recv: int) -> bool:
    """Whether it is known when that was."""
    return 0 < ts_recv <= NEVER


@helper
def clock_says(clock: Ints, at: int, ts_recv: int, provider: int, window: int) -> int:
    """Whether the time *at* of a report is within *window* of the panel's; moves that on.

    What has arrived (*ts_recv* is known) has happened, so that it is never ahead: it was quiet. Other two reports in a row
    that agree on another time, of two providers (or of the one that was trusted last), are believed: it was quiet there too,
    or whoever set the clock had it wrong. But what arrived just now, by the panel's clock, and tells of long ago is late
    and no more, however many agree: it is history that is filled in. A time beyond all times is no time, whoever agrees.
    """
    if at > NEVER or at < -NEVER:
        return AHEAD if at > 0 else LATE
    mine = provider + 1
    away = at - clock[NOW]
    if clock[STARTED] and -away <= window and away <= window:  # as it nearly always is
        if away > 0:
            clock[NOW] = at
        clock[DOUBTED], clock[TRUSTED] = 0, mine
        return FIT
    arrived = has_arrived(ts_recv)
    since = ts_recv - clock[NOW] if arrived else 0
    if clock[STARTED] and -away > window and arrived and since <= window and -since <= window:
        return LATE
    if clock[STARTED] and (-away > window or (away > window and not arrived)):
        apart = at - clock[DOUBT_AT]
        confirmed = clock[DOUBTED] != 0 and apart <= window and -apart <= window
        if not confirmed or (clock[DOUBTED] == mine and clock[TRUSTED] != mine):
            clock[DOUBT_AT] = at
            clock[DOUBTED] = mine
            return AHEAD if away > 0 else LATE
        clock[NOW] = at
    elif away > 0 or not clock[STARTED]:
        clock[NOW] = at
    clock[STARTED] = 1
    clock[DOUBTED] = 0
    clock[TRUSTED] = mine
    return FIT


@helper
def flaw_of_price(price: float) -> int:
    """What is wrong with a price, if anything."""
    if not abs(price) < LARGEST:
        return NOT_A_NUMBER
    if not price > SMALLEST:
        return NOT_POSITIVE
    return FIT


@helper
def flaw_of_quote(bid: float, ask: float) -> int:
    """What is wrong with a quote, if anything."""
    if bid > SMALLEST and bid <= ask and ask < LARGEST:  # as nearly all are
        return FIT
    if (bid != bid) != (ask != ask):
        return ONE_SIDED
    flaw = flaw_of_price(bid)
    if flaw == FIT:
        flaw = flaw_of_price(ask)
    if flaw == FIT and bid > ask:
        return CROSSED
    return flaw


@helper
def worth(bid: float, ask: float, bid_size: float, ask_size: float, micro: int) -> float:
    """The mid of a quote, or the microprice; that is the mid where sizes are unknown."""
    mid = (bid + ask) * 0.5
    if not micro or not (0.0 <= bid_size < LARGEST and 0.0 <= ask_size < LARGEST):
        return mid
    depth = bid_size + ask_size
    if depth > 0.0:
        return min(max((bid * ask_size + ask * bid_size) / depth, bid), ask)
    return mid


LAG_BUCKETS = 168
"""In how many classes lags are counted: four for each doubling, from a microsecond to half a year."""


@helper
def lag_bucket(lag: int) -> int:
    """The class of a lag in nanoseconds."""
    units = max(lag, 0) // 1000
    doublings = 0
    while units >= 8 and doublings < 40:
        units = units >> 1
        doublings += 1
    return 4 * doublings + min(units, 7)


def lag_of_bucket(bucket: int) -> float:
    """The lag in the middle of a class, in nanoseconds."""
    doublings = max(bucket // 4 - 1, 0)
    return (bucket - 4 * doublings + 0.5) * (1 << doublings) * 1000.0

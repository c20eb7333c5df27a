"""Over the last numbers of each symbol: means, deviations, scores and averages.

All but `vwap` go by how many numbers were told: a fact that comes late counts as it comes, and while the stream is quiet
nothing is told. Each symbol has a window of its own, and with *over* no number in it is older than so many nanoseconds.
Numbers that are missing or not finite are skipped, and so are those of trades that may not move what is asked for (see
`ordinis_rx.operators.numbers`). A reading is told at once, and has the times, provider and `seq` of the fact that caused it.

A bar or a reading told again, with a higher `revision`, counts as one more: no earlier state is kept. Where that may happen,
take an indicator of bars, which lets the newer take the place of the older: `bar_ema` for `ema`, `sma` for `rolling_mean`,
``ta("STDDEV")`` (of a population) for `rolling_std`; with ``of="value"`` also of readings.

With *memory* the state can be saved and taken up again (see `OperatorMemory`); TypeError for what is no such memory.
"""

from __future__ import annotations

from ordinis_rx.checks import check_count, check_duration, check_number
from ordinis_rx.events import Event, Reading
from ordinis_rx.frames import ReadingFrame, TradeFrame
from ordinis_rx.kernels.ema import EMA
from ordinis_rx.kernels.ema import ema as _ema
from ordinis_rx.kernels.recent import RECENT, rolling_recent
from ordinis_rx.kernels.rolling import DEVIATION, MEAN, ROLLING, SCORE
from ordinis_rx.kernels.rolling import rolling as _rolling
from ordinis_rx.kernels.vwap import VWAP
from ordinis_rx.kernels.vwap import vwap as _vwap
from ordinis_rx.lifting import operator
from ordinis_rx.memory import OperatorMemory, check_memory
from ordinis_rx.operators.numbers import Number, source_of
from ordinis_rx.timebase import Nanos, check_whole, doubt_count
from ordinis_rx.typing import Operator

__all__ = [
    "ema",
    "rolling_mean",
    "rolling_std",
    "rolling_zscore",
    "vwap",
    "window_of",
]


def rolling_mean(
    window: int,
    *,
    of: Number = "price",
    over: Nanos | None = None,
    warm_up: int | None = None,
    memory: OperatorMemory | None = None,
) -> Operator[Event, Reading]:
    """The mean of the last *window* numbers of each symbol, this one included, in the unit of the number.

    *of* names the number: ``"price"`` or ``"size"`` of trades, ``"mid"`` of quotes, ``"close"`` of bars, ... Told at once
    with every number from the *warm_up*-th of the symbol on (by default the *window*-th). Missing numbers are skipped, and
    so are trades that may not move the last price (for sizes: the volume). Late facts count as they come.

    With *over*, a number leaves the window, too, when it is so many nanoseconds old: by the newest `ts_event` of the
    symbol's numbers, the one told included (a stamp more than a second ahead of `ts_recv` counts as that). Then *warm_up* is
    how many there must be in the window, by default 1: the first one after a silence is told, alone. A late number counts
    as of that newest time. *window* still says how many there may be at most, so choose more than come in that time, and
    expect 16 bytes of memory for each, for every symbol.

    Raises TypeError where *window*, *over* or *warm_up* is not whole, ValueError for a *window* or an *over* below 1, a
    *warm_up* that is not from 1 to *window*, and a number that there is not.

    Each version of a bar told again counts; `sma` lets the newer take the place of the older.

    >>> from ordinis_rx.testing import a_trade, through
    >>> [reading.value for reading in through(rolling_mean(2), [a_trade(p) for p in (1, 3, 8)])]
    [2.0, 5.5]
    >>> trades = [a_trade(price, at=at) for price, at in ((1, 0), (3, 20), (8, 25), (5, 90))]
    >>> [reading.value for reading in through(rolling_mean(1000, over=30), trades)]
    [1.0, 2.0, 4.0, 5.0]
    """
    return _of_window("rolling_mean", MEAN, window, 1, of, over, warm_up, memory)


def rolling_std(
    window: int,
    *,
    of: Number = "price",
    over: Nanos | None = None,
    warm_up: int | None = None,
    memory: OperatorMemory | None = None,
) -> Operator[Event, Reading]:
    """The standard deviation of the last *window* numbers of each symbol, this one included, in the unit of the number.

    It is that of a sample (divided by n - 1), and 0 where all are the same. *window* and *warm_up* must be at least 2, which
    with *over* is how many there must be by default; otherwise as `rolling_mean`. Of a bar told again each version counts;
    in ``ta("STDDEV")``, of a population, the newer takes the place of the older.

    >>> from ordinis_rx.testing import a_trade, through
    >>> [reading.value for reading in through(rolling_std(3), [a_trade(p) for p in (1, 2, 3, 4)])]
    [1.0, 1.0]
    """
    return _of_window("rolling_std", DEVIATION, window, 2, of, over, warm_up, memory)


def rolling_zscore(
    window: int,
    *,
    of: Number = "price",
    over: Nanos | None = None,
    warm_up: int | None = None,
    memory: OperatorMemory | None = None,
) -> Operator[Event, Reading]:
    """How many standard deviations (of a sample) a number is above the mean of the *window* numbers of its symbol before it.

    Negative below the mean; a pure number, without unit. A number is not part of its own window. Told at once with every
    number that has *warm_up* (by default *window*; with *over* 2) before it, except where these are all the same. *window*
    and *warm_up* must be at least 2; what counts, what *over* does, and errors are otherwise as in `rolling_mean`.

    >>> from ordinis_rx.testing import a_trade, through
    >>> [reading.value for reading in through(rolling_zscore(3), [a_trade(p) for p in (1, 2, 3, 5)])]
    [3.0]
    """
    return _of_window("rolling_zscore", SCORE, window, 2, of, over, warm_up, memory)


def _of_window(
    name: str,
    measure: int,
    window: int,
    least: int,
    of: Number,
    over: Nanos | None,
    warm_up: int | None,
    memory: OperatorMemory | None,
) -> Operator[Event, Reading]:
    source = source_of(of, name)
    usual = window if over is None else least
    held = window_of(name, window, over, usual if warm_up is None else warm_up, least)
    check_memory(name, memory)
    kernel, layout = (_rolling, ROLLING) if over is None else (rolling_recent, RECENT)
    return operator(
        kernel,
        layout.renamed(value=source.column),
        reads=source.frame,
        writes=ReadingFrame,
        params=(*held, measure, source.moves),
        constants=source.constants(name),
        memory=memory,
    )


def window_of(
    who: str, window: int, over: Nanos | None, warm_up: int, least: int
) -> tuple[int, ...]:
    """What the kernels over the last numbers take first: *window*, *over* if it is given, and *warm_up*.

    Raises in the name of *who* where one of them is no whole number or out of its range, which begins with *least* numbers.
    """
    check_count(f"{who}: window", window, "numbers", least)
    doubt_count(f"{who}: window", window)
    check_whole(f"{who}: warm_up", warm_up, "numbers")
    if not least <= warm_up <= window:
        raise ValueError(
            f"{who}: warm_up must be from {least} to the window of {window}, got {warm_up}"
        )
    if over is None:
        return window, warm_up
    check_duration(f"{who}: over", over)
    return window, over, warm_up


def ema(
    *,
    span: float | None = None,
    half_life: float | None = None,
    alpha: float | None = None,
    of: Number = "price",
    memory: OperatorMemory | None = None,
) -> Operator[Event, Reading]:
    """The exponential moving average of each symbol, in the unit of the number; told with every number.

    It starts with the first number and goes ``alpha`` of the way towards each one after it. Exactly one of three says how
    far: *alpha*, above 0 and up to 1; *span*, at least 1, for ``alpha = 2 / (span + 1)``, which smooths about as a mean of
    so many; *half_life*, above 0, for ``alpha = 1 - 0.5 ** (1 / half_life)``: so many numbers later the weight of one has
    halved. All three count numbers, not time. What counts as a number is as in `rolling_mean`; of a bar told again each
    version does, where `bar_ema` lets the newer take the place of the older.

    Raises TypeError unless exactly one of the three is given, as a number, ValueError where it is out of its range, and for
    a number *of* that there is not.

    >>> from ordinis_rx.testing import a_trade, through
    >>> [reading.value for reading in through(ema(span=3), [a_trade(p) for p in (1, 3, 8)])]
    [1.0, 2.0, 5.0]
    """
    given = {"span": span, "half_life": half_life, "alpha": alpha}
    named = [name for name, value in given.items() if value is not None]
    if len(named) != 1:
        raise TypeError(
            f"ema: exactly one of span, half_life and alpha, got {' and '.join(named) or 'none'}"
        )
    check_number(f"ema: {named[0]}", given[named[0]])
    share = 0.0
    if span is not None and span >= 1.0:
        share = 2.0 / (span + 1.0)
    elif half_life is not None and half_life > 0.0:
        share = 1.0 - 0.5 ** (1.0 / half_life)
    elif alpha is not None:
        share = alpha
    if not 0.0 < share <= 1.0:
        raise ValueError(f"ema: {named[0]} must be {_RANGES[named[0]]}, got {given[named[0]]!r}")
    doubt_count(f"ema: {named[0]}", given[named[0]] or 0.0)
    source = source_of(of, "ema")
    check_memory("ema", memory)
    return operator(
        _ema,
        EMA.renamed(value=source.column),
        reads=source.frame,
        writes=ReadingFrame,
        params=(share, source.moves),
        constants=source.constants("ema"),
        memory=memory,
    )


_RANGES = {"span": "at least 1", "half_life": "more than 0", "alpha": "from 0 to 1, and not 0"}


def vwap(
    anchor: Nanos | None = None, *, memory: OperatorMemory | None = None
) -> Operator[Event, Reading]:
    """The volume-weighted average price of each symbol's trades, in the unit of prices; told with each trade that counts.

    The average begins anew with every period of *anchor* nanoseconds, counted from 1970 (``vwap(DAY)``: at midnight UTC);
    without, it never does. Time is each trade's `ts_event` (a stamp more than a second ahead of `ts_recv` counts as that). A
    trade whose period is over for its symbol is late: it is left out, untold. Without an *anchor* none is late. Trades that
    may not move the volume are left out, and those without a price or with a size that is missing or not above 0; so is one
    that is worth, or makes the volume, more than a float holds (1.8e308).

    Raises TypeError for an *anchor* that is not whole, ValueError for one below 1.

    >>> from ordinis_rx.testing import a_trade, through
    >>> trades = [a_trade(10, size=1), a_trade(13, size=2), a_trade(20, at=100)]
    >>> [reading.value for reading in through(vwap(anchor=100), trades)]
    [10.0, 12.0, 20.0]
    """
    if anchor is not None:
        check_duration("vwap: anchor", anchor)
    check_memory("vwap", memory)
    return operator(
        _vwap,
        VWAP,
        reads=TradeFrame,
        writes=ReadingFrame,
        params=(anchor or 0,),
        constants={"name": "vwap"},
        memory=memory,
    )

"""Bars by time: open, high, low, close, volume and vwap of trades, quotes or shorter bars.

A bar's `ts_event` is the end of its interval, and it is told when that is over, never before. Trades count as their flags
say: what may not move the last price moves neither open nor close, what may not move high and low neither of these, and what
has no volume no volume, no count and no vwap; a bar that has nothing of a kind says NaN.

Numbers that are missing or not finite count as not told, in all kinds of bars alike: a trade without a price moves nothing,
not the volume either; one without a size is counted and moves the prices, but not volume and vwap.

With *memory* the bars that are not full yet can be saved and taken up again (see `OperatorMemory`), so that none begins amid
its interval; TypeError for what is no such memory. The end of the stream tells none of these then, unless it is asked to
(``partial="tell"``): what it has told stays told, and what it drops is saved.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, get_args

from reactivex import Observable

from ordinis_rx.checks import check_choice, check_duration, check_flag
from ordinis_rx.events import Bar, Event
from ordinis_rx.frames import BarFrame, Frame, QuoteFrame, TradeFrame
from ordinis_rx.hearing import hears
from ordinis_rx.kernels.buckets import MOST_OPEN, TIME_BARS, recode_buckets
from ordinis_rx.kernels.figures import FAR
from ordinis_rx.kernels.ohlcv import time_bars as _time_bars
from ordinis_rx.memory import OperatorMemory, check_memory
from ordinis_rx.operators.closing import ClosingKernel
from ordinis_rx.operators.side import SideOutput, check_side
from ordinis_rx.recipes import Recipe
from ordinis_rx.remembering import Recall, Remembering, StillToTell
from ordinis_rx.running import KernelRun
from ordinis_rx.stepping import staged
from ordinis_rx.timebase import Nanos
from ordinis_rx.turns import FlowObserver
from ordinis_rx.typing import Operator

__all__ = ["BarsOf", "Partial", "resample", "time_bars"]

BarsOf: TypeAlias = Literal["trade", "bid", "ask", "mid"]
"""What bars are made of: trades, or a price of quotes."""

Partial: TypeAlias = Literal["tell", "drop"]
"""What becomes of bars that are open when the stream ends: they are told as they are, or not at all."""

_OF: dict[str, tuple[type[Frame], dict[str, str]]] = {
    "trade": (
        TradeFrame,
        {**dict.fromkeys(("first", "highest", "lowest", "latest", "average"), "price"), "amount": "size"},
    ),
    **{
        name: (QuoteFrame, dict.fromkeys(("first", "highest", "lowest", "latest", "average"), name))
        for name in ("bid", "ask", "mid")
    },
}  # fmt: skip

_OF_BARS = {
    "span": "interval",
    "first": "open",
    "highest": "high",
    "lowest": "low",
    "latest": "close",
    "average": "vwap",
    "amount": "volume",
    "count": "trade_count",
}


def time_bars(
    interval: Nanos,
    lateness: Nanos = 0,
    fill: bool = False,
    of: BarsOf = "trade",
    flush_after: Nanos | None = None,
    *,
    partial: Partial | None = None,
    late: SideOutput[Event] | None = None,
    memory: OperatorMemory | None = None,
) -> Operator[Event, Bar]:
    """Bars of *interval* nanoseconds (counted from 1970), one a symbol; of trades, or of the bids, asks or mids of quotes.

    Time is the highest `ts_event` of any symbol seen, less *lateness*; a stamp more than a second after its own `ts_recv`
    counts as that. When time passes the end of an interval, the bars of all symbols that had anything in it are told, oldest
    interval first, in the order in which the symbols came; each carries the `ts_recv` and `seq` of the fact that ended it,
    and the provider that told last. While the stream is quiet nothing is told, unless *flush_after* is given: then a
    `Heartbeat` that much after the end of an interval ends it, too. At completion all open bars are told, as far as they
    have come, or, with ``partial="drop"``, none: a feed that is closed would tell the hour until now as if it were whole.
    With a *memory* none are, and the next run makes them whole; unless with ``partial="tell"``, after which the rest of the
    interval is late. After an error none are.

    Open and close are the first and last by `ts_event`. What comes when its bar has been told is late: it goes to the side
    output *late*, or the first of a subscription to the log; so does what says a time of 2**62 nanoseconds (146 years) or
    more from 1970, which ends nothing. With *fill* a symbol that has had a bar has one for every interval, at its last price
    where nothing moved a price of it, and without volume where nothing happened. For quotes, `trade_count` counts quotes. A
    trade without a price moves nothing; one without a size moves prices and count, not the volume.

    Raises TypeError for an *interval*, *lateness* or *flush_after* that is not whole, ValueError for an *interval* below 1,
    a *lateness* below 0 or of 16,777,215 intervals or more, which are all open at once, a *flush_after* below the
    *lateness*, any of 2**60 (36 years) or more, and another *of*.

    >>> from ordinis_rx.testing import a_trade, through
    >>> trades = [a_trade(10, at=1), a_trade(12, at=3), a_trade(11, at=4), a_trade(15, at=27)]
    >>> for bar in through(time_bars(10, fill=True), trades):
    ...     print(bar.ts_event, bar.open, bar.high, bar.low, bar.close, bar.volume)
    10 10.0 12.0 10.0 11.0 3.0
    20 11.0 11.0 11.0 11.0 0.0
    30 15.0 15.0 15.0 15.0 1.0
    """
    check_choice("time_bars: of", of, _OF)
    check_flag("time_bars: fill", fill)
    reads, names = _OF[of]
    _check_span("time_bars: interval", interval)
    _check_span("time_bars: lateness", lateness, least=0)
    if flush_after is not None:
        _check_span("time_bars: flush_after", flush_after, least=0)
        if flush_after < lateness:
            raise ValueError(
                f"time_bars: flush_after must be at least the lateness of {lateness} nanoseconds, got {flush_after}"
            )
    patience = None if flush_after is None else flush_after - lateness
    return _by_time(
        "time_bars", reads, names, interval, lateness, fill, patience, partial, late, memory
    )


def resample(
    interval: Nanos,
    lateness: Nanos = 0,
    *,
    partial: Partial | None = None,
    late: SideOutput[Event] | None = None,
    memory: OperatorMemory | None = None,
) -> Operator[Event, Bar]:
    """Longer bars out of shorter ones: bars of *interval* nanoseconds (counted from 1970), one a symbol.

    A bar belongs to the interval that it lies in; one that lies in none, since it is longer or across a border, is left out,
    and so are revisions, which come after what they revise has been counted: they go to the side output *late*, as do bars
    that come too late. Time is when the newest bar began, less *lateness*, so that the last of an interval's bars is waited
    for: an interval is told when a bar after it comes, of any symbol, or at completion, where *partial* says what it says of
    `time_bars`; while the stream is quiet, nothing is. The vwap is that of the bars that have one. Errors are those of
    `time_bars`.

    >>> from ordinis_rx.testing import a_bar, through
    >>> minutes = [a_bar(close, at=60 * n, interval=60) for n, close in enumerate((10, 12, 11), 1)]
    >>> [(bar.ts_event, bar.open, bar.high, bar.close) for bar in through(resample(120), minutes)]
    [(120, 10.0, 12.0, 12.0), (240, 11.0, 11.0, 11.0)]
    """
    _check_span("resample: interval", interval)
    _check_span("resample: lateness", lateness, least=0)
    return _by_time(
        "resample", BarFrame, _OF_BARS, interval, lateness, False, None, partial, late, memory
    )


def _check_span(what: str, value: Nanos, least: Nanos = 1) -> None:
    check_duration(what, value, least)
    if value >= FAR >> 2:
        raise ValueError(f"{what} must be below {FAR >> 2} nanoseconds, got {value}")


def _by_time(
    who: str,
    reads: type[Frame],
    names: dict[str, str],
    interval: Nanos,
    lateness: Nanos,
    fill: bool,
    patience: Nanos | None,
    partial: Partial | None,
    late: SideOutput[Event] | None,
    memory: OperatorMemory | None,
) -> Operator[Event, Bar]:
    if partial is None:
        partial = "tell" if memory is None else "drop"
    check_choice(f"{who}: partial", partial, get_args(Partial))
    check_side(f"{who}: late", late)
    check_memory(who, memory)
    layout = TIME_BARS.renamed(**names)
    # Intervals from the oldest that is open to that of the newest row.
    at_once = lateness // interval + 2
    if at_once > MOST_OPEN:
        raise ValueError(
            f"{who}: lateness must be below {MOST_OPEN - 1} intervals of {interval} nanoseconds, got {lateness}"
        )
    single = int(reads.kind is not Bar)
    params = (interval, lateness, int(fill), at_once, single)
    layout.coerce(params)
    written = [column.name for column in layout.writes if column.name != "row"]
    constants: dict[str, Any] = {"interval": interval, "revision": 0}
    recipe = Recipe(reads.schema, BarFrame.schema, written, constants)

    def stage(observer: FlowObserver) -> FlowObserver:
        run = KernelRun(_time_bars, layout, reads, BarFrame, params, recipe)
        recall = still = None
        if memory is not None:
            recall = Recall(run, memory, recode_buckets)
            observer = still = StillToTell(observer, memory, Bar)
        closing = ClosingKernel(observer, run, who, patience, late, tells_open=partial == "tell")
        return closing if recall is None else Remembering(closing, recall, still)

    def bars(source: Observable[Event]) -> Observable[Bar]:
        return staged(source, stage)

    return hears(bars, reads.kind, tells=Bar)

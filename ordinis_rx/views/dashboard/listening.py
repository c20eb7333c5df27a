"""What a dashboard listens to: the feeds as one stream, their consensus, and its candles."""

from __future__ import annotations

from collections.abc import Sequence

from reactivex import Observable, abc
from reactivex import operators as ops
from reactivex.disposable import CompositeDisposable

from ordinis_rx.consensus import AggregatedQuote, AggregationConfig, consensus
from ordinis_rx.events import Event, Quote
from ordinis_rx.multicast import share
from ordinis_rx.operators import SideOutput, dedupe, merge, time_bars
from ordinis_rx.timebase import SECOND
from ordinis_rx.typing import Operator
from ordinis_rx.views.dashboard.state import State

__all__ = ["listen"]

REMEMBERED = 20_000
"""Trades that are known again: more than come while a connection is made anew, and some megabytes."""


def listen(
    streams: Sequence[Observable[Event]],
    state: State,
    config: AggregationConfig,
) -> abc.DisposableBase:
    """Subscribe *state* to all facts of *streams*, to the consensus on them by *config*, and to its candles of a second.

    A fact that two streams tell (a trade with its id, say) counts once. Dispose the result to stop; an error of a stream
    ends all three, and is shown on the page.
    """
    once: Operator[Event, Event] = share()
    one = streams[0] if len(streams) == 1 else merge(*streams)
    events = one.pipe(dedupe(SideOutput[Event](), remember=REMEMBERED), once)
    agreed: Operator[AggregatedQuote, AggregatedQuote] = share()
    answers = events.pipe(consensus(config), agreed)
    late = SideOutput[Event]()  # a late answer moves the lines, and no candle that was shown
    bars = time_bars(SECOND, of="mid", late=late)
    candles = answers.pipe(ops.filter(_has_price), ops.map(_as_quote), bars)
    return CompositeDisposable(
        answers.subscribe(state.on_answer, state.on_failure, state.on_end),
        candles.subscribe(state.on_candle, _told_already),
        events.subscribe(state.on_event, _told_already),
    )


def _told_already(_: Exception) -> None:
    """The answers end with the same error."""


def _has_price(answer: AggregatedQuote) -> bool:
    return answer.price > 0


def _as_quote(answer: AggregatedQuote) -> Quote:
    return Quote(
        symbol=answer.symbol,
        ts_event=answer.ts_event,
        ts_recv=answer.ts_recv,
        bid=answer.price,
        ask=answer.price,
        seq=answer.seq,
    )

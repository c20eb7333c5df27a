"""The consensus of a stream: events of many providers in, one answer a symbol out."""

from __future__ import annotations

from reactivex import Observable, abc

from ordinis_rx.checks import check_is
from ordinis_rx.consensus.config import AggregationConfig
from ordinis_rx.consensus.facts import AggregatedQuote, Reject
from ordinis_rx.consensus.fused import Fused
from ordinis_rx.consensus.meter import ConsensusMeter
from ordinis_rx.events import Event, Quote, Trade
from ordinis_rx.hearing import hears
from ordinis_rx.operators.side import SideOutput, check_side
from ordinis_rx.stream import Stream, flow_of
from ordinis_rx.turns import FlowObserver
from ordinis_rx.typing import Operator

__all__ = ["consensus"]

_DEFAULT = AggregationConfig()


def consensus(
    config: AggregationConfig = _DEFAULT,
    *,
    rejects: SideOutput[Reject] | None = None,
    meter: ConsensusMeter | None = None,
) -> Operator[Event, AggregatedQuote]:
    """Fold what all providers say of a symbol into one price that can be trusted, or say that there is none.

    Quotes count with their mid (or microprice), trades that may move the last price with that, where their provider has no
    fresh quote. Each is checked, the newest a provider is held against the others', those too far away are left out, and
    the rest fold into a price with its interval, confidence, book and status; see `AggregationConfig` for each step. It does
    in one go what ``validate() | panel() | reject_outliers() | combine() | score()`` do one after the other, bit for bit.

    Time is what the events tell: the latest `ts_event` that can be believed. A report older than `max_age` is not used; a
    disconnect or a gap makes void what the provider said before. While the stream is quiet nothing is told: what has become
    too old is found by the next event of the symbol, or by a `Heartbeat`. Answers come when they change, as *config* says;
    an answer that comes at most once in an interval is the newest at that moment, and the last interval of a stream may stay
    untold. Each is stamped with the time by then, so that none knows of what is stamped later; a late report's, too.

    What is not fit to be used goes to the side output *rejects*; *meter* keeps every provider's record. Who is excluded, or
    used again, is logged (logger ``ordinis_rx.consensus``, level INFO: ``logging.basicConfig(level="INFO")`` shows it). A
    stream may have 62 providers, with those that its root has named and that were filtered away since. Reports of more are
    rejected, and of which ones hangs on how the stream is cut into frames: stay below that.

    >>> from ordinis_rx.testing import a_quote, through
    >>> told = [a_quote(99.9, 100.1, provider="a"), a_quote(99.9, 100.1, provider="b"), a_quote(102.9, 103.1, provider="c")]
    >>> for answer in through(consensus(), [*told, *told]):
    ...     print(round(answer.price, 2), answer.status.name, answer.source_summary)
    100.0 DEGRADED 1 of 1: a
    100.0 OK 2 of 2: a, b
    100.0 OK 3 of 3: a, b, c
    100.0 DEGRADED 2 of 3: a, b; c excluded (outlier)
    """

    check_is("consensus: config", config, AggregationConfig, "an AggregationConfig")
    check_side("consensus: rejects", rejects)
    check_is("consensus: meter", meter, ConsensusMeter | None, "a ConsensusMeter()")

    def operator(source: Observable[Event]) -> Stream[AggregatedQuote]:
        def flow(
            observer: FlowObserver, scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            return flow_of(source, Fused(observer, config, rejects, meter), scheduler)

        return Stream(flow)

    return hears(operator, Quote, Trade, tells=AggregatedQuote)

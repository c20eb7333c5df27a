"""Providers' records as a stream."""

from __future__ import annotations

from collections.abc import Callable

from reactivex import abc

from ordinis_rx.batches import Item, item_of
from ordinis_rx.checks import check_duration, check_is
from ordinis_rx.consensus.config import AggregationConfig
from ordinis_rx.consensus.fused import Fused
from ordinis_rx.consensus.meter import ConsensusMeter
from ordinis_rx.consensus.statistics import ProviderStats
from ordinis_rx.events import Event
from ordinis_rx.operators.outlet import ItemOutlet, ending_in
from ordinis_rx.timebase import SECOND, Nanos
from ordinis_rx.typing import Operator

__all__ = ["provider_stats"]

_DEFAULT = AggregationConfig()


def provider_stats(
    every: Nanos = 1 * SECOND, config: AggregationConfig = _DEFAULT
) -> Operator[Event, tuple[ProviderStats, ...]]:
    """What is known of each provider, a snapshot at most once in *every* nanoseconds of event time, and at the end.

    A snapshot has one `ProviderStats` for each provider, sorted by name. It folds the events as `consensus` does by
    *config*, to see who is excluded and how far off. While the stream is quiet nothing is told; a snapshot comes with the
    first event of a new interval, which is counted in it; where the clock is set back, with the first that is later than all
    before. Raises TypeError where *every* is not whole, ValueError where it
    is not positive.

    >>> from ordinis_rx.stream import from_events
    >>> from ordinis_rx.testing import a_quote
    >>> quotes = from_events([a_quote(99.0, 101.0, provider="a")])
    >>> quotes.pipe(provider_stats()).subscribe(lambda stats: print(stats[0].provider, stats[0].success_rate)).dispose()
    a 1.0
    """
    check_duration("provider_stats: every", every)
    check_is("provider_stats: config", config, AggregationConfig, "an AggregationConfig")
    return ending_in(lambda observer: _Recording(observer, every, config))


class _Recording(ItemOutlet):
    """One subscriber's records. Events are folded one by one, since each may begin an interval."""

    def __init__(
        self,
        observer: abc.ObserverBase[tuple[ProviderStats, ...]],
        every: Nanos,
        config: AggregationConfig,
    ) -> None:
        super().__init__(observer)
        self._every = every
        self._meter = ConsensusMeter()
        self._fused = Fused(_Answers(self._end), config, None, self._meter)
        self._interval: int | None = None

    def on_item(self, item: Item) -> None:
        facts: list[Event] = item.facts
        for fact in facts:
            one = item_of([fact], item.names)
            one.turn = item.turn
            self._fused.on_item(one)
            if self.stopped:
                return
            interval = self._meter.now // self._every
            if self._interval is None:
                self._interval = interval
            elif interval > self._interval:
                self._interval = interval
                self.tell(self._meter.stats, item.turn, fact.seq)

    def on_error(self, error: Exception) -> None:
        self._finish()
        super().on_error(error)

    def on_completed(self) -> None:
        self._finish()
        super().on_completed()

    def _end(self, error: Exception) -> None:
        self.on_error(error)
        self.stop()

    def _finish(self) -> None:
        if self._interval is not None:
            self.tell_last(self._meter.stats)


class _Answers:
    """Who takes the answers of a consensus that is folded for its records alone: nobody, but for what cannot be folded."""

    def __init__(self, on_error: Callable[[Exception], None]) -> None:
        self.on_error = on_error

    def on_item(self, item: Item) -> None: ...

    def on_completed(self) -> None: ...

    def exits(self, found: set[int]) -> None: ...

"""The consensus of one row: a quote or trade of each provider side by side, as ``zip`` and ``combine_latest`` give them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby, pairwise

import reactivex as rx
from msgspec.structs import replace
from reactivex import Observable, abc
from reactivex import operators as ops

from ordinis_rx.checks import check_is
from ordinis_rx.consensus.combine import Combining
from ordinis_rx.consensus.confidence import Scoring
from ordinis_rx.consensus.config import AggregationConfig
from ordinis_rx.consensus.facts import AggregatedQuote, Entry, Panel, Reject
from ordinis_rx.consensus.methods import AggregationMethod
from ordinis_rx.consensus.numbers import BPS, REASONS, rule_numbers
from ordinis_rx.consensus.outliers import Rejecting
from ordinis_rx.consensus.validate import flaw_of, reject_of, traded_of, value_of
from ordinis_rx.events import Quote, Trade, TradeFlags
from ordinis_rx.kernels.abreast import SLOTS
from ordinis_rx.kernels.reports import AHEAD, FIT, LATE, TOO_MANY, believed
from ordinis_rx.kernels.scale import ALL
from ordinis_rx.operators.side import SideOutput, check_side
from ordinis_rx.timebase import Nanos
from ordinis_rx.typing import Operator

__all__ = ["Folding", "aggregate"]


class Folding:
    """Folds a row of quotes or trades, one of each provider, into an `AggregatedQuote`: without a stream, by a call.

    What it learns of a symbol (how far reports usually are apart, who was out of line) is used for the next row of that
    symbol.

    >>> from ordinis_rx.testing import a_quote
    >>> fold = Folding(AggregationConfig())
    >>> answer = fold([a_quote(99.0, 101.0, provider="a"), a_quote(99.0, 101.0, provider="b")])
    >>> answer.price, answer.status.name, answer.providers_used
    (100.0, 'OK', ('a', 'b'))
    """

    def __init__(
        self, config: AggregationConfig, *, rejects: SideOutput[Reject] | None = None
    ) -> None:
        self._config = config
        self._rejects = rejects
        rule = rule_numbers(config.outliers, config.confirm)
        self._rejecting = Rejecting(rule, reliability=config.reliability)
        self._combining = Combining(config)
        original = config.confidence == "original"
        self._scoring = Scoring(config.tolerance_bps * BPS, original=original)

    def __call__(
        self,
        facts: Sequence[Quote | Trade],
        *,
        now: Nanos | None = None,
        success: Mapping[str, float] | None = None,
    ) -> AggregatedQuote:
        """The answer that *facts*, the newest of each provider (a quote, a trade or both), come to.

        A provider's quote goes before its trade, as long as it is fit to be used and fresh. *now* is the time by which they
        may be too old; without it that of the newest which is fit to be used: one whose `ts_recv` is unknown does not make
        it where all others are more than the `time_window` before. The answer has the times of the newest, the `ts_event` as
        far as it can be believed: one more than a second after its `ts_recv` is that. *success* are the shares of success of
        the providers, for the original confidence; 1 where none is told. Providers without a name are named ``#1``, ``#2``
        and so on, by their place. As in a stream, 62 providers may be in an answer: those that come after, by name, are
        rejects.

        Raises ValueError when there are no facts, when they are about several symbols, or when two of a kind are of one
        provider.
        """
        named = _named(facts)
        usable = [fact for fact in sorted(named, key=_provider) if self._is_usable(fact)]
        clock = self._clock_of(usable) if now is None else now
        heard = [fact for fact in usable if self._is_in_time(fact, clock)]
        rates = success or {}
        entries: list[Entry] = []
        stale: list[str] = []
        for provider, several in groupby(heard, key=_provider):
            entry = self._entry(provider, list(several), clock, rates.get(provider, 1.0))
            if entry is None:
                stale.append(provider)
            elif len(entries) == SLOTS:
                self._refuse(next(f for f in heard if f.provider == provider), TOO_MANY)
            else:
                entries.append(entry)
        newest = max(heard or named, key=_newness)
        panel = Panel(
            symbol=newest.symbol,
            ts_event=believed(newest.ts_event, newest.ts_recv),
            ts_recv=newest.ts_recv,
            provider=newest.provider,
            seq=newest.seq,
            entries=tuple(entries),
            reporter=ALL,
            clock=clock,
            stale=tuple(stale),
        )
        return self._scoring.scored(self._combining.combined(self._rejecting.judged(panel)))

    def _is_usable(self, fact: Quote | Trade) -> bool:
        """Whether *fact* says what its symbol is worth; who says so wrongly is a reject."""
        if fact.provider in self._config.disabled:
            return False
        if isinstance(fact, Trade) and not fact.flags & TradeFlags.LAST:
            return False
        flaw = flaw_of(fact)
        if flaw:
            self._refuse(fact, flaw)
        return not flaw

    def _clock_of(self, facts: Sequence[Quote | Trade]) -> Nanos:
        """The newest time that is believed: what has arrived has happened, whatever others say."""
        known = sorted(
            ((believed(f.ts_event, f.ts_recv), f.ts_recv > 0) for f in facts), reverse=True
        )
        for (at, has_arrived), (before, _) in pairwise(known):
            if has_arrived or at - before <= self._config.time_window:
                return at
        return known[-1][0] if known else 0

    def _is_in_time(self, fact: Quote | Trade, clock: Nanos) -> bool:
        """Whether *fact* is within the window of the *clock*; who is not is a reject."""
        away = believed(fact.ts_event, fact.ts_recv) - clock
        flaw = FIT
        if -away > self._config.time_window:
            flaw = LATE
        elif away > self._config.time_window and fact.ts_recv <= 0:
            flaw = AHEAD
        if flaw:
            self._refuse(fact, flaw)
        return not flaw

    def _entry(
        self, provider: str, facts: Sequence[Quote | Trade], clock: Nanos, success: float
    ) -> Entry | None:
        """What *facts* of one provider say: the quote, or the trade; None where both are stale."""
        volume = sum((traded_of(fact) for fact in facts if isinstance(fact, Trade)), 0.0)
        for fact in sorted(facts, key=lambda fact: isinstance(fact, Trade)):
            age = max(clock - believed(fact.ts_event, fact.ts_recv), 0)
            if age <= self._config.max_age_of(fact.symbol):
                entry = Entry(
                    provider=provider,
                    price=value_of(fact, int(self._config.price == "microprice")),
                    age=age,
                    volume=volume,
                    success=success,
                )
                return (
                    replace(entry, bid=fact.bid, ask=fact.ask) if isinstance(fact, Quote) else entry
                )
        return None

    def _refuse(self, fact: Quote | Trade, flaw: int) -> None:
        """Tell that *fact* is not used, and why."""
        if self._rejects is not None:
            self._rejects.tell([reject_of(fact, REASONS[flaw])])


def aggregate(
    config: AggregationConfig | AggregationMethod = AggregationMethod.MEDIAN,
    *,
    rejects: SideOutput[Reject] | None = None,
) -> Operator[Sequence[Quote | Trade], AggregatedQuote]:
    """For plain Rx: rows that hold one quote or trade of each provider, as answers; by a config, or a method alone.

    ``rx.zip(*streams)`` waits for one report of every provider and pairs the n-th with the n-th: right for streams that keep
    step, but one silent provider stops it, and a faster one is queued without bound. ``rx.combine_latest(*streams)`` tells a
    row at each report once all have spoken; ages are seen in `ts_event`, but a provider that has gone is not. Each row is a
    round, and rows must be about one symbol. `consensus` has none of these limits; take it where you can.

    A row that makes no sense (no facts, several symbols, a provider twice) ends the stream with ValueError.

    >>> from ordinis_rx.testing import a_quote
    >>> a = rx.of(a_quote(9.0, 11.0, provider="a"), a_quote(10.0, 12.0, provider="a"))
    >>> b = rx.of(a_quote(9.0, 11.0, provider="b"), a_quote(10.0, 12.0, provider="b"))
    >>> rx.zip(a, b).pipe(aggregate()).subscribe(lambda answer: print(answer.price)).dispose()
    10.0
    11.0
    """
    if isinstance(config, AggregationMethod):
        config = AggregationConfig(method=config)
    check_is(
        "aggregate: config",
        config,
        AggregationConfig,
        "an AggregationConfig or an AggregationMethod",
    )
    check_side("aggregate: rejects", rejects)
    chosen = config

    def operator(source: Observable[Sequence[Quote | Trade]]) -> Observable[AggregatedQuote]:
        def begin(_: abc.SchedulerBase) -> Observable[AggregatedQuote]:
            return source.pipe(ops.map(Folding(chosen, rejects=rejects)))

        return rx.defer(begin)

    return operator


def _named(facts: Sequence[Quote | Trade]) -> list[Quote | Trade]:
    if not facts:
        raise ValueError("a row of reports holds at least one, got none")
    named = [
        fact if fact.provider else replace(fact, provider=f"#{place}")
        for place, fact in enumerate(facts, 1)
    ]
    symbols = sorted({fact.symbol for fact in named})
    if len(symbols) > 1:
        raise ValueError(f"a row of reports is about one symbol, got {', '.join(symbols)}")
    for (provider, kind), times in Counter((fact.provider, type(fact)) for fact in named).items():
        if times > 1:
            what = kind.__name__.lower()
            raise ValueError(f"a row of reports has {times} {what}s of provider {provider!r}")
    return named


def _provider(fact: Quote | Trade) -> str:
    return fact.provider


def _newness(fact: Quote | Trade) -> tuple[Nanos, int, str]:
    return believed(fact.ts_event, fact.ts_recv), fact.seq, fact.provider

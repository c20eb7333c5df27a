"""The consensus of one row: a quote or trade of each provider side by side, as ``zip`` and ``combine_latest`` give them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

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
from ordinis_rx.consensus.validate import flaw_of, reject_of, value_of
from ordinis_rx.events import Quote, Trade
from ordinis_rx.kernels.abreast import SLOTS
from ordinis_rx.kernels.reports import AHEAD, LATE, TOO_MANY, believed
from ordinis_rx.kernels.scale import ALL
from ordinis_rx.operators.side import SideOutput, check_side
from ordinis_rx.timebase import Nanos
from ordinis_rx.typing import Operator

__all__ = ["Folding", "aggregate"]


class Folding:
    """Rows of reports folded into answers, one a call; what it learns of a symbol is used for the next one of that symbol.

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
        """The answer that *facts*, the newest of each provider, come to.

        *now* is the time by which they may be too old; without it that of the newest. *success* are the shares of success of
        the providers, for the original confidence; 1 where none is told. Providers without a name are named ``#1``, ``#2``
        and so on, by their place. As in a stream, 62 providers may be in an answer: those that come after, by name, are
        rejects.

        Raises ValueError when there are no facts, when they are about several symbols, or when two are of one provider.
        """
        named = _named(facts)
        clock = max(believed(f.ts_event, f.ts_recv) for f in named) if now is None else now
        rates = success or {}
        entries: list[Entry] = []
        stale: list[str] = []
        for fact in sorted(named, key=_provider):
            entry = self._entry(fact, clock, rates.get(fact.provider, 1.0))
            if entry is None:
                continue
            if entry.age > self._config.max_age_of(fact.symbol):
                stale.append(entry.provider)
            elif len(entries) == SLOTS:
                self._refuse(fact, TOO_MANY)
            else:
                entries.append(entry)
        newest = max(named, key=_newness)
        panel = Panel(
            symbol=newest.symbol,
            ts_event=newest.ts_event,
            ts_recv=newest.ts_recv,
            provider=newest.provider,
            seq=newest.seq,
            entries=tuple(entries),
            reporter=ALL,
            clock=clock,
            stale=tuple(stale),
        )
        return self._scoring.scored(self._combining.combined(self._rejecting.judged(panel)))

    def _entry(self, fact: Quote | Trade, clock: Nanos, success: float) -> Entry | None:
        """What *fact* says, if it is fit to be used."""
        config = self._config
        if fact.provider in config.disabled:
            return None
        away = believed(fact.ts_event, fact.ts_recv) - clock
        flaw = flaw_of(fact)
        if not flaw and -away > config.time_window:
            flaw = LATE
        if not flaw and away > config.time_window and fact.ts_recv <= 0:
            flaw = AHEAD  # what has arrived has happened, whatever time it is elsewhere
        if flaw:
            self._refuse(fact, flaw)
            return None
        entry = Entry(
            provider=fact.provider,
            price=value_of(fact, int(config.price == "microprice")),
            age=max(-away, 0),
            success=success,
        )
        if isinstance(fact, Quote):
            return replace(entry, bid=fact.bid, ask=fact.ask)
        return replace(entry, volume=fact.size) if fact.size > 0 else entry

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
    for provider, times in Counter(fact.provider for fact in named).items():
        if times > 1:
            raise ValueError(f"a row of reports has {times} of provider {provider!r}")
    return named


def _provider(fact: Quote | Trade) -> str:
    return fact.provider


def _newness(fact: Quote | Trade) -> tuple[Nanos, int, str]:
    return fact.ts_event, fact.seq, fact.provider

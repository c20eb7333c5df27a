from __future__ import annotations

import asyncio
import gc
import math
from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace
from reactivex.testing import TestScheduler

from ordinis_rx.consensus import (
    AggregatedQuote,
    AggregationConfig,
    AggregationMethod,
    ConsensusStatus,
    ProviderStats,
    ProviderWeight,
)
from ordinis_rx.errors import AuthError
from ordinis_rx.events import Bar, TradeFlags
from ordinis_rx.pull.aggregator import DataAggregator
from ordinis_rx.pull.breaker import BreakerPolicy
from ordinis_rx.pull.failures import (
    CircuitOpen,
    NoAnswer,
    NoQuorum,
    NoQuotes,
    RateLimited,
    UnusableAnswer,
)
from ordinis_rx.pull.results import Health
from ordinis_rx.pull.sources import Answer, FunctionSource
from ordinis_rx.testing.factories import a_bar, a_quote, a_trade
from ordinis_rx.timebase import HOUR, MINUTE, SECOND
from tests.virtual import START, after, in_virtual_time, settled, virtual_loop

HUNG = 1e6


class _Source:
    """A source that can do all, and remembers that it was asked."""

    def __init__(self, name: str, answer: Any = 100.0, seconds: float = 0.01) -> None:
        self.name = name
        self.answer = answer
        self.seconds = seconds
        self.asked: list[str] = []
        self.closed = 0
        self.bars: Sequence[Bar] | Exception = ()
        self.symbols: set[str] | Exception = set()
        self.aside_seconds = 0.0
        self.aside_open = 0

    async def get_quote(self, symbol: str) -> Answer:
        self.asked.append(symbol)
        if self.seconds:
            await after(self.seconds)
        answer = self.answer(symbol) if callable(self.answer) else self.answer
        if isinstance(answer, Exception):
            raise answer
        return {"price": answer} if isinstance(answer, float) else answer

    async def get_historical(
        self, symbol: str, *, start: int, end: int, interval: int
    ) -> Sequence[Bar]:
        self.asked.append(f"{symbol} {start} {end} {interval}")
        await self._take_time()
        if isinstance(self.bars, Exception):
            raise self.bars
        return self.bars

    async def validate_symbol(self, symbol: str) -> bool:
        await self._take_time()
        if isinstance(self.symbols, Exception):
            raise self.symbols
        return symbol in self.symbols

    async def _take_time(self) -> None:
        self.aside_open += 1
        try:
            if self.aside_seconds:
                await after(self.aside_seconds)
        finally:
            self.aside_open -= 1

    async def aclose(self) -> None:
        self.closed += 1


def _all(*answers: Any) -> list[_Source]:
    return [_Source("abcdefgh"[number], answer) for number, answer in enumerate(answers)]


def _aggregator(
    sources: Sequence[Any], config: AggregationConfig | None = None, **options: Any
) -> DataAggregator:
    return DataAggregator(sources, config, now=virtual_loop().wall, **options)


async def _quote(
    *answers: Any, config: AggregationConfig | None = None, **options: Any
) -> AggregatedQuote:
    async with _aggregator(_all(*answers), config, **options) as prices:
        return await prices.get_quote("AAPL")


# Methods, weights


@pytest.mark.parametrize(
    ("method", "price"),
    [
        (AggregationMethod.MEDIAN, 100.5),
        (AggregationMethod.MEAN, 101.0),
        (AggregationMethod.WEIGHTED_MEAN, (700.0 + 201.0 + 103.0) / 10.0),
        (AggregationMethod.MIN, 100.0),
        (AggregationMethod.MAX, 103.0),
        (AggregationMethod.TRIMMED_MEAN, 100.5),
    ],
)
def test_every_method_folds_what_was_answered(method: AggregationMethod, price: float) -> None:
    @in_virtual_time
    async def story() -> None:
        weights = (ProviderWeight("a", 7.0),)
        config = AggregationConfig.original(method=method, weights=weights, trimmed_mean_pct=0.25)
        quote = await _quote(100.0, 100.5, 100.5, 103.0, config=config)

        assert quote.price == pytest.approx(price)
        assert quote.method is method
        assert (quote.symbol, quote.provider_count) == ("AAPL", 4)
        assert quote.providers_used == ("a", "b", "c", "d")

    story()


@in_virtual_time
async def test_one_provider_is_enough_unless_more_are_asked_for() -> None:
    quote = await _quote(100.0)

    assert (quote.price, quote.status) == (100.0, ConsensusStatus.DEGRADED)
    assert quote.source_summary.startswith("1 of 1: a")


@in_virtual_time
async def test_a_disabled_provider_is_not_asked() -> None:
    sources = _all(100.0, 200.0)
    config = AggregationConfig(weights=(ProviderWeight("b", enabled=False),))

    async with _aggregator(sources, config) as prices:
        quote = await prices.get_quote("AAPL")
        health = await prices.health_check()

    assert (quote.price, quote.providers_used) == (100.0, ("a",))
    assert sources[1].asked == []
    assert health.providers == {"a": True}


# Outliers, and what they take along


@in_virtual_time
async def test_one_wrong_price_among_three_is_excluded() -> None:
    """A01: a z-score of 2 could not."""
    sources = _all(100.0, 100.01, 101.0)

    async with _aggregator(sources) as prices:
        quote = await prices.get_quote("AAPL")
        stats = prices.provider_stats

    assert quote.outliers_excluded == ("c",)
    assert 100.0 <= quote.price <= 100.01
    assert [stats[name].outlier_count for name in "abc"] == [0, 0, 1]
    assert stats["c"].deviation_bps == pytest.approx(100.0, abs=2.0)
    assert stats["c"].success_count == 1  # it answered well, only wrong


def test_who_answers_first_changes_nothing() -> None:
    @in_virtual_time
    async def story() -> None:
        told: set[tuple[object, ...]] = set()
        for order in ((1, 2, 3), (3, 1, 2), (2, 3, 1), (3, 2, 1)):
            sources = _all(*({"price": p, "t": START} for p in (100.0, 100.01, 101.0)))
            for source, rank in zip(sources, order, strict=True):
                source.seconds = rank / 100
            async with _aggregator(sources) as prices:
                quote = await prices.get_quote("AAPL")
            told.add((quote.price, quote.half_width, quote.outliers_excluded, quote.status))

        assert len(told) == 1

    story()


@in_virtual_time
async def test_the_original_rule_cannot_find_one_among_three() -> None:
    quote = await _quote(100.0, 100.01, 150.0, config=AggregationConfig.original())

    assert quote.outliers_excluded == ()
    assert quote.price == 100.01


@in_virtual_time
async def test_what_is_excluded_moves_no_book() -> None:
    """A03: only those that are used have a bid and an ask."""

    def book(bid: float, ask: float) -> dict[str, object]:
        return {"bid": bid, "ask": ask}

    quote = await _quote(book(99.99, 100.01), book(99.98, 100.02), book(199.0, 201.0))

    assert quote.outliers_excluded == ("c",)
    assert 99.98 <= quote.bid <= quote.ask <= 100.02


# Validity and age


@pytest.mark.parametrize("bad", [0.0, -1.0, math.nan, math.inf, -math.inf])
def test_what_is_no_price_is_left_out_and_told(bad: float) -> None:
    """A04: a zero is no price, and a NaN no crash."""

    @in_virtual_time
    async def story() -> None:
        sources = _all(100.0, 100.1, bad)
        async with _aggregator(sources) as prices:
            answer = await prices.ask("AAPL")
            stats = prices.provider_stats["c"]

        assert answer.quote.providers_used == ("a", "b")
        assert 100.0 <= answer.quote.price <= 100.1
        ((provider, symbol, reason),) = [(r.provider, r.symbol, r.reason) for r in answer.rejects]
        assert (provider, symbol) == ("c", "AAPL")
        assert reason in {"not-positive", "not-a-number"}
        assert (stats.request_count, stats.success_count) == (1, 0)
        assert stats.errors == {"unusable": 1}

    story()


@in_virtual_time
async def test_when_no_price_is_valid_the_reasons_are_told() -> None:
    """A12, A04."""
    with pytest.raises(ValueError, match=r"^No valid prices for AAPL") as caught:
        await _quote(0.0, math.nan)

    assert isinstance(caught.value, NoQuotes)
    assert set(caught.value.causes) == {"a", "b"}
    assert all(isinstance(cause, UnusableAnswer) for cause in caught.value.causes.values())
    assert "a has no usable price of AAPL: not-positive" in str(caught.value)


@pytest.mark.parametrize("first", ["live", "old"])
def test_an_old_price_is_not_mixed_with_a_live_one(first: str) -> None:
    """A05: six hours and three days old, and no sooner told than the live one."""

    @in_virtual_time
    async def story() -> None:
        def told(price: float, age: int) -> dict[str, object]:
            return {"price": price, "timestamp": START - age}

        sources = _all(told(110.0, SECOND), told(100.0, 6 * HOUR), told(100.0, 72 * HOUR))
        for number, source in enumerate(sources if first == "live" else reversed(sources)):
            source.seconds = 0.01 * (number + 1)
        async with _aggregator(sources) as prices:
            quote = await prices.get_quote("AAPL")

        assert (quote.price, quote.providers_used) == (110.0, ("a",))
        assert quote.ts_event == START - SECOND

    story()


@in_virtual_time
async def test_a_trade_that_may_not_move_the_price_is_no_price() -> None:
    odd_lot = a_trade(100.0, symbol="AAPL", at=START, flags=TradeFlags.VOLUME)

    with pytest.raises(NoQuotes, match="No valid prices for AAPL"):
        await _quote(odd_lot)


# Failures


@in_virtual_time
async def test_failures_are_survived_and_told_with_the_answer() -> None:
    sources = _all(100.0, OSError("down"), AuthError("c", "wrong key"))

    async with _aggregator(sources) as prices:
        answer = await prices.ask("AAPL")
        stats = prices.provider_stats

    assert answer.quote.providers_used == ("a",)
    assert {r.provider_name: r.success for r in answer.results} == {
        "a": True,
        "b": False,
        "c": False,
    }
    assert stats["a"].success_rate == 1.0
    assert stats["b"].errors == {"OSError": 1}
    assert stats["c"].errors == {"auth": 1}
    assert stats["b"].last_error == START + 10_000_000


@in_virtual_time
async def test_one_fact_that_cannot_be_read_costs_the_others_nothing() -> None:
    bad = replace(a_trade(100.0, symbol="AAPL"), size=None)
    told: list[AggregatedQuote] = []

    async with _aggregator(_all(100.0, 100.0, bad)) as prices:
        quote = await prices.get_quote("AAPL")
        observing = prices.observe("AAPL", every=SECOND).subscribe(told.append)
        await after(1.5)
        observing.dispose()
        stats = prices.provider_stats["c"]

    assert [each.providers_used for each in (quote, *told)] == [("a", "b")] * 3
    assert (stats.success_count, stats.errors) == (0, {"unusable": 3})


@in_virtual_time
async def test_when_nobody_answers_every_cause_is_attached() -> None:
    """A12: causes are not lost."""
    down = OSError("down")
    with pytest.raises(ValueError, match=r"^No successful quotes for AAPL") as caught:
        await _quote(down, AuthError("b", "wrong key"), {"no": "price"})

    error = caught.value
    assert isinstance(error, NoQuotes)
    assert error.causes["a"] is down
    assert isinstance(error.causes["b"], AuthError)
    assert isinstance(error.causes["c"], UnusableAnswer)
    assert isinstance(error.__cause__, ExceptionGroup)
    assert len(error.__cause__.exceptions) == 3


@in_virtual_time
async def test_without_providers_there_are_no_quotes() -> None:
    with pytest.raises(NoQuotes, match=r"^No successful quotes for AAPL$"):
        await _quote()


@in_virtual_time
async def test_nobody_within_the_time_is_a_failure_of_each() -> None:
    sources = [_Source("a", seconds=HUNG), _Source("b", seconds=HUNG)]
    began = virtual_loop().time()

    async with _aggregator(sources, AggregationConfig(timeout_seconds=2.0)) as prices:
        with pytest.raises(NoQuotes) as caught:
            await prices.get_quote("AAPL")
        took = virtual_loop().time() - began

    assert took == pytest.approx(2.0)
    assert all(isinstance(cause, NoAnswer) for cause in caught.value.causes.values())
    assert set(caught.value.causes) == {"a", "b"}


@in_virtual_time
async def test_the_original_confidence_counts_failures_before() -> None:
    answers: list[Any] = [OSError("down"), 100.0] * 4
    config, breaker = AggregationConfig.original(), BreakerPolicy(failures=9)

    async with _aggregator(
        _all(100.0, lambda _: answers.pop(0)), config, breaker=breaker
    ) as prices:
        for _ in range(8):
            quote = await prices.get_quote("AAPL")
        rates = [stats.success_rate for stats in prices.provider_stats.values()]

    assert rates == [1.0, 0.5]
    assert quote.confidence == pytest.approx(0.3 * 2 / 5 + 0.4 + 0.3 * 0.75)


# The quorum


@in_virtual_time
async def test_too_few_answers_are_no_price_by_status() -> None:
    """A02: the quorum is kept."""
    config = AggregationConfig(min_providers=3)
    quote = await _quote(100.0, OSError(), OSError(), config=config)

    assert quote.status is ConsensusStatus.NO_QUORUM
    assert math.isnan(quote.price)
    assert not quote.has_price


@in_virtual_time
async def test_too_few_answers_are_an_error_where_that_is_asked_for() -> None:
    config = AggregationConfig(min_providers=2)

    with pytest.raises(NoQuorum, match="No quorum for AAPL: 1 of 2 needed") as caught:
        await _quote(100.0, OSError("down"), config=config, no_quorum="error")

    assert set(caught.value.causes) == {"b"}


# Latency


@in_virtual_time
async def test_one_that_hangs_costs_the_grace_and_is_then_left_alone() -> None:
    """A09: it neither sets the latency nor is it asked for ever."""
    hung = _Source("c", seconds=HUNG)
    sources = [_Source("a"), _Source("b"), hung]
    config = AggregationConfig(timeout_seconds=2.0)
    breaker = BreakerPolicy(failures=2, cool_down_seconds=60.0)

    async with _aggregator(sources, config, grace_seconds=0.25, breaker=breaker) as prices:
        loop = virtual_loop()
        took: list[float] = []
        for _ in range(4):
            began = loop.time()
            answer = await prices.ask("AAPL")
            took.append(loop.time() - began)
            await after(3.0)
        stats = prices.provider_stats["c"]
        health = await prices.health_check()

    assert took == pytest.approx([0.26, 0.26, 0.01, 0.01])
    assert len(hung.asked) == 2
    assert stats.errors == {"no-answer": 2, "left-alone": 2}
    assert [type(r.error) for r in answer.results if r.error] == [CircuitOpen]
    assert health == Health(True, "2/3 providers healthy", {"a": True, "b": True, "c": False})


@pytest.mark.parametrize(
    "useless",
    [0.0, {"bid": 99.0, "ask": math.nan}, {"price": 100.0, "t": START - 20 * SECOND}],
    ids=["zero", "one-sided", "stale"],
)
def test_an_answer_without_a_usable_price_makes_nobody_wait_for_who_hangs(useless: Any) -> None:
    @in_virtual_time
    async def story() -> None:
        sources = [_Source("a"), _Source("b", useless), _Source("c", seconds=HUNG)]
        async with _aggregator(sources) as prices:
            answer = await prices.ask("AAPL")
            took = virtual_loop().time()

        assert (answer.quote.providers_used, answer.unheard) == (("a",), ("c",))
        assert took == pytest.approx(0.01 + 0.25)

    story()


@in_virtual_time
async def test_who_comes_late_is_recorded_but_not_used() -> None:
    sources = [_Source("a"), _Source("b"), _Source("c", 100.0, seconds=1.0)]

    async with _aggregator(sources) as prices:
        answer = await prices.ask("AAPL")
        assert (answer.unheard, prices.provider_stats["c"].success_count) == (("c",), 0)
        await after(1.0)
        stats = prices.provider_stats["c"]

    assert answer.quote.providers_used == ("a", "b")
    assert stats.success_count == 1
    assert stats.latency_p50_ms == pytest.approx(1000.0)


@in_virtual_time
async def test_the_record_is_of_the_price_that_was_used() -> None:
    odd = {"price": 100.0, "bid": 110.0, "ask": 109.0}

    async with _aggregator([_Source("a"), _Source("b"), _Source("d", odd)]) as prices:
        answer = await prices.ask("AAPL")
        stats = prices.provider_stats["d"]

    assert answer.quote.providers_used == ("a", "b", "d")
    assert [reject.reason for reject in answer.rejects] == ["crossed"]
    assert stats.deviation_bps == 0.0


@in_virtual_time
async def test_a_late_zero_is_no_success() -> None:
    sources = [_Source("a"), _Source("b"), _Source("c", 0.0, seconds=1.0)]

    async with _aggregator(sources) as prices:
        await prices.get_quote("AAPL")
        await after(1.0)
        stats = prices.provider_stats["c"]

    assert (stats.success_count, stats.errors) == (0, {"unusable": 1})


@in_virtual_time
async def test_who_gives_up_asking_asks_nobody_any_more() -> None:
    sources = [_Source("a", seconds=HUNG)]

    async with _aggregator(sources) as prices:
        asking = asyncio.ensure_future(prices.get_quote("AAPL"))
        await after(1.0)
        asking.cancel()
        await asyncio.wait([asking])
        await settled()

        assert asking.cancelled()
        assert not prices._questions._tasks


# Many symbols


@in_virtual_time
async def test_many_symbols_at_once_and_what_is_missing_is_told_in_place() -> None:
    def answer(symbol: str) -> Any:
        return {"AAPL": 100.0, "MSFT": 400.0}.get(symbol, OSError("no such"))

    async with _aggregator(_all(answer, answer)) as prices:
        began = virtual_loop().time()
        told = await prices.get_quotes(["AAPL", "ZZZZ", "MSFT"])
        took = virtual_loop().time() - began

    assert list(told) == ["AAPL", "ZZZZ", "MSFT"]
    assert [q.price for q in told.values() if isinstance(q, AggregatedQuote)] == [100.0, 400.0]
    assert isinstance(told["ZZZZ"], NoQuotes)
    assert took == pytest.approx(0.01)


@pytest.mark.parametrize("symbol", ["", " AAPL"])
def test_what_is_no_symbol_is_refused(symbol: str) -> None:
    @in_virtual_time
    async def story() -> None:
        async with _aggregator(_all(1.0)) as prices:
            with pytest.raises(ValueError, match="not a symbol"):
                await prices.get_quotes(["AAPL", symbol])

    story()


# History and symbols


@in_virtual_time
async def test_bars_come_from_the_first_that_has_any_in_order() -> None:
    sources = _all(1.0, 1.0, 1.0, 1.0)
    sources[0].bars = OSError("down")
    sources[2].bars = [a_bar(5.0, symbol="AAPL")]
    sources[3].bars = [a_bar(6.0, symbol="AAPL")]

    async with _aggregator([FunctionSource("z", sources[0].get_quote), *sources]) as prices:
        bars = await prices.get_historical("AAPL", start=0, end=HOUR)

    assert [bar.close for bar in bars] == [5.0]
    assert [source.asked for source in sources] == [[f"AAPL 0 {HOUR} {MINUTE}"]] * 3 + [[]]


@in_virtual_time
async def test_no_bars_at_all_are_no_error_but_failures_of_all_are() -> None:
    sources = _all(1.0, 1.0)
    async with _aggregator(sources) as prices:
        sources[0].bars = OSError("down")
        assert list(await prices.get_historical("AAPL", start=0, end=HOUR)) == []

        sources[1].bars = AuthError("b", "no plan")
        with pytest.raises(NoQuotes, match="No bars of AAPL") as caught:
            await prices.get_historical("AAPL", start=0, end=HOUR)

    assert set(caught.value.causes) == {"a", "b"}


@in_virtual_time
async def test_a_symbol_is_valid_when_anybody_says_so() -> None:
    sources = _all(1.0, 1.0)
    sources[0].symbols = OSError("down")
    sources[1].symbols = {"AAPL"}

    async with _aggregator([*sources, FunctionSource("z", sources[0].get_quote)]) as prices:
        assert [await prices.validate_symbol(s) for s in ("AAPL", "ZZZZ")] == [True, False]


# Providers come and go


def test_two_of_one_name_are_refused() -> None:
    """A10."""
    with pytest.raises(ValueError, match="two providers are named 'a'"):
        DataAggregator([_Source("a"), _Source("a")])


@in_virtual_time
async def test_providers_come_and_go_while_it_runs() -> None:
    first, second = _Source("a", 100.0), _Source("b", 100.02)
    async with _aggregator([first]) as prices:
        assert (await prices.get_quote("AAPL")).providers_used == ("a",)

        prices.add_provider(second)
        prices.add_provider(second)  # changes nothing
        assert (await prices.get_quote("AAPL")).providers_used == ("a", "b")
        with pytest.raises(ValueError, match="another provider is named 'b' already"):
            prices.add_provider(_Source("b"))

        assert prices.remove_provider("a") is first
        assert prices.remove_provider("a") is None
        assert (await prices.get_quote("AAPL")).providers_used == ("b",)
        assert list(prices.provider_stats) == ["b"]

    assert (first.closed, second.closed) == (0, 1)  # the first was handed back


def test_the_providers_handed_out_are_a_copy() -> None:
    source = _Source("a")
    prices = DataAggregator([source])

    prices.providers.clear()

    assert prices.providers == {"a": source}
    assert repr(prices) == "DataAggregator(a)"


def test_weights_of_a_provider_that_there_is_not_are_refused() -> None:
    config = AggregationConfig(weights=(ProviderWeight("a"), ProviderWeight("typo")))

    with pytest.raises(ValueError, match="weights name provider 'typo'; there are a, b"):
        DataAggregator([_Source("a"), _Source("b")], config)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"grace_seconds": -1.0}, "grace_seconds must be a number, 0 or more, got -1.0"),
        ({"no_quorum": "panic"}, "no_quorum must be one of 'status', 'error', got 'panic'"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        DataAggregator([], **options)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (
            lambda: DataAggregator([5]),
            r"a source has a name and an async get_quote\(symbol\), got 5",
        ),
        (
            lambda: DataAggregator([], 5),
            "DataAggregator: config must be an AggregationConfig, got 5",
        ),
        (lambda: DataAggregator([], breaker=5), "DataAggregator: breaker must be a BreakerPolicy"),
        (
            lambda: DataAggregator([]).observe("A", every=0.5),
            "observe: every must be a whole number of",
        ),
    ],
)
def test_what_is_of_another_type_is_refused_by_name(make: Any, told: str) -> None:
    with pytest.raises(TypeError, match=told):
        make()


@in_virtual_time
async def test_several_symbols_are_not_the_letters_of_one() -> None:
    async with _aggregator(_all(100.0)) as prices:
        with pytest.raises(
            TypeError, match=r"get_quotes wants symbols, as in \['AAPL'\], got 'AAPL'"
        ):
            await prices.get_quotes("AAPL")


def test_a_duration_without_its_unit_is_doubted(caplog: pytest.LogCaptureFixture) -> None:
    DataAggregator([]).observe("AAPL", every=5)

    assert "observe: every is 5 nanoseconds; durations have a unit" in caplog.text


@in_virtual_time
async def test_who_is_left_alone_is_left_with_the_reason() -> None:
    sources = _all(100.0, AuthError("b", "wrong key"))
    async with _aggregator(sources) as prices:
        await prices.get_quote("AAPL")
        second = await prices.ask("AAPL")

    (refused,) = [result for result in second.results if result.error is not None]
    assert "left alone after failures" in str(refused.error)
    assert "the last was: b refused: wrong key" in str(refused.error)


@in_virtual_time
async def test_health_needs_as_many_as_the_quorum() -> None:
    sources = _all(100.0, AuthError("b", "wrong key"))
    async with _aggregator(sources, AggregationConfig(min_providers=2)) as prices:
        before = await prices.health_check()
        await prices.get_quote("AAPL")
        after_it = await prices.health_check()

    assert (before.healthy, before.message) == (True, "2/2 providers healthy")
    assert (after_it.healthy, after_it.message) == (False, "1/2 providers healthy")


@in_virtual_time
async def test_who_was_asked_too_often_is_left_alone_and_cannot_be_asked() -> None:
    limited = RateLimited("b", cool_down=60.0)
    sources = _all(100.0, limited)
    async with _aggregator(sources) as prices:
        for _ in range(3):
            await prices.get_quote("AAPL")
        health = await prices.health_check()

    assert sources[1].asked == ["AAPL"]
    assert health == Health(True, "1/2 providers healthy", {"a": True, "b": False})


# Observed


@in_virtual_time
async def test_a_symbol_is_observed_regularly() -> None:
    source = _Source("a", lambda _: {"price": 100.0 + virtual_loop().time()}, seconds=0.0)
    told: list[AggregatedQuote] = []

    async with _aggregator([source, _Source("b", 100.0)]) as prices:
        observing = prices.observe("AAPL", every=10 * SECOND).subscribe(told.append)
        await after(25.0)
        observing.dispose()

    assert len(told) == 3
    assert [quote.ts_event for quote in told] == sorted({quote.ts_event for quote in told})


@in_virtual_time
async def test_observing_goes_on_when_nobody_answers() -> None:
    answers: list[Any] = [100.0, OSError("down"), 101.0]
    source = _Source("a", lambda _: answers.pop(0))
    told: list[AggregatedQuote] = []
    scheduler = TestScheduler()

    async with _aggregator([source]) as prices:
        observing = prices.observe("AAPL", every=10 * SECOND).subscribe(
            told.append, scheduler=scheduler
        )
        for moment in (1.0, 11.0, 21.0):
            scheduler.advance_to(moment)
            await after(5.0)
        observing.dispose()

    assert [quote.has_price for quote in told] == [True, False, True]
    assert told[1].status is ConsensusStatus.NO_QUORUM
    assert told[2].price == 101.0


@in_virtual_time
async def test_observing_remembers_how_providers_fared() -> None:
    off = iter([100.0] * 5 + [100.5] * 5)
    sources = _all(100.0, 100.0, lambda _: next(off))
    told: list[AggregatedQuote] = []

    async with _aggregator(sources) as prices:
        observing = prices.observe("AAPL", every=SECOND).subscribe(told.append)
        await after(9.5)
        observing.dispose()

    assert [quote.outliers_excluded for quote in told][:5] == [()] * 5
    assert [quote.outliers_excluded for quote in told][-3:] == [("c",)] * 3


@in_virtual_time
async def test_the_word_of_a_removed_provider_does_not_make_up_for_one_that_fails() -> None:
    told: list[AggregatedQuote] = []

    async with _aggregator(_all(100.0, 100.01)) as prices:
        observing = prices.observe("AAPL", every=SECOND).subscribe(told.append)
        await after(0.5)
        prices.remove_provider("b")
        prices.add_provider(_Source("c", OSError("down")))
        await after(1.0)
        observing.dispose()

    assert [(quote.providers_used, quote.status) for quote in told] == [
        (("a", "b"), ConsensusStatus.OK),
        (("a",), ConsensusStatus.DEGRADED),
    ]


@in_virtual_time
async def test_who_was_asked_and_is_in_no_answer_is_lost_in_every_round() -> None:
    told: list[AggregatedQuote] = []
    old = {"price": 100.0, "ts_event": virtual_loop().wall() - 1900 * SECOND}

    async with _aggregator(_all(old, 100.0, OSError("down"))) as prices:
        observing = prices.observe("AAPL", every=SECOND).subscribe(told.append)
        await after(2.5)
        observing.dispose()
    async with _aggregator(_all(OSError("down"), math.nan)) as prices:
        observing = prices.observe("AAPL", every=SECOND).subscribe(told.append)
        await after(0.5)
        observing.dispose()

    *priced, nothing = told
    assert len(priced) == 3
    assert [set(quote.stale) | set(quote.lost) for quote in priced] == [{"a", "c"}] * 3
    assert (nothing.status, nothing.lost) == (ConsensusStatus.NO_QUORUM, ("a", "b"))


@pytest.mark.parametrize("every", [0, -1])
def test_how_often_to_ask_is_positive(every: int) -> None:
    with pytest.raises(ValueError, match=f"every must be 1 or more nanoseconds, .* got {every}"):
        DataAggregator([]).observe("AAPL", every=every)
    with pytest.raises(ValueError, match=f"every must be 1 or more nanoseconds, .* got {every}"):
        DataAggregator([]).observe_stats(every=every)


@in_virtual_time
async def test_records_are_told_regularly_without_asking_anybody() -> None:
    sources = _all(100.0, OSError("down"))
    told: list[tuple[ProviderStats, ...]] = []

    async with _aggregator(sources[::-1]) as prices:
        telling = prices.observe_stats(every=10 * SECOND).subscribe(told.append)
        await after(5.0)
        await prices.get_quote("AAPL")
        await after(20.0)
        telling.dispose()
        await after(20.0)

    assert [[(each.provider, each.request_count) for each in stats] for stats in told] == [
        [("a", 0), ("b", 0)],
        [("a", 1), ("b", 1)],
        [("a", 1), ("b", 1)],
    ]
    assert [each.error_count for each in told[-1]] == [0, 1]
    assert [source.asked for source in sources] == [["AAPL"], ["AAPL"]]


@in_virtual_time
async def test_bars_and_symbols_count_as_answers_too() -> None:
    (source,) = _all(100.0)
    source.bars = [a_bar(5.0, symbol="AAPL")]
    async with _aggregator([source]) as prices:
        await prices.get_historical("AAPL", start=0, end=HOUR)
        await prices.validate_symbol("AAPL")
        await prices.get_quote("AAPL")
        stats = prices.provider_stats["a"]

    assert (stats.request_count, stats.success_count, stats.success_rate) == (3, 3, 1.0)
    assert stats.avg_latency_ms == pytest.approx(10.0 / 3)


@in_virtual_time
async def test_a_deviation_is_that_of_the_price_that_was_used() -> None:
    quote = a_quote(99.0, 101.0, bid_size=3.0, ask_size=1.0, symbol="AAPL", at=START)
    config = AggregationConfig(price="microprice")
    async with _aggregator(_all(quote), config) as prices:
        answer = await prices.get_quote("AAPL")
        stats = prices.provider_stats["a"]

    assert answer.price == 100.5
    assert stats.deviation_bps == pytest.approx(0.0, abs=1e-9)


@in_virtual_time
async def test_a_fact_is_as_good_as_a_mapping() -> None:
    quote = await _quote(
        a_quote(99.0, 101.0, symbol="AAPL", at=START), {"price": 100.0, "timestamp": START}
    )

    assert (quote.price, quote.bid, quote.ask, quote.provider_count) == (100.0, 99.0, 101.0, 2)


@in_virtual_time
async def test_closing_leaves_nothing_behind() -> None:
    sources = [_Source("a"), _Source("b"), _Source("c", seconds=HUNG)]
    prices = _aggregator(sources)
    await prices.get_quote("AAPL")

    await prices.aclose()
    gc.collect()

    assert [source.closed for source in sources] == [1, 1, 1]
    assert asyncio.all_tasks() == {asyncio.current_task()}


@in_virtual_time
async def test_who_asks_for_what_is_no_text_or_after_the_end_is_told_so() -> None:
    prices = DataAggregator([_Source("a")])

    with pytest.raises(TypeError, match=r"symbol must be a text, as in 'AAPL', got \['AAPL'\]"):
        await prices.get_quote(["AAPL"])  # type: ignore[arg-type]
    await prices.aclose()
    with pytest.raises(RuntimeError, match="the aggregator is closed, and asks nobody for AAPL"):
        await prices.get_quote("AAPL")
    with pytest.raises(RuntimeError, match="the aggregator is closed, and asks nobody for AAPL"):
        await prices.get_historical("AAPL", start=0, end=HOUR)
    with pytest.raises(RuntimeError, match="the aggregator is closed, and asks nobody for AAPL"):
        await prices.validate_symbol("AAPL")


@in_virtual_time
async def test_one_that_cannot_be_closed_leaves_no_other_open() -> None:
    async def fail() -> None:
        raise OSError("cannot close")

    async def close_slowly() -> None:
        await after(0.05)
        sources[1].closed += 1

    sources = _all(100.0, 100.0)
    sources[0].aclose = fail  # type: ignore[method-assign]
    sources[1].aclose = close_slowly  # type: ignore[method-assign]

    with pytest.raises(OSError, match="cannot close"):
        await _aggregator(sources).aclose()

    assert sources[1].closed == 1


@in_virtual_time
async def test_what_is_no_question_about_a_price_is_given_up_at_the_end_too() -> None:
    sources = _all(1.0, 1.0)
    for source in sources:
        source.aside_seconds = HUNG
    prices = _aggregator(sources)
    bars = asyncio.ensure_future(prices.get_historical("AAPL", start=0, end=HOUR))
    valid = asyncio.ensure_future(prices.validate_symbol("AAPL"))
    await after(1.0)

    await prices.aclose()

    with pytest.raises(NoQuotes, match="b did not answer: the question was given up"):
        await bars
    assert await valid is False
    assert [source.aside_open for source in sources] == [0, 0]
    assert sources[1].asked == []


@in_virtual_time
async def test_bars_of_who_hangs_are_waited_for_no_longer_than_was_said() -> None:
    (source,) = _all(1.0)
    source.aside_seconds = HUNG
    async with _aggregator([source], AggregationConfig(timeout_seconds=2.0)) as prices:
        with pytest.raises(NoQuotes, match="a did not answer: nothing within 2 s"):
            await prices.get_historical("AAPL", start=0, end=HOUR)
        await settled()
        stats = prices.provider_stats["a"]

    assert virtual_loop().time() == pytest.approx(2.0)
    assert stats.errors == {"no-answer": 1}


@in_virtual_time
async def test_who_gives_up_waiting_for_bars_asks_nobody_any_more() -> None:
    (source,) = _all(1.0)
    source.aside_seconds = HUNG
    async with _aggregator([source]) as prices:
        asking = asyncio.ensure_future(prices.get_historical("AAPL", start=0, end=HOUR))
        await after(1.0)
        asking.cancel()
        await asyncio.wait([asking])
        await settled()

        assert asking.cancelled()
        assert source.aside_open == 0

"""Rows of reports: the original's answers by its rules, exact methods, and plain Rx in front."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

import pytest
import reactivex as rx
from hypothesis import given
from hypothesis import strategies as st
from reactivex import Observable

from ordinis_rx.consensus import (
    AggregatedQuote,
    AggregationConfig,
    AggregationMethod,
    ConsensusStatus,
    Folding,
    LeaveOneOutZ,
    MadOutlier,
    NoOutliers,
    ProviderWeight,
    Reject,
    RobustOutlier,
    ZScoreOutlier,
    aggregate,
    combine,
    consensus,
    panel,
    reject_outliers,
    score,
    validate,
)
from ordinis_rx.events import MOVES_ALL, Event, Quote, Trade, TradeFlags
from ordinis_rx.operators.side import SideOutput
from ordinis_rx.stream import numbered
from ordinis_rx.testing import a_quote, a_trade, through
from ordinis_rx.timebase import HOUR, SECOND

MEDIAN, MEAN, WEIGHTED, MIN, MAX, TRIMMED = AggregationMethod
NAMES = "abcdefghijkl"


def trades(prices: Sequence[float], **sizes: float) -> list[Quote | Trade]:
    return [
        a_trade(price, provider=name, size=sizes.get(name, 0.0))
        for name, price in zip(NAMES, prices, strict=False)
    ]


def fold(prices: Sequence[float], config: AggregationConfig) -> AggregatedQuote:
    return Folding(config)(trades(prices))


# What the original says, in plain words of the standard library


def original_outliers(prices: dict[str, float], threshold: float = 2.0) -> set[str]:
    if len(prices) < 3:
        return set()
    mean, stdev = statistics.mean(prices.values()), statistics.stdev(prices.values())
    if stdev == 0:
        return set()
    out = {name for name, price in prices.items() if abs((price - mean) / stdev) > threshold}
    return set() if len(out) == len(prices) else out


def original_price(
    used: dict[str, float], method: AggregationMethod, weights: dict[str, float]
) -> float:
    values = sorted(used.values())
    n = len(values)
    if method is WEIGHTED:
        total = sum(weights.get(name, 1.0) for name in used)
        if total == 0:
            return statistics.mean(values)
        return sum(price * weights.get(name, 1.0) for name, price in used.items()) / total
    if method is TRIMMED:
        cut = max(1, int(n * 0.1))
        return statistics.mean(values[cut:-cut] if n >= 3 and cut < n // 2 else values)
    plain = {MEDIAN: statistics.median, MEAN: statistics.mean, MIN: min, MAX: max}
    return float(plain[method](values))


def original_confidence(used: dict[str, float], outliers: int, success: float = 1.0) -> float:
    agreement = 0.5
    if len(used) > 1:
        mean = statistics.mean(used.values())
        agreement = max(0.0, 1 - 10 * max(abs(price - mean) / mean for price in used.values()))
    score = 0.3 * min(len(used) / 5, 1) + 0.4 * agreement + 0.3 * success - 0.1 * outliers
    return max(0.0, min(1.0, score))


@given(
    prices=st.lists(
        st.sampled_from([100.0, 100.1, 99.95, 150.0, 80.0]) | st.floats(50, 200), min_size=1, max_size=12
    ),
    method=st.sampled_from(AggregationMethod),
    weights=st.lists(st.sampled_from([0.0, 0.5, 1.0, 3.0]), max_size=4),
)  # fmt: skip
def test_by_the_original_rules_the_answers_are_the_originals(
    prices: list[float], method: AggregationMethod, weights: list[float]
) -> None:
    named = dict(zip(NAMES, prices, strict=False))
    weighed = dict(zip(NAMES, weights, strict=False))
    config = AggregationConfig.original(
        method=method, weights=tuple(ProviderWeight(*pair) for pair in weighed.items())
    )
    out = original_outliers(named)
    used = {name: price for name, price in named.items() if name not in out}

    answer = fold(prices, config)

    assert set(answer.outliers_excluded) == out
    assert set(answer.providers_used) == set(used)
    assert answer.price == pytest.approx(original_price(used, method, weighed), rel=1e-12)
    assert answer.confidence == pytest.approx(original_confidence(used, len(out)), rel=1e-9)


def test_the_original_confidence_knows_who_failed() -> None:
    answer = Folding(AggregationConfig.original())(trades([100.0, 100.0]), success={"a": 0.5})

    assert answer.confidence == pytest.approx(0.3 * 0.4 + 0.4 + 0.3 * 0.75)


# Methods

EXACT = [
    (MEDIAN, [3.0], 3.0),
    (MEDIAN, [1.0, 4.0], 2.5),
    (MEDIAN, [1.0, 2.0, 9.0], 2.0),
    (MEDIAN, [1.0, 2.0, 4.0, 9.0], 3.0),
    (MEDIAN, [2.0, 2.0, 2.0], 2.0),
    (MEAN, [1.0, 2.0, 6.0], 3.0),
    (WEIGHTED, [1.0, 2.0, 6.0], 3.0),
    (MIN, [2.0, 1.0], 1.0),
    (MAX, [2.0, 1.0], 2.0),
    (TRIMMED, [1.0], 1.0),
    (TRIMMED, [1.0, 3.0], 2.0),
    (TRIMMED, [1.0, 2.0, 6.0], (0.7 * 1.0 + 2.0 + 0.7 * 6.0) / 2.4),
    (TRIMMED, [1.0, 2.0, 3.0, 4.0, 10.0, 20.0, 21.0, 22.0, 23.0, 99.0], 13.125),
]


@pytest.mark.parametrize(("method", "prices", "expected"), EXACT)
def test_methods_are_exact(method: AggregationMethod, prices: list[float], expected: float) -> None:
    config = AggregationConfig(method=method, outliers=NoOutliers())

    assert fold(prices, config).price == pytest.approx(expected, rel=1e-14)


def test_weights_weigh_the_mean_and_the_median() -> None:
    weights = (ProviderWeight("a", 1.0), ProviderWeight("b", 3.0))

    means = AggregationConfig(method=WEIGHTED, weights=weights, outliers=NoOutliers())
    medians = AggregationConfig(weights=weights, outliers=NoOutliers())

    assert fold([1.0, 2.0], means).price == 1.75
    assert fold([1.0, 2.0, 9.0], medians).price == 2.0
    assert fold([5.0, 2.0, 9.0], medians).price == 2.0


def test_min_and_max_are_taken_after_the_outlier_has_gone() -> None:
    prices = [100.0, 100.01, 100.02, 150.0]

    assert fold(prices, AggregationConfig(method=MAX)).price == 100.02
    assert fold([50.0, *prices[:3]], AggregationConfig(method=MIN)).price == 100.0


# Faults of the original, each shown to be none of ours


def test_A01_one_bad_provider_of_three_is_caught() -> None:
    for rule in (RobustOutlier(confirm=1), LeaveOneOutZ(), MadOutlier()):
        answer = fold([100.0, 100.01, 105.0], AggregationConfig(outliers=rule))
        assert answer.outliers_excluded == ("c",)
    assert fold([100.0, 100.01, 105.0], AggregationConfig.original()).outliers_excluded == ()


def test_A02_the_quorum_is_enforced() -> None:
    answer = fold([100.0, 100.0], AggregationConfig(min_providers=3))

    assert answer.status is ConsensusStatus.NO_QUORUM
    assert not answer.has_price
    assert answer.confidence == 0.0


def test_A03_what_is_excluded_moves_no_other_field() -> None:
    good = [a_quote(99.99, 100.01, provider=name) for name in "ab"]
    row = [*good, a_quote(199.0, 201.0, provider="c"), a_trade(100.0, provider="d", size=7.0)]
    config = AggregationConfig(outliers=RobustOutlier(confirm=1))

    answer = Folding(config)([*row, a_trade(150.0, provider="e", size=9e6)])

    assert answer.outliers_excluded == ("c", "e")
    assert (answer.bid, answer.ask, answer.volume) == (99.99, 100.01, 7.0)


def test_A03_the_book_never_crosses() -> None:
    row = [
        a_quote(100.2, 100.3, provider="a"),
        a_quote(99.7, 99.8, provider="b"),
        a_quote(100.0, 100.1, provider="c"),
        a_trade(100.0, provider="d"),
    ]

    answer = Folding(AggregationConfig(outliers=NoOutliers()))(row)

    assert answer.bid <= answer.ask
    assert answer.crossed_share == 1.0


def test_A03_volume_is_not_counted_once_a_provider() -> None:
    row = trades([100.0] * 3, a=5.0, b=6.0, c=7.0)

    said = [Folding(AggregationConfig(volume=how))(row).volume for how in ("max", "median", "sum")]  # type: ignore[arg-type]

    assert said == [7.0, 6.0, 18.0]


@pytest.mark.parametrize("bad", [0.0, -1.0, math.nan, math.inf])
def test_A04_what_is_no_price_is_rejected(bad: float) -> None:
    rejects: SideOutput[Reject] = SideOutput()
    told: list[Reject] = []
    rejects.subscribe(told.append)

    answer = Folding(AggregationConfig(), rejects=rejects)(trades([100.0, 100.1, bad]))

    assert answer.providers_used == ("a", "b")
    assert [(each.provider, each.symbol) for each in told] == [("c", "A")]
    assert told[0].reason in ("not-a-number", "not-positive")


def test_A05_what_is_old_is_not_used() -> None:
    old = [a_trade(110.0, provider=name, at=0) for name in "ab"]

    answer = Folding(AggregationConfig())([*old, a_trade(100.0, provider="c", at=6 * SECOND)])

    assert (answer.price, answer.stale) == (100.0, ("a", "b"))
    assert answer.ts_event == 6 * SECOND


def test_A06_confidence_falls_with_disagreement() -> None:
    config = AggregationConfig(outliers=NoOutliers())
    said = [fold([100.0, 100.0 + off, 100.0 - off], config) for off in (0.0, 0.02, 0.1, 1.0)]

    confidences = [answer.confidence for answer in said]
    assert confidences == sorted(confidences, reverse=True)
    assert confidences[0] > 0.9
    assert confidences[-1] < 0.1
    apart = fold([90.0, 110.0], AggregationConfig())
    assert apart.confidence < fold([100.0], AggregationConfig()).confidence


def test_A07_weights_that_make_no_sense_are_refused_and_prices_stay_between_the_reports() -> None:
    with pytest.raises(
        ValueError, match="ProviderWeight: weight of 'a' must be a finite number, 0 or more, got -1"
    ):
        ProviderWeight("a", -1.0)
    weights = (ProviderWeight("a", 0.0), ProviderWeight("b", 5.0))

    answer = fold([100.0, 110.0], AggregationConfig(method=WEIGHTED, weights=weights))

    assert answer.price == 110.0


def test_A08_the_trimmed_mean_trims_what_it_says() -> None:
    def trimmed(prices: list[float], share: float) -> float:
        config = AggregationConfig(method=TRIMMED, trimmed_mean_pct=share, outliers=NoOutliers())
        return fold(prices, config).price

    assert trimmed([100.0, 100.0, 1000.0], 1 / 3) == pytest.approx(100.0)
    assert trimmed([1.0, 2.0, 6.0], 0.0) == 3.0
    assert trimmed([1.0, 2.0, 4.0, 99.0], 0.25) == 3.0


def test_A10_two_providers_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="a row of reports has 2 trades of provider 'a'"):
        Folding(AggregationConfig())([a_trade(1.0, provider="a"), a_trade(2.0, provider="a")])


@given(st.lists(st.floats(-0.5, 0.5), min_size=3, max_size=10))
def test_A11_honest_providers_close_together_are_left_alone(noise_bps: list[float]) -> None:
    prices = [100.0 * (1 + each * 1e-4) for each in noise_bps]

    for rule in (RobustOutlier(), LeaveOneOutZ(), MadOutlier()):
        assert fold(prices, AggregationConfig(outliers=rule)).outliers_excluded == ()


def test_A11_two_bad_providers_do_not_hide_each_other() -> None:
    prices = [100.0, 100.01, 99.99, 101.0, 101.0]

    for rule in (RobustOutlier(confirm=1), MadOutlier()):
        assert fold(prices, AggregationConfig(outliers=rule)).outliers_excluded == ("d", "e")


# Camps


def test_two_far_apart_are_in_dispute_and_the_interval_holds_both() -> None:
    answer = fold([100.0, 101.0], AggregationConfig())

    assert answer.status is ConsensusStatus.DISPUTED
    assert answer.price - answer.half_width <= 100.0
    assert answer.price + answer.half_width >= 101.0
    assert answer.outliers_excluded == ()


def test_two_camps_of_equal_weight_have_no_price() -> None:
    folding = Folding(AggregationConfig())

    said = [folding(trades([100.0, 100.0, 101.0, 101.0])) for _ in range(2)]

    assert [answer.status.name for answer in said] == ["DISPUTED", "NO_CONSENSUS"]
    assert not said[-1].has_price


def test_one_alone_passes_with_an_interval() -> None:
    answer = fold([100.0], AggregationConfig())

    assert (answer.price, answer.status) == (100.0, ConsensusStatus.DEGRADED)
    assert answer.half_width == pytest.approx(100.0 * 1e-4 * 2.776, rel=1e-3)


def test_more_than_a_minority_is_never_excluded() -> None:
    answer = fold([90.0, 95.0, 100.0, 105.0, 110.0], AggregationConfig(outliers=MadOutlier(0.1)))

    assert len(answer.outliers_excluded) <= 2
    assert answer.status is ConsensusStatus.DISPUTED


# Rows in plain Rx


def test_zip_and_combine_latest_feed_it() -> None:
    a = [a_quote(9.0, 11.0, provider="a", at=t, seq=t) for t in (1, 2)]
    b = [a_quote(9.0, 11.0, provider="b", at=t, seq=t) for t in (1, 2)]
    zipped: list[AggregatedQuote] = []
    latest: list[AggregatedQuote] = []

    rx.zip(rx.from_iterable(a), rx.from_iterable(b)).pipe(aggregate()).subscribe(zipped.append)
    rx.combine_latest(rx.from_iterable(a), rx.from_iterable(b)).pipe(aggregate(MEAN)).subscribe(
        latest.append
    )

    assert [answer.price for answer in zipped] == [10.0, 10.0]
    assert {answer.method for answer in latest} == {MEAN}


def test_each_subscriber_has_a_state_of_its_own() -> None:
    rows = rx.from_iterable([trades([100.0, 100.0, 105.0])] * 2).pipe(aggregate())
    heard: list[list[str]] = [[], []]

    for each in heard:
        rows.subscribe(lambda answer, each=each: each.append(answer.source_summary))

    assert heard[0] == heard[1]
    assert heard[0] == ["3 of 3: a, b, c", "2 of 3: a, b; c excluded (outlier)"]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ([], "at least one, got none"),
        ([a_trade(1.0, symbol="A"), a_trade(1.0, symbol="B")], "about one symbol, got A, B"),
    ],
)
def test_a_row_that_makes_no_sense_ends_the_stream(row: list[Trade], told: str) -> None:
    errors: list[Exception] = []

    rx.of(row).pipe(aggregate()).subscribe(lambda _: None, errors.append)

    assert told in str(errors[0])


def test_providers_without_a_name_are_named_by_their_place() -> None:
    answer = Folding(AggregationConfig())([a_trade(1.0), a_trade(1.0)])

    assert answer.providers_used == ("#1", "#2")


def test_disabled_providers_are_not_listened_to() -> None:
    config = AggregationConfig(weights=(ProviderWeight("b", enabled=False),))

    assert fold([1.0, 2.0], config).providers_used == ("a",)


def test_the_time_may_be_told_from_outside() -> None:
    answer = Folding(AggregationConfig())(trades([1.0]), now=6 * SECOND)

    assert answer.status is ConsensusStatus.NO_QUORUM
    assert answer.stale == ("a",)


@pytest.mark.parametrize("method", AggregationMethod)
def test_a_whole_row_is_what_the_stream_says_at_its_last_report(method: AggregationMethod) -> None:
    config = AggregationConfig(method=method, outliers=ZScoreOutlier(1.1), emit="every")
    row = [a_quote(99 + k, 101 + k, provider=name) for k, name in enumerate("abcde")]

    streamed = through(consensus(config), numbered(row))[-1]
    answer = Folding(config)(row)

    assert answer.price == pytest.approx(streamed.price)
    assert answer.providers_used == streamed.providers_used
    assert (answer.bid, answer.ask) == (streamed.bid, streamed.ask)


def test_what_has_arrived_is_not_ahead_of_a_time_told_from_outside() -> None:
    refused: list[Reject] = []
    rejects: SideOutput[Reject] = SideOutput()
    rejects.subscribe(refused.append)
    fold = Folding(AggregationConfig(), rejects=rejects)
    arrived = a_quote(9.0, 11.0, provider="a", at=3 * HOUR, ts_recv=3 * HOUR)
    unknown = a_quote(19.0, 21.0, provider="b", at=3 * HOUR)

    answer = fold([arrived, unknown], now=1 * HOUR)

    assert (answer.price, answer.providers_used, answer.age) == (10.0, ("a",), 0)
    assert [(each.provider, each.reason) for each in refused] == [("b", "ahead")]


@pytest.mark.parametrize("past", [0, 1])
def test_the_window_holds_what_is_exactly_as_far_away_as_it_is_wide(past: int) -> None:
    config = AggregationConfig(time_window=HOUR, max_age=2 * HOUR)
    ahead = a_quote(9.0, 11.0, provider="a", at=2 * HOUR + past)
    late = a_quote(9.0, 11.0, provider="b", at=-past)

    answer = Folding(config)([ahead, late], now=HOUR)

    assert answer.providers_used == (("a", "b"), ())[past]


def test_an_answer_has_the_stamps_of_the_newest_report() -> None:
    older = a_quote(9.0, 11.0, symbol="AAPL", provider="a", at=5, ts_recv=8, seq=1)
    newest = a_quote(9.0, 11.0, symbol="AAPL", provider="b", at=6, ts_recv=9, seq=2)

    answer = Folding(AggregationConfig())([newest, older])

    assert (answer.symbol, answer.ts_event, answer.ts_recv, answer.seq) == ("AAPL", 6, 9, 2)


def test_a_report_that_is_not_used_stands_in_nobodys_way() -> None:
    config = AggregationConfig(weights=(ProviderWeight("a", enabled=False),))
    row = [a_quote(9.0, 11.0, provider=name) for name in "abc"]

    assert Folding(config)(row).providers_used == ("b", "c")


@pytest.mark.parametrize("past", [0, 1])
def test_a_report_may_be_as_old_as_its_symbol_allows(past: int) -> None:
    config = AggregationConfig(max_age=SECOND, max_age_by_symbol={"SLOW": HOUR})
    fold = Folding(config)

    def used(symbol: str, age: int) -> tuple[str, ...]:
        old = a_quote(9.0, 11.0, symbol=symbol, provider="a", at=0)
        new = a_quote(9.0, 11.0, symbol=symbol, provider="b", at=age, ts_recv=age)
        return fold([old, new]).providers_used

    assert used("SLOW", HOUR + past) == (("a", "b"), ("b",))[past]
    assert used("QUICK", SECOND + past) == (("a", "b"), ("b",))[past]


@pytest.mark.parametrize("by_operator", [False, True])
def test_what_is_rejected_is_told_with_its_stamps_and_its_value(by_operator: bool) -> None:
    refused: list[Reject] = []
    rejects: SideOutput[Reject] = SideOutput()
    rejects.subscribe(refused.append)
    crossed = a_quote(12.0, 10.0, symbol="A", provider="q", at=5, ts_recv=8, seq=3)
    free = a_trade(-1.0, symbol="A", provider="t", at=6, ts_recv=9, seq=4)
    good = a_trade(11.0, symbol="A", provider="z", at=6, ts_recv=9, seq=5)

    if by_operator:
        rx.of([crossed, free, good]).pipe(aggregate(rejects=rejects)).subscribe().dispose()
    else:
        Folding(AggregationConfig(), rejects=rejects)([crossed, free, good])

    assert [(r.symbol, r.provider, r.ts_event, r.ts_recv, r.seq, r.value) for r in refused] == [
        ("A", "q", 5, 8, 3, 11.0),
        ("A", "t", 6, 9, 4, -1.0),
    ]
    assert [each.reason for each in refused] == ["crossed", "not-positive"]


def test_a_quote_is_worth_its_mid_or_by_choice_its_microprice() -> None:
    quote = a_quote(9.0, 11.0, bid_size=3.0, ask_size=1.0)

    assert Folding(AggregationConfig())([quote]).price == 10.0
    assert Folding(AggregationConfig(price="microprice"))([quote]).price == 10.5


@pytest.mark.parametrize(("size", "volume"), [(1.0, 1.0), (0.5, 0.5), (0.0, math.nan)])
def test_the_volume_is_that_of_trades_that_have_one(size: float, volume: float) -> None:
    assert Folding(AggregationConfig())([a_trade(9.0, size=size)]).volume == pytest.approx(
        volume, nan_ok=True
    )


def test_a_time_of_arrival_of_a_nanosecond_is_one() -> None:
    ahead = a_quote(9.0, 11.0, provider="a", at=3 * HOUR, ts_recv=1)

    assert Folding(AggregationConfig())([ahead], now=0).providers_used == ("a",)


def test_as_many_providers_are_used_as_a_stream_may_have_and_the_rest_are_told() -> None:
    rejects: SideOutput[Reject] = SideOutput()
    refused: list[Reject] = []
    rejects.subscribe(refused.append)
    facts = [a_quote(99.0, 101.0, provider=f"p{k:02}") for k in range(64)]

    answer = Folding(AggregationConfig(), rejects=rejects)(facts)

    assert (answer.price, answer.provider_count) == (100.0, 62)
    assert [(each.provider, each.reason) for each in refused] == [
        ("p62", "too-many-providers"),
        ("p63", "too-many-providers"),
    ]


def test_a_trade_that_may_not_move_the_last_price_makes_none() -> None:
    odd_lot = a_trade(90.0, provider="a", flags=TradeFlags.VOLUME | TradeFlags.ODD_LOT)
    row = [odd_lot, a_trade(100.0, provider="b"), a_trade(100.1, provider="c")]

    assert Folding(AggregationConfig())(row).providers_used == ("b", "c")
    assert Folding(AggregationConfig())([odd_lot]).status is ConsensusStatus.NO_QUORUM


@pytest.mark.parametrize(
    ("flags", "volume"), [(TradeFlags.LAST, math.nan), (MOVES_ALL, 5.0), (MOVES_ALL | 8, 5.0)]
)
def test_a_size_counts_where_the_trade_may_move_the_volume(
    flags: TradeFlags, volume: float
) -> None:
    trade = a_trade(100.0, size=5.0, provider="a", flags=flags)

    row = Folding(AggregationConfig())([trade]).volume
    streamed = [through(operator, [trade])[-1].volume for operator in (consensus(), _in_parts)]

    assert [row, *streamed] == pytest.approx([volume] * 3, nan_ok=True)


def _in_parts(events: Observable[Event]) -> Observable[AggregatedQuote]:
    """The consensus by its parts, one after the other."""
    return events.pipe(validate(), panel(), reject_outliers(), combine(), score())


def test_the_clock_is_that_of_who_is_used() -> None:
    good = [a_quote(99.9, 100.1, provider="a"), a_quote(99.91, 100.11, provider="b")]
    later = a_quote(99.9, 100.1, provider="c", at=10 * SECOND)
    crossed = a_quote(100.1, 99.9, provider="c", at=10 * SECOND)
    config = AggregationConfig(weights=(ProviderWeight("c", enabled=False),))

    for answer in (Folding(config)([*good, later]), Folding(AggregationConfig())([*good, crossed])):
        assert (answer.status, answer.providers_used) == (ConsensusStatus.OK, ("a", "b"))
        assert (answer.age, answer.provider) == (0, "b")


def test_a_time_that_nobody_else_knows_of_is_ahead_unless_it_has_arrived() -> None:
    rejects: SideOutput[Reject] = SideOutput()
    refused: list[str] = []
    rejects.subscribe(lambda reject: refused.append(f"{reject.provider} {reject.reason}"))
    row = [a_quote(99.9, 100.1, provider=name) for name in "abd"]
    config = AggregationConfig()

    alone = Folding(config, rejects=rejects)(
        [*row, a_quote(299.0, 301.0, provider="c", at=2 * HOUR)]
    )
    arrived = Folding(config, rejects=rejects)(
        [*row, a_quote(299.0, 301.0, provider="c", at=2 * HOUR, ts_recv=2 * HOUR)]
    )

    assert (alone.price, arrived.price) == (100.0, 300.0)
    assert refused == ["c ahead", "a late", "b late", "d late"]


def test_a_provider_may_tell_a_quote_and_a_trade_and_the_quote_goes_before() -> None:
    quote = a_quote(99.0, 101.0, provider="a", at=SECOND)
    trade = a_trade(102.0, size=7.0, provider="a", at=9 * SECOND)

    both = Folding(AggregationConfig())([trade, quote], now=2 * SECOND)
    later = Folding(AggregationConfig())([trade, quote], now=10 * SECOND)

    assert (both.price, both.bid, both.volume) == (100.0, 99.0, 7.0)
    assert (later.price, later.volume) == (102.0, 7.0)


def test_a_stamp_that_is_not_believed_stamps_no_answer() -> None:
    told = [
        a_quote(99.0, 101.0, at=2 * HOUR, ts_recv=HOUR, provider="a"),
        a_quote(99.0, 101.0, at=HOUR + 1, ts_recv=HOUR + 2, provider="b"),
    ]

    answers = [Folding(AggregationConfig())(row) for row in (told, told[:1])]

    assert [(answer.ts_event, answer.provider) for answer in answers] == [
        (HOUR + 1, "b"),
        (HOUR, "a"),
    ]

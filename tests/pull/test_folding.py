from __future__ import annotations

import math
from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.consensus import AggregatedQuote, AggregationConfig, ConsensusStatus, NoOutliers
from ordinis_rx.events import Quote, Trade, TradeFlags
from ordinis_rx.pull.folding import RoundFolding, fold_round
from ordinis_rx.testing.factories import a_quote, a_trade
from ordinis_rx.testing.identity import same
from ordinis_rx.timebase import HOUR, MILLI, MINUTE, SECOND

AT = 1_700_000_000 * SECOND
CONFIG = AggregationConfig()
ALL = frozenset("abc")


def _trade(provider: str, price: float, at: int = AT) -> Trade:
    return a_trade(price, at=at, ts_recv=max(at, AT), provider=provider, symbol="AAPL")


def test_a_round_by_itself_excludes_at_once() -> None:
    told = [_trade("a", 100.0), _trade("b", 100.01), _trade("c", 101.0)]
    first, *others = [fold_round(CONFIG, order).quote for order in permutations(told)]

    assert first is not None
    assert first.outliers_excluded == ("c",)
    assert all(same(first, other) for other in others)  # in whatever order they came


def test_the_original_confidence_knows_of_successes_before() -> None:
    told = [_trade("a", 100.0), _trade("b", 100.0)]
    config = AggregationConfig.original()

    trust = [
        folded.quote.confidence
        for folded in (fold_round(config, told), fold_round(config, told, {"b": 0.5}))
        if folded.quote is not None
    ]

    assert trust == pytest.approx([0.3 * 2 / 5 + 0.4 + 0.3, 0.3 * 2 / 5 + 0.4 + 0.3 * 0.75])


def test_rounds_that_last_exclude_when_it_is_confirmed() -> None:
    folding = RoundFolding(CONFIG)

    def fold(seconds: int, price: float) -> tuple[str, ...]:
        at = AT + seconds * SECOND
        quote = folding.fold(
            [_trade("a", 100.0, at), _trade("b", 100.0, at), _trade("c", price, at)], ALL
        ).quote
        assert quote is not None
        return quote.outliers_excluded

    assert [fold(0, 100.0), fold(1, 100.5), fold(2, 100.5), fold(3, 100.5)][-2:] == [("c",)] * 2
    assert fold(4, 100.0) in {("c",), ()}
    assert [fold(5, 100.0), fold(6, 100.0)][-1] == ()


def test_hours_between_two_rounds_make_nobody_late() -> None:
    folding = RoundFolding(CONFIG)
    for hours in range(3):
        folded = folding.fold([_trade("a", 100.0 + hours, AT + hours * HOUR)], ALL)

        assert folded.quote is not None
        assert (folded.quote.price, folded.rejects) == (100.0 + hours, ())


def test_what_a_provider_said_last_counts_for_as_long_as_it_may() -> None:
    folding = RoundFolding(CONFIG)
    folding.fold([_trade("a", 100.0), _trade("b", 100.0)], ALL)

    soon = folding.fold([_trade("a", 100.0, AT + 4 * SECOND)], ALL).quote
    later = folding.fold([_trade("a", 100.0, AT + 6 * SECOND)], ALL).quote

    assert soon is not None
    assert later is not None
    assert (soon.providers_used, later.providers_used) == (("a", "b"), ("a",))
    assert later.stale == ("b",)


def test_what_was_said_by_who_is_not_asked_any_more_is_void() -> None:
    folding = RoundFolding(CONFIG)
    told = [
        folding.fold([_trade(name, 100.0, AT + seconds) for name in answers], frozenset(asked))
        for seconds, (answers, asked) in enumerate(
            [("abc", "abc"), ("a", "ac"), ("", "a"), ("a", "a"), ("ab", "ab")]
        )
    ]

    used = ["".join(folded.quote.providers_used) if folded.quote else "" for folded in told]
    lost = ["".join(folded.quote.lost) if folded.quote else "" for folded in told]
    assert used == ["abc", "ac", "", "a", "ab"]
    assert lost == ["", "b", "", "bc", "c"]


def test_two_that_are_old_alike_do_not_outvote_a_live_one() -> None:
    """A05: and they do not set the clock either."""
    live = _trade("live", 110.0)
    old = [_trade(name, 100.0, AT - 6 * HOUR) for name in ("x", "y", "z")]

    for told in permutations([live, *old]):
        folded = fold_round(CONFIG, told)

        assert folded.quote is not None
        assert (folded.quote.price, folded.quote.ts_event) == (110.0, AT)
        assert {(r.provider, r.reason, r.value) for r in folded.rejects} == {
            (name, "late", 100.0) for name in ("x", "y", "z")
        }
        assert set(folded.fit) == {"live"}
        assert folded.flaw_of("x") == "late (100)"


def test_a_stamp_from_the_future_is_not_believed() -> None:
    future = a_trade(90.0, at=AT + HOUR, ts_recv=AT, provider="ahead", symbol="AAPL")
    folded = fold_round(CONFIG, [future, _trade("a", 100.0), _trade("b", 100.0)])

    assert folded.quote is not None
    assert folded.quote.providers_used == ("a", "b")
    assert folded.quote.outliers_excluded == ("ahead",)


@pytest.mark.parametrize("remembers", [False, True])
def test_a_stamp_that_is_not_believed_stamps_no_answer(remembers: bool) -> None:
    future = a_trade(100.0, at=AT + HOUR, ts_recv=AT, provider="c", symbol="AAPL")
    told = [future, _trade("a", 100.0), _trade("b", 100.0)]
    folded = RoundFolding(CONFIG).fold(told, ALL) if remembers else fold_round(CONFIG, told)

    assert folded.quote is not None
    assert (folded.quote.ts_event, folded.quote.providers_used) == (AT, ("a", "b", "c"))


def test_older_than_allowed_but_not_absurd_is_stale() -> None:
    folded = fold_round(CONFIG, [_trade("a", 100.0), _trade("b", 90.0, AT - 10 * SECOND)])

    assert folded.quote is not None
    assert (folded.quote.price, folded.quote.stale) == (100.0, ("b",))
    assert set(folded.fit) == {"a", "b"}
    assert folded.flaw_of("b") == ""


@pytest.mark.parametrize(
    ("fact", "flaw"),
    [
        (_trade("c", 0.0), "not-positive (0)"),
        (_trade("c", -5.0), "not-positive (-5)"),
        (_trade("c", math.nan), "not-a-number (nan)"),
        (_trade("c", math.inf), "not-a-number (inf)"),
        (a_quote(101.0, 99.0, at=AT, provider="c", symbol="AAPL"), "crossed (100)"),
        (a_quote(99.0, math.nan, at=AT, provider="c", symbol="AAPL"), "one-sided (nan)"),
        (
            a_trade(100.0, at=AT, provider="c", symbol="AAPL", flags=TradeFlags.VOLUME),
            "its trade may not move the last price",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_fit_to_be_used_is_told(fact: Quote | Trade, flaw: str) -> None:
    alone, among = fold_round(CONFIG, [fact]), fold_round(CONFIG, [_trade("a", 100.0), fact])

    assert (alone.quote, alone.flaw_of("c")) == (None, flaw)
    assert among.quote is not None
    assert (among.quote.providers_used, among.flaw_of("c"), among.flaw_of("a")) == (
        ("a",),
        flaw,
        "",
    )


def test_a_trade_makes_up_for_a_crossed_book() -> None:
    crossed = a_quote(101.0, 99.0, at=AT, provider="a", symbol="AAPL")
    folded = fold_round(CONFIG, [crossed, _trade("a", 100.0)])

    assert folded.quote is not None
    assert folded.quote.price == 100.0
    assert (folded.flaw_of("a"), [r.reason for r in folded.rejects]) == ("", ["crossed"])


def test_too_few_are_fit_and_make_no_price() -> None:
    folded = fold_round(AggregationConfig(min_providers=2), [_trade("a", 100.0)])

    assert folded.quote is not None
    assert folded.quote.status is ConsensusStatus.NO_QUORUM
    assert set(folded.fit) == {"a"}


def test_nothing_is_nothing() -> None:
    folded = fold_round(CONFIG, [])

    assert (folded.quote, folded.rejects, folded.fit) == (None, (), {})


prices = st.floats(1.0, 1e6)


@given(st.lists(prices, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_the_price_lies_between_those_used_in_whatever_order(
    values: list[float], random: Random
) -> None:
    told = [_trade(f"p{number}", value) for number, value in enumerate(values)]
    config = AggregationConfig(outliers=NoOutliers())
    straight = fold_round(config, told).quote
    random.shuffle(told)

    shuffled = fold_round(config, told).quote
    assert same(shuffled, straight)
    assert shuffled is not None
    if shuffled.has_price:
        assert min(values) * (1 - 1e-12) <= shuffled.price <= max(values) * (1 + 1e-12)


def test_an_answer_of_ten_minutes_ago_is_stale_and_no_mistake() -> None:
    old = _trade("b", 90.0, AT - 10 * MINUTE)
    folded = fold_round(CONFIG, [_trade("a", 100.0), old])

    assert folded.quote is not None
    assert (folded.quote.price, folded.quote.stale) == (100.0, ("b",))
    assert (folded.rejects, folded.flaw_of("b")) == ((), "")


def test_an_answer_of_ten_minutes_ago_counts_where_the_age_allows_it() -> None:
    config = AggregationConfig(max_age=10 * MINUTE)
    told = [_trade("a", 100.0), _trade("b", 100.01, AT - 10 * MINUTE)]
    quote = fold_round(config, told).quote
    older = fold_round(config, [told[0], _trade("b", 100.01, AT - 10 * MINUTE - 1)]).quote

    assert quote is not None
    assert older is not None
    assert (quote.providers_used, quote.age) == (("a", "b"), 5 * MINUTE)
    assert (older.providers_used, older.stale) == (("a",), ("b",))


@pytest.mark.parametrize("past", [0, 1])
def test_an_answer_is_late_only_from_more_than_the_window_on(past: int) -> None:
    folded = fold_round(CONFIG, [_trade("a", 100.0), _trade("b", 100.0, AT - HOUR - past)])

    assert [reject.reason for reject in folded.rejects] == ["late"] * past
    assert folded.flaw_of("b") == ("late (100)" if past else "")


def test_an_answer_of_an_earlier_time_than_the_last_one_leaves_that_standing() -> None:
    folding = RoundFolding(CONFIG)
    first = folding.fold([_trade("a", 100.0)], ALL).quote
    again = folding.fold([_trade("a", 99.0, AT - SECOND)], ALL).quote

    assert first is not None
    assert again is not None
    assert same(again, first)


@pytest.mark.parametrize("age", [10 * SECOND, 59 * MINUTE])
def test_who_answers_with_something_old_is_stale_however_old_it_is(age: int) -> None:
    told = [_trade("a", 100.0), _trade("b", 100.0), _trade("c", 100.0, AT - age)]

    quote = fold_round(CONFIG, told).quote

    assert quote is not None
    assert (quote.stale, quote.providers_used) == (("c",), ("a", "b"))


@given(st.randoms(use_true_random=False))
def test_who_is_out_of_line_does_not_hang_on_milliseconds_between_answers(random: Random) -> None:
    prices = [100.028, 100.0099, 100.1875, 100.0705, 99.975, 99.9683]

    def told(stamps: list[int]) -> AggregatedQuote | None:
        quotes = [
            a_quote(
                price - 0.002, price + 0.002, at=AT + stamp * MILLI, provider=f"p{k}", symbol="AAPL"
            )
            for k, (price, stamp) in enumerate(zip(prices, stamps, strict=True))
        ]
        return fold_round(CONFIG, quotes).quote

    at_once, shuffled = told([0] * 6), told(random.sample(range(6), 6))

    assert at_once is not None
    assert shuffled is not None
    assert (at_once.outliers_excluded, shuffled.outliers_excluded) == ((), ())
    assert shuffled.price == pytest.approx(at_once.price, rel=1e-6)

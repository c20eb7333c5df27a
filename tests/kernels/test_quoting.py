"""Quotes of which nothing is odd: which those are, and that nothing is touched of what is odd."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.consensus import AggregationConfig, RobustOutlier
from ordinis_rx.kernels.abreast import AGES, FRESH, KNOWN, LEVELS, SLOT_OF, WIDE
from ordinis_rx.kernels.compiled import uncompiled
from ordinis_rx.kernels.consensus_layout import (
    CONSENSUS,
    LOST_ONE,
    LOST_SYMBOLS,
    SPOILS,
    TIME,
    TRADE,
    WHOLE,
    WHOLE_AT,
)
from ordinis_rx.kernels.panel import QUOTE_AT
from ordinis_rx.kernels.quoting import take_quotes
from ordinis_rx.timebase import SECOND
from tests.kernels.fold import Fold, Row, quote

NAN = float("nan")
AT = 10 * SECOND
CALM = [quote(0, provider, 100.0, AT) for provider in range(3)]
STATES = [column.name for column in CONSENSUS.state]


def told(fold: Fold, row: Row, room: int = 1) -> tuple[int, bool]:
    """How many rows of *row* are taken, and whether anything that is remembered has changed."""
    fold.point([row])
    before = [fold.call.state(name).tobytes() for name in STATES if name not in ("lane", "number")]
    took = take_quotes(fold.call, 0, 1, 0, room)
    after = [fold.call.state(name).tobytes() for name in STATES if name not in ("lane", "number")]
    return took, before != after


def calm() -> Fold:
    with uncompiled():
        fold = Fold(AggregationConfig(emit="every"))
    fold(CALM)
    return fold


def test_the_next_quote_of_who_is_known_is_taken() -> None:
    fold = calm()

    assert fold.call.state("head")[WHOLE] == 3
    assert told(fold, quote(0, 1, 100.02, AT + 1)) == (1, True)
    assert told(fold, quote(0, 1, 100.02, AT + 1), room=0) == (0, False)


ODD: dict[str, Row] = {
    "a trade": {**quote(0, 1, 100.0, AT), "kind": TRADE, "price": 100.0},
    "the time": {**quote(0, 1, 100.0, AT), "kind": TIME},
    "a loss": {**quote(0, 1, 100.0, AT), "kind": LOST_ONE},
    "a provider without a place": quote(0, 62, 100.0, AT),
    "a provider who is new to the symbol": quote(0, 4, 100.0, AT),
    "a symbol that is new": quote(1, 1, 100.0, AT),
    "a weight below nothing": {**quote(0, 1, 100.0, AT), "weight": -1.0},
    "a bid of nothing": {**quote(0, 1, 100.0, AT), "bid": 0.0},
    "no bid": {**quote(0, 1, 100.0, AT), "bid": NAN},
    "no ask": {**quote(0, 1, 100.0, AT), "ask": NAN},
    "a crossed book": {**quote(0, 1, 100.0, AT), "bid": 101.0},
    "no end to the ask": {**quote(0, 1, 100.0, AT), "ask": 1e30},
    "an older word of the same provider": quote(0, 1, 100.0, AT - 1),
    "a time far ahead": quote(0, 1, 100.0, AT + 7200 * SECOND),
    "a time long gone": quote(0, 1, 100.0, AT - 7200 * SECOND),
    "another limit of age": {**quote(0, 1, 100.0, AT), "max_age": 2 * SECOND},
    "the first after all grew too old": quote(0, 1, 100.0, AT + SECOND + 1),
}


@pytest.mark.parametrize("what", ODD)
def test_nothing_is_touched_of_what_is_odd(what: str) -> None:
    assert told(calm(), ODD[what]) == (0, False)


def set_back_the_clock(fold: Fold) -> None:
    fold.call.state("head")[WHOLE_AT] = AT + 1


def hear_of_the_future(column: int) -> Callable[[Fold], None]:
    def disturb(fold: Fold) -> None:
        fold.call.state("stamp")[5 + column] = AT + 2

    return disturb


@pytest.mark.parametrize(
    "disturb",
    [
        lambda fold: fold([{"kind": TRADE, "symbol": 0, "price": 100.0, "ts_event": AT, "size": 1.0}]),
        lambda fold: fold([{"kind": LOST_ONE, "symbol": 0, "provider": 2}]),
        lambda fold: fold([{"kind": LOST_SYMBOLS, "provider": 2}]),
        lambda fold: fold([quote(0, 1, 100.0, AT - 1)]),  # may have come with another limit
        lambda fold: fold.call.state("clock").fill(0),
        set_back_the_clock,
        hear_of_the_future(QUOTE_AT),
    ],
)  # fmt: skip
def test_a_symbol_of_which_something_is_odd_is_left_alone(disturb: Callable[[Fold], Any]) -> None:
    fold = calm()
    with uncompiled():
        disturb(fold)

    assert told(fold, quote(0, 1, 100.0, AT)) == (0, False)


def test_where_words_stay_fresh_for_longer_than_providers_are_known_nothing_is_taken() -> None:
    # Who is to be forgotten might be among those whose words are fresh.
    with uncompiled():
        fold = Fold(AggregationConfig(emit="every", idle=SECOND, max_age=5 * SECOND))
    fold([{**row, "max_age": 5 * SECOND} for row in CALM])
    assert told(fold, {**quote(0, 1, 100.0, AT + 1), "max_age": 5 * SECOND}) == (0, False)

    with uncompiled():
        fold = Fold(AggregationConfig(emit="every", idle=SECOND))
    fold(CALM)
    assert told(fold, quote(0, 1, 100.0, AT + 1)) == (1, True)


@given(st.lists(st.floats(99.0, 101.0), min_size=6, max_size=40))
def test_of_many_providers_all_are_gathered(mids: list[float]) -> None:
    with uncompiled():
        fold = Fold(AggregationConfig(emit="every"))
    first = [quote(0, provider, mid, AT + provider) for provider, mid in enumerate(mids)]
    fold(first)
    took, _ = told(fold, quote(0, 0, 100.0, AT + SECOND // 2))
    lane, number = fold.call.state("lane"), fold.call.state("number")

    assert took == 1
    assert number[FRESH] == number[KNOWN] == len(mids)
    for j, mid in enumerate([100.0, *mids[1:]]):
        assert lane[LEVELS + j * WIDE] == pytest.approx(mid)
        assert lane[AGES + j * WIDE] == (SECOND // 2 - j if j else 0.0)
        assert number[SLOT_OF + j * WIDE] == j
    assert fold.call.state("head")[SPOILS] == AT + 1 + SECOND


moments = st.integers(0, 9).map(lambda tenths: tenths * SECOND // 10)
rows = st.one_of(
    st.builds(quote, st.integers(0, 2), st.integers(0, 3), st.sampled_from([99.99, 100.0, 100.01, 103.0]), moments),
    st.builds(quote, st.just(0), st.integers(0, 1), st.floats(99.0, 101.0), moments),
    st.fixed_dictionaries(
        {"kind": st.sampled_from([TRADE, LOST_ONE, TIME]), "symbol": st.integers(0, 2), "provider": st.integers(0, 3),
         "ts_event": moments, "price": st.just(100.0), "size": st.just(7.0)}
    ),
)  # fmt: skip


@given(told=st.lists(rows, min_size=8, max_size=60), gap=st.integers(0, SECOND // 2))
def test_whether_quotes_are_taken_by_themselves_or_with_all_else_makes_no_difference(
    told: list[dict[str, Any]], gap: int
) -> None:
    config = AggregationConfig(emit="every", outliers=RobustOutlier(confirm=2))
    timed = [{**row, "ts_event": row["ts_event"] + k * gap} for k, row in enumerate(told)]
    with uncompiled():
        by_themselves, with_all = Fold(config, room=400), Fold(config, room=400)
    answers = by_themselves(timed)

    assert [each for row in timed for each in with_all([row])] == answers
    for name in ("entry", "stamp", "mark", "clock", "taken", "refused", "base"):
        assert by_themselves.call.state(name).tobytes() == with_all.call.state(name).tobytes()

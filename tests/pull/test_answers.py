from __future__ import annotations

import math
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ordinis_rx.events import MOVES_ALL, Quote, Trade
from ordinis_rx.pull.answers import PRICE_KEYS, facts_of
from ordinis_rx.pull.failures import UnusableAnswer
from ordinis_rx.testing.factories import a_bar, a_quote, a_trade
from ordinis_rx.timebase import SECOND

NOW = 1_700_000_000 * SECOND


def _facts(answer: object) -> tuple[Quote | Trade, ...]:
    return facts_of(answer, symbol="AAPL", provider="mine", ts_recv=NOW)


def _price(answer: object) -> float:
    (trade,) = _facts(answer)
    assert isinstance(trade, Trade)
    return trade.price


def test_price_keys_have_an_order() -> None:
    assert PRICE_KEYS == ("price", "last", "lastPrice", "close", "mid")
    for count in range(len(PRICE_KEYS)):
        answer = {key: float(number + 1) for number, key in enumerate(PRICE_KEYS)}
        for key in PRICE_KEYS[:count]:
            answer[key] = None  # type: ignore[assignment]
        assert _price(answer) == count + 1


@pytest.mark.parametrize(
    ("value", "price"),
    [
        (185, 185.0),
        ("185.25", 185.25),
        (Decimal("185.25"), 185.25),
        (0, 0.0),
        (-1.5, -1.5),
        (np.int64(7), 7.0),
    ],
)
def test_any_number_is_read_and_judged_by_the_chain(value: object, price: float) -> None:
    assert _price({"price": value}) == price


@pytest.mark.parametrize("value", ["high", True, [], {}, object(), "1e999999999x", 10**400])
def test_what_is_no_number_is_told(value: object) -> None:
    with pytest.raises(UnusableAnswer, match="price is no number"):
        _facts({"price": value, "close": 100.0})  # and yesterday's close is no way out


def test_bid_and_ask_alone_are_a_quote() -> None:
    """A05: a provider that has nothing else is not dropped."""
    (quote,) = _facts({"bid": 99, "ask": "101", "bid_size": 3})

    assert isinstance(quote, Quote)
    assert (quote.mid, quote.bid_size, quote.provider) == (100.0, 3.0, "mine")
    assert math.isnan(quote.ask_size)


def test_a_price_with_a_book_is_a_trade_and_a_quote_of_one_moment() -> None:
    trade, quote = _facts({"price": 100, "bid": 99, "ask": 101, "volume": 5, "timestamp": 7})

    assert isinstance(trade, Trade)
    assert isinstance(quote, Quote)
    assert (trade.price, trade.size, quote.mid) == (100.0, 5.0, 100.0)
    assert trade.ts_event == quote.ts_event == 7 * SECOND


@pytest.mark.parametrize(
    ("key", "value", "moment"),
    [
        ("ts_event", NOW - 5, NOW - 5),
        ("timestamp", datetime(2023, 11, 14, 22, 13, 20, 500_000, UTC), NOW + SECOND // 2),
        ("time", "2023-11-14T22:13:20+00:00", NOW),
        ("t", 1_700_000_000, NOW),
        ("t", 1_700_000_000_250, NOW + SECOND // 4),
        ("t", 1_700_000_000.5, NOW + SECOND // 2),
        ("t", 1_700_000_000_250.0, NOW + SECOND // 4),
        ("t", np.int64(1_700_000_000), NOW),
        ("t", None, NOW),
        ("elsewhen", 5, NOW),
    ],
)
def test_the_event_keeps_its_own_time(key: str, value: object, moment: int) -> None:
    """A05: the time of arrival stands in only where there is no other."""
    (trade,) = _facts({"price": 1, key: value})

    assert (trade.ts_event, trade.ts_recv) == (moment, NOW)


@pytest.mark.parametrize(
    "value", ["yesterday", datetime(2023, 11, 14), -5, 0, True, [], math.nan, math.inf, 10**30]
)
def test_a_time_that_cannot_be_believed_is_told(value: object) -> None:
    with pytest.raises(UnusableAnswer, match=r"t (is no moment|cannot be used)"):
        _facts({"price": 1, "t": value})


def test_facts_keep_what_they_have_and_get_what_they_lack() -> None:
    told = a_quote(symbol="AAPL", at=5, seq=9, provider="theirs")

    (quote,) = _facts(told)
    (trade,) = _facts(a_trade(7.0, symbol="", at=0))

    assert (quote.ts_event, quote.ts_recv, quote.provider, quote.seq) == (5, NOW, "mine", 0)
    assert (trade.symbol, trade.ts_event, trade.ts_recv) == ("AAPL", NOW, NOW)


def test_a_fact_about_another_symbol_is_refused() -> None:
    with pytest.raises(UnusableAnswer, match="of AAPL: it is about 'MSFT'"):
        _facts(a_quote(symbol="MSFT"))


@pytest.mark.parametrize(
    ("fact", "told"),
    [
        (replace(a_trade(), price=None), "price is no number: None"),
        (replace(a_trade(), size=None), "size is no number: None"),
        (replace(a_trade(), flags=None), "flags are none: None"),
        (replace(a_trade(), flags=32), "flags are none: 32"),
        (replace(a_quote(), bid="low"), "bid is no number: 'low'"),
        (replace(a_quote(), ask=True), "ask is no number: True"),
        (replace(a_quote(), bid_size=[]), r"bid_size is no number: \[\]"),
        (replace(a_quote(), ask_size={}), r"ask_size is no number: \{\}"),
        (replace(a_quote(), ts_event="2020"), "ts_event is no whole number of nanoseconds: '2020'"),
        (replace(a_quote(), ts_event=2**63), "ts_event is no whole number of nanoseconds: 9223"),
        (replace(a_trade(), ts_recv=1.5), "ts_recv is no whole number of nanoseconds: 1.5"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_fact_that_cannot_be_read_is_refused_by_source_field_and_value(
    fact: Quote | Trade, told: str
) -> None:
    with pytest.raises(UnusableAnswer, match=f"mine has no usable price of AAPL: {told}"):
        _facts(replace(fact, symbol="AAPL"))


def test_numbers_of_other_kinds_in_a_fact_are_read_as_elsewhere() -> None:
    (quote,) = _facts(
        Quote(
            symbol="AAPL",
            ts_event=np.int64(5),  # type: ignore[arg-type]
            ts_recv=-1,
            bid=Decimal("99.5"),  # type: ignore[arg-type]
            ask=np.float32(100.5),  # type: ignore[arg-type]
            bid_size="3",  # type: ignore[arg-type]
            ask_size=4,
        )
    )
    (trade,) = _facts(replace(a_trade(100, symbol="AAPL"), flags=np.int64(7)))

    assert (quote.ts_event, type(quote.ts_event), quote.ts_recv) == (5, int, NOW)
    assert isinstance(quote, Quote)
    numbers = (quote.bid, quote.ask, quote.bid_size, quote.ask_size)
    assert numbers == (99.5, 100.5, 3.0, 4.0)
    assert {type(number) for number in numbers} == {float}
    assert isinstance(trade, Trade)
    assert trade.flags is MOVES_ALL


@pytest.mark.parametrize("answer", [None, 185.25, "185.25", a_bar(symbol="AAPL"), [("price", 1)]])
def test_what_is_no_answer_at_all_is_told_by_its_type(answer: object) -> None:
    with pytest.raises(UnusableAnswer, match=type(answer).__name__):
        _facts(answer)


@pytest.mark.parametrize("answer", [{}, {"price": None}, {"bid": 1}, {"pc": 100.0}])
def test_a_mapping_without_a_price_says_which_keys_there_could_be(answer: object) -> None:
    with pytest.raises(UnusableAnswer, match="none of price, last, lastPrice, close, mid"):
        _facts(answer)


anything: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.datetimes(),
    lambda inner: st.lists(inner, max_size=2),
    max_leaves=3,
)


@given(st.dictionaries(st.sampled_from([*PRICE_KEYS, "bid", "ask", "t", "size"]), anything))
def test_any_mapping_is_read_or_refused_by_name(answer: dict[str, object]) -> None:
    refusal = None
    try:
        facts = _facts(answer)
    except UnusableAnswer as error:
        refusal = error
    else:
        assert all(f.symbol == "AAPL" and f.provider == "mine" and f.ts_event for f in facts)

    assert refusal is None or str(refusal).startswith("mine has no usable price of AAPL: ")

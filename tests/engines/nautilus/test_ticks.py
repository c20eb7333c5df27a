"""What nautilus_trader is told of each fact, and what it is not told."""

from __future__ import annotations

import logging
import math
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nautilus_trader.model.data import Bar, QuoteTick, TradeTick
from nautilus_trader.model.enums import AggressorSide
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.test_kit.providers import TestInstrumentProvider

from ordinis_rx.bridges.nautilus import NautilusTicks, bar_type, to_nautilus
from ordinis_rx.events import Side, TradeFlags
from ordinis_rx.frames import QuoteFrame
from ordinis_rx.testing import a_bar, a_quote, a_trade
from ordinis_rx.timebase import DAY, HOUR, MICRO, MILLI, MINUTE, SECOND
from tests.facts import ONE_OF_EACH

NAN = math.nan
SHARE = TestInstrumentProvider.equity("A", "XNAS")
PAIR = TestInstrumentProvider.default_fx_ccy("EUR/USD")
COIN = TestInstrumentProvider.btcusdt_binance()
BOOK = {"A": SHARE, "EUR-USD": PAIR, "BTC-USD": COIN}
TIME = 1_704_205_800_123_456_789


def tick(fact: Any, **options: Any) -> Any:
    [one] = to_nautilus([fact], BOOK, **options)
    return one


def test_a_quote_has_its_instruments_precision_and_both_its_times() -> None:
    quote = tick(
        a_quote(
            1.391234,
            1.39126,
            at=TIME,
            ts_recv=TIME + 5,
            symbol="EUR-USD",
            bid_size=1e6,
            ask_size=NAN,
        )
    )

    assert isinstance(quote, QuoteTick)
    assert quote.instrument_id == PAIR.id
    assert (str(quote.bid_price), str(quote.ask_price)) == ("1.39123", "1.39126")
    assert (str(quote.bid_size), str(quote.ask_size)) == ("1000000", "0")
    assert (quote.ts_event, quote.ts_init) == (TIME, TIME + 5)


def test_what_nobody_noted_the_receipt_of_was_received_when_it_happened() -> None:
    assert tick(a_trade(at=TIME)).ts_init == TIME


@pytest.mark.parametrize(
    ("side", "aggressor"),
    [
        (Side.BUY, AggressorSide.BUYER),
        (Side.SELL, AggressorSide.SELLER),
        (Side.UNKNOWN, AggressorSide.NO_AGGRESSOR),
    ],
)
def test_a_trade_keeps_price_size_side_and_id(side: Side, aggressor: AggressorSide) -> None:
    trade = tick(
        a_trade(43_000.125, size=0.0005, at=TIME, symbol="BTC-USD", side=side, trade_id="x7")
    )

    assert isinstance(trade, TradeTick)
    assert (str(trade.price), str(trade.size)) == ("43000.12", "0.000500")
    assert (trade.aggressor_side, trade.trade_id.value, trade.ts_event) == (aggressor, "x7", TIME)


@pytest.mark.parametrize(
    ("trade_id", "name"),
    [
        ("", "9"),
        ("é7", "9"),  # a word that is not ASCII would end the process
        ("a\x00b", "9"),
        ("x" * 40 + "end", "x" * 33 + "end"),
        ("52983525027888", "52983525027888"),
    ],
)
def test_an_id_that_cannot_be_one_over_there_is_the_number_of_the_fact(
    trade_id: str, name: str
) -> None:
    assert tick(a_trade(trade_id=trade_id, seq=9)).trade_id.value == name


def test_a_bar_has_its_end_its_type_and_whether_it_is_a_revision() -> None:
    bar = a_bar(
        3.5, at=TIME, interval=5 * MINUTE, open=2.5, high=4.5, low=1.5, volume=700, revision=1
    )

    told = tick(bar, price_type="MID")

    assert isinstance(told, Bar)
    assert str(told.bar_type) == "A.XNAS-5-MINUTE-MID-EXTERNAL"
    numbers = (told.open, told.high, told.low, told.close, told.volume)
    assert [float(number) for number in numbers] == [2.5, 4.5, 1.5, 3.5, 700.0]
    assert (told.ts_event, told.is_revision) == (TIME, True)
    assert not tick(a_bar()).is_revision


@pytest.mark.parametrize(
    ("interval", "step"),
    [
        (DAY, "1-DAY"),
        (4 * HOUR, "4-HOUR"),
        (HOUR, "1-HOUR"),
        (MINUTE, "1-MINUTE"),
        (90 * SECOND, ""),
        (10 * SECOND, "10-SECOND"),
        (7 * SECOND, ""),
        (2 * DAY, ""),
        (250 * MILLI, "250-MILLISECOND"),
        (250 * MICRO, ""),
    ],
)
def test_an_interval_is_a_step_over_there_or_none(interval: int, step: str) -> None:
    ticks = NautilusTicks(BOOK)
    told = ticks(a_bar(at=TIME, interval=interval))

    if step:
        assert str(told.bar_type) == f"A.XNAS-{step}-LAST-EXTERNAL"
        assert told.bar_type == bar_type(SHARE.id, interval)
    else:
        assert told is None
        assert ticks.skipped == {"refused": 1}
        with pytest.raises(ValueError, match=r"step|interval"):
            bar_type(InstrumentId.from_str("A.XNAS"), interval)


@pytest.mark.parametrize(
    ("fact", "reason"),
    [
        (a_trade(symbol="Z"), "symbol"),
        (a_quote(NAN, 101.0), "missing"),
        (a_quote(99.0, NAN), "missing"),
        (a_trade(NAN), "missing"),
        (a_trade(size=NAN), "missing"),
        (a_bar(NAN), "missing"),
        (a_bar(volume=NAN), "missing"),
        (a_trade(flags=TradeFlags.VOLUME | TradeFlags.ODD_LOT), "last"),
        (a_trade(size=0), "refused"),
        (a_trade(size=0.25), "refused"),  # of a share that is sold whole
        (a_trade(size=-1), "refused"),
        (a_trade(math.inf), "refused"),
        (a_trade(at=-1), "refused"),
        (a_bar(2, high=1), "refused"),
    ],
)
def test_what_cannot_be_told_is_left_out_and_counted(fact: Any, reason: str) -> None:
    ticks = NautilusTicks(BOOK)

    assert ticks(fact) is None
    assert ticks.skipped == Counter({reason: 1})


def test_what_was_left_out_is_logged_by_reason(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        told = to_nautilus([a_trade(), a_trade(NAN), a_trade(NAN), a_trade(symbol="Z")], BOOK)

    assert len(told) == 1
    assert caplog.messages == [
        "to_nautilus left out what nautilus_trader cannot take: 2 missing, 1 symbol"
    ]


def test_facts_of_every_kind_are_taken_or_passed_over() -> None:
    ticks = NautilusTicks({"AAPL": COIN})

    told = [type(made) for fact in ONE_OF_EACH if (made := ticks(fact)) is not None]

    assert told == [QuoteTick, Bar]
    assert ticks.skipped == {"last": 1}


def test_a_frame_gives_what_its_facts_give() -> None:
    quotes = [a_quote(99 + n, 101 + n, at=n, ts_recv=n + 3, seq=n) for n in range(1, 20)]

    assert to_nautilus(QuoteFrame.from_events(quotes), BOOK) == to_nautilus(quotes, BOOK)


NUMBER = st.floats(width=64)
STAMP = st.integers(-(2**63), 2**63 - 1)


@given(
    st.builds(a_trade, NUMBER, at=STAMP, size=NUMBER, trade_id=st.text(), seq=st.integers(0, 9))
    | st.builds(a_quote, NUMBER, NUMBER, at=STAMP, bid_size=NUMBER, ask_size=NUMBER)
    | st.builds(a_bar, NUMBER, at=STAMP, open=NUMBER, high=NUMBER, low=NUMBER, volume=NUMBER)
)
@settings(max_examples=300)
def test_whatever_a_market_says_is_a_tick_or_is_counted(fact: Any) -> None:
    ticks = NautilusTicks({"A": COIN})

    told = ticks(fact)

    assert (told is None) == (sum(ticks.skipped.values()) == 1)

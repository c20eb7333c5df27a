from __future__ import annotations

import json
import math
import warnings
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ordinis_rx.event_json import to_json
from ordinis_rx.events import (
    Bar,
    Event,
    Halt,
    Heartbeat,
    Quote,
    Reading,
    Side,
    Trade,
    TradeCancel,
    TradeCorrection,
)
from ordinis_rx.providers.alpaca import alpaca
from ordinis_rx.providers.alpaca_codes import conditions_of
from ordinis_rx.timebase import DAY, MINUTE, SECOND

AT = 1_614_009_104_208_000_001
CODECS = ["json", "msgpack"]

moments = st.integers(2 * DAY, 4_000_000_000 * SECOND)
prices = st.floats(-1e6, 1e6).filter(bool)
sizes = st.floats(0, 1e9)
symbols = st.sampled_from(["AAPL", "BRK.B"])
ids = st.integers(0, 2**63).map(str) | st.sampled_from(["", "007", "a-b", "²"])
words = st.lists(st.sampled_from("@ABFGIMTWZ479"), max_size=3).map(tuple)


@st.composite
def trades(draw: st.DrawFn) -> Trade:
    moment, codes = draw(moments), draw(words)
    tape = conditions_of(draw(st.sampled_from("ABC")))
    return Trade(
        symbol=draw(symbols),
        ts_event=moment,
        price=draw(prices),
        size=draw(sizes),
        venue=draw(st.sampled_from(["", "D"])),
        trade_id=draw(ids),
        conditions=codes,
        side=draw(st.sampled_from(Side)),
        flags=tape.flags(codes, moment),
    )


def bars(interval: int, revision: int) -> st.SearchStrategy[Bar]:
    told = st.builds(
        Bar,
        symbol=symbols,
        ts_event=moments,
        interval=st.just(interval),
        open=prices,
        high=prices,
        low=prices,
        close=prices,
        volume=sizes,
        vwap=prices,
        trade_count=st.integers(0, 10**9),
        revision=st.just(revision),
    )
    return told.map(lambda bar: bar if bar.volume else replace(bar, vwap=math.nan))


side = prices | st.just(math.nan)
quotes = st.builds(
    Quote, symbol=symbols, ts_event=moments, bid=side, ask=side, bid_size=sizes, ask_size=sizes
)
halts = st.builds(
    Halt,
    symbol=symbols,
    ts_event=moments,
    halted=st.just(True),
    code=st.sampled_from("2HPQ"),
    reason=st.text(max_size=9),
) | st.builds(
    Halt, symbol=symbols, ts_event=moments, halted=st.just(False), code=st.sampled_from("3T")
)
cancels = st.builds(
    TradeCancel,
    symbol=symbols,
    ts_event=moments,
    trade_id=ids,
    price=prices,
    size=sizes,
    action=st.sampled_from("CE"),
)
corrections = st.builds(
    TradeCorrection,
    symbol=symbols,
    ts_event=moments,
    original_id=ids,
    original_price=prices,
    original_size=sizes,
    trade_id=ids,
    price=prices,
    size=sizes,
    conditions=words,
)
readings = st.builds(
    Reading,
    symbol=symbols,
    ts_event=moments,
    name=st.just("luld"),
    value=st.just(math.nan),
    values=st.tuples(prices, prices),
) | st.builds(Reading, symbol=symbols, ts_event=moments, name=st.just("imbalance"), value=prices)
anything = (
    trades()
    | quotes
    | bars(MINUTE, 0)
    | bars(MINUTE, 1)
    | bars(DAY, 0)
    | halts
    | cancels
    | corrections
    | readings
)


def again(told: list[Event], codec: Any) -> list[Event]:
    provider = alpaca("k", "s", codec=codec)
    [frame] = provider.encode(told)
    raw = frame if isinstance(frame, bytes) else frame.encode()
    # Told alone, so that bars drawn twice do not become revisions of each other.
    seen, controls = provider.decoder({})(raw, 0, 0)
    assert not controls
    return [replace(fact, provider="") for fact in seen]


@given(anything, st.sampled_from(CODECS))
def test_what_is_encoded_is_decoded_again(told: Event, codec: str) -> None:
    [seen] = again([told], codec)

    assert to_json(seen) == to_json(told)
    assert type(seen) is type(told)


@pytest.mark.parametrize("codec", CODECS)
def test_a_frame_holds_many_facts_in_order(codec: str) -> None:
    trade = Trade(symbol="A", ts_event=AT, price=1.5, size=2.0)
    quote = Quote(symbol="A", ts_event=AT, bid=1.0, ask=2.0)

    assert [type(fact) for fact in again([trade, quote, trade], codec)] == [Trade, Quote, Trade]


def test_a_bar_without_a_mean_price_says_so_when_it_is_read() -> None:
    bar = Bar(
        symbol="A", ts_event=AT, interval=MINUTE, open=1.0, high=1.0, low=1.0, close=1.0, volume=1.0
    )

    seen, error = again([bar], "json")

    assert to_json(seen) == to_json(bar)
    assert getattr(error, "kind", "") == "missing-vw"


def test_what_the_wire_cannot_carry_is_left_out() -> None:
    second = Bar(
        symbol="A", ts_event=AT, interval=SECOND, open=1.0, high=1.0, low=1.0, close=1.0, volume=1.0
    )
    other = Reading(symbol="A", ts_event=AT, name="mid", value=1.0)

    assert alpaca("k", "s").encode([Heartbeat(ts_event=AT), second, other]) == []
    assert alpaca("k", "s").encode([]) == []


@pytest.mark.parametrize(
    ("tag", "told"),
    [
        ("l", Reading(symbol="A", ts_event=AT, name="luld", value=math.nan, values=(99.5, 101.5))),
        ("i", Reading(symbol="A", ts_event=AT, name="imbalance", value=101.5)),
    ],
)
def test_readings_of_the_vendor_are_read_as_they_were_written(tag: str, told: Reading) -> None:
    [frame] = alpaca("k", "s").encode([told])

    assert json.loads(frame)[0]["T"] == tag
    [fact], _ = alpaca("k", "s").decoder({})(str(frame).encode(), AT, 1)
    assert isinstance(fact, Reading)
    assert (fact.name, fact.values) == (told.name, told.values)
    assert repr(fact.value) == repr(told.value)


def test_whole_shares_and_ids_are_integers_on_the_wire() -> None:
    trade = Trade(symbol="AAPL", ts_event=AT, price=1.5, size=200.0, trade_id="42")

    [frame] = alpaca("k", "s").encode([trade])

    assert json.loads(frame) == [
        {
            "T": "t",
            "S": "AAPL",
            "p": 1.5,
            "s": 200,
            "t": "2021-02-22T15:51:44.208000001Z",
            "i": 42,
            "z": "C",
        }
    ]
    assert '"s":200,' in str(frame)


def test_crypto_trades_have_a_side_and_no_tape() -> None:
    trade = Trade(symbol="BTC/USD", ts_event=AT, price=1.5, size=0.25, side=Side.BUY)

    [message] = json.loads(alpaca("k", "s", feed="crypto").encode([trade])[0])

    assert message["tks"] == "B"
    assert "z" not in message


def test_the_vendors_own_package_reads_our_messagepack() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the vendor's package warns of its own dependencies
        models = pytest.importorskip("alpaca.data.models")
    trade = Trade(symbol="AAPL", ts_event=AT, price=1.5, size=200.0, trade_id="42", venue="D")
    bar = Bar(
        symbol="SPY",
        ts_event=AT + MINUTE,
        interval=MINUTE,
        open=1.0,
        high=2.0,
        low=0.5,
        close=1.5,
        volume=10.0,
        vwap=1.25,
        trade_count=3,
    )

    [frame] = alpaca("k", "s", codec="msgpack").encode([trade, bar])
    messages = msgpack.unpackb(bytes(frame))
    assert messages[0]["t"].to_unix_nano() == AT
    first, second = ({**m, "t": m["t"].to_datetime()} for m in messages)

    theirs = models.Trade(first["S"], first)
    assert (theirs.symbol, theirs.price, theirs.size, theirs.id) == ("AAPL", 1.5, 200.0, 42)
    theirs = models.Bar(second["S"], second)
    assert (theirs.open, theirs.high, theirs.low, theirs.close) == (1.0, 2.0, 0.5, 1.5)
    assert (theirs.volume, theirs.vwap, theirs.trade_count) == (10.0, 1.25, 3)

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict

from ordinis_rx.events import Bar, Event, FeedError, Heartbeat, Quote, Reading, Side, Trade
from ordinis_rx.providers.polygon import polygon
from ordinis_rx.timebase import HOUR, MILLI, MINUTE, SECOND

NOW = 1_800_000_000_000_000_000

stamps = st.integers(10**11, 4 * 10**12).map(lambda ms: ms * MILLI)
prices = st.floats(-1e9, 1e9)
sizes = st.floats(0, 1e12)
ids = st.integers(0, 2000).map(str)
codes = st.lists(st.integers(0, 60).map(str), max_size=4).map(tuple)
SYMBOLS = {
    "stocks": "BRK.B",
    "options": "O:SPY251219C00650000",
    "forex": "EUR/USD",
    "crypto": "BTC-USD",
    "indices": "I:SPX",
    "futures": "ESZ5",
}


def there_and_back(market: str, events: list[Event]) -> list[Event]:
    provider = polygon("key", market=market)
    decode = provider.decoder({})
    told: list[Event] = []
    for frame in provider.encode(events):
        assert isinstance(frame, str)
        facts, controls = decode(frame.encode(), NOW, len(told) + 1)
        assert not controls
        told += facts
    return told


def bare(event: Event, **changes: object) -> dict[str, object]:
    """The fields of *event* that the wire carries."""
    fields = asdict(event)
    for name in ("ts_recv", "seq", "provider"):
        del fields[name]
    return {**fields, "kind": type(event), **changes}


@st.composite
def trades(draw: st.DrawFn, market: str) -> Trade:
    conditions = draw(codes) if market != "crypto" else ()
    return Trade(
        symbol=SYMBOLS[market],
        ts_event=draw(stamps),
        price=draw(prices),
        size=draw(sizes),
        venue=draw(ids),
        trade_id=draw(st.sampled_from(["", "007", "143541", "1b254a48-7258"])),
        conditions=conditions,
        side=draw(st.sampled_from(Side)) if market == "crypto" else Side.UNKNOWN,
    )


@st.composite
def quotes(draw: st.DrawFn, market: str) -> Quote:
    venue, other = draw(ids), draw(ids)
    sized = market != "forex"
    told = prices.filter(bool)  # nothing at price 0 is how this wire says that a side is missing
    return Quote(
        symbol=SYMBOLS[market],
        ts_event=draw(stamps),
        bid=draw(told),
        ask=draw(told),
        bid_size=draw(sizes) if sized else math.nan,
        ask_size=draw(sizes) if sized else math.nan,
        bid_venue=venue,
        ask_venue=other if market in ("stocks", "options", "futures") else venue,
    )


@st.composite
def bars(draw: st.DrawFn, market: str, seen: int = 0) -> Bar:
    interval = draw(st.sampled_from([SECOND, MINUTE]))
    volume = draw(sizes)
    return Bar(
        symbol=SYMBOLS[market],
        ts_event=draw(st.integers(2 * 10**9, 4 * 10**9)) * SECOND,
        interval=interval,
        open=draw(prices),
        high=draw(prices),
        low=draw(prices),
        close=draw(prices),
        volume=volume,
        vwap=draw(prices) if volume else math.nan,
        trade_count=draw(st.integers(0, 1000)),
    )


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["stocks", "options", "crypto", "futures"]), st.data())
def test_trades_come_back_as_they_went(market: str, data: st.DataObject) -> None:
    sent = data.draw(st.lists(trades(market), max_size=4))

    back = there_and_back(market, list(sent))

    ignored = {"flags": None, "conditions": None}  # flags follow from conditions: see below
    assert [bare(t, **ignored) for t in back] == [bare(t, **ignored) for t in sent]
    if market != "crypto":
        assert [t.conditions for t in back if isinstance(t, Trade)] == [t.conditions for t in sent]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["stocks", "options", "crypto", "futures", "forex"]), st.data())
def test_quotes_come_back_as_they_went(market: str, data: st.DataObject) -> None:
    sent = data.draw(st.lists(quotes(market), max_size=4))

    back = there_and_back(market, list(sent))

    assert [repr(bare(q)) for q in back] == [repr(bare(q)) for q in sent]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(SYMBOLS)), st.data())
def test_bars_come_back_as_they_went(market: str, data: st.DataObject) -> None:
    sent = data.draw(bars(market))

    [back] = there_and_back(market, [sent])

    assert repr(bare(back)) == repr(bare(sent))


@pytest.mark.parametrize(
    ("market", "reading"),
    [
        ("stocks", Reading(symbol="A", ts_event=NOW, name="fmv", value=1.5)),
        ("stocks", Reading(symbol="A", ts_event=NOW, name="lv", value=1.5)),
        (
            "stocks",
            Reading(symbol="A", ts_event=NOW, name="luld", value=math.nan, values=(1.0, 2.0)),
        ),
        (
            "stocks",
            Reading(
                symbol="A",
                ts_event=NOW,
                name="imbalances",
                value=4.0,
                values=(4.0, 3.0, 2.0, 930.0),
            ),
        ),
        ("indices", Reading(symbol="I:SPX", ts_event=NOW, name="values", value=3988.5)),
    ],
)
def test_readings_of_the_vendors_channels_come_back(market: str, reading: Reading) -> None:
    [back] = there_and_back(market, [reading])

    assert repr(bare(back)) == repr(bare(reading))


def test_what_a_trade_may_move_is_read_from_its_conditions() -> None:
    odd_lot = Trade(symbol="A", ts_event=NOW, price=1.0, size=5.0, conditions=("37", "@"))

    [back] = there_and_back("stocks", [odd_lot])

    assert isinstance(back, Trade)
    assert back.conditions == ("37",)  # "@" is another vendor's
    assert back.flags.name == "VOLUME|ODD_LOT"


def test_several_events_share_a_frame_as_the_vendor_sends_them() -> None:
    frames = polygon("key").encode(
        [
            Trade(
                symbol="AAPL", ts_event=NOW, price=1.25, size=3.5, venue="4", trade_id="9", seq=7
            ),
            Quote(
                symbol="AAPL", ts_event=NOW, bid=1.2, ask=1.3, bid_size=2.0, bid_venue="15", seq=8
            ),
        ]
    )

    assert [json.loads(frame) for frame in frames] == [
        [
            {"ev": "T", "sym": "AAPL", "i": "9", "x": 4, "p": 1.25, "s": 3, "ds": "3.5",
             "t": 1_800_000_000_000, "q": 7},
            {"ev": "Q", "sym": "AAPL", "bx": 15, "bp": 1.2, "ap": 1.3, "bs": 2, "as": 0,
             "t": 1_800_000_000_000, "q": 8},
        ]
    ]  # fmt: skip


def test_a_very_small_size_is_written_without_an_exponent() -> None:
    [frame] = polygon("key").encode([Trade(symbol="A", ts_event=NOW, price=1.0, size=1e-07)])

    assert json.loads(frame)[0]["ds"] == "0.0000001"


def test_a_missing_number_is_left_out_and_comes_back_missing() -> None:
    one_sided = Quote(symbol="A", ts_event=NOW, bid=math.nan, ask=1.0, bid_size=math.nan)

    quote, *faults = there_and_back("stocks", [one_sided])

    assert isinstance(quote, Quote)
    assert math.isnan(quote.bid)
    assert quote.ask == 1.0
    assert [f.kind for f in faults if isinstance(f, FeedError)] == ["missing-bp", "missing-bs"]


def test_times_are_cut_to_milliseconds() -> None:
    [back] = there_and_back(
        "stocks", [Trade(symbol="A", ts_event=NOW + 1_999_999, price=1.0, size=1.0)]
    )

    assert back.ts_event == NOW + MILLI


def test_what_the_market_has_no_message_for_is_left_out() -> None:
    events: list[Event] = [
        Heartbeat(ts_event=NOW),
        Trade(symbol="EUR/USD", ts_event=NOW, price=1.0, size=1.0),
        Reading(symbol="EUR/USD", ts_event=NOW, name="mid", value=1.0),
        Bar(symbol="EUR/USD", ts_event=NOW, interval=HOUR, open=1.0, high=1.0, low=1.0, close=1.0, volume=1.0),
    ]  # fmt: skip

    assert polygon("key", market="forex").encode(events) == []


@pytest.mark.parametrize("name", ["luld", "imbalances"])
def test_a_reading_of_a_channels_name_without_its_values_is_left_out(name: str) -> None:
    reading = Reading(symbol="A", ts_event=NOW, name=name, value=1.0, values=(1.0,))

    assert polygon("key").encode([reading]) == []


def test_long_lists_are_cut_into_frames_that_every_client_accepts() -> None:
    sent = [Trade(symbol="A", ts_event=NOW, price=1.0, size=1.0)] * 2001

    frames = polygon("key").encode(sent)

    assert [len(json.loads(frame)) for frame in frames] == [1000, 1000, 1]
    assert max(len(frame) for frame in frames) < 1_000_000

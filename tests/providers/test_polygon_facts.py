from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ordinis_rx.errors import DecodeError
from ordinis_rx.events import (
    MOVES_ALL,
    Bar,
    Event,
    FeedError,
    Halt,
    Quote,
    Reading,
    Side,
    Trade,
    TradeFlags,
)
from ordinis_rx.operators import dedupe
from ordinis_rx.providers.polygon import polygon
from ordinis_rx.testing import through
from ordinis_rx.timebase import MILLI, MINUTE, SECOND
from tests.facts import kinds

NOW = 1_800_000_000_000_000_000
T = 1_781_622_376_036  # ms; 2026-06-16 11:06 in New York

STOCK_TRADE = {"ev": "T", "sym": "AAPL", "i": "52983525029461", "x": 4, "p": 297.845, "s": 40,
               "c": [14, 41], "t": T, "pt": T - 7, "q": 49, "z": 3, "trfi": 202, "ds": "40.5"}  # fmt: skip
STOCK_QUOTE = {"ev": "Q", "sym": "AAPL", "i": [604], "bx": 15, "ax": 12, "bp": 297.83, "ap": 297.86,
               "bs": 80, "as": 100, "t": T, "pt": T, "q": 4, "z": 3}  # fmt: skip
STOCK_BAR = {"ev": "A", "sym": "FCX", "v": 4989, "av": 43321, "op": 75.98, "vw": 78.0894, "o": 78.1,
             "c": 78.08, "h": 78.125, "l": 78.07, "a": 76.8, "z": 62, "s": 1_788_877_043_000,
             "e": 1_788_877_044_000, "dv": "4989.25", "dav": "43321.038"}  # fmt: skip
LULD = {"ev": "LULD", "T": "ATHR", "h": 3.63, "l": 2.97, "i": [15], "z": 3,
        "t": 1_788_877_046_310_003_385, "q": 3}  # fmt: skip
IMBALANCE = {"ev": "NOI", "T": "NTEST.Q", "t": 1_601_318_039_223_013_600, "at": 930, "a": "M", "i": 44,
             "x": 10, "o": 480, "p": 440, "b": 25.03}  # fmt: skip
CRYPTO_TRADE = {"ev": "XT", "pair": "BTC-USD", "p": 43575.6, "t": T, "s": 4.522e-05, "c": [2],
                "i": "1b254a48", "x": 23, "r": T + 45}  # fmt: skip
CRYPTO_QUOTE = {"ev": "XQ", "pair": "BTC-USD", "bp": 33052.79, "bs": 0.48, "ap": 33073.19, "as": 0.601,
                "t": T, "x": 1, "r": T}  # fmt: skip
CRYPTO_BAR = {"ev": "XA", "pair": "BCD-USD", "v": 951.6112, "vw": 0.7756, "z": 73, "o": 0.772,
              "c": 0.784, "h": 0.785, "l": 0.771, "s": 1_610_463_240_000, "e": 1_610_463_300_000}  # fmt: skip
FOREX_QUOTE = {"ev": "C", "p": "USD/CNH", "x": "44", "a": 6.83366, "b": 6.83363, "t": T}
FOREX_BAR = {"ev": "CAS", "pair": "USD/EUR", "o": 0.8687, "c": 0.86889, "h": 0.8689, "l": 0.8686,
             "v": 20, "s": 1_539_145_740_000}  # fmt: skip
INDEX_VALUE = {"ev": "V", "val": 3988.5, "T": "I:SPX", "t": T}
FUTURES_BAR = {"ev": "AM", "sym": "ESZ5", "v": 12, "dv": 81234.5, "n": 7, "o": 1.0, "c": 2.0, "h": 3.0,
               "l": 0.5, "s": 1_610_463_240_000, "e": 1_610_463_300_000}  # fmt: skip

SAMPLES = [
    ("stocks", STOCK_TRADE),
    ("stocks", STOCK_QUOTE),
    ("stocks", STOCK_BAR),
    ("stocks", LULD),
    ("stocks", IMBALANCE),
    ("stocks", {"ev": "FMV", "fmv": 189.22, "sym": "AAPL", "t": T}),
    ("stocks", {"ev": "LV", "val": 189.22, "sym": "AAPL", "t": T}),
    ("crypto", CRYPTO_TRADE),
    ("crypto", CRYPTO_QUOTE),
    ("crypto", CRYPTO_BAR),
    ("forex", FOREX_QUOTE),
    ("forex", FOREX_BAR),
    ("indices", INDEX_VALUE),
    ("futures", FUTURES_BAR),
]


def decoded(raw: bytes, market: str = "stocks", seq: int = 1) -> list[Event]:
    facts, controls = polygon("canary-key", market=market).decoder({})(raw, NOW, seq)
    assert not controls
    return facts


def facts(*messages: object, market: str = "stocks") -> list[Event]:
    return decoded(json.dumps(messages).encode(), market)


def without(message: dict[str, Any], key: str) -> dict[str, Any]:
    return {k: v for k, v in message.items() if k != key}


# each kind of message


def test_a_trade_is_read_whole() -> None:
    assert decoded(json.dumps([STOCK_TRADE]).encode(), seq=41) == [
        Trade(
            symbol="AAPL",
            ts_event=T * MILLI,
            ts_recv=NOW,
            provider="polygon",
            seq=41,
            price=297.845,
            size=40.5,
            venue="4:202",
            trade_id="52983525029461",
            conditions=("14", "41"),
            flags=MOVES_ALL,
        )
    ]


def test_a_trade_without_conditions_venue_and_id_moves_all() -> None:
    [trade] = facts({"ev": "T", "sym": "O:X", "p": 1.5, "s": 2, "t": T}, market="options")

    assert isinstance(trade, Trade)
    assert (trade.venue, trade.trade_id, trade.conditions) == ("", "", ())
    assert trade.flags == MOVES_ALL


@pytest.mark.parametrize(("given", "read"), [(8310, "8310"), ("00220725", "00220725"), (0, "0")])
def test_a_trade_id_may_be_a_number_or_a_text(given: object, read: str) -> None:
    [trade] = facts({**STOCK_TRADE, "i": given})

    assert isinstance(trade, Trade)
    assert trade.trade_id == read


def test_an_odd_lot_moves_the_volume_alone() -> None:
    [trade] = facts({**STOCK_TRADE, "c": [37]})

    assert isinstance(trade, Trade)
    assert trade.flags == TradeFlags.VOLUME | TradeFlags.ODD_LOT


def test_form_t_depends_on_the_hour() -> None:
    before = {**STOCK_TRADE, "c": [12], "t": T - 4 * 3_600_000}
    told = facts({**STOCK_TRADE, "c": [12]}, before, {**STOCK_TRADE, "c": [12]})

    assert [t.flags for t in told if isinstance(t, Trade)] == [
        TradeFlags.VOLUME, MOVES_ALL, TradeFlags.VOLUME
    ]  # fmt: skip


def test_the_codes_of_options_are_not_those_of_stocks() -> None:
    [trade] = facts({**STOCK_TRADE, "c": [37]}, market="options")

    assert isinstance(trade, Trade)
    assert (trade.conditions, trade.flags) == (("37",), MOVES_ALL)


def test_a_quote_is_read_whole() -> None:
    assert facts(STOCK_QUOTE) == [
        Quote(
            symbol="AAPL",
            ts_event=T * MILLI,
            ts_recv=NOW,
            provider="polygon",
            seq=1,
            bid=297.83,
            ask=297.86,
            bid_size=80.0,
            ask_size=100.0,
            bid_venue="15",
            ask_venue="12",
        )
    ]


@pytest.mark.parametrize(
    ("market", "quote"),
    [
        ("stocks", STOCK_QUOTE),
        ("options", {**STOCK_QUOTE, "sym": "O:SPY251219C00650000"}),
        ("crypto", CRYPTO_QUOTE),
    ],
)
def test_a_side_of_nothing_at_price_0_is_missing(market: str, quote: dict[str, Any]) -> None:
    no_bid, no_ask, free = facts(
        {**quote, "bp": 0, "bs": 0},
        {**quote, "ap": 0, "as": 0},
        {**quote, "bp": 0, "bs": 3},
        market=market,
    )

    assert isinstance(no_bid, Quote)
    assert isinstance(no_ask, Quote)
    assert isinstance(free, Quote)
    assert math.isnan(no_bid.bid)
    assert math.isnan(no_bid.mid)
    assert (no_bid.ask, no_bid.bid_size) == (quote["ap"], 0.0)
    assert math.isnan(no_ask.ask)
    assert (no_ask.bid, no_ask.ask_size) == (quote["bp"], 0.0)
    assert (free.bid, free.bid_size) == (0.0, 3.0)


def test_a_second_bar_is_stamped_with_its_end() -> None:
    assert facts(STOCK_BAR) == [
        Bar(
            symbol="FCX",
            ts_event=1_788_877_044 * SECOND,
            ts_recv=NOW,
            provider="polygon",
            seq=1,
            interval=SECOND,
            open=78.1,
            high=78.125,
            low=78.07,
            close=78.08,
            volume=4989.25,
            vwap=78.0894,
        )
    ]


def test_s11_crypto_trades_and_quotes_are_read() -> None:
    assert facts(CRYPTO_TRADE, CRYPTO_QUOTE, market="crypto") == [
        Trade(
            symbol="BTC-USD",
            ts_event=T * MILLI,
            ts_recv=NOW,
            provider="polygon",
            seq=1,
            price=43575.6,
            size=4.522e-05,
            venue="23",
            trade_id="1b254a48",
            conditions=("2",),
            side=Side.BUY,
        ),
        Quote(
            symbol="BTC-USD",
            ts_event=T * MILLI,
            ts_recv=NOW,
            provider="polygon",
            seq=2,
            bid=33052.79,
            ask=33073.19,
            bid_size=0.48,
            ask_size=0.601,
            bid_venue="1",
            ask_venue="1",
        ),
    ]


@pytest.mark.parametrize(
    ("codes", "side"),
    [([1], Side.SELL), ([2], Side.BUY), ([0], Side.UNKNOWN), ([], Side.UNKNOWN)],
)
def test_the_side_of_a_crypto_trade_is_who_crossed_the_spread(codes: list[int], side: Side) -> None:
    [trade] = facts({**CRYPTO_TRADE, "c": codes}, market="crypto")

    assert isinstance(trade, Trade)
    assert trade.side is side


def test_a_crypto_minute_bar_keeps_fractions() -> None:
    [bar] = facts(CRYPTO_BAR, market="crypto")

    assert isinstance(bar, Bar)
    assert (bar.symbol, bar.interval, bar.ts_open) == (
        "BCD-USD", MINUTE, 1_610_463_240 * SECOND
    )  # fmt: skip
    assert (bar.open, bar.high, bar.low, bar.close) == (0.772, 0.785, 0.771, 0.784)
    assert (bar.volume, bar.vwap) == (951.6112, 0.7756)


def test_a_forex_quote_has_no_sizes() -> None:
    [quote] = facts(FOREX_QUOTE, market="forex")

    assert isinstance(quote, Quote)
    assert (quote.symbol, quote.bid, quote.ask) == ("USD/CNH", 6.83363, 6.83366)
    assert (quote.bid_venue, quote.ask_venue) == ("44", "44")
    assert math.isnan(quote.bid_size)
    assert math.isnan(quote.ask_size)
    assert quote.microprice == quote.mid


@pytest.mark.parametrize(("key", "side"), [("b", "bid"), ("a", "ask")])
def test_a_side_of_a_forex_quote_at_price_0_is_missing(key: str, side: str) -> None:
    [quote] = facts({**FOREX_QUOTE, key: 0}, market="forex")

    assert isinstance(quote, Quote)
    assert math.isnan(getattr(quote, side))
    assert math.isnan(quote.mid)


def test_a_bar_that_does_not_tell_its_end_has_the_length_of_its_channel() -> None:
    second, minute = facts(FOREX_BAR, {**FOREX_BAR, "ev": "CA"}, market="forex")

    assert isinstance(second, Bar)
    assert isinstance(minute, Bar)
    assert (second.interval, second.ts_event) == (SECOND, 1_539_145_741 * SECOND)
    assert (minute.interval, minute.ts_event) == (MINUTE, 1_539_145_800 * SECOND)
    assert second.volume == 20.0
    assert math.isnan(second.vwap)


@pytest.mark.parametrize(
    ("market", "sample"),
    [("stocks", {**STOCK_BAR, "dv": "0"}), ("stocks", without(STOCK_BAR, "dv")),
     ("crypto", CRYPTO_BAR), ("futures", FUTURES_BAR)],
)  # fmt: skip
def test_a_bar_without_volume_has_no_mean_price(market: str, sample: dict[str, Any]) -> None:
    [bar] = facts({**sample, "v": 0, "vw": 0}, market=market)

    assert isinstance(bar, Bar)
    assert bar.volume == 0.0
    assert math.isnan(bar.vwap)


def test_the_total_value_of_a_future_is_not_its_volume() -> None:
    [bar] = facts(FUTURES_BAR, market="futures")

    assert isinstance(bar, Bar)
    assert (bar.volume, bar.trade_count) == (12.0, 7)


def test_a_bar_of_an_index_has_no_volume_and_that_is_no_error() -> None:
    bar = {"ev": "AM", "sym": "I:SPX", "op": 1, "o": 2, "c": 3, "h": 4, "l": 1.5,
           "s": 1_678_220_640_000, "e": 1_678_220_700_000}  # fmt: skip
    [told] = facts(bar, market="indices")

    assert isinstance(told, Bar)
    assert math.isnan(told.volume)
    assert (told.open, told.close, told.interval) == (2.0, 3.0, MINUTE)


def test_a_bar_that_ends_when_it_starts_has_the_length_of_its_channel_and_is_told() -> None:
    told = facts({**STOCK_BAR, "e": STOCK_BAR["s"]})

    assert kinds(told) == ["Bar", "unreadable-e"]
    assert isinstance(told[0], Bar)
    assert (told[0].interval, told[0].ts_event) == (SECOND, 1_788_877_044 * SECOND)
    assert told[1].symbol == "FCX"


def test_price_bands_are_a_reading_of_low_and_high() -> None:
    [bands] = facts(LULD)

    assert isinstance(bands, Reading)
    assert (bands.symbol, bands.ts_event, bands.name) == (
        "ATHR", 1_788_877_046_310_003_385, "luld"
    )  # fmt: skip
    assert bands.values == (2.97, 3.63)
    assert math.isnan(bands.value)


@pytest.mark.parametrize(("indicator", "halted"), [(17, True), (18, False)])
def test_a_halt_is_told_beside_the_bands(indicator: int, halted: bool) -> None:
    bands, halt, trade = facts({**LULD, "i": [15, indicator]}, STOCK_TRADE)

    assert isinstance(bands, Reading)
    assert halt == Halt(
        symbol="ATHR",
        ts_event=1_788_877_046_310_003_385,
        ts_recv=NOW,
        provider="polygon",
        seq=2,
        halted=halted,
        code=str(indicator),
        reason="limit up, limit down",
    )
    assert trade.seq == 3


def test_an_imbalance_is_a_reading() -> None:
    [told] = facts(IMBALANCE)

    assert isinstance(told, Reading)
    assert (told.symbol, told.name, told.value) == ("NTEST.Q", "imbalances", 480.0)
    assert told.values == (480.0, 440.0, 25.03, 930.0)


@pytest.mark.parametrize(
    ("market", "message", "symbol", "name", "value"),
    [
        ("stocks", {"ev": "FMV", "fmv": 189.22, "sym": "AAPL", "t": T}, "AAPL", "fmv", 189.22),
        ("stocks", {"ev": "LV", "val": 7.2, "sym": "AAPL", "t": T}, "AAPL", "lv", 7.2),
        ("indices", INDEX_VALUE, "I:SPX", "values", 3988.5),
        ("crypto", {"ev": "FMV", "fmv": 3.5, "sym": "X:BTC-USD", "t": T}, "BTC-USD", "fmv", 3.5),
        ("forex", {"ev": "FMV", "fmv": 1.06, "sym": "C:EURUSD", "t": T}, "EUR/USD", "fmv", 1.06),
    ],
)
def test_single_numbers_are_readings(
    market: str, message: dict[str, object], symbol: str, name: str, value: float
) -> None:
    assert facts(message, market=market) == [
        Reading(
            symbol=symbol,
            ts_event=T * MILLI,
            ts_recv=NOW,
            provider="polygon",
            seq=1,
            name=name,
            value=value,
        )
    ]


def test_bars_of_the_launchpad_feed_are_read_in_every_market_that_has_them() -> None:
    bar = {**STOCK_BAR, "ev": "AM", "sym": "C:USD-EUR", "e": STOCK_BAR["s"] + 60_000}  # type: ignore[operator]
    [told] = facts(bar, market="forex")

    assert isinstance(told, Bar)
    assert (told.symbol, told.interval) == ("USD/EUR", MINUTE)


def test_neutral_names_are_put_in() -> None:
    provider = polygon("key", market="crypto")
    decode = provider.decoder({"BTC-USD": "BTC"})
    frame = [CRYPTO_TRADE, CRYPTO_QUOTE, {"ev": "FMV", "fmv": 1, "sym": "X:BTC-USD", "t": T},
             {**CRYPTO_BAR, "pair": "BTC-USD"}, {**CRYPTO_TRADE, "p": None},
             {**CRYPTO_TRADE, "pair": "ETH-USD"}]  # fmt: skip

    told, _ = decode(json.dumps(frame).encode(), NOW, 1)

    assert [fact.symbol for fact in told] == ["BTC"] * 6 + ["ETH-USD"]


# time


@pytest.mark.parametrize(
    ("stamp", "nanos"),
    [
        (1_536_036_818, 1_536_036_818 * SECOND),
        (1_536_036_818_784, 1_536_036_818_784 * MILLI),
        (1_601_316_752_683_746, 1_601_316_752_683_746_000),
        (1_788_877_046_310_003_385, 1_788_877_046_310_003_385),
    ],
)
def test_s10_the_unit_of_a_time_is_told_by_its_magnitude(stamp: int, nanos: int) -> None:
    for message, market in ((STOCK_TRADE, "stocks"), (STOCK_QUOTE, "stocks"), (LULD, "stocks"),
                            (CRYPTO_TRADE, "crypto"), (FOREX_QUOTE, "forex")):  # fmt: skip
        [fact] = facts({**message, "t": stamp}, market=market)
        assert fact.ts_event == nanos


@pytest.mark.parametrize("stamp", [0, -1, 10**19, 99_999_999_999, 50_000_000_000_000, "soon", 1.5])
def test_a_time_beyond_all_sense_becomes_that_of_arrival_and_is_told(stamp: object) -> None:
    told = facts({**STOCK_TRADE, "t": stamp})

    assert kinds(told) == ["Trade", "unreadable-t"]
    assert told[0].ts_event == NOW
    assert (told[1].symbol, told[1].seq) == ("AAPL", 2)


@pytest.mark.parametrize("stamp", [9_223_372_036_854, 9_223_372_036_854_775, 2**63 - 1])
def test_a_bar_that_begins_at_the_end_of_all_time_does_not_end_after_it(stamp: int) -> None:
    bar, *told = facts({**without(STOCK_BAR, "e"), "s": stamp})

    assert isinstance(bar, Bar)
    assert bar.ts_event == NOW + bar.interval
    assert kinds(told)[0] == "unreadable-s"


# sizes


def test_s12_sizes_keep_their_fractions() -> None:
    trade, bar = facts({**STOCK_TRADE, "s": 0, "ds": "0.740474"}, STOCK_BAR)

    assert isinstance(trade, Trade)
    assert trade.size == 0.740474
    assert isinstance(bar, Bar)
    assert bar.volume == 4989.25


def test_the_exact_size_may_come_alone_or_not_at_all() -> None:
    alone, whole = facts(without(STOCK_TRADE, "s"), without(STOCK_TRADE, "ds"))

    assert isinstance(alone, Trade)
    assert isinstance(whole, Trade)
    assert (alone.size, whole.size) == (40.5, 40.0)


def test_an_exact_size_that_cannot_be_read_leaves_the_whole_one() -> None:
    told = facts({**STOCK_TRADE, "ds": "many"})

    assert kinds(told) == ["Trade", "unreadable-ds"]
    assert isinstance(told[0], Trade)
    assert told[0].size == 40.0


# revisions


def test_a_bar_told_again_is_a_revision() -> None:
    decode = polygon("key").decoder({})
    later = {**STOCK_BAR, "s": 1_788_877_044_000, "e": 1_788_877_045_000}
    minute = {**STOCK_BAR, "ev": "AM", "e": 1_788_877_103_000}

    told: list[Event] = []
    for bar in (STOCK_BAR, later, STOCK_BAR, {**STOCK_BAR, "sym": "AA"}, minute, STOCK_BAR, later):
        told += decode(json.dumps([bar]).encode(), NOW, 1)[0]

    assert [bar.revision for bar in told if isinstance(bar, Bar)] == [0, 0, 1, 0, 0, 2, 1]


def test_a_second_told_again_within_a_quarter_of_an_hour_passes_dedupe() -> None:
    decode = polygon("key").decoder({})
    seconds = [{**STOCK_BAR, "s": s, "e": s + 1000} for s in range(10**12, 10**12 + 900_000, 1000)]
    told: list[Event] = []
    for bar in (*seconds, *seconds[:3], *seconds[:3]):
        told += decode(json.dumps([bar]).encode(), NOW, len(told) + 1)[0]

    kept = through(dedupe(), told)

    assert [event.revision for event in kept[900:] if isinstance(event, Bar)] == [1] * 3 + [2] * 3


def test_a_message_that_claims_another_length_is_the_same_bar_told_again() -> None:
    told = facts(STOCK_BAR, {**STOCK_BAR, "e": 1_788_877_044_500})

    assert [bar.revision for bar in told if isinstance(bar, Bar)] == [0, 1]


def test_a_minute_under_the_name_of_seconds_is_that_minute_told_again() -> None:
    told = facts(CRYPTO_BAR, {**CRYPTO_BAR, "ev": "XAS"}, market="crypto")

    assert [bar.revision for bar in told if isinstance(bar, Bar)] == [0, 1]


def test_every_feed_has_its_own_memory_of_bars() -> None:
    provider = polygon("key")
    raw = json.dumps([STOCK_BAR]).encode()

    for _ in range(2):
        [bar] = provider.decoder({})(raw, NOW, 1)[0]
        assert isinstance(bar, Bar)
        assert bar.revision == 0


# what is odd


@pytest.mark.parametrize(
    ("market", "message", "needed"),
    [
        ("stocks", STOCK_TRADE, "sym p t"),
        ("stocks", without(STOCK_TRADE, "ds"), "sym p s t"),
        ("stocks", STOCK_QUOTE, "sym bp ap bs as t"),
        ("stocks", without(STOCK_BAR, "dv"), "sym o h l c v vw s"),
        ("stocks", LULD, "T h l t"),
        ("stocks", IMBALANCE, "T t o p b"),
        ("stocks", {"ev": "FMV", "fmv": 1, "sym": "A", "t": T}, "fmv sym t"),
        ("stocks", {"ev": "LV", "val": 1, "sym": "A", "t": T}, "val sym t"),
        ("crypto", CRYPTO_TRADE, "pair p s t"),
        ("crypto", CRYPTO_QUOTE, "pair bp bs ap as t"),
        ("crypto", CRYPTO_BAR, "pair o h l c v vw s"),
        ("forex", FOREX_QUOTE, "p a b t"),
        ("forex", FOREX_BAR, "pair o h l c v s"),
        ("indices", INDEX_VALUE, "T val t"),
        ("futures", FUTURES_BAR, "sym o h l c v s"),
    ],
)
def test_s13_what_is_missing_is_never_zero_and_always_told(
    market: str, message: dict[str, Any], needed: str
) -> None:
    [whole] = facts(message, market=market)
    for key in message.keys() - {"ev"}:
        for odd in (without(message, key), {**message, key: None}):
            told = facts(odd, market=market)

            expected = [f"missing-{key}"] if key in needed.split() else []
            assert kinds(told) == [type(whole).__name__, *expected]
            assert [fact.seq for fact in told] == list(range(1, len(told) + 1))
            if expected and told[0].symbol and key not in ("t", "s"):
                blank = changed(whole, told[0])
                assert blank, key
                assert all(math.isnan(value) for value in blank), (key, blank)


def changed(whole: Event, told: Event) -> list[float]:
    """The numbers of *told* that are not those of *whole*."""
    names = [name for name in whole.__struct_fields__ if name not in ("symbol", "values")]
    pairs = [(getattr(whole, name), getattr(told, name)) for name in names]
    if isinstance(whole, Reading) and isinstance(told, Reading):
        pairs += zip(whole.values, told.values, strict=True)
    return [after for before, after in pairs if repr(before) != repr(after)]


@pytest.mark.parametrize(
    "junk", [True, "NaN", "nan", "Infinity", "-inf", [], {}, [[1]], {"a": {"b": [None]}}, "", "1_0"]
)
@pytest.mark.parametrize(("market", "message"), SAMPLES)
def test_what_is_no_number_becomes_nan_and_is_told(
    market: str, message: dict[str, Any], junk: object
) -> None:
    numbers = {
        "p",
        "s",
        "bp",
        "ap",
        "bs",
        "as",
        "o",
        "h",
        "l",
        "c",
        "v",
        "vw",
        "a",
        "b",
        "fmv",
        "val",
    }
    for key in message.keys() & numbers:
        value = message[key]
        if not isinstance(value, int | float) or (key == "s" and value > 1e12):
            continue
        if (key == "v" and market == "stocks") or (key == "a" and message["ev"] in ("A", "NOI")):
            continue  # the exact volume stands beside it; a is not read there
        told = facts({**message, key: junk}, STOCK_TRADE | {"ev": "?"}, market=market)

        assert kinds(told)[1:] == [f"unreadable-{key}", "unknown-message"], (key, junk)


def test_a_negative_size_is_no_size_but_a_price_may_be_negative() -> None:
    trade, fault, priced = facts({**STOCK_TRADE, "s": -1, "ds": None}, {**STOCK_TRADE, "p": -3})

    assert isinstance(trade, Trade)
    assert math.isnan(trade.size)
    assert isinstance(fault, FeedError)
    assert fault.kind == "unreadable-s"
    assert fault.message == "s is -1"
    assert isinstance(priced, Trade)
    assert priced.price == -3.0


def test_a_number_too_great_for_a_float_spoils_its_field_alone() -> None:
    frame = json.dumps([STOCK_TRADE]).replace("297.845", "1e999").encode()

    trade, fault = decoded(frame)

    assert isinstance(trade, Trade)
    assert math.isnan(trade.price)
    assert (trade.size, trade.trade_id) == (40.5, "52983525029461")
    assert isinstance(fault, FeedError)
    assert fault.kind == "unreadable-p"


def test_decimal_strings_are_numbers() -> None:
    [quote] = facts({**STOCK_QUOTE, "bp": "297.83", "bs": "80.0", "bx": "15", "t": str(T)})

    assert isinstance(quote, Quote)
    assert (quote.bid, quote.bid_size, quote.bid_venue, quote.ts_event) == (
        297.83, 80.0, "15", T * MILLI
    )  # fmt: skip


def test_an_empty_message_of_a_known_kind_is_still_its_fact() -> None:
    told = facts({"ev": "Q"})

    assert kinds(told) == [
        "Quote",
        *(f"missing-{key}" for key in ["sym", "bp", "ap", "bs", "as", "t"]),
    ]
    quote = told[0]
    assert isinstance(quote, Quote)
    assert (quote.symbol, quote.ts_event) == ("", NOW)
    assert all(
        math.isnan(x) for x in (quote.bid, quote.ask, quote.bid_size, quote.ask_size, quote.mid)
    )


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ({"ev": "ZZ", "sym": "AAPL"}, "unknown-message"),
        ({"ev": "XT", "pair": "BTC-USD"}, "unknown-message"),  # of another market
        ({"ev": "XL2", "pair": "BTC-USD", "b": [[1, 2]], "a": []}, "unsupported"),
        ({"ev": 5}, "unknown-message"),
        ({"ev": ["T"]}, "unknown-message"),
        ({}, "unknown-message"),
        (5, "unreadable-message"),
        (None, "unreadable-message"),
        ("T", "unreadable-message"),
        ([STOCK_TRADE], "unreadable-message"),
    ],
)
def test_s14_what_cannot_be_used_is_told_and_the_rest_of_the_frame_survives(
    message: object, kind: str
) -> None:
    told = facts(STOCK_TRADE, message, STOCK_QUOTE)

    assert kinds(told) == ["Trade", kind, "Quote"]
    assert [fact.seq for fact in told] == [1, 2, 3]
    assert isinstance(told[1], FeedError)
    assert told[1].raw == json.dumps(message).encode()
    assert told[1].ts_event == NOW


def test_a_text_that_is_not_utf_8_spoils_its_field_alone() -> None:
    frame = json.dumps([STOCK_TRADE, STOCK_QUOTE]).encode().replace(b"AAPL", b"AAP\xff", 1)

    told = decoded(frame)

    assert kinds(told) == ["Trade", "unreadable-sym", "Quote"]
    assert [fact.symbol for fact in told] == ["", "", "AAPL"]


def test_what_is_quoted_is_cut_to_a_kibibyte() -> None:
    [told] = facts({"ev": "?", "x": "y" * 5000})

    assert isinstance(told, FeedError)
    assert len(told.raw) == 1024


def test_a_lone_object_is_a_frame_of_one() -> None:
    assert decoded(json.dumps(STOCK_TRADE).encode()) == facts(STOCK_TRADE)


def test_an_empty_frame_tells_nothing() -> None:
    assert facts() == []


@pytest.mark.parametrize(
    "raw",
    [b"", b" ", b"[", b"{", b"null", b"5", b'"T"', b"[{]", b'[{"ev":"T"}', b'{"ev":"T"',
     b"\xff\xfe", b"[" * 100_000, b'[{"ev":"T","sym":"A\x01"}]x'],
)  # fmt: skip
def test_bytes_that_are_no_frame_raise_and_are_kept(raw: bytes) -> None:
    with pytest.raises(DecodeError) as broken:
        decoded(raw)

    assert broken.value.raw == raw
    assert broken.value.provider == "polygon"


WHOLE = {
    market: json.dumps([m for k, m in SAMPLES if k == market]).encode() for market, _ in SAMPLES
}


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_any_prefix_or_flipped_bit_decodes_or_is_refused_whole(
    market: str, data: st.DataObject
) -> None:
    raw = bytearray(WHOLE[market])
    for _ in range(data.draw(st.integers(0, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    end = data.draw(st.sampled_from([len(raw)] * 3 + [data.draw(st.integers(0, len(raw)))]))

    try:
        told, _ = polygon("canary-key", market=market).decoder({})(bytes(raw[:end]), NOW, 1)
    except DecodeError:
        return

    assert [fact.seq for fact in told] == list(range(1, len(told) + 1))
    assert all(0 < fact.ts_event < 2**63 for fact in told)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SAMPLES), st.data())
def test_a_message_with_junk_in_any_field_is_still_one_fact_and_what_was_wrong(
    sample: tuple[str, dict[str, Any]], data: st.DataObject
) -> None:
    market, message = sample
    keys = data.draw(st.lists(st.sampled_from(sorted(message.keys() - {"ev"})), max_size=4))
    odd = {**message, **{key: data.draw(JSON) for key in keys}}
    try:
        raw = json.dumps([odd], allow_nan=False).encode()
    except ValueError:
        return  # NaN is no JSON

    told = decoded(raw, market)

    assert [fact.seq for fact in told] == list(range(1, len(told) + 1))
    assert type(told[0]) is type(facts(message, market=market)[0])
    assert all(isinstance(fact, FeedError | Halt) for fact in told[1:])
    assert 0 < told[0].ts_event < 2**63


def test_trades_of_two_facilities_with_one_id_are_told_apart() -> None:
    other = STOCK_TRADE | {"trfi": 201}

    first, second = facts(STOCK_TRADE, other)

    assert isinstance(first, Trade)
    assert isinstance(second, Trade)
    assert (first.trade_id, first.venue) == ("52983525029461", "4:202")
    assert (second.trade_id, second.venue) == ("52983525029461", "4:201")


@pytest.mark.parametrize(
    ("more", "flags"),
    [
        ({"pt": T - 10_000}, MOVES_ALL),
        ({"pt": T - 10_001}, TradeFlags.HIGH_LOW | TradeFlags.VOLUME | TradeFlags.LATE),
        ({"pt": (T - 300_000) * MILLI}, TradeFlags.HIGH_LOW | TradeFlags.VOLUME | TradeFlags.LATE),
        ({"pt": T - 300_000, "x": 11}, MOVES_ALL),  # an exchange's own clock may be anywhere
        ({"pt": 5}, MOVES_ALL),  # no time
        ({"pt": T - 300_000, "c": [37]}, TradeFlags.VOLUME | TradeFlags.ODD_LOT | TradeFlags.LATE),
    ],
)
def test_an_off_exchange_trade_told_late_without_a_word_is_out_of_sequence(
    more: dict[str, Any], flags: TradeFlags
) -> None:
    [trade] = facts({**STOCK_TRADE, "c": [14], **more})

    assert (trade.ts_event, trade.flags) == (T * MILLI, flags)

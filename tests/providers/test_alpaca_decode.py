from __future__ import annotations

import json
import math
import warnings
from contextlib import suppress
from typing import Any

import msgpack
import pytest
from hypothesis import given
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
    TradeCancel,
    TradeCorrection,
    TradeFlags,
)
from ordinis_rx.providers.alpaca import alpaca
from ordinis_rx.providers.alpaca_codec import nanos_of
from ordinis_rx.timebase import DAY, MINUTE, SECOND
from tests.facts import kinds

NOW = 1_700_000_000_000_000_000
LAST, HIGH_LOW, VOLUME = TradeFlags.LAST, TradeFlags.HIGH_LOW, TradeFlags.VOLUME
ODD_LOT, LATE = TradeFlags.ODD_LOT, TradeFlags.LATE

# In the shapes of the vendor's documentation.
TRADE = {
    "T": "t",
    "i": 96921,
    "S": "AAPL",
    "x": "D",
    "p": 126.55,
    "s": 1,
    "t": "2021-02-22T15:51:44.208Z",
    "c": ["@", "I"],
    "z": "C",
}
QUOTE = {
    "T": "q",
    "S": "AMD",
    "bx": "U",
    "bp": 87.66,
    "bs": 1,
    "ax": "Q",
    "ap": 87.68,
    "as": 4,
    "t": "2021-02-22T15:51:45.335689322Z",
    "c": ["R"],
    "z": "C",
}
BAR = {
    "T": "b",
    "S": "SPY",
    "o": 388.985,
    "h": 389.13,
    "l": 388.975,
    "c": 389.12,
    "v": 49378,
    "n": 461,
    "vw": 389.062639,
    "t": "2021-02-22T19:15:00Z",
}
STATUS = {
    "T": "s",
    "S": "AAPL",
    "sc": "H",
    "sm": "Trading Halt",
    "rc": "T12",
    "rm": "Trading Halted; For information requested by NASDAQ",
    "t": "2021-02-22T19:15:00Z",
    "z": "C",
}
LULD = {
    "T": "l",
    "S": "IONM",
    "u": 3.24,
    "d": 2.65,
    "i": "B",
    "t": "2023-04-06T13:34:45.565004401Z",
    "z": "C",
}
CORRECTION = {
    "T": "c",
    "S": "EEM",
    "x": "M",
    "oi": 52983525033527,
    "op": 39.1582,
    "os": 440000,
    "oc": [" ", "7"],
    "ci": 52983525034326,
    "cp": 39.1809,
    "cs": 440000,
    "cc": [" ", "7"],
    "z": "B",
    "t": "2023-04-06T14:25:06.542305024Z",
}
CANCEL = {
    "T": "x",
    "S": "GOOGL",
    "i": 465,
    "x": "D",
    "p": 105.31,
    "s": 300,
    "a": "C",
    "z": "C",
    "t": "2023-04-06T13:15:42.83540958Z",
}
IMBALANCE = {"T": "i", "S": "INAQU", "p": 9.12, "z": "C", "t": "2024-12-13T19:58:09.242138635Z"}
CRYPTO = {
    "T": "t",
    "S": "BTC/USD",
    "p": 43000.5,
    "s": 0.00452,
    "t": "2024-03-12T10:27:48.858228144Z",
    "i": 3447222699101865076,
    "tks": "S",
}
SAMPLES = [TRADE, QUOTE, BAR, STATUS, LULD, CORRECTION, CANCEL, IMBALANCE, CRYPTO]


def frame(*messages: object) -> bytes:
    return json.dumps(messages).encode()


def packed(*messages: dict[str, object]) -> bytes:
    """The same frame in MessagePack, written by the reference implementation."""
    timed = [{**m, "t": stamp(m["t"])} if isinstance(m.get("t"), str) else m for m in messages]
    return msgpack.packb(timed)


def stamp(text: object) -> msgpack.Timestamp:
    return msgpack.Timestamp(*divmod(nanos_of(text), SECOND))


def facts(raw: bytes, codec: Any = "json", names: dict[str, str] | None = None) -> list[Event]:
    seen, controls = alpaca("k", "s", codec=codec).decoder(names or {})(raw, NOW, 1)
    assert not controls
    assert [fact.seq for fact in seen] == list(range(1, len(seen) + 1))
    return seen


def fact_of(message: dict[str, object]) -> Any:
    """The only fact of a message, which is the same in both encodings."""
    [fact] = facts(frame(message))
    assert [fact] == facts(packed(message), "msgpack")
    assert (fact.ts_recv, fact.provider) == (NOW, "alpaca")
    return fact


def test_a_trade_is_read_whole() -> None:
    assert fact_of(TRADE) == Trade(
        symbol="AAPL",
        ts_event=1614009104208000000,
        ts_recv=NOW,
        provider="alpaca",
        seq=1,
        price=126.55,
        size=1.0,
        venue="D",
        trade_id="96921",
        conditions=("@", "I"),
        flags=VOLUME | ODD_LOT,
    )


def test_a_quote_is_read_whole_and_to_the_nanosecond() -> None:
    assert fact_of(QUOTE) == Quote(
        symbol="AMD",
        ts_event=1614009105335689322,
        ts_recv=NOW,
        provider="alpaca",
        seq=1,
        bid=87.66,
        ask=87.68,
        bid_size=1.0,
        ask_size=4.0,
        bid_venue="U",
        ask_venue="Q",
    )


def test_a_minute_bar_is_stamped_with_its_end() -> None:
    assert fact_of(BAR) == Bar(
        symbol="SPY",
        ts_event=nanos_of("2021-02-22T19:16:00Z"),
        ts_recv=NOW,
        provider="alpaca",
        seq=1,
        interval=MINUTE,
        open=388.985,
        high=389.13,
        low=388.975,
        close=389.12,
        volume=49378.0,
        vwap=389.062639,
        trade_count=461,
    )


def test_a_bar_without_volume_has_no_mean_price() -> None:
    bar = fact_of({**BAR, "v": 0, "n": 0, "vw": 0})

    assert (bar.volume, bar.close) == (0.0, 389.12)
    assert math.isnan(bar.vwap)


def test_a_crypto_trade_tells_the_takers_side() -> None:
    trade = fact_of(CRYPTO)

    assert (trade.side, trade.size, trade.flags) == (Side.SELL, 0.00452, MOVES_ALL)
    assert fact_of({**CRYPTO, "tks": "B"}).side is Side.BUY
    assert fact_of({**CRYPTO, "tks": "-"}).side is Side.UNKNOWN


def test_a_side_without_a_quote_is_nan() -> None:
    quote = fact_of({**QUOTE, "ap": 0, "as": 0, "ax": " "})

    assert math.isnan(quote.ask)
    assert (quote.bid, quote.ask_size) == (87.66, 0.0)


def test_a_cancel_names_the_trade_that_is_void() -> None:
    cancel = fact_of(CANCEL)

    assert isinstance(cancel, TradeCancel)
    assert (cancel.trade_id, cancel.price, cancel.size) == ("465", 105.31, 300.0)
    assert (cancel.venue, cancel.action) == ("D", "C")


def test_a_correction_has_both_figures() -> None:
    correction = fact_of(CORRECTION)

    assert isinstance(correction, TradeCorrection)
    assert (correction.original_id, correction.trade_id) == ("52983525033527", "52983525034326")
    assert (correction.original_price, correction.price) == (39.1582, 39.1809)
    assert (correction.original_size, correction.size) == (440000.0, 440000.0)
    assert (correction.venue, correction.conditions) == ("M", (" ", "7"))


def test_price_bands_and_imbalances_are_readings() -> None:
    bands, imbalance = fact_of(LULD), fact_of(IMBALANCE)

    assert isinstance(bands, Reading)
    assert (bands.name, bands.values) == ("luld", (2.65, 3.24))
    assert math.isnan(bands.value)
    assert (imbalance.name, imbalance.value, imbalance.values) == ("imbalance", 9.12, ())


@pytest.mark.parametrize(
    ("code", "halted"),
    [("2", True), ("3", False), ("H", True), ("P", True), ("Q", True), ("T", False)],
)
def test_a_status_that_stops_or_resumes_trading_is_a_halt(code: str, halted: bool) -> None:
    halt = fact_of({**STATUS, "sc": code})

    assert isinstance(halt, Halt)
    assert (halt.halted, halt.code) == (halted, code)
    assert halt.reason == "T12 Trading Halted; For information requested by NASDAQ"


@pytest.mark.parametrize(
    ("code", "kind"), [("E", "unsupported"), ("5", "unsupported"), ("?", "unknown-status")]
)
def test_a_status_that_does_neither_is_told_and_is_no_halt(code: str, kind: str) -> None:
    [error] = facts(frame({**STATUS, "sc": code}))

    assert isinstance(error, FeedError)
    assert (error.kind, error.symbol) == (kind, "AAPL")


def test_a_status_without_its_code_is_read_with_caution() -> None:
    halt, error = facts(frame({k: v for k, v in STATUS.items() if k != "sc"}))

    assert isinstance(halt, Halt)
    assert halt.halted
    assert isinstance(error, FeedError)
    assert error.kind == "missing-sc"


REGULAR, EARLY = "2021-07-01T13:30:00Z", "2021-07-01T13:29:59.999999999Z"  # 09:30 in New York


@pytest.mark.parametrize(
    ("tape", "codes", "at", "flags"),
    [
        ("C", ["@"], REGULAR, MOVES_ALL),
        ("A", [" "], REGULAR, MOVES_ALL),
        ("C", ["@", "F"], REGULAR, MOVES_ALL),
        ("C", ["@", "I"], REGULAR, VOLUME | ODD_LOT),
        ("A", ["B"], REGULAR, VOLUME),  # average price
        ("B", ["B"], REGULAR, VOLUME),
        ("C", ["B"], REGULAR, MOVES_ALL),  # bunched
        ("C", ["W"], REGULAR, VOLUME),  # average price
        ("A", ["W"], REGULAR, MOVES_ALL),
        ("C", ["G"], REGULAR, HIGH_LOW | VOLUME | LATE),
        ("C", ["4"], REGULAR, HIGH_LOW | VOLUME),
        ("C", ["Z"], REGULAR, HIGH_LOW | VOLUME | LATE),
        ("C", ["L"], REGULAR, MOVES_ALL | LATE),
        ("C", ["Z", "W"], REGULAR, VOLUME | LATE),
        ("C", ["M"], REGULAR, TradeFlags(0)),
        ("C", ["9"], REGULAR, LAST | HIGH_LOW),
        ("C", ["@", "T"], REGULAR, VOLUME),
        ("C", ["@", "T"], EARLY, MOVES_ALL),
        ("C", ["@", "F", "T", "I"], EARLY, VOLUME | ODD_LOT),
        ("C", ["@", "T"], "2021-07-01T20:00:00Z", MOVES_ALL),  # 16:00
        ("C", ["@", "T"], "2021-07-01T19:59:59.999999999Z", VOLUME),
        ("C", ["@", "T"], "2021-01-04T13:45:00Z", MOVES_ALL),  # 08:45 in winter
        ("C", ["@", "T"], "2021-01-04T20:30:00Z", VOLUME),  # 15:30 in winter
        ("C", ["@", "U"], EARLY, VOLUME | LATE),
        ("", ["?"], REGULAR, MOVES_ALL),
    ],
)
def test_conditions_say_by_tape_and_clock_what_a_trade_may_move(
    tape: str, codes: list[str], at: str, flags: TradeFlags
) -> None:
    assert fact_of({**TRADE, "z": tape, "c": codes, "t": at}).flags == flags


def test_an_updated_minute_revises_the_one_before() -> None:
    updated, daily = {**BAR, "T": "u"}, {**BAR, "T": "d", "t": "2021-02-22T05:00:00Z"}

    seen = facts(frame(BAR, updated, daily, updated, daily, {**BAR, "S": "QQQ"}))

    told = [(f.symbol, f.interval, f.revision) for f in seen if isinstance(f, Bar)]
    assert told == [
        ("SPY", MINUTE, 0),
        ("SPY", MINUTE, 1),
        ("SPY", DAY, 0),
        ("SPY", MINUTE, 2),
        ("SPY", DAY, 1),
        ("QQQ", MINUTE, 0),
    ]


def test_an_update_of_a_minute_that_we_missed_is_a_revision_all_the_same() -> None:
    assert fact_of({**BAR, "T": "u"}).revision == 1


def test_a_day_ends_a_day_after_its_start() -> None:
    bar = fact_of({**BAR, "T": "d", "t": "2021-02-22T05:00:00Z"})

    assert (bar.ts_open, bar.interval) == (nanos_of("2021-02-22T05:00:00Z"), DAY)


def test_symbols_get_their_neutral_names_in_facts_and_errors() -> None:
    seen = facts(frame(CRYPTO, {**CRYPTO, "p": None}), names={"BTC/USD": "BTC-USD"})

    assert [fact.symbol for fact in seen] == ["BTC-USD"] * 3


REQUIRED = [
    (TRADE, "S p s t"),
    (QUOTE, "S bp bs ap as t"),
    (BAR, "S o h l c v vw n t"),
    (STATUS, "S sc t"),
    (LULD, "S u d t"),
    (CORRECTION, "S op os cp cs t"),
    (CANCEL, "S p s t"),
    (IMBALANCE, "S p t"),
]
EACH = [(sample, key) for sample, keys in REQUIRED for key in keys.split()]
BLANKS: dict[str, Any] = {"S": ("symbol", ""), "t": ("ts_event", NOW)}


@pytest.mark.parametrize(("sample", "key"), EACH)
@pytest.mark.parametrize("codec", ["json", "msgpack"])
def test_s13_a_message_without_a_field_yields_its_fact_and_one_error(
    sample: dict[str, object], key: str, codec: str
) -> None:
    whole = facts(frame(sample))[0]
    lacking = {k: v for k, v in sample.items() if k != key}
    raw = packed(lacking) if codec == "msgpack" else frame(lacking)

    fact, error = facts(raw, codec)

    assert type(fact) is type(whole)
    assert isinstance(error, FeedError)
    assert error.kind == f"missing-{key}"
    changed = {
        name: getattr(fact, name)
        for name in fact.__struct_fields__
        if getattr(fact, name) != getattr(whole, name) and name != "flags"
    }
    if key in BLANKS:
        name, blank = BLANKS[key]
        assert changed[name] == blank
    elif key == "n":
        assert changed == {"trade_count": 0}
    elif key not in ("sc", "u", "d"):
        assert any(value != value for value in changed.values())  # NaN


@pytest.mark.parametrize(("sample", "key"), [(s, k) for s, k in EACH if k not in ("S", "sc", "t")])
@pytest.mark.parametrize("value", [True, "NaN", [1], {}, math.inf, 10**400])
def test_s13_what_is_no_number_is_told(sample: dict[str, object], key: str, value: object) -> None:
    fact, error = facts(frame({**sample, key: value}).replace(b"Infinity", b"1e999"))

    assert type(fact) is type(facts(frame(sample))[0])
    assert isinstance(error, FeedError)
    assert error.kind == f"unreadable-{key}"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, True, "NaN", None])
def test_s13_messagepack_can_carry_what_is_no_price(value: object) -> None:
    trade, error = facts(packed({**TRADE, "p": value}), "msgpack")

    assert isinstance(trade, Trade)
    assert math.isnan(trade.price)
    assert isinstance(error, FeedError)
    assert error.kind in ("unreadable-p", "missing-p")


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"s": -1}, "unreadable-s"),
        ({"S": 5}, "unreadable-S"),
        ({"t": "yesterday"}, "unreadable-t"),
        ({"t": "0001-01-01T00:00:00Z"}, "unreadable-t"),
        ({"t": 1614009104}, "unreadable-t"),
        ({"t": None}, "missing-t"),
        ({"c": "@"}, "unreadable-c"),
        ({"i": [1]}, "unreadable-i"),
        ({"x": 4}, "unreadable-x"),
    ],
)
def test_s13_an_odd_field_is_told_beside_its_trade(changes: dict[str, object], kind: str) -> None:
    assert kinds(facts(frame({**TRADE, **changes}))) == ["Trade", kind]


def test_a_bar_without_a_time_ends_at_its_arrival() -> None:
    bar, error = facts(frame({**BAR, "t": "soon"}))

    assert bar.ts_event == NOW
    assert isinstance(error, FeedError)
    assert error.kind == "unreadable-t"


def test_negative_prices_are_prices() -> None:
    assert fact_of({**TRADE, "p": -37.63}).price == -37.63


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ({"T": "n", "headline": "?"}, "unsupported"),
        ({"T": "o", "S": "BTC/USD", "b": [], "a": []}, "unsupported"),
        ({"T": "zz"}, "unknown-message"),
        ({"T": 5}, "unknown-message"),
        ({"T": ["t"]}, "unknown-message"),
        ({}, "unknown-message"),
        (5, "unreadable-message"),
        (None, "unreadable-message"),
        ([TRADE], "unreadable-message"),
    ],
)
def test_one_odd_message_does_not_take_the_others_with_it(message: object, kind: str) -> None:
    assert kinds(facts(frame(TRADE, message, QUOTE))) == ["Trade", kind, "Quote"]


def test_a_lone_message_and_an_empty_frame_are_read_too() -> None:
    assert kinds(facts(json.dumps(TRADE).encode())) == ["Trade"]
    assert facts(b"[]") == []
    assert facts(b"\x90", "msgpack") == []


def test_broken_text_in_one_field_is_told_beside_its_trade() -> None:
    raw = frame(TRADE, QUOTE).replace(b'"D"', b'"\xff"')

    assert kinds(facts(raw)) == ["Trade", "unreadable-x", "Quote"]


@given(st.data())
def test_a_damaged_frame_gives_facts_or_a_decode_error(data: st.DataObject) -> None:
    codec = data.draw(st.sampled_from(["json", "msgpack"]))
    sample = data.draw(st.sampled_from(SAMPLES))
    whole = packed(sample, TRADE) if codec == "msgpack" else frame(sample, TRADE)
    cut = data.draw(st.integers(0, len(whole)))
    flip = data.draw(st.integers(0, len(whole) * 8 - 1))
    damaged = bytearray(whole)
    damaged[flip // 8] ^= 1 << flip % 8
    decode = alpaca("k", "s", codec=codec).decoder({})
    for raw in (whole[:cut], bytes(damaged)):
        with suppress(DecodeError):
            seen, _ = decode(raw, NOW, 1)
            assert [fact.seq for fact in seen] == list(range(1, len(seen) + 1))


@given(st.binary(max_size=80), st.sampled_from(["json", "msgpack"]))
def test_any_bytes_give_facts_or_a_decode_error(raw: bytes, codec: Any) -> None:
    with suppress(DecodeError):
        seen, _ = alpaca("k", "s", codec=codec).decoder({})(raw, NOW, 1)
        assert [fact.seq for fact in seen] == list(range(1, len(seen) + 1))


@pytest.fixture(scope="module")
def models() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the vendor's package warns of its own dependencies
        return pytest.importorskip("alpaca.data.models")


def _at(moment: Any) -> int:
    return nanos_of(moment.isoformat())


def test_the_vendors_own_package_reads_the_same_trade(models: Any) -> None:
    theirs, ours = models.Trade("AAPL", TRADE), fact_of(TRADE)

    assert (theirs.symbol, theirs.price, theirs.size) == (ours.symbol, ours.price, ours.size)
    assert (_at(theirs.timestamp), str(theirs.id)) == (ours.ts_event, ours.trade_id)
    assert (theirs.exchange, tuple(theirs.conditions)) == (ours.venue, ours.conditions)


def test_the_vendors_own_package_reads_the_same_quote(models: Any) -> None:
    theirs, ours = models.Quote("AMD", QUOTE), fact_of(QUOTE)

    assert (theirs.bid_price, theirs.ask_price) == (ours.bid, ours.ask)
    assert (theirs.bid_size, theirs.ask_size) == (ours.bid_size, ours.ask_size)
    assert (theirs.bid_exchange, theirs.ask_exchange) == (
        ours.bid_venue,
        ours.ask_venue,
    )
    assert _at(theirs.timestamp) == ours.ts_event // 1000 * 1000  # theirs ends at microseconds


def test_the_vendors_own_package_reads_the_same_bar(models: Any) -> None:
    theirs, ours = models.Bar("SPY", BAR), fact_of(BAR)

    assert (theirs.open, theirs.high, theirs.low) == (ours.open, ours.high, ours.low)
    assert (theirs.close, theirs.volume, theirs.vwap) == (ours.close, ours.volume, ours.vwap)
    assert (theirs.trade_count, _at(theirs.timestamp)) == (ours.trade_count, ours.ts_open)

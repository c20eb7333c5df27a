from __future__ import annotations

import json
import math
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import asdict

from ordinis_rx.errors import DecodeError, SubscriptionError
from ordinis_rx.events import (
    MOVES_ALL,
    Event,
    FeedError,
    Heartbeat,
    Quote,
    Reading,
    Trade,
    TradeFlags,
)
from ordinis_rx.providers.finnhub import finnhub, finnhub_crypto, finnhub_forex
from ordinis_rx.providers.protocol import Reply, Topic
from ordinis_rx.timebase import MILLI
from tests.facts import kinds

RECORDED = Path(__file__).parents[3] / "shared/data/finnhub/ws_frames_real.jsonl"
NOW = 1_700_000_000_000_000_000
T = 1680286538064  # 14:15:38 in New York
ODD_LOT = TradeFlags.VOLUME | TradeFlags.ODD_LOT
ROW = {"s": "AAPL", "p": 164.06, "t": T, "v": 142.0, "c": ["1", "8"]}


def facts(message: object, names: dict[str, str] | None = None, seq: int = 1) -> list[Event]:
    raw = message if isinstance(message, bytes) else json.dumps(message).encode()
    seen, controls = finnhub("token").decoder(names or {})(raw, NOW, seq)
    assert not controls
    return seen


def row(**changes: object) -> dict[str, object]:
    return {"type": "trade", "data": [{**ROW, **changes}]}


def without(key: str) -> dict[str, object]:
    return {"type": "trade", "data": [{k: v for k, v in ROW.items() if k != key}]}


def test_a_trade_is_read_whole() -> None:
    assert facts(row(), seq=41) == [
        Trade(
            symbol="AAPL",
            ts_event=T * MILLI,
            ts_recv=NOW,
            provider="finnhub",
            seq=41,
            price=164.06,
            size=142.0,
            conditions=("1", "8"),
        )
    ]


def test_one_message_holds_trades_of_several_symbols_in_the_order_of_the_wire() -> None:
    rows = [{**ROW, "s": s, "t": t} for s, t in (("XOM", T), ("TSLA", T - 5), ("XOM", T - 9))]

    seen = facts({"type": "trade", "data": rows}, seq=7)

    assert [(f.symbol, f.ts_event, f.seq) for f in seen] == [
        ("XOM", T * MILLI, 7),
        ("TSLA", (T - 5) * MILLI, 8),
        ("XOM", (T - 9) * MILLI, 9),
    ]


def test_equal_rows_are_different_trades() -> None:
    seen = facts({"type": "trade", "data": [ROW, ROW, ROW]})

    assert [fact.seq for fact in seen] == [1, 2, 3]


def test_symbols_get_their_neutral_names() -> None:
    [fact] = facts(row(s="BINANCE:BTCUSDT"), {"BINANCE:BTCUSDT": "BTC-USD"})

    assert fact.symbol == "BTC-USD"


def test_a_blank_may_stand_inside_a_symbol() -> None:
    [fact] = facts(row(s="IC MARKETS:1"))
    assert fact.symbol == "IC MARKETS:1"

    [topic] = finnhub("token").topics(["IC MARKETS:1"], frozenset({"trades"}))
    assert topic == Topic("trades", "IC MARKETS:1")


@pytest.mark.parametrize("message", [row(c=None), without("c"), row(c=[])])
def test_conditions_may_be_null_absent_or_empty(message: object) -> None:
    [trade] = facts(message)

    assert isinstance(trade, Trade)
    assert trade.conditions == ()
    assert trade.flags == MOVES_ALL


OUTSIDE = 1626732221656  # 18:03 in New York


@pytest.mark.parametrize(
    ("codes", "at", "flags"),
    [
        (["1"], T, MOVES_ALL),
        (["1", "8"], T, MOVES_ALL),
        (["1", "12"], T, ODD_LOT),
        (["12", "8", "1"], T, ODD_LOT),
        (["1", "24"], T, TradeFlags.VOLUME),  # marked as extended hours in the regular session
        (["1", "24"], OUTSIDE, MOVES_ALL),
        (["1", "24", "12"], OUTSIDE, ODD_LOT),
        (["99"], T, MOVES_ALL),  # unknown
    ],
)
def test_conditions_say_what_a_trade_may_move(codes: list[str], at: int, flags: TradeFlags) -> None:
    [trade] = facts(row(c=codes, t=at))

    assert isinstance(trade, Trade)
    assert trade.flags == flags


def test_a_row_without_volume_is_a_price_and_no_trade() -> None:
    [reading] = facts(row(s="OANDA:EUR_USD", p=1.0875, v=0))

    assert isinstance(reading, Reading)
    assert (reading.name, reading.value, reading.symbol) == ("price", 1.0875, "OANDA:EUR_USD")


def test_a_ping_is_a_heartbeat_and_is_answered() -> None:
    seen, controls = finnhub("token").decoder({})(b'{"type":"ping"}', NOW, 3)

    assert seen == [Heartbeat(ts_event=NOW, ts_recv=NOW, provider="finnhub", seq=3)]
    assert list(controls) == [Reply('{"type":"pong"}')]


def test_too_many_symbols_is_told_and_not_fatal() -> None:
    [error] = facts({"msg": "Subscribing to too many symbols", "type": "error"})

    assert isinstance(error, FeedError)
    assert (error.kind, error.message) == ("refused", "Subscribing to too many symbols")


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ({"type": "news", "data": [{"headline": "?"}]}, "unsupported"),
        ({"type": "pr"}, "unsupported"),
        ({"type": "quote", "data": []}, "unknown-message"),
        ({"type": None}, "unknown-message"),
        ({"type": ["trade"]}, "unknown-message"),
        ({}, "unknown-message"),
        ({"type": "trade"}, "missing-data"),
        ({"type": "trade", "data": {"s": "AAPL"}}, "missing-data"),
        ({"type": "error", "msg": 5}, "refused"),
    ],
)
def test_other_messages_are_told_by_kind(message: object, kind: str) -> None:
    [error] = facts(message)

    assert isinstance(error, FeedError)
    assert error.kind == kind
    assert error.ts_event == NOW


def test_s13_a_missing_price_is_nan_and_told() -> None:
    trade, error = facts(without("p"))

    assert isinstance(trade, Trade)
    assert math.isnan(trade.price)
    assert trade.size == 142.0
    assert isinstance(error, FeedError)
    assert (error.kind, error.symbol, error.seq) == ("missing-p", "AAPL", 2)


def test_s13_a_missing_time_is_that_of_arrival() -> None:
    trade, error = facts(without("t"))

    assert trade.ts_event == NOW
    assert isinstance(error, FeedError)
    assert error.kind == "missing-t"


def test_s13_a_missing_symbol_is_empty() -> None:
    trade, error = facts(without("s"))

    assert trade.symbol == ""
    assert isinstance(error, FeedError)
    assert error.kind == "missing-s"


def test_s13_a_missing_volume_is_no_price_update() -> None:
    trade, error = facts(without("v"))

    assert isinstance(trade, Trade)
    assert math.isnan(trade.size)
    assert isinstance(error, FeedError)
    assert error.kind == "missing-v"


@pytest.mark.parametrize("value", [True, "NaN", "inf", [1], {"a": 1}, "", 10**400])
@pytest.mark.parametrize("key", ["p", "v"])
def test_s13_what_is_no_number_is_nan_and_told(key: str, value: object) -> None:
    trade, error = facts(row(**{key: value}))

    assert isinstance(trade, Trade)
    assert math.isnan(trade.price if key == "p" else trade.size)
    assert isinstance(error, FeedError)
    assert error.kind == f"unreadable-{key}"


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"v": -1}, "unreadable-v"),
        ({"t": "yesterday"}, "unreadable-t"),
        ({"t": 0}, "unreadable-t"),
        ({"t": -5}, "unreadable-t"),
        ({"t": 10**30}, "unreadable-t"),
        ({"t": 10**13}, "unreadable-t"),  # beyond 64 bits of nanoseconds
        ({"s": 7}, "unreadable-s"),
        ({"c": "1"}, "unreadable-c"),
        ({"c": [{}]}, "unreadable-c"),
        ({"p": None}, "missing-p"),
    ],
)
def test_s13_an_odd_field_is_told_beside_its_trade(changes: dict[str, object], kind: str) -> None:
    assert kinds(facts(row(**changes))) == ["Trade", kind]


def test_s12_sizes_keep_their_fractions() -> None:
    [trade] = facts(row(s="BINANCE:BTCUSDT", v=0.01559))

    assert isinstance(trade, Trade)
    assert trade.size == 0.01559


def test_one_odd_row_does_not_take_the_others_with_it() -> None:
    raw = json.dumps({"type": "trade", "data": [ROW, {**ROW, "p": "?"}, 5, ROW]}).encode()

    seen = facts(raw.replace(b'"?"', b"1e999"))

    assert kinds(seen) == ["Trade", "Trade", "unreadable-p", "unreadable-row", "Trade"]
    assert [fact.seq for fact in seen] == [1, 2, 3, 4, 5]


def test_s14_an_error_keeps_at_most_a_kibibyte() -> None:
    [error] = facts({"type": "nonsense", "data": "x" * 5000})

    assert isinstance(error, FeedError)
    assert len(error.raw) == 1024


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"5", b"null", b'{"type":"tr', b"\xff\xfe", b"[" * 10**5]
)
def test_bytes_that_are_no_message_are_refused_with_their_bytes(raw: bytes) -> None:
    with pytest.raises(DecodeError, match="finnhub sent what cannot be read") as caught:
        facts(raw)

    assert caught.value.raw == raw


def test_each_symbol_is_subscribed_to_by_a_message_of_its_own() -> None:
    topics = [Topic("trades", "AAPL"), Topic("trades", "BINANCE:BTCUSDT")]

    assert finnhub("token").subscribe(topics) == [
        '{"type":"subscribe","symbol":"AAPL"}',
        '{"type":"subscribe","symbol":"BINANCE:BTCUSDT"}',
    ]
    assert finnhub("token").unsubscribe(topics[:1]) == ['{"type":"unsubscribe","symbol":"AAPL"}']


def test_there_are_only_trades() -> None:
    with pytest.raises(SubscriptionError, match="finnhub refused: no channel 'quotes'"):
        finnhub("token").topics(["AAPL"], frozenset({"quotes"}))


def test_the_token_rides_in_the_address_and_nowhere_else() -> None:
    provider = finnhub("canary key&1")

    assert provider.endpoint.url == "wss://ws.finnhub.io?token=canary%20key%261"
    assert "canary" not in repr(provider) + repr(provider.endpoint) + provider.endpoint.shown
    assert provider.hello == ()
    assert not provider.authenticates
    assert not provider.acknowledges


def test_an_address_of_the_users_replaces_the_whole_one() -> None:
    provider = finnhub("x", url="ws://127.0.0.1:9/?token=canary")

    assert provider.endpoint.url == "ws://127.0.0.1:9/?token=canary"
    assert provider.endpoint.shown == "ws://127.0.0.1:9/"


@pytest.mark.parametrize(
    ("url", "dialled"),
    [
        ("ws://127.0.0.1:9", "ws://127.0.0.1:9?token=can%2Fary"),
        ("ws://127.0.0.1:9/?v=2", "ws://127.0.0.1:9/?v=2&token=can%2Fary"),
        ("ws://127.0.0.1:9/?token=mine", "ws://127.0.0.1:9/?token=mine"),
    ],
)
def test_the_token_joins_an_address_that_has_none(url: str, dialled: str) -> None:
    provider = finnhub("can/ary", url)

    assert provider.endpoint.url == dialled
    assert "token" not in provider.endpoint.shown


def test_a_token_in_the_address_is_enough_and_is_kept_secret_too() -> None:
    provider = finnhub("", "ws://127.0.0.1:9/?token=canary-in-url")
    [error], _ = provider.decoder({})(b'{"type":"error","msg":"no canary-in-url"}', NOW, 1)

    assert "canary-in-url" in provider.secrets
    assert "canary" not in repr(error)


@pytest.mark.parametrize("url", [None, "ws://127.0.0.1:9/", "ws://127.0.0.1:9/?token="])
def test_no_token_anywhere_is_refused(url: str | None) -> None:
    with pytest.raises(ValueError, match="finnhub: token is empty"):
        finnhub("", url)


def test_a_vendor_that_repeats_the_token_does_not_get_it_into_a_fact() -> None:
    raw = b'{"type":"error","msg":"bad token canary"}'
    [error], _ = finnhub("canary").decoder({})(raw, NOW, 1)

    assert "canary" not in repr(error)


def test_helpers_write_the_vendors_symbols() -> None:
    assert finnhub_forex("EUR/USD") == "OANDA:EUR_USD"
    assert finnhub_crypto("BTCUSDT", exchange="KRAKEN") == "KRAKEN:BTCUSDT"
    with pytest.raises(ValueError, match="'EURUSD'"):
        finnhub_forex("EURUSD")
    with pytest.raises(ValueError, match="crypto pair"):
        finnhub_crypto("")


SAMPLE = json.dumps({"data": [ROW, {**ROW, "c": None}], "type": "trade"}).encode()


@given(st.integers(0, len(SAMPLE)), st.integers(0, len(SAMPLE) * 8 - 1))
def test_a_damaged_frame_gives_facts_or_a_decode_error(cut: int, flip: int) -> None:
    damaged = bytearray(SAMPLE)
    damaged[flip // 8] ^= 1 << flip % 8
    for raw in (SAMPLE[:cut], bytes(damaged)):
        try:
            seen = facts(raw)
        except DecodeError:
            continue
        assert [fact.seq for fact in seen] == list(range(1, len(seen) + 1))


@given(st.binary(max_size=60))
def test_any_bytes_give_facts_or_a_decode_error(raw: bytes) -> None:
    with suppress(DecodeError):
        seen, _ = finnhub("token").decoder({})(raw, NOW, 1)
        assert [fact.seq for fact in seen] == list(range(1, len(seen) + 1))


moments = st.integers(1_000_000_000_000, 4_000_000_000_000).map(lambda ms: ms * MILLI)
numbers = st.floats(0.0001, 1e9)
symbols = st.sampled_from(["AAPL", "OANDA:EUR_USD", "IC MARKETS:1"])
codes = st.lists(st.sampled_from(["1", "8", "99"]), max_size=3).map(tuple)
trades = st.builds(
    Trade, symbol=symbols, ts_event=moments, price=numbers, size=numbers, conditions=codes
)
prices = st.builds(Reading, symbol=symbols, ts_event=moments, name=st.just("price"), value=numbers)


@given(st.lists(trades | prices, max_size=6))
def test_what_is_encoded_is_decoded_again(told: list[Trade | Reading]) -> None:
    provider = finnhub("token")
    decode = provider.decoder({})

    seen = [
        fact for frame in provider.encode(told) for fact in decode(str(frame).encode(), 0, 0)[0]
    ]

    expected = [{**asdict(fact), "provider": "finnhub"} for fact in told]
    assert [{**asdict(fact), "seq": 0} for fact in seen] == expected


def test_encoding_keeps_the_place_of_pings_and_leaves_out_what_the_wire_lacks() -> None:
    one = Trade(symbol="A", ts_event=T * MILLI, price=1.0, size=2.0)
    frames = finnhub("token").encode(
        [one, Quote(symbol="A", ts_event=0, bid=1.0, ask=2.0), one, Heartbeat(ts_event=0), one]
    )

    assert [json.loads(frame)["type"] for frame in frames] == ["trade", "ping", "trade"]
    assert len(json.loads(frames[0])["data"]) == 2


# By hand, from the recorded frames: trades, the first and the last as (ms, price, size), odd lots among them.
CHECKED = [
    (10, (1680286537580, 164.0601, 5.0), (1680286538295, 164.0615, 1.0), 8),
    (8, (1680286538611, 164.0641, 52.0), (1680286539455, 164.0601, 10.0), 8),
    (10, (1680286539953, 164.06, 100.0), (1680286540082, 164.06, 173.0), 7),
    (9, (1680286540141, 164.06, 1.0), (1680286540527, 164.065, 1.0), 6),
    (3, (1680286542024, 164.07, 1.0), (1680286542344, 164.06, 50.0), 2),
    (5, (1680286542985, 164.06, 1.0), (1680286543384, 164.0591, 1.0), 5),
    (7, (1676055242474, 118.815, 1.0), (1676055242334, 118.81, 10.0), 3),
    (4, (1618417965944, 133.22, 13.0), (1618417966750, 133.215, 50.0), 4),
    (3, (1685567486393, 203.04, 500.0), (1685567486934, 177.46, 72.0), 2),
    (1, (1626732221656, 3557.25, 2.0), (1626732221656, 3557.25, 2.0), 1),
    (1, (1721555886208, 66972.77, 0.01559), (1721555886208, 66972.77, 0.01559), 0),
    (1, (1575526691134, 7296.89, 0.011467), (1575526691134, 7296.89, 0.011467), 0),
    None,  # too many symbols
    (1, (1586876152227, 284.45, 300.0), (1586876152227, 284.45, 300.0), 0),
    (1, (1586876152227, 284.45, 300.0), (1586876152227, 284.45, 300.0), 0),
    (1, (1586876152115, 284.46, 1.0), (1586876152115, 284.46, 1.0), 0),
    (1, (1586876152115, 284.46, 1.0), (1586876152115, 284.46, 1.0), 0),
    (1, (1586876151964, 284.47, 168.0), (1586876151964, 284.47, 168.0), 0),
    (1, (1586876151964, 284.47, 168.0), (1586876151964, 284.47, 168.0), 0),
    (1, (1587739079469, 280.235, 100.0), (1587739079469, 280.235, 100.0), 0),
    (1, (1587739107896, 280.36, 500.0), (1587739107896, 280.36, 500.0), 0),
]


@pytest.mark.skipif(not RECORDED.exists(), reason="no recorded frames beside the project")
def test_every_recorded_frame_gives_the_facts_that_were_checked_by_hand() -> None:
    frames = [json.loads(line)["frame"] for line in RECORDED.read_text().splitlines()]
    assert len(frames) == len(CHECKED)
    for frame, checked in zip(frames, CHECKED, strict=True):
        seen = facts(frame)
        if checked is None:
            assert kinds(seen) == ["refused"]
            continue
        told = [fact for fact in seen if isinstance(fact, Trade)]
        figures = [(fact.ts_event // MILLI, fact.price, fact.size) for fact in told]
        odd = [fact for fact in told if fact.flags & TradeFlags.ODD_LOT]
        assert (len(told), figures[0], figures[-1], len(odd)) == checked
        assert len(told) == len(seen)
        assert [fact.symbol for fact in told] == [row["s"] for row in frame["data"]]


@pytest.mark.skipif(not RECORDED.exists(), reason="no recorded frames beside the project")
def test_a_recorded_trade_after_hours_moves_the_last_price_and_its_odd_lots_do_not() -> None:
    line = next(x for x in RECORDED.read_text().splitlines() if "203.04" in x)

    seen = facts(json.loads(line)["frame"])

    assert [fact.flags for fact in seen if isinstance(fact, Trade)] == [
        MOVES_ALL,
        ODD_LOT,
        ODD_LOT,
    ]

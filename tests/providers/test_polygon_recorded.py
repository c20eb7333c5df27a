"""The frames that were seen live, and the vendor's own examples, against facts read off by hand."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import asdict

from ordinis_rx.events import (
    MOVES_ALL,
    Bar,
    Event,
    FeedError,
    Quote,
    Reading,
    Side,
    Trade,
    TradeFlags,
)
from ordinis_rx.providers.polygon import polygon
from ordinis_rx.providers.protocol import Acknowledged, Control, Refused, Topic
from ordinis_rx.timebase import MILLI, MINUTE, SECOND

FOLDER = Path(__file__).parents[3] / "shared/data/polygon"
NOW = 1_800_000_000_000_000_000
ODD_LOT = TradeFlags.VOLUME | TradeFlags.ODD_LOT

pytestmark = pytest.mark.skipif(
    not FOLDER.exists(), reason="the recorded frames are not beside the project"
)


def lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / name).read_text().splitlines()]


def decoded(frame: object, market: str) -> tuple[list[Event], list[Control]]:
    facts, controls = polygon("canary-key", market=market).decoder({})(
        json.dumps(frame).encode(), NOW, 1
    )
    return facts, list(controls)


def trade(symbol: str, ms: int, price: float, size: float, venue: str, trade_id: str,
          conditions: tuple[str, ...] = (), flags: TradeFlags = MOVES_ALL,
          side: Side = Side.UNKNOWN) -> Trade:  # fmt: skip
    return Trade(symbol=symbol, ts_event=ms * MILLI, ts_recv=NOW, provider="polygon", price=price,
                 size=size, venue=venue, trade_id=trade_id, conditions=conditions, flags=flags,
                 side=side)  # fmt: skip


def quote(symbol: str, ms: int, bid: float, ask: float, bid_size: float, ask_size: float,
          bid_venue: str, ask_venue: str) -> Quote:  # fmt: skip
    return Quote(symbol=symbol, ts_event=ms * MILLI, ts_recv=NOW, provider="polygon", bid=bid, ask=ask,
                 bid_size=bid_size, ask_size=ask_size, bid_venue=bid_venue, ask_venue=ask_venue)  # fmt: skip


def bar(symbol: str, end_ms: int, interval: int, o: float, h: float, low: float, c: float,
        volume: float, vwap: float = math.nan) -> Bar:  # fmt: skip
    return Bar(symbol=symbol, ts_event=end_ms * MILLI, ts_recv=NOW, provider="polygon",
               interval=interval, open=o, high=h, low=low, close=c, volume=volume, vwap=vwap)  # fmt: skip


def reading(symbol: str, ts: int, name: str, value: float, *values: float) -> Reading:
    return Reading(symbol=symbol, ts_event=ts, ts_recv=NOW, provider="polygon", name=name, value=value,
                   values=values)  # fmt: skip


TDOC = ("TDOC", 1598988579874, 222.39)
LIVE: list[list[Event]] = [
    [bar("FCX", 1788877044000, SECOND, 78.1, 78.125, 78.07, 78.08, 4989.0, 78.0894)],
    [reading("ATHR", 1788877046310003385, "luld", math.nan, 2.97, 3.63)],
    [quote("AAPL", 1781622375952, 297.83, 297.86, 80, 80, "15", "12")],
    [trade("AAPL", 1781622376036, 297.845, 40, "4:202", "143541")],
    [bar("AAPL", 1782124956000, SECOND, 296.32, 296.32, 296.32, 296.32, 80.0, 296.32)],
    [trade("BTC-USD", 1706649628023, 43575.6, 4.522e-05, "23",
           "1b254a48-7258-4465-8215-2610ccf9ab21", ("2",), side=Side.BUY)],
    [trade("MSFT", 1577818283019, 156.9799, 3, "4", "8310", ("37",), ODD_LOT)],
    [quote("UFO", 1577818659363, 26.4, 26.47, 1, 3, "8", "12"),
     quote("UFO", 1577818659365, 26.4, 26.47, 1, 11, "8", "12")],
    [trade("MSFT", 1611082428813, 215.9721, 100, "4", "50578"),
     trade("MSFT", 1611082428814, 215.989, 1, "4", "12856", ("37",), ODD_LOT)],
    [trade(*TDOC, 27, "10", "52983575561794", ("14", "37", "41"), ODD_LOT)] * 2
    + [trade(*TDOC, 23, "10", "52983575561795", ("37",), ODD_LOT)] * 2,
    [trade("EDUC", 1598988579864, 16.782, 300, "4", "135")],
    [trade("BNTX", 1598988579895, 56.9, 20, "12", "10728", ("37",), ODD_LOT)],
    [trade("TCEHY", 1679590840534, 48.06, 100, "62", "00220725"),
     trade("TCEHY", 1679590840534, 48.06, 100, "62", "00220726"),
     trade("VWAGY", 1679592456022, 16.695, 30, "62", "00241707", ("37",), ODD_LOT),
     trade("VWAGY", 1679592456022, 16.7, 1, "62", "00241708", ("37",), ODD_LOT)],
]  # fmt: skip

GTE = bar("GTE", 1610144700000, MINUTE, 0.4488, 0.4489, 0.4486, 0.4486, 4110, 0.4488)
ONEM = bar("O:ONEM220121C00025000", 1632419700000, MINUTE, 2.05, 2.05, 2.05, 2.05, 2, 2.05)
BCD = bar("BCD-USD", 1610463300000, MINUTE, 0.772, 0.784, 0.771, 0.784, 951.6112, 0.7756)
SPX = ("I:SPX", 3985.67, 3985.67, 3985.67, 3985.67)
EXAMPLES: dict[str, Event] = {
    # A pre-market trade of 2018: Form T, which before the open moves all.
    "/stocks/T": trade("MSFT", 1536036818784, 114.125, 100, "4", "12345", ("0", "12")),
    "/stocks/Q": quote("MSFT", 1536036818784, 114.125, 114.128, 100, 160, "4", "7"),
    "/stocks/A": bar("SPCE", 1610144869000, SECOND, 25.39, 25.39, 25.39, 25.39, 200, 25.3981),
    "/stocks/AM": GTE,
    "/stocks/LULD": reading("MSFT", 1601316752683746000, "luld", math.nan, 198.11, 218.96),
    "/stocks/NOI": reading("NTEST.Q", 1601318039223013600, "imbalances", 480, 480, 440, 25.03, 930),
    "/business/stocks/FMV": reading("AAPL", 1678220098130 * MILLI, "fmv", 189.22),
    "/launchpad/stocks/AM": GTE,
    "/launchpad/stocks/LV": reading("AAPL", 1678220098130 * MILLI, "lv", 189.22),
    "/options/T": trade("O:AMC210827C00037000", 1629820676333, 1.54, 1, "65", "", ("233",)),
    "/options/Q": quote("O:SPY241220P00720000", 1644506128351, 9.71, 9.81, 17, 24, "302", "302"),
    "/options/A": ONEM,
    "/options/AM": ONEM,
    "/business/options/FMV": reading("O:TSLA210903C00700000", 1401715883806000000, "fmv", 7.2),
    "/launchpad/options/AM": ONEM,
    "/launchpad/options/LV": reading("O:TSLA210903C00700000", 1401715883806000000, "lv", 7.2),
    "/forex/C": quote("USD/CNH", 1536036818784, 6.83363, 6.83366, math.nan, math.nan, "44", "44"),
    "/forex/CA": bar("USD/EUR", 1539145800000, MINUTE, 0.8687, 0.86889, 0.8686, 0.86889, 20),
    "/forex/CAS": bar("USD/EUR", 1539145741000, SECOND, 0.8687, 0.86889, 0.8686, 0.86889, 20),
    "/business/forex/FMV": reading("EUR/USD", 1678220098130 * MILLI, "fmv", 1.0631),
    "/launchpad/forex/AM": bar(
        "USD/EUR", 1610144700000, MINUTE, 0.9288, 0.9289, 0.9206, 0.9286, 4110, 0.9288
    ),
    "/launchpad/forex/LV": reading("EUR/USD", 1678220098130 * MILLI, "lv", 1.0631),
    "/crypto/XT": trade(
        "BTC-USD", 1610462007425, 33021.9, 0.01616617, "3", "14272084", ("2",), side=Side.BUY
    ),
    "/crypto/XQ": quote("BTC-USD", 1610462411115, 33052.79, 33073.19, 0.48, 0.601, "1", "1"),
    "/crypto/XA": BCD,
    "/crypto/XAS": BCD,  # the vendor shows a minute here as well
    "/business/crypto/FMV": reading("BTC-USD", 1610462007425 * MILLI, "fmv", 33021.9),
    "/launchpad/crypto/AM": bar(
        "BTC-USD", 1610463300000, MINUTE, 27503.8, 27893.8, 26503.8, 27203.8, 951.6112, 26503.8
    ),
    "/launchpad/crypto/LV": reading("BTC-USD", 1610462007425 * MILLI, "lv", 33021.9),
    # Start and end are one in the vendor's example, and stand for no minute: told beside the bar.
    "/indices/A": bar(SPX[0], 1678220676805, SECOND, *SPX[1:], math.nan),
    "/indices/AM": bar(SPX[0], 1678220735805, MINUTE, *SPX[1:], math.nan),
    "/indices/V": reading("I:SPX", 1678220098130 * MILLI, "values", 3988.5),
}


def alike(told: list[Event], expected: list[Event]) -> None:
    """Equal but for `seq`, which counts from 1; here NaN equals NaN."""
    assert [type(fact) for fact in told] == [type(fact) for fact in expected]
    for number, (fact, wanted) in enumerate(zip(told, expected, strict=True), 1):
        for name, value in {**asdict(wanted), "seq": number}.items():
            seen = getattr(fact, name)
            assert seen == value or (seen != seen and value != value), (name, seen, value)


def test_every_frame_seen_live_is_the_facts_read_off_by_hand() -> None:
    frames = [line["frame"] for line in lines("ws_frames_real.jsonl")]
    data = [frame for frame in frames if frame[0]["ev"] != "status"]

    assert len(data) == len(LIVE)
    for frame, expected in zip(data, LIVE, strict=True):
        market = "crypto" if frame[0]["ev"].startswith("X") else "stocks"
        told, controls = decoded(frame, market)

        alike(told, expected)
        assert controls == []


def test_every_status_seen_live_is_understood() -> None:
    frames = [line["frame"] for line in lines("ws_frames_real.jsonl")]
    statuses = [decoded(frame, "stocks") for frame in frames if frame[0]["ev"] == "status"]
    connected, subscribed, too_many, unentitled, bad_key, too_late = statuses

    assert connected == ([], [])
    assert subscribed == (
        [], [Acknowledged((Topic("trades", "AAPL"), Topic("second_bars", "AAPL")))]
    )  # fmt: skip
    assert [fact.kind for fact in unentitled[0] if isinstance(fact, FeedError)] == [
        "not-authorized"
    ]
    said = [
        str(c.error)
        for _, cs in (too_many, bad_key, too_late)
        for c in cs
        if isinstance(c, Refused)
    ]
    assert said == [
        "disconnected: max_connections: Maximum number of websocket connections exceeded.",
        "polygon refused: authentication failed",
        "disconnected: auth_timeout: No authentication request received.",
    ]


@pytest.mark.parametrize("path", sorted(EXAMPLES))
def test_every_example_of_the_vendor_is_the_fact_read_off_by_hand(path: str) -> None:
    [frame] = [
        line["frame"] for line in lines("ws_examples_official.jsonl") if line["path"] == path
    ]
    market = next(
        part
        for part in path.split("/")
        if part in ("stocks", "options", "forex", "crypto", "indices")
    )

    told, controls = decoded(frame, market)

    alike(told[:1], [EXAMPLES[path]])
    odd = ["unreadable-e"] if path in ("/indices/A", "/indices/AM") else []
    assert [fact.kind for fact in told[1:] if isinstance(fact, FeedError)] == odd
    assert controls == []


def test_the_examples_are_all_there_is_but_the_order_book() -> None:
    assert {line["path"] for line in lines("ws_examples_official.jsonl")} - EXAMPLES.keys() == {
        "/crypto/XL2"
    }

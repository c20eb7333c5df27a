"""Every operator and every provider of the library keeps its promises. A new one needs a row here."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from reactivex import Observable
from reactivex import operators as ops

import ordinis_rx.operators as oo
from ordinis_rx import multicast
from ordinis_rx.clock import EventClock
from ordinis_rx.events import Event
from ordinis_rx.operators import Overflow
from ordinis_rx.providers.alpaca import alpaca
from ordinis_rx.providers.finnhub import finnhub
from ordinis_rx.providers.polygon import polygon
from ordinis_rx.providers.polygon_channels import CHANNELS
from ordinis_rx.providers.protocol import Provider
from ordinis_rx.sim import faults
from ordinis_rx.testing import (
    a_bar,
    a_cancel,
    a_feed_error,
    a_gap,
    a_halt,
    a_heartbeat,
    a_quote,
    a_reading,
    a_status,
    a_trade,
    check_operator,
    check_provider,
)
from ordinis_rx.timebase import MILLI

# operators

MARKET: list[Event] = [
    a_status(at=0, provider="p"),
    a_quote(99, 101, at=1, provider="p"),
    a_trade(100, at=2, trade_id="1", provider="p"),
    a_quote(98, 103, at=3, symbol="B", provider="q", bid_size=5),
    a_trade(7, at=3, symbol="B", trade_id="1", provider="q", size=0.5),
    a_trade(100, at=5, trade_id="1", provider="p"),  # told twice
    a_quote(102, 101, at=6, provider="q"),  # crossed
    a_trade(9, at=4, symbol="B", trade_id="2", provider="q"),  # late
    a_quote(math.nan, 101, at=7, provider="p"),
    a_trade(math.nan, at=8, size=math.nan, provider="p"),
    a_heartbeat(at=9, provider="p"),
    a_gap(5, 9, symbols=("B",), provider="q"),
    a_feed_error(at=10, provider="q"),
    a_bar(at=11, interval=5, provider="p"),
    a_bar(at=11, interval=5, provider="p"),
    a_halt(at=12),
    a_quote(100, 100, at=13, symbol="B", provider="p"),
    a_reading(-0.0, at=13, symbol="B", values=(math.nan,)),
    a_cancel(at=14),
    a_trade(101, at=15, provider="q"),
    a_halt(False, at=16),
    a_trade(8, at=22, symbol="B", provider="q"),
    a_bar(100, at=23, interval=5, open=100, high=101, low=99, provider="p"),  # a doji
    a_bar(100, at=28, interval=5, provider="p"),
    a_bar(
        110, at=33, interval=5, provider="p"
    ),  # above the level at which the last but one has turned
]

Make = Callable[[], Callable[[Observable[Any]], Observable[Any]]]


def in_lists(windows: Callable[[Observable[Any]], Observable[Any]]) -> Any:
    return ops.compose(windows, ops.flat_map(lambda window: window.pipe(ops.to_list())))


def of_two_branches(
    join: Callable[[Observable[Any], Observable[Any]], Observable[Any]],
) -> Callable[[Observable[Any]], Observable[Any]]:
    """*join* of the trades and the quotes of one source."""

    def operator(source: Observable[Any]) -> Observable[Any]:
        shared = source.pipe(multicast.share())
        return join(shared.pipe(oo.trades()), shared.pipe(oo.quotes()))

    return operator


CASES: dict[str, Make] = {
    "trades": oo.trades,
    "quotes": oo.quotes,
    "bars": oo.bars,
    "readings": oo.readings,
    "statuses": oo.statuses,
    "gaps": oo.gaps,
    "errors": oo.errors,
    "heartbeats": oo.heartbeats,
    "halts": oo.halts,
    "for_symbols": lambda: oo.for_symbols("B"),
    "for_providers": lambda: oo.for_providers("q"),
    "mid": oo.mid,
    "spread": oo.spread,
    "notional": oo.notional,
    "on_clock": lambda: oo.on_clock(EventClock()),
    "dedupe": oo.dedupe,
    "drop_crossed": oo.drop_crossed,
    "reorder": lambda: oo.reorder(3),
    "buffer": oo.buffer,
    "buffer, conflating": lambda: oo.buffer(100, Overflow.CONFLATE),
    "window_by_time": lambda: in_lists(oo.window_by_time(5)),
    "window_by_count": lambda: in_lists(oo.window_by_count(4)),
    "merge": lambda: of_two_branches(lambda trades, quotes: oo.merge(trades, quotes)),
    "with_latest": lambda: of_two_branches(
        lambda trades, quotes: trades.pipe(oo.with_latest(quotes))
    ),
    "zip_latest_by": lambda: oo.zip_latest_by("provider"),
    "time_bars": lambda: oo.time_bars(5, late=oo.SideOutput()),
    "time_bars, filled": lambda: oo.time_bars(5, 3, fill=True, late=oo.SideOutput()),
    "time_bars, flushed": lambda: oo.time_bars(5, of="mid", flush_after=2, late=oo.SideOutput()),
    "resample": lambda: oo.resample(20, late=oo.SideOutput()),
    "tick_bars": lambda: oo.tick_bars(2),
    "volume_bars": lambda: oo.volume_bars(1.5),
    "notional_bars": lambda: oo.notional_bars(100.0),
    "rolling_mean": lambda: oo.rolling_mean(2),
    "rolling_std": lambda: oo.rolling_std(2, of="mid"),
    "rolling_zscore": lambda: oo.rolling_zscore(2),
    "rolling_mean, recent": lambda: oo.rolling_mean(3, over=4),
    "zscore_filter": lambda: oo.zscore_filter(3, 1.0, warm_up=2),
    "zscore_filter, recent": lambda: oo.zscore_filter(3, 1.0, over=4, warm_up=2),
    "hampel_filter": lambda: oo.hampel_filter(3, 1.0),
    "hampel_filter, recent": lambda: oo.hampel_filter(4, 1.0, over=4, warm_up=3),
    "ema": lambda: oo.ema(span=3, of="bid"),
    "vwap": lambda: oo.vwap(10),
    "conflate": lambda: oo.conflate(4),
    "align": lambda: oo.align(5, ["B", "A"]),
    "sample_on": lambda: of_two_branches(lambda trades, quotes: trades.pipe(oo.sample_on(quotes))),
    "ichimoku": lambda: oo.ichimoku(1, 2, 3, 2),
    "levels": lambda: oo.levels(1),
    "breakouts": lambda: oo.breakouts(1, break_bps=0.0),
    "patterns": lambda: oo.patterns(["doji", "CDLDOJI", "CDLENGULFING"], trend=1, volume=1),
    "timeframes": lambda: oo.timeframes("1s", "5s", forming=True),
    "agreement": lambda: ops.compose(oo.timeframes("1s", "5s"), oo.agreement(periods=(1,))),
    "signals": lambda: ops.compose(
        oo.trades(), oo.signals(bullish=oo.col("price").rising(), repeat=True)
    ),
    "score": lambda: ops.compose(oo.bars(), oo.score(oo.col("close") - oo.col("open"))),
    "where": lambda: ops.compose(oo.trades(), oo.where(oo.col("size") > 0.6)),
    "adx": lambda: oo.adx(2, warm_up="nan"),
    "ad": lambda: oo.ad(warm_up="nan"),
    "adosc": lambda: oo.adosc(2, 2, warm_up="nan"),
    "aroon": lambda: oo.aroon(2, warm_up="nan"),
    "atr": lambda: oo.atr(1, warm_up="nan"),
    "bar_ema": lambda: oo.bar_ema(1, warm_up="nan"),
    "bar_vwap": lambda: oo.bar_vwap(every=20, warm_up="nan"),
    "bbands": lambda: oo.bbands(2, warm_up="nan"),
    "cci": lambda: oo.cci(2, warm_up="nan"),
    "cmf": lambda: oo.cmf(1, warm_up="nan"),
    "dema": lambda: oo.dema(1, warm_up="nan"),
    "dmi": lambda: oo.dmi(2, warm_up="nan"),
    "donchian": lambda: oo.donchian(1, warm_up="nan"),
    "force": lambda: oo.force(1, warm_up="nan"),
    "hma": lambda: oo.hma(1, warm_up="nan"),
    "indicators": lambda: oo.indicators(a="rsi:2", b="donchian:1"),
    "kama": lambda: oo.kama(1, warm_up="nan"),
    "keltner": lambda: oo.keltner(1, 1, warm_up="nan"),
    "macd": lambda: oo.macd(2, 2, 1, warm_up="nan"),
    "mfi": lambda: oo.mfi(2, warm_up="nan"),
    "natr": lambda: oo.natr(1, warm_up="nan"),
    "obv": lambda: oo.obv(warm_up="nan"),
    "roc": lambda: oo.roc(1, warm_up="nan"),
    "rsi": lambda: oo.rsi(2, warm_up="nan"),
    "rvol": lambda: oo.rvol(1, warm_up="nan"),
    "sar": lambda: oo.sar(warm_up="nan"),
    "sma": lambda: oo.sma(1, warm_up="nan"),
    "stoch": lambda: oo.stoch(1, 1, 0, 1, 0, warm_up="nan"),
    "stochrsi": lambda: oo.stochrsi(2, 1, 1, 0, warm_up="nan"),
    "supertrend": lambda: oo.supertrend(1, warm_up="nan"),
    "t3": lambda: oo.t3(1, warm_up="nan"),
    "ta": lambda: oo.ta("SMA", timeperiod=1, skipped=oo.SideOutput()),
    "tema": lambda: oo.tema(1, warm_up="nan"),
    "ultosc": lambda: oo.ultosc(1, 1, 1, warm_up="nan"),
    "volatility": lambda: oo.volatility(2, warm_up="nan"),
    "willr": lambda: oo.willr(2, warm_up="nan"),
    "wma": lambda: oo.wma(1, warm_up="nan"),
    "snapshot": oo.snapshot,
    "share": multicast.share,
    "sim.faults.duplicate": lambda: faults.duplicate(0.3, seed=1),
    "sim.faults.drop": lambda: faults.drop(0.3, seed=1),
}

NO_OPERATORS = {
    "Agreement",
    "Bias",
    "BufferMeter",
    "BufferStats",
    "CloudPosition",
    "Condition",
    "Expression",
    "IchimokuCloud",
    "Indicator",
    "OperatorMemory",
    "IndicatorState",
    "Latest",
    "Levels",
    "Opinion",
    "Overflow",
    "Pattern",
    "PatternContext",
    "PatternMatch",
    "Rule",
    "SideOutput",
    "Signal",
    "Snapshot",
    "TimeframeBars",
    "TimeframeSignal",
    "Volatility",
    "col",
    "highest",
    "indicator",
    "lowest",
    "rule",
    "vote",
    "weighted",
    "zscores",
}


def test_every_operator_has_a_row() -> None:
    assert set(oo.__all__) - NO_OPERATORS <= set(CASES)
    assert set(oo.__all__) >= NO_OPERATORS


@pytest.mark.parametrize("make", CASES.values(), ids=CASES)
def test_an_operator_keeps_its_promises(make: Make) -> None:
    check_operator(make, MARKET)


# providers


T = 1_750_000_000_123
BAR = {"o": 10.5, "h": 11.25, "l": 10.0, "c": 11.0, "v": 300, "s": 1_750_000_020_000, "z": 3}

POLYGON: dict[str, list[object]] = {
    "stocks": [
        [{"ev": "status", "status": "auth_success", "message": "authenticated"}],
        [
            {"ev": "T", "sym": "AAPL", "i": "71", "x": 4, "p": 201.5, "s": 40, "ds": "40.5", "c": [14], "t": T, "q": 9},
            {"ev": "Q", "sym": "AAPL", "bx": 4, "ax": 7, "bp": 201.25, "ap": 201.75, "bs": 3, "as": 8, "t": T},
        ],
        [{"ev": "AM", "sym": "AAPL", **BAR, "vw": 10.75, "e": BAR["s"] + 60_000}],
        [{"ev": "AM", "sym": "AAPL", **BAR, "c": 11.25, "vw": 10.75, "e": BAR["s"] + 60_000}],
        [{"ev": "LULD", "T": "AAPL", "h": 221.5, "l": 181.5, "i": [17], "t": T, "q": 5}],
        [{"ev": "NOI", "T": "AAPL", "t": T, "at": 930, "a": "O", "i": 44, "x": 10, "o": 480, "p": 440, "b": 25.5}],
        [{"ev": "WHAT", "sym": "AAPL"}],
    ],
    "options": [
        [{"ev": "T", "sym": "O:SPY251219C00650000", "x": 65, "p": 1.5, "s": 1, "c": [233], "t": T, "q": 1}],
        [{"ev": "Q", "sym": "O:SPY251219C00650000", "bx": 302, "ax": 302, "bp": 9.5, "ap": 9.75, "bs": 7, "as": 4, "t": T}],
        [{"ev": "A", "sym": "O:SPY251219C00650000", **BAR, "e": BAR["s"] + 1_000}],
    ],
    "forex": [
        [{"ev": "C", "p": "EUR/USD", "x": 48, "a": 1.0875, "b": 1.0625, "t": T}],
        [{"ev": "CA", "pair": "EUR/USD", **BAR}, {"ev": "CAS", "pair": "EUR/USD", **BAR}],
    ],
    "crypto": [
        [{"ev": "XT", "pair": "BTC-USD", "p": 43575.5, "t": T, "s": 4.5e-05, "c": [2], "i": "1b", "x": 23, "r": T + 45}],
        [{"ev": "XQ", "pair": "BTC-USD", "bp": 43570.5, "bs": 0.5, "ap": 43580.5, "as": 0.75, "t": T, "x": 1, "r": T}],
        [{"ev": "XA", "pair": "BTC-USD", **BAR, "e": BAR["s"] + 60_000}],
    ],
    "indices": [[{"ev": "V", "val": 5988.5, "T": "I:SPX", "t": T}]],
    "futures": [
        [{"ev": "T", "sym": "ESZ5", "p": 6001.25, "s": 2, "t": T, "q": 8}],
        [{"ev": "AM", "sym": "ESZ5", **BAR, "n": 7, "e": BAR["s"] + 60_000}],
    ],
}  # fmt: skip

FINNHUB: list[object] = [
    {"type": "trade", "data": [
        {"s": "AAPL", "p": 201.5, "t": T, "v": 142, "c": ["1", "8"]},
        {"s": "BINANCE:BTCUSDT", "p": 43575.5, "t": T - 2, "v": 0.0045, "c": None},
        {"s": "OANDA:EUR_USD", "p": 1.0875, "t": T, "v": 0},
    ]},
    {"type": "ping"},
    {"type": "trade", "data": [{"s": "AAPL", "p": 201.25, "t": T + 1, "v": 5}]},
    {"type": "error", "msg": "Subscribing to too many symbols"},
]  # fmt: skip

AT = "2025-06-15T15:06:40.123456789Z"
MINUTE_BAR = {
    "o": 10.5,
    "h": 11.25,
    "l": 10.0,
    "c": 11.0,
    "v": 300,
    "n": 3,
    "vw": 10.75,
    "t": "2025-06-15T15:06:00Z",
}

ALPACA: list[list[dict[str, object]]] = [
    [{"T": "success", "msg": "authenticated"}],
    [{"T": "subscription", "trades": ["AAPL"], "quotes": ["AAPL"]}],
    [
        {"T": "t", "i": 71, "S": "AAPL", "x": "D", "p": 201.5, "s": 40, "t": AT, "c": ["@", "I"], "z": "C"},
        {"T": "q", "S": "AAPL", "bx": "U", "bp": 201.25, "bs": 1, "ax": "Q", "ap": 201.75, "as": 4, "t": AT, "c": ["R"],
         "z": "C"},
        {"T": "b", "S": "AAPL", **MINUTE_BAR},
        {"T": "u", "S": "AAPL", **MINUTE_BAR, "c": 11.25},
        {"T": "s", "S": "AAPL", "sc": "H", "sm": "Trading Halt", "rc": "T12", "rm": "", "t": AT, "z": "C"},
        {"T": "x", "S": "AAPL", "i": 71, "x": "D", "p": 201.5, "s": 40, "a": "C", "z": "C", "t": AT},
        {"T": "c", "S": "AAPL", "x": "M", "oi": 72, "op": 39.25, "os": 4, "oc": [" "], "ci": 73, "cp": 39.5, "cs": 4,
         "cc": [" "], "z": "B", "t": AT},
    ],
]  # fmt: skip
ALPACA_CRYPTO: list[list[dict[str, object]]] = [
    [{"T": "t", "S": "BTC/USD", "p": 43575.5, "s": 0.0045, "t": AT, "i": 71, "tks": "S"}],
    [{"T": "q", "S": "BTC/USD", "bp": 43570.5, "bs": 0.5, "ap": 43580.5, "as": 0.75, "t": AT}],
]


def as_json(messages: Sequence[object]) -> list[str]:
    return [json.dumps(message) for message in messages]


def as_msgpack(messages: Sequence[list[dict[str, object]]]) -> list[bytes]:
    """As the server sends them: times are timestamps of MessagePack."""
    return [
        msgspec.msgpack.encode(
            [{**part, "t": stamp(part["t"])} if "t" in part else part for part in parts]
        )
        for parts in messages
    ]


def stamp(text: object) -> msgspec.msgpack.Ext:
    """Extension -1: 30 bits of nanoseconds, 34 of seconds."""
    whole, _, nanos = str(text).rstrip("Z").partition(".")
    at = int(datetime.fromisoformat(whole).replace(tzinfo=UTC).timestamp())
    return msgspec.msgpack.Ext(-1, (int(nanos.ljust(9, "0")) << 34 | at).to_bytes(8, "big"))


KEY, SECRET = "canary-key-1", "canary-secret-2"

PROVIDERS: dict[str, tuple[Provider, Sequence[bytes | str], int]] = {
    **{
        f"polygon {market}": (polygon(KEY, market=market), as_json(messages), MILLI)
        for market, messages in POLYGON.items()
    },
    "finnhub": (finnhub(KEY), as_json(FINNHUB), MILLI),
    "alpaca json": (alpaca(KEY, SECRET), as_json(ALPACA), 1),
    "alpaca msgpack": (alpaca(KEY, SECRET, codec="msgpack"), as_msgpack(ALPACA), 1),
    "alpaca crypto": (alpaca(KEY, SECRET, feed="crypto"), as_json(ALPACA_CRYPTO), 1),
}


def test_every_market_of_polygon_has_samples() -> None:
    assert set(POLYGON) == set(CHANNELS)


@pytest.mark.parametrize(("provider", "samples", "resolution"), PROVIDERS.values(), ids=PROVIDERS)
def test_a_provider_keeps_its_promises(
    provider: Provider, samples: Sequence[bytes | str], resolution: int
) -> None:
    check_provider(provider, samples, resolution=resolution)


RECORDED = Path(__file__).parents[2] / "shared/data"


def recorded(name: str) -> list[dict[str, Any]]:
    path = RECORDED / name
    if not path.exists():
        pytest.skip(f"recorded data is not here: {path.name}")
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("market", ["stocks", "options", "forex", "crypto", "indices"])
def test_polygon_keeps_them_on_the_vendors_own_examples(market: str) -> None:
    rows = recorded("polygon/ws_examples_official.jsonl")
    frames = [row["frame"] for row in rows if row["path"].startswith(f"/{market}/")]

    check_provider(polygon(KEY, market=market), as_json(frames), resolution=MILLI)


def test_polygon_keeps_them_on_live_frames() -> None:
    frames = [row["frame"] for row in recorded("polygon/ws_frames_real.jsonl")]

    check_provider(polygon(KEY), as_json(frames), resolution=MILLI)


def test_finnhub_keeps_them_on_live_frames() -> None:
    frames = [row["frame"] for row in recorded("finnhub/ws_frames_real.jsonl")]

    check_provider(finnhub(KEY), as_json(frames), resolution=MILLI)

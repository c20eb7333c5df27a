"""Polygon's flat files, in the layouts of the vendor's pages."""

from __future__ import annotations

import gzip
import math
from pathlib import Path

import pytest

from ordinis_rx import operators as oo
from ordinis_rx.errors import JournalError
from ordinis_rx.events import MOVES_ALL, TradeFlags
from ordinis_rx.journal import from_flat_file
from ordinis_rx.testing import a_bar, a_quote, a_trade, difference
from ordinis_rx.timebase import DAY, MINUTE
from tests.heard import heard

pytest.importorskip("pyarrow")

TRADES = """\
ticker,conditions,correction,exchange,id,participant_timestamp,price,sequence_number,sip_timestamp,size,tape,trf_id,trf_timestamp
A,"12,37",0,11,52983525035312,1712306654208705342,142.99,3807,1712306654208740096,5,1,0,0
NA,,0,4,x1,1712323854208705342,143,3808,1712323854208743168,8.5,1,202,0
"""
QUOTES = """\
ticker,ask_exchange,ask_price,ask_size,bid_exchange,bid_price,bid_size,conditions,indicators,participant_timestamp,sequence_number,sip_timestamp,tape,trf_timestamp
A,19,143.5,2,12,0.0,0,"1,81",,1770800340065735000,324,1770800340065760000,1,0
"""
BARS = """\
ticker,volume,open,close,high,low,window_start,transactions
AAPL,4930,200.29,200.5,200.63,200.2,1744792500000000000,129
"""


def a_file(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode()))
    return path


def test_trades_have_the_flags_of_their_conditions(tmp_path: Path) -> None:
    path = a_file(tmp_path / "us_stocks_sip/trades_v1/2024-04-05.csv.gz", TRADES)
    odd_lot = TradeFlags.VOLUME | TradeFlags.ODD_LOT
    wanted = [
        a_trade(
            142.99,
            at=1712306654208740096,
            symbol="A",
            size=5,
            venue="11",
            trade_id="52983525035312",
            conditions=("12", "37"),
            flags=odd_lot,
            provider="polygon",
            seq=1,
        ),
        a_trade(
            143,
            at=1712323854208743168,
            symbol="NA",
            size=8.5,
            venue="4:202",
            trade_id="x1",
            flags=MOVES_ALL,
            provider="polygon",
            seq=2,
        ),
    ]
    assert difference(heard(from_flat_file(path)), wanted) == ""


@pytest.mark.parametrize("tape", [",tape", ""])
def test_what_was_cancelled_or_told_in_error_moves_nothing(tmp_path: Path, tape: str) -> None:
    rows = "".join(
        f"A,,{code},11,{price},{1712306654208740096 + price},5{tape and ',1'}\n"
        for price, code in enumerate((0, 1, 7, 8, 10, 11, 12, ""), 1)
    )
    head = f"ticker,conditions,correction,exchange,price,sip_timestamp,size{tape}\n"

    told = heard(from_flat_file(a_file(tmp_path / "t.csv.gz", head + rows)))

    assert [trade.price for trade in told if trade.flags == MOVES_ALL] == [1, 2, 7, 8]
    assert [trade.price for trade in told if trade.flags == TradeFlags(0)] == [3, 4, 5, 6]


def test_a_file_without_corrections_has_the_flags_of_its_conditions(tmp_path: Path) -> None:
    text = "ticker,conditions,exchange,price,sip_timestamp,size,tape\nA,37,11,9,1712306654208740096,5,1\n"

    (trade,) = heard(from_flat_file(a_file(tmp_path / "t.csv.gz", text)))

    assert (trade.venue, trade.flags) == ("11", TradeFlags.VOLUME | TradeFlags.ODD_LOT)


def test_facilities_number_their_trades_apart_as_on_the_wire(tmp_path: Path) -> None:
    first = TRADES.splitlines()[2]
    rows = [
        first,
        first.replace(",202,", ",201,"),
        first.replace("4,x1", "11,x1").replace(",202,", ",,"),
    ]
    text = "\n".join([TRADES.splitlines()[0], *rows, first]) + "\n"

    told = heard(from_flat_file(a_file(tmp_path / "t.csv.gz", text)).pipe(oo.dedupe()))

    assert [trade.venue for trade in told] == ["4:202", "4:201", "11"]


def test_quotes(tmp_path: Path) -> None:
    path = a_file(tmp_path / "quotes_v1/2026-02-11.csv.gz", QUOTES)
    wanted = a_quote(
        math.nan,
        143.5,
        at=1770800340065760000,
        bid_size=0,
        ask_size=2,
        bid_venue="12",
        ask_venue="19",
        provider="polygon",
        seq=1,
    )
    assert difference(heard(from_flat_file(path)), [wanted]) == ""


def test_only_nothing_at_price_0_is_a_side_without_a_quote(tmp_path: Path) -> None:
    head, row = QUOTES.splitlines()
    rows = [row.replace("0.0,0,", side) for side in ("0.0,3,", "0.0,NaN,", "1.5,0,", "0,0.0,")]
    path = a_file(tmp_path / "q.csv.gz", "\n".join([head, *rows, row.replace("143.5,2", "0,0")]))

    told = heard(from_flat_file(path))

    assert [str(quote.bid) for quote in told] == ["0.0", "0.0", "1.5", "nan", "nan"]
    assert [str(quote.ask) for quote in told] == ["143.5"] * 4 + ["nan"]


def test_other_quotes_have_no_sizes_and_keep_their_prices(tmp_path: Path) -> None:
    text = "ticker,ask_exchange,ask_price,bid_exchange,bid_price,participant_timestamp\nC:AB,48,0,48,0,1712306654208705342\n"
    (quote,) = heard(from_flat_file(a_file(tmp_path / "q.csv.gz", text)))
    assert (quote.bid, quote.ask) == (0.0, 0.0)


@pytest.mark.parametrize(("folder", "interval"), [("minute_aggs_v1", MINUTE), ("day_aggs_v1", DAY)])
def test_bars_end_an_interval_after_their_window_starts(
    tmp_path: Path, folder: str, interval: int
) -> None:
    path = a_file(tmp_path / folder / "2025-04-16.csv.gz", BARS)
    wanted = a_bar(
        200.5,
        at=1744792500000000000 + interval,
        symbol="AAPL",
        interval=interval,
        open=200.29,
        high=200.63,
        low=200.2,
        volume=4930,
        trade_count=129,
        provider="polygon",
        seq=1,
    )
    assert difference(heard(from_flat_file(path)), [wanted]) == ""


@pytest.mark.parametrize(
    ("place", "interval"),
    [
        ("monday/minute_aggs_v1/a.csv.gz", MINUTE),
        ("minutes/day_aggs_v1/2025/a.csv.gz", DAY),
        ("minute_aggs_v1/copies/day_aggs_v1/a.csv.gz", DAY),
        ("day_aggs_v1/minute_aggs_2025-04-16.csv.gz", MINUTE),
    ],
)
def test_the_folder_nearest_to_the_file_tells_the_interval(
    tmp_path: Path, place: str, interval: int
) -> None:
    (bar,) = heard(from_flat_file(a_file(tmp_path / place, BARS)))
    assert bar.interval == interval


@pytest.mark.parametrize("place", ["today/a.csv.gz", "minutes/a.csv.gz", "my_day_aggs/a.csv.gz"])
def test_a_folder_that_is_called_something_else_tells_no_interval(
    tmp_path: Path, place: str
) -> None:
    with pytest.raises(JournalError, match="say interval="):
        from_flat_file(a_file(tmp_path / place, BARS))


def test_bars_whose_interval_nothing_tells_need_one(tmp_path: Path) -> None:
    path = a_file(tmp_path / "x.csv.gz", BARS.replace("volume,", "").replace("4930,", ""))
    with pytest.raises(JournalError, match="say interval="):
        from_flat_file(path)
    for wrong, why in ((0, "1 or more"), (-5, "1 or more"), ("1m", "a whole number of")):
        with pytest.raises((TypeError, ValueError), match=f"interval must be {why} nanoseconds"):
            from_flat_file(path, interval=wrong)  # type: ignore[arg-type]
    (bar,) = heard(from_flat_file(path, interval=7 * MINUTE))
    assert bar.interval == 7 * MINUTE
    assert math.isnan(bar.volume)


def test_other_markets_have_fewer_columns_and_other_codes(tmp_path: Path) -> None:
    text = "ticker,conditions,exchange,participant_timestamp,price,size\nX:BTC-USD,2,1,1712306654208705342,1.5,2\n"
    (trade,) = heard(from_flat_file(a_file(tmp_path / "t.csv.gz", text)))
    assert (trade.ts_event, trade.conditions, trade.flags) == (
        1712306654208705342,
        ("2",),
        MOVES_ALL,
    )


def test_what_is_no_flat_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="is no flat file: it has no sip_timestamp"):
        from_flat_file(a_file(tmp_path / "t.csv.gz", "a,b\n1,2\n"))
    bad = a_file(tmp_path / "u.csv.gz", TRADES.replace(",143,", ",much,"))
    told = heard(from_flat_file(bad))
    assert str(told[-1]) == f"{bad} column 'price', row 2: 'much' is no number"


@pytest.mark.parametrize("stamp", ["", "soon"])
def test_a_bad_time_ends_the_trades_after_the_rows_before_it(tmp_path: Path, stamp: str) -> None:
    bad = a_file(tmp_path / "t.csv.gz", TRADES.replace("1712323854208743168", stamp))

    told = heard(from_flat_file(bad))

    assert [trade.venue for trade in told[:-1]] == ["11"]
    assert isinstance(told[-1], JournalError)
    assert str(told[-1]).startswith(f"{bad} column 'sip_timestamp', row 2: ")


@pytest.mark.parametrize(
    ("made", "venue", "late"),
    [
        (1712323844208743167, 4, True),
        (1712323844208743168, 4, False),
        (1712323844208743167, 11, False),
        (0, 4, False),
        ("", 4, False),
    ],
)
def test_an_off_exchange_trade_that_was_told_late_is_out_of_sequence(
    tmp_path: Path, made: object, venue: int, late: bool
) -> None:
    text = TRADES.replace(",0,4,x1,1712323854208705342,", f",0,{venue},x1,{made},")
    told = heard(from_flat_file(a_file(tmp_path / "trades_v1" / "2024-04-05.csv.gz", text)))

    moves = TradeFlags.HIGH_LOW | TradeFlags.VOLUME | TradeFlags.LATE if late else MOVES_ALL
    assert told[1].flags == moves


ODD = [
    ("8", "0", "5"),
    ("1.5", "1e0", "1.7e18"),
    ("8.0", "0202", ""),
    ("", "202", "9" * 20),
    ("x", "", "-1"),
]


def test_a_trade_is_what_it_is_alone_whatever_stands_beside_others(tmp_path: Path) -> None:
    head = "ticker,conditions,correction,exchange,id,participant_timestamp,price,sip_timestamp,size,tape,trf_id"
    rows = [
        f"A,,{correction},4,x{k},{made},143,1712323854208743168,8,1,{trf}"
        for k, (correction, trf, made) in enumerate(ODD)
    ]

    together = heard(from_flat_file(a_file(tmp_path / "all.csv.gz", "\n".join([head, *rows]))))

    for trade, row in zip(together, rows, strict=True):
        (alone,) = heard(from_flat_file(a_file(tmp_path / "one.csv.gz", f"{head}\n{row}")))
        assert (trade.flags, trade.venue, trade.trade_id) == (
            alone.flags,
            alone.venue,
            alone.trade_id,
        )
    assert [int(trade.flags) for trade in together] == [0, 7, 7, 7, 7]
    assert [trade.venue for trade in together] == ["4", "4:1e0", "4:202", "4:202", "4"]


@pytest.mark.parametrize("name", ["correction", "trf_id", "participant_timestamp"])
def test_a_byte_that_is_no_text_beside_a_trade_costs_its_row(tmp_path: Path, name: str) -> None:
    path = tmp_path / "trades.csv"
    head = f"ticker,exchange,price,sip_timestamp,size,{name}"
    path.write_bytes(f"{head}\nA,4,1,7,1,0\nA,4,2,8,1,".encode() + b"\xff\nA,4,3,9,1,0\n")

    first, error, last = heard(from_flat_file(path, bad_rows="tell"))

    assert (first.price, last.price) == (1.0, 3.0)
    assert f"column '{name}', row 2: b'\\xff' is no text in UTF-8" in error.message
    assert f"column '{name}', row 2" in str(heard(from_flat_file(path))[-1])

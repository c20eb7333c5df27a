"""Tables of users: read as facts, or refused by file, column and row."""

from __future__ import annotations

import gzip
import math
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ordinis_rx.errors import JournalError
from ordinis_rx.events import Side, Trade, TradeFlags
from ordinis_rx.frames import TradeFrame
from ordinis_rx.journal import from_csv, from_parquet
from ordinis_rx.journal.writer import RecordingWriter
from ordinis_rx.testing import a_bar, a_quote, a_trade, difference
from ordinis_rx.timebase import DAY, MICRO, MILLI, MINUTE, SECOND
from tests.heard import heard

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

FX = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "fx"


def csv(folder: Path, text: str) -> Path:
    path = folder / "data.csv"
    path.write_text(text)
    return path


def test_trades_with_names_of_their_own(tmp_path: Path) -> None:
    text = 't,sym,px,qty,side,conditions,extra\n1000,NA,1.5,2,buy,"@,I",x\n2000,B,,3,Sell,,y\n'
    names = {"ts_event": "t", "symbol": "sym", "price": "px", "size": "qty"}
    told = heard(from_csv(csv(tmp_path, text), "trade", names, unit=MILLI))
    wanted = [
        a_trade(1.5, at=SECOND, symbol="NA", size=2, side=Side.BUY, conditions=("@", "I"), seq=1),
        a_trade(math.nan, at=2 * SECOND, symbol="B", size=3, side=Side.SELL, seq=2),
    ]
    assert difference(told, wanted) == ""


@pytest.mark.parametrize(
    ("stamp", "options", "nanos"),
    [
        ("1704205800", {}, 1_704_205_800 * SECOND),
        ("1704205800123", {}, 1_704_205_800_123 * MILLI),
        ("1704205800123456", {}, 1_704_205_800_123_456 * MICRO),
        ("1704205800123456789", {}, 1_704_205_800_123_456_789),
        ("1704205800123456789.4", {}, 1_704_205_800_123_456_789),
        ("1704205800123456789.5", {}, 1_704_205_800_123_456_790),
        ("1704205800123456789.000000", {"unit": 1}, 1_704_205_800_123_456_789),
        ("1704205800.25", {}, 1_704_205_800 * SECOND + 250 * MILLI),
        ("1704205800.1", {}, 1_704_205_800_100_000_000),
        ("1704205800.123456789", {}, 1_704_205_800_123_456_789),
        ("1704205800123.456789", {}, 1_704_205_800_123_456_789),
        ("1704205800123456.7894", {}, 1_704_205_800_123_456_789),
        ("-1.5", {"unit": SECOND}, -1_500 * MILLI),
        ("+0.5", {"unit": DAY}, DAY // 2),
        ("1.7042058e9", {}, 1_704_205_800 * SECOND),
        ("7", {"unit": MILLI, "since": DAY}, DAY + 7 * MILLI),
        ("2024-01-02T14:30:00Z", {}, 1_704_205_800 * SECOND),
        ("2024-01-02 14:30:00.123456789", {"zone": "UTC"}, 1_704_205_800_123_456_789),
        ("2024-01-02 09:30:00", {"zone": "America/New_York"}, 1_704_205_800 * SECOND),
        ("2024-01-02", {"zone": "UTC"}, 1_704_153_600 * SECOND),
    ],
)
def test_times_of_every_form(
    tmp_path: Path, stamp: str, options: dict[str, Any], nanos: int
) -> None:
    path = csv(tmp_path, f"ts_event,symbol,price,size\n{stamp},A,1,1\n")
    (trade,) = heard(from_csv(path, Trade, **options))
    assert trade.ts_event == nanos


def test_a_bar_that_is_stamped_with_its_start_is_given_its_end(tmp_path: Path) -> None:
    path = csv(tmp_path, "time,open,high,low,close,volume\n60,1,4,0.5,2,9\n")
    constants = {"symbol": "A", "interval": MINUTE, "provider": "me"}
    told = heard(from_csv(path, "bar", {"ts_event": "time"}, constants=constants, stamped="start"))
    bar = a_bar(
        2, at=2 * MINUTE, interval=MINUTE, open=1, high=4, low=0.5, volume=9, seq=1, provider="me"
    )
    assert difference(told, [bar]) == ""


def test_a_bar_whose_end_does_not_fit_is_named(tmp_path: Path) -> None:
    path = csv(tmp_path, f"ts_event,close\n{MINUTE},2\n{(1 << 63) - 2},3\n")
    constants = {
        "symbol": "A",
        "interval": MINUTE,
        "open": 1.0,
        "high": 4.0,
        "low": 0.5,
        "volume": 1.0,
    }

    told = heard(from_csv(path, "bar", constants=constants, stamped="start", unit=1))

    assert str(told[-1]) == f"{path} row 2: the bar ends after the last time in 64 bits of ns"


def test_no_header_another_delimiter_and_gzip(tmp_path: Path) -> None:
    path = tmp_path / "q.csv.gz"
    path.write_bytes(gzip.compress(b"3074;1.38756;1.38758\n7826;1.38755;1.38758\n"))
    stream = from_csv(
        path,
        "quote",
        header=["ts_event", "bid", "ask"],
        delimiter=";",
        constants={"symbol": "EURUSD"},
        unit=MILLI,
    )
    options: dict[str, Any] = {"symbol": "EURUSD", "bid_size": 0, "ask_size": 0}
    wanted = [
        a_quote(1.38756, 1.38758, at=3074 * MILLI, seq=1, **options),
        a_quote(1.38755, 1.38758, at=7826 * MILLI, seq=2, **options),
    ]
    assert difference(heard(stream), wanted) == ""


def test_rows_decide_nothing_but_the_size_of_frames(tmp_path: Path) -> None:
    lines = "".join(f"{n},A,{n / 3},1\n" for n in range(100))
    path = csv(tmp_path, "ts_event,symbol,price,size\n" + lines)
    told = heard(from_csv(path, "trade"))
    assert len(told) == 100
    assert difference(heard(from_csv(path, "trade", rows=7)), told) == ""
    with pytest.raises(ValueError, match="rows must be 1 or more rows, got 0"):
        from_csv(path, "trade", rows=0)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("3,A,abc,1", "column 'price', row 3: 'abc' is no number"),
        ("soon,A,1,1", "column 'ts_event', row 3: 'soon' is no time"),
        (",A,1,1", "column 'ts_event', row 3: there is no value"),
        ("3,A,1", "row 3: expected 4 columns, got 3"),
        ("3,A,,x", "column 'size', row 3: 'x' is no number"),
        ("99999999999,A,1,1", "column 'ts_event', row 3: 99999999999 is no time in 64 bits of ns"),
        (
            "9223372036854775808.0,A,1,1",
            "column 'ts_event', row 3: 9.223372036854776e+18 is no time in 64 bits of ns",
        ),
        ("1e19,A,1,1", "column 'ts_event', row 3: 1e+19 is no time in 64 bits of ns"),
        ("inf,A,1,1", "column 'ts_event', row 3: inf is no time in 64 bits of ns"),
        (
            "20240102,A,1,1",
            "column 'ts_event', row 3: 20240102 looks like a date: write it as 2024-01-31, or say of"
            " what unit it is, as in unit=SECOND",
        ),
    ],
)
def test_what_cannot_be_read_is_named_by_file_column_and_row(
    tmp_path: Path, line: str, complaint: str
) -> None:
    path = csv(tmp_path, f"ts_event,symbol,price,size\n1,A,1,1\n2,A,1,1\n{line}\n")
    for rows in (1, 10_000):
        one, other, error = heard(from_csv(path, "trade", rows=rows))
        assert str(error) == f"{path} {complaint}"
        assert (one.seq, other.seq) == (1, 2)


@pytest.mark.parametrize(
    "stamp", ["20240102", "202401021430", "20240102143005", "20240102143005123"]
)
def test_dates_without_dashes_are_no_numbers_of_any_unit(tmp_path: Path, stamp: str) -> None:
    path = csv(tmp_path, f"ts_event,symbol,price,size\n{stamp},A,1,1\n")

    (error,) = heard(from_csv(path, "trade"))

    assert f"row 1: {stamp} looks like a date: write it as" in str(error)
    (trade,) = heard(from_csv(path, "trade", unit=1))  # whoever says a unit means it
    assert trade.ts_event == int(stamp)


@pytest.mark.parametrize("flags", [-1, 32, 99, 40_000, "none"])
def test_flags_that_mean_nothing_are_named_after_the_rows_before_them(
    tmp_path: Path, flags: Any
) -> None:
    path = csv(
        tmp_path, f"ts_event,symbol,price,size,flags\n1,A,1,1,0\n2,A,1,1,31\n3,A,1,1,{flags}\n"
    )

    *told, error = heard(from_csv(path, "trade"))

    assert [int(trade.flags) for trade in told] == [0, 31]
    assert str(error).startswith(f"{path} column 'flags', row 3: ")
    assert isinstance(error, JournalError)
    if isinstance(flags, int):
        numbers = {"ts_event": [1], "symbol": ["A"], "price": [1.0], "size": [1.0]}
        pq.write_table(pa.table({**numbers, "flags": [flags]}), tmp_path / "x.parquet")
        with pytest.raises(JournalError, match=f"column 'flags', row 1: {flags} is no"):
            from_parquet(tmp_path / "x.parquet", "trade").run()


@pytest.mark.parametrize(
    ("header", "options", "complaint"),
    [
        (
            "ts_event,symbol,px,size",
            {},
            "has no column for price; it has ts_event, symbol, px, size",
        ),
        (
            "t,symbol,price,size",
            {"columns": {"ts_event": "time"}},
            "has no column 'time' for ts_event",
        ),
        (
            "ts_event,symbol,price,size",
            {"columns": {"cost": "price"}},
            "which have no cost: symbol",
        ),
        ("ts_event,symbol,price,size,price", {}, "column 'price' is there twice; it has ts_event,"),
        ("ts_event,symbol,price,size", {"columns": {"seq": "size"}}, "which have no seq"),
        ("ts_event,symbol,price,size", {"constants": {"price": 1.0}}, "is given a constant price"),
        ("ts_event,symbol,price,size", {"zone": "Mars/Base"}, "unknown time zone 'Mars/Base'"),
    ],
)
def test_what_does_not_fit_together_is_refused_at_once(
    tmp_path: Path, header: str, options: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(JournalError, match=complaint):
        from_csv(csv(tmp_path, header + "\n"), "trade", **options)


def test_a_column_that_is_there_twice_is_refused_in_parquet_too_unless_nobody_wants_it(
    tmp_path: Path,
) -> None:
    def written(*names: str) -> Path:
        path = tmp_path / "x.parquet"
        columns = [pa.array(["A"]) if name == "symbol" else pa.array([1]) for name in names]
        pq.write_table(pa.Table.from_arrays(columns, names=list(names)), path)
        return path

    fields = ("ts_event", "symbol", "price", "size")
    with pytest.raises(JournalError, match="column 'size' is there twice"):
        from_parquet(written(*fields, "size"), "trade")
    one = heard(from_parquet(written(*fields, "x", "x"), "trade", unit=1))
    assert one == [a_trade(1, at=1, seq=1)]


def test_times_without_a_zone_are_not_guessed(tmp_path: Path) -> None:
    path = csv(tmp_path, "ts_event,symbol,price,size\n2024-01-02 09:30:00,A,1,1\n")
    (error,) = heard(from_csv(path, "trade"))
    assert "column 'ts_event' has times without a zone: say which, as in zone='UTC'" in str(error)


def test_a_time_that_clocks_leave_out_or_tell_twice_is_named(tmp_path: Path) -> None:
    for stamp in ("2024-03-10 02:30:00", "2024-11-03 01:30:00"):
        path = csv(
            tmp_path, f"ts_event,symbol,price,size\n2024-01-02 09:30:00,A,1,1\n{stamp},A,1,1\n"
        )
        (*_, error) = heard(from_csv(path, "trade", zone="America/New_York"))
        assert (
            f"column 'ts_event', row 2: {stamp} was not, or was twice, in America/New_York"
            in str(error)
        )


def test_a_text_in_another_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "latin.csv"
    path.write_bytes(b"ts_event,symbol,price,size,caf\xe9\n1,A,1,1,x\n")
    with pytest.raises(
        JournalError, match=r"latin\.csv is no text in UTF-8: it holds the byte 0xe9"
    ):
        from_csv(path, "trade")


@pytest.mark.parametrize(
    ("options", "error", "complaint"),
    [
        (
            {"stamped": "begin"},
            ValueError,
            "from_csv: stamped must be one of 'start', 'end', got 'begin'",
        ),
        ({"stamped": "start"}, ValueError, "from_csv: a Trade has no interval"),
        ({"unit": "s"}, TypeError, "from_csv: unit must be a whole number of nanoseconds, got 's'"),
        ({"unit": 0}, ValueError, "from_csv: unit must be 1 or more nanoseconds, got 0"),
        ({"columns": ["price"]}, TypeError, "from_csv: columns must be a mapping, as in"),
        ({"constants": 5}, TypeError, "from_csv: constants must be a mapping, as in"),
        (
            {"zone": 3},
            TypeError,
            "from_csv: zone must be the name of a time zone, as in 'UTC', got 3",
        ),
        ({"header": "a,b"}, TypeError, "from_csv: header must be names, as in"),
        ({"header": ["a", 3]}, TypeError, "from_csv: header must be names, as in"),
        ({"delimiter": "||"}, ValueError, "from_csv: delimiter must be one letter, as in ';', got"),
        ({"delimiter": ""}, ValueError, "from_csv: delimiter is empty"),
        ({"delimiter": None}, TypeError, "from_csv: delimiter must be a text, got None"),
        ({"kind": ["trade", "quote"]}, ValueError, "from_csv: the rows of a file are of one kind,"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    tmp_path: Path, options: dict[str, Any], error: type[Exception], complaint: str
) -> None:
    with pytest.raises(error, match=complaint):
        from_csv(csv(tmp_path, "ts_event,symbol,price,size\n"), **{"kind": "trade"} | options)


def test_constants_are_what_the_fields_of_a_fact_are_and_others_are_named(tmp_path: Path) -> None:
    path = csv(tmp_path, "ts_event,price\n5,1\n")
    usual: dict[str, Any] = {"symbol": "A", "size": 1.0}
    given: dict[str, Any] = {"side": Side.SELL, "flags": TradeFlags.LAST, "conditions": ("1", "2")}
    told = heard(from_csv(path, "trade", unit=1, constants=usual | given))
    assert told == [a_trade(1, at=5, seq=1, **given)]
    for odd in (2**70, object()):
        with pytest.raises(JournalError) as error:
            from_csv(path, "trade", unit=1, constants=usual | {"size": odd})
        assert f"is given a constant size that no table holds: {odd!r}" in str(error.value)
    with pytest.raises(JournalError, match="constant side: 'FOO' is none of"):
        from_csv(path, "trade", unit=1, constants=usual | {"side": "foo"}, bad_rows="tell")


def test_a_side_that_is_missing_is_unknown(tmp_path: Path) -> None:
    path = csv(tmp_path, "ts_event,symbol,price,size,side\n1,A,1,1,buy\n2,A,1,1,\n3,A,1,1,NaN\n")
    told = heard(from_csv(path, "trade", unit=1))
    assert [trade.side for trade in told] == [Side.BUY, Side.UNKNOWN, Side.UNKNOWN]


def test_several_numbers_in_a_text_are_read_or_named(tmp_path: Path) -> None:
    path = csv(tmp_path, 'ts_event,symbol,value,values\n1,A,1,"1,2.5"\n2,A,1,"1,x"\n')
    told, error = heard(from_csv(path, "reading", unit=1))
    assert told.values == (1.0, 2.5)
    assert "column 'values', row 2: ['1', 'x'] is no list" in str(error)


def test_a_null_among_several_texts_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    columns = {"ts_event": [1, 2], "symbol": ["A", "A"], "price": [1.0, 1.0], "size": [1.0, 1.0]}
    pq.write_table(pa.table(columns | {"conditions": [["a", None], None]}), path)
    told = heard(from_parquet(path, "trade", unit=1))
    assert [trade.conditions for trade in told] == [("a",), ()]


@pytest.mark.parametrize("named", ["trade_id", "remark"])
@pytest.mark.parametrize(("rows", "odd"), [(20, 5), (20, 19), (60_000, 5), (60_000, 59_000)])
def test_a_quote_that_is_not_closed_costs_no_row_in_silence(
    tmp_path: Path, named: str, rows: int, odd: int
) -> None:
    lines = [f"{row},A,{row},1,x{row}" for row in range(1, rows + 1)]
    lines[odd] = lines[odd].replace("x", '"')
    path = csv(tmp_path, "\n".join([f"ts_event,symbol,price,size,{named}", *lines]))
    *told, error = heard(from_csv(path, "trade", unit=1))
    assert [trade.ts_event for trade in told] == [*range(1, odd + 1)]
    assert str(error) == f"{path} row {odd + 1}: a quote is not closed"


def test_a_value_may_have_several_lines_wherever_a_block_ends(tmp_path: Path) -> None:
    head = 'ts_event,symbol,price,size,trade_id,"of\nno use"\n'
    lines = [f'{row},A,{row},1,"x\n{row}",' for row in range(1, 60_001)]
    told = heard(from_csv(csv(tmp_path, head + "\n".join(lines)), "trade", unit=1))
    assert [trade.trade_id for trade in told] == [f"x\n{row}" for row in range(1, 60_001)]


@pytest.mark.parametrize("name", ["symbol", "trade_id", "side", "conditions"])
def test_a_text_in_another_encoding_is_named_in_parquet_too(tmp_path: Path, name: str) -> None:
    raw = pa.array([b"buy", b"sell", b"caf\xe9"], pa.binary())
    texts = pa.StringArray.from_buffers(3, *raw.buffers()[1:])
    several = name == "conditions"
    odd = pa.ListArray.from_arrays(pa.array([0, 1, 2, 3]), texts) if several else texts
    columns = {"ts_event": [1, 2, 3], "symbol": ["A"] * 3, "price": [1.0] * 3, "size": [1.0] * 3}
    pq.write_table(pa.table(columns | {name: odd}), tmp_path / "x.parquet")
    *told, error = heard(from_parquet(tmp_path / "x.parquet", "trade", unit=1))
    assert [trade.ts_event for trade in told] == [1, 2]
    shown = [b"caf\xe9"] if several else b"caf\xe9"
    assert f"column '{name}', row 3: {shown} is no text in UTF-8" in str(error)


@pytest.mark.parametrize("many", [pa.list_, pa.large_list, lambda text: pa.list_(text, 1)])
@pytest.mark.parametrize("text", [pa.string(), pa.large_string()])
def test_a_list_of_texts_in_another_encoding_is_named_whatever_kind_of_list_it_is(
    tmp_path: Path, many: Any, text: Any
) -> None:
    raw = pa.array(
        [[b"ok"], [b"\xff"]], many(pa.large_binary() if text != pa.string() else pa.binary())
    )
    columns = {"ts_event": [1, 2], "symbol": ["A"] * 2, "price": [1.0] * 2, "size": [1.0] * 2}
    pq.write_table(
        pa.table(columns | {"conditions": raw.cast(many(text), safe=False)}), tmp_path / "x.parquet"
    )

    first, error = heard(from_parquet(tmp_path / "x.parquet", "trade", unit=1))

    assert first.conditions == ("ok",)
    assert "column 'conditions', row 2: [b'\\xff'] is no text in UTF-8" in str(error)


def test_bytes_are_read_to_the_last_row(tmp_path: Path) -> None:
    path = csv(tmp_path, "ts_event,kind,message,raw\n1,odd,it is,abc\n2,odd,it is,\n")
    told = heard(from_csv(path, "error", unit=1))
    assert [fault.raw for fault in told] == [b"abc", b""]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for read in (from_csv, from_parquet):
        with pytest.raises(JournalError, match="cannot be read"):
            read(tmp_path / "missing", "trade")


def test_what_is_no_table_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(JournalError, match=r"x\.parquet cannot be read: Parquet magic bytes"):
        from_parquet(path, "trade")


def test_where_a_later_part_is_written_differently_no_row_is_told_twice(tmp_path: Path) -> None:
    block, length = 1 << 20, 1000
    header = "ts_event,symbol,price,size,note\n"
    # The next row is not in the first block any more.
    seconds = range((block - len(header)) // length)
    rows = [f"{at},A,{at},1," for at in seconds]
    rows += [f"1970-01-02T00:00:{at:02}Z,A,{at},1," for at in range(60)]
    path = csv(tmp_path, header + "".join(f"{row:x<{length - 1}}\n" for row in rows))
    told = heard(from_csv(path, "trade"))
    wanted = [(at * SECOND, at) for at in seconds] + [(DAY + at * SECOND, at) for at in range(60)]
    assert [(trade.ts_event, trade.price) for trade in told] == wanted


def test_what_cannot_be_read_in_a_later_part_is_named_after_all_before_it(tmp_path: Path) -> None:
    lines = [f"{1_704_205_800 + k},1.5,1" for k in range(120_000)] + ["1704205801,dear,1"]
    path = csv(tmp_path, "\n".join(["ts_event,price,size", *lines, ""]))

    *told, error = heard(from_csv(path, "trade", constants={"symbol": "A"}))

    assert str(error).endswith("column 'price', row 120001: 'dear' is no number")
    assert [trade.seq for trade in told] == list(range(1, 120_001))


def test_a_row_that_lacks_a_value_amid_a_later_part_is_named_after_all_before_it(
    tmp_path: Path,
) -> None:
    lines = [f"{1_704_205_800 + k},1.5,1" for k in range(120_000)]
    lines[110_000] = "1704205801,1.5"
    path = csv(tmp_path, "\n".join(["ts_event,price,size", *lines, ""]))

    *told, error = heard(from_csv(path, "trade", constants={"symbol": "A"}))

    assert str(error).endswith("row 110001: expected 3 columns, got 2")
    assert [trade.seq for trade in told] == list(range(1, 110_001))


def test_of_two_rows_that_do_not_fit_the_first_is_named_whatever_its_column(
    tmp_path: Path,
) -> None:
    path = csv(tmp_path, "ts_event,symbol,price,size\n1,A,1,1\n2,A,1,much\n3,A,dear,1\n4,A\n")

    told, error = heard(from_csv(path, "trade"))

    assert told.seq == 1
    assert str(error) == f"{path} column 'size', row 2: 'much' is no number"


def test_a_number_that_is_missing_is_nan_also_where_times_change_their_form(tmp_path: Path) -> None:
    lines = ["1704205800,1.5,1"] * 80_000 + ["1704205800.25,1.5,1", "1704205801,,nan"]
    path = csv(tmp_path, "\n".join(["ts_event,price,size", *lines, ""]))

    told = heard(from_csv(path, "trade", constants={"symbol": "A"}))

    assert len(told) == 80_002
    assert told[-2].ts_event == 1_704_205_800_250_000_000
    assert math.isnan(told[-1].price)
    assert math.isnan(told[-1].size)


@pytest.mark.parametrize(
    ("times", "options", "complaint"),
    [
        ([1.7e9, math.nan], {}, "row 2: nan is no time in 64 bits of ns"),
        ([1.7e9, -math.inf], {}, "row 2: -inf is no time in 64 bits of ns"),
        ([1_704_205_800 * SECOND], {"unit": SECOND}, "row 1: 1704205800000000000 is no time in 64 bits of ns"),
        ([-(1 << 63)], {}, "row 1: -9223372036854775808 is no time in 64 bits of ns"),
        ((2**63 + 5, "uint64"), {}, "row 1: 9223372036854775813 is no int64"),
        ((2**62, "timestamp"), {}, "row 1: a time out of bounds is no timestamp[ns, tz=UTC]"),
    ],
)  # fmt: skip
def test_a_time_that_does_not_fit_is_named_and_none_is_invented(
    tmp_path: Path, times: Any, options: dict[str, Any], complaint: str
) -> None:
    if isinstance(times, tuple):
        value, kind = times
        times = pa.array([value], pa.uint64() if kind == "uint64" else pa.timestamp("us", "UTC"))
    path, ones = tmp_path / "times.parquet", [1.0] * len(times)
    pq.write_table(pa.table({"ts_event": times, "price": ones, "size": ones}), path)

    *told, error = heard(from_parquet(path, "trade", constants={"symbol": "A"}, **options))

    assert str(error) == f"{path} column 'ts_event', {complaint}"
    assert [trade.ts_event for trade in told] == [1_700_000_000 * SECOND] * (len(times) - 1)


def test_parquet_of_somebody_elses_types(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    table = pa.table(
        {
            "when": pa.array([1, None], pa.timestamp("us", "America/New_York")),
            "symbol": pa.array(["A", "B"]).dictionary_encode(),
            "price": pa.array([1, 2], pa.int32()),
            "size": pa.array([1.5, None], pa.float32()),
        }
    )
    pq.write_table(table.slice(0, 1), path)
    told = heard(from_parquet(path, "trade", {"ts_event": "when"}))
    assert difference(told, [a_trade(1.0, at=MICRO, size=1.5, seq=1)]) == ""
    pq.write_table(table, path)
    _, error = heard(from_parquet(path, "trade", {"ts_event": "when"}))
    assert str(error) == f"{path} column 'when', row 2: there is no value"


def test_decimals_of_parquet_are_the_nearest_floats(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    cents = [Decimal(number) / 100 for number in range(10_000, 10_200)]
    columns = {"symbol": ["A"] * 200, "ts_event": range(200), "size": [1] * 200}
    pq.write_table(pa.table({**columns, "price": pa.array([*cents[:-1], None])}), path)

    told = heard(from_parquet(path, "trade"))

    assert [trade.price for trade in told[:-1]] == [float(each) for each in cents[:-1]]
    assert math.isnan(told[-1].price)


def test_recorded_ticks_are_read(tmp_path: Path) -> None:
    archive = FX / "fxcm" / "tick_20140505.zip"
    if not archive.exists():
        pytest.skip("recorded market data is not at hand")
    with zipfile.ZipFile(archive) as opened:
        (name,) = opened.namelist()
        text = opened.read(name).decode()
    path = csv(tmp_path, text)
    told = heard(
        from_csv(
            path,
            "quote",
            header=["ts_event", "bid", "ask"],
            constants={"symbol": "EURUSD"},
            unit=MILLI,
        )
    )
    rows = [line.split(",") for line in text.split()]
    assert [(f.ts_event, f.bid, f.ask) for f in told] == [
        (int(at) * MILLI, float(bid), float(ask)) for at, bid, ask in rows
    ]


@pytest.mark.parametrize("text", [pa.large_string(), pa.string_view()], ids=str)
def test_texts_as_polars_writes_them_are_texts_like_any(tmp_path: Path, text: Any) -> None:
    columns = {
        "ts_event": ["2024-01-02T14:30:00Z", "2024-01-02T14:30:01Z"],
        "symbol": ["A", "B"],
        "price": ["1.5", ""],
        "size": ["2", "3"],
        "conditions": ["@,I", ""],
        "side": ["buy", "SELL"],
    }
    told: list[list[Any]] = []
    for number, kind in enumerate((pa.string(), text)):
        path = tmp_path / f"{number}.parquet"
        table = pa.table({name: pa.array(words, pa.string()) for name, words in columns.items()})
        pq.write_table(table.cast(pa.schema([(name, kind) for name in columns])), path)
        told.append(heard(from_parquet(path, "trade")))

    assert difference(*told) == ""
    assert [trade.conditions for trade in told[1]] == [("@", "I"), ()]
    assert [math.isnan(trade.price) for trade in told[1]] == [False, True]


@pytest.mark.parametrize("bad_rows", ["raise", "tell"])
def test_a_row_is_what_it_is_alone_whatever_form_the_times_before_it_have(
    tmp_path: Path, bad_rows: Any
) -> None:
    forms = [
        "2024-01-02T00:00:00Z",
        "2024-01-02 00:00:01",
        "1704153602",
        "1704153603.5",
        "1.704153604e9",
    ]
    rows = "".join(f"{time},A,1,1\n" for time in forms)
    path = csv(tmp_path, "ts_event,symbol,price,size\n" + rows)

    told = heard(from_csv(path, "trade", zone="UTC", bad_rows=bad_rows))

    second = 1704153600 * SECOND
    assert [trade.ts_event - second for trade in told] == [
        0, SECOND, 2 * SECOND, 3 * SECOND + SECOND // 2, 4 * SECOND
    ]  # fmt: skip


def test_a_null_within_a_list_is_the_same_whatever_else_there_is(tmp_path: Path) -> None:
    words, numbers = [["a", None, "b"], None, ["c"]], [[1.0, None, 3.0], None, [4.0]]
    columns = {"ts_event": [1, 2, 3], "symbol": ["A"] * 3, "price": [1.0] * 3, "size": [1.0] * 3}
    readings = {"ts_event": [1, 2, 3], "symbol": ["A"] * 3, "value": [1.0] * 3, "name": ["x"] * 3}
    trades: list[Any] = []
    values: list[Any] = []
    for n in (1, 3):
        pq.write_table(
            pa.table(
                {name: column[:n] for name, column in columns.items()} | {"conditions": words[:n]}
            ),
            tmp_path / "trades.parquet",
        )
        pq.write_table(
            pa.table(
                {name: column[:n] for name, column in readings.items()} | {"values": numbers[:n]}
            ),
            tmp_path / "readings.parquet",
        )
        trades.append(heard(from_parquet(tmp_path / "trades.parquet", "trade", unit=1)))
        values.append(heard(from_parquet(tmp_path / "readings.parquet", "reading", unit=1)))

    assert [[trade.conditions for trade in told] for told in trades] == [
        [("a", "b")],
        [("a", "b"), (), ("c",)],
    ]
    assert [repr([reading.values for reading in told]) for told in values] == [
        "[(1.0, nan, 3.0)]",
        "[(1.0, nan, 3.0), (), (4.0,)]",
    ]


@pytest.mark.parametrize("row", [2, 1500])
@pytest.mark.parametrize("bad_rows", ["raise", "tell"])
def test_a_byte_that_is_no_text_costs_its_row_and_where_nobody_reads_it_nothing(
    tmp_path: Path, row: int, bad_rows: Any
) -> None:
    path = tmp_path / "latin.csv"
    lines = [b"%d,A,1,1,x" % at for at in range(1, 2001)]

    lines[row] = b"5,A,1,1,M\xfcnchen"
    path.write_bytes(b"ts_event,symbol,price,size,city\n" + b"\n".join(lines))
    assert len(heard(from_csv(path, "trade", unit=1, bad_rows=bad_rows))) == 2000

    lines[row] = b"5,M\xfcnchen,1,1,x"
    path.write_bytes(b"ts_event,symbol,price,size,city\n" + b"\n".join(lines))
    told = heard(from_csv(path, "trade", unit=1, bad_rows=bad_rows))

    assert len(told) == (row + 1 if bad_rows == "raise" else 2000)
    words = f"column 'symbol', row {row + 1}: b'M\\xfcnchen' is no text in UTF-8"
    assert words in (str(told[-1]) if bad_rows == "raise" else told[row].message)


def test_nulls_among_texts_and_lists_are_what_the_field_is_by_default(tmp_path: Path) -> None:
    path, text = tmp_path / "x.parquet", pa.string()
    table = {"ts_event": [1, 2], "price": [1.0, 2.0], "size": [1.0, 1.0], "symbol": ["A", "B"]}
    words = {"venue": ["X", None], "trade_id": ["7", None], "side": [None, "SELL"]}
    for conditions in (
        pa.array([["@", "I"], None], pa.list_(text)),
        pa.array(["@,I", None], text),
        pa.array(["@,I", None], pa.large_string()),
    ):
        none = {"provider": pa.nulls(2)}
        pq.write_table(pa.table({**table, **words, **none, "conditions": conditions}), path)
        assert heard(from_parquet(path, "trade", unit=1)) == [
            a_trade(1, at=1, seq=1, venue="X", trade_id="7", conditions=("@", "I")),
            a_trade(2, at=2, seq=2, symbol="B", side=Side.SELL),
        ]
    nothing = {name: pa.nulls(2) for name in (*words, "conditions")}
    pq.write_table(pa.table({**table, **nothing}), path)
    assert len({trade.conditions for trade in heard(from_parquet(path, "trade", unit=1))}) == 1
    pq.write_table(pa.table({**table, "symbol": ["A", None]}), path)
    *_, error = heard(from_parquet(path, "trade", unit=1))
    assert str(error) == f"{path} column 'symbol', row 2: there is no value"


@pytest.mark.parametrize("told", [{}, {"trade_id": ["7", "8"], "conditions": [("1",), ()]}])
def test_a_file_of_our_own_is_read_as_a_table_of_others_is(
    tmp_path: Path, told: dict[str, Any]
) -> None:
    trades = TradeFrame.from_columns(
        symbol="A", ts_event=[1, 2], price=[9.0, 8.0], size=1.0, seq=[1, 2], **told
    )
    writer = RecordingWriter(tmp_path / "day", "parquet", 100, started=0)
    writer.write_item(trades)
    writer.finish()
    writer.close()
    (path,) = (tmp_path / "day").rglob("*.parquet")

    assert heard(from_parquet(path, "trade")) == trades.to_events()

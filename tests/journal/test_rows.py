"""Rows that cannot be facts: told in their place, while the stream goes on."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ordinis_rx.errors import JournalError
from ordinis_rx.events import FeedError, Trade
from ordinis_rx.framing import frames
from ordinis_rx.journal import from_csv, from_flat_file, from_parquet
from ordinis_rx.operators import SideOutput, errors, time_bars, trades
from ordinis_rx.testing import a_trade, difference
from ordinis_rx.timebase import SECOND
from tests.heard import heard

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

HEAD = "ts_event,symbol,price,size"


def told(path: Path, **more: Any) -> list[Any]:
    return heard(from_csv(path, "trade", bad_rows="tell", unit=SECOND, **more))


def test_a_bad_row_is_an_error_in_its_place_and_the_rows_after_it_are_told(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(f"{HEAD}\n1,A,10,1\n2,A,dear,1\n3,A,11\n4,B,12,1,9\nsoon,A,13,1\n6,A,14,1\n")

    first, *bad, last = told(path)

    assert (
        difference(
            [first, last], [a_trade(10, at=SECOND, seq=1), a_trade(14, at=6 * SECOND, seq=6)]
        )
        == ""
    )
    assert [(type(error), error.kind, error.seq, error.ts_event) for error in bad] == [
        (FeedError, "bad-row", seq, SECOND) for seq in (2, 3, 4, 5)
    ]
    assert [error.message for error in bad] == [
        "mine.csv: column 'price', row 2: 'dear' is no number",
        "mine.csv: row 3: expected 4 columns, got 3",
        "mine.csv: row 4: expected 4 columns, got 5",
        "mine.csv: column 'ts_event', row 5: 'soon' is no time",
    ]
    assert msgspec.json.decode(bad[0].raw)["price"] == "dear"
    assert bad[1].raw == b"3,A,11"


def test_by_default_the_stream_ends_with_the_first_bad_row(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(f"{HEAD}\n1,A,10,1\n2,A,11\n3,A,dear,1\n")

    facts: list[Any] = []
    with pytest.raises(JournalError, match="row 2: expected 4 columns, got 3"):
        from_csv(path, "trade").subscribe(facts.append)
    assert len(facts) == 1


good = st.builds(lambda at, price: f"{at},A,{price},1", st.integers(0, 99), st.integers(1, 99))
bad = st.sampled_from(
    ["x,A,1,1", "1,A,x,1", "1,A,1,x", "1,A", "1,A,1,1,1", "1,,1,1,,", ",A,1,1", "99999999999,A,1,1"]
)


@settings(max_examples=60)
@given(lines=st.lists(good | bad, max_size=40), rows=st.sampled_from([1, 3, 10_000]))
def test_whatever_is_bad_the_others_are_told_as_if_it_were_not_there(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], rows: int
) -> None:
    path = tmp_path_factory.mktemp("csv") / "mine.csv"
    path.write_text("\n".join([HEAD, *lines, ""]))

    facts = told(path, rows=rows)

    wanted = []
    for seq, line in enumerate(lines, 1):
        at, symbol, price, size, *_ = [*line.split(","), "", ""]
        sound = line.count(",") == 3 and all(map(str.isdigit, (at, price, size))) and len(at) < 9
        if sound:
            wanted.append(a_trade(int(price), at=int(at) * SECOND, symbol=symbol, size=int(size), seq=seq))  # fmt: skip
    assert difference([fact for fact in facts if type(fact) is Trade], wanted) == ""
    assert [fact.seq for fact in facts] == list(range(1, len(lines) + 1))


def test_bad_rows_in_a_file_of_many_blocks_are_where_they_are(tmp_path: Path) -> None:
    lines = [f"{n},A,{n % 50 + 1},1" for n in range(150_000)]
    places = {0, 1, 70_000, 70_001, 99_999, 149_999}
    for n in places:
        lines[n] = f"{n},A,{'x,1' if n % 2 else '1'}"
    path = tmp_path / "long.csv"
    path.write_text("\n".join([HEAD, *lines]))

    source = from_csv(path, "trade", bad_rows="tell", unit=SECOND)
    rows = [row - 1 for frame in heard(frames(source.pipe(trades()))) for row in frame.seq.tolist()]

    assert [error.seq - 1 for error in heard(source.pipe(errors()))] == sorted(places)
    assert rows == [n for n in range(150_000) if n not in places]


def test_blocks_of_nothing_but_bad_rows_are_passed_over(tmp_path: Path) -> None:
    long = f"1,A,{'9' * 700_000}"
    path = tmp_path / "long.csv"
    path.write_text("\n".join([HEAD, "1,A,10,1", *[long] * 5, "2,A,11,1", ""]))

    facts = told(path)

    assert [type(fact).__name__ for fact in facts] == ["Trade", *["FeedError"] * 5, "Trade"]
    assert [fact.seq for fact in facts] == list(range(1, 8))


def test_a_bad_row_changes_nothing_about_the_others(tmp_path: Path) -> None:
    lines = [
        "1704205800.123456789, 101, 1, A",
        "1704205801.123456789,\t102, 1 ,A",
        '1704205802.5,103," 1",A',
        "1.704205803e9,NaN ,1,A",
    ]
    head = "ts_event,price,size,symbol"
    for bad in ([], ["zz,1,1,A"], ["zz,1,1,A"] * 4, ["1,2"], ["1704205800,x,1,A"]):
        path = tmp_path / "mine.csv"
        path.write_text("\n".join([head, *lines, *bad, ""]))

        facts = heard(from_csv(path, "trade", bad_rows="tell"))

        trades_ = [fact for fact in facts if type(fact) is Trade]
        assert [fact.ts_event for fact in trades_] == [
            1704205800123456789, 1704205801123456789, 1704205802500000000, 1704205803000000000
        ]  # fmt: skip
        assert [fact.price for fact in trades_[:3]] == [101.0, 102.0, 103.0]
        assert [fact.size for fact in trades_] == [1.0] * 4
        assert len(facts) == 4 + len(bad)


@pytest.mark.parametrize("bad_rows", ["raise", "tell"])
def test_a_quote_that_nobody_closes_ends_the_stream_after_the_rows_before_it(
    tmp_path: Path, bad_rows: Any
) -> None:
    path = tmp_path / "mine.csv"
    for end in ('7,"8', '7,A,1,"9', '7,"8,4,x\n8,A,1,1', '7,A,1,"9' + "\n" * 2_200_000):
        path.write_text(f"{HEAD}\n1,A,10,1\n2,A,11,1\n{end}")
        facts: list[Any] = []

        with pytest.raises(JournalError, match=r"row 3: a quote is not closed"):
            from_csv(path, "trade", bad_rows=bad_rows).subscribe(facts.append)
        assert [fact.price for fact in facts] == [10.0, 11.0]


def test_bad_rows_before_a_quote_that_nobody_closes_are_told(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    for end in ('5,A,12,"1', '5,"A'):
        path.write_text(f"{HEAD}\n1,A,10,1\n2,A\n3,A,11,1\n4,A\n{end}\n")
        facts: list[Any] = []

        with pytest.raises(JournalError, match=r"row 5: a quote is not closed"):
            from_csv(path, "trade", bad_rows="tell").subscribe(facts.append)
        assert [fact.seq for fact in facts] == [1, 2, 3, 4]


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_last_row_that_reaches_over_a_border_of_blocks_is_told(tmp_path: Path, end: str) -> None:
    path = tmp_path / "mine.csv"
    line = "1,A,10,1"
    size = (1 << 20) - len(HEAD) - 1
    short = size // (len(line) + 1) - 1
    left = size - short * (len(line) + 1)
    path.write_text("\n".join([HEAD, *[line] * short, f"1,A,10,{'1'.zfill(left + 9)}"]) + end)

    last = heard(from_csv(path, "trade", unit=SECOND))[-1]

    assert (last.seq, last.size) == (short + 1, 1.0)


def test_times_that_python_has_no_date_for_are_bad_rows_too(tmp_path: Path) -> None:
    path = tmp_path / "mine.parquet"
    times = pa.array([1704205800000000, 2**63 - 1, 1704205802000000], pa.timestamp("us", "UTC"))
    pq.write_table(pa.table({"ts_event": times, "price": [1.0, 2.0, 3.0]}), path)

    facts = heard(
        from_parquet(path, "trade", constants={"size": 1, "symbol": "A"}, bad_rows="tell")
    )

    assert [type(fact).__name__ for fact in facts] == ["Trade", "FeedError", "Trade"]
    assert "a time out of bounds is no timestamp" in facts[1].message


def test_a_bar_whose_start_has_no_end_is_a_bad_row(tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    path.write_text("ts_event,symbol,open,high,low,close,volume,interval\n60,A,1,1,1,1,1,-5\n")

    with pytest.raises(JournalError, match="row 1: an interval of -5 has no end"):
        from_csv(path, "bar", stamped="start", unit=SECOND).subscribe()


def test_what_stands_beside_the_fields_of_a_flat_file_is_read_alike(tmp_path: Path) -> None:
    head = "ticker,price,size,exchange,sip_timestamp,participant_timestamp,correction,trf_id,tape,conditions"
    lines = [
        "A,10,1,4,1704205800000000000, 1704205700000000000,00,0201,1,12",
        "A,11,1,4,1704205801000000000,1704205801000000000,08,00,1,12",
    ]
    told: list[list[Any]] = []
    for bad in ([], ["A,x,1,4,1704205802000000000,,,,1,12"]):
        path = tmp_path / "trades.csv"
        path.write_text("\n".join([head, *lines, *bad, ""]))
        told.append(heard(from_flat_file(path, bad_rows="tell"))[:2])

    assert difference(*told) == ""
    assert [(trade.venue, int(trade.flags) == 0) for trade in told[0]] == [
        ("4:201", False),
        ("4", True),
    ]


@pytest.mark.parametrize(
    ("counts", "bad"),
    [
        (["1", "x", "3"], [2]),
        (["0x1F", "x", "3"], [2]),  # which Arrow reads, and Python does not
        (["1_000", "x", "3"], [1, 2]),  # the other way round
        (["x", "", "y"], [1, 2, 3]),
    ],
)
def test_whatever_numbers_look_like_they_are_what_arrow_reads(
    tmp_path: Path, counts: list[str], bad: list[int]
) -> None:
    path = tmp_path / "bars.csv"
    rows = [f"{60 * n},A,1,1,1,1,1,60,{count}" for n, count in enumerate(counts, 1)]
    head = "ts_event,symbol,open,high,low,close,volume,interval,trade_count"
    path.write_text("\n".join([head, *rows, ""]))

    facts = heard(from_csv(path, "bar", bad_rows="tell", unit=SECOND))

    assert [fact.seq for fact in facts] == [1, 2, 3]
    assert [fact.seq for fact in facts if type(fact) is FeedError] == bad


def test_bars_of_a_file_with_bad_rows_are_those_of_the_others(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(f"{HEAD}\n1,A,10,1\n2,A,oops,1\n3,A,12,1\n11,A,9,1\n")

    bars = heard(
        from_csv(path, "trade", bad_rows="tell", unit=SECOND).pipe(
            time_bars(10 * SECOND, late=SideOutput())
        )
    )

    assert [(bar.open, bar.close, bar.trade_count) for bar in bars] == [(10, 12, 2), (9, 9, 1)]


def test_bad_rows_of_parquet_are_told_too_whatever_python_makes_of_them(tmp_path: Path) -> None:
    path = tmp_path / "mine.parquet"
    text = pa.array([b"A", b"\xff", b"C"], pa.binary()).view(pa.string())
    table = pa.table({"when": [1, 2, None], "symbol": text, "price": [1.0, 2.0, 3.0]})
    pq.write_table(table, path)

    first, *bad = heard(
        from_parquet(
            path, "trade", {"ts_event": "when"}, constants={"size": 1}, unit=1, bad_rows="tell"
        )
    )

    assert first.symbol == "A"
    assert [error.message for error in bad] == [
        "mine.parquet: column 'symbol', row 2: b'\\xff' is no text in UTF-8",
        "mine.parquet: column 'when', row 3: there is no value",
    ]
    assert msgspec.json.decode(bad[0].raw) == {"when": 2, "symbol": None, "price": 2.0}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("side", ["BUY", "LONG", "sell", "", "BOTH"]),
        ("price", ["1.5", "1_000", "nan", "2", "1,000"]),
        ("when", ["2024-01-02T00:00:00Z", "2024-13-45T00:00:00Z", "2024-01-31", "5", "2024-02-31"]),
    ],
)
def test_among_many_rows_a_bad_one_is_what_it_is_alone(
    tmp_path: Path, name: str, words: list[str]
) -> None:
    path = tmp_path / "mine.csv"
    usual = {"when": "7", "side": "BUY", "price": "9"}

    def read(words: list[str]) -> list[Any]:
        rows = [",".join(f'"{(usual | {name: word})[key]}"' for key in usual) for word in words]
        path.write_text("when,side,price\n" + "\n".join(rows))
        names, rest = {"ts_event": "when"}, {"symbol": "A", "size": 1}
        return heard(from_csv(path, "trade", names, constants=rest, zone="UTC", bad_rows="tell"))

    together = read(words * 20)

    for word, *same in zip(words, *(together[k : k + 5] for k in range(0, 100, 5)), strict=True):
        (alone,) = read([word])
        assert {type(fact) for fact in same} == {type(alone)}
        if type(alone) is FeedError:
            assert {fact.message.partition(": ")[2] for fact in same} == {
                alone.message.partition(": ")[2].replace("row 1", f"row {fact.seq}")
                for fact in same
            }
        else:
            assert {(fact.ts_event, fact.side, repr(fact.price)) for fact in same} == {
                (alone.ts_event, alone.side, repr(alone.price))
            }


def test_a_number_that_is_no_text_is_a_bad_row(tmp_path: Path) -> None:
    path = tmp_path / "mine.parquet"
    prices = pa.array([b"1.5", b"\xff", b"2.5"], pa.binary()).view(pa.string())
    pq.write_table(pa.table({"ts_event": [1, 2, 3], "price": prices}), path)

    facts = heard(
        from_parquet(path, "trade", constants={"size": 1, "symbol": "A"}, unit=1, bad_rows="tell")
    )

    assert [fact.price for fact in facts if type(fact) is Trade] == [1.5, 2.5]
    assert [fact.seq for fact in facts] == [1, 2, 3]


def test_a_flat_file_of_which_a_line_was_cut_is_told_but_for_that(tmp_path: Path) -> None:
    head = "ticker,bid_exchange,bid_price,bid_size,ask_exchange,ask_price,ask_size,sip_timestamp"
    path = tmp_path / "quotes.csv"
    path.write_text(f"{head}\nA,1,10,1,2,11,1,5\nA,1,10,1,2\nA,1,10.5,1,2,11,1,7\n")

    facts = heard(from_flat_file(path, bad_rows="tell"))

    assert [type(fact).__name__ for fact in facts] == ["Quote", "FeedError", "Quote"]


def test_a_row_as_long_as_a_book_is_told_in_part(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(f"{HEAD}\n1,A,{'9' * 5000}x,1\n")

    (error,) = told(path)

    assert len(error.raw) == 1024
    assert error.ts_event == 0


def test_what_becomes_of_bad_rows_is_one_of_two(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(f"{HEAD}\n1,A,{math.pi},1\n")

    with pytest.raises(ValueError, match="bad_rows must be one of 'raise', 'tell', got 'skip'"):
        from_csv(path, "trade", bad_rows="skip")  # type: ignore[arg-type]

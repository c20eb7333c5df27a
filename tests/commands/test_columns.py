"""Tables of others: which of their columns are what, and what is taken for granted, or not, where they do not say."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ordinis_rx.cli import main
from ordinis_rx.commands.analysis import heard
from ordinis_rx.commands.columns import Said, is_table, rows_of
from ordinis_rx.commands.values import BadUsage
from ordinis_rx.errors import JournalError
from ordinis_rx.events import Bar, Trade
from ordinis_rx.timebase import DAY, HOUR, MINUTE, from_datetime

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

FRIDAY = date(2024, 3, 8)


def table(path: Path, times: list[object], head: str = "Date,Open,High,Low,Close,Volume") -> Path:
    rows = [f"{time},{n},{n + 1},{n - 1},{n},100" for n, time in enumerate(times, 10)]
    path.write_text("\n".join([head, *rows]) + "\n", "utf-8")
    return path


def daily(path: Path) -> Path:
    days = [FRIDAY + timedelta(n) for n in (0, 3, 4, 5, 6, 7, 10)]
    return table(path / "XYZ.csv", [day.isoformat() for day in days])


def rows(path: Path, **said: Any) -> list[Any]:
    return heard(rows_of(path, Said(**said)))


def test_plain_dates_are_days_in_utc_that_are_stamped_with_their_start_and_it_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = daily(tmp_path)

    assert main(["analyze", str(path), "--timeframes", "1w", "--json"]) == 0

    out, err = capsys.readouterr()
    (found,) = json.loads(out)
    assert found["timeframes"] == {"1d": 16.0, "1w": 15.0}  # that of the Friday before the last bar
    assert found["last"] == from_datetime(datetime(2024, 3, 19, tzinfo=UTC))
    assert err == (
        f"ordinis-rx: {path} is taken for bars of 1d, stamped with their start, in UTC; "
        "--interval, --stamped and --zone say otherwise\n"
    )


def test_what_is_said_is_not_guessed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = daily(tmp_path)

    ends = rows(path, interval=DAY, zone="UTC", stamped="end")
    starts = rows(path, interval=DAY, zone="America/New_York")

    assert capsys.readouterr().err == ""
    assert ends[0].ts_event == from_datetime(datetime(2024, 3, 8, tzinfo=UTC))
    assert starts[0].ts_event == from_datetime(datetime(2024, 3, 9, 5, tzinfo=UTC))
    rows(path, interval=DAY)
    assert "in UTC" in capsys.readouterr().err


def test_a_day_on_which_clocks_are_put_forward_makes_no_bar_shorter(tmp_path: Path) -> None:
    days = [FRIDAY + timedelta(n) for n in range(5)]
    path = table(tmp_path / "BTC.csv", [day.isoformat() for day in days])

    assert {bar.interval for bar in rows(path, zone="America/New_York")} == {DAY}


def test_bars_are_as_long_as_the_smallest_distance_of_two_of_a_symbol(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "two.csv"
    lines = [f"{600 * n + 7 * k},{'AB'[k]},1,1,1,1" for n in (0, 1, 1, 5) for k in (0, 1)]
    path.write_text("\n".join(["time,ticker,open,high,low,close", *lines]), "utf-8")

    bars = rows(path)

    assert {bar.interval for bar in bars} == {10 * MINUTE}
    assert bars[0].ts_event == 0
    assert "is taken for bars of 10m, stamped with their end;" in capsys.readouterr().err


@pytest.mark.parametrize("times", [[0], [0, 7], [0, 31 * 86400], [0, 0.5], [5, 5]])
def test_lengths_that_the_rows_do_not_tell_are_not_guessed(
    tmp_path: Path, times: list[object]
) -> None:
    path = table(tmp_path / "XYZ.csv", times)

    with pytest.raises(BadUsage, match="does not say how long its bars are, and their times do"):
        rows(path)
    assert len(rows(path, interval=HOUR)) == len(times)


def test_the_length_that_a_column_says_counts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = "ts_event,open,high,low,close,interval"
    numbers = table(tmp_path / "ours.csv", [0, 86400], head)
    assert [(bar.ts_event, bar.interval) for bar in rows(numbers)] == [(0, 100), (DAY, 100)]
    assert capsys.readouterr().err == ""

    text = (daily(tmp_path)).read_text("utf-8").replace("Volume", "interval")
    dates = tmp_path / "dates.csv"
    dates.write_text(text.replace(",100\n", f",{DAY}\n"), "utf-8")
    assert rows(dates)[0].ts_event == from_datetime(datetime(2024, 3, 8, tzinfo=UTC))
    assert "bars of 1d, stamped with their end, in UTC" in capsys.readouterr().err


@pytest.mark.parametrize("head", ["Date,Open,High,Low,Close,Volume", "Date,price,size,a,b,c"])
def test_other_times_without_a_zone_want_one(tmp_path: Path, head: str) -> None:
    path = table(tmp_path / "XYZ.csv", ["2024-03-08 09:30", "2024-03-08 09:31"], head)

    with pytest.raises(BadUsage, match=r"times without a zone: say which, as in --zone America"):
        rows(path)
    first = rows(path, zone="America/New_York")[0]
    assert first.ts_event == from_datetime(datetime(2024, 3, 8, 14, 30, tzinfo=UTC))
    with pytest.raises(SystemExit, match="2"):
        main(["analyze", str(path), "--zone", "Mars"])


def test_a_row_that_cannot_be_read_is_not_taken_for_a_lack_of_a_zone(tmp_path: Path) -> None:
    path = tmp_path / "XYZ.csv"
    path.write_text("time,price\n2024-03-08 09:30,x\n", "utf-8")

    with pytest.raises(JournalError, match="'x' is no number"):
        rows(path)


def test_numbers_that_have_no_column_are_nan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bars = table(tmp_path / "bars.csv", [0, 60], "time,open,high,low,close,else")
    trades = table(tmp_path / "trades.csv", range(0, 600, 60), "time,price,a,b,c,d")  # type: ignore[arg-type]

    assert all(isinstance(bar, Bar) and math.isnan(bar.volume) for bar in rows(bars))
    assert all(isinstance(trade, Trade) and math.isnan(trade.size) for trade in rows(trades))
    capsys.readouterr()
    assert main(["analyze", str(trades), "--indicators", "obv,sma:2", "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)[0]["indicators"] == {"obv": None, "sma_2": 18.5}
    assert err == "ordinis-rx: no bar has what obv reads: volume\n"


def test_columns_and_delimiters_may_be_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = daily(tmp_path)
    text = path.read_text("utf-8").replace("Date", "Day").replace("Close", "Last")
    other = tmp_path / "other.csv"
    other.write_text(text.replace(",", ";"), "utf-8")
    words = ["--delimiter", ";", "--columns", "close=Last,ts_event=Day", "--json"]

    assert main(["analyze", str(other), *words]) == 0

    assert json.loads(capsys.readouterr().out)[0]["close"] == 16.0
    assert main(["analyze", str(other), *words[:3], "close=Lost,ts_event=Day"]) == 1
    assert "has no column 'Lost' for close; it has Day, Open" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main(["analyze", str(other), *words[:2]])
    assert "or be named, as in --columns ts_event=Day" in capsys.readouterr().err


def test_a_table_without_rows_is_one_of_no_bars(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["analyze", str(table(tmp_path / "none.csv", []))]) == 1
    assert capsys.readouterr().err.startswith("ordinis-rx: there are no bars, and no trades")


def test_spaces_after_the_delimiter_do_not_matter(tmp_path: Path) -> None:
    path = daily(tmp_path)
    wide = tmp_path / "wide.csv"
    wide.write_text(path.read_text("utf-8").replace(",", ", "), "utf-8")

    assert [bar.close for bar in rows(wide)] == [bar.close for bar in rows(path)]


def test_a_table_without_columns_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "none.parquet"
    parquet.write_table(pyarrow.table({}), path)

    assert main(["analyze", str(path)]) == 1
    assert capsys.readouterr().err == f"ordinis-rx: {path} has no columns\n"


def test_a_table_is_told_by_its_name_whatever_lies_beside_it(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").touch()
    assert is_table(tmp_path / "x.csv.gz")
    assert is_table(tmp_path / "X.PARQUET")
    assert not is_table(tmp_path / "x")

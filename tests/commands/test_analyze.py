"""The command that looks at a file's bars."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from ordinis_rx import record
from ordinis_rx.cli import main
from ordinis_rx.operators import indicators, timeframes
from ordinis_rx.stream import from_events
from ordinis_rx.testing import a_bar, through
from ordinis_rx.timebase import HOUR, MINUTE, SECOND
from tests.candles import random_bars

DEMO = ["analyze", "--demo", "--indicators", "rsi:14,ema:20", "--patterns", "--timeframes", "5m,1h"]


def csv_of(path: Path, bars: list[Any]) -> Path:
    lines = ["Date,Ticker,Open,High,Low,Close,Volume"]
    lines += [
        f"{bar.ts_event},{bar.symbol},{bar.open},{bar.high},{bar.low},{bar.close},{bar.volume}"
        for bar in bars
    ]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def minutes(n: int = 90) -> list[Any]:
    start = 1_704_205_800 // 60
    return [
        a_bar(
            bar.close,
            at=(start + k) * MINUTE,
            interval=MINUTE,
            open=bar.open,
            high=bar.high,
            low=bar.low,
            volume=bar.volume,
        )
        for k, bar in enumerate(random_bars(n, seed=4))
    ]


def test_the_demo_shows_figures_patterns_and_a_page_of_charts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chart = tmp_path / "chart.html"

    assert main([*DEMO, "--chart", str(chart)]) == 0

    told = capsys.readouterr().out
    for word in (
        "AAPL",
        "MSFT",
        "rsi_14",
        "ema_20",
        "last 5m close",
        "last 1h close",
        "bias",
        "CDL",
    ):
        assert word in told
    text = chart.read_text("utf-8")
    assert text.count("<svg") == 4  # each symbol: prices with the average among them, and the RSI
    assert "<script" not in text
    assert "://" not in text
    for svg in text.split("<svg")[1:]:
        ElementTree.fromstring("<svg" + svg.split("</svg>")[0] + "</svg>")


def test_a_file_says_the_same_as_the_operators(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bars = minutes()
    path = csv_of(tmp_path / "bars.csv", bars)

    assert (
        main(["analyze", str(path), "--indicators", "donchian:5", "--timeframes", "5m", "--json"])
        == 0
    )

    (found,) = json.loads(capsys.readouterr().out)
    row = through(indicators(dc="donchian:5"), bars)[-1]
    five = through(timeframes("1m", "5m"), bars)[-1].of("5m")
    assert (found["symbol"], found["bars"], found["close"]) == ("A", 90, bars[-1].close)
    assert list(found["indicators"].values()) == list(row.values)
    assert five is not None
    assert found["timeframes"] == {"1m": bars[-1].close, "5m": five.close}
    assert found["patterns"] == []


def test_parquet_and_recordings_are_read_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    csv = pytest.importorskip("pyarrow.csv")
    path = csv_of(tmp_path / "bars.csv", minutes(30))
    parquet.write_table(csv.read_csv(path), tmp_path / "bars.parquet")
    record(from_events(minutes(30)), tmp_path / "rec")

    outputs = []
    for source in ("bars.csv", "bars.parquet", "rec"):
        assert main(["analyze", str(tmp_path / source), "--patterns", "--json"]) == 0
        outputs.append(json.loads(capsys.readouterr().out))

    assert outputs[0] == outputs[1] == outputs[2]
    with pytest.raises(SystemExit):
        main(["analyze", str(tmp_path / "rec"), "--stamped", "start"])
    assert "rec, a recording, needs none" in capsys.readouterr().err


def test_bars_may_be_stamped_with_their_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "".join(
        f"{1_704_205_800 + 60 * n},{10 + n},{11 + n},{9 + n},{10 + n}\n" for n in range(4)
    )
    path = tmp_path / "XYZ.csv"
    path.write_text(f"time,open,high,low,close\n{rows}", "utf-8")

    outputs = []
    for words in ([], ["--stamped", "start"]):
        assert main(["analyze", str(path), "--timeframes", "2m", "--json", *words]) == 0
        outputs.append(json.loads(capsys.readouterr().out)[0])

    assert [found["last"] for found in outputs] == [1_704_205_980 * 10**9, 1_704_206_040 * 10**9]


def test_trades_become_bars(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "XYZ.csv"
    rows = "".join(f"{1_704_205_800 + 20 * n},{10 + n}\n" for n in range(10))
    path.write_text(f"time,price\n{rows}", "utf-8")

    assert main(["analyze", str(path), "--json"]) == 0

    (found,) = json.loads(capsys.readouterr().out)
    assert (found["symbol"], found["bars"], found["close"]) == ("XYZ", 4, 19.0)


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_trades_that_come_after_their_bar_is_over_are_told_beside_the_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    path = tmp_path / "XYZ.csv"
    rows = "".join(f"{1_704_205_800 + at},{10 + at}\n" for at in (0, 60, 120, 3, 4, 180))
    path.write_text(f"time,price\n{rows}", "utf-8")

    assert main(["analyze", str(path), *words]) == 0

    told = capsys.readouterr()
    late = "after their bar was over, and so in none, came 2 trades"
    assert told.err.splitlines()[-1] == f"ordinis-rx: {late}"
    assert late not in told.out


def test_bars_that_lie_in_no_timeframe_are_told_beside_the_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    half_past_two = 1_704_205_800 * SECOND
    hours = [a_bar(n, at=half_past_two + n * HOUR) for n in range(8)]
    path = csv_of(tmp_path / "XYZ.csv", hours)

    assert main(["analyze", str(path), "--timeframes", "4h", "--json"]) == 0

    out, err = capsys.readouterr()
    assert json.loads(out)[0]["timeframes"] == {}
    why = "without a price, or in no 1h counted from 1970 UTC"
    assert err.splitlines()[-1] == f"ordinis-rx: left out of the timeframes, {why}: 8 bars"
    assert not caplog.records


def test_only_some_symbols(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyze", "--demo", "--symbols", "MSFT", "--json"]) == 0

    assert [each["symbol"] for each in json.loads(capsys.readouterr().out)] == ["MSFT"]


def test_symbols_that_are_not_there_are_told_beside_the_others(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["analyze", "--demo", "--symbols", "MSFT,NONE", "--json"]) == 0

    out, err = capsys.readouterr()
    assert [each["symbol"] for each in json.loads(out)] == ["MSFT"]
    assert err.startswith("ordinis-rx: nothing is told of NONE; there are AAPL, MSFT\n")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([], "wants a FILE or --demo"),
        (["x.csv", "--demo"], "wants a FILE or --demo"),
        (["--demo", "--indicators", "rsi:x"], "rsi"),
        (["--demo", "--indicators", "wat:3"], "no function 'WAT'"),
        (["--demo", "--indicators", "obv,sma:5:of=price"], "sma:5:of=price: a bar has no price"),
        (["--demo", "--timeframes", "5x"], "one of s m h d w"),
        (["--demo", "--timeframes", "90s"], "90s is no whole number of 1m"),
        (["--demo", "--interval", "0m"], "got '0m'"),
        (["--demo", "--zone", "UTC"], "--zone says how to read CSV or Parquet: --demo needs none"),
        (["--demo", "--columns", "close=C"], "--columns says how to read CSV or Parquet"),
    ],
)
def test_bad_usage_ends_with_2(
    words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["analyze", *words])

    assert ended.value.code == 2
    assert complaint in capsys.readouterr().err


def test_a_file_without_times_or_bars_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(SystemExit):
        main(["analyze", str(path)])
    assert "no column of times among a, b; one must be called ts_event" in capsys.readouterr().err

    assert main(["analyze", "--demo", "--symbols", "NONE"]) == 1
    assert "nothing is told of NONE; there are AAPL, MSFT" in capsys.readouterr().err


def test_a_chart_that_cannot_be_written_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)

    assert main(["analyze", "--demo", "--chart", str(tmp_path / "x.html")]) == 1
    assert "cannot write" in capsys.readouterr().err

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ordinis_rx.cli import main
from ordinis_rx.commands import replay as module
from ordinis_rx.commands.stopping import Stop
from ordinis_rx.events import Bar, Trade
from ordinis_rx.journal import record, replay
from ordinis_rx.operators import time_bars
from ordinis_rx.sim import market
from ordinis_rx.testing import difference
from ordinis_rx.timebase import SECOND
from tests.heard import heard

pytest.importorskip("pyarrow")

PRICES = market(["AAPL", "MSFT"], seed=2, rate=100, duration=5 * SECOND)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    record(PRICES, tmp_path / "rec")
    return tmp_path / "rec"


def test_facts_are_told_line_by_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", str(folder)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert len(out.splitlines()) == len(list(PRICES.events()))
    assert "AAPL" in out


def test_a_pipeline_as_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", str(folder), "--pipeline", "bars:1s", "--json"]) == 0
    bars = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    wanted = heard(PRICES.pipe(time_bars(SECOND)))
    assert [(bar["type"], bar["close"]) for bar in bars] == [("BAR", bar.close) for bar in wanted]


def test_choices(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--symbols", "AAPL", "--kinds", "trade", "--json"]
    span = ["--start", "2024-01-02T14:30:01Z", "--end", "2024-01-02T14:30:02"]
    assert main(["replay", str(folder), *words, *span]) == 0
    facts = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {(fact["type"], fact["symbol"]) for fact in facts} == {("TRADE", "AAPL")}
    assert 10 < len(facts) < 60


def test_other_files_than_parquet_are_refused_and_a_folder_is_named(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["replay", str(folder), "--out", str(tmp_path / "trades.csv")])
    assert "only FILE.parquet is written as a file" in capsys.readouterr().err
    assert not (tmp_path / "trades.csv").exists()
    again = tmp_path / "again"
    assert main(["replay", str(folder), "--kinds", "trade", "--out", str(again)]) == 0
    told = heard(replay(again))
    assert capsys.readouterr().out == f"recorded {len(told)} facts in the folder {again}\n"


def test_what_is_not_there_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", str(folder), "--symbols", "AAPL,NOPE,LESS", "--json"]) == 0
    out, err = capsys.readouterr()
    assert '"AAPL"' in out
    assert err == "ordinis-rx: nothing is told of NOPE, LESS; there are AAPL, MSFT\n"
    assert main(["replay", str(folder), "--kinds", "trade", "--pipeline", "bars"]) == 0
    told = len([fact for fact in PRICES.events() if isinstance(fact, Trade)])
    assert capsys.readouterr().err == f"ordinis-rx: nothing came of {told} facts through bars\n"


def test_where_none_of_the_symbols_is_there_it_fails(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", str(folder), "--symbols", "NOPE"]) == 1
    assert capsys.readouterr() == (
        "",
        "ordinis-rx: nothing is told of NOPE; there are AAPL, MSFT\n",
    )
    assert main(["replay", str(folder), "--symbols", "AAPL", "--kinds", "halt"]) == 0
    silent = f"ordinis-rx: {folder} has nothing of AAPL of those kinds and times\n"
    assert capsys.readouterr() == ("", silent)


def test_a_table_that_is_there_is_not_written_over(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "mine.parquet"
    out.write_text("mine", "utf-8")
    assert main(["replay", str(folder), "--kinds", "trade", "--out", str(out)]) == 1
    told = f"ordinis-rx: {out} exists already, and is not written over\n"
    assert capsys.readouterr() == ("", told)
    assert out.read_text("utf-8") == "mine"


def test_out_writes_a_table_of_one_kind_that_replays(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "bars.parquet"
    assert main(["replay", str(folder), "--pipeline", "bars:1s", "--out", str(out)]) == 0
    wanted = heard(PRICES.pipe(time_bars(SECOND)))
    assert capsys.readouterr().out == f"wrote {len(wanted)} rows to {out}\n"
    assert difference(heard(replay(out)), wanted) == ""
    assert all(isinstance(bar, Bar) for bar in wanted)
    none = tmp_path / "none.parquet"
    assert main(["replay", str(folder), "--kinds", "halt", "--out", str(none)]) == 0
    assert capsys.readouterr() == (
        "",
        f"ordinis-rx: nothing in {folder} is of what was asked for\n",
    )
    assert not none.exists()


def test_out_writes_a_recording_where_it_is_a_folder(folder: Path, tmp_path: Path) -> None:
    assert main(["replay", str(folder), "--symbols", "AAPL", "--out", str(tmp_path / "new")]) == 0
    told = heard(replay(tmp_path / "new"))
    assert difference(told, heard(replay(folder, symbols="AAPL"))) == ""


@pytest.mark.parametrize("out", [None, "again", "again.parquet"])
def test_to_be_stopped_is_no_error_wherever_it_is_written_to(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str | None
) -> None:
    @contextmanager
    def stopped() -> Iterator[Stop]:
        stop = Stop()
        stop.by(signal.SIGINT)
        yield stop

    monkeypatch.setattr(module, "stoppable", stopped)

    assert asyncio.run(module.replay(folder, out=tmp_path / out if out else None)) == 130


def test_several_kinds_do_not_fit_into_one_table(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["replay", str(folder), "--out", str(tmp_path / "x.parquet")])
    assert ended.value.code == 2
    assert "a Parquet file holds facts of one kind" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["rec"]


def test_a_pace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record(market(["A"], rate=50, duration=SECOND), tmp_path / "rec")
    assert main(["replay", str(tmp_path / "rec"), "--speed", "20"]) == 0
    assert len(capsys.readouterr().out.splitlines()) > 20


def test_damage_is_told_after_all_that_could_be_read(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = folder / "journal.log"
    log.write_bytes(log.read_bytes() + b"half")
    assert main(["replay", str(folder)]) == 1
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == len(list(PRICES.events()))
    assert "is damaged: 4 bytes lost" in err


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--kinds", "fish"], "no kind of fact: 'fish'"),
        (["--pipeline", "fish"], "no step 'fish'"),
        (["--start", "soon"], "must be a time such as 2024-01-02T14:30Z, got 'soon'"),
        (["--start", "2024-01-03", "--end", "2024-01-02"], "start must not be after end, got 2024"),
        (["--speed", "0"], "must be a number above 0"),
        (["--json", "--out", "x"], "not allowed with argument --json"),
        (["--out", "no/such/x.parquet"], "must be in a folder that exists"),
    ],
)
def test_bad_usage(
    folder: Path, words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["replay", str(folder), *words])
    assert ended.value.code == 2
    assert complaint in capsys.readouterr().err

"""The README and the page on recordings run as they stand."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from reactivex import Subject

from ordinis_rx.events import Quote, Trade
from ordinis_rx.journal import record, replay
from ordinis_rx.testing import a_trade
from ordinis_rx.timebase import SECOND
from tests.pages import blocks, executed

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(ROOT.glob("*.md"))


def test_the_readme_tells_one_story_that_runs(capsys: pytest.CaptureFixture[str]) -> None:
    names = executed(ROOT / "README.md")

    assert "market" in names
    assert "(Reading(" in capsys.readouterr().out  # it shows spikes


def test_the_page_on_recordings_replays_what_it_records(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    executed(ROOT / "docs" / "journal.md")
    first, *rest = capsys.readouterr().out.splitlines()
    bars = [line for line in rest if "+00:00" in line]
    part = [int(line.split()[0]) for line in rest if line not in bars]

    assert int(first.split()[0]) > 500
    assert len(bars) == 20  # ten seconds of two symbols
    assert len(part) > 10
    assert max(part) - min(part) < SECOND
    assert list(tmp_path.glob("*/day/trade/2024-01-02/*.parquet"))


def test_a_recording_that_is_rotated_loses_and_repeats_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    rotated: Any = executed(ROOT / "docs" / "journal.md")["rotated"]
    stream: Subject[Any] = Subject()
    told = [a_trade(float(n), at=n, seq=n) for n in range(1, 31)]

    recorder = record(stream, tmp_path / "0")
    for fact in told:
        if fact.seq % 10 == 0:
            recorder = rotated(stream, recorder, tmp_path / str(fact.seq))
        stream.on_next(fact)
    recorder.close()

    heard: list[Any] = []
    for part in (0, 10, 20, 30):
        replay(tmp_path / str(part)).subscribe(heard.append)
    assert heard == told


def test_the_page_on_other_programs_comes_to_the_same_numbers_by_each_of_them() -> None:
    names: Any = executed(ROOT / "docs" / "embedding.md")
    market, table = names["market"], names["table"]
    facts = list(market.events())
    ours = [reading.value for reading in names["averages"]]

    assert len(table) == 120
    assert len(ours) == 101
    assert names["pandas_average"].tolist() == pytest.approx(ours, rel=1e-12)
    assert names["polars_average"]["close"].to_list() == pytest.approx(ours, rel=1e-12)
    assert names["again"].same_as(table)
    assert names["volume"] == table.volume.sum()
    assert names["vwap"] == pytest.approx((table.vwap * table.volume).sum() / table.volume.sum())
    assert names["widest_spread"] == max(fact.spread for fact in facts if type(fact) is Quote)
    turnover = sum(fact.price * fact.size for fact in facts if type(fact) is Trade)
    assert names["turnovers"] == [turnover, turnover]
    sides = [side for _, side, _, _ in names["orders"]]
    assert sides == (["buy", "sell"] * 3)[: len(sides)]
    assert names["strategy"].quotes >= 100
    told = {"buy": {fact.ask for fact in facts if type(fact) is Quote}}
    told["sell"] = {fact.bid for fact in facts if type(fact) is Quote}
    assert all(price in told[side] for _, side, price, _ in names["orders"])


def test_each_engine_that_is_tested_has_its_section() -> None:
    page = (ROOT / "docs" / "embedding.md").read_text("utf-8")

    named = set(re.findall(r"^```python engine=(\w+)$", page, re.M))

    assert named == {pins.parent.name for pins in ROOT.glob("tests/engines/*/pins.txt")}


def test_the_readme_sets_up_with_two_commands() -> None:
    first, *_ = blocks((ROOT / "README.md").read_text("utf-8"), "sh")

    assert first.splitlines() == ["make demo", "make test"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text("utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []

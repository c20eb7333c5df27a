"""What came of a stream, and what did not, is told at the end."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ordinis_rx.cli import main
from ordinis_rx.codes import Names
from ordinis_rx.commands.attendance import Attendance
from ordinis_rx.feed import Feed, feed
from ordinis_rx.journal import record
from ordinis_rx.journal.recording import Recording
from ordinis_rx.providers.polygon import polygon
from ordinis_rx.sim import market, serve
from ordinis_rx.stream import from_events
from ordinis_rx.testing import a_feed_error, a_quote, a_status, a_trade
from ordinis_rx.timebase import MINUTE


def test_kinds_are_counted_the_most_frequent_first_and_market_data_that_did_not_come_is_0() -> None:
    attendance = Attendance(["AAPL"])
    assert attendance.in_words == "0 quotes, 0 trades"
    for fact in (a_status(), a_trade(), a_status()):
        attendance.note(fact)
    assert attendance.in_words == "2 statuses, 1 trade, 0 quotes"


def test_symbols_that_nothing_came_of_are_named_and_are_no_failure(
    capsys: pytest.CaptureFixture[str],
) -> None:
    attendance = Attendance(["AAPL", "NOPE", "*", "MSFT"])
    attendance.note(a_quote(symbol="AAPL"))
    attendance.note(a_status())

    async def connected() -> Feed:
        async with serve(market(["AAPL"], seed=7, duration=MINUTE), "polygon") as server:
            async with feed(polygon("sim-key", url=server.url), ["AAPL"]) as events:
                events.subscribe()
                while not events.stats.connects:
                    await asyncio.sleep(0)
            return events

    assert attendance.conclude(asyncio.run(connected())) == 0
    assert capsys.readouterr().err == "ordinis-rx: polygon told nothing of NOPE, MSFT\n"


@pytest.mark.parametrize("command", ["watch", "record"])
def test_a_provider_that_was_never_reached_is_a_failure_and_says_why(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("POLYGON_API_KEY", "canary-2718")
    words = [command, "--provider", "polygon", "--url", "ws://127.0.0.1:9/stocks"]
    more = ["--out", str(tmp_path / "rec")] if command == "record" else []
    if command == "record":
        pytest.importorskip("pyarrow")

    assert main([*words, "--symbols", "AAPL", "--duration", "0.2", *more]) == 1

    said = capsys.readouterr()
    assert "ordinis-rx: never connected to polygon: " in said.err
    assert "Connection refused" in said.err
    assert "canary" not in said.out + said.err
    assert command == "watch" or "facts: 3 statuses, 0 quotes, 0 trades" in said.out


def test_frames_are_attended_by_column_as_facts_are_one_by_one(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    facts = [
        a_status(),
        a_trade(symbol="AAPL"),
        a_feed_error(symbol="NOPE"),
        a_quote(symbol="MSFT"),
    ]
    by_fact, by_column = Attendance(["AAPL", "MSFT", "NOPE"]), Attendance(["AAPL", "MSFT", "NOPE"])
    for fact in facts:
        by_fact.note(fact)

    record(from_events(facts), tmp_path / "rec")
    for item in Recording(tmp_path / "rec").items(Names(), 10):
        assert not item.rests_on_facts
        assert by_column.take(item) is item

    assert by_column.in_words == by_fact.in_words == "1 quote, 1 trade, 1 status, 1 error"
    assert by_column.missed == by_fact.missed == ["NOPE"]
    assert by_column.total == by_fact.total == 4

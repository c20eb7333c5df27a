"""What commands make of a recording, before they look at its facts."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ordinis_rx.cli import main
from ordinis_rx.commands.recordings import nothing_of, symbols_of
from ordinis_rx.journal import record
from ordinis_rx.journal.log import LogWriter
from ordinis_rx.journal.wire import WireHeader
from ordinis_rx.stream import from_events
from ordinis_rx.testing import a_feed_error, a_status, a_trade

pytest.importorskip("pyarrow")


@pytest.mark.parametrize(
    ("who", "words"), [("analyze", ["analyze"]), ("dashboard", ["dashboard", "--replay"])]
)
def test_who_reads_facts_says_how_messages_become_some(
    who: str, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.wire"
    header = WireHeader(provider="polygon", started=0)
    LogWriter(path, msgspec.msgpack.encode(header)).close()

    assert main([*words, str(path)]) == 1

    todo = f"`ordinis-rx replay {path} --provider polygon --out FOLDER`"
    assert capsys.readouterr().err == (
        f"ordinis-rx: {path} holds messages as they came, and {who} reads facts: first {todo}\n"
    )


def test_a_complaint_about_a_symbol_tells_nothing_of_it(tmp_path: Path) -> None:
    facts = [a_status(), a_trade(symbol="B"), a_feed_error(symbol="NOPE"), a_trade(symbol="A")]
    record(from_events(facts), tmp_path / "rec")

    assert symbols_of(tmp_path / "rec", None) == ["A", "B"]


def test_some_of_many_symbols_are_named() -> None:
    assert nothing_of(["X", "Y"], [f"S{n}" for n in range(10, 24)]).endswith("S19 and 4 more")
    assert nothing_of(["X"], []) == "nothing is told of X; there are none"

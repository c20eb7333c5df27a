from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ordinis_rx.cli import main
from ordinis_rx.errors import AuthError
from ordinis_rx.events import Quote, StatusChange, StreamStatus, Trade
from ordinis_rx.journal import replay
from ordinis_rx.providers.polygon import polygon
from tests.heard import replayed

pytestmark = pytest.mark.deep

pytest.importorskip("pyarrow")

Server = Callable[[str], Any]


def words(url: str, out: Path, *more: str) -> list[str]:
    return [
        "record", "--provider", "polygon", "--symbols", "AAPL,MSFT",
        "--url", url, "--out", str(out), *more,
    ]  # fmt: skip


def test_facts_are_recorded_until_ctrl_c(
    run: Callable[..., Any], simulated: Server, tmp_path: Path
) -> None:
    recording = run(*words(simulated("polygon").url, tmp_path / "rec"))
    assert recording.first == f"recording polygon in {tmp_path / 'rec'}, until Ctrl-C\n"
    while not any(tmp_path.rglob("trade/*/*.arrows")):
        threading.Event().wait(0.05)
    code, out, err = recording.end(signal.SIGINT)
    assert (code, err) == (0, "")
    told = replayed(tmp_path / "rec")
    told_of = Counter(type(fact) for fact in told)
    quotes, trades = f"{told_of[Quote]} quotes", f"{told_of[Trade]} trades"
    assert out.startswith(f"recorded {len(told)} facts: ")
    assert {quotes, trades, "3 statuses"} == set(out.split(": ")[1].strip().split(", "))
    assert any(isinstance(fact, Trade) for fact in told)
    assert told[-1].status is StreamStatus.CLOSED


def test_messages_are_recorded_with_wire(
    simulated: Server, keys: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.wire"
    assert main(words(simulated("polygon").url, path, "--wire", "--duration", "0.5")) == 0
    said = capsys.readouterr().out.splitlines()[-1]
    assert said.startswith("recorded ")
    assert " messages: " in said
    assert any(isinstance(fact, Trade) for fact in replayed(path, provider=polygon("-")))
    assert b"sim-key" not in path.read_bytes()


def test_a_wrong_key_is_told_and_leaves_a_recording_of_it(
    simulated: Server,
    keys: object,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("POLYGON_API_KEY", "wrong-key-4711")
    assert main(words(simulated("polygon").url, tmp_path / "rec")) == 1
    out, err = capsys.readouterr()
    assert "polygon refused" in err
    assert "recorded 2 facts" in out
    told = replayed(tmp_path / "rec")
    assert all(isinstance(fact, StatusChange) for fact in told)
    assert AuthError.__name__ not in out


def test_what_exists_and_what_is_not_streamed_is_refused(
    keys: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "rec").mkdir()
    (tmp_path / "rec" / "x").touch()
    assert main(words("ws://127.0.0.1:9", tmp_path / "rec")) == 1
    assert "is not empty, and is not written over" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(words("ws://127.0.0.1:9", tmp_path / "new", "--channels", "fish"))
    assert "no channel 'fish'" in capsys.readouterr().err


def test_a_full_disk_ends_it_with_a_sentence(simulated: Server, tmp_path: Path) -> None:
    script = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))\n"
        "from ordinis_rx.cli import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *words(simulated("polygon").url, tmp_path / "x", "--wire")],
        env={**os.environ, "POLYGON_API_KEY": "sim-key"},
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"ordinis-rx: {tmp_path / 'x'} cannot be written: File too large"
    )
    stream = replay(tmp_path / "x", provider=polygon("-"))
    told: list[Any] = []
    stream.subscribe(told.append)
    assert told
    assert not stream.loss

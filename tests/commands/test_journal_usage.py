from __future__ import annotations

import pytest

from ordinis_rx.cli import main

RECORD = ["record", "--provider", "polygon", "--symbols", "A"]


@pytest.mark.parametrize("command", ["record", "replay", "inspect"])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert f"ordinis-rx {command}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (RECORD, "required: --out"),
        ([*RECORD, "--out", "no/such/x"], "--out: must be in a folder that exists"),
        ([*RECORD, "--out", "x", "--format", "csv"], "invalid choice: 'csv'"),
        ([*RECORD, "--out", "x"], "POLYGON_API_KEY is not set"),
        (["replay"], "required: PATH"),
        (["inspect"], "required: PATH"),
    ],
)
def test_bad_usage_ends_with_2(
    words: list[str],
    complaint: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("POLYGON_API_KEY", raising=False)
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert complaint in capsys.readouterr().err

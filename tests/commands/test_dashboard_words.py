from __future__ import annotations

import pytest

from ordinis_rx.cli import main


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([], "one of the arguments --demo --provider --replay is required"),
        (["--demo", "--provider", "polygon"], "not allowed with argument"),
        (["--provider", "nobody", "--symbols", "A"], "--provider nobody: there are polygon"),
        (["--provider", "polygon"], "--provider needs --symbols"),
        (
            ["--provider", "polygon,alpaca", "--symbols", "A", "--url", "ws://127.0.0.1:1"],
            "--url is the address of one provider",
        ),
    ],
)
def test_bad_usage_is_refused_with_its_reason(
    words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["dashboard", *words])
    assert ended.value.code == 2
    assert complaint in capsys.readouterr().err

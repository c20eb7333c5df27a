from __future__ import annotations

import pytest

from ordinis_rx.cli import main


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([], "the following arguments are required: --to"),
        (["--to", "127.0.0.1"], "--to: must be a host and a port, HOST:PORT, got '127.0.0.1'"),
        (["--to", "a:1", "--latency", "5"], "--latency: a duration is a number with one of"),
        (["--to", "a:1", "--bandwidth", "0"], "bandwidth must be a finite number above 0, got 0"),
        (["--to", "a:1", "--corrupt", "2"], "--corrupt: must be a number from 0 to 1, got '2'"),
        (["--to", "a:1", "--corrupt-every", "0"], "corrupt_every must be 1 or more bytes, got 0"),
        (["--to", "a:1", "--cut-after", "far"], "--cut-after: must be a size such as 64KB"),
    ],
)
def test_bad_usage_is_refused_with_its_reason(
    words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["proxy", *words])
    assert ended.value.code == 2
    assert complaint in capsys.readouterr().err

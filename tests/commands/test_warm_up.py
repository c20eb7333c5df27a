"""``warm-up`` compiles what streams will need."""

from __future__ import annotations

import re

import pytest

from ordinis_rx.cli import main
from ordinis_rx.kernels.compiled import has_numba


@pytest.mark.skipif(not has_numba(), reason="there is nothing to compile with: numba (extra fast)")
def test_it_says_how_many_are_ready(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["warm-up"]) == 0
    out, err = capsys.readouterr()
    assert re.fullmatch(r"2\d kernels are ready, after \d+\.\d s\n", out)
    assert "Traceback" not in err


def test_without_numba_it_fails_in_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ordinis_rx.kernels.warming.has_numba", lambda: False)
    assert main(["warm-up"]) == 1
    assert capsys.readouterr().err.strip().startswith("ordinis-rx: compiling kernels needs")

"""What is installed from a wheel starts as fast as the source tree: its kernels are compiled once, in the first process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.start import KERNEL, installed
from ordinis_rx.kernels.compiled import has_numba


def heard(code: str, env: dict[str, str], cwd: Path) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=cwd, capture_output=True, text=True, check=True
    ).stdout


@pytest.mark.soak
@pytest.mark.skipif(not has_numba(), reason="nothing is compiled without numba")
def test_an_installed_wheel_finds_its_compiled_kernels_in_the_second_process(
    tmp_path: Path,
) -> None:
    env = {**installed(tmp_path), "NUMBA_DEBUG_CACHE": "1"}
    site = str(tmp_path / "site")

    assert heard("import ordinis_rx; print(ordinis_rx.__file__)", env, tmp_path).startswith(site)

    first = heard(KERNEL, env, tmp_path)
    assert f"data saved to '{site}" in first
    assert "data loaded" not in first

    second = heard(KERNEL, env, tmp_path)
    assert f"data loaded from '{site}" in second
    assert "data saved" not in second

"""The notebooks run as they stand, from top to bottom."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
"""The first runs with every test, the others with ``make test-deep``: a kernel takes seconds to start."""

TICKS = ROOT.parent / "shared" / "data" / "fx"
"""Recorded quotes, which are not part of the project; without them the notebook that asks for them makes some up."""


class _ThisInterpreter(KernelSpecManager):
    """Whatever kernel a notebook names, it runs in the interpreter of the tests."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            display_name=kernel_name,
            language="python",
        )


class _Kernel(AsyncKernelManager):
    kernel_spec_manager = _ThisInterpreter()


async def run_through(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The cells of code of a notebook, each run in turn."""
    monkeypatch.setenv("MPLBACKEND", "Agg")
    for folder in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(folder, str(tmp_path / folder.lower()))
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        kernel_manager_class=_Kernel,
        timeout=120,  # a cell; the machine may be busy, and kernels are compiled
        resources={"metadata": {"path": str(tmp_path)}},
    )

    await client.async_execute()

    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=path.stem, marks=[pytest.mark.deep] if k else [])
        for k, path in enumerate(NOTEBOOKS)
    ],
)
async def test_a_notebook_runs_from_top_to_bottom(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if TICKS.is_dir():
        monkeypatch.setenv("FX_TICKS", str(TICKS))

    ran = await run_through(path, tmp_path, monkeypatch)

    assert ran
    assert all(cell.execution_count is not None for cell in ran)


@pytest.mark.deep
async def test_without_recorded_quotes_the_notebook_makes_up_a_day_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FX_TICKS", str(tmp_path))

    ran = await run_through(ROOT / "notebooks" / "05_real_eurusd.ipynb", tmp_path, monkeypatch)

    said = "".join(output.get("text", "") for output in ran[0].outputs)
    assert "no recorded quotes here" in said.splitlines()[0]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_ends_in_what_should_hold_and_keeps_its_outputs_small(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]

    assert any(line.startswith("assert ") for line in code[-1].source.splitlines())
    assert path.stat().st_size < 150_000
    assert all(cell.execution_count is not None for cell in code)

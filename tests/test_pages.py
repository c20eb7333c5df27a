"""The README, the page on recordings and the notebooks run as they stand."""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

from ordinis_rx.timebase import SECOND

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
"""The first runs with every test, the others with ``make test-deep``: a kernel takes seconds to start."""


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)


def executed(page: Path) -> dict[str, object]:
    """The names that the Python of *page* leaves behind."""
    names: dict[str, object] = {"__name__": page.stem}
    for block in blocks(page, "python"):
        exec(compile(block, page.name, "exec"), names)
    return names


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


def test_the_readme_sets_up_with_two_commands() -> None:
    first, *_ = blocks(ROOT / "README.md", "sh")

    assert first.splitlines() == ["make demo", "make test"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text("utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


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
    monkeypatch.setenv("MPLBACKEND", "Agg")
    for folder in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(folder, str(tmp_path / folder.lower()))
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        kernel_manager_class=_Kernel,
        timeout=60,
        resources={"metadata": {"path": str(tmp_path)}},
    )

    await client.async_execute()

    ran = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    assert ran
    assert all(cell.execution_count is not None for cell in ran)

"""The documentation: what it shows is what comes, no public name is missing, every link leads somewhere, and it builds."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import io
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))

ELSEWHERE = {"embedding.md", "journal.md"}
"""Pages that have tests of their own."""
ALWAYS = {"index.md", "mistakes.md", "start.md", "time.md"}
"""What everybody reads runs with every test, the others with ``make test-deep``."""

SHOWN = re.compile(r"^```python\n(.*?)^```\n(?:\n^```text\n(.*?)^```\n)?", re.M | re.S)
NAMES = re.compile(r"^```\{face\} (\S+)\n(.*?)^```", re.M | re.S)

FACES = (
    "ordinis_rx",
    "ordinis_rx.bridges",
    "ordinis_rx.bridges.backtrader",
    "ordinis_rx.bridges.csp",
    "ordinis_rx.bridges.nautilus",
    "ordinis_rx.consensus",
    "ordinis_rx.errors",
    "ordinis_rx.handlers",
    "ordinis_rx.journal",
    "ordinis_rx.operators",
    "ordinis_rx.operators.candlesticks",
    "ordinis_rx.operators.conditions",
    "ordinis_rx.operators.indicators",
    "ordinis_rx.operators.timeframes",
    "ordinis_rx.pull",
    "ordinis_rx.sim",
    "ordinis_rx.sim.faults",
    "ordinis_rx.testing",
    "ordinis_rx.views",
    "ordinis_rx.views.dashboard",
)


def shown(page: Path) -> list[tuple[str, str | None]]:
    """The Python of *page*, each with what the page says that it prints, if it says so."""
    return [(code, told or None) for code, told in SHOWN.findall(page.read_text("utf-8"))]


def with_code() -> Iterator[object]:
    for page in PAGES:
        if shown(page) and page.name not in ELSEWHERE:
            marks = [] if page.name in ALWAYS else [pytest.mark.deep]
            yield pytest.param(page, id=str(page.relative_to(DOCS)), marks=marks)


@pytest.mark.parametrize("page", list(with_code()))
def test_a_page_runs_and_prints_what_it_says(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    names: dict[str, object] = {"__name__": page.stem}

    for code, told in shown(page):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, page.name, "exec", dont_inherit=True), names)
        if told is not None:
            assert printed.getvalue() == told, code


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_no_code_of_a_page_is_overlooked(page: Path) -> None:
    text = page.read_text("utf-8")

    fences = re.findall(r"^\s*```python\b(?! engine=)", text, re.M)

    assert len(fences) == len(shown(page))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_every_link_of_a_page_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text("utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


def documented() -> dict[str, list[object]]:
    """What the reference lists, by module."""
    found: dict[str, list[object]] = {}
    for page in PAGES:
        for module, names in NAMES.findall(page.read_text("utf-8")):
            face = importlib.import_module(module)
            found.setdefault(module, []).extend(getattr(face, name) for name in names.split())
    return found


def original(value: object) -> object:
    """The function that a face hands out with its name noted."""
    return getattr(value, "__wrapped__", value)


@pytest.mark.parametrize("face", FACES)
def test_the_reference_misses_no_public_name(face: str) -> None:
    module = importlib.import_module(face)
    listed = [original(value) for values in documented().values() for value in values]

    missing = [
        name
        for name in module.__all__
        if not isinstance(value := getattr(module, name), ModuleType)
        and not any(original(value) is one for one in listed)
    ]

    assert missing == []


def test_the_reference_lists_nothing_twice() -> None:
    listed = [id(original(value)) for values in documented().values() for value in values]

    assert len(listed) == len(set(listed))


@pytest.mark.deep
def test_the_documentation_builds_without_a_warning(tmp_path: Path) -> None:
    if importlib.util.find_spec("sphinx") is None or importlib.util.find_spec("furo") is None:
        pytest.skip("the group docs is not installed; make docs installs it, and builds")
    command = [sys.executable, "-m", "sphinx", "-q", "-E", "-W", "--keep-going", "-b", "html"]

    done = subprocess.run(
        [*command, "-d", str(tmp_path / "trees"), str(DOCS), str(tmp_path / "html")],
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    html = tmp_path / "html"
    bars = (html / "reference" / "bars.html").read_text("utf-8")
    assert '<div class="marble"><svg' in bars
    assert 'id="ordinis_rx.operators.time_bars"' in bars
    feeds = (html / "reference" / "feeds.html").read_text("utf-8")
    assert "*args" not in re.sub(r"<[^>]+>", "", feeds)  # a decoder is shown as what is called
    assert "The facts of one message in wire order" in feeds  # and not the help of a tuple
    loads = re.compile(r"<(?:script|link|img)[^>]+(?:src|href)=\"(https?://[^\"]+)")
    loaded = [found for page in html.rglob("*.html") for found in loads.findall(page.read_text())]
    assert loaded == []  # nothing comes from elsewhere

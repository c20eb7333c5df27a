"""Charts and tables in JupyterLab itself, seen by a browser: lines, band, crosses, gaps, candles, rows, errors."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser.pages import is_so, texts
from tests.commands.conftest import ROOT

pytestmark = pytest.mark.browser

TOKEN = "of-these-tests"

FACTS = """
import reactivex as rx
import ordinis_rx as ox
from ordinis_rx.events import Gap, GapReason
from ordinis_rx.testing import a_bar, a_quote

BEGAN = 1_790_000_000 * ox.SECOND
told, bars = [], []
for k in range(60):
    at, drift, lies = BEGAN + k * ox.SECOND, 0.01 * k + 0.06 * (k % 3), 20 <= k < 30
    for name, off in (("x", 0.0), ("y", 0.05), ("z", 5.0 if lies else -0.05)):
        told.append(a_quote(99.9 + off + drift, 100.1 + off + drift, symbol="A", provider=name, at=at))
    told.append(ox.AggregatedQuote(symbol="A", ts_event=at, price=100 + drift, half_width=0.08,
                                   outliers_excluded=("z",) if lies else ()))
    bars.append(a_bar(100.1 + drift, open=100 + drift, high=100.2 + drift, low=99.9 + drift, at=at + ox.SECOND))
told.append(Gap(ts_event=BEGAN + 45 * ox.SECOND, ts_from=BEGAN + 40 * ox.SECOND, ts_to=BEGAN + 45 * ox.SECOND,
                reason=GapReason.STALLED))
"""

CELLS = (
    FACTS,
    "ox.chart(rx.of(*told))",
    "ox.chart(rx.of(*bars))",
    "ox.table(rx.of(*told))",
    "source = rx.Subject()\nmoving = ox.table(source)\nmoving",
    "source.on_next(a_quote(1.0, 2.0, symbol='LATER'))",
    "source.on_error(ValueError('the plan does not cover this'))",
)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A JupyterLab with one notebook, in folders of its own; the notebook's address."""
    pytest.importorskip(
        "jupyterlab", reason="JupyterLab is not installed; make browser installs it"
    )
    import nbformat

    folder = tmp_path_factory.mktemp("lab")
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    book.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(book, folder / "see.ipynb")
    own = {
        name: str(folder / name.lower())
        for name in (
            *("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"),
            *("JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR"),
        )
    }
    # Nothing is fetched from the network, and nobody is asked whether it may.
    asks = folder / "jupyterlab_settings_dir" / "@jupyterlab" / "apputils-extension"
    asks.mkdir(parents=True)
    (asks / "notification.jupyterlab-settings").write_text(
        '{"fetchNews": "false", "checkForUpdates": false}'
    )
    words = [
        *("--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0"),
        *(f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={folder}"),
        *(
            "--LabApp.expose_app_in_browser=True",
            "--LabApp.extension_manager=readonly",
        ),
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", *words],
        env={**os.environ, **own, "PYTHONPATH": str(ROOT)},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    said: list[str] = []
    try:
        for line in process.stderr:
            said.append(line)
            if "http://127.0.0.1:" in line:
                break
        else:
            pytest.fail("JupyterLab did not begin:\n" + "".join(said))
        reading = threading.Thread(target=lambda: said.extend(process.stderr or ()), daemon=True)
        reading.start()
        origin = line[line.index("http://") :].partition("/lab")[0]
        yield f"{origin}/lab/tree/see.ipynb?token={TOKEN}"
    finally:
        process.terminate()
        process.wait(20)
        reading.join(20)
        process.stderr.close()


# From where to where, as shares of its width, the columns of a canvas are that have so many pixels of about a color and of
# about so much of it.
PIXELS = """([canvas, wanted, thin, thick, least]) => {
  const { width, height } = canvas, { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  const columns = new Array(width).fill(0);
  for (let i = 0; i < data.length; i += 4) {
    const near = wanted.every((value, k) => Math.abs(data[i + k] - value) < 40);
    if (near && data[i + 3] >= thin && data[i + 3] <= thick) columns[(i / 4) % width] += 1;
  }
  const found = columns.flatMap((count, k) => (count >= least ? [k / width] : []));
  return found.length ? [Math.min(...found), Math.max(...found)] : null;
}"""

RED = (205, 55, 44)


def test_charts_and_tables_move_in_jupyterlab(
    lab: str, look: Callable[..., Any], screenshot: Callable[[Any, str], None]
) -> None:
    visit = look(lab, height=2600)  # all cells are in sight, so that each view is drawn
    page = visit.page
    is_so(page, "document.querySelectorAll('.jp-NotebookPanel .jp-CodeCell').length > 3", 120)
    is_so(
        page,
        "window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'",
        120,
    )
    page.evaluate("void jupyterapp.commands.execute('notebook:run-all-cells')")
    refused = (
        "document.querySelectorAll('.jp-mod-error, .jp-OutputArea-output[data-mime-type*=error]')"
    )
    is_so(page, f"document.querySelectorAll('.ordinis').length === 4 || {refused}.length", 120)
    assert page.evaluate(f"[...{refused}].map((e) => e.textContent)") == []
    is_so(page, "document.querySelectorAll('.ordinis .uplot canvas').length === 1")
    is_so(page, "document.querySelectorAll('.ordinis .candles canvas').length > 1")
    is_so(page, "[...document.querySelectorAll('.ordinis .failure')].some((e) => e.textContent)")
    page.set_viewport_size({"width": 1280, "height": 1560})
    screenshot(page, "notebook")

    lines, candles, table, moving = (page.locator(".ordinis").nth(k) for k in range(4))
    assert lines.locator(".legend [role=button]").all_inner_texts() == [
        *("A x mid", "A y mid", "A z mid", "A consensus")
    ]
    canvas = lines.locator(".uplot canvas").element_handle()
    crosses = page.evaluate(PIXELS, [canvas, RED, 150, 255, 1])
    shade = page.evaluate(PIXELS, [canvas, RED, 20, 60, 100])
    assert crosses is not None, "nothing is crossed"
    assert shade is not None, "no gap is shaded"
    # Of sixty seconds, behind an axis: the provider lies from the 20th to the 29th, the gap is from the 40th to the 45th.
    assert 0.35 < crosses[0] < crosses[1] < 0.56
    assert 0.64 < shade[0] < 0.72 < shade[1] < 0.8

    assert candles.locator(".candles canvas").count() > 1
    assert candles.locator(".credit a").get_attribute("href") == "https://www.tradingview.com/"
    assert [row.split("\t")[:3] for row in table.locator("tbody tr").all_inner_texts()] == [
        *(["Quote", "A", name] for name in "xyz"),
        ["AggregatedQuote", "A", ""],
        ["Gap", "", ""],
    ]
    assert "LATER" in moving.locator("tbody tr").first.inner_text()
    assert moving.locator(".failure").inner_text() == "the plan does not cover this"
    assert texts(page, ".jp-OutputArea-output[data-mime-type*=stderr]") == []
    assert [said for said in visit.console if "ordinis" in said or said.startswith("raised")] == []

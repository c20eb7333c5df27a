"""The dashboard for minutes at a thousand facts a second: the page and its server hold what they hold, and no more."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser.pages import address, is_so
from tests.commands.conftest import Start
from tests.sizes import size

pytestmark = [pytest.mark.browser, pytest.mark.soak]

WARM_SHARE = 0.2
"""Of the time, after which it counts: two of ten minutes, in which all that is kept has grown but the candles."""

LOOK_SECONDS = 30

MOST_HEAP_GROWTH = 8e6
MOST_RSS_GROWTH = 24e6


def looks(page: Any, server: Any, seconds: float) -> Iterator[tuple[float, float]]:
    """The page's heap, without garbage, and the server's memory, every half a minute; bytes."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable")
    for _ in range(round(seconds / LOOK_SECONDS)):
        page.evaluate(f"new Promise((over) => setTimeout(over, {LOOK_SECONDS * 1000}))")
        devtools.send("HeapProfiler.collectGarbage")
        metrics = devtools.send("Performance.getMetrics")["metrics"]
        heap = next(each["value"] for each in metrics if each["name"] == "JSHeapUsedSize")
        yield heap, float(server.memory_info().rss)


def test_minutes_at_a_thousand_facts_a_second_leave_memory_and_console_as_they_were(
    run: Start, look: Callable[..., Any], keys: dict[str, str]
) -> None:
    psutil = pytest.importorskip("psutil")
    words = ["--protocol", "polygon", "--symbols", "AAPL,MSFT", "--rate", "1000", "--seed", "7"]
    server = run("simulate", *words)
    url = server.first.removeprefix("listening ").strip()
    dashboard = run("dashboard", "--provider", "polygon", "--url", url, "--symbols", "AAPL,MSFT")
    visit = look(address(dashboard))
    page = visit.page
    told = (
        "Number(document.querySelector('#providers tr').cells[3].textContent.replaceAll(',', ''))"
    )
    is_so(page, "document.querySelectorAll('#symbols tr').length === 2")
    process = psutil.Process(dashboard.process.pid)
    warm = size("PAGE_SECONDS") * WARM_SHARE
    deque(looks(page, process, warm), maxlen=0)
    before, cpu = page.evaluate(told), sum(process.cpu_times()[:2])
    seconds = size("PAGE_SECONDS") - warm
    seen = list(looks(page, process, seconds))
    rate = (page.evaluate(told) - before) / seconds
    heaps, sizes = zip(*seen, strict=True)
    print(
        f"{rate:.0f} facts a second; heap {heaps[0] / 1e6:.1f} to {heaps[-1] / 1e6:.1f} MB, "
        f"server {sizes[0] / 1e6:.0f} to {sizes[-1] / 1e6:.0f} MB, "
        f"{(sum(process.cpu_times()[:2]) - cpu) / seconds:.0%} of a core"
    )
    assert rate > 800
    assert visit.console == []
    assert page.evaluate("document.getElementById('state').textContent") == "live"
    assert max(heaps) - heaps[0] < MOST_HEAP_GROWTH
    assert max(sizes) - sizes[0] < MOST_RSS_GROWTH
    assert page.evaluate("document.querySelectorAll('*').length") < 2500
    assert page.evaluate(
        "samples.get(shown).length <= SAMPLES && candles.get(shown).length <= CANDLES"
    )
    assert keys["POLYGON_API_KEY"] not in page.content()

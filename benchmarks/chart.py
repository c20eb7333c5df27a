"""What a live chart costs the kernel of Jupyter that feeds it: five series of a thousand facts a second each."""

from __future__ import annotations

import json

from rich.console import Console

from benchmarks.measure import Row, compare, show
from ordinis_rx.events import Trade
from ordinis_rx.timebase import SECOND
from ordinis_rx.views.series import Plot

SERIES = 5
RATE = 1000
BEATS = 10
SECONDS = 10
POINTS = 1200
LIMIT = 0.05

# The same facts at the same pace, first to a subscriber that does nothing, then to a chart; what is told is the difference.
CELL = """
import asyncio, json, time
import ordinis_rx as ox
from reactivex import Subject
from benchmarks.chart import SECONDS, facts

async def cpu_of(source, told):
    began, turn = time.process_time(), asyncio.get_running_loop().time()
    for start in range(0, len(told), 50):
        for fact in told[start : start + 50]:
            source.on_next(fact)
        turn += SECONDS * 50 / len(told)
        await asyncio.sleep(max(0.0, turn - asyncio.get_running_loop().time()))
    return time.process_time() - began

told = facts(SECONDS)
plain, drawn = Subject(), Subject()
plain.subscribe(lambda fact: None)
chart = ox.chart(drawn)
await cpu_of(drawn, facts(1))
print(json.dumps([await cpu_of(plain, told), await cpu_of(drawn, told)]))
"""


def facts(seconds: int) -> list[Trade]:
    """Trades of so many seconds, the series by turns."""
    step = SECOND // (SERIES * RATE)
    return [
        Trade(symbol=f"S{k % SERIES}", provider="x", ts_event=k * step, price=100 + k % 7, size=1.0)
        for k in range(SERIES * RATE * seconds)
    ]


def in_a_kernel() -> tuple[float, float]:
    """CPU seconds that a kernel needs for SECONDS of facts, without a chart and with one."""
    import nbformat
    from nbclient import NotebookClient

    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    NotebookClient(book, timeout=120).execute()
    (said,) = [out.text for out in book.cells[0].outputs if out.output_type == "stream"]
    plain, drawn = json.loads(said)
    return plain, drawn


def main() -> None:
    """Nanoseconds a fact of each part, and what share of a core the whole takes in a kernel."""
    told = facts(1)

    def nothing(_: Trade) -> None:
        return None

    def passed() -> None:
        for fact in told:
            nothing(fact)

    def taken() -> None:
        plot = Plot(POINTS)
        for fact in told:
            plot.add(fact)

    def packed() -> None:
        plot, beat = Plot(POINTS), len(told) // BEATS
        for k, fact in enumerate(told):
            plot.add(fact)
            if k % beat == beat - 1:
                plot.news()

    rows: list[Row] = compare(
        {"a call": passed, "taken": taken, "taken and packed": packed}, len(told)
    )
    show(f"A chart of {SERIES} series, {RATE} facts a second each", rows, base="a call")
    plain, drawn = in_a_kernel()
    share = (drawn - plain) / SECONDS
    Console().print(
        f"in a kernel: {share:.1%} of one core ({(drawn - plain) / (SERIES * RATE * SECONDS) * 1e9:,.0f} ns a fact, "
        f"messages to the page with it; the facts' own way {plain / SECONDS:.1%}); "
        f"{'within' if share <= LIMIT else 'ABOVE'} {LIMIT:.0%}"
    )

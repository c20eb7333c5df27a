"""Charts and tables for notebooks."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from reactivex import Subject

import ordinis_rx as ox
from ordinis_rx.testing import a_bar, a_quote, a_trade


class Spied:
    """What a widget sent to its page."""

    def __init__(self, widget: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sent: list[tuple[dict[str, Any], list[bytes]]] = []
        monkeypatch.setattr(
            type(widget),
            "send",
            lambda _, content, buffers=None: self.sent.append((content, list(buffers or ()))),
        )


def test_a_chart_tells_a_view_that_opens_all_that_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    chart = ox.chart(ox.from_events([a_trade(1.0), a_bar(2.0)]), points=10)
    spied = Spied(chart, monkeypatch)
    chart._handle_custom_msg({"opened": True}, [])
    ((content, blocks),) = spied.sent
    assert content["all"] is True
    assert {each["shape"] for each in content["series"]} == {"line", "candles"}
    assert [len(block) for block in blocks] == [16, 40]
    chart.close()


def test_a_closed_chart_has_let_go_of_its_stream() -> None:
    source = Subject[object]()
    chart = ox.chart(source)
    assert len(source.observers) == 1
    chart.close()
    assert not source.observers


def test_an_error_that_ends_the_stream_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Subject[object]()
    table = ox.table(source)
    spied = Spied(table, monkeypatch)
    source.on_next(a_quote(1.0, 2.0))
    source.on_error(ValueError("the key is wrong"))
    assert table.failure == "the key is wrong"
    assert spied.sent[0][0]["rows"][0][0] == "Quote"
    table.close()


def test_nonsense_is_refused() -> None:
    source = Subject[object]()
    with pytest.raises(ValueError, match="points must be 2 or more points, got 1"):
        ox.chart(source, points=1)
    with pytest.raises(ValueError, match="rows must be 1 or more rows, got 0"):
        ox.table(source, rows=0)


def test_without_anywidget_the_error_names_the_extra() -> None:
    code = (
        "import sys; sys.modules['anywidget'] = None\n"
        "import ordinis_rx as ox\n"
        "try: ox.chart(ox.from_events([]))\n"
        "except ox.MissingExtra as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "ordinis-rx[notebook]" in done.stdout

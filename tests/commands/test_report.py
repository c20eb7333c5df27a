from __future__ import annotations

import math
from html.parser import HTMLParser
from typing import Any

import msgspec
import pytest

from ordinis_rx.commands.board import Board, Sample
from ordinis_rx.commands.outcome import Check, Errors, Fault, Outcome, ProviderRow, SymbolRow
from ordinis_rx.commands.report import page
from ordinis_rx.testing.factories import a_gap
from ordinis_rx.timebase import SECOND

OUTCOME = Outcome(
    ok=True,
    seconds=3.0,
    seed=5,
    providers=(
        ProviderRow(
            name="p",
            status="CONNECTED",
            last=9.0,
            bid=math.nan,
            ask=9.5,
            lag_ms=1.0,
            events=7,
            reconnects=1,
            gaps=1,
            errors=0,
        ),
    ),
    symbols=(SymbolRow(symbol="A<B", median=9.0, true=9.0, error_bps=0.0, fresh=1),),
    faults=(Fault(at=1.0, provider="p", fault="cut off", gap=None),),
    errors_bps=Errors(samples=1, without_price=0, median=0.5, worst=1.5),
    checks=(Check(name="<script>", ok=True, detail="fine"),),
)


class Reader(HTMLParser):
    """Whether every element is closed, what there is, and what the page would load."""

    VOID = frozenset({"meta"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        self.loads += [
            value or "" for name, value in attrs if name in ("src", "href", "xlink:href")
        ]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    return reader


def a_page(outcome: Outcome = OUTCOME) -> str:
    board = Board(["p"], ["A<B"], lambda *_: 9.0)
    board.samples += [Sample(at * SECOND, "A<B", 9.0 + at, 9.0, 1) for at in range(4)]
    board.gaps.append(a_gap(SECOND, 2 * SECOND, provider="p"))
    return page(outcome, board, 0)


def check_alone(text: str) -> Reader:
    reader = read(text)
    assert text.startswith("<!DOCTYPE html>")
    assert reader.open == []
    assert reader.loads == []
    assert "script" not in reader.tags
    assert "http" not in text
    assert "prefers-color-scheme: dark" in text
    return reader


def test_the_page_is_whole_and_needs_nothing_else() -> None:
    reader = check_alone(a_page())

    assert reader.tags.count("svg") == 2
    assert reader.tags.count("polyline") == 2


def test_what_comes_from_elsewhere_is_escaped() -> None:
    text = a_page()

    assert "A&lt;B" in text
    assert "&lt;script&gt;" in text


def test_a_gap_is_drawn_and_a_missing_one_told() -> None:
    text = a_page()

    assert "gap of 1.00 s (disconnected)" in text
    assert "<td>none</td>" in text


@pytest.mark.parametrize(("ok", "title"), [(True, "every promise kept"), (False, "not every")])
def test_the_title_is_the_verdict(ok: bool, title: str) -> None:
    assert f"demo: {title}" in a_page(msgspec.structs.replace(OUTCOME, ok=ok))


def test_a_demo_in_which_nothing_came_has_a_page_too() -> None:
    empty = msgspec.structs.replace(OUTCOME, faults=(), symbols=(), providers=(), checks=())

    check_alone(page(empty, Board([], [], lambda *_: 0.0), 0))


def test_the_page_of_a_real_demo_is_whole(reported: tuple[Any, str]) -> None:
    reader = check_alone(reported[1])

    assert reader.tags.count("svg") == 4  # three symbols and the connections
    assert reader.tags.count("polyline") >= 6

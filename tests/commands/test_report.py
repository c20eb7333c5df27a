from __future__ import annotations

import math
from html.parser import HTMLParser
from typing import Any

import msgspec
import pytest

from ordinis_rx.commands.agreement import Agreement, Exclusion, Look
from ordinis_rx.commands.board import Board
from ordinis_rx.commands.heard import Heard
from ordinis_rx.commands.outcome import (
    Check,
    Errors,
    Falsehood,
    Fault,
    Interval,
    Outcome,
    ProviderRow,
    SymbolRow,
)
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
            outlier_share=0.125,
            deviation_bps=1.5,
        ),
    ),
    symbols=(
        SymbolRow(
            symbol="A<B",
            price=9.0,
            half_width=0.01,
            half_width_bps=11.1,
            confidence=0.9,
            status="DEGRADED",
            excluded={"p": "outlier"},
            true=9.0,
            error_bps=0.0,
        ),
    ),
    faults=(Fault(at=1.0, provider="p", fault="cut off", gap=None),),
    falsehoods=(
        Falsehood(
            at=1.5,
            until=2.5,
            provider="p",
            fault="too high",
            symbols=("A<B",),
            falsified=9,
            reason="outlier",
            excluded_after=0.25,
            back_after=None,
        ),
    ),
    interval=Interval(looks=4, holds_truth=0.75, half_width_bps=11.1),
    statuses={"OK": 3, "NONE": 1},
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


def heard(*providers: str) -> Heard:
    return Heard(Board(providers, ["A<B"]), Agreement(["A<B"], lambda *_: 9.0))


def a_page(outcome: Outcome = OUTCOME) -> str:
    seen = heard("p")
    seen.agreement.looks += [Look(at * SECOND, "A<B", 9.0, 9.0 + at, 0.5) for at in range(3)]
    seen.agreement.looks += [Look(3 * SECOND, "A<B", 9.0)]
    seen.agreement.exclusions += [
        Exclusion("p", "A<B", "outlier", SECOND, 2 * SECOND),
        Exclusion("p", "A<B", "stale", 2 * SECOND),
        Exclusion("q", "A<B", "stale", 2 * SECOND),
    ]
    seen.board.gaps.append(a_gap(SECOND, 2 * SECOND, provider="p"))
    return page(outcome, seen, 0)


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
    assert reader.tags.count("polygon") == 1


def test_what_comes_from_elsewhere_is_escaped() -> None:
    text = a_page()

    assert "A&lt;B" in text
    assert "&lt;script&gt;" in text


def test_a_gap_is_drawn_and_a_missing_one_told() -> None:
    text = a_page()

    assert "p: gap of 1.00 s (disconnected)" in text
    assert 'class="shade"' in text
    assert "<td>none</td>" in text


def test_who_was_left_out_and_why_is_drawn_and_told() -> None:
    text = a_page()

    assert "p: outlier from 1.00 s on" in text
    assert "p: stale from 2.00 s on" in text
    assert text.count("stale from") == 1  # of those alone that the page is about
    assert "too high from 1.5 s on" in text
    assert "<td>p (outlier)</td>" in text
    assert "75.0% of 4 looks" in text


@pytest.mark.parametrize(("ok", "title"), [(True, "every promise kept"), (False, "not every")])
def test_the_title_is_the_verdict(ok: bool, title: str) -> None:
    assert f"demo: {title}" in a_page(msgspec.structs.replace(OUTCOME, ok=ok))


def test_a_demo_in_which_nothing_came_has_a_page_too() -> None:
    empty = msgspec.structs.replace(
        OUTCOME, faults=(), falsehoods=(), symbols=(), providers=(), checks=()
    )

    check_alone(page(empty, heard(), 0))


def test_the_page_of_a_real_demo_is_whole(reported: tuple[Any, str]) -> None:
    reader = check_alone(reported[1])

    assert reader.tags.count("svg") == 4  # three symbols and the connections
    assert reader.tags.count("polyline") >= 6
    assert reader.tags.count("polygon") >= 3
    for reason in ("outlier", "stale", "lost"):
        assert f'class="{reason}"' in reported[1]

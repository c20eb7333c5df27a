"""Marks: when, whose and why; and what leaves none."""

from __future__ import annotations

from typing import Any

import pytest

from ordinis_rx.events import GapReason
from ordinis_rx.operators.marks import Mark
from ordinis_rx.testing import a_feed_error, a_gap, a_heartbeat, a_status, a_trade


def marked(*facts: Any) -> Any:
    """The mark of facts that were dropped."""
    mark = Mark()
    for fact in facts:
        mark.add(fact)
    (gap,) = mark.take()
    assert mark.take() == []
    return gap


def test_the_mark_says_when_whose_and_why() -> None:
    gap = marked(
        a_trade(at=20, symbol="B", provider="x", seq=4),
        a_trade(at=10, symbol="A", provider="x", seq=5, ts_recv=33),
    )

    assert (gap.ts_from, gap.ts_to, gap.ts_event, gap.ts_recv) == (10, 20, 20, 33)
    assert (gap.provider, gap.symbols, gap.reason) == ("x", ("A", "B"), GapReason.DROPPED)
    assert gap.seq == 5


def test_a_mark_over_several_providers_names_none() -> None:
    assert (
        marked(a_trade(provider="x"), a_trade(provider="y"), a_trade(provider="x")).provider == ""
    )


def test_a_dropped_gap_lives_on_in_the_mark() -> None:
    gap = marked(a_gap(3, 90, symbols=("Q",)), a_trade(at=50))

    assert (gap.ts_from, gap.ts_to, gap.symbols) == (3, 90, ("A", "Q"))


@pytest.mark.parametrize("lost", [a_status(), a_gap(0, 1)])
def test_a_dropped_fact_about_the_whole_stream_marks_all_symbols(lost: Any) -> None:
    assert marked(a_trade(), lost).symbols == ()


def test_heartbeats_and_feed_errors_leave_no_mark() -> None:
    mark = Mark()

    mark.add(a_heartbeat())
    mark.add(a_feed_error())

    assert mark.take() == []

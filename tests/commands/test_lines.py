from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.commands.lines import line_of, printable
from ordinis_rx.events import EVENT_TYPES, Event, GapReason, StreamStatus
from ordinis_rx.testing.factories import (
    a_bar,
    a_cancel,
    a_correction,
    a_feed_error,
    a_gap,
    a_halt,
    a_heartbeat,
    a_quote,
    a_reading,
    a_status,
    a_trade,
)
from ordinis_rx.timebase import SECOND

FACTS: list[Event] = [
    a_trade(9, size=3),
    a_quote(9, 11),
    a_bar(9),
    a_status(StreamStatus.CONNECTED),
    a_gap(0, 2 * SECOND),
    a_feed_error("odd"),
    a_heartbeat(),
    a_halt(True),
    a_cancel(),
    a_correction(),
    a_reading(9),
]


def test_every_kind_of_fact_is_tried_here() -> None:
    assert {type(fact) for fact in FACTS} == set(EVENT_TYPES)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: type(fact).__name__)
def test_every_fact_is_one_line_that_names_its_kind(fact: Event) -> None:
    line = line_of(fact)

    assert f" {fact.type.value}" in line
    assert line.isprintable()
    assert line == line.rstrip()


@pytest.mark.parametrize(
    ("fact", "told"),
    [
        (a_trade(9, size=3), "9 x 3"),
        (a_quote(9, 11), "9 x 1 | 11 x 1"),
        (a_gap(0, 2 * SECOND, reason=GapReason.STALLED), "all: 2.000 s may be missing (stalled)"),
        (a_status(StreamStatus.ERROR), "ERROR"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_line_ends_with_what_was_told(fact: Event, told: str) -> None:
    assert line_of(fact).endswith(told)


def test_the_words_of_a_vendor_drive_no_terminal() -> None:
    bad = msgspec.structs.replace(a_feed_error("odd"), message="\x1b]0;title\x07\nCONNECTED\u202e")

    assert line_of(bad).endswith("odd: ?]0;title??CONNECTED?")


@given(st.text())
def test_whatever_is_shown_can_be_printed_and_keeps_its_length(text: str) -> None:
    assert printable(text).isprintable()
    assert len(printable(text)) == len(text)

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.commands.agreement import FRESH
from ordinis_rx.commands.script import CUES, Break, Lie, schedule
from ordinis_rx.commands.stage import PARTS, PRICES, Part
from ordinis_rx.commands.values import SHORTEST_DEMO
from ordinis_rx.timebase import seconds as in_seconds


@given(st.floats(SHORTEST_DEMO, 500))
def test_every_round_plays_every_fault_in_order_and_ends_in_time(seconds: float) -> None:
    due = list(schedule(seconds))
    times = [each.at for each in due]

    assert times == sorted(times)
    assert [each.cue for each in due] == list(CUES) * max(1, int(seconds // 10))
    assert due[-1].at + due[-1].lasts < seconds


@given(st.floats(SHORTEST_DEMO, 500))
def test_lies_follow_one_another_and_last_long_enough_to_be_found_out(seconds: float) -> None:
    due = list(schedule(seconds))

    for each, following in pairwise(due):
        assert each.at + each.lasts < following.at
    for each in due:
        if isinstance(each.cue, Lie):
            least = in_seconds(FRESH) if each.cue.seen_as == "stale" else 0.0
            assert each.lasts >= least + 0.2


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.protocol)
def test_every_provider_is_broken_and_false_at_least_once(part: Part) -> None:
    for kind in (Break, Lie):
        assert part.protocol in {cue.provider for cue in CUES if isinstance(cue, kind)}


def test_lies_are_told_of_what_is_traded() -> None:
    for cue in CUES:
        if isinstance(cue, Lie):
            assert set(cue.symbols) <= set(PRICES)

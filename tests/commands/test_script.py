from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.commands.script import CUES, schedule
from ordinis_rx.commands.stage import PARTS


@given(st.floats(3, 500))
def test_every_round_plays_every_fault_in_order_and_ends_quietly(seconds: float) -> None:
    due = list(schedule(seconds))
    times = [at for at, _ in due]

    assert times == sorted(times)
    assert [cue for _, cue in due] == list(CUES) * max(1, int(seconds // 10))
    assert times[-1] <= seconds - 0.4 * min(seconds, 10) + 1e-9


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.protocol)
def test_every_provider_is_broken_at_least_once(part: object) -> None:
    assert part.protocol in {cue.provider for cue in CUES}  # type: ignore[attr-defined]

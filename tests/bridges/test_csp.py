"""The bridge into csp without csp; with it, see tests/engines/csp."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.bridges.csp import rising, to_curve, to_ts
from ordinis_rx.errors import MissingExtra
from ordinis_rx.stream import from_events


def test_without_csp_each_call_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "csp", None)

    with pytest.raises(MissingExtra, match="pip install csp"):
        to_curve([])
    with pytest.raises(MissingExtra, match="pip install csp"):
        to_ts(from_events([]))


@given(st.lists(st.integers(0, 60)))
def test_times_rise_strictly_and_move_only_where_they_must(times: list[int]) -> None:
    told = rising(np.array(times, np.int64)).tolist()

    moved = -1
    for before, after in zip(times, told, strict=True):
        moved = max(before, moved + 1)
        assert after == moved

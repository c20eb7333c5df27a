"""Which quotes are kept, at the edges."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ordinis_rx.kernels.quality import NOT_CROSSED, not_crossed
from ordinis_rx.kernels.record import FIRST, Call


@pytest.mark.parametrize(
    ("bid", "ask", "kept"),
    [
        (99.0, 101.0, 1),
        (100.0, 100.0, 1),  # locked
        (101.0, 100.0, 0),
        (math.nan, 100.0, 1),
        (100.0, math.nan, 1),
        (math.inf, 100.0, 0),
        (0.0, -0.0, 1),
    ],
)
def test_a_crossed_quote_is_left_out_and_no_other(bid: float, ask: float, kept: int) -> None:
    call = Call(NOT_CROSSED)
    columns = [np.array([bid]), np.array([ask]), np.zeros(1, np.int64)]
    for slot, column in enumerate(columns, FIRST):
        call.point(slot, column.ctypes.data, memoryview(column))

    assert not_crossed(1, call) == kept

"""Buckets and their lists: opened in order, told in order, with as much room as there is."""

from __future__ import annotations

import math
from typing import Any

import pytest

from ordinis_rx.kernels.buckets import (
    BLOCKED,
    TIME_BARS,
    close_interval,
    close_until,
    open_bucket,
)
from ordinis_rx.kernels.compiled import uncompiled
from ordinis_rx.kernels.ohlcv import time_bars

NUMBERS = ("first", "highest", "lowest", "latest", "average", "amount")


@pytest.fixture
def python(bench: Any) -> Any:
    """A bench that runs Python, so that the parts of the kernel can be called on its record."""
    with uncompiled():
        made = bench(time_bars, TIME_BARS, (10, 0, 0, 2, 1))
    # Points at columns that the fixture keeps, starts the clock, opens nothing.
    made.told = made(ts_event=[5] * 10, **dict.fromkeys(NUMBERS, [math.nan] * 10), whole=True)
    return made


def test_buckets_of_an_interval_are_told_in_the_order_of_opening(python: Any) -> None:
    for s in (3, 1, 2):
        open_bucket(python.call, s, 0)

    assert close_interval(python.call, 20, False, 4, 0) == 3
    assert python.told["symbol"][:3].tolist() == [3, 1, 2]
    assert python.told["row"][:3].tolist() == [4, 4, 4]
    assert python.told["ts_event"][:3].tolist() == [30, 30, 30]
    assert close_interval(python.call, 20, False, 4, 0) == 0


def test_an_interval_is_told_as_a_whole_or_not_yet(python: Any) -> None:
    call = python.call
    for s in range(5):
        open_bucket(call, s, 0)
    call.room(4)

    assert close_until(call, 1_000, False, 0, 0) == 0
    assert call.state("clock")[BLOCKED]
    assert call.state("queues")[2] == 5  # all are still open

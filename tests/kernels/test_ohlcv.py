"""Rows that come into bars: in order or late, by the short way or the long one, and the end of all."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ordinis_rx.kernels.buckets import ENDED, LATE_ROWS, TIME_BARS
from ordinis_rx.kernels.figures import FAR
from ordinis_rx.kernels.ohlcv import time_bars
from ordinis_rx.timebase import SECOND

PRICES = ("first", "highest", "lowest", "latest", "average")


def rows(at: list[int], prices: list[float], **more: Any) -> dict[str, Any]:
    return {"ts_event": at, **dict.fromkeys(PRICES, prices), "amount": [1.0] * len(at), **more}


def params(interval: int, lateness: int = 0, fill: int = 0, single: int = 1) -> tuple[int, ...]:
    return interval, lateness, fill, lateness // interval + 2, single


def the_end(run: Any, room: int) -> Any:
    """What the end of the stream tells, with so much room."""
    run.call.state("clock")[ENDED] = 1
    return run(**rows([0] * room, [math.nan] * room))


def test_the_end_closes_all(bench: Any) -> None:
    run = bench(time_bars, TIME_BARS, params(10))

    run(**rows([1, 2], [5.0, 6.0], symbol=[0, 1]))
    told = the_end(run, 2)

    assert told["symbol"].tolist() == [0, 1]
    assert told["row"].tolist() == [0, 0]
    assert told["ts_event"].tolist() == [10, 10]


def test_the_end_of_nothing_is_nothing(bench: Any) -> None:
    run = bench(time_bars, TIME_BARS, params(10, 0, 1))

    assert the_end(run, 1)["row"].tolist() == []


def test_the_end_waits_for_as_much_room_as_it_needs(bench: Any) -> None:
    run = bench(time_bars, TIME_BARS, params(10))
    run(**rows([1, 2], [5.0, 6.0], symbol=[0, 1]))

    assert the_end(run, 1)["row"].tolist() == []
    assert run.call.stop[0] == 0
    assert the_end(run, 2)["symbol"].tolist() == [0, 1]


def test_rows_that_cannot_be_used_are_told_by_number(bench: Any) -> None:
    run = bench(time_bars, TIME_BARS, params(10))

    run(**rows([50, 3, FAR, -FAR, 51, 7], [1.0] * 6))

    late = run.call.state("late")
    assert late[: 1 + late[0]].tolist() == [4, 1, 2, 3, 5]


def test_the_kernel_stops_when_no_more_late_rows_can_be_remembered(bench: Any) -> None:
    run = bench(time_bars, TIME_BARS, params(10))

    run(**rows([50, *[3] * 300], [1.0] * 301))

    assert run.call.state("late")[0] == LATE_ROWS
    assert run.call.stop[0] == LATE_ROWS + 1


def mostly(usual: Callable[[int], Any], strange: list[Any]) -> st.SearchStrategy[Any]:
    """What *usual* makes of a number below a hundred, and one time in ten something strange."""
    return st.integers(0, 109).map(
        lambda k: usual(k) if k < 100 else strange[(k - 100) % len(strange)]
    )


odd = [math.nan, math.inf, -math.inf, 1e308, 0.0, -1.0]
a_row = st.tuples(
    mostly(
        lambda k: (200 + k) * SECOND // 10,
        [-5 * SECOND, 12 * SECOND, 31 * SECOND, 45 * SECOND, -FAR, FAR],
    ),
    mostly(lambda k: k % 2 * 22 * SECOND, [90 * SECOND, 5 * SECOND, FAR]),
    st.integers(0, 1),
    mostly(lambda k: 99.0 + k / 50, odd),
    mostly(lambda k: 1.0 + k % 3, odd),
    mostly(lambda k: 7, [0, 1, 2, 4]),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    told=st.lists(a_row, min_size=9, max_size=60),
    lateness=st.sampled_from([0, 5 * SECOND, 25 * SECOND]),
)
def test_the_shortest_way_of_a_single_price_ends_where_the_long_one_does(
    bench: Any, told: list[Any], lateness: int
) -> None:
    at, received, symbol, prices, amount, flags = map(list, zip(*told, strict=True))
    columns = rows(
        at, prices, amount=amount, ts_recv=received, symbol=symbol, flags=flags
    )  # fmt: skip
    ways = [
        bench(time_bars, TIME_BARS, params(10 * SECOND, lateness, 0, single)) for single in (0, 1)
    ]

    short, long = (way(**columns) for way in ways)

    assert {name: column.tobytes() for name, column in short.items()} == {
        name: column.tobytes() for name, column in long.items()
    }
    for name in ("floats", "marks", "clock", "queues", "late"):
        assert ways[0].call.state(name).tobytes() == ways[1].call.state(name).tobytes()


@pytest.mark.parametrize("single", [0, 1])
def test_no_time_beyond_all_times_is_in_a_bar(bench: Any, single: int) -> None:
    for near, beyond in ((FAR - 2, FAR), (1 - FAR, -FAR)):
        run = bench(time_bars, TIME_BARS, params(60, 0, 0, single))

        run(**rows([near, near, beyond, beyond], [1.0] * 4))

        late = run.call.state("late")
        assert late[: 1 + late[0]].tolist() == [2, 2, 3]


def test_a_day_of_prices_is_the_same_in_one_call_and_in_many(bench: Any) -> None:
    random = np.random.default_rng(3)
    n = 2_000
    at = np.sort(random.integers(0, 50_000, n)) - random.integers(0, 300, n)
    columns = {
        "ts_event": at,
        **dict.fromkeys(PRICES, 100 + random.normal(0, 1, n)),
        "amount": random.exponential(100, n),
        "symbol": random.integers(0, 5, n),
    }
    whole = bench(time_bars, TIME_BARS, params(100, 250))
    parts = bench(time_bars, TIME_BARS, params(100, 250))

    at_once = whole(**columns)
    pieces = [
        parts(**{name: column[k : k + 37] for name, column in columns.items()})
        for k in range(0, n, 37)
    ]

    for name in at_once:
        if name != "row":
            joined = np.concatenate([piece[name] for piece in pieces])
            assert joined.tobytes() == at_once[name].tobytes()

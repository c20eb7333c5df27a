"""Hampel's filter by windows of time, against sorted ones."""

from __future__ import annotations

import statistics
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ordinis_rx.kernels.hampel import HAMPEL, NORMAL, hampel_keep
from ordinis_rx.kernels.hampel_recent import HAMPEL_RECENT, hampel_keep_recent

NEVER = 2**63 - 1
same_fixture = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
numbers = st.integers(-20, 20).map(lambda x: x / 4) | st.sampled_from([1e9, -0.0])
ticks = st.lists(st.tuples(numbers, st.integers(0, 60)), min_size=1, max_size=40)


@same_fixture
@given(
    ticks,
    st.lists(st.booleans(), min_size=40, max_size=40),
    st.integers(3, 8),
    st.integers(1, 40),
    st.floats(0.5, 4.0),
)
def test_a_number_is_kept_when_it_is_near_the_median_of_the_recent_ones_before(
    on_one_symbol: Any,
    told: list[tuple[float, int]],
    counts: list[bool],
    window: int,
    over: int,
    threshold: float,
) -> None:
    columns = {"value": [x for x, _ in told], "ts_event": [at for _, at in told]}
    columns["flags"] = [7 if does_count else 4 for does_count in counts[: len(told)]]
    params = window, over, 3, threshold, 1

    rows = on_one_symbol(hampel_keep_recent, HAMPEL_RECENT, params, columns)["row"].tolist()

    wanted: list[int] = []
    entered: list[tuple[float, int]] = []
    now = 0
    for i, (x, at) in enumerate(told):
        now = max(now, at)
        held = [y for y, then in entered[-window:] if then > now - over]
        fits = len(held) < 3
        if not fits:
            centre = statistics.median(held)
            spread = NORMAL * statistics.median(abs(y - centre) for y in held)
            fits = spread <= 0 or abs(x - centre) <= threshold * spread
        if fits:
            wanted.append(i)
        if counts[i]:
            entered.append((x, now))
    assert rows == wanted


@same_fixture
@given(ticks, st.integers(3, 8), st.floats(0.5, 4.0))
def test_where_all_are_recent_it_is_as_if_time_were_not_looked_at(
    on_one_symbol: Any, told: list[tuple[float, int]], window: int, threshold: float
) -> None:
    columns = {"value": [x for x, _ in told], "ts_event": [at for _, at in told]}
    rest = 3, threshold, 1

    recent = on_one_symbol(hampel_keep_recent, HAMPEL_RECENT, (window, NEVER, *rest), columns)
    last = on_one_symbol(hampel_keep, HAMPEL, (window, *rest), {"value": columns["value"]})

    assert recent["row"].tolist() == last["row"].tolist()


def test_numbers_that_do_not_count_are_judged_and_let_time_pass(bench: Any) -> None:
    told = bench(hampel_keep_recent, HAMPEL_RECENT, (5, 20, 3, 3.0, 1))(
        value=[1.0, 2.0, 3.0, 99.0, 99.0, 2.0],
        ts_event=[0, 1, 2, 3, 30, 31],
        flags=[7, 7, 7, 4, 4, 7],
    )

    assert told["row"].tolist() == [0, 1, 2, 4, 5]

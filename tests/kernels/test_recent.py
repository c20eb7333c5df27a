"""Moments of a window of time against exact recomputation, whatever comes late, and over a million points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ordinis_rx.kernels.moments import push
from ordinis_rx.kernels.recent import (
    KEEP_RECENT,
    RECENT,
    forget,
    rolling_recent,
    zscore_keep_recent,
)
from ordinis_rx.kernels.rolling import DEVIATION, MEAN, ROLLING, SCORE, rolling
from ordinis_rx.timebase import SECOND
from tests.kernels.exact import exact

LAST = 1
NEVER = 2**63 - 1
same_fixture = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

prices = st.floats(1.0, 1e6) | st.sampled_from([1e-4, 1.0, 1e10, 7.25])
ticks = st.lists(st.tuples(prices, st.integers(0, 60)), min_size=1, max_size=40)
Ticks = list[tuple[float, int]]


def columns(told: Ticks) -> dict[str, Any]:
    return {"value": [x for x, _ in told], "ts_event": [at for _, at in told]}


def windows(told: Ticks, window: int, over: int) -> list[list[float]]:
    """What is in the window with each number, itself the last."""
    entered: Ticks = []
    found: list[list[float]] = []
    now = 0
    for x, at in told:
        now = max(now, at)
        entered.append((x, now))
        found.append([y for y, then in entered[-window:] if then > now - over])
    return found


@same_fixture
@given(ticks, st.integers(2, 7), st.integers(1, 40))
def test_means_and_deviations_are_those_of_the_last_numbers_that_are_recent(
    on_one_symbol: Any, told: Ticks, window: int, over: int
) -> None:
    means, deviations = (
        on_one_symbol(rolling_recent, RECENT, (window, over, 1, measure, LAST), columns(told))
        for measure in (MEAN, DEVIATION)
    )

    assert means["row"].tolist() == deviations["row"].tolist() == list(range(len(told)))
    for i, held in enumerate(windows(told, window, over)):
        mean, deviation = exact(held)
        size = max(x for x, _ in told[max(0, i - 16 * window) : i + 1])
        assert means["value"][i] == pytest.approx(mean, rel=1e-9, abs=1e-13 * size)
        assert deviations["value"][i] == pytest.approx(deviation, rel=1e-5, abs=1e-13 * size)


@same_fixture
@given(ticks, st.integers(2, 7), st.integers(1, 40))
def test_a_score_judges_by_the_numbers_before_that_are_recent(
    on_one_symbol: Any, told: Ticks, window: int, over: int
) -> None:
    found = on_one_symbol(rolling_recent, RECENT, (window, over, 2, SCORE, LAST), columns(told))

    scores = dict(zip(found["row"].tolist(), found["value"].tolist(), strict=True))
    for i, held in enumerate(windows(told, window + 1, over)):
        *before, x = held
        if len(before) < 2:
            assert i not in scores
        elif exact(before)[1] > 1e-6 * max(y for y, _ in told[: i + 1]):
            mean, deviation = exact(before)
            assert scores[i] == pytest.approx((x - mean) / deviation, rel=1e-6, abs=1e-6)


@same_fixture
@given(ticks, st.integers(2, 7), st.sampled_from([MEAN, DEVIATION, SCORE]))
def test_where_all_are_recent_it_is_as_if_time_were_not_looked_at(
    on_one_symbol: Any, told: Ticks, window: int, measure: int
) -> None:
    params = 2, measure, LAST

    recent = on_one_symbol(rolling_recent, RECENT, (window, NEVER, *params), columns(told))
    last = on_one_symbol(rolling, ROLLING, (window, *params), {"value": [x for x, _ in told]})

    assert recent["row"].tolist() == last["row"].tolist()
    assert recent["value"].tobytes() == last["value"].tobytes()


def means(run: Callable[..., Any], over: int, **told: Any) -> list[float]:
    values: list[float] = run(rolling_recent, RECENT, (100, over, 1, MEAN, LAST), told)[
        "value"
    ].tolist()
    return values


def test_a_number_leaves_the_window_when_it_is_as_old_as_the_window_is_long(
    on_one_symbol: Any,
) -> None:
    assert means(on_one_symbol, 10, value=[1, 3, 5], ts_event=[0, 9, 10]) == [1, 2, 4]


def test_a_number_that_comes_late_counts_as_of_the_newest_time(on_one_symbol: Any) -> None:
    told = means(on_one_symbol, 10, value=[1, 3, 5, 7], ts_event=[20, 5, 29, 30])

    assert told == [1, 2, 3, 6]


def test_times_before_1970_are_times(on_one_symbol: Any) -> None:
    assert means(on_one_symbol, 10, value=[1, 3, 5], ts_event=[-100, -50, -45]) == [1, 3, 4]
    first, last = -(2**63), 2**63 - 1
    assert means(on_one_symbol, NEVER, value=[1, 3], ts_event=[first, last]) == [1, 2]
    assert means(on_one_symbol, 1 << 62, value=[1, 3], ts_event=[first, last]) == [1, 3]
    assert means(on_one_symbol, 1 << 62, value=[1, 3], ts_event=[0, first]) == [1, 2]


def test_a_stamp_from_next_year_empties_no_window(on_one_symbol: Any) -> None:
    stamps = [5 * SECOND, 10**18, 6 * SECOND]
    arrived = [5 * SECOND, 6 * SECOND, 6 * SECOND]

    told = means(on_one_symbol, 3 * SECOND, value=[1, 3, 5], ts_event=stamps, ts_recv=arrived)

    assert told == [1, 2, 3]


def test_equal_numbers_have_no_deviation_after_one_that_was_a_rounding_away(
    on_one_symbol: Any,
) -> None:
    xs = [0.1 + 0.2, 0.3, 0.3, 0.3, 0.3, 0.3]
    told = {"value": xs, "ts_event": list(range(6))}

    for window, over in ((3, 100), (100, 3)):
        params = window, over, 2, DEVIATION, LAST
        found = on_one_symbol(rolling_recent, RECENT, params, told)
        assert found["value"][-3:].tolist() == [0.0] * 3


def test_numbers_that_left_by_time_leave_none_of_their_digits(on_one_symbol: Any) -> None:
    small = [1.0 + 0.001 * (i % 7) for i in range(30)]
    xs = [*(1e12 + 1e6 * i for i in range(50)), *small]
    at = [*range(50), *range(1000, 1030)]

    told = on_one_symbol(
        rolling_recent,
        RECENT,
        (100, 500, 2, DEVIATION, LAST),
        {"value": xs, "ts_event": at},
    )

    assert told["row"].tolist() == [*range(1, 50), *range(51, 80)]
    assert told["value"][-1] == pytest.approx(exact(small)[1], rel=1e-9)


def test_a_million_points_drift_nowhere(bench: Any) -> None:
    points, over = 1_000_000, 5_000
    random = np.random.default_rng(1)
    xs = 100.0 + np.cumsum(random.normal(0.0, 0.01, points))
    at = np.cumsum(random.integers(0, 200, points))
    symbol, flags = np.zeros(points, np.int64), np.full(points, 7)
    told = {
        measure: bench(rolling_recent, RECENT, (1000, over, 1, measure, LAST))(
            symbol=symbol, value=xs, ts_event=at, flags=flags
        )["value"]
        for measure in (MEAN, DEVIATION)
    }

    for end in range(999, points, points // 200):
        held = xs[np.searchsorted(at, at[end] - over, "right") : end + 1].tolist()
        mean, deviation = exact(held)
        assert told[MEAN][end] == pytest.approx(mean, rel=1e-14)
        assert told[DEVIATION][end] == pytest.approx(deviation, rel=1e-8)


# the filter


def kept(run: Callable[..., Any], told: Ticks, *params: float, **more: Any) -> list[int]:
    rows: list[int] = run(
        zscore_keep_recent, KEEP_RECENT, (*params, LAST), {**columns(told), **more}
    )["row"].tolist()
    return rows


def judged(
    told: Ticks, counts: list[bool], over: int, window: int, limit: float, patience: int
) -> list[bool | None]:
    """Which numbers a filter with feedback keeps; None where rounding may decide, from where on nothing is known."""
    entered: Ticks = []
    found: list[bool | None] = []
    now = refused = 0
    for (x, at), does_count in zip(told, counts, strict=False):
        now = max(now, at)
        entered = [(y, then) for y, then in entered if then > now - over][-window:]
        mean, deviation = exact([y for y, _ in entered] or [0.0])
        doubt = 1e-5 * max(y for y, _ in told)
        keeps = True
        if len(entered) >= 2 and deviation > 0.0:
            if abs(abs(x - mean) - limit * deviation) < doubt or deviation < doubt:
                return [*found, None]
            keeps = abs(x - mean) < limit * deviation
        if does_count:
            refused = 0 if keeps else refused + 1
            if refused >= patience:
                entered, refused, keeps = [], 0, True
            if keeps:
                entered.append((x, now))
        found.append(keeps)
    return found


@same_fixture
@given(
    st.lists(
        st.tuples(st.sampled_from([10.0, 10.5, 11.0, 40.0, 500.0]), st.integers(0, 9)), max_size=60
    ),
    st.lists(st.booleans(), min_size=60, max_size=60),
    st.integers(5, 40),
    st.integers(2, 4),
    st.sampled_from([1.7, 3.3]),
    st.integers(1, 9),
)
def test_each_number_is_judged_by_those_before_that_are_recent(
    on_one_symbol: Any,
    steps: Ticks,
    counts: list[bool],
    over: int,
    window: int,
    limit: float,
    patience: int,
) -> None:
    told: Ticks = []
    for x, step in steps:
        told.append((x, max((at for _, at in told), default=0) + step - 2))
    flags = [7 if does_count else 4 for does_count in counts[: len(told)]]

    rows = kept(on_one_symbol, told, window, over, 2, limit, 1, patience, flags=flags)

    for i, keeps in enumerate(judged(told, counts, over, window, limit, patience)):
        assert keeps is None or (i in rows) == keeps


def test_what_was_before_a_silence_judges_nothing_after_it(on_one_symbol: Any) -> None:
    told = [(10.0, 0), (11.0, 1), (10.0, 2), (500.0, 3), (500.0, 60), (501.0, 61), (10.0, 62)]

    assert kept(on_one_symbol, told, 4, 50, 2, 5.0, 1, 10) == [0, 1, 2, 4, 5]


def test_a_new_level_that_is_refused_long_enough_is_believed(on_one_symbol: Any) -> None:
    told = [(10.0, 0), (11.0, 1), *((500.0, at) for at in range(2, 20))]

    assert kept(on_one_symbol, told, 4, 10, 2, 5.0, 1, 99)[:3] == [0, 1, 10]


def test_what_is_refused_makes_no_number_of_a_full_window_younger(on_one_symbol: Any) -> None:
    told = [(10.0, 0), (11.0, 1), (10.0, 2), (500.0, 9), (500.0, 15)]

    assert kept(on_one_symbol, told, 3, 10, 2, 3.0, 1, 99) == [0, 1, 2, 4]
    assert kept(on_one_symbol, told, 3, 10, 2, 3.0, 1, 1, flags=[7, 7, 7, 4, 4]) == [0, 1, 2, 4]


def test_numbers_that_do_not_count_are_judged_and_let_time_pass(on_one_symbol: Any) -> None:
    told = [(10.0, 0), (11.0, 1), (500.0, 2), (500.0, 30), (10.5, 31)]

    rows = kept(on_one_symbol, told, 4, 20, 2, 5.0, 1, 1, flags=[7, 7, 4, 4, 7])

    assert rows == [0, 1, 3, 4]


# a part


def test_what_is_forgotten_makes_room_for_what_is_new() -> None:
    counts, moments, ring, removed, times = [0] * 4, [0.0] * 3, [0.0] * 3, [0], [0] * 3
    for at in (1, 2, 3, 12):
        position = forget(at, 10, 0, 3, removed, counts, moments, ring, times)
        times[position] = at
        push(float(at), 0, 3, counts, moments, ring)

    assert counts[:2] == [2, 1]
    assert times == [12, 2, 3]
    assert moments[0] == pytest.approx(7.5)

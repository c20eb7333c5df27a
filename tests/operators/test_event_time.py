"""Event time: whose stamps are believed."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.kernels.reports import SKEW, believed
from ordinis_rx.operators.event_time import moment, moments
from ordinis_rx.testing import a_trade
from ordinis_rx.timebase import SECOND


def test_a_fact_without_a_receive_time_is_believed() -> None:
    assert moment(a_trade(at=10**18)) == 10**18


def test_a_venue_may_be_a_little_ahead_of_us() -> None:
    assert moment(a_trade(at=5 * SECOND + SKEW, ts_recv=5 * SECOND)) == 5 * SECOND + SKEW


@given(st.integers(1, 2**62), st.integers(1, 2**62))
def test_a_moment_is_never_far_after_the_arrival(ts_event: int, ts_recv: int) -> None:
    at = moment(a_trade(at=ts_event, ts_recv=ts_recv))

    assert at <= ts_recv + SKEW
    assert at in (ts_event, ts_recv)


@given(
    st.integers(-(2**62), 2**62),
    st.one_of(st.sampled_from((0, -1)), st.integers(-(2**62), 2**62)),
)
def test_one_fact_a_column_and_a_kernel_believe_the_same(ts_event: int, ts_recv: int) -> None:
    at = moment(a_trade(at=ts_event, ts_recv=ts_recv))

    assert moments(np.array([ts_event]), np.array([ts_recv])).tolist() == [at]
    assert believed(ts_event, ts_recv) == at

"""Event time: whose stamps are believed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.operators.clock import AHEAD, moment
from ordinis_rx.testing import a_trade
from ordinis_rx.timebase import SECOND


def test_a_fact_without_a_receive_time_is_believed() -> None:
    assert moment(a_trade(at=10**18)) == 10**18


def test_a_venue_may_be_a_little_ahead_of_us() -> None:
    assert moment(a_trade(at=5 * SECOND + AHEAD, ts_recv=5 * SECOND)) == 5 * SECOND + AHEAD


@given(st.integers(1, 2**62), st.integers(1, 2**62))
def test_a_moment_is_never_far_after_the_arrival(ts_event: int, ts_recv: int) -> None:
    at = moment(a_trade(at=ts_event, ts_recv=ts_recv))

    assert at <= ts_recv + AHEAD
    assert at in (ts_event, ts_recv)

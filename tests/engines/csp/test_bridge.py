"""The bridge into csp: nothing is lost, nothing is early, and a graph ends as it should."""

from __future__ import annotations

import math
import threading
from datetime import datetime, timedelta
from typing import Any

import csp
import numpy as np
import pytest
import reactivex as rx
from hypothesis import given, settings
from hypothesis import strategies as st

import ordinis_rx as ox
from ordinis_rx.bridges.csp import to_curve, to_ts
from ordinis_rx.events import Quote, Trade
from ordinis_rx.frames import TradeFrame
from ordinis_rx.stream import from_events
from ordinis_rx.testing import a_quote, a_trade

BEGIN = datetime(1970, 1, 1)
TICK = timedelta(seconds=0.2)


def told(curve: Any) -> list[tuple[int, Any]]:
    """When the curve ticks, in nanoseconds, and what."""
    ran = csp.run(
        lambda: csp.add_graph_output("it", curve),
        starttime=BEGIN,
        endtime=timedelta(seconds=1),
        output_numpy=True,
    )
    times, values = ran["it"]
    return list(zip(times.astype(np.int64).tolist(), values.tolist(), strict=True))


def pushed(source: Any, kind: type[Any] = object, lasting: timedelta = TICK) -> list[Any]:
    ran = csp.run(to_ts(source, kind), realtime=True, endtime=lasting)
    return [fact for _, fact in ran[0]]


@given(st.lists(st.integers(0, 20), max_size=30))
@settings(max_examples=25)
def test_a_curve_ticks_once_for_each_fact_in_their_order_and_never_early(times: list[int]) -> None:
    trades = [a_trade(n + 1, at=at) for n, at in enumerate(times)]

    ticks = told(to_curve(trades, Trade))

    assert [fact for _, fact in ticks] == trades
    assert all(at >= trade.ts_event for at, trade in ticks)
    assert [at for at, _ in ticks] == sorted({at for at, _ in ticks})


def test_a_column_keeps_its_type_and_a_missing_number_is_nan() -> None:
    quotes = [a_quote(math.nan, 101.0, at=1, seq=4), a_quote(99.0, 101.0, at=2, seq=5)]

    [(first, missing), second] = told(to_curve(quotes, column="bid"))

    assert (first, math.isnan(missing), second) == (1, True, (2, 99.0))
    assert told(to_curve(quotes, column="seq")) == [(1, 4), (2, 5)]
    assert told(to_curve(quotes, column="symbol")) == [(1, "A"), (2, "A")]


def test_facts_of_other_kinds_are_passed_over_and_none_at_all_never_tick() -> None:
    mixed = [a_trade(1, at=1), a_quote(at=2), a_trade(2, at=3)]

    assert told(to_curve(mixed, Trade, column="price")) == [(1, 1.0), (3, 2.0)]
    assert told(to_curve(mixed, Quote)) == [(2, mixed[1])]
    assert told(to_curve(mixed)) == [(1, mixed[0]), (2, mixed[1]), (3, mixed[2])]
    assert told(to_curve([], column="price")) == []


def test_a_curve_of_a_frame_may_tick_by_the_times_of_receipt() -> None:
    trades = [a_trade(n, at=n, ts_recv=10 * n, seq=n) for n in range(1, 4)]

    curve = to_curve(TradeFrame.from_events(trades), column="price", by="ts_recv")

    assert told(curve) == [(10, 1.0), (20, 2.0), (30, 3.0)]


def test_a_stream_that_completes_leaves_the_graph_running_to_its_end_and_no_thread() -> None:
    trades = [a_trade(n, seq=n) for n in range(1, 6)]
    facts = from_events([*trades, a_quote(seq=6)])

    @csp.graph
    def graph() -> csp.Outputs(trades=csp.ts[Trade], alarm=csp.ts[bool]):  # type: ignore[valid-type]
        return csp.output(trades=to_ts(facts, Trade), alarm=csp.timer(TICK / 2))

    ran = csp.run(graph, realtime=True, endtime=TICK)

    assert [fact for _, fact in ran["trades"]] == trades
    assert len(ran["alarm"]) >= 1
    assert threading.enumerate() == [threading.main_thread()]


def test_a_quiet_stream_ticks_nothing_and_is_let_go_of_at_the_end() -> None:
    let_go = threading.Event()
    quiet = rx.never().pipe(rx.operators.finally_action(let_go.set))

    assert pushed(quiet) == []
    assert let_go.is_set()
    assert threading.enumerate() == [threading.main_thread()]


def test_the_error_of_a_stream_stops_the_graph_and_is_told_by_its_run() -> None:
    broken = rx.concat(from_events([a_trade(1, seq=1)]), rx.throw(ox.Stalled("AAPL", 2.5)))

    with pytest.raises(ox.OrdinisError, match=r"^Stalled: stalled: nothing from AAPL for 2.5 s$"):
        pushed(broken, lasting=timedelta(minutes=1))
    assert threading.enumerate() == [threading.main_thread()]


def test_a_graph_may_be_run_again() -> None:
    edge = to_ts(from_events([a_trade(n, seq=n) for n in range(1, 4)]), Trade)

    for _ in range(2):
        ran = csp.run(csp.count(edge), realtime=True, endtime=TICK)
        assert [count for _, count in ran[0]] == [1, 2, 3]

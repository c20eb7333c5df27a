"""From streams to what the dashboard shows."""

from __future__ import annotations

import ordinis_rx as ox
from ordinis_rx.kernels.compiled import uncompiled
from ordinis_rx.testing import a_quote
from ordinis_rx.timebase import SECOND
from ordinis_rx.views.dashboard.listening import listen
from ordinis_rx.views.dashboard.state import State


def quotes(provider: str) -> ox.Stream[object]:
    return ox.from_events(
        [a_quote(99.0 + k, 101.0 + k, provider=provider, at=k * SECOND // 2) for k in range(9)]
    )


def test_facts_answers_and_candles_all_arrive() -> None:
    state = State()
    with uncompiled():
        listen([quotes("x"), quotes("y")], state, ox.AggregationConfig()).dispose()
    news = state.news({})
    assert {row["name"]: row["events"] for row in news["providers"]} == {"x": 9, "y": 9}
    assert news["symbols"][0]["symbol"] == "A"
    assert [candle[0] for candle in news["candles"]["A"]][:2] == [0, 1]
    assert (news["failure"], news["ended"]) == ("", True)

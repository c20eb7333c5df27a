"""What the dashboard knows."""

from __future__ import annotations

import msgspec

from ordinis_rx.consensus import AggregatedQuote
from ordinis_rx.events import FeedError, Gap, GapReason, StatusChange, StreamStatus
from ordinis_rx.testing import a_bar, a_quote, a_trade
from ordinis_rx.timebase import MILLI, SECOND
from ordinis_rx.views.dashboard.state import CANDLES, ENTRIES, SAMPLES, State


def answer(price: float, **fields: object) -> AggregatedQuote:
    return AggregatedQuote(symbol="A", ts_event=1, price=price, **fields)  # type: ignore[arg-type]


def status(status: StreamStatus, at: int = 1) -> StatusChange:
    return StatusChange(symbol="", ts_event=at, ts_recv=at, provider="x", status=status)


def failed(at: int) -> FeedError:
    return FeedError(
        symbol="", ts_event=at, ts_recv=at, provider="x", kind="odd", message="no number"
    )


def test_health_is_counted_from_the_providers_own_facts() -> None:
    state = State(["x"])
    for fact in (
        status(StreamStatus.CONNECTED),
        a_quote(9.0, 11.0, provider="x", at=0, ts_recv=3 * MILLI),
        status(StreamStatus.RECONNECTING),
        Gap(ts_event=1, provider="x", ts_from=0, ts_to=SECOND, reason=GapReason.DISCONNECTED),
        status(StreamStatus.CONNECTED),
    ):
        state.on_event(fact)
    (row,) = state.news({})["providers"]
    assert row == {
        "name": "x",
        "status": "CONNECTED",
        "lag": 3.0,
        "events": 5,
        "reconnects": 1,
        "gaps": 1,
        "errors": 0,
    }


def test_a_provider_that_quotes_is_shown_by_its_mid_and_another_by_its_last_trade() -> None:
    state = State()
    state.on_event(a_quote(9.0, 11.0, provider="x"))
    state.on_event(a_trade(10.9, provider="x"))
    for price in (10.2, 10.3):
        state.on_event(a_trade(price, provider="y"))
    assert state.prices["A"] == {"x": 10.0, "y": 10.3}


def test_errors_are_all_counted_and_told_once_a_second() -> None:
    state = State(["x"])
    for at in (1, 2, 3):
        state.on_event(failed(at * SECOND))
        state.on_event(failed(at * SECOND + 1))
    news = state.news({})
    assert news["providers"][0]["errors"] == 6
    assert len(news["log"]) == 3


def test_who_is_left_out_is_told_once() -> None:
    state = State()
    for price in (10.0, 10.1):
        state.on_answer(answer(price, outliers_excluded=("bad",)))
    state.on_answer(answer(10.2))
    state.on_answer(answer(10.3, outliers_excluded=("bad",)))
    assert [(entry.kind, entry.provider) for entry in state.news({})["log"]] == [
        ("left out", "bad")
    ] * 2


def test_a_viewer_is_told_what_is_new_to_it() -> None:
    state, seen = State(), dict[str, int]()
    state.on_answer(answer(10.0))
    state.sample(1 * SECOND)
    state.on_candle(a_bar(10.0, symbol="A"))
    first = state.news(seen)
    assert (len(first["samples"]["A"]), len(first["candles"]["A"])) == (1, 1)
    assert state.news(seen)["samples"] == {}
    state.sample(2 * SECOND)
    assert [sample[0] for sample in state.news(seen)["samples"]["A"]] == [2000]
    assert len(state.news({})["samples"]["A"]) == 2


def test_memory_is_bounded_whatever_comes() -> None:
    state = State()
    for at in range(2000):
        state.on_event(status(StreamStatus.CONNECTED, at))
        state.on_answer(answer(10.0))
        state.sample(at * SECOND)
        state.on_candle(a_bar(10.0, symbol="A"))
    news = state.news({})
    assert (len(news["log"]), len(news["samples"]["A"]), len(news["candles"]["A"])) == (
        ENTRIES,
        SAMPLES,
        CANDLES,
    )


def test_a_price_that_is_missing_becomes_null_in_json() -> None:
    state = State()
    state.on_answer(answer(float("nan")))
    assert msgspec.json.decode(msgspec.json.encode(state.news({})))["symbols"][0]["price"] is None


def test_who_is_left_out_at_a_moment_is_remembered_with_its_prices() -> None:
    state = State()
    state.on_event(a_quote(9.0, 11.0, provider="x"))
    state.on_answer(answer(10.0, lost=("x",)))
    state.sample(2 * SECOND)
    ((at, price, _, prices, left_out),) = state.news({})["samples"]["A"]
    assert (at, price, prices, left_out) == (2000, 10.0, {"x": 10.0}, ["x"])


def test_a_stream_that_is_over_says_so_and_its_lines_stop() -> None:
    state = State()
    state.on_answer(answer(10.0))
    assert state.news({})["ended"] is False
    state.on_end()
    state.sample(2 * SECOND)
    news = state.news({})
    assert (news["ended"], news["failure"], news["samples"]) == (True, "", {})


def test_a_status_that_was_never_told_is_not_made_up() -> None:
    state = State()
    state.on_event(a_quote(9.0, 11.0, provider="x"))
    assert state.news({})["providers"][0]["status"] is None

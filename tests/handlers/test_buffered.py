from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import pytest
import reactivex
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.events import Event, Quote, StreamEventType, Trade
from ordinis_rx.handlers import BufferedStreamHandler
from ordinis_rx.stream import from_events
from ordinis_rx.testing import (
    a_bar,
    a_cancel,
    a_correction,
    a_feed_error,
    a_gap,
    a_halt,
    a_heartbeat,
    a_quote,
    a_reading,
    a_status,
    a_trade,
)


def test_each_kind_has_its_buffer() -> None:
    facts: dict[str, Event] = {
        "quotes": a_quote(seq=1),
        "trades": a_trade(seq=2),
        "bars": a_bar(seq=3),
        "statuses": a_status(seq=4),
        "gaps": a_gap(seq=5),
        "errors": a_feed_error(seq=6),
        "heartbeats": a_heartbeat(seq=7),
        "halts": a_halt(seq=8),
        "cancels": a_cancel(seq=9),
        "corrections": a_correction(seq=10),
        "readings": a_reading(seq=11),
    }
    handler = BufferedStreamHandler()

    from_events(facts.values()).subscribe(handler)

    for name, fact in facts.items():
        assert getattr(handler, name)() == [fact]
        assert getattr(handler, name)(clear=True) == [fact]
        assert getattr(handler, name)() == []
    assert handler.completed
    assert handler.error is None


def test_what_is_returned_is_a_copy() -> None:
    handler = BufferedStreamHandler()
    handler.on_next(a_trade())

    handler.trades().clear()

    assert handler.trades() == [a_trade()]


def test_s16_a_quiet_symbol_keeps_its_latest_however_busy_another_is() -> None:
    handler = BufferedStreamHandler(max_buffer_size=10)
    quiet, quoted = a_trade(5, symbol="QUIET"), a_quote(1, 2, symbol="QUIET")

    from_events([quiet, quoted, *(a_trade(n, symbol="BUSY") for n in range(1000))]).subscribe(
        handler
    )

    latest = handler.latest_trade("QUIET"), handler.latest_quote("QUIET")
    assert [getattr(fact, "seq", None) for fact in latest] == [1, 2]
    assert handler.latest_trade("BUSY") == handler.trades()[-1]
    assert handler.dropped == {StreamEventType.TRADE: 991}


def test_of_a_symbol_never_heard_there_is_nothing() -> None:
    handler = BufferedStreamHandler()

    assert (handler.latest_trade("A"), handler.latest_quote("A")) == (None, None)


def test_drain_takes_all_out_in_the_order_of_arrival() -> None:
    handler = BufferedStreamHandler()
    facts = [a_trade(1, at=9), a_quote(at=5), a_trade(2, at=1), a_status(at=0)]
    for fact in facts:
        handler.on_next(fact)

    assert handler.drain() == facts
    assert (handler.drain(), len(handler)) == ([], 0)
    assert handler.latest_trade("A") == facts[2]


def test_clear_forgets_all_but_the_counts() -> None:
    handler = BufferedStreamHandler(max_buffer_size=1)
    for fact in (a_trade(1), a_trade(2), a_quote()):
        handler.on_next(fact)

    handler.clear()

    assert (len(handler), handler.latest_trade("A"), handler.latest_quote("A")) == (0, None, None)
    assert handler.dropped == {StreamEventType.TRADE: 1}


def test_what_ended_the_stream_is_remembered() -> None:
    handler, error = BufferedStreamHandler(), RuntimeError("odd")

    reactivex.throw(error).subscribe(handler)

    assert (handler.error, handler.completed) == (error, False)


def test_a_subclass_may_hear_a_kind_as_well() -> None:
    class Alert(BufferedStreamHandler):
        heard: list[Trade]

        def on_trade(self, trade: Trade) -> None:
            self.heard.append(trade)

    handler = Alert()
    handler.heard = []
    handler.on_next(a_trade())

    assert handler.heard == handler.trades() == [a_trade()]


facts = st.lists(
    st.one_of(
        st.builds(a_trade, st.floats(1, 9), symbol=st.sampled_from("AB")),
        st.builds(a_quote, st.floats(1, 9), symbol=st.sampled_from("AB")),
        st.builds(a_status),
    ),
    max_size=30,
)


@given(facts, st.integers(1, 8))
def test_what_came_is_kept_or_counted_as_dropped(facts: list[Event], size: int) -> None:
    handler = BufferedStreamHandler(max_buffer_size=size)
    for fact in facts:
        handler.on_next(fact)

    for kind, kept in ((Trade, handler.trades()), (Quote, handler.quotes())):
        came = [fact for fact in facts if type(fact) is kind]
        assert kept == came[-size:]
        assert handler.dropped.get(kind.type, 0) == max(0, len(came) - size)
    assert len(handler) + Counter(handler.dropped).total() == len(facts)


def test_readers_in_other_threads_lose_nothing_and_see_nothing_twice() -> None:
    handler = BufferedStreamHandler(max_buffer_size=100_000)
    taken: list[Event] = []
    finished = threading.Event()

    def read() -> None:
        while not finished.is_set():
            taken.extend(handler.drain())

    reader = threading.Thread(target=read)
    reader.start()
    for n in range(5_000):
        handler.on_next(a_trade(n))
    finished.set()
    reader.join()

    prices: list[Any] = [getattr(fact, "price", None) for fact in [*taken, *handler.drain()]]
    assert prices == [float(n) for n in range(5_000)]


def test_a_buffer_holds_at_least_one_fact() -> None:
    with pytest.raises(ValueError, match="max_buffer_size must be 1 or more facts, got 0"):
        BufferedStreamHandler(max_buffer_size=0)


def test_what_is_no_fact_is_refused() -> None:
    with pytest.raises(TypeError, match="BufferedStreamHandler takes facts, got 'x'"):
        BufferedStreamHandler().on_next("x")  # type: ignore[arg-type]

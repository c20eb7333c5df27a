from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
import reactivex
from hypothesis import given
from hypothesis import strategies as st
from reactivex import Subject
from reactivex import operators as ops

from ordinis_rx.bridges.mailbox import EMPTY, Bell, Bound, Mailbox, call_on
from ordinis_rx.errors import BufferOverflow
from ordinis_rx.events import Quote
from ordinis_rx.gates import gate_of_subscriber
from ordinis_rx.operators.overflow import Overflow
from ordinis_rx.testing import a_quote
from ordinis_rx.testing.probe import Source


def filled(maxsize: Bound, overflow: Overflow, values: list[object]) -> tuple[Mailbox, Source]:
    source, mailbox = Source(), Mailbox(maxsize, overflow, lambda: None)
    mailbox.subscribe(source.stream, None)
    for value in values:
        source.tell(value)
    return mailbox, source


def emptied(mailbox: Mailbox) -> list[object]:
    taken = []
    while (value := mailbox.get()) is not EMPTY:
        taken.append(value)
    return taken


@pytest.mark.parametrize(
    ("overflow", "kept"),
    [
        (Overflow.DROP_OLDEST, [3.0, 4.0]),
        (Overflow.DROP_NEWEST, [1.0, 2.0]),
        (Overflow.CONFLATE, [4.0]),
        (Overflow.ERROR, [1.0, 2.0]),
    ],
)
def test_the_policy_decides_who_gives_way(overflow: Overflow, kept: list[float]) -> None:
    mailbox, _ = filled(2, overflow, [a_quote(bid, 9) for bid in (1, 2, 3, 4)])

    assert [quote.bid for quote in emptied(mailbox) if isinstance(quote, Quote)] == kept


def test_a_full_queue_that_may_drop_nothing_ends_the_stream_after_what_waits() -> None:
    mailbox, source = filled(2, Overflow.ERROR, [1, 2, 3, 4])

    assert not mailbox.over
    assert source.live == []
    assert emptied(mailbox) == [1, 2]
    assert mailbox.over
    assert isinstance(mailbox.error, BufferOverflow)


def test_without_a_bound_everything_is_kept() -> None:
    mailbox, _ = filled(None, Overflow.DROP_OLDEST, list(range(5000)))

    assert emptied(mailbox) == list(range(5000))


values = st.lists(st.builds(a_quote, st.floats(1, 2), symbol=st.sampled_from("AB")), max_size=20)


@given(values, st.integers(1, 4), st.sampled_from(Overflow), st.integers(0, 20), st.booleans())
def test_every_value_is_counted_once(
    quotes: list[Quote], size: int, overflow: Overflow, taken: int, disposed: bool
) -> None:
    mailbox, source = filled(size, overflow, [*quotes])
    got = [value for _ in range(taken) if (value := mailbox.get()) is not EMPTY]
    if disposed:
        mailbox.dispose()
    for quote in quotes:
        source.tell(quote)

    stats = mailbox.stats
    assert stats.delivered == len(got)
    assert stats.received == stats.delivered + stats.dropped + stats.conflated + stats.pending
    assert stats.peak <= size
    assert stats.pending == len(emptied(mailbox))


def test_the_first_value_dropped_is_logged_and_no_other(caplog: pytest.LogCaptureFixture) -> None:
    filled(2, Overflow.DROP_OLDEST, [1, 2, 3, 4, 5])

    [message] = caplog.messages
    assert message.startswith(
        "a queue of 2 values is full for the first time: the oldest gives way"
    )


def test_who_shuts_it_from_elsewhere_lets_the_source_go_at_its_next_value() -> None:
    mailbox, source = filled(2, Overflow.DROP_OLDEST, [1])

    mailbox.shut()
    assert (len(source.live), mailbox.over) == (1, True)
    source.tell(2)

    assert source.live == []
    assert mailbox.stats.dropped == 2


def test_it_wakes_once_for_all_that_comes_between_two_looks() -> None:
    woken: list[int] = []
    mailbox, subject = Mailbox(10, Overflow.DROP_OLDEST, lambda: woken.append(1)), Subject[int]()
    mailbox.subscribe(subject, None)

    subject.on_next(1)
    subject.on_next(2)
    assert len(woken) == 1
    assert emptied(mailbox) == [1, 2]
    subject.on_next(3)
    assert len(woken) == 2


@pytest.mark.parametrize("maxsize", [0, -1])
def test_a_bound_is_at_least_one(maxsize: int) -> None:
    with pytest.raises(ValueError, match=f"maxsize must be 1 or more values, got {maxsize}"):
        Mailbox(maxsize, Overflow.DROP_OLDEST, lambda: None)


async def test_a_bell_rung_from_a_thread_wakes_the_loop() -> None:
    bell = Bell()
    bell.bind()

    threading.Thread(target=bell.ring).start()
    await asyncio.wait_for(bell.wait(), 5)


def test_a_bell_without_a_loop_says_what_brings_one() -> None:
    with pytest.raises(RuntimeError, match="no asyncio loop runs here; iter_blocking brings one"):
        Bell().bind()


async def test_an_action_is_called_at_once_on_its_own_loop_and_soon_from_elsewhere() -> None:
    loop, threads = asyncio.get_running_loop(), list[int]()
    done = asyncio.Event()

    call_on(loop, lambda: threads.append(threading.get_ident()))
    assert threads == [threading.get_ident()]
    await asyncio.to_thread(
        call_on, loop, lambda: (threads.append(threading.get_ident()), done.set())
    )
    await asyncio.wait_for(done.wait(), 5)

    assert threads == [threading.get_ident()] * 2


def test_what_is_no_size_and_what_is_no_policy_are_refused_at_once() -> None:
    with pytest.raises(TypeError, match="maxsize must be a whole number of values, got '5'"):
        Mailbox("5", Overflow.ERROR, lambda: None)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="overflow must be a member of Overflow, got 'ERROR'"):
        Mailbox(5, "ERROR", lambda: None)  # type: ignore[arg-type]


def test_the_feed_that_asks_for_the_most_says_how_many_may_wait_where_nobody_else_has() -> None:
    unsaid = Mailbox("configured", Overflow.DROP_OLDEST, lambda: None)
    said = Mailbox(4, Overflow.DROP_OLDEST, lambda: None)

    def flow(observer: Any, _: object = None) -> Any:
        gate = gate_of_subscriber()
        assert gate is not None
        for values in (2, 3, 1):
            gate.have_room(values)
        for value in range(9):
            observer.on_next(value)

    for mailbox in (unsaid, said):
        mailbox.subscribe(reactivex.create(flow).pipe(ops.map(float)), None)

    assert emptied(unsaid) == [6.0, 7.0, 8.0]
    assert emptied(said) == [5.0, 6.0, 7.0, 8.0]


def test_where_no_feed_is_heard_a_thousand_wait() -> None:
    mailbox, _ = filled("configured", Overflow.DROP_OLDEST, list(range(1500)))

    assert len(emptied(mailbox)) == 1000


def test_what_waits_already_stays_when_a_feed_asks_for_more_or_a_cold_source_waits() -> None:
    mailbox = Mailbox("configured", Overflow.DROP_OLDEST, lambda: None)
    source = Source()
    mailbox.subscribe(source.stream, None)
    source.tell(0.0)
    mailbox.have_room(2)
    for value in (1.0, 2.0):
        source.tell(value)

    assert (emptied(mailbox), mailbox.stats.dropped) == ([1.0, 2.0], 1)

    mailbox.is_open()
    mailbox.have_room(3)
    for value in range(9):
        source.tell(float(value))

    assert len(emptied(mailbox)) == 9

"""A screen follows a stream ten times a second at most."""

from __future__ import annotations

import asyncio
import threading

from reactivex import Subject

from ordinis_rx.views.pulse import follow
from tests.virtual import after, in_virtual_time


def ignore(_: object) -> None:
    pass


@in_virtual_time
async def test_a_burst_is_flushed_once_a_tenth_of_a_second_after_it_began() -> None:
    source, taken, flushed = Subject[int](), list[int](), list[float]()
    loop = asyncio.get_running_loop()
    following = follow(source, taken.append, lambda: flushed.append(loop.time()), ignore)
    began = loop.time()
    for number in range(100):
        source.on_next(number)
    assert (len(taken), flushed) == (100, [])
    await after(1.0)
    assert [round(at - began, 6) for at in flushed] == [0.1]
    source.on_next(1)
    following.dispose()
    await after(1.0)
    assert len(flushed) == 1
    assert not source.observers


def test_without_a_loop_all_is_flushed_at_the_end_and_the_error_told() -> None:
    source, flushed, errors = Subject[int](), list[str](), list[Exception]()
    follow(source, ignore, lambda: flushed.append("now"), errors.append)
    source.on_next(1)
    assert flushed == []
    gone = ValueError("gone")
    source.on_error(gone)
    assert (flushed, errors) == (["now"], [gone])


async def test_what_another_thread_tells_is_taken_and_flushed_where_the_loop_runs() -> None:
    source, threads, over = Subject[int](), list[int](), asyncio.Event()

    def note(*_: object) -> None:
        threads.append(threading.get_ident())

    def last() -> None:
        note()
        over.set()

    follow(source, note, last, ignore)

    def tell() -> None:
        source.on_next(1)
        source.on_completed()

    other = threading.Thread(target=tell)
    other.start()
    other.join()
    assert threads == []
    await asyncio.wait_for(over.wait(), 5)
    assert threads == [threading.get_ident()] * 2

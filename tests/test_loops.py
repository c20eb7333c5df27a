from __future__ import annotations

import asyncio

import pytest

from ordinis_rx.loops import cancelled_ourselves, loop_for, running_loop


async def test_where_a_loop_runs_it_is_found() -> None:
    loop = asyncio.get_running_loop()

    assert running_loop() is loop
    assert loop_for("a test") is loop


def test_where_none_runs_the_error_names_who_needs_one_and_what_to_do_instead() -> None:
    assert running_loop() is None
    with pytest.raises(RuntimeError) as raised:
        loop_for("a test")
    assert str(raised.value) == (
        "a test needs a running asyncio loop; in a script, iter_blocking brings its own"
    )
    assert raised.value.__context__ is None
    with pytest.raises(RuntimeError, match=r"^a test needs a running asyncio loop, or a clock$"):
        loop_for("a test", ", or a clock")


async def test_a_loop_that_runs_in_another_thread_is_none_here() -> None:
    assert await asyncio.to_thread(running_loop) is None


async def whose(awaited: asyncio.Future[None]) -> bool:
    """Whether the cancellation that ends *awaited* was ours."""
    try:
        await awaited
    except asyncio.CancelledError:
        return cancelled_ourselves()
    raise AssertionError("it was not cancelled")


async def test_our_own_cancellation_is_told_from_that_of_what_we_waited_for() -> None:
    loop = asyncio.get_running_loop()
    gone, waited_for = loop.create_future(), loop.create_future()
    gone.cancel()
    task = asyncio.create_task(whose(waited_for))
    await asyncio.sleep(0)

    task.cancel()

    assert (await whose(gone), await task) == (False, True)


def test_where_no_loop_runs_nobody_is_cancelled() -> None:
    with pytest.raises(RuntimeError):
        cancelled_ourselves()

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from ordinis_rx.commands.stopping import stoppable


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
async def test_a_signal_stops_and_names_itself(number: signal.Signals, code: int) -> None:
    with stoppable() as stop:
        assert (stop.is_asked, stop.exit_code) == (False, 0)
        os.kill(os.getpid(), number)

        assert await stop.wait(5)

    assert (stop.is_asked, stop.exit_code) == (True, code)


async def test_time_that_is_over_is_no_stop() -> None:
    with stoppable() as stop:
        assert not await stop.wait(0.001)


async def test_we_may_stop_ourselves_without_a_code() -> None:
    with stoppable() as stop:
        asyncio.get_running_loop().call_soon(stop.now)

        assert await stop.wait()

    assert stop.exit_code == 0


async def test_who_asks_twice_is_obeyed_by_python_itself() -> None:
    with stoppable() as stop:
        os.kill(os.getpid(), signal.SIGINT)
        await stop.wait(5)

        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


async def test_handlers_are_gone_with_the_context() -> None:
    with stoppable():
        pass

    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


async def test_a_loop_in_another_thread_does_without_signals() -> None:
    async def elsewhere() -> bool:
        with stoppable() as stop:
            stop.now()
            return await stop.wait()

    assert await asyncio.to_thread(asyncio.run, elsewhere())

"""A day in a millisecond: an asyncio loop whose clock jumps to the next timer when nothing else is to be done."""

from __future__ import annotations

import asyncio
import functools
import selectors
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec

__all__ = [
    "START",
    "VirtualLoop",
    "after",
    "in_virtual_time",
    "passing",
    "run",
    "settled",
    "virtual_loop",
]

P = ParamSpec("P")

START = 1_700_000_000_000_000_000
"""The wall clock when a virtual loop begins, in nanoseconds."""


class _Jumping(selectors.DefaultSelector):
    """Waits for nothing: what it would have waited is added to the loop's clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise RuntimeError("everybody waits for somebody else: no timer is set")
            self.now += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its time is virtual; sockets and threads have no place in it."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)
        self._clock_resolution = 1e-6
        self.reported: list[dict[str, Any]] = []
        self.set_exception_handler(lambda _, context: self.reported.append(context))
        self.wall_offset = 0

    def time(self) -> float:
        return self._jumping.now

    def block(self, seconds: float) -> None:
        """Let time pass in which nothing is done, as in a callback that takes so long."""
        self._jumping.now += seconds

    def wall(self) -> int:
        """The wall clock that belongs to this time; `wall_offset` sets it forward or back."""
        return START + self.wall_offset + round(self._jumping.now * 1_000_000) * 1000


def virtual_loop() -> VirtualLoop:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    return loop


async def passing(seconds: float) -> None:
    """Let virtual time pass; what falls due at its end may come later."""
    loop = virtual_loop()
    passed = asyncio.Event()
    loop.call_later(seconds, passed.set)
    await passed.wait()


async def after(seconds: float) -> None:
    """Let virtual time pass, and all that happens in it."""
    await passing(seconds)
    await settled()


async def settled() -> None:
    """Let everything happen that needs no time."""
    for _ in range(30):
        await asyncio.sleep(0)


def run(story: Callable[[], Awaitable[None]]) -> None:
    """Run *story*; fails when it leaves a task, or an exception that nobody took."""

    async def whole() -> None:
        await story()
        await settled()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert left == set(), f"left behind: {left}"

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        loop = runner.get_loop()
        runner.run(whole())
        assert isinstance(loop, VirtualLoop)
        assert loop.reported == []


def in_virtual_time(story: Callable[P, Awaitable[None]]) -> Callable[P, None]:
    """A test that is run on a `VirtualLoop`."""

    @functools.wraps(story)
    def test(*args: P.args, **kwargs: P.kwargs) -> None:
        run(lambda: story(*args, **kwargs))

    return test

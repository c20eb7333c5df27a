"""One run of the demo: what is due when, what is to be seen, and what came of it."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable

from ordinis_rx.commands.board import Board
from ordinis_rx.commands.outcome import (
    Outcome,
    errors_of,
    fault_rows,
    provider_rows,
    symbol_rows,
)
from ordinis_rx.commands.screen import Screen
from ordinis_rx.commands.script import Injected, schedule
from ordinis_rx.commands.selfcheck import check_all, is_healed
from ordinis_rx.commands.stage import PRICES, Stage
from ordinis_rx.commands.stopping import Stop
from ordinis_rx.commands.table import figures
from ordinis_rx.events import Event
from ordinis_rx.operators import SideOutput
from ordinis_rx.timebase import Nanos

__all__ = ["Play"]

TICK_SECONDS = 0.1
"""How often the prices are looked at, and whether a fault is due."""

TICKS_A_PICTURE = 3

OPENING_SECONDS = 3.0
"""How long all providers may take to tell a price of everything before the demo begins regardless."""

GRACE_SECONDS = 2.0
"""How long the last fault may take to heal when the time is over."""

IN_FLIGHT_SECONDS = 0.2
"""How long what a server has sent may take to be read here."""

SHOWN = next(iter(PRICES))
"""The symbol whose prices stand in the providers' table."""


class Play:
    """Plays a demo of *seconds* on a stage whose feeds lead to *board*; *repeated* takes what was told twice."""

    def __init__(
        self,
        stage: Stage,
        board: Board,
        repeated: SideOutput[Event],
        screen: Screen,
        stop: Stop,
        *,
        seconds: float,
    ) -> None:
        self.began: Nanos = time.time_ns()
        """When its clock started, by the clock of arrival."""
        self._stage = stage
        self._board = board
        self._repeated = repeated
        self._screen = screen
        self._stop = stop
        self._seconds = seconds
        self._due = deque(schedule(seconds))
        self._injected: list[Injected] = []

    async def run(self) -> None:
        """From the first price to the last fault healed, or until it is stopped."""
        await self._until(lambda: self._board.is_complete, OPENING_SECONDS)
        clock = asyncio.get_running_loop().time
        start, self.began = clock(), time.time_ns()
        tick = 0
        while (elapsed := clock() - start) < self._seconds and not self._is_over():
            self._inject(elapsed)
            self._board.sample(time.time_ns())
            if tick % TICKS_A_PICTURE == 0:
                self._draw(elapsed)
            tick += 1
            await self._stop.wait(TICK_SECONDS)
        await self._until(self._is_healed, GRACE_SECONDS)

    async def outcome(self, seed: int) -> Outcome:
        """What came of it, judged while all is still connected."""
        actors = self._stage.actors
        garbage = {actor.name: actor.server.stats.garbage for actor in actors}
        await self._stop.wait(IN_FLIGHT_SECONDS)
        self._draw(self._seconds)
        checks = check_all(
            self._stage,
            self._board,
            self._injected,
            garbage=garbage,
            repeated=self._repeated.told,
        )
        return Outcome(
            ok=all(check.ok for check in checks),
            seconds=self._seconds,
            seed=seed,
            providers=provider_rows(actors, self._board, SHOWN),
            symbols=symbol_rows(self._board, PRICES, time.time_ns()),
            faults=fault_rows(self._injected, self._board.gaps, self.began),
            errors_bps=errors_of(self._board.samples),
            checks=tuple(checks),
        )

    def _is_over(self) -> bool:
        return self._stop.is_asked or self._board.failure is not None

    def _is_healed(self) -> bool:
        gaps = self._board.gaps
        return all(is_healed(actor, self._injected, gaps) for actor in self._stage.actors)

    async def _until(self, reached: Callable[[], bool], seconds: float) -> None:
        """Wait until something is *reached*, for *seconds* at most, or until all is over."""
        for _ in range(round(seconds / TICK_SECONDS)):
            if reached() or self._is_over():
                return
            await self._stop.wait(TICK_SECONDS)

    def _inject(self, elapsed: float) -> None:
        while self._due and self._due[0][0] <= elapsed:
            _, cue = self._due.popleft()
            server = next(a.server for a in self._stage.actors if a.name == cue.provider)
            if server.connections:  # otherwise there is nothing to break
                self._injected.append(Injected(time.time_ns(), cue.provider, cue.fault))
                cue.act(server)

    def _draw(self, elapsed: float) -> None:
        self._screen.update(
            figures(
                provider_rows(self._stage.actors, self._board, SHOWN),
                symbol_rows(self._board, PRICES, time.time_ns()),
                symbol=SHOWN,
                progress=(elapsed, self._seconds),
            )
        )

"""One run of the demo: what is due when, what is to be seen, and what came of it."""

from __future__ import annotations

import asyncio
import time

from ordinis_rx.commands.accounts import (
    errors_of,
    falsehood_rows,
    fault_rows,
    interval_of,
    provider_rows,
    statuses_of,
    symbol_rows,
)
from ordinis_rx.commands.heard import Heard
from ordinis_rx.commands.outcome import Outcome
from ordinis_rx.commands.sabotage import Sabotage
from ordinis_rx.commands.screen import Screen
from ordinis_rx.commands.script import schedule
from ordinis_rx.commands.selfcheck import check_all
from ordinis_rx.commands.stage import PRICES, Stage
from ordinis_rx.commands.stopping import Stop
from ordinis_rx.commands.table import figures
from ordinis_rx.timebase import SECOND, Nanos

__all__ = ["Play"]

TICK_SECONDS = 0.1
"""How often the prices are looked at, and whether a fault is due."""

TICKS_A_PICTURE = 3

OPENING_SECONDS = 3.0
"""How long all providers may take to tell a price of everything before the demo begins regardless."""

GRACE_SECONDS = 8.0
"""How long what is still due may take when the time is over, and the last fault to heal; on a busy machine alone."""

IN_FLIGHT_SECONDS = 0.2
"""How long what a server has sent may take to be read here."""

WARM_UP: Nanos = 1 * SECOND // 2
"""Until then the consensus is learning how far apart prices usually are; it is not judged by it."""

SHOWN = next(iter(PRICES))
"""The symbol whose prices stand in the providers' table."""


class Play:
    """Plays a demo of *seconds* on a stage whose feeds are *heard*."""

    def __init__(
        self, stage: Stage, heard: Heard, screen: Screen, stop: Stop, *, seconds: float
    ) -> None:
        self.began: Nanos = time.time_ns()
        """When its clock started, by the clock of arrival."""
        self._stage = stage
        self._heard = heard
        self._screen = screen
        self._stop = stop
        self._seconds = seconds
        self._sabotage = Sabotage(stage.actors, heard, schedule(seconds))

    async def run(self) -> None:
        """From the first price to the last fault healed, or until it is stopped."""
        await self._opening()
        clock = asyncio.get_running_loop().time
        start, self.began = clock(), time.time_ns()
        tick, now = 0, self.began
        while self._goes_on(elapsed := clock() - start, now):
            self._sabotage.act(elapsed, now)
            self._heard.agreement.sample(now, quiet=self._sabotage.is_quiet(now))
            if tick % TICKS_A_PICTURE == 0:
                self._draw(elapsed)
            tick += 1
            await self._stop.wait(TICK_SECONDS)
            now = time.time_ns()
        self._sabotage.stop(now)

    async def outcome(self, seed: int) -> Outcome:
        """What came of it, judged while all is still connected."""
        actors, heard, sabotage = self._stage.actors, self._heard, self._sabotage
        garbage = {actor.name: actor.server.stats.garbage for actor in actors}
        await self._stop.wait(IN_FLIGHT_SECONDS)
        self._draw(self._seconds)
        now = time.time_ns()
        heard.agreement.sample(now, quiet=sabotage.is_quiet(now))
        looks = [look for look in heard.agreement.looks if look.ts >= self.began + WARM_UP]
        checks = check_all(self._stage, heard, sabotage, looks, garbage)
        return Outcome(
            ok=all(check.ok for check in checks),
            seconds=self._seconds,
            seed=seed,
            providers=provider_rows(actors, heard, SHOWN),
            symbols=symbol_rows(heard, PRICES, time.time_ns()),
            faults=fault_rows(sabotage.injected, heard.board.gaps, self.began),
            falsehoods=falsehood_rows(sabotage.lied, heard.agreement.exclusions, self.began),
            errors_bps=errors_of(looks),
            interval=interval_of(looks),
            statuses=statuses_of(looks),
            checks=tuple(checks),
        )

    def _goes_on(self, elapsed: float, now: Nanos) -> bool:
        if self._is_over():
            return False
        is_done = self._sabotage.is_done and self._sabotage.is_quiet(now)
        return elapsed < self._seconds + (0.0 if is_done else GRACE_SECONDS)

    def _is_over(self) -> bool:
        return self._stop.is_asked or self._heard.board.failure is not None

    async def _opening(self) -> None:
        """Wait until everybody has told a price of everything, or until all is over."""
        for _ in range(round(OPENING_SECONDS / TICK_SECONDS)):
            if self._heard.board.is_complete or self._is_over():
                return
            await self._stop.wait(TICK_SECONDS)

    def _draw(self, elapsed: float) -> None:
        self._screen.update(
            figures(
                provider_rows(self._stage.actors, self._heard, SHOWN),
                symbol_rows(self._heard, PRICES, time.time_ns()),
                symbol=SHOWN,
                progress=(min(elapsed, self._seconds), self._seconds),
            )
        )

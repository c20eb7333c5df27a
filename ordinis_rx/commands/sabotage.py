"""The script at work: faults committed when they are due and can be told apart, and what is known of each."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ordinis_rx.commands.accounts import falsehood_rows, gap_of
from ordinis_rx.commands.heard import Heard
from ordinis_rx.commands.script import Break, Cue, Due, Injected, Lie, Lied
from ordinis_rx.commands.stage import Actor
from ordinis_rx.events import Gap, StreamStatus
from ordinis_rx.sim import Faults
from ordinis_rx.timebase import MILLI, Nanos

__all__ = ["Sabotage", "is_healed"]

PATIENCE_SECONDS = 4.0
"""How much longer than it should a lie is told that is not found out: on a busy machine all takes its time."""

SETTLING: Nanos = 200 * MILLI
"""How long after a fault is over it is not yet quiet."""


def is_healed(actor: Actor, injected: Sequence[Injected], gaps: Iterable[Gap]) -> bool:
    """Whether a provider is connected again after all that was done to it, and told a gap for each."""
    mine = [fault for fault in injected if fault.provider == actor.name]
    return (
        actor.feed.status is StreamStatus.CONNECTED
        and actor.feed.stats.connects > len(mine)
        and all(gap_of(fault, gaps) for fault in mine)
    )


class Sabotage:
    """Does to *actors* what is *due*, and watches by what is *heard* whether it has healed.

    One thing at a time: what is due before everybody is back from the last one waits, and all after it. A lie can only be
    told from the truth while everybody else is heard, and is told until it has been found out, within some patience.
    """

    def __init__(self, actors: Sequence[Actor], heard: Heard, due: Iterable[Due]) -> None:
        self.injected: list[Injected] = []
        self.lied: list[Lied] = []
        self._actors = {actor.name: actor for actor in actors}
        self._heard = heard
        self._due = deque(due)
        self._honest_at = 0.0
        self._is_over_it = False
        self._quiet_from: Nanos = 0

    @property
    def left(self) -> tuple[Cue, ...]:
        """What has not been done."""
        return tuple(due.cue for due in self._due)

    @property
    def is_done(self) -> bool:
        """Whether all has been done, and nobody lies any more."""
        return not self._due and self._lie is None

    @property
    def is_healed(self) -> bool:
        """Whether nobody lies, and every provider is back from all that was done to it."""
        gaps = self._heard.board.gaps
        return self._lie is None and all(
            is_healed(actor, self.injected, gaps) for actor in self._actors.values()
        )

    def is_quiet(self, now: Nanos) -> bool:
        """Whether nothing has been wrong for a moment: all has healed, and everybody was used again since."""
        if not self.is_healed:
            self._is_over_it = False
        elif not self._is_over_it and self._heard.agreement.is_whole:
            self._is_over_it = True
            self._quiet_from = now + SETTLING
        return self._is_over_it and now >= self._quiet_from

    def act(self, elapsed: float, now: Nanos) -> None:
        """Do what is due after *elapsed* seconds, at the time *now* by the clock of arrival."""
        if elapsed >= self._honest_at and (
            self._is_found_out(now) or elapsed >= self._honest_at + PATIENCE_SECONDS
        ):
            self.stop(now)
        while self._due and self._due[0].at <= elapsed and self._commit(self._due[0], elapsed, now):
            self._due.popleft()

    def stop(self, now: Nanos) -> None:
        """Let everybody tell the truth."""
        lied = self._lie
        if lied is None:
            return
        actor = self._actors[lied.lie.provider]
        actor.liar.be_honest()
        lied.until = now
        lied.falsified = _falsified(actor.tally) - lied.falsified

    @property
    def _lie(self) -> Lied | None:
        return self.lied[-1] if self.lied and self.lied[-1].until is None else None

    def _is_found_out(self, now: Nanos) -> bool:
        """Whether the consensus has left out who lies."""
        so_far = [replace(lied, until=now) for lied in self.lied[-1:]]
        rows = falsehood_rows(so_far, self._heard.agreement.exclusions, 0)
        return all(row.excluded_after is not None for row in rows)

    def _commit(self, due: Due, elapsed: float, now: Nanos) -> bool:
        """Do one thing, if it can be done."""
        actor = self._actors[due.cue.provider]
        if not (self.is_healed and self._heard.agreement.is_whole):
            return False
        match due.cue:
            case Break() as cue:
                if not actor.server.connections:
                    return False
                self.injected.append(Injected(now, cue.provider, cue.fault))
                cue.act(actor.server)
            case Lie() as cue:
                self._honest_at = elapsed + due.lasts
                self.lied.append(Lied(cue, now, falsified=_falsified(actor.tally)))
                actor.liar.lie(cue.tell(actor.tally))
        return True


def _falsified(tally: Faults) -> int:
    return tally.spiked + tally.biased + tally.frozen

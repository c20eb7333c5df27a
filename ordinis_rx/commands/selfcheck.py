"""What the demo promises, checked on what really happened: every fault healed, and none without a trace."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from ordinis_rx.commands.board import Board
from ordinis_rx.commands.outcome import Check, Errors, errors_of, gap_of
from ordinis_rx.commands.script import Injected
from ordinis_rx.commands.stage import Actor, Stage
from ordinis_rx.events import Gap, StreamStatus
from ordinis_rx.timebase import seconds

__all__ = ["check_all", "check_tasks", "is_healed"]

MOST_OFF_BPS = 5.0
"""How far the median may be off in half of the looks at it; prints stand one basis point beside the true price."""


def is_healed(actor: Actor, injected: Sequence[Injected], gaps: Iterable[Gap]) -> bool:
    """Whether a provider is connected again after all that was done to it, and told a gap for each."""
    mine = [fault for fault in injected if fault.provider == actor.name]
    return (
        actor.feed.status is StreamStatus.CONNECTED
        and actor.feed.stats.connects > len(mine)
        and all(gap_of(fault, gaps) for fault in mine)
    )


def check_all(
    stage: Stage,
    board: Board,
    injected: Sequence[Injected],
    *,
    garbage: dict[str, int],
    repeated: int,
) -> list[Check]:
    """Every promise but the last one, which is about what is left when all is over.

    *garbage* is how many unreadable frames each server had sent a moment ago, *repeated* how many duplicates were left out.
    """
    checks = [_reconnected(actor, injected) for actor in stage.actors]
    checks += [_marked(fault, board.gaps) for fault in injected]
    checks += [_told(actor, garbage[actor.name]) for actor in stage.actors if garbage[actor.name]]
    checks.append(_left_out(sum(actor.tally.duplicated for actor in stage.actors), repeated))
    checks.append(_merged(stage, board, repeated))
    checks.append(_sane(errors_of(board.samples)))
    return checks


def _reconnected(actor: Actor, injected: Sequence[Injected]) -> Check:
    stats, status = actor.feed.stats, actor.feed.status
    broken = sum(fault.provider == actor.name for fault in injected)
    return Check(
        name=f"{actor.name} is connected again",
        ok=status is StreamStatus.CONNECTED and stats.connects > broken,
        detail=f"{broken} broken, {max(0, stats.connects - 1)} reconnects, now {status.value}",
    )


def _marked(fault: Injected, gaps: Sequence[Gap]) -> Check:
    gap = gap_of(fault, gaps)
    return Check(
        name=f"{fault.provider} {fault.fault}: a Gap tells",
        ok=gap is not None,
        detail="no Gap" if gap is None else f"{seconds(gap.duration):.2f} s, {gap.reason.value}",
    )


def _told(actor: Actor, garbage: int) -> Check:
    stats = actor.feed.stats
    unreadable = stats.decode_errors.get("undecodable", 0)
    # A frame that is on its way when we hang up is lost with the connection, and the Gap says that.
    lost = max(0, stats.connects - 1)
    return Check(
        name=f"{actor.name} garbage: FeedErrors tell",
        ok=unreadable >= max(1, garbage - lost),
        detail=f"{garbage} unreadable frames sent, {unreadable} FeedErrors",
    )


def _left_out(duplicated: int, repeated: int) -> Check:
    return Check(
        name="repeated trades are counted",
        ok=0 < repeated <= duplicated or duplicated == 0,
        detail=f"{repeated} of {duplicated} repeated facts had an id",
    )


def _merged(stage: Stage, board: Board, repeated: int) -> Check:
    told = sum(actor.feed.stats.events for actor in stage.actors)
    return Check(
        name="nothing is lost on the way",
        ok=board.failure is None and told == board.events + repeated,
        detail=f"{told} told = {board.events} seen + {repeated} left out"
        if board.failure is None
        else f"the stream ended: {board.failure}",
    )


def _sane(errors: Errors) -> Check:
    return Check(
        name="the median follows the true price",
        ok=errors.median <= MOST_OFF_BPS,  # False for NaN
        detail=f"off by {errors.median:.2f} bps as a rule, {errors.worst:.2f} at worst",
    )


def check_tasks() -> Check:
    """Whether the running loop has come to rest but for the caller."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    names = ", ".join(sorted(task.get_name() for task in left))
    return Check(
        name="nothing is left running",
        ok=not left,
        detail=f"{len(left)} tasks left: {names}" if left else "no task left",
    )

"""What the demo promises, checked on what really happened: every fault healed, and none without a trace."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ordinis_rx.commands.accounts import errors_of, falsehood_rows, gap_of, interval_of
from ordinis_rx.commands.agreement import Look
from ordinis_rx.commands.heard import Heard
from ordinis_rx.commands.outcome import Check, Errors, Falsehood, Interval
from ordinis_rx.commands.sabotage import Sabotage
from ordinis_rx.commands.script import Cue, Injected
from ordinis_rx.commands.stage import Actor, Stage
from ordinis_rx.consensus import ConsensusStatus
from ordinis_rx.events import Gap, StreamStatus
from ordinis_rx.timebase import seconds

__all__ = ["check_all", "check_tasks"]

MOST_OFF_BPS = 2.0
"""How far the consensus may be off in half of the looks at it; prints stand one basis point beside the true price."""

HELD = 0.9
"""The share of the looks at which there must be a price, and of those at which the true one must be within the interval."""

QUIET_AND_OK = 0.75
"""While nothing is wrong, the share of the looks at which all providers must be used; but for two that chance may have."""


def check_all(
    stage: Stage, heard: Heard, sabotage: Sabotage, looks: Sequence[Look], garbage: dict[str, int]
) -> list[Check]:
    """Every promise but the last one, which is about what is left when all is over.

    *looks* are those after a warm-up, *garbage* is how many unreadable frames each server had sent a moment ago.
    """
    board, injected, repeated = heard.board, sabotage.injected, heard.repeated.told
    lied = falsehood_rows(sabotage.lied, heard.agreement.exclusions, 0)
    checks = [_played(sabotage.left)]
    checks += [_reconnected(actor, injected) for actor in stage.actors]
    checks += [_marked(fault, board.gaps) for fault in injected]
    checks += [_left_out(lie) for lie in lied]
    checks += [_told(actor, garbage[actor.name]) for actor in stage.actors if garbage[actor.name]]
    checks.append(_counted(sum(actor.tally.duplicated for actor in stage.actors), repeated))
    checks.append(_merged(stage, heard))
    checks.append(_near(errors_of(looks)))
    checks.append(_held(interval_of(looks)))
    checks.append(_used([look for look in looks if look.quiet]))
    return checks


def _played(left: Sequence[Cue]) -> Check:
    named = ", ".join(f"{cue.provider} {cue.fault}" for cue in left)
    return Check(
        name="everything was tried",
        ok=not left,
        detail=f"no occasion for {named}" if left else "every fault had its turn",
    )


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


def _left_out(lie: Falsehood) -> Check:
    found, back = lie.excluded_after, lie.back_after
    out = f"never {lie.reason}" if found is None else f"{lie.reason} after {found:.2f} s"
    again = "not back" if back is None else f"back after {back:.2f} s"
    return Check(
        name=f"{lie.provider} {lie.fault}: left out",
        ok=lie.falsified > 0 and found is not None and back is not None,
        detail=f"{lie.falsified} false facts, {out}, {again}",
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


def _counted(duplicated: int, repeated: int) -> Check:
    return Check(
        name="repeated trades are counted",
        ok=0 < repeated <= duplicated or duplicated == 0,
        detail=f"{repeated} of {duplicated} repeated facts had an id",
    )


def _merged(stage: Stage, heard: Heard) -> Check:
    board, repeated = heard.board, heard.repeated.told
    told = sum(actor.feed.stats.events for actor in stage.actors)
    return Check(
        name="nothing is lost on the way",
        ok=board.failure is None and told == board.events + repeated,
        detail=f"{told} told = {board.events} seen + {repeated} left out"
        if board.failure is None
        else f"the stream ended: {board.failure}",
    )


def _near(errors: Errors) -> Check:
    priced = errors.samples - errors.without_price
    return Check(
        name="the consensus follows the true price",
        ok=errors.median <= MOST_OFF_BPS and priced >= HELD * errors.samples,  # False for NaN
        detail=f"off by {errors.median:.2f} bps as a rule, {errors.worst:.2f} at worst; "
        f"a price at {priced} of {errors.samples} looks",
    )


def _held(interval: Interval) -> Check:
    return Check(
        name="the interval holds the true price",
        ok=interval.holds_truth >= HELD,  # False for NaN
        detail=f"at {interval.holds_truth:.1%} of {interval.looks} looks, "
        f"within {interval.half_width_bps:.2f} bps as a rule",
    )


def _used(quiet: Sequence[Look]) -> Check:
    ok = sum(look.status is ConsensusStatus.OK for look in quiet)
    return Check(
        name="while nothing is wrong, everybody is used",
        ok=0 < ok >= min(QUIET_AND_OK * len(quiet), len(quiet) - 2),
        detail=f"status OK at {ok} of {len(quiet)} quiet looks",
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

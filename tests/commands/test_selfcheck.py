from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from ordinis_rx.commands.agreement import Agreement, Exclusion, Look
from ordinis_rx.commands.board import Board
from ordinis_rx.commands.heard import Heard
from ordinis_rx.commands.outcome import Check
from ordinis_rx.commands.script import Break, Cue, Injected, Lie, Lied
from ordinis_rx.commands.selfcheck import check_all, check_tasks
from ordinis_rx.consensus import ConsensusStatus
from ordinis_rx.events import StreamStatus
from ordinis_rx.feed_stats import FeedStats
from ordinis_rx.sim import Faults
from ordinis_rx.sim.faults import bias
from ordinis_rx.testing.factories import a_gap, a_trade
from ordinis_rx.timebase import SECOND

CUT = Injected(SECOND, "p", "cut off")
LIE = Lie(0.5, 0.2, "p", "too high", ("A",), "outlier", lambda tally: bias(50, tally=tally))
GOOD = Look(0, "A", 100.0, 100.01, 0.02, ConsensusStatus.OK, quiet=True)


@dataclass
class PlayedFeed:
    stats: FeedStats
    status: StreamStatus = StreamStatus.CONNECTED


@dataclass
class PlayedActor:
    feed: PlayedFeed
    name: str = "p"
    tally: Faults = field(default_factory=lambda: Faults(duplicated=9))


@dataclass
class PlayedStage:
    actors: list[PlayedActor]


@dataclass
class PlayedSabotage:
    injected: list[Injected]
    lied: list[Lied]
    left: tuple[Cue, ...] = ()


class Played:
    """All went well: a connection cut and healed, a lie found out and forgiven, garbage told, four trades left out."""

    def __init__(self, **stats: Any) -> None:
        usual: dict[str, Any] = {"connects": 2, "events": 104, "decode_errors": {"undecodable": 2}}
        self.feed = PlayedFeed(FeedStats(provider="p", **{**usual, **stats}))
        self.heard = Heard(Board(["p"], ["A"]), Agreement(["A"], lambda *_: 100.0))
        self.heard.board.events = 100
        self.heard.board.gaps.append(a_gap(SECOND, 2 * SECOND, provider="p"))
        self.heard.repeated.tell([a_trade()] * 4)
        self.exclusion = Exclusion("p", "A", "outlier", 4 * SECOND, 6 * SECOND)
        self.heard.agreement.exclusions.append(self.exclusion)
        self.sabotage = PlayedSabotage([CUT], [Lied(LIE, 3 * SECOND, 5 * SECOND, 9)])

    def checks(self, *, garbage: int = 2, looks: Sequence[Look] = (GOOD,)) -> list[Check]:
        stage: Any = PlayedStage([PlayedActor(self.feed)])
        sabotage: Any = self.sabotage
        return check_all(stage, self.heard, sabotage, looks, {"p": garbage})

    def failed(self, **seen: Any) -> list[str]:
        return [check.name for check in self.checks(**seen) if not check.ok]


def test_a_demo_in_which_all_went_well_keeps_every_promise() -> None:
    assert Played().failed() == []


def test_a_fault_that_had_no_occasion_is_told() -> None:
    played = Played()
    played.sabotage.left = (Break(0.1, "q", "cut off", lambda _: None),)

    [failed] = [check for check in played.checks() if not check.ok]
    assert failed.name == "everything was tried"
    assert failed.detail == "no occasion for q cut off"


def test_a_provider_that_never_came_back_is_told() -> None:
    assert Played(connects=1).failed() == ["p is connected again"]


def test_a_provider_that_is_away_at_the_end_is_told() -> None:
    played = Played()
    played.feed.status = StreamStatus.RECONNECTING

    assert played.failed() == ["p is connected again"]


def test_a_fault_without_a_gap_is_told() -> None:
    played = Played()
    played.heard.board.gaps.clear()

    assert played.failed() == ["p cut off: a Gap tells"]


def test_a_lie_that_is_never_found_out_is_told() -> None:
    played = Played()
    played.exclusion.reason = "stale"

    assert played.failed() == ["p too high: left out"]


def test_a_provider_that_is_never_forgiven_is_told() -> None:
    played = Played()
    played.exclusion.until = None

    assert played.failed() == ["p too high: left out"]


def test_a_lie_that_made_nothing_false_is_told() -> None:
    played = Played()
    played.sabotage.lied[0].falsified = 0

    assert played.failed() == ["p too high: left out"]


@pytest.mark.parametrize(("errors", "garbage"), [({}, 1), ({"undecodable": 2}, 9), ({"odd": 9}, 2)])
def test_garbage_that_nobody_told_is_told(errors: dict[str, int], garbage: int) -> None:
    assert Played(decode_errors=errors).failed(garbage=garbage) == ["p garbage: FeedErrors tell"]


@pytest.mark.parametrize("more", [-4, 6])
def test_duplicates_that_do_not_add_up_are_told(more: int) -> None:
    played = Played(events=104 + more)
    played.heard.repeated.told += more

    assert played.failed() == ["repeated trades are counted"]


def test_an_event_lost_on_the_way_to_the_screen_is_told() -> None:
    assert Played(events=105).failed() == ["nothing is lost on the way"]


def test_a_stream_that_ended_is_told_with_its_error() -> None:
    played = Played()
    played.heard.board.on_error(RuntimeError("the end"))

    assert [check.detail for check in played.checks() if not check.ok] == [
        "the stream ended: the end"
    ]


def test_a_consensus_that_is_off_is_told() -> None:
    off = GOOD._replace(price=100.03, half_width=1.0)

    assert Played().failed(looks=[off]) == ["the consensus follows the true price"]


def test_a_consensus_that_often_has_no_price_is_told() -> None:
    none = GOOD._replace(price=math.nan, quiet=False)

    assert Played().failed(looks=[*[GOOD] * 8, none]) == ["the consensus follows the true price"]


@pytest.mark.parametrize(
    ("missed", "failed"), [(1, []), (2, ["the interval holds the true price"])]
)
def test_the_truth_may_be_outside_of_the_interval_at_one_look_in_ten(
    missed: int, failed: list[str]
) -> None:
    miss = GOOD._replace(half_width=0.001)

    assert Played().failed(looks=[GOOD] * (10 - missed) + [miss] * missed) == failed


@pytest.mark.parametrize(
    ("ok", "degraded", "good"),
    [(3, 1, True), (1, 2, True), (2, 3, False), (0, 1, False), (0, 0, False)],
)
def test_somebody_who_is_left_out_without_a_cause_is_told(
    ok: int, degraded: int, good: bool
) -> None:
    bad = GOOD._replace(status=ConsensusStatus.DEGRADED)
    loud = GOOD._replace(quiet=False)

    failed = Played().failed(looks=[*[GOOD] * ok, *[bad] * degraded, loud])

    assert failed == ([] if good else ["while nothing is wrong, everybody is used"])


async def test_a_task_that_is_left_is_named() -> None:
    assert check_tasks() == Check(name="nothing is left running", ok=True, detail="no task left")

    left = asyncio.get_running_loop().create_task(asyncio.Event().wait(), name="straggler")

    assert check_tasks().detail == "1 tasks left: straggler"
    left.cancel()

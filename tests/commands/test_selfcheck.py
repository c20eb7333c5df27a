from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from ordinis_rx.commands.board import Board, Sample
from ordinis_rx.commands.outcome import Check
from ordinis_rx.commands.script import Injected
from ordinis_rx.commands.selfcheck import check_all, check_tasks, is_healed
from ordinis_rx.events import StreamStatus
from ordinis_rx.feed_stats import FeedStats
from ordinis_rx.sim import Faults
from ordinis_rx.testing.factories import a_gap
from ordinis_rx.timebase import SECOND

CUT = Injected(SECOND, "p", "cut off")


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


def played(**stats: Any) -> tuple[Any, Board]:
    """A demo in which all went well: one connection cut and healed, two frames of garbage, four repeated trades."""
    usual: dict[str, Any] = {"connects": 2, "events": 104, "decode_errors": {"undecodable": 2}}
    feed = PlayedFeed(FeedStats(provider="p", **{**usual, **stats}))
    board = Board(["p"], ["A"], lambda *_: 100.0)
    board.events = 100
    board.gaps.append(a_gap(SECOND, 2 * SECOND, provider="p"))
    board.samples.append(Sample(0, "A", 100.01, 100.0, 1))
    return PlayedStage([PlayedActor(feed)]), board


def failed(stage: Any, board: Board, *, garbage: int = 2, repeated: int = 4) -> list[str]:
    checks = check_all(stage, board, [CUT], garbage={"p": garbage}, repeated=repeated)
    return [check.name for check in checks if not check.ok]


def test_a_demo_in_which_all_went_well_keeps_every_promise() -> None:
    assert failed(*played()) == []


def test_a_provider_that_never_came_back_is_told() -> None:
    assert failed(*played(connects=1)) == ["p is connected again"]


def test_a_provider_that_is_away_at_the_end_is_told() -> None:
    stage, board = played()
    stage.actors[0].feed.status = StreamStatus.RECONNECTING

    assert failed(stage, board) == ["p is connected again"]


def test_a_fault_without_a_gap_is_told() -> None:
    stage, board = played()
    board.gaps.clear()

    assert failed(stage, board) == ["p cut off: a Gap tells"]


@pytest.mark.parametrize(("errors", "garbage"), [({}, 1), ({"undecodable": 2}, 9), ({"odd": 9}, 2)])
def test_garbage_that_nobody_told_is_told(errors: dict[str, int], garbage: int) -> None:
    assert failed(*played(decode_errors=errors), garbage=garbage) == ["p garbage: FeedErrors tell"]


@pytest.mark.parametrize("repeated", [0, 10])
def test_duplicates_that_do_not_add_up_are_told(repeated: int) -> None:
    stage, board = played(events=100 + repeated)

    assert failed(stage, board, repeated=repeated) == ["repeated trades are counted"]


def test_an_event_lost_on_the_way_to_the_screen_is_told() -> None:
    assert failed(*played(events=105)) == ["nothing is lost on the way"]


def test_a_stream_that_ended_is_told_with_its_error() -> None:
    stage, board = played()
    board.on_error(RuntimeError("the end"))

    checks = check_all(stage, board, [CUT], garbage={"p": 2}, repeated=4)

    assert [check.detail for check in checks if not check.ok] == ["the stream ended: the end"]


@pytest.mark.parametrize("median", [100.06, float("nan")])
def test_a_median_that_is_off_or_missing_is_told(median: float) -> None:
    stage, board = played()
    board.samples[:] = [Sample(0, "A", median, 100.0, 1)]

    assert failed(stage, board) == ["the median follows the true price"]


def test_healed_is_connected_again_with_a_gap_for_every_fault() -> None:
    stage, board = played()
    actor = stage.actors[0]

    assert is_healed(actor, [CUT], board.gaps)
    assert not is_healed(actor, [CUT], [])
    assert not is_healed(actor, [CUT, CUT], board.gaps)


async def test_a_task_that_is_left_is_named() -> None:
    assert check_tasks() == Check(name="nothing is left running", ok=True, detail="no task left")

    left = asyncio.get_running_loop().create_task(asyncio.Event().wait(), name="straggler")

    assert check_tasks().detail == "1 tasks left: straggler"
    left.cancel()

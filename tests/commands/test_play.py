from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from ordinis_rx.commands import play as play_module
from ordinis_rx.commands import sabotage as sabotage_module
from ordinis_rx.commands.agreement import Agreement
from ordinis_rx.commands.board import Board
from ordinis_rx.commands.heard import Heard
from ordinis_rx.commands.lies import Liar
from ordinis_rx.commands.play import Play
from ordinis_rx.commands.screen import Screen
from ordinis_rx.commands.script import CUES, Break, Lie
from ordinis_rx.commands.stopping import Stop
from ordinis_rx.events import StreamStatus
from ordinis_rx.feed_stats import FeedStats
from ordinis_rx.sim import Faults, ServerStats
from ordinis_rx.testing.factories import a_gap

PROVIDERS = ("polygon", "finnhub", "alpaca")


@dataclass
class PlayedFeed:
    name: str
    connects: int = 1
    status: StreamStatus = StreamStatus.CONNECTED

    @property
    def stats(self) -> FeedStats:
        return FeedStats(provider=self.name, connects=self.connects)


@dataclass
class PlayedServer:
    """Whatever is broken heals at once, and leaves a gap as it should."""

    name: str
    feed: PlayedFeed
    board: Board
    broken: list[str]
    connections: int = 1
    stats: ServerStats = field(default_factory=ServerStats)

    def _break(self, how: str) -> None:
        self.broken.append(f"{self.name} {how}")
        self.feed.connects += 1
        self.board.on_next(a_gap(0, 2**62, provider=self.name))

    def drop_connections(self, code: int | None = None) -> None:
        self._break(f"drop {code}")

    def mute_connections(self) -> None:
        self._break("mute")

    def half_open_connections(self) -> None:
        self._break("half open")


@dataclass
class PlayedActor:
    name: str
    server: PlayedServer
    feed: PlayedFeed
    liar: Liar = field(default_factory=Liar)
    tally: Faults = field(default_factory=Faults)


@dataclass
class PlayedStage:
    actors: list[PlayedActor]


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody here finds out what is false."""
    monkeypatch.setattr(play_module, "GRACE_SECONDS", 0.4)
    monkeypatch.setattr(sabotage_module, "PATIENCE_SECONDS", 0.0)


def a_play(*, connections: int = 1, seconds: float = 0.6) -> tuple[Play, Board, Stop, list[str]]:
    board = Board(PROVIDERS, ())  # no price to wait for
    broken: list[str] = []
    actors = []
    for name in PROVIDERS:
        feed = PlayedFeed(name)
        actors.append(PlayedActor(name, PlayedServer(name, feed, board, broken, connections), feed))
    stage: Any = PlayedStage(actors)
    heard = Heard(board, Agreement((), lambda *_: 1.0))
    stop = Stop()
    play = Play(stage, heard, Screen(silent=True), stop, seconds=seconds)
    return play, board, stop, broken


async def test_every_fault_is_committed_in_its_turn_and_remembered() -> None:
    play, _, _, broken = a_play()

    await play.run()

    assert broken == ["finnhub mute", "polygon drop None", "alpaca half open", "polygon drop 1000"]


async def test_where_nobody_is_connected_nothing_is_broken() -> None:
    play, _, _, broken = a_play(connections=0)

    await play.run()

    assert broken == []


async def test_a_stop_ends_it_at_once() -> None:
    play, _, stop, broken = a_play(seconds=60)
    stop.now()

    await play.run()

    assert broken == []


async def test_a_stream_that_has_ended_ends_it_too() -> None:
    play, board, _, broken = a_play(seconds=60)
    board.on_error(RuntimeError("end"))

    await play.run()

    assert broken == []


async def test_the_outcome_holds_every_fault_with_its_gap() -> None:
    play, _, _, _ = a_play()
    await play.run()

    outcome = await play.outcome(seed=4)

    assert (outcome.seed, outcome.seconds) == (4, 0.6)
    assert [(fault.provider, fault.fault) for fault in outcome.faults] == [
        (cue.provider, cue.fault) for cue in CUES if isinstance(cue, Break)
    ]
    assert [(false.provider, false.fault) for false in outcome.falsehoods] == [
        (cue.provider, cue.fault) for cue in CUES if isinstance(cue, Lie)
    ]
    assert all(false.until > false.at and not false.falsified for false in outcome.falsehoods)
    assert all(fault.gap for fault in outcome.faults)
    assert [row.reconnects for row in outcome.providers] == [2, 1, 1]
    assert not outcome.ok  # no price was ever seen

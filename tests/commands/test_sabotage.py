from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from ordinis_rx.commands.agreement import Agreement, Exclusion
from ordinis_rx.commands.board import Board
from ordinis_rx.commands.heard import Heard
from ordinis_rx.commands.lies import Liar
from ordinis_rx.commands.sabotage import PATIENCE_SECONDS, SETTLING, Sabotage, is_healed
from ordinis_rx.commands.script import Break, Due, Injected, Lie
from ordinis_rx.consensus import AggregatedQuote, ConsensusStatus
from ordinis_rx.events import StreamStatus
from ordinis_rx.feed_stats import FeedStats
from ordinis_rx.sim import Faults
from ordinis_rx.sim.faults import bias
from ordinis_rx.testing.factories import a_gap
from ordinis_rx.timebase import SECOND

CUT = Break(0.1, "p", "cut off", lambda server: server.drop_connections())
LIE = Lie(0.5, 0.2, "q", "too high", ("A",), "outlier", lambda tally: bias(50, tally=tally))


@dataclass
class PlayedFeed:
    stats: FeedStats
    status: StreamStatus = StreamStatus.CONNECTED


@dataclass
class PlayedServer:
    connections: int = 1
    dropped: int = 0

    def drop_connections(self) -> None:
        self.dropped += 1


@dataclass
class PlayedActor:
    name: str
    feed: PlayedFeed = field(default_factory=lambda: PlayedFeed(FeedStats(provider="", connects=1)))
    server: PlayedServer = field(default_factory=PlayedServer)
    liar: Liar = field(default_factory=Liar)
    tally: Faults = field(default_factory=Faults)


class Scene:
    """Two providers, a symbol, and the script given."""

    def __init__(self, *due: Due, status: ConsensusStatus = ConsensusStatus.OK) -> None:
        self.heard = Heard(Board(["p", "q"], ["A"]), Agreement(["A"], lambda *_: 1.0))
        self.agree(status)
        self.p, self.q = PlayedActor("p"), PlayedActor("q")
        actors: Any = [self.p, self.q]
        self.sabotage = Sabotage(actors, self.heard, due)

    def agree(self, status: ConsensusStatus) -> None:
        self.heard.agreement.on_next(AggregatedQuote(symbol="A", ts_event=1, status=status))

    def find_out(self, ts: int) -> None:
        self.heard.agreement.exclusions.append(Exclusion("q", "A", "outlier", ts))

    def heal(self, at: int) -> None:
        self.p.feed.stats = FeedStats(provider="p", connects=2)
        self.heard.board.on_next(a_gap(at, at + SECOND, provider="p"))


def test_what_is_due_is_done_once_and_remembered() -> None:
    scene = Scene(Due(1.0, CUT))

    for elapsed in (0.9, 1.0, 1.1):
        scene.sabotage.act(elapsed, round(elapsed * SECOND))

    assert scene.p.server.dropped == 1
    assert scene.sabotage.injected == [Injected(SECOND, "p", "cut off")]
    assert scene.sabotage.is_done


def test_a_connection_that_is_not_there_waits_to_be_broken() -> None:
    scene = Scene(Due(1.0, CUT))
    scene.p.server.connections = 0

    scene.sabotage.act(1.0, 1)
    assert scene.sabotage.left == (CUT,)

    scene.p.server.connections = 1
    scene.sabotage.act(1.1, 2)
    assert scene.sabotage.left == ()


def test_a_lie_lasts_as_long_as_it_should_and_counts_what_it_made_false() -> None:
    scene = Scene(Due(1.0, LIE, 0.5))
    scene.q.tally.biased = 3

    scene.sabotage.act(1.0, 10)
    scene.q.tally.biased = 10
    scene.find_out(12)
    scene.sabotage.act(1.4, 14)
    [lied] = scene.sabotage.lied
    assert (lied.lie, lied.ts, lied.until) == (LIE, 10, None)
    assert not scene.sabotage.is_done

    scene.sabotage.act(1.5, 15)
    assert (lied.until, lied.falsified) == (15, 7)
    assert scene.sabotage.is_done


@pytest.mark.parametrize("status", [ConsensusStatus.DEGRADED, ConsensusStatus.NO_QUORUM])
def test_nobody_lies_while_somebody_is_not_heard(status: ConsensusStatus) -> None:
    scene = Scene(Due(1.0, LIE, 0.5), status=status)

    scene.sabotage.act(1.0, 10)
    assert scene.sabotage.lied == []

    scene.agree(ConsensusStatus.OK)
    scene.sabotage.act(1.2, 12)
    assert [lied.ts for lied in scene.sabotage.lied] == [12]


def test_nobody_lies_before_the_last_broken_connection_has_healed() -> None:
    scene = Scene(Due(1.0, CUT), Due(1.1, LIE, 0.5))
    scene.sabotage.act(1.1, SECOND)
    assert (len(scene.sabotage.injected), scene.sabotage.lied) == (1, [])

    scene.heal(SECOND)
    scene.sabotage.act(1.2, 3 * SECOND)
    assert len(scene.sabotage.lied) == 1


def test_no_connection_is_broken_while_somebody_lies() -> None:
    scene = Scene(Due(1.0, LIE, 0.5), Due(1.1, CUT))

    scene.sabotage.act(1.0, 1)
    scene.find_out(1)
    scene.sabotage.act(1.2, 2)
    assert scene.p.server.dropped == 0

    scene.sabotage.act(1.5, 3)
    assert scene.p.server.dropped == 1


def test_a_lie_goes_on_until_it_is_found_out_within_some_patience() -> None:
    scene = Scene(Due(1.0, LIE, 0.5))
    scene.sabotage.act(1.0, 10)
    [lied] = scene.sabotage.lied

    scene.sabotage.act(1.4 + PATIENCE_SECONDS, 20)
    assert lied.until is None

    scene.sabotage.act(1.5 + PATIENCE_SECONDS, 30)
    assert lied.until == 30


def test_one_thing_at_a_time() -> None:
    scene = Scene(Due(1.0, CUT), Due(1.1, CUT))
    scene.sabotage.act(1.1, SECOND)
    assert scene.p.server.dropped == 1

    scene.heal(SECOND)
    scene.sabotage.act(1.2, 3 * SECOND)
    assert scene.p.server.dropped == 2


def test_stopping_ends_a_lie_at_once() -> None:
    scene = Scene(Due(1.0, LIE, 9.0))
    scene.sabotage.act(1.0, 10)

    for now in (11, 12):
        scene.sabotage.stop(now)

    assert [lied.until for lied in scene.sabotage.lied] == [11]


def test_it_is_quiet_a_moment_after_all_has_healed() -> None:
    scene = Scene(Due(1.0, CUT))
    assert not scene.sabotage.is_quiet(0)
    assert scene.sabotage.is_quiet(SETTLING)

    scene.sabotage.act(1.0, SECOND)
    assert not scene.sabotage.is_quiet(SECOND)

    scene.heal(SECOND)
    assert not scene.sabotage.is_quiet(SECOND)
    assert not scene.sabotage.is_quiet(SECOND + SETTLING - 1)
    assert scene.sabotage.is_quiet(SECOND + SETTLING)


def test_it_is_not_quiet_before_everybody_is_used_again() -> None:
    scene = Scene(status=ConsensusStatus.DEGRADED)
    assert not scene.sabotage.is_quiet(SECOND)

    scene.agree(ConsensusStatus.OK)
    assert not scene.sabotage.is_quiet(SECOND)

    scene.agree(ConsensusStatus.DEGRADED)  # whatever the cause, it is none of ours
    assert scene.sabotage.is_quiet(SECOND + SETTLING)


def test_it_is_not_quiet_while_somebody_lies() -> None:
    scene = Scene(Due(1.0, LIE, 0.5))
    scene.sabotage.act(1.0, SECOND)

    assert not scene.sabotage.is_quiet(SECOND)


def test_healed_is_connected_again_with_a_gap_for_every_fault() -> None:
    cut = Injected(SECOND, "p", "cut off")
    gaps = [a_gap(SECOND, 2 * SECOND, provider="p")]
    actor: Any = PlayedActor("p", PlayedFeed(FeedStats(provider="p", connects=2)))

    assert is_healed(actor, [cut], gaps)
    assert not is_healed(actor, [cut], [])
    assert not is_healed(actor, [cut, cut], gaps)
    actor.feed.status = StreamStatus.RECONNECTING
    assert not is_healed(actor, [cut], gaps)

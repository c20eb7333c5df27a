from __future__ import annotations

from reactivex import Subject

from ordinis_rx.commands.agreement import Agreement
from ordinis_rx.commands.board import Board
from ordinis_rx.commands.heard import Heard
from ordinis_rx.consensus import ConsensusStatus
from ordinis_rx.events import Event
from ordinis_rx.testing.factories import a_gap, a_quote, a_trade
from ordinis_rx.timebase import MILLI

NAMES = ("p", "q", "r")


def test_facts_of_all_feeds_reach_the_board_and_fold_into_one_price() -> None:
    heard = Heard(Board(NAMES, ["A"]), Agreement(["A"], lambda *_: 100.0))
    feeds = {name: Subject[Event]() for name in NAMES}

    def tell(name: str, bid: float, at: int) -> None:
        ts = at * MILLI
        feeds[name].on_next(a_quote(bid, bid + 0.02, provider=name, at=ts, ts_recv=ts))

    with heard.listen(feeds.values()):
        for at in range(6):
            tell("p", 99.99, at)
            tell("q", 99.99, at)
            tell("r", 101.0, at)
        answer = heard.agreement.answers["A"]
        assert answer.outliers_excluded == ("r",)
        assert abs(answer.price - 100.0) < 1e-9
        assert heard.stats["r"].outlier_share > 0.5
        assert heard.stats["r"].deviation_bps > 50

        feeds["q"].on_next(a_gap(provider="q"))
        tell("p", 99.99, 7)
        assert dict(heard.agreement.answers["A"].reasons)["q"] == "lost"
        assert heard.agreement.answers["A"].status is not ConsensusStatus.OK
    assert heard.board.events == 20
    assert all(not feed.observers for feed in feeds.values())


def test_what_was_told_twice_is_counted_and_heard_once() -> None:
    heard = Heard(Board(["p"], ["A"]), Agreement(["A"], lambda *_: 100.0))
    feed = Subject[Event]()

    with heard.listen([feed]):
        for _ in range(2):
            feed.on_next(a_trade(100.0, provider="p", symbol="A", trade_id="7"))

    assert (heard.board.events, heard.repeated.told) == (1, 1)


def test_an_error_ends_it_on_the_board() -> None:
    heard = Heard(Board(["p"], ["A"]), Agreement(["A"], lambda *_: 100.0))
    feed = Subject[Event]()

    with heard.listen([feed]):
        feed.on_error(error := RuntimeError("the end"))

    assert heard.board.failure is error

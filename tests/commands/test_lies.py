from __future__ import annotations

from reactivex import Observable, Subject, abc
from reactivex.disposable import Disposable

from ordinis_rx.commands.lies import Liar
from ordinis_rx.events import Event
from ordinis_rx.sim import Faults
from ordinis_rx.sim.faults import bias, duplicate
from ordinis_rx.testing.factories import a_trade


def test_what_is_told_changes_with_the_fault_and_nothing_is_lost() -> None:
    liar, truth, told = Liar(), Subject[Event](), list[Event]()
    tally = Faults()
    liar.tells(truth).subscribe(told.append)

    truth.on_next(a_trade(100.0, seq=1))
    liar.lie(bias(100, tally=tally))
    truth.on_next(a_trade(100.0, seq=2))
    liar.lie(duplicate(1.0, tally=tally))
    truth.on_next(a_trade(100.0, seq=3))
    liar.be_honest()
    truth.on_next(a_trade(100.0, seq=4))

    assert [round(getattr(trade, "price", 0.0), 6) for trade in told] == [
        100.0,
        101.0,
        100.0,
        100.0,
        100.0,
    ]
    assert (tally.biased, tally.duplicated) == (1, 1)


def test_the_truth_is_heard_once_and_let_go_with_the_subscriber() -> None:
    heard: list[str] = []

    def subscribe(
        _observer: abc.ObserverBase[Event], _scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        heard.append("heard")
        return Disposable(lambda: heard.append("let go"))

    liar = Liar()
    subscription = liar.tells(Observable(subscribe)).subscribe()
    liar.lie(bias(1))
    liar.be_honest()
    assert heard == ["heard"]

    subscription.dispose()
    assert heard == ["heard", "let go"]

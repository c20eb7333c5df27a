"""How a fault strikes: whom, with what numbers, and what is left when it ends."""

from __future__ import annotations

from typing import Any

from reactivex import Observable
from reactivex import operators as ops
from reactivex.subject import Subject

from ordinis_rx.events import Event, Heartbeat
from ordinis_rx.sim.striking import Fault, Faults, chooser, seeded, striking
from ordinis_rx.stream import from_events
from ordinis_rx.testing import a_trade


def holding() -> Fault:
    """Keeps everything back."""
    held: list[Event] = []

    def step(event: Event) -> list[Event]:
        held.append(event)
        return []

    return Fault(step, lambda: held)


def struck(source: Observable[Any], begin: Any, **options: Any) -> tuple[list[Any], Faults]:
    tally = Faults()
    told = source.pipe(striking(begin, tally, **options), ops.to_list()).run()
    return told, tally


def test_every_subscription_has_a_fault_of_its_own() -> None:
    begun: list[Fault] = []

    def begin() -> Fault:
        begun.append(Fault(lambda event: [event]))
        return begun[-1]

    stream = from_events([a_trade(1)]).pipe(striking(begin, Faults()))
    for _ in range(2):
        stream.subscribe()

    assert len(begun) == 2


def test_what_is_told_more_than_once_is_numbered_anew_from_the_first_number() -> None:
    twice = Fault(lambda event: [event, event])

    told, _ = struck(
        from_events([a_trade(1, seq=7), a_trade(2, seq=8)]), lambda: twice, renumber=True
    )

    assert [trade.seq for trade in told] == [7, 8, 9, 10]


def test_what_is_held_is_told_at_the_end() -> None:
    told, tally = struck(from_events([a_trade(1), a_trade(2)]), holding)

    assert [trade.price for trade in told] == [1.0, 2.0]
    assert tally.dropped == 0


def test_what_is_held_when_the_stream_fails_counts_as_dropped() -> None:
    source, tally, told = Subject[Any](), Faults(), list[Any]()
    source.pipe(striking(holding, tally)).subscribe(told.append, told.append)

    source.on_next(a_trade(1))
    source.on_error(OSError("gone"))

    assert [repr(one) for one in told] == ["OSError('gone')"]
    assert tally.dropped == 1


def test_only_market_data_is_chosen_and_as_often_as_was_asked() -> None:
    chosen = chooser("drop", 1, 0.25)

    assert not any(chosen(Heartbeat(ts_event=1)) for _ in range(100))
    assert 150 < sum(chosen(a_trade(1)) for _ in range(1000)) < 350


def test_two_faults_with_one_seed_strike_apart_and_one_strikes_again_the_same() -> None:
    draws = [[seeded(fault, 1).random() for _ in range(3)] for fault in ("drop", "drop", "spike")]

    assert draws[0] == draws[1] != draws[2]

"""Streams: plain Rx over facts outside, items inside, and what happens where the two meet."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import reactivex as rx
from msgspec.structs import replace
from reactivex import Observable, abc
from reactivex import operators as ops
from reactivex.disposable import SerialDisposable
from reactivex.scheduler import NewThreadScheduler, VirtualTimeScheduler
from reactivex.subject import Subject

from ordinis_rx.batches import Batch, Item, item_of
from ordinis_rx.codes import Names
from ordinis_rx.endings import on_trampoline
from ordinis_rx.events import Event, Heartbeat, Quote, Reading, Trade
from ordinis_rx.frames import Frame
from ordinis_rx.framing import frames
from ordinis_rx.gates import subscribing_through
from ordinis_rx.multicast import Hot, share
from ordinis_rx.operators import heartbeats, merge, with_latest, zip_latest_by
from ordinis_rx.sim import market
from ordinis_rx.stepping import each_item
from ordinis_rx.stream import (
    Blocking,
    Stream,
    flow_of,
    from_events,
    from_items,
    numbered,
    one_thread,
)
from tests.ends import Told


def beats(*seqs: int) -> list[Event]:
    return [Heartbeat(ts_event=seq, seq=seq) for seq in seqs]


def a_trade(seq: int, price: float = 1.0) -> Trade:
    return Trade(symbol="A", ts_event=seq, seq=seq, price=price, size=1.0)


class Items:
    """An end of a flow that keeps a copy of each item and whose turn it was."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.turns: list[Any] = []
        self.end: Any = None

    def on_item(self, item: Item) -> None:
        self.items.append(item.copy())
        self.turns.append(item.turn)

    def on_error(self, error: Exception) -> None:
        self.end = error

    def on_completed(self) -> None:
        self.end = "completed"

    def exits(self, found: set[int]) -> None:
        """It hands nothing to plain Rx."""

    @property
    def seqs(self) -> list[list[int]]:
        return [[fact.seq for fact in item.facts] for item in self.items]


def endless(counted: list[int]) -> Stream[Any]:
    """Items of three trades for ever; *counted* says how many were made, and ends it for safety."""

    def make(names: Names) -> Iterator[Item]:
        for start in itertools.count(1, 3):
            counted.append(start)
            assert len(counted) < 100, "nobody stopped an endless source"
            yield item_of([a_trade(start + j) for j in range(3)], names)

    return from_items(make)


# Numbers


def test_facts_without_seq_are_numbered_from_one() -> None:
    assert [fact.seq for fact in numbered(beats(0, 0, 0))] == [1, 2, 3]


def test_facts_that_rise_already_are_the_very_same() -> None:
    for facts in (beats(3, 5, 9), beats(1, 2)):
        assert all(one is other for one, other in zip(numbered(iter(facts)), facts, strict=True))


@pytest.mark.parametrize("seqs", [(1, 1), (2, 1), (1, 2, 0), (5, 0)])
def test_facts_that_do_not_rise_are_numbered_anew(seqs: tuple[int, ...]) -> None:
    assert [fact.seq for fact in numbered(beats(*seqs), 10)] == list(range(10, 10 + len(seqs)))


def test_a_fact_alone_is_refused_and_told_how_to_be_given() -> None:
    with pytest.raises(
        TypeError, match=r"wants several facts, \[fact\] where there is one, got Heartbeat"
    ):
        from_events(beats(1)[0])  # type: ignore[arg-type]


# Cold streams


def test_every_subscriber_of_a_cold_stream_sees_the_same_story() -> None:
    stream = from_events(iter(beats(1, 2, 3)))

    for _ in range(2):
        stream.subscribe(told := Told())
        assert (told.seqs, told.completed) == ([1, 2, 3], True)


@pytest.mark.parametrize("rows", [1, 2, 1024])
def test_those_who_take_items_get_at_most_so_many_rows(rows: int) -> None:
    from_events(beats(1, 2, 3), rows=rows).flow(items := Items())

    assert items.seqs == {1: [[1], [2], [3]], 2: [[1, 2], [3]], 1024: [[1, 2, 3]]}[rows]
    assert items.end == "completed"


def test_a_frame_has_at_least_one_row() -> None:
    with pytest.raises(ValueError, match="rows must be 1 or more rows, got 0"):
        from_events([], rows=0)


def test_unless_it_is_said_otherwise_a_frame_has_1024_rows_at_most() -> None:
    from_events(beats(*range(1, 1501))).flow(items := Items())

    assert [len(seqs) for seqs in items.seqs] == [1024, 476]


def test_rows_are_counted_in_whole_numbers() -> None:
    wrong: Any = 1.5

    with pytest.raises(
        TypeError, match=r"^from_events: rows must be a whole number of rows, got 1\.5"
    ):
        from_events([], rows=wrong)


def test_in_place_of_a_thread_a_task_there_is_one_made_as_was_said_which_ends_when_idle() -> None:
    made: list[threading.Thread] = []

    def factory(target: Callable[[], None]) -> threading.Thread:
        made.append(threading.Thread(target=target, daemon=True))
        return made[-1]

    where: list[threading.Thread] = []
    first, second = threading.Event(), threading.Event()

    def run(*_: Any) -> None:
        where.append(threading.current_thread())
        one.schedule(later)
        first.set()

    def later(*_: Any) -> None:
        where.append(threading.current_thread())
        second.set()

    with one_thread(NewThreadScheduler(factory)) as one:  # type: ignore[arg-type]
        assert isinstance(one, Blocking)
        one.schedule(run)
        assert not first.wait(0.02)  # it begins when all is connected
    assert first.wait(5)
    assert second.wait(5)
    made[0].join(5)
    assert (where, made[0].is_alive()) == (made * 2, False)


def test_a_stream_of_nothing_completes() -> None:
    from_events([]).subscribe(told := Told())

    assert (told.seqs, told.completed) == ([], True)


def test_a_source_that_fails_tells_the_subscriber_after_what_came_before() -> None:
    def make(names: Names) -> Iterator[Item]:
        yield item_of(beats(1), names)
        raise OSError("the disk is gone")

    from_items(make).subscribe(told := Told())

    assert told.seqs == [1]
    assert isinstance(told.error, OSError)
    assert not told.completed


@pytest.mark.parametrize("shared", [False, True], ids=["cold", "shared"])
def test_take_one_sees_one_and_stops_an_endless_source(shared: bool) -> None:
    counted: list[int] = []
    source = endless(counted).pipe(share()) if shared else endless(counted)

    source.pipe(ops.take(1)).subscribe(told := Told())

    assert (told.seqs, told.completed) == ([1], True)
    assert counted == [1]


def test_a_source_that_nobody_hears_any_more_is_closed_when_its_last_item_has_been_heard() -> None:
    heard: list[Any] = []

    def make(names: Names) -> Iterator[Item]:
        try:
            yield item_of(beats(1, 2), names)
        finally:
            heard.append("closed")

    from_items(make).pipe(ops.take(1)).subscribe(
        lambda fact: heard.append(fact.seq), on_completed=lambda: heard.append("done")
    )

    assert heard == [1, "done", "closed"]


def test_a_source_that_waits_at_a_gate_is_closed_when_it_is_disposed_of() -> None:
    heard: list[str] = []

    class Shut:
        def is_open(self) -> bool:
            return not heard

        def when_open(self, action: Callable[[], None], /) -> None:
            heard.append("waits")

        def have_room(self, values: int, /) -> None: ...

    def make(names: Names) -> Iterator[Item]:
        try:
            for seq in (1, 2):
                yield item_of(beats(seq), names)
        finally:
            heard.append("closed")

    with subscribing_through(Shut()):
        subscription = from_items(make).subscribe(lambda fact: heard.append("told"))
    assert heard == ["told", "waits"]

    subscription.dispose()
    subscription.dispose()

    assert heard == ["told", "waits", "closed"]


def test_a_source_that_is_disposed_of_while_it_makes_an_item_is_closed_behind_it() -> None:
    scheduler, heard = VirtualTimeScheduler(), list[Any]()

    def make(names: Names) -> Iterator[Item]:
        try:
            subscription.dispose()
            yield item_of(beats(1), names)
        finally:
            heard.append("closed")

    subscription = from_items(make).subscribe(heard.append, heard.append, scheduler=scheduler)
    scheduler.start()

    assert heard == ["closed"]


def test_take_in_the_middle_of_an_item_sees_no_fact_more() -> None:
    counted: list[int] = []
    seen: list[int] = []

    endless(counted).pipe(ops.do_action(lambda fact: seen.append(fact.seq)), ops.take(5)).subscribe(
        told := Told()
    )

    assert told.seqs == seen == [1, 2, 3, 4, 5]
    assert counted == [1, 4]


def test_dispose_inside_on_next_is_the_last_that_is_heard() -> None:
    scheduler = VirtualTimeScheduler()
    seen: list[int] = []

    def on_next(fact: Any) -> None:
        seen.append(fact.seq)
        if fact.seq == 2:
            subscription.dispose()

    subscription = from_events(beats(1, 2, 3)).subscribe(on_next, scheduler=scheduler)
    scheduler.start()

    assert seen == [1, 2]


def test_a_cold_stream_starts_when_the_scheduler_says() -> None:
    scheduler = VirtualTimeScheduler()
    from_events(beats(1)).subscribe(told := Told(), scheduler=scheduler)
    assert told.seqs == []

    scheduler.start()

    assert told.seqs == [1]


def test_a_subscriber_that_left_before_the_start_hears_nothing() -> None:
    scheduler = VirtualTimeScheduler()
    from_events(beats(1)).subscribe(told := Told(), scheduler=scheduler).dispose()

    scheduler.start()

    assert (told.seqs, told.completed) == ([], False)


# Subscribers that raise


def test_a_subscriber_that_raises_is_let_go_at_that_fact_and_told() -> None:
    counted: list[int] = []

    endless(counted).subscribe(told := Told(raises_at=2))

    assert told.seqs == [1, 2]
    assert str(told.error) == "cannot take 2"
    assert not told.completed
    assert counted == [1]


def test_a_cold_stream_gives_the_caller_what_a_subscriber_without_on_error_raises() -> None:
    with pytest.raises(ValueError, match="cannot take 2"):
        from_events(beats(1, 2, 3)).subscribe(Told(raises_at=2).on_next)

    from_events(beats(1)).subscribe(told := Told())
    assert told.seqs == [1]


def test_an_error_of_a_mapper_is_the_mappers_and_not_ours() -> None:
    from_events(beats(1, 0)).pipe(ops.map(lambda fact: 1 / (2 - fact.seq))).subscribe(
        on_error=(errors := []).append
    )

    assert [type(error) for error in errors] == [ZeroDivisionError]


def test_facts_that_cannot_be_built_are_the_subscribers_error_and_not_the_producers() -> None:
    def step(item: Item) -> Item:
        frame = item.copy()
        assert isinstance(frame, Frame)
        frame.lookup("side")[0].columns[frame.schema.index["side"]].fill(99)
        frame.hold_columns(frame.lookup("side")[0], frame.n)
        return frame

    from_events([a_trade(1)]).pipe(each_item(lambda: step)).subscribe(told := Told())

    assert isinstance(told.error, IndexError)


def test_who_raises_after_leaving_is_told_nothing_more_and_the_caller_hears_of_it() -> None:
    scheduler = VirtualTimeScheduler()
    errors: list[Exception] = []

    def on_next(fact: Any) -> None:
        subscription.dispose()
        raise ValueError("parting shot")

    subscription = from_events(beats(1, 2)).subscribe(on_next, errors.append, scheduler=scheduler)
    with pytest.raises(ValueError, match="parting shot"):
        scheduler.start()

    assert errors == []


def test_what_goes_wrong_in_subscribing_is_told_once() -> None:
    def failing(observer: Any, scheduler: Any) -> Any:
        raise OSError("cannot dial")

    def failing_after_the_end(observer: Any, scheduler: Any) -> Any:
        observer.on_completed()
        raise OSError("cannot dial")

    Stream(failing).subscribe(told := Told())
    assert str(told.error) == "cannot dial"

    with pytest.raises(OSError, match="cannot dial"):
        Stream(failing_after_the_end).subscribe(ended := Told())
    assert (ended.completed, ended.error) == (True, None)


# The way from plain Rx into a flow


def through(items: Items, source: Observable[Any]) -> None:
    flow_of(source, items)


def test_the_facts_of_a_plain_observable_come_one_by_one() -> None:
    subject: Subject[Any] = Subject()
    through(items := Items(), subject)

    for fact in (a_trade(4), Heartbeat(ts_event=5, seq=5), a_trade(6)):
        subject.on_next(fact)
    subject.on_completed()

    assert items.seqs == [[4], [5], [6]]
    assert items.end == "completed"
    assert len({id(item.names) for item in items.items}) == 1


def test_facts_without_seq_from_a_plain_observable_are_numbered() -> None:
    subject: Subject[Any] = Subject()
    through(items := Items(), subject)

    for fact in beats(0, 0, 0):
        subject.on_next(fact)

    assert items.seqs == [[1], [2], [3]]


def test_what_is_no_fact_ends_the_flow_with_an_error_that_shows_it() -> None:
    subject: Subject[Any] = Subject()
    through(items := Items(), subject)

    subject.on_next(3.5)
    subject.on_next(a_trade(1))

    assert items.seqs == []
    assert isinstance(items.end, TypeError)
    assert str(items.end) == "operators of ordinis_rx take facts, got 3.5"
    assert not subject.observers


def test_a_fact_made_without_seq_takes_that_of_the_fact_that_caused_it() -> None:
    readings = from_events([a_trade(7, 1.5), a_trade(9, 2.5)]).pipe(
        ops.map(lambda t: Reading(symbol="A", ts_event=t.ts_event, value=t.price))
    )
    through(items := Items(), readings)

    assert items.seqs == [[7], [9]]
    assert [fact.value for item in items.items for fact in item.facts] == [1.5, 2.5]


def test_what_passes_through_plain_rx_stays_in_the_turn_it_came_from() -> None:
    turns: list[Any] = []

    def step(item: Item) -> Item:
        turns.append(item.turn)
        return item

    source = from_events(beats(1, 2)).pipe(each_item(lambda: step))
    through(items := Items(), source.pipe(ops.filter(lambda fact: True)))

    assert items.seqs == [[1], [2]]
    assert {id(turn) for turn in items.turns} == {id(turn) for turn in turns}


def test_what_comes_between_the_turns_of_another_root_has_a_turn_of_its_own() -> None:
    hot, subject = Hot(), Subject[Any]()
    through(items := Items(), hot.stream.pipe(ops.merge(subject)))

    hot.push([a_trade(1)])
    subject.on_next(a_trade(2))
    hot.push([a_trade(3)])

    of_hot, of_entry, of_hot_again = items.turns
    assert items.seqs == [[1], [2], [3]]
    assert of_hot is of_hot_again is not of_entry


def test_a_fact_made_without_seq_takes_that_of_the_fact_that_was_pushed() -> None:
    hot = Hot()
    readings = hot.stream.pipe(ops.map(lambda t: Reading(symbol="A", ts_event=0, value=t.price)))
    through(items := Items(), readings)
    hot.stream.subscribe()

    hot.push([a_trade(7), a_trade(9)])
    hot.push([a_trade(12)])

    assert items.seqs == [[7], [9], [12]]


def test_facts_pushed_into_a_subject_from_below_keep_their_order() -> None:
    subject: Subject[Any] = Subject()
    shared = subject.pipe(share(), ops.map(lambda fact: fact), share())
    first, second = Told(), Told()

    def on_next(fact: Any) -> None:
        first.on_next(fact)
        if fact.seq in (1, 2):
            subject.on_next(a_trade(fact.seq + 1))
        if fact.seq == 3:
            subject.on_completed()

    shared.subscribe(on_next)
    shared.subscribe(second)
    subject.on_next(a_trade(1))

    assert first.seqs == second.seqs == [1, 2, 3]
    assert second.completed


def test_an_error_pushed_from_below_comes_after_the_facts_before_it() -> None:
    subject: Subject[Any] = Subject()
    shared = subject.pipe(share())
    told = Told()

    def on_next(fact: Any) -> None:
        if fact.seq == 1:
            subject.on_next(a_trade(2))
            subject.on_error(OSError("gone"))

    shared.subscribe(on_next, lambda error: None)
    shared.subscribe(told)
    subject.on_next(a_trade(1))

    assert told.seqs == [1, 2]
    assert isinstance(told.error, OSError)


def test_dispose_of_a_flow_lets_go_of_the_plain_source() -> None:
    subject: Subject[Any] = Subject()
    subscription = flow_of(subject, items := Items())

    subscription.dispose()
    subject.on_next(a_trade(1))

    assert not subject.observers
    assert items.seqs == []


# Rows told apart


def test_two_ways_to_plain_rx_see_every_row_in_its_true_order() -> None:
    shared = from_events([a_trade(seq) for seq in range(1, 5)]).pipe(share())
    pairs: list[tuple[int, int]] = []
    ones = shared.pipe(ops.filter(lambda fact: fact.seq % 2 == 1))

    shared.pipe(ops.with_latest_from(ones)).subscribe(
        lambda pair: pairs.append((pair[0].seq, pair[1].seq))
    )

    # The other branch subscribes first, so that a row is its own latest.
    assert pairs == [(1, 1), (2, 1), (3, 3), (4, 3)]


def test_a_batch_in_a_stream_is_told_in_the_order_of_seq() -> None:
    facts = [a_trade(1), Quote(symbol="A", ts_event=2, seq=2, bid=1.0, ask=2.0), a_trade(3)]

    def make(names: Names) -> Iterator[Item]:
        batch = item_of(facts, names)
        yield Batch.of_frames([frame.copy() for frame in batch.frames()], names)

    from_items(make).subscribe(told := Told())

    assert told.seqs == [1, 2, 3]
    assert told.completed


def test_all_inputs_of_a_flow_are_there_before_a_cold_source_begins() -> None:
    events = from_events(beats(1, 2)).pipe(share())

    merge(events, events).flow(items := Items())

    assert [len(item.facts) for item in items.items] == [4]
    assert items.end == "completed"


def test_dispose_of_a_flow_from_inside_stops_the_cold_source_above_it() -> None:
    made: list[int] = []

    class First(Items):
        def on_item(self, item: Item) -> None:
            super().on_item(item)
            upstream.dispose()

    upstream = SerialDisposable()

    def connect() -> None:
        upstream.disposable = endless(made).flow(First())

    on_trampoline(connect)

    assert len(made) == 1


def test_what_is_no_fact_is_refused_with_its_value() -> None:
    with pytest.raises(TypeError, match="from_events wants facts, got 1"):
        from_events([1])


@pytest.mark.parametrize(
    "ending",
    [
        lambda one, other: merge(one, other),
        lambda one, other: frames(merge(one, other)),
        lambda one, other: merge(one, other).pipe(zip_latest_by()),
        lambda one, other: one.pipe(with_latest(other)),
    ],
    ids=["merge", "frames of a merge", "zip_latest_by of a merge", "with_latest"],
)
def test_who_waits_for_several_sources_gives_them_one_thread(
    ending: Callable[[Observable[Any], Observable[Any]], Observable[Any]],
) -> None:
    """On threads of their own they would run side by side, and into each other."""
    schedulers: list[abc.SchedulerBase | None] = []

    def noting(
        observer: abc.ObserverBase[Any], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        schedulers.append(scheduler)
        return rx.empty().subscribe(observer, scheduler=scheduler)

    waited = ending(Observable(noting), Observable(noting)).pipe(ops.to_list())

    waited.run()

    first, second = schedulers
    assert isinstance(first, Blocking)
    assert first is second


@pytest.mark.parametrize("at", [1.5, None, "1970"])
def test_a_fact_whose_time_is_no_whole_number_is_refused_at_the_source(at: Any) -> None:
    with pytest.raises(
        TypeError, match=r"ts_event of Trade\(.*must be a whole number of nanoseconds"
    ):
        from_events([a_trade(1.0), replace(a_trade(1.0), ts_event=at)])


def test_times_in_seconds_are_doubted_at_the_source(caplog: pytest.LogCaptureFixture) -> None:
    from_events([replace(a_trade(1.0), ts_event=at) for at in (1_704_205_800, 1_704_205_801)])

    assert caplog.messages == [
        "from_events begins with 1704205800: times are nanoseconds; are these seconds?"
    ]


def test_who_raises_at_the_end_of_a_cold_stream_is_told_that_and_the_error_goes_up() -> None:
    told: list[object] = []

    def at_the_end() -> None:
        raise LookupError("at the end")

    with pytest.raises(LookupError, match="at the end"):
        from_events([a_trade(1)]).subscribe(told.append, told.append, at_the_end)

    assert [repr(value) for value in told[1:]] == ["LookupError('at the end')"]


def test_a_stream_is_no_list_of_facts() -> None:
    stream = from_events([a_trade(1)])

    with pytest.raises(TypeError, match="not iterable"):
        list(stream)  # type: ignore[call-overload]
    with pytest.raises(
        TypeError, match=r"from_events: events must be several, as in \[fact\], got "
    ):
        from_events(stream)  # type: ignore[arg-type]


def test_a_cold_source_that_fails_when_it_is_closed_harms_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def make(names: Names) -> Iterator[Any]:
        try:
            for n in range(10):
                yield item_of(beats(n + 1), names)
        finally:
            raise OSError("disk gone")

    told: list[Any] = []
    rx.concat(from_items(make).pipe(ops.take(1)), from_events(beats(99))).subscribe(
        lambda beat: told.append(beat.seq), told.append
    )

    assert told == [1, 99]
    assert "a cold source failed when it was closed" in caplog.text


def test_a_stream_shows_what_it_tells() -> None:
    facts = from_events([Heartbeat(ts_event=1)])

    assert repr(facts) == "<Stream of facts>"
    assert repr(facts.pipe(heartbeats())) == "<Stream of Heartbeat>"
    assert repr(market(["AAPL", "MSFT"])) == "<Market of AAPL, MSFT as sim>"

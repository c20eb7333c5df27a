"""Multicast: one source, many subscribers, none of whom can spoil it for the others."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from reactivex import Observable
from reactivex import operators as ops
from reactivex.subject import Subject

from ordinis_rx.batches import Item, item_of
from ordinis_rx.codes import Names
from ordinis_rx.events import Heartbeat, Trade
from ordinis_rx.multicast import Hot, share
from ordinis_rx.stepping import each_item
from ordinis_rx.stream import Stream, flow_of, from_events, from_items
from tests.ends import Told


def a_trade(seq: int) -> Trade:
    return Trade(symbol="A", ts_event=seq, seq=seq, price=1.0, size=1.0)


def trades(*seqs: int) -> list[Any]:
    return [a_trade(seq) for seq in seqs]


class Counted:
    """A plain hot source that knows how often it was subscribed to, and by how many now."""

    def __init__(self) -> None:
        self.subject: Subject[Any] = Subject()
        self.subscriptions = 0
        self.stream: Observable[Any] = Observable(self._subscribe)

    def _subscribe(self, observer: Any, scheduler: Any = None) -> Any:
        self.subscriptions += 1
        return self.subject.subscribe(observer, scheduler=scheduler)

    @property
    def observers(self) -> int:
        return len(self.subject.observers)


@pytest.fixture(params=["one by one", "in items"])
def push(request: pytest.FixtureRequest) -> Any:
    def push(hot: Hot, facts: list[Any]) -> None:
        if request.param == "in items":
            hot.push(facts)
        else:
            for fact in facts:
                hot.push([fact])

    return push


# A raising subscriber (a Subject starves its siblings, keeps it, and blows up the producer)


@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_raising_subscriber_is_let_go_and_told_and_its_siblings_miss_nothing(
    push: Any, position: int
) -> None:
    hot, raising = Hot(), Told(raises_at=2)
    siblings = [Told(), Told()]
    subscribers = [*siblings[:position], raising, *siblings[position:]]
    for told in subscribers:
        hot.stream.subscribe(told)

    push(hot, trades(1, 2, 3))

    assert raising.seqs == [1, 2]
    assert str(raising.error) == "cannot take 2"
    assert [told.seqs for told in siblings] == [[1, 2, 3], [1, 2, 3]]
    assert hot.failures == 1
    assert len(hot.hub.branches) == 2


def test_a_raising_subscriber_without_on_error_is_logged_and_the_producer_goes_on(
    push: Any, caplog: pytest.LogCaptureFixture
) -> None:
    hot, sibling = Hot(), Told()
    hot.stream.subscribe(Told(raises_at=2).on_next)
    hot.stream.subscribe(sibling)

    with caplog.at_level(logging.ERROR, logger="ordinis_rx"):
        push(hot, trades(1, 2, 3))

    assert sibling.seqs == [1, 2, 3]
    assert hot.failures == 1
    assert [
        "cannot take 2" in record.getMessage() + str(record.exc_info) for record in caplog.records
    ] == [True]


def test_an_on_error_that_raises_spoils_nothing(push: Any) -> None:
    hot, sibling = Hot(), Told()

    def worse(error: Exception) -> None:
        raise RuntimeError("and now this")

    hot.stream.subscribe(Told(raises_at=1).on_next, worse)
    hot.stream.subscribe(sibling)
    push(hot, trades(1, 2))

    assert sibling.seqs == [1, 2]
    assert len(hot.hub.branches) == 1


def test_a_raising_subscriber_behind_operators_is_isolated_too(push: Any) -> None:
    hot, sibling = Hot(), Told()
    raising = Told(raises_at=2)
    hot.stream.pipe(ops.map(lambda fact: fact), each_item(lambda: lambda item: item)).subscribe(
        raising
    )
    hot.stream.subscribe(sibling)

    push(hot, trades(1, 2, 3))

    assert (raising.seqs, str(raising.error)) == ([1, 2], "cannot take 2")
    assert sibling.seqs == [1, 2, 3]


def test_a_cold_source_that_is_shared_goes_on_for_the_siblings() -> None:
    hub: Stream[Any] = from_events(trades(1, 2, 3)).pipe(share())
    raising, sibling = Told(raises_at=2), Told()
    both = hub.pipe(ops.do_action(raising.on_next), ops.ignore_elements(), ops.catch(hub))

    both.subscribe(sibling)

    assert raising.seqs == [1, 2]
    assert sibling.completed


# Re-entrant emission (a Subject tells its second subscriber 2, 1, 0)


def test_what_is_pushed_from_inside_keeps_its_order_for_everyone() -> None:
    hot = Hot()
    first, second = Told(), Told()

    def on_next(fact: Any) -> None:
        first.on_next(fact)
        if fact.seq < 3:
            hot.push([a_trade(fact.seq + 1)])

    hot.stream.subscribe(on_next)
    hot.stream.subscribe(second)
    hot.push([a_trade(1)])

    assert first.seqs == second.seqs == [1, 2, 3]
    assert hot.peak == 1


def test_several_facts_pushed_from_inside_a_lone_one_do_not_disturb_it() -> None:
    hot, seen, later = Hot(), [], Told()

    def on_next(fact: Any) -> None:
        if fact.seq == 1:
            hot.push(trades(2, 3))
            hot.push(trades(4))
            hot.push(trades(5, 6))
        seen.append(fact.seq)

    hot.stream.subscribe(on_next)
    hot.stream.subscribe(later)
    hot.push(trades(1))
    hot.push(trades(7))

    assert seen == later.seqs == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("error", [None, OSError("gone")])
def test_the_end_pushed_from_inside_comes_after_what_was_pushed_before(
    error: Exception | None,
) -> None:
    hot, told = Hot(), Told()

    def on_next(fact: Any) -> None:
        if fact.seq == 1:
            hot.push([a_trade(2)])
            if error is None:
                hot.complete()
            else:
                hot.error(error)

    hot.stream.subscribe(on_next, lambda error: None)
    hot.stream.subscribe(told)
    hot.push([a_trade(1)])

    assert told.seqs == [1, 2]
    assert (told.completed, told.error) == (error is None, error)


@pytest.mark.parametrize("error", [None, OSError("gone")])
@pytest.mark.parametrize("behind", ["subscribers", "operators"])
def test_what_is_pushed_after_the_end_is_for_those_who_come_after_it(
    error: Exception | None, behind: str
) -> None:
    hot, before, after = Hot(), Told(), Told()
    stream: Stream[Any] = hot.stream
    if behind == "operators":
        stream = stream.pipe(each_item(lambda: lambda item: item))

    def end(fact: Any) -> None:
        if fact.seq == 1:
            hot.push(trades(3, 4))
            if error is None:
                hot.complete()
            else:
                hot.error(error)
            hot.push(trades(5))
            stream.subscribe(after)
            hot.push(trades(6, 7))

    stream.subscribe(end, lambda error: None)
    stream.subscribe(before)
    hot.push(trades(1, 2))

    assert before.seqs == [1, 2, 3, 4]
    assert (before.completed, before.error) == (error is None, error)
    assert after.seqs == [6, 7]
    assert (after.completed, after.error) == (False, None)


def test_failures_are_counted_over_every_end() -> None:
    hot = Hot()

    def end(fact: Any) -> None:
        hot.complete()

    hot.stream.subscribe(end)
    hot.stream.subscribe(Told(raises_at=1))
    hot.push(trades(1))
    assert hot.failures == 1

    for seq in (2, 3):
        hot.stream.subscribe(Told(raises_at=seq))
        hot.push(trades(seq))
        hot.complete()
    assert hot.failures == 3


# Coming and going from inside a call


def test_who_leaves_inside_on_next_hears_nothing_more_and_the_others_everything(push: Any) -> None:
    hot, leaver, stayer = Hot(), Told(), Told()

    def on_next(fact: Any) -> None:
        leaver.on_next(fact)
        subscription.dispose()

    subscription = hot.stream.subscribe(on_next)
    hot.stream.subscribe(stayer)
    push(hot, trades(1, 2, 3))

    assert leaver.seqs == [1]
    assert stayer.seqs == [1, 2, 3]


def test_who_is_put_out_by_a_sibling_does_not_hear_the_fact_on_its_way(push: Any) -> None:
    hot, victim = Hot(), Told()

    hot.stream.subscribe(lambda fact: subscription.dispose() if fact.seq == 2 else None)
    subscription = hot.stream.subscribe(victim)
    push(hot, trades(1, 2, 3))

    assert victim.seqs == [1]


def test_a_branch_that_is_put_out_by_a_sibling_does_not_hear_the_item_on_its_way() -> None:
    hot, victim = Hot(), Told()
    same = each_item(lambda: lambda item: item)

    hot.stream.pipe(same).subscribe(lambda fact: leaving.dispose() if fact.seq == 2 else None)
    leaving = hot.stream.pipe(same, ops.do_action(victim.on_next)).subscribe()
    for seq in (1, 2, 3):
        hot.push(trades(seq))

    assert victim.seqs == [1]


def test_who_raises_after_leaving_is_told_nothing_more(
    push: Any, caplog: pytest.LogCaptureFixture
) -> None:
    hot, stayer = Hot(), Told()
    errors: list[Exception] = []

    def on_next(fact: Any) -> None:
        leaving.dispose()
        raise ValueError("parting shot")

    leaving = hot.stream.subscribe(on_next, errors.append)
    hot.stream.subscribe(stayer)
    with caplog.at_level(logging.ERROR, logger="ordinis_rx"):
        push(hot, trades(1, 2))

    assert (errors, stayer.seqs, len(caplog.records)) == ([], [1, 2], 1)


def test_who_comes_inside_on_next_hears_the_next_fact(push: Any) -> None:
    hot, newcomer, other = Hot(), Told(), Told()
    hot.stream.subscribe(lambda fact: hot.stream.subscribe(newcomer) if fact.seq == 1 else None)
    hot.stream.subscribe(other)

    push(hot, trades(1, 2, 3))

    assert newcomer.seqs == [2, 3]
    assert other.seqs == [1, 2, 3]


def test_a_subscription_may_be_disposed_twice_and_after_the_end() -> None:
    hot, told = Hot(), Told()
    subscription = hot.stream.subscribe(told)

    subscription.dispose()
    subscription.dispose()
    hot.push([a_trade(1)])
    hot.complete()
    subscription.dispose()

    assert (told.seqs, told.completed) == ([], False)


def test_one_observer_may_subscribe_twice_and_leave_once() -> None:
    hot, told = Hot(), Told()
    first, _ = hot.stream.subscribe(told), hot.stream.subscribe(told)

    hot.push([a_trade(1)])
    first.dispose()
    hot.push([a_trade(2)])

    assert told.seqs == [1, 1, 2]


def test_who_comes_after_the_end_waits_for_a_fresh_start() -> None:
    hot, early, late = Hot(), Told(), Told()
    hot.stream.subscribe(early)
    hot.complete()
    hot.stream.subscribe(late)

    hot.push([a_trade(1)])

    assert (early.seqs, early.completed) == ([], True)
    assert (late.seqs, late.completed) == ([1], False)


def test_an_end_that_one_subscriber_cannot_take_still_reaches_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    hot, told = Hot(), Told()
    hot.stream.subscribe()  # no on_error
    hot.stream.subscribe(told)

    with caplog.at_level(logging.ERROR, logger="ordinis_rx"):
        hot.error(OSError("gone"))

    assert isinstance(told.error, OSError)
    assert len(caplog.records) == 1


def test_several_kinds_in_one_push_arrive_in_their_order() -> None:
    hot, told = Hot(), Told()
    hot.stream.subscribe(told)
    hot.stream.subscribe(Told())

    hot.push([a_trade(1), Heartbeat(ts_event=2, seq=2), a_trade(3)])

    assert told.seqs == [1, 2, 3]


# share


def test_share_subscribes_on_the_first_and_lets_go_after_the_last() -> None:
    source = Counted()
    shared = source.stream.pipe(share())
    assert source.subscriptions == 0

    first, second = shared.subscribe(), shared.subscribe()
    assert (source.subscriptions, source.observers) == (1, 1)
    first.dispose()
    assert source.observers == 1
    second.dispose()
    assert source.observers == 0

    shared.subscribe()
    assert (source.subscriptions, source.observers) == (2, 1)


@pytest.mark.parametrize("ending", ["error", "completion"])
def test_share_starts_afresh_after_the_end(ending: str) -> None:
    runs: list[int] = []

    def make(names: Names) -> Iterator[Item]:
        runs.append(len(runs))
        yield item_of(trades(1, 2), names)
        if ending == "error" and len(runs) < 3:
            raise OSError("flaky")

    shared = from_items(make).pipe(share())

    if ending == "error":
        shared.pipe(ops.retry(5)).subscribe(told := Told())
        assert told.seqs == [1, 2] * 3
    else:
        for _ in range(3):
            shared.subscribe(told := Told())
            assert told.seqs == [1, 2]
    assert told.completed
    assert len(runs) == 3


def test_one_share_operator_serves_two_sources_apart() -> None:
    operator = share()
    a, b = Counted(), Counted()
    told_a, told_b = Told(), Told()

    a.stream.pipe(operator).subscribe(told_a)
    b.stream.pipe(operator).subscribe(told_b)
    a.subject.on_next(a_trade(1))
    b.subject.on_next(a_trade(2))

    assert (told_a.seqs, told_b.seqs) == ([1], [2])


def test_a_source_is_let_go_when_an_operator_above_the_share_fails() -> None:
    counted: list[int] = []

    def make(names: Names) -> Iterator[Item]:
        while True:
            counted.append(1)
            assert len(counted) < 100, "nobody stopped an endless source"
            yield item_of(trades(1), names)

    def step(item: Item) -> Item:
        raise OSError("the step is at fault")

    shared = from_items(make).pipe(each_item(lambda: step), share())
    shared.subscribe(told := Told())

    assert isinstance(told.error, OSError)
    assert len(counted) == 1


def test_a_source_is_let_go_when_its_last_subscriber_raises() -> None:
    source = Counted()
    shared = source.stream.pipe(share())
    first, second = Told(raises_at=1), Told(raises_at=2)
    shared.subscribe(first)
    shared.subscribe(second)

    source.subject.on_next(a_trade(1))
    assert source.observers == 1
    source.subject.on_next(a_trade(2))

    assert source.observers == 0
    assert [str(told.error) for told in (first, second)] == ["cannot take 1", "cannot take 2"]


def test_facts_of_a_frame_are_built_once_for_all_subscribers() -> None:
    def make(names: Names) -> Iterator[Item]:
        yield item_of(trades(1, 2), names).copy()

    seen: list[Any] = []
    shared = from_items(make).pipe(share())
    shared.pipe(ops.zip(shared)).subscribe(lambda pair: seen.append(pair))

    assert [one is other for one, other in seen] == [True, True]


def test_who_could_not_connect_the_source_keeps_nobody_from_it() -> None:
    attempts = 0

    def flow(observer: Any, _: object = None) -> Any:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            raise OSError("not yet")
        return flow_of(from_events(trades(1)), observer)

    shared = Stream(flow).pipe(share())
    first, second = Told(), Told()
    shared.subscribe(first)
    shared.subscribe(second)

    assert isinstance(first.error, OSError)
    assert second.seqs == [1]


def test_a_share_for_several_begins_when_they_are_all_there() -> None:
    runs: list[int] = []

    def make(names: Names) -> Iterator[Item]:
        runs.append(1)
        yield item_of(trades(1, 2), names)

    shared = from_items(make).pipe(share(3))
    told = [Told() for _ in range(4)]
    first = shared.subscribe(told[0])  # type: ignore[arg-type]
    shared.subscribe(told[1])  # type: ignore[arg-type]
    first.dispose()  # who has left is not waited for
    shared.subscribe(told[2])  # type: ignore[arg-type]
    assert runs == []
    shared.subscribe(told[3])  # type: ignore[arg-type]

    assert runs == [1]
    assert [each.seqs for each in told] == [[], [1, 2], [1, 2], [1, 2]]
    assert [each.completed for each in told] == [False, True, True, True]


def test_a_share_for_several_lets_later_ones_join_and_waits_anew_when_all_have_gone() -> None:
    source: Subject[Any] = Subject()
    shared = source.pipe(share(2))
    told = [Told() for _ in range(4)]
    leaving = [shared.subscribe(each) for each in told[:3]]  # type: ignore[arg-type]
    source.on_next(a_trade(1))
    for each in leaving:
        each.dispose()
    shared.subscribe(told[3])  # type: ignore[arg-type]
    source.on_next(a_trade(2))

    assert [each.seqs for each in told] == [[1], [1], [1], []]
    assert source.observers == []


def test_a_share_for_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="share: subscribers must be 1 or more subscribers, got 0"):
        share(0)


def test_who_waited_for_the_others_is_told_when_the_source_cannot_be_subscribed_to() -> None:
    tries: list[int] = []

    def flow(observer: Any, scheduler: Any = None) -> Any:
        tries.append(1)
        raise OSError("no loop here")

    shared: Stream[Any] = Stream(flow).pipe(share(2))  # type: ignore[assignment]
    told: list[str] = []
    for name in "abcd":
        shared.subscribe(None, lambda error, name=name: told.append(f"{name} {error}"))

    assert len(tries) == 2
    assert sorted(told) == [f"{name} no loop here" for name in "abcd"]

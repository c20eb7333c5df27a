"""Operators out of kernels and steps; and the law that any split of the input gives the same bits."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reactivex import Observable
from reactivex import operators as ops
from reactivex.scheduler import VirtualTimeScheduler
from reactivex.subject import Subject

from ordinis_rx import running
from ordinis_rx.batches import Item, item_of
from ordinis_rx.codes import Names
from ordinis_rx.events import Heartbeat, Quote, Reading, Trade
from ordinis_rx.frames import BarFrame, QuoteFrame, ReadingFrame, TradeFrame
from ordinis_rx.kernels.compiled import uncompiled
from ordinis_rx.kernels.record import ROOM, STOP, Layout, floats, integer, ints, real
from ordinis_rx.lifting import operator
from ordinis_rx.multicast import Hot, share
from ordinis_rx.operators import zscore_filter
from ordinis_rx.stepping import each_item
from ordinis_rx.stream import Stream, flow_of, from_events, from_items
from ordinis_rx.testing import a_heartbeat, through
from ordinis_rx.testing.identity import difference
from tests.ends import Seqs

# Four kernels: one that keeps, one that writes elementwise, one that expands, one for each of two kinds.

KEEP = Layout(
    reads="symbol:i price:f",
    writes="row:i",
    state="position:i count:i mean:f m2:f ring:f*window",
    params="window:i threshold:f",
)
K_SYMBOL, K_PRICE, K_ROW, POSITION, COUNT, MEAN, M2, RING, WINDOW, THRESHOLD = KEEP.slots


def near(n: int, call: Any) -> int:
    """The trades whose price is within *threshold* deviations of the *window* before."""
    symbol, price, row = ints(call, K_SYMBOL), floats(call, K_PRICE), ints(call, K_ROW)
    position, count, ring = ints(call, POSITION), ints(call, COUNT), floats(call, RING)
    mean, m2 = floats(call, MEAN), floats(call, M2)
    window, threshold = integer(call, WINDOW), real(call, THRESHOLD)
    kept = 0
    for i in range(n):
        s, p = symbol[i], price[i]
        if p != p:
            continue
        c, mu, q = count[s], mean[s], m2[s]
        away = p - mu
        if c < 2 or away * away * (c - 1) <= threshold * threshold * q:
            row[kept] = i
            kept += 1
        at = s * window + position[s]
        if c < window:
            c += 1
            mu += away / c
            q += away * (p - mu)
            count[s] = c
        else:
            old, before = ring[at], mu
            mu += (p - old) / window
            q = max(q + (p - old) * ((p - mu) + (old - before)), 0.0)
        ring[at] = p
        position[s] = (position[s] + 1) % window
        mean[s], m2[s] = mu, q
    return kept


SCALE = Layout(reads="price:f", writes="price:f", params="factor:f")
S_PRICE, S_OUT, FACTOR = SCALE.slots


def scaled(n: int, call: Any) -> int:
    """Every price times a factor."""
    price, out, factor = floats(call, S_PRICE), floats(call, S_OUT), real(call, FACTOR)
    for i in range(n):
        out[i] = price[i] * factor
    return n


STEPS = Layout(
    reads="symbol:i price:f", writes="row:i value:f", state="last:f seen:i", expands=True
)
T_SYMBOL, T_PRICE, T_ROW, T_VALUE, LAST, SEEN = STEPS.slots


def steps(n: int, call: Any) -> int:
    """Every whole number between a price and the one before it, at most nine."""
    symbol, price, row, value = (
        ints(call, T_SYMBOL),
        floats(call, T_PRICE),
        ints(call, T_ROW),
        floats(call, T_VALUE),
    )
    last, seen, stop, room = (
        floats(call, LAST),
        ints(call, SEEN),
        ints(call, STOP),
        integer(call, ROOM),
    )
    written = 0
    for i in range(n):
        s, p = symbol[i], price[i]
        if not (p > -1e6 and p < 1e6):
            continue
        if written + 9 > room:
            stop[0] = i
            return written
        if seen[s] == 1:
            at = last[s] + 1.0
            told = 0
            while at < p and told < 9:
                row[written] = i
                value[written] = at
                written += 1
                told += 1
                at += 1.0
        last[s], seen[s] = p, 1
    return written


TIGHT = Layout(reads="bid:f ask:f", writes="row:i")
BID, ASK, Q_ROW = TIGHT.slots


def tight(n: int, call: Any) -> int:
    """The quotes with a spread below two."""
    bid, ask, row = floats(call, BID), floats(call, ASK), ints(call, Q_ROW)
    kept = 0
    for i in range(n):
        if ask[i] - bid[i] < 2.0:
            row[kept] = i
            kept += 1
    return kept


Pipe = Callable[[Observable[Any]], Observable[Any]]

keep_near = operator(near, KEEP, reads=TradeFrame, keeps=True, params=(3, 1.0))
keep_near_and_others = operator(
    near, KEEP, reads=TradeFrame, keeps=True, params=(3, 1.0), others=True
)
halve = operator(scaled, SCALE, reads=TradeFrame, writes=TradeFrame, params=(0.5,))
count_steps = operator(
    steps, STEPS, reads=TradeFrame, writes=ReadingFrame, constants={"name": "step"}
)
keep_tight = operator(tight, TIGHT, reads=QuoteFrame, keeps=True, others=True)
just_tight = operator(tight, TIGHT, reads=QuoteFrame, keeps=True)


def diamond(combine: Pipe | Callable[..., Pipe], *branches: Pipe) -> Pipe:
    """One shared source, two ways down, joined again by plain Rx."""

    def pipe(source: Observable[Any]) -> Observable[Any]:
        shared = source.pipe(share())
        one, other = (shared.pipe(branch) for branch in branches)
        joined: Observable[Any] = one.pipe(combine(other))  # type: ignore[arg-type]
        return joined

    return pipe


def once_seen(source: Observable[Any]) -> Observable[Any]:
    """A variable of the user's own, shared by the two ways down: it sees the true order or the law breaks."""
    shared, seen = source.pipe(share()), [0.0]

    def remember(fact: Any) -> None:
        seen[0] = fact.seq * 1.0

    remembering = shared.pipe(keep_near, ops.do_action(remember), ops.ignore_elements())
    return remembering.pipe(ops.merge(shared.pipe(halve, ops.map(lambda fact: (fact, seen[0])))))


PIPES: dict[str, Pipe] = {
    "a kernel that keeps": keep_near,
    "a kernel that writes": halve,
    "a kernel that expands": count_steps,
    "one kind kept, the others handed on": keep_near_and_others,
    "one kind kept, the others left out": just_tight,
    "two kinds, one after the other": lambda s: s.pipe(keep_tight, keep_near_and_others),
    "a chain of all": lambda s: s.pipe(keep_tight, halve, keep_near, halve, count_steps),
    "shared": lambda s: s.pipe(share(), keep_near, share(), halve),
    "joined with the latest": diamond(ops.with_latest_from, halve, keep_near),
    "the latest of both": diamond(ops.combine_latest, keep_near, count_steps),
    "joined with what flows through plain Rx": diamond(
        ops.with_latest_from,
        lambda s: s.pipe(ops.filter(lambda f: f.seq % 3 > 0), keep_near),
        halve,
    ),
    "a variable of the user's own": once_seen,
}


@st.composite
def stories(draw: st.DrawFn) -> list[Any]:
    """Trades, quotes and beats of a few symbols, in the order of `seq`, with holes in it."""
    prices = st.sampled_from([math.nan, math.inf, -0.0, 99.0, 100.0, 101.0, 250.0]) | st.floats(
        90, 110
    )
    facts: list[Any] = []
    seq = 0
    for kind, symbol, price, skip in draw(
        st.lists(
            st.tuples(st.integers(0, 4), st.sampled_from("ABC"), prices, st.integers(1, 3)),
            max_size=24,
        )
    ):
        seq += skip
        common: dict[str, Any] = {
            "symbol": symbol,
            "ts_event": seq * 10,
            "seq": seq,
            "provider": "sim",
        }
        if kind == 4:
            facts.append(Quote(bid=price, ask=price + skip, **common))
        elif kind == 3:
            facts.append(Heartbeat(**common))
        else:
            facts.append(
                Trade(price=price, size=1.0 * skip, conditions=("c",) * (skip - 1), **common)
            )
    return facts


def in_items(facts: list[Any], cuts: list[int], *, by_columns: bool) -> Stream[Any]:
    """The facts in items cut where *cuts* says, resting on facts or on columns."""

    def make(names: Names) -> Iterator[Item]:
        edges = sorted({0, len(facts), *(cut % (len(facts) + 1) for cut in cuts)})
        for start, end in itertools.pairwise(edges):
            item = item_of(facts[start:end], names)
            if by_columns:
                item = columns_of(item)
            yield item

    return from_items(make)


def columns_of(item: Item) -> Item:
    """The same rows, without their facts."""
    from ordinis_rx.batches import Batch

    frames = []
    for frame in item.frames():
        other = type(frame)(item.names)
        for name in frame.schema.index:
            frame.lookup(name)
        assert frame.block is not None
        objects = {name: list(frame.object_column(name)) for name in frame.schema.objects}
        other.hold_columns(frame.block, frame.n, objects)
        frames.append(other)
    return frames[0] if len(frames) == 1 else Batch.of_frames(frames, item.names)


def told(stream: Observable[Any]) -> list[Any]:
    seen: list[Any] = []
    stream.subscribe(
        seen.append, lambda error: seen.append(repr(error)), lambda: seen.append("completed")
    )
    return seen


@pytest.mark.parametrize("name", PIPES)
@settings(max_examples=25)
@given(facts=stories(), cuts=st.lists(st.integers(0, 100), max_size=6), by_columns=st.booleans())
def test_any_split_of_the_input_tells_the_same_bits(
    name: str, facts: list[Any], cuts: list[int], by_columns: bool
) -> None:
    pipe = PIPES[name]

    whole = told(in_items(facts, cuts, by_columns=by_columns).pipe(pipe))
    with uncompiled():
        one_by_one = told(from_events(facts, rows=1).pipe(pipe))

    assert difference(whole, one_by_one) == ""
    assert one_by_one[-1:] == ["completed"]


@pytest.mark.xfail(
    strict=True,
    reason="who subscribes while a frame is on its way below a kernel sees the next frame, not the next row",
)
def test_a_subscription_made_inside_on_next_cannot_tell_the_split() -> None:
    def newcomer_hears(rows: int) -> list[int]:
        shared = from_events([a_trade(seq) for seq in range(1, 6)], rows=rows).pipe(share())
        heard: list[int] = []

        def on_next(fact: Any) -> None:
            if fact.seq == 1:
                shared.subscribe(lambda later: heard.append(later.seq))

        shared.pipe(halve).subscribe(on_next)
        return heard

    assert newcomer_hears(rows=5) == newcomer_hears(rows=1)


@given(facts=stories())
def test_a_subject_tells_the_same_as_a_recording(facts: list[Any]) -> None:
    subject: Subject[Any] = Subject()
    live: list[Any] = []
    subject.pipe(keep_tight, keep_near, halve).subscribe(live.append)

    for fact in facts:
        subject.on_next(fact)

    recorded = told(from_events(facts).pipe(keep_tight, keep_near, halve))
    assert difference([*live, "completed"], recorded) == ""


# What an operator hands on


@pytest.mark.parametrize("together", [1, 3, 4])
def test_two_filters_of_a_kind_hand_on_the_others_though_the_first_keeps_none_of_it(
    together: int,
) -> None:
    facts: list[Any] = [
        a_quote(1, 150.0), a_trade(2), Heartbeat(ts_event=3, seq=3), a_quote(4, 100.01),
    ]  # fmt: skip

    for source in (from_events(facts, rows=together), pushed(facts, together)):
        heard: list[Any] = []
        source.pipe(keep_tight, keep_tight).subscribe(heard.append)
        assert [fact.seq for fact in heard] == [2, 3, 4]


def test_a_message_of_which_nothing_is_kept_is_not_handed_on() -> None:
    seen: list[int] = []
    counting = each_item(lambda: lambda item: seen.append(item.n) or item)

    pushed([a_quote(1, 150.0), a_quote(2, 160.0)], 2).pipe(keep_tight, counting).subscribe()

    assert seen == []


def pushed(facts: list[Any], together: int) -> Observable[Any]:
    """The facts as messages of so many, pushed when there is a subscriber."""

    def messages(names: Names) -> Iterator[Item]:
        for at in range(0, len(facts), together):
            yield item_of(facts[at : at + together], names)

    return from_items(messages)


def a_trade(seq: int, price: float = 100.0) -> Trade:
    return Trade(symbol="A", ts_event=seq, seq=seq, price=price, size=1.0)


def a_quote(seq: int, ask: float) -> Quote:
    return Quote(symbol="A", ts_event=seq, seq=seq, bid=100.0, ask=ask)


def test_facts_of_other_kinds_are_left_out_or_handed_on() -> None:
    facts: list[Any] = [
        a_trade(1),
        a_quote(2, 101.0),
        Heartbeat(ts_event=3, seq=3),
        a_quote(4, 109.0),
    ]

    for rows in (1, 4):
        source = from_events(facts, rows=rows)
        assert told(source.pipe(just_tight)) == [facts[1], "completed"]
        assert told(source.pipe(keep_tight)) == [*facts[:3], "completed"]


def test_others_are_left_out_also_when_every_row_is_kept() -> None:
    facts: list[Any] = [a_trade(1), a_quote(2, 101.0)]

    assert told(from_events(facts).pipe(just_tight)) == [facts[1], "completed"]


def test_a_subscriber_below_a_mixed_batch_that_raises_is_let_go_and_told() -> None:
    facts: list[Any] = [a_trade(1), a_quote(2, 109.0), a_trade(3)]
    errors: list[Exception] = []

    def raising(fact: Any) -> None:
        raise ValueError(f"cannot take {fact.seq}")

    from_events(facts).pipe(keep_tight).subscribe(raising, errors.append)
    from_events(facts).pipe(each_item(lambda: lambda item: item.copy())).subscribe(
        raising, errors.append
    )

    assert [str(error) for error in errors] == ["cannot take 1", "cannot take 1"]


def test_every_subscriber_has_a_state_of_its_own() -> None:
    prices = from_events(
        [a_trade(seq, price) for seq, price in enumerate((100.0, 101.0, 100.5, 200.0), 1)]
    )
    kept = prices.pipe(keep_near)

    assert told(kept) == told(kept) == [*told(prices)[:3], "completed"]


# Errors: of the own step, and of nothing else


def test_nothing_follows_an_error_even_from_a_source_that_goes_on() -> None:
    end = Seqs()
    hot = Hot()
    flow_of(hot.stream.pipe(halve), end)
    for price in (1.0, "dear", 2.0):
        hot.push([a_trade(len(end.told) + 1, price)])  # type: ignore[arg-type]

    assert end.told == [1, TypeError]


@pytest.mark.parametrize("others", [1, 2], ids=["alone", "in a message"])
def test_no_fact_of_another_kind_follows_an_error_either(others: int) -> None:
    end = Seqs()
    hot = Hot()
    flow_of(hot.stream.pipe(zscore_filter(5)), end)
    hot.push([a_trade(1, "dear")])  # type: ignore[arg-type]
    hot.push([a_heartbeat(at=1, seq=2 + k) for k in range(others)])

    assert end.told == [TypeError]


def test_a_filter_hands_on_others_up_to_a_fact_that_does_not_fit() -> None:
    before, after = a_quote(1, 9.0), a_quote(4, 9.0)
    good, bad = a_trade(2), a_trade(3, "dear")  # type: ignore[arg-type]

    for facts in ([before, good, bad, after], [before, bad, after], [bad, after]):
        *heard, error = told(from_events(facts).pipe(keep_near_and_others))

        assert heard == facts[: facts.index(bad)]
        assert error.startswith("TypeError(\"price cannot be 'dear' in Trade")


def test_a_kernel_in_trouble_is_named_in_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "MOST_ROOM", 4)
    errors: list[Exception] = []

    from_events([a_trade(1)]).pipe(count_steps).subscribe(on_error=errors.append)

    assert str(errors[0]) == "kernel steps wants more than 4 rows of output for one row"
    assert errors[0].__notes__ == ["in kernel steps, at a Trade"]


def test_a_fact_with_an_odd_field_is_shown_in_the_error() -> None:
    errors: list[Exception] = []

    from_events([a_trade(1, "dear")]).pipe(halve).subscribe(on_error=errors.append)  # type: ignore[arg-type]

    assert "price cannot be 'dear' in Trade" in str(errors[0])


# Subscribing


def test_the_scheduler_and_dispose_reach_the_source() -> None:
    scheduler = VirtualTimeScheduler()
    seen: list[Any] = []
    source = from_events([a_trade(1), a_trade(2)]).pipe(keep_near, halve)

    source.subscribe(seen.append, scheduler=scheduler)
    leaving = source.subscribe(seen.append, scheduler=scheduler)
    leaving.dispose()
    assert seen == []
    scheduler.start()

    assert [fact.seq for fact in seen] == [1, 2]


def test_kernels_are_compiled_when_subscribed_to_and_before_the_source_starts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    happened: list[str] = []
    prepare = running.prepare

    def noting(kernel: Any, call: Any) -> Any:
        happened.append(f"prepare {kernel.__name__}")
        return prepare(kernel, call)

    def dial(observer: Any, scheduler: Any = None) -> Any:
        happened.append("dial")

    monkeypatch.setattr(running, "prepare", noting)
    piped = Observable(dial).pipe(
        operator(scaled, SCALE, reads=TradeFrame, writes=TradeFrame, params=(2,)),
        operator(near, KEEP, reads=TradeFrame, keeps=True, params=(3, 1)),
    )
    assert happened == []

    piped.subscribe()

    assert happened == ["prepare near", "prepare scaled", "dial"]


def test_parameters_become_their_declared_kinds() -> None:
    double = operator(scaled, SCALE, reads=TradeFrame, writes=TradeFrame, params=(2,))

    (fact, _) = told(from_events([a_trade(1, 1.5)]).pipe(double))

    assert fact == a_trade(1, 3.0)


# What cannot be lifted is refused when it is written down

VALUE = Layout(reads="price:f", writes="row:i value:f")


def test_constants_may_be_numbers_of_numpy() -> None:
    constants = {"name": "x", "values": (np.float64(1.0), 2.0)}
    stepping = operator(steps, STEPS, reads=TradeFrame, writes=ReadingFrame, constants=constants)

    assert {reading.values for reading in through(stepping, [a_trade(2), a_trade(3, 103.0)])} == {
        (1.0, 2.0)
    }


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"layout": VALUE}, "either writes facts .* or keeps rows"),
        ({"layout": VALUE, "writes": ReadingFrame, "keeps": True}, "either writes facts"),
        ({"layout": VALUE, "writes": ReadingFrame, "others": True}, "keeps rows can hand on"),
        ({"layout": VALUE, "keeps": True}, "Trade has no column value:f"),
        ({"layout": VALUE, "writes": TradeFrame}, "Trade has no column value:f"),
        (
            {"layout": VALUE, "reads": QuoteFrame, "writes": ReadingFrame},
            "Quote has no column price:f",
        ),
        ({"layout": Layout("venue:i", "row:i"), "keeps": True}, "Trade has no column venue:i"),
        ({"layout": Layout("price:i", "row:i"), "keeps": True}, "Trade has no column price:i"),
        ({"layout": Layout("price:f", "row:i price:f"), "keeps": True}, "writes row:i alone"),
        ({"layout": Layout("price:f", "row:i", expands=True), "keeps": True}, "keeps each once"),
        (
            {"layout": Layout("price:f", "value:f", expands=True), "writes": ReadingFrame},
            "it must write row:i",
        ),
        (
            {"layout": Layout("price:f", "row:i open:f"), "writes": BarFrame},
            "nothing tells the interval",
        ),
        (
            {"layout": VALUE, "writes": ReadingFrame, "constants": {"nmae": "x"}},
            "nmae of a Reading",
        ),
        ({"layout": SCALE, "writes": TradeFrame}, r"1 parameters \(factor\), got 0"),
        (
            {"layout": VALUE, "writes": ReadingFrame, "constants": {"name": 5}},
            "name of a Reading cannot be 5",
        ),
        (
            {"layout": VALUE, "writes": ReadingFrame, "constants": ["name"]},
            "constants must be a mapping",
        ),
        ({"layout": 5, "keeps": True}, r"layout must be a Layout\(.*\), got 5"),
        (
            {"layout": VALUE, "keeps": True, "reads": Trade | Quote},
            "reads must be the frame of one kind of facts, TradeFrame say, got .*Trade | ",
        ),
        (
            {"layout": VALUE, "writes": Reading},
            "writes must be the frame of one kind of facts, .*Reading",
        ),
        ({"layout": VALUE, "keeps": True, "kernel": "scaled"}, "kernel must be a function of"),
    ],
)
def test_what_cannot_be_lifted_is_refused_at_once(options: dict[str, Any], told: str) -> None:
    kernel, reads = options.pop("kernel", scaled), options.pop("reads", TradeFrame)
    with pytest.raises(TypeError, match=told):
        operator(kernel, reads=reads, **options)


@pytest.mark.parametrize("window", [0, -3, 10**13])
def test_a_parameter_that_sizes_a_state_is_looked_at_when_the_operator_is_made(window: int) -> None:
    with pytest.raises(ValueError, match=f"state ring .* with parameter window={window}"):
        operator(near, KEEP, reads=TradeFrame, keeps=True, params=(window, 1.0))


def test_readings_of_an_expanding_kernel_carry_their_cause() -> None:
    facts = [a_trade(1, 100.0), a_trade(5, 103.5)]

    assert told(from_events(facts).pipe(count_steps)) == [
        Reading(symbol="A", ts_event=5, seq=5, name="step", value=value)
        for value in (101.0, 102.0, 103.0)
    ] + ["completed"]

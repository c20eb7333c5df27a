from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reactivex import operators as ops
from reactivex.subject import Subject

import ordinis_rx as ox
from ordinis_rx.batches import Item, item_of
from ordinis_rx.codes import Names
from ordinis_rx.events import Event, Quote, Trade
from ordinis_rx.frames import Frame, QuoteFrame, TradeFrame
from ordinis_rx.framing import concatenated, frames, from_frames
from ordinis_rx.multicast import Hot
from ordinis_rx.operators import mid, quotes
from ordinis_rx.stream import Stream, from_events, from_items
from ordinis_rx.testing import a_quote


def trade(price: float, at: int, symbol: str = "A", **more: object) -> Trade:
    return Trade(symbol=symbol, ts_event=at, price=price, size=1.0, seq=at, **more)  # type: ignore[arg-type]


TRADES = [trade(10.0 + t, t, "AB"[t % 2], venue=f"v{t}", provider="p") for t in range(1, 8)]


def by_column(facts: list[Trade], names: Names) -> Frame:
    """A frame that rests on columns and object lists alone."""
    source = TradeFrame.from_events(facts, names)
    frame = TradeFrame(names)
    for name in source.schema.index:
        source.lookup(name)
    assert source.block is not None
    objects = {name: list(source.object_column(name)) for name in source.schema.objects}
    frame.hold_columns(source.block, len(facts), objects)
    return frame


def collected(source: Stream[Event], rows: int) -> list[Frame]:
    told: list[Frame] = []
    frames(source, rows=rows).subscribe(told.append)
    return told


@given(st.lists(st.integers(1, 3), min_size=1, max_size=4), st.integers(1, 8), st.booleans())
def test_frames_hold_all_rows_in_order_however_they_came(
    sizes: list[int], rows: int, columnar: bool
) -> None:
    def make(names: Names) -> Iterator[Item]:
        at = 0
        for size in [*sizes, len(TRADES)]:
            part = TRADES[at : at + size]
            at += size
            if part:
                yield by_column(part, names) if columnar else item_of(part, names)

    told = collected(from_items(make), rows)

    assert [fact for frame in told for fact in frame.facts] == TRADES
    assert [len(frame) for frame in told[:-1]] == [rows] * (len(told) - 1)
    assert 1 <= len(told[-1]) <= rows


def test_each_kind_has_frames_of_its_own() -> None:
    quote = Quote(symbol="A", ts_event=3, bid=1.0, ask=2.0, seq=3)

    told = collected(from_events([TRADES[0], TRADES[1], quote, *TRADES[3:]]), rows=2)

    assert [(type(frame), len(frame)) for frame in told] == [
        (TradeFrame, 2),
        (TradeFrame, 2),
        (TradeFrame, 2),
        (QuoteFrame, 1),
    ]


def test_what_is_left_is_told_before_an_error() -> None:
    source: Subject[Trade] = Subject()
    told: list[object] = []
    frames(source, rows=5).subscribe(told.append, told.append)
    source.on_next(TRADES[0])
    error = RuntimeError("over")

    source.on_error(error)

    frame, last = told
    assert isinstance(frame, TradeFrame)
    assert frame.facts == TRADES[:1]
    assert last is error


def test_a_frame_told_does_not_change_when_the_producer_goes_on() -> None:
    names = Names()
    lent = TradeFrame(names)

    def make(_: Names) -> Iterator[Item]:
        for fact in TRADES:
            lent.hold([fact])
            yield lent

    told = collected(from_items(make), rows=3)

    assert [frame.price.tolist() for frame in told] == [
        [11.0, 12.0, 13.0],
        [14.0, 15.0, 16.0],
        [17.0],
    ]


@pytest.mark.parametrize("columnar", [False, True])
def test_frames_of_other_dictionaries_are_coded_and_numbered_anew(columnar: bool) -> None:
    make = by_column if columnar else TradeFrame.from_events
    one = make([trade(1.0, 5, "X"), trade(2.0, 6, "Y")], Names())
    two = make([trade(3.0, 1, "Y"), trade(4.0, 2, "Z")], Names())

    told: list[Trade] = []
    from_frames([one, two]).subscribe(told.append)

    assert [(t.seq, t.symbol, t.price) for t in told] == [
        (5, "X", 1.0),
        (6, "Y", 2.0),
        (7, "Y", 3.0),
        (8, "Z", 4.0),
    ]
    assert [t.symbol for t in two.facts] == ["Y", "Z"]


def test_a_stream_of_frames_can_be_subscribed_to_again() -> None:
    stream = from_frames(iter([TradeFrame.from_events(TRADES)]))

    first = stream.pipe(ops.to_list()).run()
    second = stream.pipe(ops.to_list()).run()

    assert first == second == TRADES


def test_no_frames_is_an_empty_stream() -> None:
    assert from_frames([]).pipe(ops.to_list()).run() == []


def test_rows_must_be_positive() -> None:
    with pytest.raises(ValueError, match="frames: rows must be 1 or more rows, got 0"):
        frames(from_events(TRADES), rows=0)


def test_concatenated_frames_keep_what_has_no_column() -> None:
    names = Names()

    whole = concatenated([by_column(TRADES[:2], names), TradeFrame.from_events(TRADES[2:], names)])

    assert whole.facts == TRADES


@pytest.mark.parametrize("columnar", [False, True])
def test_concatenated_frames_of_other_dictionaries_are_coded_anew(columnar: bool) -> None:
    make = by_column if columnar else TradeFrame.from_events
    parts = [make(TRADES[:2], Names()), make(TRADES[2:3], Names()), make(TRADES[3:], Names())]

    whole = concatenated(parts)

    assert whole.copy().facts == whole.facts == TRADES
    assert whole.names is parts[0].names
    assert parts[2].facts == TRADES[3:]


def test_only_frames_of_one_kind_can_be_concatenated() -> None:
    with pytest.raises(TypeError, match="one kind, got a TradeFrame and a QuoteFrame"):
        concatenated([TradeFrame.from_events([]), QuoteFrame.from_events([])])
    with pytest.raises(ValueError, match="at least one frame, got none"):
        concatenated([])


def test_frames_of_no_stream_are_refused_and_told_how_to_ask() -> None:
    with pytest.raises(TypeError, match=r"as in frames\(stream, rows=512\), got 512"):
        frames(512)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"rows must be a whole .*, got 'x'"):
        frames(from_events(TRADES), rows="x")  # type: ignore[arg-type]


def test_the_face_of_the_library_takes_the_stream_first_too() -> None:
    told: list[Frame] = []

    ox.frames(from_events(TRADES), rows=4).subscribe(told.append)

    assert [len(frame) for frame in told] == [4, 3]


@pytest.mark.parametrize("rows", [3, 7, 1_000])
def test_lone_facts_make_the_same_frames_as_facts_that_come_together(rows: int) -> None:
    told = from_events([a_quote(n, n + 2, symbol="AB"[n % 2]) for n in range(50)])
    lone = told.pipe(ops.map(lambda fact: fact))  # plain Rx hands on one fact at a time

    for step in (mid(), quotes()):
        together, one_by_one = (
            frames(source.pipe(step), rows=rows).pipe(ops.to_list()).run()
            for source in (told, lone)
        )
        assert [len(frame) for frame in one_by_one] == [len(frame) for frame in together]
        pairs = zip(one_by_one, together, strict=True)
        assert all(one.same_as(other) for one, other in pairs)


@pytest.mark.parametrize("rows", [1, 2], ids=["in the midst", "at the end"])
def test_who_raises_at_a_frame_is_let_go_and_told_and_the_others_miss_nothing(rows: int) -> None:
    hot, told, whole = Hot(), list[object](), list[int]()

    def raising(frame: Frame) -> None:
        raise ValueError(f"no room for {len(frame)}")

    frames(hot.stream, rows=rows).subscribe(raising, told.append, lambda: told.append("completed"))
    frames(hot.stream, rows=rows).subscribe(lambda frame: whole.extend(frame.seq.tolist()))

    hot.push([trade(9.0, 1)])
    assert [repr(each) for each in told] == ["ValueError('no room for 1')"][: 2 - rows]
    hot.complete()

    assert [repr(each) for each in told] == ["ValueError('no room for 1')"]
    assert whole == [1]
    assert hot.failures == 1

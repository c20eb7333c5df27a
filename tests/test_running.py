"""A kernel at work for one subscriber: room, resumption, growing state, blocks that are used again."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from ordinis_rx import running
from ordinis_rx.codes import Names
from ordinis_rx.columns import Block
from ordinis_rx.consensus import consensus
from ordinis_rx.events import Reading, Trade, TradeFlags
from ordinis_rx.frames import FRAMES, BarFrame, Frame, QuoteFrame, ReadingFrame, TradeFrame
from ordinis_rx.kernels.compiled import uncompiled
from ordinis_rx.kernels.record import ROOM, STOP, Layout, floats, integer, ints
from ordinis_rx.lifting import operator
from ordinis_rx.multicast import Hot
from ordinis_rx.operators import (
    bar_ema,
    ema,
    notional,
    patterns,
    rolling_std,
    tick_bars,
    time_bars,
    zscore_filter,
)
from ordinis_rx.recipes import Recipe
from ordinis_rx.running import KernelRun
from ordinis_rx.stream import from_events
from ordinis_rx.testing import (
    a_bar,
    a_quote,
    a_reading,
    a_trade,
    difference,
    same_on_frames,
    through,
)
from tests.columns import frame_by_column

# Tells each trade's price as often as its size says, and how many trades of the symbol there were before.
ECHO = Layout(
    reads="symbol:i price:f size:f",
    writes="row:i value:f",
    state="seen:i",
    params="most:i",
    expands=True,
)
SYMBOL, PRICE, SIZE, ROW, VALUE, SEEN, MOST = ECHO.slots


def echo(n: int, call: Any) -> int:
    symbol, price, size = ints(call, SYMBOL), floats(call, PRICE), floats(call, SIZE)
    row, value, seen, stop = (
        ints(call, ROW),
        floats(call, VALUE),
        ints(call, SEEN),
        ints(call, STOP),
    )
    room, most = integer(call, ROOM), integer(call, MOST)
    written = 0
    for i in range(n):
        times = 0
        while times < most and times < size[i]:
            times += 1
        if written + times > room:
            stop[0] = i
            return written
        for _ in range(times):
            row[written] = i
            value[written] = price[i] + 1000.0 * seen[symbol[i]]
            written += 1
        seen[symbol[i]] += 1
    return written


# Keeps the trades of a symbol whose price differs from its last.
CHANGED = Layout(reads="symbol:i price:f", writes="row:i", state="last:f")
C_SYMBOL, C_PRICE, C_ROW, C_LAST = CHANGED.slots


def changed(n: int, call: Any) -> int:
    symbol, price, row, last = (
        ints(call, C_SYMBOL),
        floats(call, C_PRICE),
        ints(call, C_ROW),
        floats(call, C_LAST),
    )
    kept = 0
    for i in range(n):
        if price[i] != last[symbol[i]]:
            row[kept] = i
            kept += 1
        last[symbol[i]] = price[i]
    return kept


# Leaves out what happened at 1.
AFTER_FIRST = Layout(reads="ts_event:i", writes="row:i")


def after_first(n: int, call: Any) -> int:
    at, row = ints(call, AFTER_FIRST.slots[0]), ints(call, AFTER_FIRST.slots[1])
    kept = 0
    for i in range(n):
        if at[i] > 1:
            row[kept] = i
            kept += 1
    return kept


@pytest.fixture(params=["compiled", "uncompiled"])
def run_of(request: pytest.FixtureRequest) -> Callable[..., KernelRun]:
    def run_of(kernel: Any, layout: Layout, out: type[Frame], *params: float) -> KernelRun:
        written = [column.name for column in layout.writes if column.name != "row"]
        recipe = Recipe(TradeFrame.schema, out.schema, written)
        if request.param == "compiled":
            return KernelRun(kernel, layout, TradeFrame, out, params, recipe)
        with uncompiled():
            return KernelRun(kernel, layout, TradeFrame, out, params, recipe)

    return run_of


def trades(*rows: tuple[str, float, float], first: int = 1) -> list[Any]:
    return [
        Trade(symbol=symbol, ts_event=seq, seq=seq, price=price, size=size)
        for seq, (symbol, price, size) in enumerate(rows, first)
    ]


def all_of(run: KernelRun, frame: Frame) -> list[list[Any]]:
    """The facts of each part that the kernel makes of *frame*."""
    told: list[list[Any]] = []
    at = 0
    while at < frame.n:
        out, at = run.rows_of(frame, at)
        told.append(list(out.facts))
    return told


def values(parts: list[list[Reading]]) -> list[list[tuple[int, float]]]:
    return [[(fact.seq, fact.value) for fact in part] for part in parts]


def framed(facts: list[Any], kind: str, names: Names | None = None) -> Frame:
    frame = TradeFrame.from_events(facts, names)
    return frame if kind == "facts" else frame_of_columns(frame)


def frame_of_columns(frame: Frame) -> Frame:
    other = type(frame)(frame.names)
    for name in frame.schema.index:
        frame.lookup(name)
    assert frame.block is not None
    other.hold_columns(frame.block, frame.n)
    return other


both = pytest.mark.parametrize("kind", ["facts", "columns"])


@both
def test_a_kernel_that_writes_more_than_fits_is_resumed(run_of: Any, kind: str) -> None:
    frame = framed(trades(("A", 1.0, 2.0), ("B", 2.0, 1.0), ("A", 3.0, 2.0), ("B", 4.0, 0.0)), kind)

    parts = values(all_of(run_of(echo, ECHO, ReadingFrame, 9), frame))

    assert parts == [[(1, 1.0), (1, 1.0), (2, 2.0)], [(3, 1003.0), (3, 1003.0)]]


def test_when_nothing_was_taken_the_room_doubles(run_of: Any) -> None:
    frame = TradeFrame.from_events(trades(("A", 1.0, 5.0), ("A", 2.0, 1.0)))

    parts = values(all_of(run_of(echo, ECHO, ReadingFrame, 9), frame))

    assert parts == [[(1, 1.0)] * 5 + [(2, 1002.0)]]


def test_the_room_holds_for_later_frames(run_of: Any) -> None:
    run = run_of(echo, ECHO, ReadingFrame, 9)
    all_of(run, TradeFrame.from_events(trades(("A", 1.0, 4.0))))

    parts = all_of(run, TradeFrame.from_events(trades(("A", 1.0, 1.0), ("A", 2.0, 3.0))))

    assert [len(part) for part in parts] == [4]


def test_too_much_for_one_row_is_an_error_that_names_the_kernel(
    run_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "MOST_ROOM", 8)
    run = run_of(echo, ECHO, ReadingFrame, 1_000)

    with pytest.raises(RuntimeError, match="kernel echo wants more than 8 rows of output"):
        all_of(run, TradeFrame.from_events(trades(("A", 1.0, 100.0))))


@both
def test_state_grows_with_the_dictionary_and_each_symbol_keeps_its_own(
    run_of: Any, kind: str
) -> None:
    run, names = run_of(changed, CHANGED, TradeFrame), Names()
    first = [(f"S{j}", 1.0 + j, 1.0) for j in range(10)]
    many = [(f"S{j}", 1.0 + j, 1.0) for j in range(40)]

    kept = [
        [fact.symbol for part in all_of(run, framed(trades(*rows), kind, names)) for fact in part]
        for rows in (first, many, many)
    ]

    assert kept == [[f"S{j}" for j in range(10)], [f"S{j}" for j in range(10, 40)], []]


def test_rows_that_are_all_kept_are_the_frame_itself(run_of: Any) -> None:
    run = run_of(changed, CHANGED, TradeFrame)
    frame = TradeFrame.from_events(trades(("A", 1.0, 1.0), ("A", 2.0, 1.0)))

    assert run.rows_of(frame, 0) == (frame, 2)
    out, _ = run.rows_of(TradeFrame.from_events(trades(("A", 2.0, 1.0))), 0)
    assert (out.n, out.facts) == (0, [])


def test_rows_that_are_kept_are_the_very_facts(run_of: Any) -> None:
    facts = trades(("A", 1.0, 1.0), ("A", 1.0, 1.0), ("A", 2.0, 1.0))

    ((one, three),) = all_of(run_of(changed, CHANGED, TradeFrame), TradeFrame.from_events(facts))

    assert one is facts[0]
    assert three is facts[2]


@both
def test_the_output_is_used_again_and_a_copy_is_not(run_of: Any, kind: str) -> None:
    run = run_of(echo, ECHO, ReadingFrame, 9)
    lent, _ = run.rows_of(framed(trades(("A", 1.0, 1.0)), kind), 0)
    copy = lent.copy()

    again, _ = run.rows_of(framed(trades(("B", 2.0, 1.0), first=7), kind), 0)

    assert again is lent
    assert [(fact.symbol, fact.seq, fact.value) for fact in copy.facts] == [("A", 1, 1.0)]
    assert copy.value.tolist() == [1.0]


def test_a_frame_that_grows_smaller_and_larger_is_read_where_it_lies(run_of: Any) -> None:
    run = run_of(changed, CHANGED, TradeFrame)
    names = Names()
    seen: list[float] = []
    price = 0.0
    for n in (1, 3, 1, 2, 9, 4, 1):
        for kind in ("facts", "columns"):
            rows = [("A", price := price + 1.0, 1.0) for _ in range(n)]
            parts = all_of(run, framed(trades(*rows), kind, names))
            seen += [fact.price for part in parts for fact in part]

    assert seen == [float(j) for j in range(1, int(price) + 1)]


def test_a_field_that_cannot_be_a_number_is_shown_with_its_fact(run_of: Any) -> None:
    run = run_of(changed, CHANGED, TradeFrame)
    odd = Trade(symbol="A", ts_event=1, price=None, size=1.0)  # type: ignore[arg-type]

    with pytest.raises(TypeError, match=r"price cannot be None in Trade\(symbol='A'"):
        run.rows_of(TradeFrame.from_events([odd, *trades(("A", 1.0, 1.0))]), 0)


def test_a_kernel_sees_the_rows_before_a_field_that_cannot_be_a_number_once_each(
    run_of: Any,
) -> None:
    run, names = run_of(changed, CHANGED, TradeFrame), Names()
    odd = Trade(symbol="A", ts_event=1, price=None, size=1.0)  # type: ignore[arg-type]
    frame = framed(
        [*trades(("A", 1.0, 1.0), ("A", 1.0, 1.0), ("A", 2.0, 1.0)), odd], "facts", names
    )

    kept, reached = run.rows_of(frame, 0)
    assert [trade.price for trade in kept.facts] == [1.0, 2.0]
    assert reached == 3
    with pytest.raises(TypeError, match="price cannot be None"):
        run.rows_of(frame, reached)
    again, _ = run.rows_of(framed(trades(("A", 2.0, 1.0), ("A", 3.0, 1.0)), "facts", names), 0)
    assert [trade.price for trade in again.facts] == [3.0]


@pytest.mark.parametrize("rows", [1, 99])
def test_a_fact_that_was_left_out_above_need_not_fit(rows: int) -> None:
    facts = trades(*(("A", price, 2.0) for price in (1.0, 1.0, 2.0, 3.0, 4.0)))
    for left_out_or_not in (1, 3):
        facts[left_out_or_not] = replace(facts[left_out_or_not], size=None)
    told: list[Any] = []

    keep = operator(changed, CHANGED, reads=TradeFrame, keeps=True)
    from_events(facts, rows=rows).pipe(keep, notional()).subscribe(
        lambda reading: told.append(reading.value), lambda error: told.append(str(error))
    )

    assert told == [2.0, 4.0, f"size cannot be None in {facts[3]!r}"]


@pytest.mark.parametrize("behind", [consensus(), patterns(["CDLDOJI"])], ids=["quotes", "bars"])
def test_of_a_frame_that_was_thinned_out_only_what_is_left_must_fit(behind: Any) -> None:
    facts: list[Any] = [
        each
        for at in range(1, 20)
        for each in (a_quote(9, 11, at=at, provider="p"), a_bar(9, at=at, interval=1))
    ]
    for odd, field in ((0, "bid_size"), (1, "volume"), (30, "bid_size"), (31, "volume")):
        facts[odd] = replace(facts[odd], **{field: None})

    def told(rows: int) -> list[Any]:
        heard: list[Any] = []
        skipping = [
            operator(after_first, AFTER_FIRST, reads=reads, keeps=True, others=True)
            for reads in (QuoteFrame, BarFrame)
        ]
        from_events(facts, rows=rows).pipe(*skipping, behind).subscribe(heard.append, heard.append)
        return heard

    assert difference(told(99), told(1)) == ""
    assert isinstance(told(99)[-1], Exception)


def test_a_kernel_that_should_write_a_row_for_every_row_is_held_to_it(run_of: Any) -> None:
    lazy = Layout(reads="price:f", writes="value:f")

    def nothing(n: int, call: Any) -> int:
        return 0

    with pytest.raises(RuntimeError, match="kernel nothing wrote 0 rows for 1, and no row:i"):
        run_of(nothing, lazy, ReadingFrame).rows_of(
            TradeFrame.from_events(trades(("A", 1.0, 1.0))), 0
        )


@pytest.mark.parametrize("count", [-1, 3])
def test_a_kernel_that_says_it_kept_more_rows_than_there_are_or_fewer_than_none_is_named(
    run_of: Any, count: int
) -> None:
    def miscounting(n: int, call: Any) -> int:
        return count if n == 2 else 0

    run = run_of(miscounting, CHANGED, TradeFrame)
    run.rows_of(TradeFrame.from_events(trades(*[("A", 1.0, 1.0)] * 9)), 0)

    with pytest.raises(
        RuntimeError, match=f"kernel miscounting wrote {count} rows, with room for 2"
    ):
        run.rows_of(TradeFrame.from_events(trades(*[("A", 1.0, 1.0)] * 2)), 0)


@pytest.mark.parametrize("count", [-1, 3])
def test_an_expanding_kernel_that_says_it_wrote_more_than_it_had_room_for_is_named(
    run_of: Any, count: int
) -> None:
    def miscounting(n: int, call: Any) -> int:
        return count

    run = run_of(miscounting, ECHO, ReadingFrame, 9)

    with pytest.raises(
        RuntimeError, match=f"kernel miscounting wrote {count} rows, with room for 2"
    ):
        run.rows_of(TradeFrame.from_events(trades(("A", 1.0, 1.0), ("A", 2.0, 1.0))), 0)


# Columns that are read under two names, worked out, or not there

MOVES = Layout(reads="a:f b:f weight:f=3 flags:i=7", writes="row:i value:f")
A_IN, B_IN, WEIGHT, FLAGS, MOVES_ROW, MOVES_VALUE = MOVES.slots


def weighed(n: int, call: Any) -> int:
    a, b, weight = floats(call, A_IN), floats(call, B_IN), floats(call, WEIGHT)
    flags, row, value = ints(call, FLAGS), ints(call, MOVES_ROW), floats(call, MOVES_VALUE)
    for i in range(n):
        row[i] = i
        value[i] = (a[i] + b[i]) * weight[i] + flags[i]
    return n


@pytest.mark.parametrize(
    ("names", "fact", "value"),
    [
        ({"a": "price", "b": "price", "weight": "size"}, a_trade(5, size=2, flags=TradeFlags(1)), 21),
        ({"a": "mid", "b": "bid"}, a_quote(3, 5), 28),
        ({"a": "value", "b": "value"}, a_reading(-1.5), -2),
    ],
)  # fmt: skip
def test_a_kernel_reads_the_columns_it_is_given(
    names: dict[str, str], fact: Any, value: float
) -> None:
    def make() -> Any:
        return operator(
            weighed, MOVES.renamed(**names), reads=FRAMES[type(fact)], writes=ReadingFrame
        )

    told = through(make(), [fact, fact, fact])

    assert [reading.value for reading in told] == [value] * 3
    same_on_frames(make, [fact] * 9)


def test_a_column_that_is_nowhere_and_has_no_default_is_refused() -> None:
    with pytest.raises(TypeError, match="Trade has no column a:f"):
        operator(weighed, MOVES.renamed(b="price"), reads=TradeFrame, writes=ReadingFrame)


def test_only_the_rows_asked_for_are_read() -> None:
    run = KernelRun(
        echo,
        ECHO,
        TradeFrame,
        ReadingFrame,
        (5,),
        Recipe(TradeFrame.schema, ReadingFrame.schema, ["value"]),
    )
    frame = TradeFrame.from_events([a_trade(price, size=1) for price in (1, 2, 3, 4)])

    out, reached = run.rows_of(frame, 1, 3)

    assert reached == 3
    assert [reading.value for reading in out.facts] == [2, 1003]


def test_a_row_may_be_told_in_parts() -> None:
    """A kernel that has told something of a row before it stopped there is handed that row again."""
    run = KernelRun(
        by_and_by,
        BY_AND_BY,
        TradeFrame,
        ReadingFrame,
        (),
        Recipe(TradeFrame.schema, ReadingFrame.schema, ["value"]),
    )
    frame = TradeFrame.from_events([a_trade(3)])
    told: list[float] = []
    at = calls = 0
    while at < frame.n:
        out, at = run.rows_of(frame, at)
        told += [reading.value for reading in out.facts]
        calls += 1

    assert (told, calls) == ([0, 1, 2], 3)


BY_AND_BY = Layout(reads="price:f", writes="row:i value:f", state="done:i@1", expands=True)
HOW_OFTEN, BY_ROW, BY_VALUE, DONE = BY_AND_BY.slots


def by_and_by(n: int, call: Any) -> int:
    price, row, value = floats(call, HOW_OFTEN), ints(call, BY_ROW), floats(call, BY_VALUE)
    done, stop = ints(call, DONE), ints(call, STOP)
    row[0], value[0] = 0, done[0]
    done[0] += 1
    stop[0] = 1 if done[0] >= price[0] else 0
    return 1


@pytest.mark.parametrize("names", [{"a": "mid", "b": "bid"}, {"a": "ask", "b": "bid"}])
def test_a_block_that_is_used_again_is_read_again(names: dict[str, str]) -> None:
    layout = MOVES.renamed(**names)
    recipe = Recipe(QuoteFrame.schema, ReadingFrame.schema, ["value"])
    run = KernelRun(weighed, layout, QuoteFrame, ReadingFrame, (), recipe)
    quotes, block = QuoteFrame(Names()), Block(QuoteFrame.schema.kinds, 2)
    told: list[float] = []
    for n, price in ((2, 1.0), (2, 5.0), (1, 9.0)):
        for name in ("bid", "ask"):
            block.columns[QuoteFrame.schema.index[name]][:] = price
        quotes.hold_columns(block, n)
        told += run.rows_of(quotes, 0)[0].copy().value.tolist()  # type: ignore[attr-defined]

    assert told == [2 * 3 + 7, 2 * 3 + 7, 10 * 3 + 7, 10 * 3 + 7, 18 * 3 + 7]


def test_a_lone_fact_tells_what_a_frame_of_one_row_does(run_of: Any) -> None:
    run, other = run_of(changed, CHANGED, TradeFrame), run_of(changed, CHANGED, TradeFrame)
    names = Names()
    told: list[list[int]] = []

    for fact in trades(("A", 1.0, 1.0), ("A", 1.0, 1.0), ("B", 1.0, 1.0), ("A", 3.0, 1.0)):
        frame = TradeFrame.from_events([fact], names)
        kept, out = run.lone(frame), other.rows_of(frame, 0)[0]
        told.append([each.seq for each in out.facts])
        assert told[-1] == ([] if kept is None else [each.seq for each in kept.facts])
        assert kept is None or kept is frame

    assert told == [[1], [], [3], [4]]


PLAIN = Layout(reads="symbol:i price:f", writes="value:f", state="seen:i")
P_SYMBOL, P_PRICE, P_VALUE, P_SEEN = PLAIN.slots


def counted(n: int, call: Any) -> int:
    symbol, price, value, seen = (
        ints(call, P_SYMBOL),
        floats(call, P_PRICE),
        floats(call, P_VALUE),
        ints(call, P_SEEN),
    )
    for i in range(n):
        seen[symbol[i]] += 1
        value[i] = price[i] * seen[symbol[i]]
    return n


def test_lone_facts_messages_and_columns_may_take_turns(run_of: Any) -> None:
    run = run_of(counted, PLAIN, ReadingFrame)
    names = Names()
    told: list[float] = []

    def hear(out: Frame) -> None:
        told.extend(fact.value for fact in out.facts)

    for facts in (trades(("A", 1.0, 1.0)), trades(*[("A", 1.0, 1.0)] * 3), trades(("B", 1.0, 1.0))):
        hear(
            run.lone(framed(facts, "facts", names))
            if len(facts) == 1
            else run.rows_of(framed(facts, "facts", names), 0)[0]
        )
        hear(run.rows_of(framed(facts, "columns", names), 0)[0])

    assert told == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 1.0, 2.0]


def nobody(n: int, call: Any) -> int:
    return 0


def test_a_kernel_that_tells_no_row_and_writes_too_few_is_named_for_a_lone_fact_too(
    run_of: Any,
) -> None:
    with pytest.raises(RuntimeError, match="kernel nobody wrote 0 rows for 1, and no row:i"):
        run_of(nobody, PLAIN, ReadingFrame).lone(TradeFrame.from_events(trades(("A", 1.0, 1.0))))


# more rows than are taken at once


def chained(source: Any) -> Any:
    return source.pipe(zscore_filter(4), time_bars(5), bar_ema(2))


FACTS: list[Any] = [
    a_trade(100.0 + at * 7 % 5, at=at, symbol="AB"[at % 2], provider="xyz"[at % 3], flags=flags)
    for at, flags in enumerate([TradeFlags(7), TradeFlags(1), TradeFlags(7)] * 9)
]


@pytest.mark.parametrize(
    "make",
    [
        lambda: ema(span=3),
        lambda: notional(),
        lambda: rolling_std(3),
        lambda: zscore_filter(4),
        lambda: time_bars(5),
        lambda: time_bars(5, fill=True, flush_after=0),
        lambda: tick_bars(2),
        lambda: consensus(),
        lambda: chained,
    ],
)
def test_more_rows_than_are_taken_at_once_make_no_difference(
    make: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("ordinis_rx.running", "ordinis_rx.consensus.fused"):
        monkeypatch.setattr(importlib.import_module(module), "AT_ONCE", 4)

    same_on_frames(make, FACTS, cuts=[[27], [4, 5, 9, 9], [26, 1]])


def test_no_more_memory_is_taken_for_a_long_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "AT_ONCE", 8)
    recipe = Recipe(TradeFrame.schema, ReadingFrame.schema, ("value",), {"name": "doubled"})
    layout = Layout(reads="price:f weight:f=2", writes="row:i value:f")
    price, weight, row, value = layout.slots

    def doubled(n: int, call: Any) -> int:
        for i in range(n):
            ints(call, row)[i] = i
            floats(call, value)[i] = floats(call, price)[i] * floats(call, weight)[i]
        return n

    run = KernelRun(doubled, layout, TradeFrame, ReadingFrame, (), recipe)
    frame = frame_by_column([a_trade(float(k), at=k) for k in range(1000)])
    told, rooms, at = list[tuple[float, int]](), set[int](), 0
    while at < frame.n:
        out, at = run.rows_of(frame, at)
        assert out.block is not None
        rooms.add(out.block.capacity)
        told += zip(out.value.tolist(), out.ts_event.tolist(), strict=True)

    assert told == [(2.0 * k, k) for k in range(1000)]
    assert rooms == {8}


# Kernels that are faulty: an error that names them, and no endless loop

LOST = Layout(reads="price:f", writes="row:i value:f", params="said:i", expands=True)
L_PRICE, L_ROW, L_VALUE, SAID = LOST.slots
KEPT = Layout(reads="price:f", writes="row:i value:f", params="said:i")


def stops_where_it_is_told(n: int, call: Any) -> int:
    ints(call, STOP)[0] = integer(call, SAID)
    return 0


def writes_one_and_takes_none(n: int, call: Any) -> int:
    ints(call, STOP)[0] = 0
    ints(call, L_ROW)[0] = 0
    return 1


def says_a_row(n: int, call: Any) -> int:
    for i in range(n):
        ints(call, L_ROW)[i] = integer(call, SAID)
    return n


FAULTY = [
    (stops_where_it_is_told, LOST, -3, "kernel stops_where_it_is_told wrote -3 to STOP, of 40 rows"),
    (stops_where_it_is_told, LOST, 50, "kernel stops_where_it_is_told wrote 50 to STOP, of 40 rows"),
    (writes_one_and_takes_none, LOST, 0, "kernel writes_one_and_takes_none wants more than 1048576 rows"),
    (says_a_row, KEPT, -1, "kernel says_a_row wrote row -1 at 0, of 40 rows that it was given"),
    (says_a_row, KEPT, 40, "kernel says_a_row wrote row 40 at 39, of 40 rows that it was given"),
]  # fmt: skip


@pytest.mark.parametrize(("kernel", "layout", "said", "told"), FAULTY)
def test_a_faulty_kernel_is_named(kernel: Any, layout: Layout, said: int, told: str) -> None:
    faulty = operator(kernel, layout, reads=TradeFrame, writes=ReadingFrame, params=(said,))

    with pytest.raises(RuntimeError, match=told):
        through(faulty, [a_trade(1.0 + at, at=at) for at in range(40)])


@pytest.mark.parametrize(
    ("kernel", "said", "told"),
    [
        (stops_where_it_is_told, -3, "wrote -3 to STOP, of 1 rows"),
        (writes_one_and_takes_none, 0, "wants more than 1048576 rows of output for one row"),
    ],
)
def test_a_faulty_kernel_is_named_for_a_fact_that_comes_alone(
    kernel: Any, said: int, told: str
) -> None:
    hot, errors = Hot(), list[Exception]()
    faulty = operator(kernel, LOST, reads=TradeFrame, writes=ReadingFrame, params=(said,))
    hot.stream.pipe(faulty).subscribe(on_error=errors.append)

    hot.push([a_trade(1.0)])

    assert len(errors) == 1
    assert told in str(errors[0])

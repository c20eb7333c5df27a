"""What an operator knows is saved, and taken up by another that goes on as if nothing had been."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace
from reactivex import Subject
from reactivex import operators as ops

from ordinis_rx.events import Bar
from ordinis_rx.frames import BarFrame, ReadingFrame
from ordinis_rx.kernels.record import Layout, floats, ints
from ordinis_rx.lifting import operator
from ordinis_rx.memory import OperatorMemory
from ordinis_rx.multicast import Hot
from ordinis_rx.operators import (
    PatternContext,
    SideOutput,
    breakouts,
    ichimoku,
    levels,
    patterns,
    ta,
    time_bars,
)
from ordinis_rx.operators.bar_order import BarOrder
from ordinis_rx.stream import from_events
from ordinis_rx.testing import a_bar, a_trade, same, through
from tests.candles import every_pattern, random_bars

MAKERS: dict[str, Callable[[OperatorMemory | None], Any]] = {
    "ichimoku": lambda memory: ichimoku(3, 5, 8, 4, memory=memory),
    "ichimoku, with the future": lambda memory: ichimoku(3, 5, 8, 4, future=True, memory=memory),
    "levels": lambda memory: levels(2, most=4, memory=memory),
    "breakouts": lambda memory: breakouts(1, memory=memory),
    "patterns of ours": lambda memory: patterns(["hammer", "doji", "bullish_engulfing"], memory=memory),
    "patterns of TA-Lib": lambda memory: patterns(
        ["CDLENGULFING", "CDLDOJI", "CDLMORNINGSTAR"], penetration=0.2, memory=memory
    ),
    "patterns of both": lambda memory: patterns(["CDLDOJI", "CDLENGULFING", "doji", "hammer"], memory=memory),
    "patterns, confirmed": lambda memory: patterns(
        ["CDLENGULFING", "CDLHAMMER", "bullish_engulfing", "hammer"], requires=PatternContext.CONFIRMED, memory=memory
    ),
}  # fmt: skip


def story() -> list[Any]:
    """Bars of three symbols, of which one comes late; some lack a price, and some are told again."""
    facts: list[Any] = []
    others = random_bars(150, seed=3, symbol="B"), random_bars(150, seed=4, symbol="C")
    for at, (one, other, third) in enumerate(zip(every_pattern(), *others, strict=False)):
        facts += [one, other] if at < 70 else [third, one, other]
        if at % 7 == 3:
            facts.append(replace(one, close=one.close + 1, high=one.high + 3, revision=1))
        if at % 11 == 5:
            facts.append(replace(other, close=math.nan))
    return [replace(fact, seq=seq) for seq, fact in enumerate(facts, 1)]


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("cut", [0, 1, 8, 160, 276])
def test_an_operator_goes_on_as_if_it_had_never_stopped(name: str, cut: int) -> None:
    make, facts = MAKERS[name], story()[:340]
    memory = OperatorMemory()

    before = through(make(memory), facts[:cut])
    again = OperatorMemory(memory.save())
    # The symbols come in another order, so that they have other numbers.
    rest = sorted(facts[cut:], key=lambda fact: (fact.seq // 3, fact.symbol == "A"))
    after = through(make(again), [replace(fact, seq=0) for fact in rest])

    straight = through(make(None), [replace(fact, seq=0) for fact in [*facts[:cut], *rest]])
    unnumbered = [replace(told, seq=0) for told in (*before, *after)]
    assert straight
    assert same(unnumbered, [replace(told, seq=0) for told in straight])
    assert OperatorMemory(again.save()).save() == again.save()


@pytest.mark.parametrize("name", MAKERS)
def test_a_bar_told_again_after_the_cut_replaces_the_last_one_before_it(name: str) -> None:
    make, bars = MAKERS[name], every_pattern()[:100]
    last = bars[-1]
    revised = replace(last, close=last.low, revision=1)
    memory = OperatorMemory()

    told = [*through(make(memory), bars), *through(make(OperatorMemory(memory.save())), [revised])]

    straight = through(make(None), [*bars, revised])
    assert same(
        [replace(fact, seq=0) for fact in told], [replace(fact, seq=0) for fact in straight]
    )
    stale = replace(last, revision=0, ts_event=last.ts_event - 1)
    assert through(make(OperatorMemory(memory.save())), [stale]) == []


def test_what_is_saved_is_the_state_of_that_moment() -> None:
    memory, bars = OperatorMemory(), random_bars(40, seed=1)
    source: Subject[Any] = Subject()
    source.pipe(ichimoku(2, 3, 4, 2, memory=memory)).subscribe()
    saved: list[bytes] = []
    for bar in bars:
        source.on_next(bar)
        saved.append(memory.save())

    for at in (0, 10, 38):
        rest = through(ichimoku(2, 3, 4, 2, memory=OperatorMemory(saved[at])), bars[at + 1 :])
        wanted = through(ichimoku(2, 3, 4, 2), bars)[at + 1 :]
        assert same([replace(r, seq=0) for r in rest], [replace(w, seq=0) for w in wanted])


@pytest.mark.parametrize("name", [*MAKERS, "indicators", "patterns, skipped"])
@pytest.mark.parametrize("rows", [1, 1000])
def test_what_is_saved_amid_a_frame_knows_nothing_of_the_rows_after_it(
    name: str, rows: int
) -> None:
    make = {
        **MAKERS,
        "indicators": lambda memory: ta("SMA", timeperiod=3, memory=memory),
        "patterns, skipped": lambda memory: patterns(memory=memory, skipped=SideOutput[Bar]()),
    }[name]
    bars = [replace(bar, seq=seq) for seq, bar in enumerate(every_pattern(), 1)]
    memory, heard = OperatorMemory(), list[Any]()
    saved: list[bytes] = []

    def hear(fact: Any) -> None:
        if not saved or fact.seq == heard[-1].seq:  # one bar may tell several facts
            heard.append(fact)
            if len(heard) >= 5:
                saved[:] = [memory.save()]

    from_events(bars, rows=rows).pipe(make(memory)).subscribe(hear)
    rest = [bar for bar in bars if bar.seq > heard[-1].seq]
    again = from_events(rest, rows=rows).pipe(make(OperatorMemory(saved[0])))
    again.subscribe(heard.append)

    whole: list[Any] = []
    from_events(bars, rows=rows).pipe(make(None)).subscribe(whole.append)
    assert same(heard, whole)


def test_of_the_bars_that_one_fact_has_ended_only_those_are_known_that_were_heard() -> None:
    trades = [
        a_trade(n, at=10 * n + k, symbol=symbol) for n in range(4) for k, symbol in enumerate("AB")
    ]
    memory, heard = OperatorMemory(), list[Any]()
    saved: list[bytes] = []

    def hear(reading: Any) -> None:
        heard.append(reading)
        saved.append(memory.save())

    from_events(trades).pipe(time_bars(10), ta("SMA", timeperiod=2, memory=memory)).subscribe(hear)

    assert [(reading.symbol, reading.ts_event) for reading in heard[:2]] == [("A", 20), ("B", 20)]
    bar = a_bar(7, at=30, symbol="B")
    told = [through(ta("SMA", timeperiod=2, memory=OperatorMemory(at)), [bar]) for at in saved[:2]]
    assert [reading.value for (reading,) in told] == [3.5, 4.0]


@pytest.mark.parametrize("rows", [1, 1000])
def test_who_has_left_amid_a_frame_may_save_what_was_known_then(rows: int) -> None:
    bars = [a_bar(n, at=n) for n in range(1, 9)]
    memory = OperatorMemory()
    stream = from_events(bars, rows=rows).pipe(ta("SMA", timeperiod=2, memory=memory))
    stream.pipe(ops.take(3)).subscribe()

    again = ta("SMA", timeperiod=2, memory=OperatorMemory(memory.save()))
    assert [reading.value for reading in through(again, bars[4:6])] == [4.5, 5.5]


def test_other_branches_are_as_far_as_the_row_that_is_heard() -> None:
    hot, memory, saved = Hot(), OperatorMemory(), list[bytes]()
    hot.stream.pipe(ta("SMA", timeperiod=2, memory=memory)).subscribe()
    hot.stream.subscribe(lambda bar: saved.append(memory.save()))

    hot.push([a_bar(n, at=n, seq=n) for n in range(1, 9)])

    for n, at in enumerate(saved[:-1], 1):
        again = ta("SMA", timeperiod=2, memory=OperatorMemory(at))
        (reading,) = through(again, [a_bar(n + 1, at=n + 1)])
        assert reading.value == n + 0.5


def test_a_kernel_remembers_live_in_frames_and_what_it_knows_in_all() -> None:
    layout = Layout(reads="symbol:i close:f", writes="value:f", state="seen:f all:f@1")
    symbol, close, value, seen, everything = layout.slots

    def totals(n: int, call: Any) -> int:
        codes, numbers, told = ints(call, symbol), floats(call, close), floats(call, value)
        mine, all_of_it = floats(call, seen), floats(call, everything)
        for i in range(n):
            mine[codes[i]] += numbers[i]
            all_of_it[0] += numbers[i]
            told[i] = mine[codes[i]] + 1000.0 * all_of_it[0]
        return n

    def make(memory: OperatorMemory) -> Any:
        return operator(
            totals, layout, reads=BarFrame, writes=ReadingFrame, constants={"name": "t"}, memory=memory
        )  # fmt: skip

    memory, heard = OperatorMemory(), list[float]()
    from_events([a_bar(1, at=1), a_bar(2, at=2, symbol="B")]).pipe(make(memory)).subscribe(
        lambda reading: heard.append(reading.value)
    )
    again, hot = OperatorMemory(memory.save()), Hot()
    hot.stream.pipe(make(again)).subscribe(lambda reading: heard.append(reading.value))
    hot.push([a_bar(4, at=3, symbol="B", seq=1)])
    hot.push([a_bar(8, at=4, symbol="A", seq=2), a_bar(16, at=5, symbol="C", seq=3)])

    assert heard == [1001.0, 3002.0, 7006.0, 15009.0, 31016.0]
    assert repr(again) == "OperatorMemory(totals of Bar close)"


def test_a_memory_that_was_never_used_has_nothing_to_save() -> None:
    with pytest.raises(ValueError, match="nothing to save: no operator has been subscribed to"):
        OperatorMemory().save()


def test_what_is_no_checkpoint_is_refused() -> None:
    with pytest.raises(ValueError, match="not a checkpoint of an operator"):
        OperatorMemory(b"ichimoku")
    with pytest.raises(TypeError, match="OperatorMemory: saved must be bytes, as save"):
        OperatorMemory("a file")  # type: ignore[arg-type]


def test_a_checkpoint_whose_bytes_have_changed_is_refused_whichever_they_are() -> None:
    memory = OperatorMemory()
    through(ta("SMA", timeperiod=3, memory=memory), random_bars(5, seed=1))
    saved = memory.save()

    spoiled = [saved[:at] + bytes([saved[at] ^ 0x15]) + saved[at + 1 :] for at in range(len(saved))]
    for each in [*spoiled, *(saved[:at] for at in range(len(saved))), saved + b"0"]:
        with pytest.raises(ValueError, match="checkpoint"):
            OperatorMemory(each)


def test_a_checkpoint_of_another_version_is_refused_as_such() -> None:
    memory = OperatorMemory()
    through(ta("SMA", timeperiod=3, memory=memory), random_bars(5, seed=1))
    saved = memory.save().replace(b"ordinis-rx memory\x01", b"ordinis-rx memory\x02")

    with pytest.raises(ValueError, match="the checkpoint has version 2, and 1 is read here"):
        OperatorMemory(saved)


@pytest.mark.parametrize(
    ("of", "other", "told"),
    [
        ("ichimoku", ichimoku, "the checkpoint is of ichimoku tenkan_bars=3 .*, not of ichimoku tenkan_bars=9"),
        ("levels", ichimoku, "the checkpoint is of levels window=2 .*, not of ichimoku"),
        ("patterns of TA-Lib", lambda memory: patterns(["CDLDOJI"], memory=memory), "is of .*CDLMORNINGSTAR:0.2 trend=10"),
    ],
)  # fmt: skip
def test_a_checkpoint_of_something_else_ends_the_stream(of: str, other: Any, told: str) -> None:
    memory = OperatorMemory()
    through(MAKERS[of](memory), random_bars(20, seed=1))

    with pytest.raises(ValueError, match=told):
        through(other(memory=OperatorMemory(memory.save())), random_bars(5, seed=1))


@pytest.mark.parametrize("name", MAKERS)
def test_a_symbol_that_has_had_no_bar_that_counts_is_no_obstacle(name: str) -> None:
    facts = [a_bar(math.nan, at=1, symbol="B"), a_bar(5.0, at=1, symbol="A")]
    memory = OperatorMemory()

    before = through(MAKERS[name](memory), facts)
    after = through(MAKERS[name](OperatorMemory(memory.save())), story()[:100])

    straight = through(MAKERS[name](None), [*facts, *story()[:100]])
    assert len(straight) > 1
    assert same(
        [replace(told, seq=0) for told in (*before, *after)],
        [replace(told, seq=0) for told in straight],
    )


SKIPPING: dict[str, Callable[[OperatorMemory | None, SideOutput[Bar]], Any]] = {
    "ichimoku": lambda memory, skipped: ichimoku(3, 5, 8, 4, memory=memory, skipped=skipped),
    "levels": lambda memory, skipped: levels(2, memory=memory, skipped=skipped),
    "breakouts": lambda memory, skipped: breakouts(1, memory=memory, skipped=skipped),
    "patterns of ours": lambda memory, skipped: patterns(["doji"], memory=memory, skipped=skipped),
    "patterns of both": lambda memory, skipped: patterns(
        ["doji", "CDLDOJI"], memory=memory, skipped=skipped
    ),
    "indicators": lambda memory, skipped: ta("SMA", memory=memory, skipped=skipped),
}


@pytest.mark.parametrize("name", SKIPPING)
def test_what_is_left_out_is_told_as_if_it_had_never_stopped(name: str) -> None:
    bars = [a_bar(5.0, at=at, seq=seq) for seq, at in enumerate((2, 1, 3, 1, 2, 4, 4), 1)]

    def left_out(cut: int) -> list[int]:
        told: list[Bar] = []
        skipped, memory = SideOutput[Bar](), OperatorMemory()
        skipped.subscribe(told.append)
        through(SKIPPING[name](memory, skipped), bars[:cut])
        through(SKIPPING[name](OperatorMemory(memory.save()), skipped), bars[cut:])
        return [bar.seq for bar in told]

    assert [left_out(cut) for cut in range(len(bars) + 1)] == [[2, 4, 5]] * (len(bars) + 1)


def test_a_checkpoint_without_a_side_output_is_taken_up_with_one() -> None:
    memory, skipped = OperatorMemory(), SideOutput[Bar]()
    through(levels(2, memory=memory), [a_bar(5.0, at=2)])

    through(levels(2, memory=OperatorMemory(memory.save()), skipped=skipped), [a_bar(5.0, at=1)])

    assert skipped.told == 0


def test_last_bars_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="not a checkpoint of last bars"):
        BarOrder().take_up(b"\xc1")

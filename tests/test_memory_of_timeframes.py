"""Bars of several timeframes that are not over yet outlive a program that stops, and so do the averages of their closes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from reactivex import operators as ops

from ordinis_rx.events import Event
from ordinis_rx.memory import OperatorMemory
from ordinis_rx.multicast import Hot
from ordinis_rx.operators import TimeframeBars, agreement, timeframes
from ordinis_rx.stream import from_events
from ordinis_rx.testing import a_bar, a_quote, a_trade, same, through
from ordinis_rx.timebase import HOUR, MINUTE, SECOND

Make = Callable[[OperatorMemory | None], Any]

MAKERS: dict[str, Make] = {
    "of trades": lambda memory: timeframes("1m", "3m", of="trade", partial="tell", lateness=20 * SECOND, memory=memory),
    "of quotes": lambda memory: timeframes("1m", "5m", of="mid", partial="tell", forming=True, memory=memory),
    "of bars": lambda memory: timeframes("1m", "2m", "4m", of="bar", forming=True, memory=memory),
    "of shorter bars": lambda memory: timeframes("2m", "4m", of="bar", memory=memory),
}  # fmt: skip


def heard(
    make: Make, facts: Sequence[Event], memory: OperatorMemory | None, *, whole: bool
) -> list[Any]:
    """What the operator tells of *facts*, pushed one by one; with the end of the stream where it is the *whole*."""
    told: list[Any] = []
    source: Hot[Event] = Hot()
    source.stream.pipe(make(memory)).subscribe(told.append)
    for fact in facts:
        source.push([fact])
    if whole:
        source.complete()
    return [without_seq(row) for row in told]


def without_seq(row: TimeframeBars) -> TimeframeBars:
    """The second run counts its facts anew."""

    def bare(bars: Any) -> Any:
        return tuple(bar and replace(bar, seq=0) for bar in bars)

    return replace(
        row,
        seq=0,
        closed=bare(row.closed),
        unfinished=bare(row.unfinished),
        since=tuple(map(bare, row.since)),
    )


symbols = st.sampled_from("AB")
minutes, prices = st.integers(1, 12), st.sampled_from([10.0, 10.5, 11.0, 40.0, math.nan])
facts = st.one_of(
    st.builds(lambda p, t, s: a_trade(p, at=t * 20 * SECOND, symbol=s), prices, st.integers(0, 36), symbols),
    st.builds(lambda p, t, s: a_quote(p, p + 1, at=t * 20 * SECOND, symbol=s), prices, st.integers(0, 36), symbols),
    st.builds(
        lambda p, n, s, again: a_bar(p, at=n * MINUTE, interval=MINUTE, symbol=s, revision=again),
        prices, minutes, symbols, st.integers(0, 2),
    ),
)  # fmt: skip
stories = st.lists(facts, min_size=4, max_size=40).map(
    lambda told: sorted(told, key=lambda fact: fact.ts_event // (2 * MINUTE))
)


@pytest.mark.parametrize("name", MAKERS)
@settings(max_examples=20)
@given(stories, st.data())
def test_rows_go_on_as_if_the_program_had_never_stopped(
    name: str, story: list[Event], data: st.DataObject
) -> None:
    make = MAKERS[name]
    cut = data.draw(st.integers(0, len(story)))
    # The end of a stream tells open bars where the run has heard of anything.
    end = 13 * MINUTE
    story += [a_trade(11, at=end), a_quote(11, 12, at=end), a_bar(11, at=end, interval=MINUTE)]
    memory = OperatorMemory()

    before = heard(make, story[:cut], memory, whole=False)
    after = heard(make, story[cut:], OperatorMemory(memory.save()), whole=True)

    assert same(before + after, heard(make, story, None, whole=True))


def test_an_hour_in_whose_middle_the_program_stopped_is_told_whole() -> None:
    bars = [a_bar(100 + n, at=n * MINUTE, interval=MINUTE) for n in range(1, 61)]
    memory = OperatorMemory()
    hours = lambda memory: timeframes("1m", "1h", of="bar", memory=memory)  # noqa: E731

    through(hours(memory), bars[:30])
    (*_, last) = through(hours(OperatorMemory(memory.save())), bars[30:])
    (*_, alone) = through(hours(None), bars[30:])

    assert (last.of("1h").open, last.of("1h").close, last.of("1h").ts_event) == (101, 160, HOUR)
    assert alone.of("1h").open == 131


def test_an_hour_is_told_whole_where_the_stream_of_trades_had_ended_in_its_middle() -> None:
    trades = [a_trade(100 + n % 7, at=n * 10 * SECOND) for n in range(400)]
    hours = lambda memory: timeframes("1m", "1h", of="trade", memory=memory)  # noqa: E731
    memory = OperatorMemory()

    first = through(hours(memory), trades[:181])
    rest = through(hours(OperatorMemory(memory.save())), trades[181:])

    rows = list(map(without_seq, through(timeframes("1m", "1h", partial="drop"), trades)))
    assert same(list(map(without_seq, first + rest)), rows)
    assert rows[-1].of("1h").volume == 360.0


def test_what_is_saved_amid_a_frame_knows_nothing_of_the_rows_after_it() -> None:
    trades = [a_trade(100 + n, at=n * 30 * SECOND) for n in range(40)]
    memory, saved = OperatorMemory(), list[bytes]()
    rows = timeframes("1m", "5m", of="trade", memory=memory)
    told: list[Any] = []

    def save(row: TimeframeBars) -> None:
        told.append(row)
        saved.append(memory.save())

    from_events(trades, rows=40).pipe(rows, ops.take(12)).subscribe(save)

    straight = through(timeframes("1m", "5m", of="trade"), trades)
    # The trade that ended a row is in what was saved with it.
    for n, known in enumerate(saved, 1):
        again = timeframes("1m", "5m", of="trade", partial="tell", memory=OperatorMemory(known))
        rest = through(again, trades[2 * n + 1 :])
        assert same(list(map(without_seq, rest)), list(map(without_seq, straight[n:])))


# averages of the closes


@pytest.mark.parametrize("cut", [0, 1, 7, 18, 40])
def test_averages_go_on_as_if_the_program_had_never_stopped(cut: int) -> None:
    bars = [
        a_bar(100 + n % 5 - n % 3, at=n // 2 * MINUTE, interval=MINUTE, symbol="AB"[n % 2])
        for n in range(2, 100)
    ]
    rows = through(timeframes("1m", "3m", of="bar"), bars)
    rows.insert(19, replace(rows[18], revision=1))
    memory = OperatorMemory()

    before = through(agreement((2, 3), memory=memory), rows[:cut])
    after = through(agreement((2, 3), memory=OperatorMemory(memory.save())), rows[cut:])

    straight = through(agreement((2, 3)), rows)
    bare = [[replace(answer, seq=0) for answer in told] for told in (before + after, straight)]
    assert same(*bare)


def test_rows_of_other_timeframes_than_before_are_refused_by_name() -> None:
    bars = [a_bar(100, at=n * MINUTE, interval=MINUTE) for n in range(1, 5)]
    memory = OperatorMemory()
    through(agreement((2,), memory=memory), through(timeframes("1m", "2m"), bars))
    again = agreement((2,), memory=OperatorMemory(memory.save()))

    with pytest.raises(ValueError, match="agreement: rows of A were of 1m 2m, now 1m 3m"):
        through(again, through(timeframes("1m", "3m"), bars))


# what does not belong together


def test_a_memory_wants_to_know_what_rows_are_made_of() -> None:
    with pytest.raises(ValueError, match="timeframes: memory wants of='trade', of='bar'"):
        timeframes("1m", memory=OperatorMemory())
    with pytest.raises(TypeError, match="timeframes: memory must be an OperatorMemory"):
        timeframes("1m", of="bar", memory=b"saved")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="agreement: memory must be an OperatorMemory"):
        agreement(memory=b"saved")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "other",
    [
        lambda memory: timeframes("1m", "5m", of="trade", memory=memory),
        lambda memory: timeframes("1m", "3m", of="trade", forming=True, memory=memory),
        lambda memory: timeframes("1m", "3m", of="mid", memory=memory),
        lambda memory: timeframes("1m", "3m", of="trade", lateness=SECOND, memory=memory),
        lambda memory: timeframes("1m", "3m", of="bar", forming=True, memory=memory),
    ],
)
def test_a_checkpoint_of_other_timeframes_is_refused(other: Make) -> None:
    memory = OperatorMemory()
    make: Make = lambda memory: timeframes("1m", "3m", of="trade", memory=memory)  # noqa: E731
    heard(make, [a_trade(1)], memory, whole=False)
    saved = OperatorMemory(memory.save())

    with pytest.raises(ValueError, match=r"the checkpoint is of timeframes 1m 3m, .* not of"):
        heard(other, [a_trade(1)], saved, whole=False)

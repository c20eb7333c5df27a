"""Kernels in lanes: a fact that comes alone meets the same kernel as one in a message."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from ordinis_rx import operators as oo
from ordinis_rx.events import Trade
from ordinis_rx.frames import ReadingFrame, TradeFrame
from ordinis_rx.kernels.compiled import uncompiled
from ordinis_rx.kernels.record import ROOM, STOP, Layout, floats, integer, ints
from ordinis_rx.lifting import operator
from ordinis_rx.multicast import Hot
from ordinis_rx.operators.cloud_facts import IchimokuCloud
from ordinis_rx.stream import flow_of
from ordinis_rx.testing import a_bar, a_trade
from ordinis_rx.testing.identity import difference
from ordinis_rx.timebase import SECOND


def a_row(price: float, seq: int = 1, symbol: str = "A") -> Trade:
    return a_trade(price, symbol=symbol, seq=seq)


REPEAT = Layout(reads="price:f", writes="row:i value:f", params="times:i", expands=True)
R_PRICE, R_ROW, R_VALUE, TIMES = REPEAT.slots


def repeat(n: int, call: Any) -> int:
    price, row, value = floats(call, R_PRICE), ints(call, R_ROW), floats(call, R_VALUE)
    times, room, stop = integer(call, TIMES), integer(call, ROOM), ints(call, STOP)
    written = 0
    for i in range(n):
        if written + times > room:
            stop[0] = i
            return written
        for k in range(times):
            row[written] = i
            value[written] = price[i] + k
            written += 1
    return written


PLAIN = Layout(reads="price:f", writes="value:f")


def too_many(n: int, _: Any) -> int:
    return n + 1


def broken(_: int, __: Any) -> int:
    raise ArithmeticError("no number")


# The same as in messages


@pytest.mark.parametrize("running", [contextlib.nullcontext, uncompiled])
def test_facts_alone_and_in_messages_meet_the_same_state(running: Any) -> None:
    facts = [a_row(float(k % 7), k + 1, "AB"[k % 2]) for k in range(40)]

    def heard(lengths: list[int]) -> list[Any]:
        hot, told = Hot(), list[Any]()
        hot.stream.pipe(oo.rolling_mean(3), oo.ema(span=3, of="value")).subscribe(told.append)
        at = 0
        for length in lengths:
            hot.push(facts[at : at + length])
            at += length
        return told

    with running():
        alone, mixed, whole = heard([1] * 40), heard([1, 5, 1, 1, 12, 1, 19]), heard([40])

    assert len(whole) == 36
    assert alone == mixed == whole


def test_one_fact_that_becomes_many_is_told_whole_though_there_was_no_room() -> None:
    hot, told = Hot(), list[float]()
    many = operator(
        repeat, REPEAT, reads=TradeFrame, writes=ReadingFrame, params=(5,), constants={"name": "r"}
    )
    hot.stream.pipe(many).subscribe(lambda reading: told.append(reading.value))
    hot.push([a_row(10.0)])
    hot.push([a_row(20.0, 2)])

    assert told == [10, 11, 12, 13, 14, 20, 21, 22, 23, 24]


class Ear:
    """Takes frames, and nothing else."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def on_item(self, item: Any) -> None:
        self.heard += item.facts

    def on_error(self, error: Exception) -> None:
        self.heard.append(type(error))

    def on_completed(self) -> None: ...

    def exits(self, found: set[int]) -> None:
        found.add(id(self))


@pytest.mark.parametrize(
    "step", [oo.rolling_mean(2), oo.zscore_filter(2), oo.tick_bars(2), oo.time_bars(2)]
)
def test_who_takes_frames_hears_what_a_subscriber_hears(step: Any) -> None:
    told: list[Any] = []
    hot, ear = Hot(), Ear()
    stream = hot.stream.pipe(step)
    stream.subscribe(told.append, lambda error: told.append(type(error)))
    flow_of(stream, ear)
    wrong: Any = "dear"
    for k, price in enumerate((1.0, 4.0, 2.0, wrong, 3.0)):
        hot.push([Trade(symbol="A", ts_event=2 * k, seq=k + 1, price=price, size=1.0)])

    assert len(told) > 1
    assert told[-1] is TypeError
    assert ear.heard == told


def test_a_fact_of_more_fields_than_one_call_takes_is_whole() -> None:
    bars = [a_bar(10.0 + k % 7, at=k, seq=k + 1) for k in range(90)]

    def heard(rows: int) -> list[IchimokuCloud]:
        hot, told = Hot(), list[IchimokuCloud]()
        hot.stream.pipe(oo.ichimoku()).subscribe(told.append)
        for at in range(0, len(bars), rows):
            hot.push(bars[at : at + rows])
        return told

    alone = heard(1)
    assert not difference(heard(30), alone)
    assert alone[-1].position is not alone[0].position


# What goes wrong


@pytest.mark.parametrize("running", [contextlib.nullcontext, uncompiled])
@pytest.mark.parametrize(
    ("kernel", "error"), [(broken, "no number"), (too_many, "wrote 2 rows, with room for 1")]
)
def test_a_kernel_that_fails_ends_its_own_stream_alone(
    kernel: Any, error: str, running: Any
) -> None:
    hot, told, other = Hot(), list[str](), list[int]()
    lifted = operator(kernel, PLAIN, reads=TradeFrame, writes=ReadingFrame, constants={"name": "x"})
    with running():
        hot.stream.pipe(lifted).subscribe(print, lambda raised: told.append(str(raised)))
    hot.stream.subscribe(lambda fact: other.append(fact.seq))
    hot.push([a_row(9.0)])
    hot.push([a_row(9.0, 2)])

    assert [error in told[0], len(told), other] == [True, 1, [1, 2]]


COUNTED = Layout(reads="price:f", writes="value:f", state="count:i@1")
C_PRICE, C_VALUE, C_COUNT = COUNTED.slots


def broken_later(n: int, call: Any) -> int:
    price, value, count = floats(call, C_PRICE), floats(call, C_VALUE), ints(call, C_COUNT)
    for i in range(n):
        count[0] += 1
        if count[0] == 3:
            raise ArithmeticError("the third")
        value[i] = price[i]
    return n


def steps_nowhere_later(n: int, call: Any) -> int:
    price, value, count = floats(call, C_PRICE), floats(call, C_VALUE), ints(call, C_COUNT)
    for i in range(n):
        count[0] += 1
        for _ in range(0, 1, 3 - count[0]):
            value[i] = 0.0
        value[i] = price[i]
    return n


def steps_nowhere_for_ever(n: int, call: Any) -> int:
    price, value, count = floats(call, C_PRICE), floats(call, C_VALUE), ints(call, C_COUNT)
    for i in range(n):
        count[0] = min(count[0] + 1, 3)
        for _ in range(0, 1, 3 - count[0]):
            value[i] = 0.0
        value[i] = price[i]
    return n


@pytest.mark.parametrize("running", [contextlib.nullcontext, uncompiled])
@pytest.mark.parametrize("kernel", [broken_later, steps_nowhere_later, steps_nowhere_for_ever])
def test_what_a_kernel_raises_is_told(kernel: Any, running: Any) -> None:
    hot, told, errors = Hot(), list[float](), list[str]()
    step = operator(kernel, COUNTED, reads=TradeFrame, writes=ReadingFrame, constants={"name": "x"})
    with running():
        hot.stream.pipe(step).subscribe(
            lambda reading: told.append(reading.value), lambda error: errors.append(str(error))
        )
    for seq in range(1, 6):
        hot.push([a_row(float(seq), seq)])

    assert told == [1.0, 2.0]
    assert len(errors) == 1
    if kernel is broken_later:
        assert errors == ["the third"]
    elif kernel is steps_nowhere_for_ever or running is uncompiled:
        assert "must not be zero" in errors[0]
    else:
        assert errors == ["kernel steps_nowhere_later raised an error, but not a second time"]


LARGE = Layout(reads="price:f", writes="value:f", state="total:f*20000")
L_PRICE, L_VALUE, L_TOTAL = LARGE.slots


def adds_up(n: int, call: Any) -> int:
    price, value, total = floats(call, L_PRICE), floats(call, L_VALUE), floats(call, L_TOTAL)
    for i in range(n):
        total[19_999] += price[i]
        value[i] = total[19_999]
    return n


def test_a_kernel_that_asks_for_no_symbol_has_state_of_the_symbols_that_there_are() -> None:
    hot, told = Hot(), list[float]()
    step = operator(adds_up, LARGE, reads=TradeFrame, writes=ReadingFrame, constants={"name": "x"})
    hot.stream.pipe(oo.zscore_filter(5), step).subscribe(lambda reading: told.append(reading.value))
    for seq in range(1, 4):
        hot.push([a_row(2.0, seq)])

    assert told == [2.0, 4.0, 6.0]


@pytest.mark.parametrize("operator", [oo.notional(), oo.time_bars(SECOND)])
def test_a_field_that_fits_no_column_is_named(operator: Any) -> None:
    hot, told = Hot(), list[Exception]()
    hot.stream.pipe(operator).subscribe(print, told.append)
    hot.push([Trade(symbol="A", ts_event=1, seq=1, price="nine", size=1.0)])  # type: ignore[arg-type]

    assert "price cannot be 'nine'" in str(told[0])

"""Rules know what held when the program stopped: one that holds already is not told again, a crossing is not missed."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from ordinis_rx.events import Bar
from ordinis_rx.memory import OperatorMemory
from ordinis_rx.operators import col, highest, rule, score, signals, vote, where, zscores
from ordinis_rx.stream import from_events
from ordinis_rx.testing import a_bar, same, through
from tests.candles import random_bars

close, low, high = col("close"), col("low"), col("high")

MAKERS: dict[str, Callable[[OperatorMemory | None], Any]] = {
    "signals": lambda memory: signals(
        rule("up", close.rising(2), strength=vote(close.rising(), close > low)),
        rule("recent", (close < high - 1).within_last(3) & ~(low > 0)),
        bullish=close.crosses_above(col("vwap")),
        memory=memory,
    ),
    "signals, repeated": lambda memory: signals(bearish=close.falling(2), repeat=True, memory=memory),
    "score": lambda memory: score(zscores("close", "high", window=4) + highest("low", 1.0), memory=memory),
    "where": lambda memory: where(close.crosses_below("vwap") | close.rising(3), memory=memory),
}  # fmt: skip


def story() -> list[Bar]:
    """Bars of two symbols about a level; some lack a price, and some are told again."""
    told: list[Bar] = []
    for one, other in zip(
        random_bars(60, seed=3), random_bars(60, seed=4, symbol="B"), strict=True
    ):
        told += [replace(one, vwap=one.open), replace(other, vwap=other.high - 1)]
        if len(told) % 7 < 2:
            told.append(replace(told[-2], close=told[-2].high, revision=1))
        if len(told) % 11 == 5:
            told.append(replace(told[-1], close=math.nan, revision=2))
    return [replace(bar, seq=seq) for seq, bar in enumerate(told, 1)]


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("cut", [0, 1, 3, 22, 23, 24, 90])
def test_rules_go_on_as_if_they_had_never_stopped(name: str, cut: int) -> None:
    make, bars = MAKERS[name], story()
    memory = OperatorMemory()

    before = through(make(memory), bars[:cut])
    after = through(make(OperatorMemory(memory.save())), bars[cut:])

    straight = through(make(None), bars)
    assert len(straight) > 10
    assert same(before + after, straight)


def test_a_rule_that_holds_already_is_told_once() -> None:
    bars = [a_bar(close, at=at) for at, close in enumerate((11, 12, 13))]
    memory = OperatorMemory()

    first = through(signals(bullish=close > 10, memory=memory), bars[:1])
    again = OperatorMemory(memory.save())

    assert len(first) == 1
    assert through(signals(bullish=close > 10, memory=again), bars[1:]) == []


def test_what_is_saved_amid_a_frame_knows_nothing_of_the_rows_after_it() -> None:
    bars = [a_bar(close, at=at) for at, close in enumerate((9, 11, 9, 11, 9))]
    memory, saved = OperatorMemory(), list[bytes]()
    crossings = signals(bullish=close.crosses_above(10), memory=memory)

    from_events(bars, rows=5).pipe(crossings).subscribe(lambda _: saved.append(memory.save()))

    for at, known in zip((2, 4), saved, strict=True):
        other = OperatorMemory()
        through(signals(bullish=close.crosses_above(10), memory=other), bars[:at])
        assert other.save() == known


def test_what_other_rules_have_saved_is_refused() -> None:
    memory = OperatorMemory()
    through(signals(bullish=close > 10, memory=memory), [a_bar(11)])
    saved = memory.save()

    for other in (signals(bullish=close > 11, memory=OperatorMemory(saved)),
                  where(close > 10, memory=OperatorMemory(saved))):  # fmt: skip
        with pytest.raises(
            ValueError, match="the checkpoint is of signals bullish: close > 10 by 1"
        ):
            through(other, [a_bar(11)])
    with pytest.raises(TypeError, match="score: memory must be an OperatorMemory"):
        score("close", memory=saved)  # type: ignore[arg-type]

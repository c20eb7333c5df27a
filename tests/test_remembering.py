"""What is saved while a fact is heard is as of that fact for all operators, though one fact may cause several others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from msgspec.structs import replace
from reactivex import Observable

from ordinis_rx.events import Heartbeat
from ordinis_rx.memory import OperatorMemory
from ordinis_rx.multicast import Hot
from ordinis_rx.operators import (
    col,
    ema,
    hampel_filter,
    patterns,
    resample,
    rule,
    score,
    signals,
    time_bars,
)
from ordinis_rx.operators.candlesticks.names import NATIVE_PATTERNS
from ordinis_rx.stream import from_events
from ordinis_rx.testing import a_trade, same
from tests.candles import every_pattern

Chain = Callable[[Callable[[], OperatorMemory]], list[Callable[[Observable[Any]], Observable[Any]]]]

CHAINS: dict[str, Chain] = {
    "bars": lambda memory: [
        time_bars(10, partial="drop", fill=True, memory=memory()),
        resample(20, partial="drop", memory=memory()),
        ema(span=3, of="close", memory=memory()),
    ],
    "bars, after a silence": lambda memory: [
        hampel_filter(3, memory=memory()),
        time_bars(10, partial="drop", fill=True, flush_after=3, memory=memory()),
        ema(span=3, of="close", memory=memory()),
    ],
    "rules": lambda memory: [
        time_bars(10, partial="drop", memory=memory()),
        signals(
            rule("rising", col("close").rising()), rule("any", col("close") > 0), repeat=True, memory=memory()
        ),
        score(col("strength"), memory=memory()),
    ],
    "patterns": lambda memory: [
        patterns(NATIVE_PATTERNS, memory=memory()),
        score(col("strength"), memory=memory()),
    ],
    "patterns of TA-Lib": lambda memory: [
        patterns(["CDLDOJI", "CDLENGULFING", "CDLHAMMER", "doji"], memory=memory()),
        score(col("strength"), memory=memory()),
    ],
}  # fmt: skip

TRADES = [
    a_trade(n * 10 + k * (-1) ** n, at=10 * n + k, symbol=symbol, seq=3 * n + k + 1)
    for n in range(9)
    for k, symbol in enumerate("ABC")
]
SILENCE = [
    replace(fact, seq=seq)
    for seq, fact in enumerate(
        (
            *TRADES[:5], Heartbeat(ts_event=95), a_trade(7, at=96), a_trade(8, at=95, symbol="B"),
            a_trade(9, at=170, symbol="B"), Heartbeat(ts_event=300), a_trade(10, at=301),
        ),
        1,
    )
]  # fmt: skip
BARS = [replace(bar, seq=seq) for seq, bar in enumerate(every_pattern()[:60], 1)]


def in_frames(facts: Sequence[Any], operators: Sequence[Any], tell: Callable[[Any], None]) -> None:
    from_events(facts).pipe(*operators).subscribe(tell)


def live(facts: Sequence[Any], operators: Sequence[Any], tell: Callable[[Any], None]) -> None:
    hot = Hot()
    hot.stream.pipe(*operators).subscribe(tell)
    for fact in facts:
        hot.push([fact])


@pytest.mark.parametrize("name", CHAINS)
@pytest.mark.parametrize("run", [in_frames, live])
def test_whatever_is_heard_when_it_is_saved_nothing_is_told_twice_or_lost(
    name: str, run: Callable[..., None]
) -> None:
    facts: list[Any] = {"bars": TRADES, "rules": TRADES, "bars, after a silence": SILENCE}.get(
        name, BARS
    )
    whole: list[Any] = []
    run(facts, CHAINS[name](OperatorMemory), whole.append)
    assert len(whole) > len({fact.seq for fact in whole}) > 2

    def saved_at(heard: list[Any], wanted: int) -> list[bytes]:
        memories: list[OperatorMemory] = []
        saved: list[bytes] = []

        def memory() -> OperatorMemory:
            memories.append(OperatorMemory())
            return memories[-1]

        def hear(fact: Any) -> None:
            if not saved:
                heard.append(fact)
                if len(heard) == wanted:
                    saved.extend(each.save() for each in memories)

        run(facts, CHAINS[name](memory), hear)
        return saved

    last = whole[-1].seq  # after which nothing comes that what is still to be told could be told at
    for wanted in range(1, 1 + sum(fact.seq < last for fact in whole)):
        heard: list[Any] = []
        again = map(OperatorMemory, saved_at(heard, wanted))
        rest = [fact for fact in facts if fact.seq > heard[-1].seq]
        run(rest, CHAINS[name](again.__next__), heard.append)
        assert same(heard, whole)

"""What is made of trades and quotes goes on where it stopped, too: averages, filters, and bars that are not full yet."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from reactivex import Subject

from ordinis_rx.events import Bar, Event, Heartbeat, Trade
from ordinis_rx.memory import OperatorMemory
from ordinis_rx.multicast import Hot
from ordinis_rx.operators import (
    SideOutput,
    ema,
    hampel_filter,
    notional_bars,
    resample,
    rolling_mean,
    rolling_std,
    rolling_zscore,
    tick_bars,
    time_bars,
    volume_bars,
    vwap,
    zscore_filter,
)
from ordinis_rx.testing import a_bar, a_quote, a_trade, same

Make = Callable[[OperatorMemory | None], Any]

MAKERS: dict[str, Make] = {
    "rolling_mean": lambda memory: rolling_mean(3, memory=memory),
    "rolling_std": lambda memory: rolling_std(3, memory=memory),
    "rolling_zscore": lambda memory: rolling_zscore(3, warm_up=2, memory=memory),
    "zscore_filter": lambda memory: zscore_filter(4, 2.0, warm_up=3, patience=2, memory=memory),
    "rolling_std, recent": lambda memory: rolling_std(5, over=12, memory=memory),
    "zscore_filter, recent": lambda memory: zscore_filter(
        4, 2.0, over=12, warm_up=3, patience=2, memory=memory
    ),
    "hampel_filter": lambda memory: hampel_filter(3, 1.0, memory=memory),
    "hampel_filter, recent": lambda memory: hampel_filter(4, 1.0, over=12, memory=memory),
    "ema": lambda memory: ema(half_life=2, memory=memory),
    "vwap": lambda memory: vwap(20, memory=memory),
    "tick_bars": lambda memory: tick_bars(3, memory=memory),
    "volume_bars": lambda memory: volume_bars(5.0, memory=memory),
    "notional_bars": lambda memory: notional_bars(50.0, memory=memory),
    "time_bars": lambda memory: time_bars(10, partial="tell", memory=memory),
    "time_bars, late": lambda memory: time_bars(10, lateness=25, partial="tell", memory=memory),
    "time_bars, filled": lambda memory: time_bars(
        10, lateness=5, fill=True, partial="tell", memory=memory
    ),
    "time_bars, flushed": lambda memory: time_bars(
        10, flush_after=4, partial="tell", memory=memory
    ),
    "time_bars of quotes": lambda memory: time_bars(
        10, lateness=25, of="mid", partial="tell", memory=memory
    ),
    "resample": lambda memory: resample(20, lateness=15, partial="tell", memory=memory),
}


def heard(
    make: Make,
    facts: Sequence[Event],
    memory: OperatorMemory | None,
    *,
    whole: bool,
    known: str = "",
) -> list[Any]:
    """What the operator tells of *facts*, pushed one by one; with the end of the stream where it is the *whole*.

    Symbols that the stream *known* from elsewhere have the first numbers, and so have providers of these names.
    """
    told: list[Any] = []
    source: Hot[Event] = Hot()
    source.stream.pipe(time_bars(1_000)).subscribe()
    for name in known:
        source.push([a_trade(1, at=0, symbol=name, provider=name.lower())])
    source.stream.pipe(make(memory)).subscribe(told.append)
    for fact in facts:
        source.push([fact])
    if whole:
        source.complete()
    return [replace(fact, seq=0) for fact in told]


symbols, providers = st.sampled_from("ABC"), st.sampled_from(["x", "y", ""])
at, prices = st.integers(0, 90), st.sampled_from([10.0, 10.5, 11.0, 40.0, math.nan])
facts = st.one_of(
    st.builds(
        lambda p, q, t, s, by: a_trade(p, size=q, at=t, symbol=s, provider=by),
        prices, st.sampled_from([1.0, 2.0, math.nan]), at, symbols, providers,
    ),
    st.builds(
        lambda p, t, s, by: a_quote(p, p + 1, at=t, symbol=s, provider=by), prices, at, symbols, providers
    ),
    st.builds(
        lambda p, t, s, by: a_bar(p, at=10 * (t // 10), interval=10, symbol=s, provider=by), prices, at, symbols, providers
    ),
    st.builds(lambda t: Heartbeat(ts_event=t), at),
)  # fmt: skip
stories = st.lists(facts, min_size=4, max_size=40).map(
    lambda told: sorted(told, key=lambda fact: fact.ts_event // 30)
)


@pytest.mark.parametrize("name", MAKERS)
@settings(max_examples=15)
@given(stories, st.data())
def test_it_goes_on_as_if_it_had_never_stopped(
    name: str, story: list[Event], data: st.DataObject
) -> None:
    make = MAKERS[name]
    cut = data.draw(st.integers(0, len(story)))
    story += [a_trade(11, at=99), a_quote(11, 12, at=99), a_bar(11, at=100, interval=10)]
    memory = OperatorMemory()

    before = heard(make, story[:cut], memory, whole=False)
    after = heard(make, story[cut:], OperatorMemory(memory.save()), whole=True, known="ZYCXBA")

    assert same(before + after, heard(make, story, None, whole=True))


def test_bars_that_were_open_are_told_with_what_comes_after() -> None:
    memory = OperatorMemory()
    begun = [
        a_trade(10, at=1, symbol="B", provider="x"),
        a_trade(20, at=2, symbol="A", provider="y"),
    ]
    heard(MAKERS["time_bars"], begun, memory, whole=False)

    late = SideOutput[Event]()
    bars: list[Bar] = []
    source: Subject[Event] = Subject()
    again = OperatorMemory(memory.save())
    source.pipe(time_bars(10, memory=again, late=late)).subscribe(bars.append)
    source.on_next(a_trade(22, at=3, symbol="A", provider="z"))
    source.on_next(a_trade(5, at=11, symbol="C"))

    assert [(bar.symbol, bar.open, bar.close, bar.provider) for bar in bars] == [
        ("B", 10.0, 10.0, "x"),
        ("A", 20.0, 22.0, "z"),
    ]


def test_what_the_end_of_the_stream_has_told_stays_told() -> None:
    memory = OperatorMemory()
    first = heard(MAKERS["time_bars"], [a_trade(10, at=1)], memory, whole=True)

    late = SideOutput[Trade]()
    missed: list[Trade] = []
    late.subscribe(missed.append)
    rest = [a_trade(11, at=5), a_trade(12, at=15), a_trade(13, at=25)]
    again = heard(
        lambda again: time_bars(10, partial="tell", memory=again, late=late),  # type: ignore[arg-type]
        rest, OperatorMemory(memory.save()), whole=True,
    )  # fmt: skip

    assert [(bar.ts_event, bar.close) for bar in first + again] == [(10, 10), (20, 12), (30, 13)]
    assert [trade.price for trade in missed] == [11.0]


def test_an_end_at_which_nothing_was_open_moves_no_time() -> None:
    for lateness, at in ((5, 12), (0, 6)):
        memory = OperatorMemory()
        nothing = [a_trade(math.nan, at=5)]
        first = heard(
            lambda memory, lateness=lateness: time_bars(10, lateness, partial="tell", memory=memory),  # type: ignore[misc]
            nothing, memory, whole=True,
        )  # fmt: skip
        rest = heard(
            lambda memory, lateness=lateness: time_bars(10, lateness, partial="tell", memory=memory),  # type: ignore[misc]
            [a_trade(7, at=at), a_trade(8, at=100)], OperatorMemory(memory.save()), whole=True,
        )  # fmt: skip

        assert first == []
        assert [(bar.ts_event, bar.close) for bar in rest] == [(at // 10 * 10 + 10, 7), (110, 8)]


def test_bars_are_filled_from_the_end_of_the_last_run_on() -> None:
    memory = OperatorMemory()
    first = heard(MAKERS["time_bars, filled"], [a_trade(5, at=5)], memory, whole=True)
    again = OperatorMemory(memory.save())
    rest = heard(MAKERS["time_bars, filled"], [a_trade(9, at=35)], again, whole=True)

    assert [(bar.ts_event, bar.close) for bar in first] == [(10, 5.0)]
    assert [(bar.ts_event, bar.close) for bar in rest] == [(20, 5.0), (30, 5.0), (40, 9.0)]


@pytest.mark.parametrize(
    ("make", "of", "other"),
    [
        (lambda of, memory: ema(span=3, of=of, memory=memory), "bid", "ask"),
        (lambda of, memory: rolling_mean(3, of=of, memory=memory), "bid", "close"),
        (lambda of, memory: hampel_filter(3, of=of, memory=memory), "mid", "bid"),
        (lambda of, memory: time_bars(10, of=of, memory=memory), "trade", "ask"),
        (lambda of, memory: time_bars(10, of=of, memory=memory), "bid", "ask"),
    ],
)  # fmt: skip
def test_a_checkpoint_of_other_numbers_is_refused(make: Any, of: str, other: str) -> None:
    facts = [a_quote(1, 2, at=1), a_trade(1, at=2), a_bar(1, at=3)]
    memory = OperatorMemory()
    heard(lambda memory: make(of, memory), facts, memory, whole=False)
    saved = memory.save()

    heard(lambda memory: make(of, memory), facts, OperatorMemory(saved), whole=False)
    with pytest.raises(ValueError, match=f"the checkpoint is of .*, not of .* {other}"):
        heard(lambda memory: make(other, memory), facts, OperatorMemory(saved), whole=False)


@pytest.mark.parametrize("name", MAKERS)
def test_a_checkpoint_of_another_operator_is_refused(name: str) -> None:
    memory = OperatorMemory()
    heard(lambda memory: ema(span=9, memory=memory), [a_trade(1)], memory, whole=False)
    saved = OperatorMemory(memory.save())

    with pytest.raises(ValueError, match=r"the checkpoint is of ema alpha=0\.2"):
        heard(MAKERS[name], [a_trade(1)], saved, whole=False)
    with pytest.raises(TypeError, match="memory must be an OperatorMemory"):
        MAKERS[name](b"saved")  # type: ignore[arg-type]

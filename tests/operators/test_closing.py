"""What is told later: in the turn that causes it, once, by whom it may, and never after an error."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ordinis_rx import running
from ordinis_rx.codes import Names
from ordinis_rx.errors import JournalError
from ordinis_rx.events import Bar, Event
from ordinis_rx.frames import Frame, TradeFrame
from ordinis_rx.journal import from_csv
from ordinis_rx.multicast import Hot, share
from ordinis_rx.operators import SideOutput, bars, time_bars, trades, with_latest
from ordinis_rx.stream import from_events, from_items
from ordinis_rx.testing import a_heartbeat, a_trade, same_on_frames, through
from tests.columns import frame_by_column


def test_what_the_end_tells_is_joined_as_all_else() -> None:
    """The bars that completion tells belong to the last turn, and its joins settle."""
    told: list[Any] = []
    shared = from_events([a_trade(10, at=1), a_trade(11, at=2)]).pipe(share())
    shared.pipe(time_bars(10), with_latest(shared.pipe(trades()))).subscribe(told.append)

    ((bar, trade),) = told
    assert (bar.close, trade.price, bar.seq, trade.seq) == (11, 11, 2, 2)


def test_a_diamond_of_bars_and_their_trades_is_the_same_on_any_frames() -> None:
    def make() -> Any:
        def operator(source: Any) -> Any:
            shared = source.pipe(share())
            return shared.pipe(trades(), with_latest(shared.pipe(time_bars(5))))

        return operator

    same_on_frames(make, [a_trade(at % 7, at=at, symbol="AB"[at % 2]) for at in range(25)])


def test_bars_in_a_mixed_stream_come_out_of_bars_of_bars() -> None:
    facts = [a_trade(10, at=1), a_heartbeat(at=2), a_trade(11, at=12)]

    assert [bar.close for bar in through(lambda source: source.pipe(time_bars(5), bars()), facts)] == [10, 11]  # fmt: skip


def test_an_error_of_the_kernel_ends_the_stream_once(monkeypatch: pytest.MonkeyPatch) -> None:
    hot, heard, errors = Hot(), [], []
    hot.stream.pipe(time_bars(10)).subscribe(heard.append, errors.append)
    hot.push([a_trade(10, at=1, seq=1)])

    def fail(*_: object) -> None:
        raise RuntimeError("no room")

    monkeypatch.setattr(running.KernelRun, "_make_room", fail)
    hot.push([a_trade(10, at=1, seq=n) for n in range(2, 42)])
    hot.push([a_trade(10, at=1, seq=42)])
    hot.complete()

    assert [str(error) for error in errors] == ["no room"]
    assert errors[0].__notes__ == ["in kernel time_bars, at a Trade"]
    assert heard == []


def test_who_takes_late_facts_may_raise_and_the_bars_go_on() -> None:
    late = SideOutput[Event]()

    def fail(_: object) -> None:
        raise RuntimeError("not mine")

    late.subscribe(fail, lambda error: None)

    facts = [a_trade(1, at=50), a_trade(2, at=5), a_trade(3, at=51)]
    told = through(time_bars(10, late=late), facts)

    assert [bar.close for bar in told] == [3]


def test_who_has_heard_enough_hears_nothing_at_the_end() -> None:
    hot, heard = Hot(), list[Bar]()
    subscription = hot.stream.pipe(time_bars(10)).subscribe(heard.append)
    hot.push([a_trade(10, at=1, seq=1)])

    subscription.dispose()
    hot.complete()

    assert heard == []


def test_what_comes_too_late_is_told_without_making_facts_of_the_rest() -> None:
    facts = [a_trade(10.0 + at, at=at, seq=n + 1) for n, at in enumerate((1, 12, 3, 25, 26))]
    told: list[Event] = []
    late = SideOutput[Event]()
    late.subscribe(told.append)
    frames: list[Frame] = []

    def make(names: Names) -> Iterator[Frame]:
        frames.append(frame_by_column(facts, names))
        yield frames[0]

    bars_told: list[Bar] = []
    from_items(make).pipe(time_bars(10, late=late)).subscribe(bars_told.append)

    assert told == [facts[2]]
    assert [bar.close for bar in bars_told] == [11.0, 22.0, 36.0]
    assert frames[0].held is None


@pytest.mark.parametrize("flush_after", [None, 5])
@pytest.mark.parametrize("facts", [True, False])
def test_a_frame_without_rows_tells_nothing_and_ends_nothing(
    flush_after: int | None, facts: bool
) -> None:
    def empty(names: Names) -> Iterator[Any]:
        one = [a_trade(10, at=1, seq=1)]
        whole = TradeFrame.from_events(one, names) if facts else frame_by_column(one, names)
        for end in (0, 1, 0):
            yield whole[:end]

    told: list[Any] = []
    from_items(empty).pipe(time_bars(10, flush_after=flush_after)).subscribe(
        told.append, told.append
    )
    (bar,) = told
    assert (bar.close, bar.seq) == (10, 1)


@pytest.mark.parametrize("make", [lambda: time_bars(10), lambda: time_bars(10, flush_after=5)])
def test_the_error_of_a_first_cell_is_told_as_it_is(tmp_path: Path, make: Any) -> None:
    pytest.importorskip("pyarrow")
    path = tmp_path / "x.csv"
    path.write_text("ts_event,symbol,price,size\n2024-01-02 14:30:00,A,1,1\n", "utf-8")
    told: list[Any] = []

    from_csv(path, "trade").pipe(make()).subscribe(told.append, told.append)

    (error,) = told
    assert isinstance(error, JournalError)
    assert "times without a zone" in str(error)

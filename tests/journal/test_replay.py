"""Replays: chosen facts, at a pace, in frames, for bounded consumers, and as strict as asked for."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from reactivex import operators as ops
from reactivex.scheduler import VirtualTimeScheduler

from ordinis_rx import operators as oo
from ordinis_rx.bridges.async_for import aiter
from ordinis_rx.errors import JournalError
from ordinis_rx.events import Gap, Quote, StreamEventType, Trade
from ordinis_rx.framing import frames
from ordinis_rx.journal import record, replay
from ordinis_rx.journal.files import Files
from ordinis_rx.journal.log import LogReader
from ordinis_rx.sim import market
from ordinis_rx.stream import from_events
from ordinis_rx.testing import a_gap, a_heartbeat, a_quote, a_trade, difference
from ordinis_rx.timebase import DAY, MILLI, SECOND
from tests.heard import replayed

pytest.importorskip("pyarrow")

STORY: list[Any] = [
    a_trade(1, at=1 * SECOND, seq=1, symbol="A"),
    a_quote(1, 2, at=2 * SECOND, seq=2, symbol="B"),
    a_trade(2, at=3 * SECOND, seq=3, symbol="B", provider="x"),
    a_heartbeat(at=4 * SECOND, seq=4),
    a_gap(4 * SECOND, 5 * SECOND, seq=5, symbols=("A",)),
    a_trade(3, at=6 * SECOND, seq=6, symbol="A"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    record(from_events(STORY), tmp_path / "rec")
    return tmp_path / "rec"


@pytest.mark.parametrize(
    ("options", "seqs"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"kinds": "trade"}, [1, 3, 6]),
        ({"kinds": [Quote, StreamEventType.GAP]}, [2, 5]),
        ({"symbols": "A"}, [1, 4, 5, 6]),
        ({"symbols": ["B"]}, [2, 3, 4]),
        ({"providers": ["x"]}, [3]),
        ({"providers": "x", "symbols": "A"}, []),
        ({"start": 3 * SECOND}, [3, 4, 5, 6]),
        ({"end": datetime(1970, 1, 1, 0, 0, 3, tzinfo=UTC)}, [1, 2]),
        ({"start": 2 * SECOND, "end": 4 * SECOND, "kinds": Trade}, [3]),
        ({"start": 7 * SECOND}, []),
    ],
)
def test_kinds_symbols_and_times_choose_what_is_told(
    folder: Path, options: dict[str, Any], seqs: list[int]
) -> None:
    for rows in (1, 2, 100):
        told = replayed(folder, rows=rows, **options)
        assert difference(told, [STORY[seq - 1] for seq in seqs]) == ""


@pytest.mark.parametrize("speed", [None, 100.0])
def test_a_symbol_that_a_recording_lacks_is_named_in_the_log_with_the_one_that_was_meant(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, speed: float | None
) -> None:
    record(from_events([a_trade(1, symbol="AAPL"), a_trade(2, symbol="MSFT")]), tmp_path)
    told: list[Any] = []

    stream = replay(tmp_path, symbols=["APPL", "MSFT", "X"], speed=speed)
    clock = VirtualTimeScheduler()
    stream.subscribe(told.append, scheduler=clock)
    clock.start()

    assert [trade.symbol for trade in told] == ["MSFT"]
    assert [record.getMessage() for record in caplog.records] == [
        f"{tmp_path}: nothing that was read is about 'APPL' (did you mean 'AAPL'?)",
        f"{tmp_path}: nothing that was read is about 'X'",
    ]


@pytest.mark.parametrize("format", ["arrow", "parquet"])
def test_who_leaves_early_leaves_no_file_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: Any
) -> None:
    record(from_events(STORY), tmp_path, format=format)
    closed: list[str] = []
    for kind in (Files, LogReader):
        close: Any = kind.close

        def noted(self: Any, close: Any = close) -> None:
            closed.append(type(self).__name__)
            close(self)

        monkeypatch.setattr(kind, "close", noted)
    stream = replay(tmp_path, rows=1)
    closed.clear()
    told: list[Any] = []

    stream.pipe(ops.take(1)).subscribe(told.append)

    assert told == STORY[:1]
    assert closed[-2:] == ["Files", "LogReader"]


def test_a_start_after_the_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="start must not be after end, got 2 and 1"):
        replay(tmp_path, start=2, end=1)


@pytest.mark.parametrize("options", [{"kinds": "quote"}, {"start": 2 * DAY}])
def test_files_of_which_nothing_is_wanted_need_not_be_there(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    story = [a_trade(1, at=DAY, seq=1), a_quote(at=2 * DAY, seq=2), a_trade(2, at=DAY + 1, seq=3)]
    record(from_events(story), tmp_path)
    for path in (tmp_path / "trade").rglob("*.parquet"):
        path.unlink()

    assert replayed(tmp_path, strict=True, **options) == [story[1]]
    assert replayed(tmp_path) == []


def test_every_subscriber_hears_it_from_the_beginning_and_may_leave(folder: Path) -> None:
    stream = replay(folder)
    first: list[Any] = []
    stream.pipe(ops.take(2)).subscribe(first.append)
    again: list[Any] = []
    stream.subscribe(again.append)
    assert [fact.seq for fact in first] == [1, 2]
    assert difference(again, STORY) == ""


def test_it_flows_in_frames_and_through_operators(tmp_path: Path) -> None:
    prices = market(["A", "B"], seed=4, rate=500, duration=20 * SECOND)
    record(prices, tmp_path)
    live: list[Any] = []
    prices.pipe(oo.time_bars(SECOND)).subscribe(live.append)
    again: list[Any] = []
    replay(tmp_path).pipe(oo.time_bars(SECOND)).subscribe(again.append)
    assert len(live) > 30
    assert difference(again, live) == ""
    sizes: list[int] = []
    frames(replay(tmp_path, kinds="trade"), rows=1000).subscribe(lambda f: sizes.append(len(f)))
    assert sizes[0] == 1000


def test_a_paced_replay_keeps_the_pace_of_arrival(tmp_path: Path) -> None:
    story = [a_trade(n, at=5, seq=n, ts_recv=SECOND * n) for n in range(1, 5)]
    record(from_events(story), tmp_path)
    clock = VirtualTimeScheduler()
    told: list[tuple[float, float]] = []
    stream = replay(tmp_path, speed=2.0)
    stream.subscribe(lambda fact: told.append((clock.clock, fact.price)), scheduler=clock)
    clock.start()
    assert [price for _, price in told] == [1, 2, 3, 4]
    assert [round(at, 1) for at, _ in told] == [0.0, 0.5, 1.0, 1.5]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"start": 50 * SECOND, "end": 53 * SECOND}, [(0.0, 50), (1.0, 51), (2.0, 52)]),
        ({"symbols": "B", "start": 90 * SECOND}, [(0.0, 93), (7.0, 100)]),
        ({"kinds": "trade", "end": 3 * SECOND}, [(0.0, 1), (1.0, 2)]),
    ],
)
def test_a_paced_replay_does_not_wait_for_what_is_not_chosen(
    tmp_path: Path, options: dict[str, Any], told: list[tuple[float, int]]
) -> None:
    story: list[Any] = [
        a_trade(n, at=n * SECOND, ts_recv=n * SECOND, symbol="A" if n % 7 != 2 else "B", seq=n + 1)
        for n in range(1, 101)
    ]
    story.insert(0, a_heartbeat(at=-60 * SECOND, seq=1))
    record(from_events(story), tmp_path / "rec")
    (table,) = (tmp_path / "rec").rglob("trade/*/*.parquet")

    for path in (tmp_path / "rec", table):
        clock = VirtualTimeScheduler()
        timed = replay(path, speed=1.0, **options).pipe(ops.timestamp(), ops.to_list())
        heard: list[Any] = []
        timed.subscribe(heard.extend, scheduler=clock)
        clock.start()

        assert [(round(each.timestamp.timestamp(), 1), each.value.price) for each in heard] == told
        assert clock.clock < 10


def test_a_paced_replay_needs_a_loop_or_a_scheduler(folder: Path) -> None:
    errors: list[Exception] = []
    replay(folder, speed=1.0).subscribe(on_error=errors.append)
    assert "a replay at a speed needs a running asyncio loop" in str(errors[0])


def test_an_error_of_a_paced_replay_is_told(folder: Path) -> None:
    log = folder / "journal.log"
    log.write_bytes(log.read_bytes()[:-3])
    clock = VirtualTimeScheduler()
    errors: list[Exception] = []
    replay(folder, speed=1.0, strict=True).subscribe(on_error=errors.append, scheduler=clock)
    clock.start()
    assert isinstance(errors[0], JournalError)


@pytest.mark.parametrize("speed", [None, 1e6])
def test_bounded_consumers_are_waited_for(tmp_path: Path, speed: float | None) -> None:
    story = [a_trade(n, at=n * MILLI, seq=n) for n in range(1, 2001)]
    record(from_events(story), tmp_path, rows=20)

    async def slow() -> list[float]:
        told: list[float] = []
        stream = replay(tmp_path, rows=10, speed=speed)
        async with aiter(stream, maxsize=50) as trades:
            async for trade in trades:
                told.append(trade.price)
                if len(told) % 100 == 0:
                    await asyncio.sleep(0)
            assert trades.stats.dropped == 0
        return told

    assert asyncio.run(slow()) == [fact.price for fact in story]


def test_a_loss_is_logged_or_with_strict_raised(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log = folder / "journal.log"
    log.write_bytes(log.read_bytes() + b"half")
    stream = replay(folder)
    assert not stream.loss
    told: list[Any] = []
    stream.subscribe(told.append)
    assert stream.loss.bytes == 4
    assert "is damaged: 4 bytes lost" in caplog.text
    strict = replayed(folder, strict=True)
    assert difference(strict[:-1], STORY) == ""
    assert isinstance(strict[-1], JournalError)


def test_a_parquet_file_of_one_kind_is_replayed_exactly(folder: Path) -> None:
    (table,) = folder.rglob("trade/*/*.parquet")
    assert difference(replayed(table), [f for f in STORY if isinstance(f, Trade)]) == ""
    assert replayed(table, kinds="quote") == []


def test_what_is_no_recording_is_refused(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "x").write_text("something")
    for path, complaint in (
        (tmp_path, "has no journal.log"),
        (tmp_path / "missing", "does not exist"),
        (tmp_path / "x", "is no recording"),
    ):
        with pytest.raises(JournalError, match=complaint):
            replay(path)
    with pytest.raises(ValueError, match="no kind of fact: 'tick'; there are quote, trade"):
        replay(folder, kinds="tick")
    with pytest.raises(ValueError, match="speed must be a finite number above 0, got 0"):
        replay(folder, speed=0)
    with pytest.raises(ValueError, match="rows must be 1 or more rows, got 0"):
        replay(folder, rows=0)
    from ordinis_rx.providers.polygon import polygon

    with pytest.raises(JournalError, match="is replayed without a provider"):
        replay(folder, provider=polygon("-"))
    assert any(isinstance(fact, Gap) for fact in replayed(folder))


def test_what_chooses_nothing_or_is_of_another_kind_is_refused_by_name(tmp_path: Path) -> None:
    record(from_events([a_trade(1)]), tmp_path)
    with pytest.raises(ValueError, match="replay: path is empty"):
        replay("")
    with pytest.raises(TypeError, match="speed must be a number, got '2'"):
        replay(tmp_path, speed="2")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="start must be a whole number of nanoseconds, got nan"):
        replay(tmp_path, start=float("nan"))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"kinds must be one at least, got \[\]"):
        replay(tmp_path, kinds=[])
    with pytest.raises(ValueError, match="replay: no symbols given"):
        replay(tmp_path, symbols=[])

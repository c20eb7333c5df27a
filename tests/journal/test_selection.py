from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ordinis_rx.events import Quote, StreamEventType, Trade
from ordinis_rx.journal.selection import between, kinds_of, moment_of, of_kinds
from ordinis_rx.operators import mid
from ordinis_rx.stream import from_events
from ordinis_rx.testing import a_heartbeat, a_quote, a_trade, same_on_frames, through
from ordinis_rx.timebase import SECOND

STORY = [a_trade(1, at=1), a_quote(at=2), a_trade(2, at=3), a_heartbeat(at=3), a_quote(at=4)]


def test_kinds_are_told_by_class_type_or_name() -> None:
    assert kinds_of(Trade) == kinds_of("TRADE") == kinds_of(StreamEventType.TRADE) == {Trade}
    assert kinds_of(["quote", Trade]) == {Quote, Trade}
    for wrong in ("tick", int):
        with pytest.raises(ValueError, match="no kind of fact"):
            kinds_of(wrong)
    with pytest.raises(ValueError, match=r"'trades' \(did you mean 'trade'\?\); there are quote"):
        kinds_of("trades")
    with pytest.raises(ValueError, match=r"kinds must be one at least, got \[\]"):
        kinds_of([])
    for wrong in (3, [3], None, [None]):
        with pytest.raises(TypeError, match="kinds must be a kind of fact, as in 'trade', got"):
            kinds_of(wrong)  # type: ignore[arg-type]


def test_a_moment_is_nanoseconds_or_an_aware_datetime() -> None:
    assert moment_of("start", None) is None
    assert moment_of("start", 5) == 5
    assert moment_of("start", datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)) == SECOND
    with pytest.raises(ValueError, match="must be aware"):
        moment_of("start", datetime(2024, 1, 1))


@pytest.mark.parametrize(
    ("start", "end", "times"),
    [(None, None, [1, 2, 3, 3, 4]), (2, 4, [2, 3, 3]), (3, None, [3, 3, 4]), (9, None, [])],
)
def test_times_from_start_to_before_end_pass(
    start: int | None, end: int | None, times: list[int]
) -> None:
    assert [fact.ts_event for fact in through(between(start, end), STORY)] == times
    same_on_frames(lambda: between(start, end), STORY, silent=True)


def test_without_an_end_the_last_moment_passes_too() -> None:
    last = [a_trade(at=2**63 - 1, seq=1), a_trade(at=2**63 - 1, seq=2)]
    assert through(between(0, None), last) == last
    same_on_frames(lambda: between(0, None), last)


def test_kinds_pass_at_any_split() -> None:
    same_on_frames(lambda: of_kinds(kinds_of("trade")), STORY)
    same_on_frames(lambda: of_kinds(kinds_of(["quote", "heartbeat"])), STORY)


def test_parts_of_one_frame_after_the_other_pass_as_columns() -> None:
    quotes = [a_quote(at, at + 2, at=at) for at in range(12)]
    told: list[tuple[int, float]] = []
    from_events(quotes, rows=4).pipe(mid(), between(1, 6)).subscribe(
        lambda reading: told.append((reading.ts_event, reading.value))
    )
    assert told == [(at, at + 1.0) for at in range(1, 6)]

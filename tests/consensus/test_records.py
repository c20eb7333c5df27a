"""Providers' records as a stream."""

from __future__ import annotations

import pytest
import reactivex

from ordinis_rx.consensus import provider_stats
from ordinis_rx.stream import from_events, numbered
from ordinis_rx.testing import a_heartbeat, a_quote
from ordinis_rx.timebase import MILLI, SECOND


def test_records_come_as_a_stream_at_intervals_of_event_time() -> None:
    heard: list[list[int]] = []
    events = [a_quote(provider="a", at=k * 300 * MILLI) for k in range(10)]

    from_events(numbered(events)).pipe(provider_stats(SECOND)).subscribe(
        lambda stats: heard.append([each.request_count for each in stats])
    )

    assert heard == [[5], [8], [10]]


def test_the_records_of_the_end_are_told_and_errors_passed_on() -> None:
    heard: list[int] = []
    errors: list[Exception] = []
    source = reactivex.concat(
        reactivex.of(a_quote(provider="a"), a_heartbeat()), reactivex.throw(OSError("gone"))
    )

    source.pipe(provider_stats(SECOND)).subscribe(
        lambda stats: heard.append(len(stats)), errors.append
    )

    assert heard == [1]
    assert [str(error) for error in errors] == ["gone"]


def test_of_a_stream_without_facts_nothing_is_told() -> None:
    heard: list[object] = []

    reactivex.empty().pipe(provider_stats(SECOND)).subscribe(
        heard.append, heard.append, lambda: heard.append("completed")
    )

    assert heard == ["completed"]


def test_an_interval_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="every must be positive nanoseconds, got 0"):
        provider_stats(0)

"""Providers' records as a stream."""

from __future__ import annotations

import pytest
import reactivex
from msgspec.structs import replace
from reactivex import operators as ops

from ordinis_rx.consensus import AggregationConfig, provider_stats
from ordinis_rx.operators import dedupe
from ordinis_rx.stream import from_events, numbered
from ordinis_rx.testing import a_heartbeat, a_quote
from ordinis_rx.timebase import HOUR, MILLI, MINUTE, SECOND


def test_records_come_as_a_stream_at_intervals_of_event_time() -> None:
    heard: list[list[int]] = []
    events = [a_quote(provider="a", at=k * 300 * MILLI) for k in range(10)]

    from_events(numbered(events)).pipe(provider_stats(SECOND)).subscribe(
        lambda stats: heard.append([each.request_count for each in stats])
    )

    assert heard == [[5], [8], [10]]


def test_a_clock_that_goes_to_and_fro_brings_no_second_record_of_an_interval() -> None:
    heard: list[int] = []
    hours = (5, 5, 2, 2, 5, 5, 2, 2, 5, 5, 6, 6)
    events = [a_quote(provider="ab"[k % 2], at=hour * HOUR) for k, hour in enumerate(hours)]

    from_events(numbered(events)).pipe(
        provider_stats(MINUTE, AggregationConfig(time_window=MINUTE))
    ).subscribe(lambda stats: heard.append(sum(each.success_count for each in stats)))

    assert heard == [7, 7]


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
    with pytest.raises(ValueError, match=r"every must be 1 or more nanoseconds, .* got 0"):
        provider_stats(0)


def test_what_cannot_be_folded_ends_the_records_with_what_was_counted_before() -> None:
    odd = replace(a_quote(provider="a", at=2, seq=2), bid="x")  # type: ignore[arg-type]
    heard: list[int] = []
    errors: list[Exception] = []

    told = [a_quote(provider="a", at=1, seq=1), odd, a_quote(provider="a", at=5 * SECOND, seq=3)]
    reactivex.from_iterable(told).pipe(provider_stats(SECOND)).subscribe(
        lambda stats: heard.append(stats[0].request_count), errors.append
    )

    assert heard == [1]
    assert [str(error) for error in errors] == [f"bid cannot be 'x' in {odd!r}"]


def test_who_raises_at_the_records_is_told_by_its_own_on_error() -> None:
    errors: list[Exception] = []

    def refuse(_: object) -> None:
        raise ValueError("not these")

    from_events([a_quote(provider="a")]).pipe(provider_stats()).subscribe(refuse, errors.append)

    assert [str(error) for error in errors] == ["not these"]


def test_what_is_made_of_the_last_records_goes_on() -> None:
    told: list[object] = []
    beats = ops.flat_map(lambda stats: reactivex.of(a_heartbeat(at=stats[0].request_count)))

    from_events([a_quote(provider="a")]).pipe(provider_stats(), beats, dedupe()).subscribe(
        told.append, told.append, lambda: told.append("|")
    )

    assert [getattr(each, "ts_event", each) for each in told] == [1, "|"]

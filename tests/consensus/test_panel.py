"""The newest word of each provider, as long as it is fresh."""

from __future__ import annotations

from typing import Any

import pytest

from ordinis_rx.consensus import Panel, combine, panel, reject_outliers, score, validate
from ordinis_rx.consensus.facts import Entry, Report, ReportKind
from ordinis_rx.errors import WrongKind
from ordinis_rx.events import Event
from ordinis_rx.operators import trades
from ordinis_rx.stream import from_events, numbered
from ordinis_rx.testing import a_gap, a_heartbeat, a_quote, a_trade, through
from ordinis_rx.timebase import SECOND


def panels(*told: Event, **options: Any) -> list[Panel]:
    return through(lambda events: events.pipe(validate(), panel(**options)), numbered(told))


def words(each: Panel) -> dict[str, float]:
    return {entry.provider: entry.price for entry in each.entries}


def test_each_report_replaces_its_providers_last() -> None:
    told = panels(
        a_trade(1.0, provider="a"), a_trade(2.0, provider="b"), a_trade(3.0, provider="a")
    )

    assert [words(each) for each in told] == [
        {"a": 1.0},
        {"a": 1.0, "b": 2.0},
        {"a": 3.0, "b": 2.0},
    ]
    assert [each.reporter for each in told] == [0, 1, 0]
    assert [each.newcomer for each in told] == [True, True, False]


def test_symbols_are_kept_apart() -> None:
    told = panels(a_trade(1.0, provider="a", symbol="A"), a_trade(2.0, provider="a", symbol="B"))

    assert [(each.symbol, words(each)) for each in told] == [("A", {"a": 1.0}), ("B", {"a": 2.0})]


def test_what_is_too_old_is_stale_and_what_was_lost_is_lost() -> None:
    told = panels(
        a_trade(1.0, provider="a"),
        a_trade(1.0, provider="b", at=3 * SECOND),
        a_gap(provider="b"),
        a_trade(1.0, provider="c", at=6 * SECOND),
    )

    assert [(each.stale, each.lost) for each in told] == [
        ((), ()),
        ((), ()),
        ((), ("b",)),
        (("a",), ("b",)),
    ]
    assert told[2].reporter == -1


def test_volumes_add_up_over_the_trades_of_a_provider() -> None:
    told = panels(a_trade(1.0, size=2.0), a_trade(1.0, size=3.0), a_trade(1.0, size=float("nan")))

    assert [each.entries[0].volume for each in told] == [2.0, 5.0, 5.0]


def test_time_leads_to_panels_only_where_it_made_a_word_too_old() -> None:
    told = panels(
        a_trade(1.0, symbol="A"),
        a_trade(1.0, symbol="B", at=2 * SECOND),
        a_heartbeat(at=5 * SECOND),
        a_heartbeat(at=6 * SECOND),
        a_heartbeat(at=7 * SECOND),
        a_heartbeat(at=8 * SECOND),
    )

    assert [(each.symbol, len(each.entries)) for each in told[2:]] == [("A", 0), ("B", 0)]


def test_what_was_idle_is_forgotten() -> None:
    told = panels(
        a_trade(1.0, provider="a"), a_trade(1.0, provider="b", at=20 * SECOND), idle=10 * SECOND
    )

    assert told[1].stale == ()
    assert told[1].newcomer


def test_a_newcomer_may_have_nothing_fresh_to_say() -> None:
    told = panels(
        a_trade(1.0, provider="a", symbol="B", at=20 * SECOND),
        a_trade(1.0, provider="b", at=5 * SECOND),
    )

    assert [(each.newcomer, each.stale) for each in told] == [(True, ()), (True, ("b",))]


def test_a_symbol_keeps_its_place_where_it_alone_is_lost() -> None:
    told = panels(
        a_trade(1.0, symbol="A"),
        a_trade(1.0, symbol="B"),
        a_trade(1.0, symbol="B", at=20 * SECOND),
        a_gap(20 * SECOND, 20 * SECOND, symbols=("A",)),
        a_trade(1.0, symbol="A", at=20 * SECOND),
        a_gap(21 * SECOND, 21 * SECOND),
        idle=10 * SECOND,
    )

    assert [each.symbol for each in told[-2:]] == ["A", "B"]


def test_a_quote_is_worth_more_than_a_trade_while_it_is_fresh() -> None:
    told = panels(a_quote(9.0, 11.0), a_trade(10.5), a_trade(10.6, at=6 * SECOND))

    assert [each.entries[0].price for each in told] == [10.0, 10.0, 10.6]
    assert [each.reporter for each in told] == [0, -1, 0]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"max_age": 0}, "panel: max_age must be 1 or more nanoseconds, .* got 0"),
        ({"idle": -1}, "panel: idle must be 1 or more nanoseconds, .* got -1"),
        ({"max_age_by_symbol": {"A": 0}}, "panel: A must be 1 or more nanoseconds, .* got 0"),
    ],
)
def test_durations_that_make_no_sense_are_refused(options: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        panel(**options)


@pytest.mark.parametrize("kind", [ReportKind.QUOTE, ReportKind.TRADE])
def test_a_provider_for_whom_there_is_no_place_ends_the_panels_by_name(kind: ReportKind) -> None:
    told = [
        Report(symbol="A", ts_event=k, provider=f"p{k}", kind=kind, price=1.0, clock=k)
        for k in range(63)
    ]
    assert len(through(panel(), told[:62])[-1].entries) == 62

    with pytest.raises(ValueError, match="a panel of A has no place for 'p62'; 62 can be folded"):
        through(panel(), told)


@pytest.mark.parametrize("part", [combine(), score()])
def test_a_panel_of_more_than_can_be_folded_is_refused_by_each_part_that_folds(part: Any) -> None:
    entries = tuple(Entry(provider=f"p{k}", price=1.0) for k in range(63))

    with pytest.raises(ValueError, match="a panel of A has 63 entries; 62 can be folded"):
        through(part, [Panel(symbol="A", ts_event=0, entries=entries)])


def test_a_nanosecond_is_an_age() -> None:
    told = [a_quote(9.0, 11.0, provider="a", at=0), a_quote(9.0, 11.0, provider="b", at=1)]
    panels = through(lambda events: events.pipe(validate(), panel(1)), told)

    assert [entry.age for entry in panels[-1].entries] == [1, 0]


@pytest.mark.parametrize("part", [panel, reject_outliers, combine, score])
def test_a_part_of_the_chain_behind_what_is_none_of_its_facts_is_refused(part: Any) -> None:
    with pytest.raises(WrongKind, match="what comes to it is Trade alone"):
        from_events([a_trade(1.0)]).pipe(trades(), part())

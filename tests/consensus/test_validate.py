"""Which reports are fit to be used."""

from __future__ import annotations

import math

import pytest

from ordinis_rx.codes import MOST_PROVIDERS
from ordinis_rx.consensus import Reject, validate
from ordinis_rx.consensus.facts import Report, ReportKind
from ordinis_rx.events import Event, StreamStatus, TradeFlags
from ordinis_rx.operators.side import SideOutput
from ordinis_rx.stream import numbered
from ordinis_rx.testing import a_bar, a_gap, a_heartbeat, a_quote, a_status, a_trade, through
from ordinis_rx.timebase import HOUR, MILLI, SECOND


def reports(*told: Event, **options: object) -> list[Report]:
    return through(validate(**options), numbered(told))  # type: ignore[arg-type]


def test_quotes_and_trades_become_reports() -> None:
    quote, trade = reports(a_quote(9.0, 11.0, bid_size=3, ask_size=1), a_trade(10.0, size=2.0))

    assert (quote.kind, quote.price, quote.bid, quote.ask) == (ReportKind.QUOTE, 10.0, 9.0, 11.0)
    assert (trade.kind, trade.price, trade.size) == (ReportKind.TRADE, 10.0, 2.0)
    assert math.isnan(trade.bid)


def test_a_quote_may_be_worth_its_microprice() -> None:
    assert reports(a_quote(9.0, 11.0, bid_size=3, ask_size=1), price="microprice")[0].price == 10.5


def test_each_flaw_is_told_with_provider_symbol_value_and_reason() -> None:
    rejects: SideOutput[Reject] = SideOutput()
    told: list[Reject] = []
    rejects.subscribe(told.append)
    bad = [
        a_quote(9.0, 8.0),
        a_quote(math.nan, 8.0),
        a_trade(math.nan),
        a_trade(-1.0),
        a_trade(1.0, at=-2 * HOUR),
        a_trade(1.0, at=2 * HOUR),
    ]

    kept = reports(a_trade(1.0), *bad, rejects=rejects)

    assert len(kept) == 1
    assert [each.reason for each in told] == [
        "crossed",
        "one-sided",
        "not-a-number",
        "not-positive",
        "late",
        "ahead",
    ]
    assert [each.seq for each in told] == [2, 3, 4, 5, 6, 7]
    assert told[0].value == 8.5


def test_losses_and_time_become_reports_too_and_the_rest_is_left_out() -> None:
    told = reports(
        a_status(StreamStatus.RECONNECTING, provider="x"),
        a_status(StreamStatus.CONNECTED, provider="x"),
        a_gap(provider="x"),
        a_gap(symbols=("A", "B")),
        a_gap(),
        a_heartbeat(at=5),
        a_bar(),
    )

    assert [(each.kind.name, each.symbol) for each in told] == [
        ("LOST_SYMBOLS", ""),
        ("LOST_SYMBOLS", ""),
        ("LOST_PROVIDERS", "A"),
        ("LOST_PROVIDERS", "B"),
        ("LOST_ALL", ""),
        ("TIME", ""),
    ]
    assert told[-1].clock == 5


def test_the_clock_of_the_reports_never_goes_back() -> None:
    told = reports(a_trade(1.0, at=5 * SECOND), a_trade(1.0, at=3 * SECOND))

    assert [each.clock for each in told] == [5 * SECOND] * 2


def test_a_stamp_from_after_its_arrival_counts_as_its_arrival() -> None:
    (report,) = reports(a_trade(1.0, at=HOUR, ts_recv=SECOND))

    assert report.clock == SECOND


def test_the_first_report_after_a_quiet_night_is_fit() -> None:
    night = 18 * HOUR
    told = [a_trade(1.0, at=SECOND, ts_recv=SECOND), a_trade(2.0, at=night, ts_recv=night + MILLI)]

    assert [each.price for each in reports(*told)] == [1.0, 2.0]


def test_a_stamp_of_hours_ahead_is_refused_where_nobody_knows_when_it_came() -> None:
    told = [a_trade(1.0, at=SECOND), a_trade(2.0, at=5 * HOUR), a_trade(3.0, at=2 * SECOND)]

    assert [each.price for each in reports(*told)] == [1.0, 3.0]


def test_the_share_of_fit_reports_is_told() -> None:
    told = reports(a_trade(1.0), a_trade(0.0), a_trade(1.0), a_trade(1.0, provider="x"))

    assert [each.success for each in told] == [1.0, 2 / 3, 1.0]


def test_trades_that_may_not_move_the_last_price_and_ignored_providers_are_left_out() -> None:
    told = [a_trade(1.0, flags=TradeFlags.VOLUME), a_trade(1.0, provider="x")]

    assert reports(*told, ignore=["x"]) == []


def test_a_window_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match=r"time_window must be 1 or more nanoseconds, .* got 0"):
        validate(time_window=0)
    assert reports(a_trade(1.0), a_trade(1.0, at=MILLI), time_window=1) != []


def test_more_providers_than_there_is_room_for_are_refused_by_name() -> None:
    rejects: SideOutput[Reject] = SideOutput()
    told: list[Reject] = []
    rejects.subscribe(told.append)
    names = [f"p{k:02}" for k in range(MOST_PROVIDERS + 1)]

    kept = reports(*(a_trade(1.0, provider=name) for name in names), rejects=rejects)

    assert [each.provider for each in kept] == names[:-1]
    assert [(each.provider, each.reason) for each in told] == [(names[-1], "too-many-providers")]


def test_reports_and_rejects_have_the_stamps_of_their_facts() -> None:
    rejects: SideOutput[Reject] = SideOutput()
    refused: list[Reject] = []
    rejects.subscribe(refused.append)
    stamps = {"symbol": "AAPL", "provider": "x", "at": 5, "ts_recv": 8}
    told: list[Event] = [
        a_quote(9.0, 11.0, **stamps),
        a_quote(12.0, 11.0, **stamps),
        a_heartbeat(provider="x", at=6, ts_recv=9),
        a_gap(provider="x", symbols=("AAPL",), ts_recv=9),
    ]

    kept = reports(*told, rejects=rejects)

    assert [(r.symbol, r.provider, r.ts_event, r.ts_recv, r.seq) for r in (kept[0], *refused)] == [
        ("AAPL", "x", 5, 8, 1),
        ("AAPL", "x", 5, 8, 2),
    ]
    assert [(report.ts_event, report.ts_recv, report.seq) for report in kept[1:]] == [
        (fact.ts_event, fact.ts_recv, seq) for seq, fact in enumerate(told[2:], 3)
    ]

"""What a table shows."""

from __future__ import annotations

from ordinis_rx.events import Gap, GapReason
from ordinis_rx.operators import zip_latest_by
from ordinis_rx.testing import a_quote, a_trade, through
from ordinis_rx.timebase import SECOND
from ordinis_rx.views.rows import Rows


def test_the_newest_of_each_kind_symbol_and_provider_is_shown() -> None:
    rows = Rows(10)
    for fact in (a_trade(1.0), a_trade(2.0), a_quote(3.0, 4.0)):
        rows.add(fact)
    batch = rows.news()
    assert batch is not None
    told = batch.told["rows"]
    assert [row[0] for row in told] == ["Trade", "Quote"]
    assert "price 2 " in told[0][-1]
    assert rows.news() is None
    rows.add(a_quote(5.0, 6.0))
    batch = rows.news()
    assert batch is not None
    assert [row[0] for row in batch.told["rows"]] == ["Quote"]
    assert len(rows.whole().told["rows"]) == 2


def test_the_first_row_goes_when_there_are_too_many() -> None:
    rows = Rows(2)
    for symbol in "ABC":
        rows.add(a_trade(1.0, symbol=symbol))
    assert [row[1] for row in rows.whole().told["rows"]] == ["B", "C"]


def test_rows_of_joins_and_plain_numbers_have_their_lines_too() -> None:
    rows = Rows(10)
    quotes = [a_quote(9.0, 11.0, provider="x", at=1), a_quote(8.0, 10.0, provider="y", at=2)]
    for fact in through(zip_latest_by(), quotes):
        rows.add(fact)
    rows.add(5)
    rows.add(6)
    first, second = rows.whole().told["rows"]
    assert first[:3] == ["Latest", "A", ""]
    assert "quotes x, y" in first[-1]
    assert second == ["int", "", "", "", "6"]


def test_numbers_are_rounded_times_readable_and_what_is_missing_left_out() -> None:
    rows = Rows(10)
    rows.add(a_quote(0.1 + 0.2, float("nan")))
    gap = Gap(ts_event=1, ts_from=SECOND, ts_to=2 * SECOND, reason=GapReason.STALLED)
    rows.add(gap)
    quote, told = (row[-1] for row in rows.whole().told["rows"])
    assert "bid 0.3 " in quote
    assert "ask " not in quote
    assert "ts_from 1970-01-01 00:00:01" in told

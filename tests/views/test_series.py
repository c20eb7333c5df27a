"""What a chart draws."""

from __future__ import annotations

from array import array

import pytest

from ordinis_rx.consensus import AggregatedQuote
from ordinis_rx.events import Bar, Gap, GapReason, Reading
from ordinis_rx.testing import a_bar, a_quote, a_trade
from ordinis_rx.timebase import SECOND
from ordinis_rx.views.series import MOST_NAMED, Batch, Plot

NAN = float("nan")


def an_answer(at: int, **fields: object) -> AggregatedQuote:
    return AggregatedQuote(symbol="A", ts_event=at, price=10.0, **fields)  # type: ignore[arg-type]


def rows(batch: Batch | None) -> dict[str, tuple[str, list[float]]]:
    assert batch is not None
    return {
        each["name"]: (each["shape"], array("d", block).tolist())
        for each, block in zip(batch.told["series"], batch.blocks, strict=True)
    }


def test_each_kind_of_fact_becomes_its_own_shape() -> None:
    plot = Plot(10)
    plot.add(a_quote(9.0, 11.0, provider="x", at=SECOND))
    plot.add(a_trade(10.5, provider="x", at=2 * SECOND))
    plot.add(Reading(symbol="A", ts_event=3 * SECOND, name="rsi", value=55.0))
    plot.add(AggregatedQuote(symbol="A", ts_event=4 * SECOND, price=10.0, half_width=0.5))
    bar = a_bar(10.0, symbol="A", at=60 * SECOND)
    plot.add(bar)
    drawn = rows(plot.news())
    assert drawn["A x mid"] == ("line", [1.0, 10.0])
    assert drawn["A x price"] == ("line", [2.0, 10.5])
    assert drawn["A rsi"] == ("line", [3.0, 55.0])
    assert drawn["A consensus"] == ("band", [4.0, 10.0, 0.5, 0.0])
    shape, values = drawn["A"]
    assert (shape, values[0]) == ("candles", bar.ts_open / SECOND)
    assert values[1:] == [bar.open, bar.high, bar.low, bar.close]


def test_news_are_told_once_and_the_whole_at_any_time() -> None:
    plot = Plot(10)
    plot.add(a_trade(1.0))
    assert rows(plot.news()) == rows(plot.whole())
    assert plot.news() is None
    plot.add(a_trade(2.0))
    ((_, new),) = rows(plot.news()).values()
    assert new[1] == 2.0
    ((_, kept),) = rows(plot.whole()).values()
    assert kept[1::2] == [1.0, 2.0]


@pytest.mark.parametrize("told", [3, 7, 100])
def test_memory_is_bounded(told: int) -> None:
    plot = Plot(5)
    for price in range(1, told + 1):
        plot.add(a_trade(float(price)))
    ((_, kept),) = rows(plot.news()).values()
    assert kept[1::2] == [float(price) for price in range(max(1, told - 4), told + 1)]


def test_what_has_no_number_is_left_out() -> None:
    plot = Plot(5)
    plot.add(a_quote(float("nan"), 11.0))
    plot.add(AggregatedQuote(symbol="A", ts_event=1))
    assert plot.news() is None


def test_a_gap_is_a_stretch_of_time() -> None:
    plot = Plot(5)
    reason = GapReason.DISCONNECTED
    plot.add(Gap(ts_event=9, ts_from=2 * SECOND, ts_to=5 * SECOND, reason=reason))
    batch = plot.news()
    assert batch is not None
    assert batch.told["gaps"] == [(2.0, 5.0)]


def test_who_was_left_out_is_a_bit_for_each_name_in_the_order_of_their_first_time() -> None:
    plot = Plot(5)
    for at, names in enumerate((["x"], [], ["y"], ["x", "y"])):
        plot.add(an_answer(at, lost=tuple(names)))
    batch = plot.news()
    assert batch is not None
    assert batch.told["left_out"] == ["x", "y"]
    ((_, values),) = rows(batch).values()
    assert values[3::4] == [1.0, 0.0, 2.0, 3.0]


def test_of_more_providers_than_there_are_bits_the_last_share_one() -> None:
    plot = Plot(5)
    plot.add(an_answer(1, stale=tuple(f"p{k}" for k in range(MOST_NAMED + 3))))
    batch = plot.news()
    assert batch is not None
    assert len(batch.told["left_out"]) == MOST_NAMED
    ((_, values),) = rows(batch).values()
    assert values[3] == 2.0**MOST_NAMED - 1


def test_a_candle_that_lacks_a_price_is_left_out_and_a_price_without_an_interval_is_not() -> None:
    plot = Plot(5)
    plot.add(Bar(symbol="A", ts_event=1, interval=1, open=1, high=NAN, low=1, close=1, volume=1))
    plot.add(an_answer(1, half_width=NAN))
    assert list(rows(plot.news())) == ["A consensus"]

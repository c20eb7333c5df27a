"""Rows of the cloud: what they carry, when they are told, and what they say ahead."""

from __future__ import annotations

import math
from typing import Any

import pytest
from msgspec.structs import replace

from ordinis_rx import from_json, to_json
from ordinis_rx.kinds import Direction
from ordinis_rx.operators import CloudPosition, IchimokuCloud, SideOutput, ichimoku
from ordinis_rx.operators.cloud_facts import IchimokuFrame
from ordinis_rx.testing import a_bar, a_trade, check_operator, same, same_on_frames, through
from ordinis_rx.timebase import MINUTE

CLOSES = (5, 7, 6, 9, 12, 11, 8, 4, 3, 5, 9, 10, 10, 2)


def bars(*closes: float, symbol: str = "A") -> list[Any]:
    return [
        a_bar(close, at=at, symbol=symbol, high=close + 1, low=close - 1, provider="p")
        for at, close in enumerate(closes or CLOSES, 1)
    ]


def small(**options: Any) -> Any:
    return ichimoku(2, 3, 4, 2, **options)


def test_a_row_carries_the_times_interval_close_and_revision_of_its_bar() -> None:
    bar = a_bar(5, at=7, interval=MINUTE, ts_recv=9, provider="x", symbol="B", revision=3)

    (row,) = through(small(), [bar])

    assert (row.symbol, row.ts_event, row.ts_recv, row.provider) == ("B", 7, 9, "x")
    assert (row.interval, row.close, row.revision, row.seq) == (MINUTE, 5.0, 3, 1)


def test_nothing_is_known_until_there_are_enough_bars() -> None:
    rows = through(ichimoku(), [a_bar(close, at=close) for close in range(1, 90)])

    first = {
        name: next(i for i, row in enumerate(rows, 1) if not math.isnan(getattr(row, name)))
        for name in ("tenkan", "kijun", "senkou_a", "senkou_b", "cloud_a", "cloud_b")
    }
    assert list(first.values()) == [9, 26, 26, 52, 52, 78]
    assert [row.position for row in rows[:77]] == [CloudPosition.UNKNOWN] * 77
    assert [row.trend for row in rows[:77]] == [Direction.UNKNOWN] * 77
    assert (rows[77].position, rows[77].trend) == (CloudPosition.ABOVE, Direction.BULLISH)
    assert [row.lagging.name for row in rows[25:27]] == ["UNKNOWN", "BULLISH"]


def test_a_steady_fall_is_bearish_below_a_bearish_cloud() -> None:
    row = through(ichimoku(), [a_bar(200 - k, at=k) for k in range(90)])[-1]

    assert (row.position, row.trend) == (CloudPosition.BELOW, Direction.BEARISH)
    assert (row.cloud, row.lagging, row.lagging_confirms) == (Direction.BEARISH, Direction.BEARISH, True)  # fmt: skip


def test_the_lagging_span_may_speak_against_the_cloud() -> None:
    unknown = IchimokuCloud(symbol="A", ts_event=0, interval=1, close=1.0)
    row = replace(unknown, cloud_a=2.0, cloud_b=1.0, lagging=Direction.BEARISH)

    assert row.lagging_confirms is False
    assert unknown.lagging_confirms is None


@pytest.mark.parametrize(
    ("a", "b", "wanted"),
    [
        (2, 1, Direction.BULLISH),
        (1, 2, Direction.BEARISH),
        (1, 1, Direction.NEUTRAL),
        (1, math.nan, Direction.UNKNOWN),
    ],
)
def test_the_cloud_points_where_span_a_is_on_top(a: float, b: float, wanted: Direction) -> None:
    row = IchimokuCloud(symbol="A", ts_event=0, interval=1, close=1.0, cloud_a=a, cloud_b=b)

    assert row.cloud is wanted


def test_the_spans_of_a_bar_stand_over_the_bar_they_are_displaced_to() -> None:
    rows = through(small(), bars())

    for before, row in zip(rows, rows[2:], strict=False):
        assert same((row.cloud_a, row.cloud_b), (before.senkou_a, before.senkou_b))
        assert row.lagged_close == before.close


def test_the_future_cloud_is_what_will_stand_over_the_next_bars() -> None:
    rows = through(small(future=True), bars())

    for i, row in enumerate(rows[:-2]):
        assert same(row.future_a, tuple(later.cloud_a for later in rows[i + 1 : i + 3]))
        assert same(row.future_b, tuple(later.cloud_b for later in rows[i + 1 : i + 3]))
    assert same(rows[0].future_b, (math.nan, math.nan))


def test_asking_for_the_future_changes_nothing_else() -> None:
    plain = through(small(), bars())

    for row, wanted in zip(through(small(future=True), bars()), plain, strict=True):
        fields = [name for name in row.__struct_fields__ if not name.startswith("future")]
        assert same([getattr(row, name) for name in fields], [getattr(wanted, name) for name in fields])  # fmt: skip


def test_a_revised_bar_is_answered_again_and_the_future_with_it() -> None:
    first = bars(5, 7, 6, 9, 20)
    again = a_bar(12, at=5, high=13, low=11, provider="p", revision=1)

    told = through(small(future=True), [*first, again])[-1]
    wanted = through(small(future=True), bars(5, 7, 6, 9, 12))[-1]

    assert told.revision == 1
    assert (told.tenkan, told.senkou_b, told.future_a) == (wanted.tenkan, wanted.senkou_b, wanted.future_a)  # fmt: skip


def test_skipped_bars_are_counted() -> None:
    skipped = SideOutput()

    rows = through(small(skipped=skipped), [*bars(5, 7), a_bar(math.nan, at=3), a_bar(8, at=1)])

    assert (len(rows), skipped.told) == (2, 2)


@pytest.mark.parametrize("name", ["tenkan", "kijun", "senkou", "displacement"])
@pytest.mark.parametrize("value", [0, -1, 10_001])
def test_a_number_of_bars_that_cannot_be_is_refused(name: str, value: int) -> None:
    with pytest.raises(ValueError, match=f"ichimoku: {name} must be from 1 to 10000 bars, got {value}"):  # fmt: skip
        ichimoku(**{name: value})


def test_half_a_bar_is_refused() -> None:
    with pytest.raises(TypeError, match=r"ichimoku: kijun must be a whole number of bars, got 2\.5"):  # fmt: skip
        ichimoku(kijun=2.5)  # type: ignore[arg-type]


MIXED = [
    fact
    for pair in zip(bars(), bars(*CLOSES[::-1], symbol="B"), strict=True)
    for fact in (*pair, a_trade(1, at=pair[0].ts_event))
]


@pytest.mark.parametrize("future", [False, True])
def test_frames_of_any_size_give_the_same_rows(future: bool) -> None:
    same_on_frames(lambda: small(future=future), [*MIXED, a_bar(3, at=14, revision=1)])


def test_it_keeps_the_promises_of_an_operator() -> None:
    check_operator(small, MIXED)
    check_operator(lambda: small(future=True, skipped=SideOutput()), MIXED)


def test_a_row_survives_json() -> None:
    for row in through(small(future=True), bars()):
        assert same(from_json(to_json(row)), row)


def test_rows_come_by_column() -> None:
    rows = through(small(), bars())

    frame = IchimokuFrame.from_events(rows)

    assert frame.trend.tolist() == [list(Direction).index(row.trend) for row in rows]
    assert same(frame.tenkan.tolist(), [row.tenkan for row in rows])

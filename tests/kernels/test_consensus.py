"""The kernel of the consensus: what only it can show."""

from __future__ import annotations

from ordinis_rx.consensus import AggregationConfig
from ordinis_rx.kernels.compiled import uncompiled
from ordinis_rx.kernels.consensus_layout import TIME, TRADE
from ordinis_rx.timebase import SECOND
from tests.kernels.fold import Fold, Row


def run(rows: list[Row], room: int) -> tuple[int, int]:
    """How many answers it wrote, and how many rows it took, with *room* for answers."""
    with uncompiled():
        fold = Fold(AggregationConfig(emit="every"), room=room)
    return len(fold(rows)), fold.took


def trade(symbol: int) -> Row:
    return {"kind": TRADE, "symbol": symbol, "price": 100.0}


def test_it_stops_at_the_row_that_may_have_more_answers_than_there_is_room() -> None:
    rows = [trade(0), trade(1), trade(2), {"kind": TIME, "ts_event": 5 * SECOND}]

    assert run(rows, 8) == (6, 4)
    assert run(rows, 5) == (3, 3)


def test_rows_of_a_kind_that_it_does_not_know_are_left_out() -> None:
    assert run([{"kind": 99}, {"kind": -1}, trade(0)], 4) == (1, 3)


def test_more_rows_than_lie_abreast_lead_to_as_many_answers() -> None:
    assert run([trade(k % 16) for k in range(150)], 150) == (150, 150)

"""The kernel of the consensus: what only it can show."""

from __future__ import annotations

from ordinis_rx.columns import Block
from ordinis_rx.consensus import AggregationConfig
from ordinis_rx.consensus.numbers import kernel_params
from ordinis_rx.kernels.consensus import fold_reports
from ordinis_rx.kernels.consensus_layout import CONSENSUS, TIME, TRADE
from ordinis_rx.kernels.record import FIRST, Call
from ordinis_rx.timebase import SECOND

READS = {column.name: j for j, column in enumerate(CONSENSUS.reads)}


def run(rows: list[dict[str, float]], room: int) -> tuple[int, int]:
    """How many answers it wrote, and how many rows it took, with *room* for answers."""
    call = Call(CONSENSUS, kernel_params(AggregationConfig(), metered=False))
    call.grow(16)
    source = Block("".join(column.kind for column in CONSENSUS.reads), len(rows))
    out = Block("".join(column.kind for column in CONSENSUS.writes), room)
    for i, row in enumerate(rows):
        for name, value in {"flags": 7, "weight": 1.0, "max_age": SECOND, **row}.items():
            source.views[READS[name]][i] = value
    places = [
        *zip(source.addresses, source.views, strict=True),
        *zip(out.addresses, out.views, strict=True),
    ]
    for slot, place in enumerate(places, FIRST):
        call.point(slot, *place)
    call.room(room)
    call.stop[0] = len(rows)
    return fold_reports(len(rows), call), call.stop[0]


def trade(symbol: int) -> dict[str, float]:
    return {"kind": TRADE, "symbol": symbol, "price": 100.0}


def test_it_stops_at_the_row_that_may_have_more_answers_than_there_is_room() -> None:
    rows = [trade(0), trade(1), trade(2), {"kind": TIME, "ts_event": 5 * SECOND}]

    assert run(rows, 8) == (6, 4)
    assert run(rows, 5) == (3, 3)


def test_rows_of_a_kind_that_it_does_not_know_are_left_out() -> None:
    assert run([{"kind": 99}, {"kind": -1}, trade(0)], 4) == (1, 3)

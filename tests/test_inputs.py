"""Inputs: a kernel sees the columns that it reads wherever they lie."""

from __future__ import annotations

from typing import Any

import pytest

from ordinis_rx.codes import Names
from ordinis_rx.columns import Block
from ordinis_rx.events import Quote
from ordinis_rx.frames import QuoteFrame
from ordinis_rx.inputs import Inputs
from ordinis_rx.kernels.record import FIRST, Call, Layout
from ordinis_rx.misfits import MISFIT
from ordinis_rx.testing import a_quote

LAYOUT = Layout(reads="symbol:i bid:f level:f other:f scale:f=3", writes="value:f")
"""A column that is read twice, one that is worked out of others, and one that no quote has."""

COLUMNS = LAYOUT.renamed(level="ask", other="bid")
QUOTES = [a_quote(9.0 + k, 12.0 + k, symbol="AB"[k % 2]) for k in range(5)]


def seen(inputs: Inputs, call: Call, rows: int) -> list[list[float]]:
    """What a kernel would see, as Python."""
    return [list(call.cells[slot][:rows]) for slot in range(FIRST, FIRST + 5)]


def of(layout: Layout) -> tuple[Call, Inputs]:
    call = Call(layout)
    return call, Inputs(call, QuoteFrame, compiled=False)


def expected(rows: list[Any], level: str) -> list[list[float]]:
    bids = [quote.bid for quote in rows]
    levels = [getattr(quote, level) for quote in rows]
    return [["AB".index(quote.symbol) for quote in rows], bids, levels, bids, [3.0] * len(rows)]


@pytest.mark.parametrize("level", ["mid", "ask"])
@pytest.mark.parametrize("rows", [1, 5])
def test_of_facts_only_what_is_read_is_laid_out(level: str, rows: int) -> None:
    call, inputs = of(LAYOUT.renamed(level=level, other="bid"))
    inputs.take(QuoteFrame.from_events(QUOTES[:rows]))
    inputs.point(0)

    assert seen(inputs, call, rows) == expected(QUOTES[:rows], level)


@pytest.mark.parametrize("at", [0, 2])
@pytest.mark.parametrize("level", ["mid", "ask"])
def test_columns_are_seen_where_they_lie_from_any_row_on(level: str, at: int) -> None:
    call, inputs = of(LAYOUT.renamed(level=level, other="bid"))
    frame = QuoteFrame.from_events(QUOTES)
    inputs.locate(frame, frame.n)
    inputs.point(at)

    assert seen(inputs, call, 5 - at) == expected(QUOTES[at:], level)
    block, j = frame.lookup("bid")
    assert call.record[FIRST + 1] == block.addresses[j] + 8 * at


def test_machine_code_is_aimed_at_a_block_that_has_all_columns() -> None:
    call = Call(COLUMNS)
    inputs = Inputs(call, QuoteFrame, compiled=True)
    block = Block(QuoteFrame.schema.kinds, 4)
    frame = QuoteFrame(Names())
    frame.hold_columns(block, 4)
    inputs.locate(frame, 4)
    inputs.point(1)

    assert inputs.places is block
    index = QuoteFrame.schema.index
    told = [call.record[FIRST + slot] for slot in range(4)]
    assert told == [block.addresses[index[name]] + 8 for name in ("symbol", "bid", "ask", "bid")]


def test_a_fact_that_comes_alone_has_a_place_of_its_own() -> None:
    call, inputs = of(COLUMNS)
    frame = QuoteFrame.from_events(QUOTES)
    inputs.locate(frame, frame.n)
    inputs.point(0)
    inputs.put(QUOTES[3], frame.names.symbols, frame.names.providers)
    inputs.look_at_alone()

    assert seen(inputs, call, 1) == expected([QUOTES[3]], "ask")
    assert inputs.pointed is inputs.alone


def test_what_fits_no_column_is_not_taken() -> None:
    names, inputs = Names(), of(COLUMNS)[1]
    much: Any = "much"
    quote = Quote(symbol="A", ts_event=1, bid=much, ask=9.0)
    with pytest.raises(MISFIT):
        inputs.put(quote, names.symbols, names.providers)

"""There is a frame for every kind of fact, and it has the numbers that the facts have."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.codes import Names
from ordinis_rx.columns import Block
from ordinis_rx.events import EVENT_TYPES, Quote
from ordinis_rx.frames import FRAMES, QuoteFrame

hostile = st.floats() | st.sampled_from([math.nan, -0.0, math.inf, 1e308, 5e-324])


def test_there_is_a_frame_for_every_kind() -> None:
    assert tuple(FRAMES)[: len(EVENT_TYPES)] == EVENT_TYPES


# a number that a kind has beside its columns

sides = st.lists(st.tuples(hostile, hostile), min_size=1, max_size=5)


@given(sides)
def test_a_mid_by_column_is_that_of_the_facts(numbers: list[tuple[float, float]]) -> None:
    quotes = [Quote(symbol="A", ts_event=0, bid=bid, ask=ask) for bid, ask in numbers]
    frame = QuoteFrame.from_events(quotes)
    columns = frame.copy()
    columns.hold_columns(frame_block(quotes), len(quotes))

    for each in (frame, columns):
        block, k = each.lookup("mid")
        told = block.columns[k][: each.n].tolist()
        assert [x if x == x else None for x in told] == [
            q.mid if q.mid == q.mid else None for q in quotes
        ]


def frame_block(facts: list[Quote]) -> Block:
    schema, names = QuoteFrame.schema, Names()
    block = Block(schema.kinds, len(facts))
    schema.writer(tuple(schema.index))(facts, block.views, names.symbols, names.providers)
    return block

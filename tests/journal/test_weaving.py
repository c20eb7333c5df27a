"""Items out of tables: the order of arrival is kept, whatever the sizes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.codes import Names
from ordinis_rx.frames import FRAMES
from ordinis_rx.journal.tables import table_of
from ordinis_rx.journal.weaving import Weaver
from ordinis_rx.testing import a_quote, a_trade, difference

pytest.importorskip("pyarrow")


def batches_of(facts: list[Any], first: int) -> list[tuple[type[Any], list[Any]]]:
    taken = []
    for kind in {type(fact) for fact in facts}:
        rows = [at for at, fact in enumerate(facts) if type(fact) is kind]
        frame = FRAMES[kind].from_events([facts[at] for at in rows])
        taken.append((kind, [table_of(kind).batch(frame, np.array(rows, np.int64) + first)]))
    return taken


stories = st.lists(
    st.builds(
        lambda make, seq: make(seq=seq), st.sampled_from([a_trade, a_quote]), st.integers(1, 6)
    ),
    min_size=1,
    max_size=12,
)


@given(st.lists(stories, max_size=4), st.integers(1, 6), st.booleans())
def test_any_flushes_come_out_as_they_arrived(
    flushes: list[list[Any]], rows: int, rising: bool
) -> None:
    weaver = Weaver(Names(), rows)
    story: list[Any] = []
    told: list[Any] = []
    sizes: list[int] = []
    for facts in flushes:
        facts = sorted(facts, key=lambda fact: fact.seq) if rising else facts
        for item in weaver.add(batches_of(facts, len(story))):
            told += item.facts
            sizes.append(item.n)
        story += facts
    for item in weaver.rest():
        told += item.facts
        sizes.append(item.n)
    assert difference(told, story) == ""
    assert all(sizes)


def test_frames_of_one_kind_are_of_the_size_that_was_asked_for() -> None:
    weaver = Weaver(Names(), 4)
    facts = [a_trade(at, seq=at + 1) for at in range(10)]
    sizes = [item.n for item in weaver.add(batches_of(facts, 0))]
    assert sizes == [4, 4]
    assert [item.n for item in weaver.add(batches_of(facts[:1], 10))] == []
    assert [item.n for item in weaver.add(batches_of(facts[:1], 11))] == [4]
    assert [item.n for item in weaver.rest()] == []

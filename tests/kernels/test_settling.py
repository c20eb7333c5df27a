"""Answers that lie abreast, judged one after the other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.consensus import AggregationConfig, RobustOutlier
from ordinis_rx.kernels.compiled import has_numba, uncompiled
from ordinis_rx.kernels.consensus_layout import LOST_ONE, LOST_SYMBOLS, TIME, TRADE
from ordinis_rx.timebase import SECOND
from tests.kernels.fold import Fold, Row, in_python, quote

EVERY = AggregationConfig(emit="every", outliers=RobustOutlier(confirm=1))
CONFIGS = [
    EVERY,
    AggregationConfig(),
    AggregationConfig(emit=SECOND, idle=30 * SECOND),
    AggregationConfig(reliability=True, confidence="original", volume="sum", min_providers=2),
]


def test_an_answer_rests_on_what_was_known_when_its_row_came() -> None:
    trades = [{"kind": TRADE, "symbol": 0, "price": 100.0, "size": 5.0}] * 2
    rows = [quote(0, 1, 100.0), *trades, quote(0, 1, 100.0)]

    volumes = [each["volume"] for each in in_python(rows, EVERY)]

    assert volumes == ["nan", 5.0, 10.0, 10.0]


minutes = st.integers(0, 90 * SECOND)
rows = st.one_of(
    st.builds(
        quote, st.integers(0, 2), st.integers(0, 4), st.sampled_from([99.9, 100.0, 100.02, 103.0]), minutes
    ),
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from([TRADE, LOST_ONE, LOST_SYMBOLS, TIME]),
            "symbol": st.integers(0, 2),
            "provider": st.integers(0, 4),
            "ts_event": minutes,
            "price": st.sampled_from([99.9, 100.0, 103.0]),
            "size": st.just(7.0),
        }
    ),
)  # fmt: skip
timed = st.lists(rows, min_size=1, max_size=90).map(
    lambda told: sorted(told, key=lambda row: row["ts_event"])
)


@pytest.mark.parametrize("config", CONFIGS)
@given(told=timed, cut=st.integers(1, 40))
def test_it_makes_no_difference_how_many_answers_are_settled_at_once(
    config: AggregationConfig, told: list[Row], cut: int
) -> None:
    with uncompiled():
        whole, part, single = Fold(config, room=400), Fold(config, room=400), Fold(config)
    answers = whole(told)

    assert [each for row in told for each in single([row])] == answers
    parts = [told[k : k + cut] for k in range(0, len(told), cut)]
    assert [each for rows in parts for each in part(rows)] == answers


@pytest.mark.skipif(not has_numba(), reason="needs the extra fast")
@pytest.mark.parametrize("config", CONFIGS)
@given(told=timed)
def test_machine_code_settles_them_alike(config: AggregationConfig, told: list[Row]) -> None:
    with uncompiled():
        python = Fold(config, room=400)
    machine, single = Fold(config, room=400), Fold(config)
    answers = python(told)

    assert machine(told) == answers
    assert [each for row in told for each in single([row])] == answers

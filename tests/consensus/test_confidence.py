"""The interval that a price is in, and how likely it is right."""

from __future__ import annotations

import math

import pytest

from ordinis_rx.consensus import ConsensusStatus, Panel, score
from ordinis_rx.consensus.facts import Entry
from ordinis_rx.testing import through

ENTRIES = tuple(Entry(provider=name, price=100.0) for name in "abc")


def a_panel(**more: object) -> Panel:
    known = {"price": 100.0, "error": 0.01, "entries": ENTRIES, **more}
    return Panel(symbol="A", ts_event=0, seq=1, **known)  # type: ignore[arg-type]


def scored(panel: Panel, *args: float, **options: object) -> tuple[float, float]:
    (answer,) = through(score(*args, **options), [panel])  # type: ignore[arg-type]
    return answer.half_width, answer.confidence


def test_the_half_width_is_students_t_times_the_error() -> None:
    assert scored(a_panel())[0] == pytest.approx(2.4469 * 0.01, rel=1e-3)
    assert scored(a_panel(off_centre=0.5))[0] == pytest.approx(0.5 + 2.4469 * 0.01, rel=1e-3)


def test_the_confidence_is_the_probability_within_the_tolerance() -> None:
    # Two basis points of 100 are 0.02: twice the error, with six degrees of freedom.
    assert scored(a_panel())[1] == pytest.approx(0.9076, abs=1e-3)
    assert scored(a_panel(), 1e6)[1] == 1.0
    assert scored(a_panel(error=0.0))[1] == 1.0
    assert scored(a_panel(off_centre=0.5))[1] == 0.0


def test_in_a_dispute_the_interval_reaches_to_all() -> None:
    entries = (Entry(provider="a", price=99.0), Entry(provider="b", price=101.5))

    half, _ = scored(a_panel(entries=entries, status=ConsensusStatus.DISPUTED))

    assert half == 1.5


def test_the_original_score_can_be_had() -> None:
    confidence = scored(a_panel(), confidence="original")[1]

    assert confidence == pytest.approx(0.3 * 0.6 + 0.4 + 0.3)


def test_without_a_price_there_is_no_confidence() -> None:
    half, confidence = scored(a_panel(price=math.nan, status=ConsensusStatus.NO_QUORUM))

    assert math.isnan(half)
    assert confidence == 0.0


@pytest.mark.parametrize("tolerance", [0, -1, math.inf])
def test_a_tolerance_that_makes_no_sense_is_refused(tolerance: float) -> None:
    with pytest.raises(
        ValueError, match=f"tolerance_bps must be a finite number above 0, got {tolerance}"
    ):
        score(tolerance)

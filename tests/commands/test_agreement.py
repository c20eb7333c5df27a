from __future__ import annotations

import math
from typing import Any

import pytest

from ordinis_rx.commands.agreement import FRESH, Agreement, Exclusion, Look
from ordinis_rx.consensus import AggregatedQuote, ConsensusStatus


def an_answer(price: float = 100.0, *, at: int = 1, **more: Any) -> AggregatedQuote:
    usual: dict[str, Any] = {"symbol": "A", "ts_event": at, "ts_recv": at, "half_width": 0.01}
    return AggregatedQuote(price=price, **{**usual, **more})


def an_agreement(*answers: AggregatedQuote) -> Agreement:
    agreement = Agreement(["A"], lambda _symbol, ts: 100.0 + ts)
    for answer in answers:
        agreement.on_next(answer)
    return agreement


def test_a_look_sees_the_newest_answer_beside_the_truth_of_its_time() -> None:
    agreement = an_agreement(an_answer(99.0, at=1), an_answer(102.0, at=2))

    look = agreement.look("A", 5, quiet=True)

    assert look == Look(5, "A", 102.0, 102.0, 0.01, ConsensusStatus.OK, quiet=True)
    assert (look.error_bps, look.holds_truth) == (0.0, True)


def test_a_late_report_does_not_set_the_clock_back() -> None:
    agreement = an_agreement(an_answer(at=3), an_answer(103.0, at=1, ts_recv=4))

    assert agreement.look("A", 4).true == 103.0


def test_an_old_answer_is_no_price() -> None:
    agreement = an_agreement(an_answer(at=1))

    assert agreement.look("A", 1 + FRESH).price == 100.0
    look = agreement.look("A", 2 + FRESH)
    assert math.isnan(look.price)
    assert look.status is None
    assert not look.holds_truth


@pytest.mark.parametrize(("price", "holds"), [(100.0, True), (100.02, True), (100.03, False)])
def test_an_interval_holds_the_truth_or_not(price: float, holds: bool) -> None:
    assert Look(0, "A", 100.0, price, 0.02 + 1e-9).holds_truth is holds


def test_an_error_is_a_share_of_the_true_price_and_a_width_one_of_the_price() -> None:
    look = Look(0, "A", 100.0, 100.01, 0.02)

    assert look.error_bps == pytest.approx(1.0)
    assert look.half_width_bps == pytest.approx(2.0, rel=1e-3)


def test_an_exclusion_lasts_from_the_first_answer_without_to_the_first_one_with_a_provider() -> (
    None
):
    agreement = an_agreement(
        an_answer(at=1),
        an_answer(at=2, outliers_excluded=("p",)),
        an_answer(at=3, outliers_excluded=("p",), lost=("q",)),
        an_answer(at=4, stale=("p",), lost=("q",)),
        an_answer(at=5, lost=("q",)),
    )

    assert agreement.exclusions == [
        Exclusion("p", "A", "outlier", 2, 4),
        Exclusion("q", "A", "lost", 3, None),
        Exclusion("p", "A", "stale", 4, 5),
    ]


def test_exclusions_of_one_symbol_are_not_those_of_another() -> None:
    agreement = an_agreement(
        an_answer(at=1, outliers_excluded=("p",)),
        an_answer(at=2, symbol="B"),
        an_answer(at=3, symbol="B", outliers_excluded=("p",)),
        an_answer(at=4),
    )

    assert agreement.exclusions == [
        Exclusion("p", "A", "outlier", 1, 4),
        Exclusion("p", "B", "outlier", 3, None),
    ]


def test_it_is_whole_when_every_symbol_has_all_its_providers() -> None:
    agreement = Agreement(["A", "B"], lambda *_: 1.0)
    assert not agreement.is_whole

    agreement.on_next(an_answer())
    agreement.on_next(an_answer(symbol="B", status=ConsensusStatus.DEGRADED))
    assert not agreement.is_whole

    agreement.on_next(an_answer(symbol="B"))
    assert agreement.is_whole


def test_every_sample_looks_at_every_symbol() -> None:
    agreement = Agreement(["A", "B"], lambda *_: 1.0)

    agreement.sample(5, quiet=True)
    agreement.sample(6)

    assert [(look.ts, look.symbol, look.quiet) for look in agreement.looks] == [
        (5, "A", True),
        (5, "B", True),
        (6, "A", False),
        (6, "B", False),
    ]

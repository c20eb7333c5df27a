"""Settings that turn out to make no sense."""

from __future__ import annotations

import pytest

from ordinis_rx.consensus import AggregationConfig, ProviderWeight, ZScoreOutlier
from ordinis_rx.consensus.warnings import Doubts
from ordinis_rx.timebase import MINUTE

WEIGHTS = (ProviderWeight("a"), ProviderWeight("b"), ProviderWeight("gone", enabled=False))


def test_without_weights_and_z_scores_there_is_nothing_to_doubt() -> None:
    assert not Doubts(AggregationConfig()).any


def test_who_has_been_heard_of_within_a_minute_is_not_named(
    caplog: pytest.LogCaptureFixture,
) -> None:
    doubts = Doubts(AggregationConfig(weights=WEIGHTS))

    doubts.look(["a"], 0)
    doubts.look(["a", "b"], MINUTE)
    doubts.look(["a", "b"], 2 * MINUTE)

    assert not caplog.records
    assert not doubts.any


def test_who_has_not_been_heard_of_is_named_once(caplog: pytest.LogCaptureFixture) -> None:
    doubts = Doubts(AggregationConfig(weights=WEIGHTS))

    doubts.look(["a"], 0)
    doubts.look(["a"], 2 * MINUTE)
    doubts.at_the_end()

    assert [record.getMessage() for record in caplog.records] == [
        "weights name providers that have not been heard of: b"
    ]


@pytest.mark.parametrize(("providers", "told"), [(2, 0), (5, 1), (6, 0)])
def test_a_z_score_is_doubted_where_it_cannot_fire(
    providers: int, told: int, caplog: pytest.LogCaptureFixture
) -> None:
    doubts = Doubts(AggregationConfig(outliers=ZScoreOutlier()))

    doubts.look([f"p{k}" for k in range(providers)], 0)
    doubts.at_the_end()

    assert len(caplog.records) == told

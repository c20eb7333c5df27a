"""Settings: what makes no sense is refused at once, by name and value."""

from __future__ import annotations

import math
from typing import Any

import pytest

from ordinis_rx.consensus import (
    AggregationConfig,
    AggregationMethod,
    ProviderWeight,
    RobustOutlier,
    ZScoreOutlier,
)
from ordinis_rx.consensus.config import NEVER
from ordinis_rx.timebase import SECOND


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"trimmed_mean_pct": 0.5}, r"trimmed_mean_pct must be in \[0, 0.5\), got 0.5"),
        ({"trimmed_mean_pct": -0.1}, "got -0.1"),
        ({"trimmed_mean_pct": math.nan}, "got nan"),
        ({"min_providers": 0}, "min_providers must be 1 or more providers, got 0"),
        ({"timeout_seconds": 0}, "timeout_seconds must be a finite number above 0, got 0"),
        ({"tolerance_bps": math.inf}, "tolerance_bps must be a finite number above 0, got inf"),
        ({"max_age": 0}, "max_age must be positive nanoseconds, .* got 0"),
        ({"max_age": 5.0}, "max_age must be positive nanoseconds, .* got 5.0"),
        ({"idle": -1}, "idle must be positive nanoseconds, .* got -1"),
        ({"time_window": True}, "time_window must be positive nanoseconds, .* got True"),
        (
            {"max_age_by_symbol": {"AAPL": 0}},
            "max_age of AAPL must be positive nanoseconds, .* got 0",
        ),
        ({"max_age": NEVER + 1}, f"max_age must be .*, 1 << 62 at most, got {NEVER + 1}"),
        ({"emit": 2**63 - 1}, f"emit must be .*, 1 << 62 at most, got {2**63 - 1}"),
        ({"emit": "sometimes"}, "emit must be .* got 'sometimes'"),
        ({"emit": 0}, "emit must be .* got 0"),
        ({"confidence": "high"}, "confidence must be one of .* got 'high'"),
        ({"price": "last"}, "price must be one of .* got 'last'"),
        ({"volume": "min"}, "volume must be one of .* got 'min'"),
        ({"compat": "seed"}, "compat must be one of .* got 'seed'"),
        ({"outliers": None}, "outliers must be one of the rules, .* got None"),
        (
            {"weights": (ProviderWeight("a"), ProviderWeight("a", 2.0))},
            "weights name provider 'a' 2 times",
        ),
        ({"weights": (ProviderWeight("a", 0.0),)}, r"weights are all zero \(of a\)"),
    ],
)
def test_what_makes_no_sense_is_named_with_its_value(given: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        AggregationConfig(**given)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"method": "median"}, r"one of AggregationMethod.MEDIAN .* got 'median'"),
        (
            {"weights": {"polygon": 2.0}},
            r"""several ProviderWeight\("polygon", 2.0\), got 'polygon'""",
        ),
        ({"min_providers": "2"}, "min_providers must be a whole number of providers, got '2'"),
    ],
)
def test_what_is_of_another_type_is_named_beside_what_is_wanted(
    given: dict[str, Any], told: str
) -> None:
    with pytest.raises(TypeError, match=told):
        AggregationConfig(**given)


@pytest.mark.parametrize("weight", [-1.0, math.nan, math.inf])
def test_a_weight_is_a_number_from_zero_on(weight: float) -> None:
    with pytest.raises(
        ValueError,
        match=f"ProviderWeight: weight of 'a' must be a finite number, 0 or more, got {weight}",
    ):
        ProviderWeight("a", weight)


def test_a_weight_whose_sums_would_be_infinite_is_refused() -> None:
    with pytest.raises(ValueError, match=r"weight of 'a' must be 1e\+100 at most, got 1e\+308"):
        ProviderWeight("a", 1e308)

    assert ProviderWeight("a", 1e100).weight == 1e100


def test_the_original_rules_are_those_of_the_original() -> None:
    config = AggregationConfig.original(min_providers=2)

    assert config.outliers == ZScoreOutlier(2.0, min_providers=3)
    assert (config.confidence, config.compat, config.volume) == ("original", "original", "sum")
    assert config.max_age == NEVER
    assert config.min_providers == 2
    assert config.method is AggregationMethod.MEDIAN


def test_the_original_takes_weights_that_are_all_zero() -> None:
    assert AggregationConfig.original(weights=(ProviderWeight("a", 0.0),)).weight_of("a") == 0.0


def test_weights_and_ages_are_looked_up_by_name() -> None:
    config = AggregationConfig(
        weights=(ProviderWeight("a", 2.0), ProviderWeight("b", enabled=False)),
        max_age_by_symbol={"BTC-USD": SECOND},
    )

    assert [config.weight_of(name) for name in "abc"] == [2.0, 1.0, 1.0]
    assert config.disabled == {"b"}
    assert config.max_age_of("BTC-USD") == SECOND
    assert config.max_age_of("AAPL") == 5 * SECOND


def test_a_method_that_one_report_moves_excludes_without_waiting() -> None:
    assert AggregationConfig().confirm == 2
    assert AggregationConfig(method=AggregationMethod.MEAN).confirm == 1
    assert AggregationConfig(outliers=RobustOutlier(confirm=3)).confirm == 3
    assert AggregationConfig(outliers=ZScoreOutlier()).confirm == 1

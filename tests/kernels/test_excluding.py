"""Who is taken out of an answer, and let in again."""

from __future__ import annotations

import pytest

from ordinis_rx.consensus import AggregationConfig, RobustOutlier
from tests.kernels.fold import in_python, quote

EVERY = AggregationConfig(emit="every", outliers=RobustOutlier(confirm=1))
CALM = [quote(symbol, provider, 100.0) for provider in range(4) for symbol in range(2)]


def test_who_is_excluded_is_told_with_the_answer_that_he_brought_about() -> None:
    told = in_python([*CALM, quote(0, 3, 150.0), quote(1, 3, 100.0), quote(0, 3, 100.0)], EVERY)

    assert [each["moved"] for each in told] == [0] * 8 + [1 << 3, 0, 1 << 3]
    assert told[8]["outliers_excluded"] == 1 << 3
    assert told[8]["moved_bps"] == pytest.approx(5000.0)
    assert told[10]["outliers_excluded"] == 0
    assert told[10]["moved_bps"] == pytest.approx(0.0)


def test_an_answer_of_which_one_is_taken_out_is_the_one_of_the_others() -> None:
    apart = [100.0, 100.01, 100.02]
    calm = [quote(0, provider, price) for provider, price in enumerate(apart)]

    without = in_python(calm, EVERY)[-1]
    of_four = in_python([*calm, quote(0, 3, 150.0)], EVERY)[-1]

    assert of_four["outliers_excluded"] == 1 << 3
    for name in ("price", "bid", "ask", "provider_count", "providers_used"):
        assert of_four[name] == without[name]

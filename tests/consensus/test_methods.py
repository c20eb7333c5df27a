"""The methods, by the names that users write in their settings."""

from __future__ import annotations

import inspect

from ordinis_rx.consensus import AggregationMethod, methods
from ordinis_rx.kernels import folding


def test_methods_are_written_as_words() -> None:
    assert AggregationMethod("trimmed_mean") is AggregationMethod.TRIMMED_MEAN
    assert [method.value for method in AggregationMethod] == [
        "median",
        "mean",
        "weighted_mean",
        "min",
        "max",
        "trimmed_mean",
    ]


def test_kernels_count_the_methods_in_the_same_order() -> None:
    assert [getattr(folding, method.name) for method in AggregationMethod] == list(range(6))


def test_every_method_says_what_it_does() -> None:
    source = inspect.getsource(methods)

    assert source.count('"""') == 2 + 2 + 2 * len(AggregationMethod)

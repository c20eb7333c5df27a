from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from ordinis_rx.consensus import AggregatedQuote
from ordinis_rx.pull.results import Health, ProviderResult, Round


def test_a_result_is_a_success_unless_it_says_otherwise() -> None:
    result = ProviderResult("mine", {"price": 1.0}, 12.0, 5)

    assert (result.success, result.error) == (True, None)
    with pytest.raises(FrozenInstanceError):
        result.success = False  # type: ignore[misc]


def test_a_round_in_which_all_were_heard() -> None:
    answer = Round(AggregatedQuote(symbol="A", ts_event=0), ())

    assert (answer.unheard, answer.rejects) == ((), ())


def test_health_of_nobody() -> None:
    assert dict(Health(False, "0/0 providers healthy").providers) == {}

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from ordinis_rx.testing.proxy_faults import ProxyFaults, ProxyStats


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"latency": -1}, "latency must be 0 or more nanoseconds, .* got -1"),
        ({"jitter": -1}, "jitter must be 0 or more nanoseconds, .* got -1"),
        ({"slow_close": -5}, "slow_close must be 0 or more nanoseconds, .* got -5"),
        ({"bandwidth": 0.0}, "bandwidth must be a finite number above 0, got 0.0"),
        ({"bandwidth": float("nan")}, "bandwidth must be a finite number above 0, got nan"),
        ({"cut_after": -1}, "cut_after must be 0 or more bytes, got -1"),
        ({"half_open_after": -1}, "half_open_after must be 0 or more bytes, got -1"),
        ({"corrupt_every": 0}, "corrupt_every must be 1 or more bytes, got 0"),
        ({"max_connections": -1}, "max_connections must be 0 or more connections, got -1"),
        ({"corrupt": 1.5}, "corrupt must be a share between 0 and 1, got 1.5"),
    ],
)
def test_faults_that_make_no_sense_are_refused_by_name_and_value(
    wrong: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        ProxyFaults(**wrong)


def test_by_default_nothing_goes_wrong_and_nothing_has_been_counted() -> None:
    assert {value or 0 for value in dataclasses.asdict(ProxyFaults()).values()} == {0}
    assert set(dataclasses.asdict(ProxyStats()).values()) == {0}


def test_faults_are_a_value() -> None:
    faults = ProxyFaults(latency=1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        faults.latency = 2  # type: ignore[misc]
    assert dataclasses.replace(faults, jitter=3) == ProxyFaults(latency=1, jitter=3)

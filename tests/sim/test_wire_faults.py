from __future__ import annotations

import pytest

from ordinis_rx.sim import WireFaults


def test_unless_asked_nothing_goes_wrong() -> None:
    assert WireFaults() == WireFaults(None, None, None, None, None, 0.0)


@pytest.mark.parametrize(
    "name",
    ["disconnect_every", "clean_close_every", "error_close_every", "half_open_after", "mute_after"],
)
def test_times_must_be_positive(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} must be 1 or more nanoseconds, .* got 0"):
        WireFaults(**{name: 0})


def test_garbage_is_a_share() -> None:
    with pytest.raises(ValueError, match=r"garbage must be a share between 0 and 1, got -0.5"):
        WireFaults(garbage=-0.5)

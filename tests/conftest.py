"""What every test shares: how hard Hypothesis looks, and where the project lies."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

# "suite" gives the same examples on every machine, so that a red run is about the change and not about luck;
# "explore" looks for new ones: pytest --hypothesis-profile=explore;
# "mutants" stops at the first that fails: with thousands of faults to notice, nobody reads the smallest one of each
settings.register_profile(
    "suite",
    max_examples=50,
    deadline=None,
    derandomize=True,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "explore", max_examples=2_000, deadline=None, database=None, print_blob=True
)
settings.register_profile(
    "mutants", settings.get_profile("suite"), phases=[Phase.explicit, Phase.generate]
)
settings.load_profile("suite")


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's root folder."""
    return Path(__file__).resolve().parent.parent

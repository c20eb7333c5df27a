"""Whatever a seed does to a feed, it heals, holds one connection with the wanted subscriptions, and tells each loss."""

from __future__ import annotations

import pytest

from tests.figures import record
from tests.world.story import play


@pytest.mark.deep
def test_a_seed_tells_the_same_story_twice_and_another_seed_another() -> None:
    once, again, other = play(3), play(3), play(4)
    assert once == again
    assert once[0] != other[0]
    assert once[1] == other[1] == []


def all_well(first: int, count: int) -> None:
    wrong = {seed: found for seed in range(first, first + count) if (found := play(seed)[1])}
    assert wrong == {}, f"tell one with: python -m tests.world --seed {min(wrong)}"
    record(f"convergence, seeds from {first}", "0 worlds went wrong", f"{count} virtual days")


@pytest.mark.deep
@pytest.mark.parametrize("first", range(0, 60, 10))
def test_sixty_days_of_faults_end_well_and_no_loss_is_silent(first: int) -> None:
    all_well(first, 10)


@pytest.mark.soak
@pytest.mark.parametrize("first", range(0, 300, 50))
def test_three_hundred_days_of_faults_end_well(first: int) -> None:
    all_well(first, 50)

"""Whatever a seed does to a feed, it heals, holds one connection with the wanted subscriptions, and tells each loss."""

from __future__ import annotations

from collections import Counter

import pytest

from ordinis_rx.interruptions import Interruptions
from tests.figures import record
from tests.sizes import size
from tests.virtual import START
from tests.world.story import play
from tests.world.vendor import World


@pytest.mark.deep
def test_a_seed_tells_the_same_story_twice_and_another_seed_another() -> None:
    once, again, other = play(3), play(3), play(4)
    assert once == again
    assert once.log != other.log
    assert once.problems == other.problems == []


def all_well(first: int, count: int) -> Counter[str]:
    """What happened in so many worlds, in none of which anything went wrong."""
    total, wrong = Counter[str](), dict[int, list[str]]()
    for seed in range(first, first + count):
        told = play(seed)
        total += told.count
        if told.problems:
            wrong[seed] = told.problems
    assert wrong == {}, f"tell one with: python -m tests.world --seed {min(wrong)}"
    return total


@pytest.mark.deep
def test_a_feed_that_trusts_answered_pings_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def from_the_last_sign_of_life(
        self: Interruptions, up_since: int
    ) -> dict[tuple[str, ...], int]:
        return {(): max(up_since, self._meter.last_receive)}

    monkeypatch.setattr(Interruptions, "_complete_until", from_the_last_sign_of_life)
    assert "was lost without a word" in " ".join(play(1).problems)


@pytest.mark.deep
def test_a_feed_that_calls_everything_missing_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def from_the_beginning(self: Interruptions, up_since: int) -> dict[tuple[str, ...], int]:
        return {(): START}

    monkeypatch.setattr(Interruptions, "_complete_until", from_the_beginning)
    assert "is too wide" in " ".join(play(1).problems)


@pytest.mark.deep
@pytest.mark.parametrize("first", range(0, 300, 25))
def test_three_hundred_days_of_faults_end_well_and_no_loss_is_silent(first: int) -> None:
    total = all_well(first, 25)
    assert total.keys() >= World(0).faults.keys()
    assert min(total["sent"], total["lost"], total["filled"]) > 0


@pytest.mark.soak
def test_ten_thousand_days_of_faults_end_well_and_no_loss_is_silent() -> None:
    first, count = size("FIRST_SEED"), size("SEEDS")
    total = all_well(first, count)
    sent, lost, filled = (total.pop(name) for name in ("sent", "lost", "filled"))
    seeds = f"seeds {first:,} to {first + count - 1:,}"
    days = f"{count:,} virtual days, {total.total():,} faults of {len(total)} kinds"
    record(f"reconnect convergence, {seeds}", "0 ended otherwise", days)
    record(
        f"loss, {seeds}",
        f"0 silent: of {sent:,} trades {filled:,} were filled in and {lost:,} lie inside a Gap",
        days,
    )

"""Reports of several providers: seeded, with the faults asked for and the truth beside them."""

from __future__ import annotations

import numpy as np
import pytest

from ordinis_rx.testing.reports import reports
from ordinis_rx.timebase import SECOND


def test_the_same_seed_tells_the_same_story_and_another_seed_another() -> None:
    once, again, other = (reports(5, 2, 3, seed=seed).quotes() for seed in (1, 1, 2))

    assert once == again
    assert once != other


def test_noise_is_what_was_asked_for_in_basis_points_of_the_truth() -> None:
    story = reports(200, 20, 3, seed=1, noise_bps=2.0)

    off = (story.price / story.truth[:, :, None] - 1) * 1e4

    assert off.mean() == pytest.approx(0.0, abs=0.05)
    assert off.std() == pytest.approx(2.0, rel=0.02)


def test_an_error_befalls_only_the_rounds_symbols_and_providers_it_is_given_for() -> None:
    error = np.zeros((10, 2, 3))
    error[5:, 1, 2] = 50.0

    story = reports(10, 2, 3, seed=1, noise_bps=0.0, error_bps=error)

    off = (story.price / story.truth[:, :, None] - 1) * 1e4
    assert off == pytest.approx(error, abs=1e-9)


def test_a_jump_moves_the_truth_and_every_report_with_it() -> None:
    jump = np.zeros((10, 1))
    jump[5] = 50.0

    story = reports(10, 1, 3, seed=1, noise_bps=0.0, volatility_bps=0.0, jump_bps=jump)

    assert story.truth[:, 0] == pytest.approx([100.0] * 5 + [100.0 * np.exp(0.005)] * 5)
    assert story.price[:, 0, 1] == pytest.approx(story.truth[:, 0])


def test_every_provider_reports_every_symbol_once_a_round() -> None:
    story = reports(4, 2, 3, seed=1)

    rounds = np.array_split(np.array(story.quotes(), dtype=object), 4)

    wanted = {(symbol, provider) for symbol in story.symbols for provider in story.providers}
    assert all({(q.symbol, q.provider) for q in told} == wanted for told in rounds)
    assert all(len(told) == len(wanted) for told in rounds)


def test_reports_are_spread_over_the_interval_or_made_at_one_moment() -> None:
    story = reports(2, 1, 4, seed=1, interval=SECOND, start=0)

    apart = [quote.ts_event for quote in story.quotes()]
    together = [quote.ts_event for quote in story.quotes(together=True)]

    assert apart == [j * SECOND // 4 for j in range(8)]
    assert together == [0] * 4 + [SECOND] * 4


def test_quotes_stand_around_the_reported_price() -> None:
    story = reports(1, 1, 1, seed=1, spread_bps=4.0)

    (quote,) = story.quotes()

    assert quote.mid == pytest.approx(story.price[0, 0, 0])
    assert quote.spread_bps == pytest.approx(4.0)


@pytest.mark.parametrize("name", ["rounds", "symbols", "providers"])
def test_counts_must_be_positive(name: str) -> None:
    counts = {"rounds": 1, "symbols": 1, "providers": 1, name: 0}

    with pytest.raises(ValueError, match=f"{name} must be 1 or more {name}, got 0"):
        reports(**counts, seed=1)

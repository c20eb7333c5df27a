from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from ordinis_rx.sim.truth import Truth
from ordinis_rx.timebase import MILLI, SECOND


def _truth(symbols: list[str] | None = None, **options: object) -> Truth:
    return Truth(symbols or ["AAPL", "MSFT"], **{"seed": 5, "start": 0, **options})  # type: ignore[arg-type]


def _path(seconds: int, seed: int = 5) -> np.ndarray:
    moments = np.arange(seconds * 10) * 100 * MILLI
    prices, _ = _truth(seed=seed).at(np.zeros(len(moments), dtype=np.int64), moments)
    return np.diff(np.log(prices))


def test_the_path_does_not_depend_on_the_order_of_questions() -> None:
    early, late = _truth(), _truth()
    forward = [early.price("AAPL", t * SECOND) for t in (1, 500, 5000)]

    assert [late.price("AAPL", t * SECOND) for t in (5000, 500, 1)] == forward[::-1]


def test_the_path_does_not_depend_on_other_symbols() -> None:
    assert _truth(["MSFT"]).price("MSFT", 77 * SECOND) == _truth().price("MSFT", 77 * SECOND)


def test_symbols_and_seeds_have_paths_of_their_own() -> None:
    moves = [_path(200, seed=1), _path(200, seed=2)]

    assert abs(np.corrcoef(*moves)[0, 1]) < 0.1
    assert _truth().price("AAPL", 0) != _truth().price("MSFT", 0)


def test_between_two_points_of_the_grid_the_price_lies_between_them() -> None:
    truth = _truth()
    left, middle, right = (truth.price("AAPL", t * MILLI) for t in (300, 350, 400))

    assert min(left, right) < middle < max(left, right)


def test_a_given_price_is_where_the_path_begins() -> None:
    assert _truth(prices={"MSFT": 373.1}).price("MSFT", 0) == 373.1


def test_volatility_is_as_asked_and_comes_in_clusters() -> None:
    moves = _path(40_000)
    a_year = np.sqrt(np.mean(moves**2) * 10 * 252 * 6.5 * 3600)
    squared = moves**2 - np.mean(moves**2)
    persistence = {
        lag: np.mean(squared[lag:] * squared[:-lag]) / np.var(moves**2) for lag in (1, 50)
    }

    # exp(log volatility) of spread 0.5 has a root mean square of exp(0.25).
    assert 0.3 * np.exp(0.25) == pytest.approx(a_year, rel=0.1)
    assert persistence[1] > 0.1
    assert persistence[50] > 0.05
    assert abs(np.mean(moves[1:] * moves[:-1]) / np.var(moves)) < 0.01  # the moves themselves: none


def test_unknown_symbols_and_moments_before_the_start_are_refused() -> None:
    with pytest.raises(ValueError, match=r"no symbol 'TSLA' in this market; it has AAPL, MSFT"):
        _truth().price("TSLA", 0)
    with pytest.raises(ValueError, match="starts at 0, asked for -1"):
        _truth().price("AAPL", -1)


def test_threads_that_ask_at_once_hear_the_same_path() -> None:
    shared = _truth()
    moments = np.arange(0, 20_000, 7) * SECOND
    codes = np.zeros(len(moments), dtype=np.int64)

    def asked(_: int) -> list[float]:
        return [float(shared.at(codes[j : j + 1], moments[j : j + 1])[0][0]) for j in range(2_000)]

    with ThreadPoolExecutor(4) as threads:
        told = list(threads.map(asked, range(4)))

    assert told == [_truth().at(codes[:2_000], moments[:2_000])[0].tolist()] * 4

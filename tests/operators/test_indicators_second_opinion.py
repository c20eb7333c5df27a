"""A second opinion: what pandas-ta-classic 0.8.32 says of the same bars, by its own formulas, written down once."""

from __future__ import annotations

import numpy as np
import pytest

from ordinis_rx.operators import ichimoku
from ordinis_rx.operators.indicators import indicator
from ordinis_rx.testing import through
from ordinis_rx.timebase import MINUTE
from tests.candles import random_bars

BARS = random_bars(300, seed=5)

PANDAS_TA = {
    100: (1006.285995, 1.0, 998.303929, 1005.5, 996.5, 1014.0, 1014.0),
    143: (1035.33412, 1.0, 1006.333037, 1016.75, 1009.5, 1041.0, 1031.5),
    144: (1035.33412, 1.0, 1051.0, 1017.25, 1009.5, 1041.0, 1031.5),
    199: (1033.047309, -1.0, 1035.801239, 1039.25, 1034.0, 1024.5, 1024.5),
    250: (1016.493496, -1.0, 1023.175581, 1015.5, 1019.0, 1007.0, 1003.5),
    299: (968.470091, -1.0, 951.919465, 994.5, 999.0, 952.0, 967.0),
}
"""By the number of the bar: supertrend 10, 3 and its direction; VWAP of the UTC day, bars of ten minutes; the Ichimoku cloud
over the bar (A, B), tenkan and kijun."""

TURNS = [19, 41, 164]
"""The bars with which its supertrend changes sides."""


@pytest.mark.parametrize("row", PANDAS_TA)
def test_supertrend_vwap_and_the_cloud_are_those_of_pandas_ta_classic(row: int) -> None:
    sides = [np.array([getattr(bar, name) for bar in BARS]) for name in ("high", "low", "close")]
    volume = np.array([bar.volume for bar in BARS])
    ends = np.array([float(bar.ts_event * 10 * MINUTE) for bar in BARS])
    stop, trend = indicator("supertrend").whole(*sides)
    (price,) = indicator("vwap", zone="UTC").whole(*sides, volume, ends)
    cloud = through(ichimoku(), BARS)[row]

    told = (
        stop[row],
        trend[row],
        price[row],
        cloud.cloud_a,
        cloud.cloud_b,
        cloud.tenkan,
        cloud.kijun,
    )
    np.testing.assert_allclose(told, PANDAS_TA[row], rtol=0, atol=1e-6)


def test_supertrend_changes_sides_with_the_same_bars() -> None:
    sides = [np.array([getattr(bar, name) for bar in BARS]) for name in ("high", "low", "close")]
    _, trend = indicator("supertrend").whole(*sides)

    known = np.flatnonzero(~np.isnan(trend))[0]
    assert (np.flatnonzero(np.diff(trend[known:])) + 1 + known).tolist() == TURNS

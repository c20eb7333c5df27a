"""The page's section on csp."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.engines.story import closes, means, of_engine


def test_its_curve_and_average_are_ours_to_the_nanosecond_and_every_bar_is_pushed(
    tmp_path: Path,
) -> None:
    names = of_engine("csp", tmp_path)
    times, close = names["curves"]["close"]
    _, average = names["curves"]["average"]

    assert close.tolist() == closes(names)
    assert times.astype(np.int64).tolist() == names["table"].ts_event.tolist()
    assert np.allclose(average, means(names), rtol=1e-12)
    assert [bar for _, bar in names["pushed"]] == names["table"].to_events()

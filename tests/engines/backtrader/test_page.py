"""The page's section on backtrader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.engines.story import changes, closes, means, of_engine


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder: Path = tmp_path_factory.mktemp("page")
    return of_engine("backtrader", folder)


@pytest.mark.parametrize("way", ["recorded", "live"])
def test_its_bars_averages_and_fills_are_those_of_our_story(names: Any, way: str) -> None:
    strategy = names[way]

    assert strategy.seen == closes(names)
    assert np.allclose(strategy.averages, means(names), rtol=1e-12)
    opens = names["table"].open.tolist()
    fills = [(above, opens[bar + 1]) for bar, above in changes(names)]  # at the next bar's open
    assert strategy.fills == fills
    assert len(fills) > 5

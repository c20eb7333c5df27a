"""The page's section on zipline-reloaded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.engines.story import changes, closes, means, of_engine


def test_its_bars_and_averages_are_ours_and_each_change_is_a_transaction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZIPLINE_ROOT", "")  # the page sets it, and so it is restored
    names = of_engine("zipline", tmp_path)
    [transactions] = names["ran"].transactions

    assert np.allclose(names["seen"], closes(names), rtol=1e-12)
    assert np.allclose(names["means"], means(names), rtol=1e-12)
    times = [names["table"][bar + 1].ts_event for bar, _ in changes(names)]  # filled a bar later
    assert [told["dt"].value for told in transactions] == times
    assert [told["amount"] > 0 for told in transactions] == [above for _, above in changes(names)]

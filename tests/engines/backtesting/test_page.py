"""The page's section on backtesting.py."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.engines.story import changes, closes, means, of_engine


def test_its_average_is_ours_and_its_trades_open_a_bar_after_the_change(tmp_path: Path) -> None:
    names = of_engine("backtesting", tmp_path)
    result = names["result"]
    trades = result["_trades"]

    assert names["frame"]["Close"].tolist() == closes(names)
    assert np.allclose(result["_strategy"].average[19:], means(names), rtol=1e-12)
    opened = [bar + 1 for bar, above in changes(names) if above]
    closed = [bar + 1 for bar, above in changes(names) if not above]
    assert trades["EntryBar"].tolist() == opened
    assert trades["ExitBar"].tolist()[: len(closed)] == closed
    opens = names["table"].open.tolist()
    assert trades["EntryPrice"].tolist() == [opens[bar] for bar in opened]

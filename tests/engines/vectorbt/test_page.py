"""The page's section on vectorbt."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.engines.story import changes, closes, means, of_engine


def test_its_average_is_ours_and_its_orders_are_the_changes_of_our_story(tmp_path: Path) -> None:
    names = of_engine("vectorbt", tmp_path)
    orders = names["portfolio"].orders.records

    assert names["close"].tolist() == closes(names)
    assert np.allclose(names["average"].ma.dropna(), means(names), rtol=1e-12)
    # A cross wants a bar on either side: where the first average is above already, nothing crosses.
    crossings = [(bar, above) for bar, above in changes(names) if bar > 19]
    assert [(row.idx, row.side == 0) for row in orders.itertuples()] == crossings
    assert [row.price for row in orders.itertuples()] == [
        closes(names)[bar] for bar, _ in crossings
    ]
    assert len(crossings) > 5

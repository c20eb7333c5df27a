"""The page's section on nautilus_trader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ordinis_rx.events import Quote
from tests.engines.story import changes, closes, means, of_engine


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder: Path = tmp_path_factory.mktemp("page")
    return of_engine("nautilus", folder)


def in_cents(names: Any) -> list[float]:
    """Our closes as the instrument has them: the market has prints at half a cent."""
    return [float(names["share"].make_price(close)) for close in closes(names)]


def test_its_bars_and_averages_are_ours(names: Any) -> None:
    strategy, table = names["strategy"], names["table"]

    assert [float(bar.close) for bar in strategy.seen] == in_cents(names)
    assert np.allclose(in_cents(names), closes(names), atol=0.00501)
    assert [bar.ts_event for bar in strategy.seen] == table.ts_event.tolist()
    assert [bar.ts_init for bar in strategy.seen] == table.ts_recv.tolist()
    assert [float(bar.volume) for bar in strategy.seen] == table.volume.tolist()
    assert np.allclose(strategy.averages, means(names), atol=0.00501)


def test_each_change_is_a_fill_at_the_close_that_it_was_decided_on(names: Any) -> None:
    fills = names["fills"].sort_values("ts_init")

    assert [side == "BUY" for side in fills["side"]] == [above for _, above in changes(names)]
    decided = [in_cents(names)[bar] for bar, _ in changes(names)]
    assert fills["avg_px"].astype(float).tolist() == decided


def test_the_live_node_is_told_the_quotes_of_the_stream_from_the_first_on(names: Any) -> None:
    told = names["told"]
    quotes = [fact for fact in names["market"].events() if type(fact) is Quote]

    assert len(told) >= 200
    assert [tick.ts_event for tick in told] == [quote.ts_event for quote in quotes[: len(told)]]
    assert [(float(tick.bid_price), float(tick.ask_price)) for tick in told] == [
        (quote.bid, quote.ask) for quote in quotes[: len(told)]
    ]

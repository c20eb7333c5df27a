"""Windows of time on recorded quotes, against those of polars."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import polars
import pytest

from ordinis_rx.events import Quote
from ordinis_rx.operators import rolling_mean, rolling_std
from ordinis_rx.testing import through
from ordinis_rx.timebase import MILLI, SECOND

TICKS = Path(__file__).parents[3] / "shared/data/fx/fxcm/tick_20140505.zip"


def quotes() -> list[Quote]:
    """The quotes of a day; one a moment, since polars takes all numbers of a moment for known at the first of them."""
    if not TICKS.exists():
        pytest.skip(f"recorded data is not here: {TICKS.name}")
    with zipfile.ZipFile(TICKS) as packed:
        (inside,) = packed.namelist()
        rows = list(csv.reader(io.StringIO(packed.read(inside).decode("ascii"))))
    at_once = {int(at): (float(bid), float(ask)) for at, bid, ask in rows}
    return [
        Quote(symbol="EURUSD", ts_event=at * MILLI, bid=bid, ask=ask, seq=n)
        for n, (at, (bid, ask)) in enumerate(sorted(at_once.items()), 1)
    ]


@pytest.mark.parametrize("seconds", [30, 3600])
def test_means_and_deviations_are_those_of_polars(seconds: int) -> None:
    told = quotes()
    table = polars.DataFrame(
        {"at": [quote.ts_event for quote in told], "bid": [quote.bid for quote in told]}
    ).with_columns(polars.col("at").cast(polars.Datetime("ns")))
    theirs = table.select(
        polars.col("bid").rolling_mean_by("at", f"{seconds}s").alias("mean"),
        polars.col("bid").rolling_std_by("at", f"{seconds}s", min_samples=2).alias("std"),
    )

    means = through(rolling_mean(20_000, over=seconds * SECOND, of="bid"), told)
    deviations = through(rolling_std(20_000, over=seconds * SECOND, of="bid"), told)

    assert len(told) > 20_000
    assert [reading.value for reading in means] == pytest.approx(
        theirs["mean"].to_list(), rel=1e-12
    )
    assert [reading.value for reading in deviations] == pytest.approx(
        theirs["std"].drop_nulls().to_list(), rel=1e-6, abs=1e-11
    )

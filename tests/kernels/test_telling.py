"""What an answer that is folded says of volumes and success."""

from __future__ import annotations

import pytest

from ordinis_rx.consensus import AggregationConfig
from ordinis_rx.kernels.consensus_layout import TRADE
from tests.kernels.fold import Row, in_python, quote


def trade(provider: int, size: float) -> Row:
    return {"kind": TRADE, "symbol": 0, "provider": provider, "price": 100.0, "size": size}


@pytest.mark.parametrize(("volume", "last"), [("max", 5.0), ("median", 4.0), ("sum", 12.0)])
def test_volumes_are_folded_as_asked(volume: str, last: float) -> None:
    told = in_python(
        [trade(0, 5.0), trade(1, 3.0), trade(2, 4.0)],
        AggregationConfig(emit="every", volume=volume),
    )

    assert [each["volume"] for each in told][::2] == [5.0, last]


def test_a_quote_alone_tells_no_volume() -> None:
    assert in_python([quote(0, 0, 100.0)], AggregationConfig())[0]["volume"] == "nan"


def test_the_original_score_is_asked_for_by_name_and_grows_with_those_who_agree() -> None:
    rows = [quote(0, provider, 100.0, provider) for provider in range(5)]
    scores = [
        each["confidence"] for each in in_python(rows, AggregationConfig(confidence="original"))
    ]

    assert scores == pytest.approx([0.56, 0.82, 0.88, 0.94, 1.0])

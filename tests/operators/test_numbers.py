"""Names of numbers: each means one kind of fact."""

from __future__ import annotations

from typing import get_args

import pytest

from ordinis_rx.events import TradeFlags
from ordinis_rx.frames import FRAMES
from ordinis_rx.operators.numbers import Number, source_of


@pytest.mark.parametrize("name", get_args(Number))
def test_a_number_is_a_float_of_just_one_kind_of_fact(name: Number) -> None:
    source = source_of(name, "somebody")

    assert source.frame.kind_of(name) == "f"
    others = [f for f in FRAMES.values() if f.kind_of(name) and f.kind.__module__ == "ordinis_rx.events"]  # fmt: skip
    assert source.frame in others


def test_a_price_counts_as_the_last_one_and_a_size_as_volume() -> None:
    assert source_of("price", "somebody").moves is TradeFlags.LAST
    assert source_of("size", "somebody").moves is TradeFlags.VOLUME


@pytest.mark.parametrize("name", ["last", "", None, 5])
def test_an_unknown_name_is_refused_with_those_there_are(name: object) -> None:
    with pytest.raises(
        ValueError, match=r"ema: of must be one of 'price', 'size', 'bid', .* 'value', got "
    ):
        source_of(name, "ema")  # type: ignore[arg-type]

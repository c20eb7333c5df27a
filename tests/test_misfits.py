"""What fits into no column is told with its fact and its field, wherever it comes in."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from ordinis_rx import operators as oo
from ordinis_rx.consensus import consensus
from ordinis_rx.misfits import misfit
from ordinis_rx.multicast import Hot
from ordinis_rx.testing import a_quote, a_trade

ODD: dict[str, Any] = {
    "ts_event": 1.5e18,
    "bid": "dear",
    "seq": 1 << 70,
    "symbol": ["A"],
    "ask": None,
}


@pytest.mark.parametrize(("field", "value"), ODD.items())
def test_a_field_that_fits_no_column_is_told_with_its_fact(field: str, value: Any) -> None:
    odd = replace(a_quote(1.0, 2.0), **{field: value})

    error = misfit([a_quote(1.0, 2.0), odd], ["symbol", "ts_event", "bid", "ask", "seq"], OSError())

    assert isinstance(error, TypeError)
    assert str(error) == f"{field} cannot be {value!r} in {odd!r}"


def test_a_number_that_cannot_be_worked_out_is_told_with_its_fact() -> None:
    odd = replace(a_quote(1.0, 2.0), bid="dear")  # type: ignore[arg-type]

    assert str(misfit([odd], ["mid"], OSError())) == f"mid cannot be worked out of {odd!r}"


def test_where_all_fits_the_error_is_what_it_was() -> None:
    error = ValueError("something else")

    assert misfit([a_trade(1.0)], ["price", "size"], error) is error
    assert misfit([], ["price"], error) is error


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize(
    "operator",
    [consensus(), oo.time_bars(1, of="bid"), oo.rolling_mean(2, of="mid")],
    ids=["consensus", "bars", "mean"],
)
def test_operators_end_with_what_it_was(operator: Any, several: bool) -> None:
    hot, told = Hot(), list[Exception]()
    hot.stream.pipe(operator).subscribe(print, told.append)
    odd = [replace(a_quote(1.0, 2.0), seq=k, symbol=["A"]) for k in (1, 2)]  # type: ignore[arg-type]

    hot.push(odd if several else odd[:1])  # type: ignore[arg-type]

    assert str(told[0]).startswith("symbol cannot be ['A'] in Quote(symbol=['A']")

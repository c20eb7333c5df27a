"""What came of a demo, as plain values that a JSON document holds and gives back."""

from __future__ import annotations

import math

import msgspec
import pytest

from ordinis_rx.commands.outcome import (
    Check,
    Errors,
    Falsehood,
    Fault,
    Interval,
    Outcome,
    ProviderRow,
    SymbolRow,
)

ROW = ProviderRow(
    name="p",
    status="CONNECTED",
    last=9.0,
    bid=math.nan,
    ask=9.5,
    lag_ms=1.0,
    events=7,
    reconnects=1,
    gaps=1,
    errors=0,
    outlier_share=0.125,
    deviation_bps=-1.5,
)
SYMBOL = SymbolRow(
    symbol="A",
    price=9.0,
    half_width=0.01,
    half_width_bps=11.1,
    confidence=0.9,
    status="DEGRADED",
    excluded={"p": "outlier"},
    true=9.0,
    error_bps=0.0,
)
OUTCOME = Outcome(
    ok=True,
    seconds=3.0,
    seed=5,
    providers=(),
    symbols=(SYMBOL,),
    faults=(Fault(at=1.0, provider="p", fault="cut off", gap=None),),
    falsehoods=(
        Falsehood(
            at=1.5,
            until=2.5,
            provider="p",
            fault="too high",
            symbols=("A", "B"),
            falsified=9,
            reason="outlier",
            excluded_after=0.25,
            back_after=None,
        ),
    ),
    errors_bps=Errors(samples=4, without_price=1, median=0.5, worst=1.5),
    interval=Interval(looks=4, holds_truth=0.75, half_width_bps=11.1),
    statuses={"OK": 3, "NONE": 1},
    checks=(Check(name="heals", ok=True, detail="1 of 1"),),
)


def test_an_outcome_comes_back_from_its_document_as_it_was() -> None:
    assert msgspec.json.decode(msgspec.json.encode(OUTCOME), type=Outcome) == OUTCOME


def test_a_price_that_there_is_not_is_null_in_the_document() -> None:
    told = msgspec.json.decode(msgspec.json.encode(ROW))

    assert told["bid"] is None
    assert (told["ask"], told["deviation_bps"]) == (9.5, -1.5)


def test_what_was_not_traced_or_not_found_out_is_null_and_not_zero() -> None:
    told = msgspec.json.decode(msgspec.json.encode(OUTCOME))

    assert told["faults"][0]["gap"] is None
    assert told["falsehoods"][0]["back_after"] is None
    assert told["falsehoods"][0]["excluded_after"] == 0.25


def test_an_outcome_is_never_changed_afterwards() -> None:
    with pytest.raises(AttributeError):
        OUTCOME.ok = False  # type: ignore[misc]


def test_a_row_without_one_of_its_figures_is_refused() -> None:
    with pytest.raises(TypeError, match="half_width"):
        SymbolRow(symbol="A", price=9.0)  # type: ignore[call-arg]

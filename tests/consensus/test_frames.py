"""The facts of a consensus by column."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from ordinis_rx.codes import Codes, Names
from ordinis_rx.consensus import AggregatedQuote, ConsensusStatus
from ordinis_rx.consensus.frames import AggregatedQuoteFrame
from ordinis_rx.recipes import Recipe

ANSWER = AggregatedQuote(
    symbol="A",
    ts_event=5,
    price=9.0,
    status=ConsensusStatus.DISPUTED,
    providers_used=("x", "y"),
    outliers_excluded=("z",),
)


def test_an_answer_survives_its_columns() -> None:
    frame = AggregatedQuoteFrame.from_events([ANSWER])
    for field in frame.schema.columns:
        frame.lookup(field.name)

    copied = AggregatedQuoteFrame(frame.names)
    assert frame.block is not None
    copied.hold_columns(frame.block, 1)

    assert copied.facts[0].providers_used == ("x", "y")
    assert copied.facts[0].outliers_excluded == ("z",)
    assert copied.facts[0].status is ConsensusStatus.DISPUTED


def test_answers_chosen_from_a_frame_are_those_of_their_rows() -> None:
    frame = AggregatedQuoteFrame.from_events(
        [msgspec.structs.replace(ANSWER, price=price) for price in (7.0, 8.0, 9.0)]
    )
    for field in frame.schema.columns:
        frame.lookup(field.name)
    chosen = AggregatedQuoteFrame(frame.names)

    chosen.hold_derived(frame, 2, np.array([0, 2]), Recipe(frame.schema, frame.schema))

    assert [(answer.price, answer.providers_used) for answer in chosen.facts] == [
        (7.0, ("x", "y")),
        (9.0, ("x", "y")),
    ]


def test_sets_of_providers_do_not_depend_on_the_order_in_which_they_came() -> None:
    names = Names()
    for provider in ("y", "z", "x"):
        _ = names.providers[provider]

    bits = names.providers.bits(("x", "y"))

    assert bits == 0b101
    assert names.providers.words.sets[bits] == ("x", "y")


def test_a_set_holds_62_providers() -> None:
    codes = Codes()
    many = [f"p{k:02}" for k in range(63)]

    assert codes.words.sets[codes.bits(many[:62])] == tuple(many[:62])
    with pytest.raises(ValueError, match="holds the first 62 of a stream, 'p62' is number 63"):
        codes.bits(many)

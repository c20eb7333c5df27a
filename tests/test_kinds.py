"""The words in which facts tell what they are."""

from __future__ import annotations

import enum

import pytest

from ordinis_rx import kinds
from ordinis_rx.kinds import (
    MOVES_ALL,
    Direction,
    GapReason,
    Side,
    StreamEventType,
    StreamStatus,
    TradeFlags,
)


@pytest.mark.parametrize("words", [StreamEventType, StreamStatus, Side, GapReason, Direction])
def test_a_word_is_written_as_it_is_called(words: type[enum.Enum]) -> None:
    assert [word.value for word in words] == [word.name for word in words]


def test_flags_can_be_told_apart_when_they_are_put_together() -> None:
    assert sum(TradeFlags) == 0b11111
    assert sum((TradeFlags.LAST, TradeFlags.HIGH_LOW, TradeFlags.VOLUME)) == MOVES_ALL


def test_all_words_are_offered() -> None:
    defined = {name for name, value in vars(kinds).items() if isinstance(value, enum.EnumType)}

    assert defined < set(kinds.__all__)

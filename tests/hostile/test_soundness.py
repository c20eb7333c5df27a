"""The judge of decoders is not lenient himself."""

from __future__ import annotations

import math
from typing import Any

import pytest
from msgspec.structs import replace

from ordinis_rx.errors import DecodeError
from ordinis_rx.events import Event
from ordinis_rx.testing import factories
from tests.hostile.soundness import decoded_soundly

TRADE = replace(factories.a_trade(symbol="A", at=5, price=1.0, size=2.0), ts_recv=9, seq=1)


def telling(*facts: Event) -> Any:
    return lambda raw, now, seq: (list(facts), ())


def test_a_sound_fact_passes() -> None:
    missing = replace(TRADE, price=math.nan, size=math.nan)

    assert decoded_soundly(telling(TRADE), b"", 9) == [TRADE]
    assert len(decoded_soundly(telling(missing), b"", 9)) == 1


def test_a_refusal_is_no_facts() -> None:
    def refuse(raw: bytes, now: int, seq: int) -> Any:
        raise DecodeError("acme", raw, "no")

    assert decoded_soundly(refuse, b"", 9) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"price": math.inf},
        {"price": -math.inf},
        {"price": True},
        {"price": 1},
        {"size": -1.0},
        {"size": math.inf},
        {"ts_event": 0},
        {"ts_event": 2**63},
        {"ts_event": 1.5},
        {"ts_recv": 8},
        {"seq": 2},
        {"symbol": "\ud800"},
    ],
    ids=str,
)
def test_what_a_consumer_could_not_bear_is_told(wrong: dict[str, Any]) -> None:
    with pytest.raises((AssertionError, UnicodeEncodeError)):
        decoded_soundly(telling(replace(TRADE, **wrong)), b"", 9)


def test_any_other_exception_is_let_through() -> None:
    def fail(raw: bytes, now: int, seq: int) -> Any:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        decoded_soundly(fail, b"", 9)

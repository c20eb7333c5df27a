"""Facts as JSON and back."""

from __future__ import annotations

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.consensus.facts import (
    AggregatedQuote,
    ConsensusStatus,
    Entry,
    Panel,
    Reject,
    Report,
    ReportKind,
)
from ordinis_rx.event_json import Fact, from_json, to_json
from ordinis_rx.events import Event, Quote
from ordinis_rx.operators import agreement, col, signals, snapshot, timeframes
from ordinis_rx.testing import a_bar, through
from ordinis_rx.testing.identity import same
from ordinis_rx.timebase import MINUTE
from tests.facts import ONE_OF_EACH

each_fact = pytest.mark.parametrize("fact", ONE_OF_EACH, ids=lambda fact: type(fact).__name__)


@each_fact
def test_every_fact_tells_its_kind(fact: Event) -> None:
    assert f'"type":"{fact.type.name}"'.encode() in to_json(fact)


@each_fact
def test_every_fact_survives_json(fact: Event) -> None:
    assert same(from_json(to_json(fact)), fact)
    assert same(from_json(to_json(fact).decode()), fact)


OF_A_CONSENSUS = (
    AggregatedQuote(
        symbol="A",
        ts_event=5,
        price=math.nan,
        status=ConsensusStatus.NO_CONSENSUS,
        providers_used=("a", "b"),
        lost=("c",),
    ),
    Report(symbol="A", ts_event=5, provider="a", kind=ReportKind.TRADE, price=9.0, size=1.0),
    Panel(symbol="A", ts_event=5, entries=(Entry(provider="a", price=9.0, age=3),), stale=("b",)),
    Reject(symbol="A", ts_event=5, provider="a", reason="not-a-number"),
)


@pytest.mark.parametrize("fact", OF_A_CONSENSUS, ids=lambda fact: type(fact).__name__)
def test_the_facts_of_a_consensus_survive_json(fact: Fact) -> None:
    assert repr(from_json(to_json(fact))) == repr(fact)


@pytest.mark.parametrize("entries", ["null", "7", "[7]", '[{"provider":"a"}]'])
def test_a_panel_of_no_entries_that_can_be_read_is_refused(entries: str) -> None:
    with pytest.raises(msgspec.ValidationError, match="entries"):
        from_json(f'{{"type":"PANEL","symbol":"A","ts_event":1,"entries":{entries}}}')


numbers = st.floats(allow_infinity=False, width=64)


@given(bid=numbers, ask=numbers, size=numbers, stamp=st.integers(-(2**63), 2**63 - 1))
def test_any_numbers_survive_json(bid: float, ask: float, size: float, stamp: int) -> None:
    fact = Quote(symbol="A", ts_event=stamp, bid=bid, ask=ask, bid_size=size)

    # By repr, since a NaN has many forms in bits and one in JSON.
    assert repr(from_json(to_json(fact))) == repr(fact)


def test_a_nan_is_null_in_json() -> None:
    assert b'"bid":null' in to_json(Quote(symbol="A", ts_event=1, bid=math.nan, ask=1.0))


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b'{"type":"NOVEL","ts_event":1}', "NOVEL"),
        (b'{"ts_event":1}', "unknown type"),
        (b"[1]", "object"),
        (b'{"type":"HEARTBEAT"}', "ts_event"),
        (b'{"type":"QUOTE","symbol":"A","ts_event":1,"bid":"x","ask":1.0}', "bid"),
        (b'{"type":"QUOTE","symbol":null,"ts_event":1,"bid":1.0,"ask":1.0}', "symbol"),
        (b'{"type":"STATUS","ts_event":1,"status":"DREAMING"}', "DREAMING"),
    ],
)
def test_what_is_no_fact_is_refused_by_name(raw: bytes, told: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=told):
        from_json(raw)


@given(junk=st.binary(max_size=40))
def test_junk_is_a_decoding_error_and_nothing_else(junk: bytes) -> None:
    with pytest.raises((msgspec.DecodeError, UnicodeDecodeError)):
        from_json(b"{" + junk + b"]")


def test_rows_of_timeframes_and_what_is_made_of_them_survive_json() -> None:
    bars = [a_bar(5 + n, at=n * MINUTE, interval=MINUTE) for n in range(1, 5)]
    rows = through(timeframes("1m", "2m", forming=True), bars)
    told = [
        *rows,
        *through(agreement((1, 2)), rows),
        *through(signals(bullish=col("close") > 6), bars),
        *through(snapshot(), bars),
    ]

    assert same([from_json(to_json(fact)) for fact in told], told)

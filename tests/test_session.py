"""What a feed knows of its talk with a provider: its clock, its numbers, and how it reads."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest

from ordinis_rx.config import StreamConfig
from ordinis_rx.events import Trade
from ordinis_rx.feed_stats import Meter
from ordinis_rx.providers.protocol import Decode, Decoded, Provider
from ordinis_rx.session import Session
from ordinis_rx.subscriptions import Subscriptions
from ordinis_rx.taps import Taps
from tests.transport import KEY, a_polygon


def a_session(provider: Provider | None = None, wall: Iterable[int] = (7,) * 99) -> Session:
    chosen, ticks = provider or a_polygon(), iter(wall)
    return Session(
        chosen,
        Subscriptions(chosen, ["AAPL"], frozenset({"trades"})),
        StreamConfig(),
        Meter(),
        Taps([]),
        tell=lambda facts: None,
        ready=lambda: None,
        acknowledged=lambda: None,
        lapsed=lambda topics: None,
        refused=lambda: None,
        settled=lambda: None,
        wall=lambda: next(ticks),
    )


def with_decode(decode: Callable[[bytes, int, int], Decoded]) -> Provider:
    def decoder(names: Mapping[str, str]) -> Decode:
        return decode

    return dataclasses.replace(a_polygon(), decoder=decoder)


def trades(count: int) -> Callable[[bytes, int, int], Decoded]:
    def decode(raw: bytes, ts_recv: int, seq: int) -> Decoded:
        facts: list[Any] = [
            Trade(symbol="A", ts_event=1, seq=seq + n, price=1.0, size=1.0) for n in range(count)
        ]
        return facts, ()

    return decode


def test_the_wall_clock_never_runs_backwards() -> None:
    session = a_session(wall=[1_000, 900, 1_001])
    assert [session.now() for _ in range(3)] == [1_000, 1_000, 1_001]


def test_every_fact_has_a_number_of_its_own() -> None:
    session = a_session(with_decode(trades(3)))
    read = [fact.seq for fact in session.read(b"", 7)[0]]
    asked = session.next_seq(2)
    error = session.error("odd", "no reason").seq
    again = [fact.seq for fact in session.read(b"", 7)[0]]
    assert (read, asked, error, again) == ([1, 2, 3], 4, 6, [7, 8, 9])
    assert session.seq == 9


def test_nobody_is_let_in_without_a_connection() -> None:
    session = a_session()
    session.reconcile()
    assert not session.let_in


def test_what_a_provider_repeats_is_read_without_our_key() -> None:
    assert a_session().quiet(b"no access for " + KEY.encode()) == b"no access for " + b"*" * len(
        KEY
    )


@pytest.mark.parametrize("error", [KeyError("x"), RecursionError("deep"), ZeroDivisionError()])
def test_a_decoder_that_fails_is_told_and_not_fatal(error: Exception) -> None:
    def decode(raw: bytes, ts_recv: int, seq: int) -> Decoded:
        if raw == b"bad":
            raise error
        return trades(1)(raw, ts_recv, seq)

    session = a_session(with_decode(decode))
    read: list[Any] = [session.read(raw, 7)[0][0] for raw in (b"good", b"bad", b"good")]
    assert [fact.seq for fact in read] == [1, 2, 3]
    assert (read[1].kind, read[1].raw) == ("undecodable", b"bad")
    line = decode.__code__.co_firstlineno + 2
    told = f"the decoder raised {type(error).__name__} at test_session.py, line {line}"
    assert read[1].message == told


def test_a_decoder_that_gives_no_pair_is_named_as_such() -> None:
    def decode(raw: bytes, ts_recv: int, seq: int) -> Any:
        return [*trades(1)(raw, ts_recv, seq)[0]]

    [error] = a_session(with_decode(decode)).read(b"good", 7)[0]

    assert error.message == "the decoder gave list, not facts and controls, as in [trade], ()"  # type: ignore[attr-defined]

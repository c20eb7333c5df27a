"""Errors: what a caller may retry, and the sentences they write."""

from __future__ import annotations

import copy
import pickle

import pytest

from ordinis_rx import errors
from ordinis_rx.errors import (
    AuthError,
    BufferOverflow,
    DecodeError,
    Disconnected,
    JournalError,
    MissingExtra,
    OrdinisError,
    ProviderError,
    Stalled,
    SubscriptionError,
    WireError,
    WrongKind,
)

EXAMPLES = [
    (Disconnected("the server closed"), "disconnected: the server closed"),
    (Disconnected("going away", code=1001), "disconnected: going away (close code 1001)"),
    (Stalled("AAPL", 2.5), "stalled: nothing from AAPL for 2.5 s"),
    (AuthError("polygon", "authentication failed"), "polygon refused: authentication failed"),
    (SubscriptionError("alpaca", "no channel 'x'"), "alpaca refused: no channel 'x'"),
    (
        DecodeError("finnhub", b"{", "cut short"),
        "finnhub sent what cannot be read: cut short; b'{'",
    ),
    (JournalError("day.wire", "is no recording"), "day.wire is no recording"),
    (BufferOverflow(10), "buffer of 10 events is full"),
    (
        MissingExtra("compiling", package="numba", extra="fast"),
        "compiling needs numba: pip install 'ordinis-rx[fast]'",
    ),
    (MissingExtra("the bridge", package="csp"), "the bridge needs csp: pip install csp"),
    (
        WrongKind(["Bar"], ["Trade", "Quote"], "rsi(14)"),
        "rsi(14) reads Bar, and what comes to it is Trade and Quote alone: it would be silent for ever",
    ),
]


@pytest.mark.parametrize(("error", "sentence"), EXAMPLES, ids=lambda v: type(v).__name__)
def test_an_error_writes_its_own_sentence(error: OrdinisError, sentence: str) -> None:
    assert str(error) == sentence


def test_every_error_is_shown_here() -> None:
    shown = {type(error).__name__ for error, _ in EXAMPLES}

    assert shown == set(errors.__all__) - {"OrdinisError", "WireError", "ProviderError"}


@pytest.mark.parametrize(
    ("kind", "retried"),
    [
        (Disconnected, True),
        (Stalled, True),
        (AuthError, False),
        (SubscriptionError, False),
        (DecodeError, False),
        (BufferOverflow, False),
        (MissingExtra, False),
        (WrongKind, False),
    ],
)
def test_only_errors_of_the_wire_may_be_tried_again(
    kind: type[OrdinisError], retried: bool
) -> None:
    assert issubclass(kind, OrdinisError)
    assert issubclass(kind, WireError) is retried


def test_s08_a_wrong_key_is_a_refusal_and_not_a_lost_connection() -> None:
    assert issubclass(AuthError, ProviderError)
    assert not issubclass(AuthError, WireError)


def test_a_missing_package_can_be_caught_as_an_import_error() -> None:
    assert issubclass(MissingExtra, ImportError)


def test_the_wait_that_a_server_asks_for_travels_with_the_error() -> None:
    assert Disconnected("too many connections", cool_down=60.0).cool_down == 60.0
    assert Disconnected("the server closed").cool_down == 0.0
    assert Stalled("the connection", 1.0).cool_down == 0.0


def test_a_long_message_is_carried_whole_and_shown_cut() -> None:
    raw = b"x" * 10_000
    error = DecodeError("polygon", raw, "no JSON")

    assert error.raw == raw
    assert len(str(error)) < 200


@pytest.mark.parametrize("error", [Stalled("AAPL", 2.5), BufferOverflow(10)], ids=repr)
def test_an_error_of_plain_facts_can_be_copied_and_sent(error: OrdinisError) -> None:
    for other in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert (type(other), str(other)) == (type(error), str(error))

"""Errors: what a caller may retry, and the sentences they write."""

from __future__ import annotations

import copy
import importlib
import inspect
import pickle
import pkgutil
from typing import Any

import pytest

import ordinis_rx as package
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
    (WireError("acme", "busy"), "acme: busy"),
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

    assert shown == set(errors.__all__) - {"OrdinisError", "ProviderError"}


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


def public_errors() -> list[type[Exception]]:
    """The exception classes of all modules, but for those that need what is not installed."""
    found: list[type[Exception]] = []
    for name in sorted(
        module.name for module in pkgutil.walk_packages(package.__path__, "ordinis_rx.")
    ):
        if name.endswith("__main__"):
            continue
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        found += [
            value
            for value in vars(module).values()
            if isinstance(value, type) and issubclass(value, Exception)
            if value.__module__ == name and not value.__name__.startswith("_")
        ]
    return found


VALUES = {
    "str": "what",
    "object": "where",
    "bytes": b"raw",
    "int": 3,
    "int | None": 1006,
    "float": 12.25,
    "Sequence[str]": ["Quote", "Trade"],
    "Mapping[str, Exception]": {"polygon": ValueError("HTTP 500")},
}


def example(kind: type[Exception]) -> Exception:
    """An error with all that may be told of it; where that is of a new type, it wants a line in VALUES."""
    if not inspect.isfunction(kind.__init__):
        return kind("what")
    positional: list[Any] = []
    named: dict[str, Any] = {}
    for parameter in list(inspect.signature(kind.__init__).parameters.values())[1:]:
        value = VALUES[parameter.annotation]
        if parameter.kind is parameter.KEYWORD_ONLY:
            named[parameter.name] = value
        else:
            positional.append(value)
    return kind(*positional, **named)


@pytest.mark.parametrize("kind", public_errors(), ids=lambda kind: kind.__name__)
def test_an_error_can_be_copied_and_sent_to_another_process(kind: type[Exception]) -> None:
    error = example(kind)
    error.add_note("while it was worked at")

    for other in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert type(other) is kind
        assert (str(other), repr(other)) == (str(error), repr(error))
        assert repr(vars(other)) == repr(vars(error))


def test_the_errors_of_every_part_are_among_those_that_are_sent() -> None:
    names = {kind.__name__ for kind in public_errors()}

    assert names > {
        *errors.__all__,
        "CircuitOpen",
        "RateLimited",
        "NoQuotes",
        "KernelFault",
        "BadUsage",
    }

from __future__ import annotations

import pytest

from ordinis_rx.errors import AuthError, OrdinisError, WireError
from ordinis_rx.pull.failures import (
    CircuitOpen,
    NoAnswer,
    NoQuorum,
    NoQuotes,
    RateLimited,
    UnusableAnswer,
)


def test_no_quotes_is_a_value_error_that_tells_every_cause() -> None:
    error = NoQuotes(
        "No successful quotes for AAPL",
        {"polygon": AuthError("polygon", "HTTP 401"), "mine": KeyError("price"), "old": OSError()},
    )

    assert isinstance(error, ValueError)
    assert isinstance(error, OrdinisError)
    assert str(error) == (
        "No successful quotes for AAPL (polygon refused: HTTP 401; mine failed: KeyError: 'price'; "
        "old failed: OSError)"
    )
    assert set(error.causes) == {"polygon", "mine", "old"}


def test_without_causes_the_sentence_stands_alone() -> None:
    assert str(NoQuotes("No sources", {})) == "No sources"


def test_an_address_in_a_strangers_error_is_not_shown() -> None:
    stranger = OSError("GET https://user:canary@host/quote?token=canary failed")

    told = str(NoQuotes("No successful quotes for AAPL", {"mine": stranger}))

    assert "canary" not in told
    assert "mine failed: OSError: GET (an address) failed" in told


@pytest.mark.parametrize(
    "error",
    [
        RateLimited("finnhub", cool_down=12.25),
        CircuitOpen("finnhub", cool_down=12.25, last="HTTP 500"),
    ],
)
def test_who_is_left_alone_says_for_how_long(error: NoAnswer) -> None:
    assert isinstance(error, WireError)
    assert error.cool_down == 12.25
    assert "12.2 s" in str(error)


def test_too_few_is_a_kind_of_none() -> None:
    assert issubclass(NoQuorum, NoQuotes)


def test_an_unusable_answer_names_who_what_and_why() -> None:
    error = UnusableAnswer("finnhub", "AAPL", "price is -1.0")

    assert (error.provider, error.symbol, error.reason) == ("finnhub", "AAPL", "price is -1.0")

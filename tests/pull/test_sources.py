from __future__ import annotations

import pytest

from ordinis_rx.pull.rest.alpaca import AlpacaRest
from ordinis_rx.pull.rest.finnhub import FinnhubRest
from ordinis_rx.pull.rest.polygon import PolygonRest
from ordinis_rx.pull.sources import (
    Answer,
    Closing,
    FunctionSource,
    Historical,
    Validating,
    close_all,
)


async def _ask(symbol: str) -> Answer:
    return {"price": 1.5, "symbol": symbol}


async def test_a_function_is_a_source() -> None:
    source = FunctionSource("mine", _ask)

    assert source.name == "mine"
    assert await source.get_quote("AAPL") == {"price": 1.5, "symbol": "AAPL"}
    assert repr(source) == "FunctionSource('mine')"


def test_a_source_without_a_name_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a name"):
        FunctionSource("", _ask)


def test_a_source_of_what_cannot_be_called_is_refused() -> None:
    with pytest.raises(TypeError, match="the function of 'mine' must be a function, got 5"):
        FunctionSource("mine", 5)  # type: ignore[arg-type]


def test_what_more_a_source_can_do_is_seen_from_its_methods() -> None:
    able = (Historical, Validating, Closing)

    for source in (PolygonRest("k"), FinnhubRest("k"), AlpacaRest("k", "s")):
        assert [isinstance(source, kind) for kind in able] == [True, True, True]
    assert [isinstance(FunctionSource("mine", _ask), kind) for kind in able] == [False] * 3


async def test_a_function_that_is_not_async_says_so_when_it_is_asked() -> None:
    source = FunctionSource("mine", lambda symbol: {"price": 1.0})  # type: ignore[arg-type, return-value]

    with pytest.raises(
        TypeError, match=r"the function of 'mine' must be async, it gave {'price': 1.0}"
    ):
        await source.get_quote("AAPL")


class _Held:
    """A source to be closed, which may fail in that."""

    def __init__(self, error: Exception | None = None) -> None:
        self._error = error
        self.closed = False

    async def aclose(self) -> None:
        if self._error is not None:
            raise self._error
        self.closed = True


class _NotAsync:
    def aclose(self) -> None: ...


async def test_all_are_closed_before_it_is_told_who_could_not_be() -> None:
    good, down = _Held(), OSError("down")

    with pytest.raises(OSError, match="down") as one:
        await close_all([_Held(down), FunctionSource("mine", _ask), good])
    with pytest.raises(ExceptionGroup, match="closing sources") as several:
        await close_all([_NotAsync(), _Held(down), _Held()])

    assert good.closed
    assert one.value is down
    assert [type(error) for error in several.value.exceptions] == [TypeError, OSError]

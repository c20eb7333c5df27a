from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from typing import Any

import pytest
import reactivex

from ordinis_rx import testing
from ordinis_rx.events import Trade
from ordinis_rx.handlers import CallbackStreamHandler
from ordinis_rx.handlers.base import METHODS
from ordinis_rx.stream import from_events
from ordinis_rx.testing import a_feed_error, a_quote, a_trade

FACTS = [a_trade(9, seq=1), a_quote(seq=2), a_trade(7, seq=3), a_feed_error(seq=4)]


def test_a_callback_hears_the_facts_of_its_kind() -> None:
    trades: list[Any] = []
    errors: list[Any] = []

    from_events(FACTS).subscribe(
        CallbackStreamHandler(on_trade=trades.append, on_feed_error=errors.append)
    )

    assert trades == [FACTS[0], FACTS[2]]
    assert errors == [FACTS[3]]


def test_every_kind_takes_a_callback() -> None:
    for make in (getattr(testing, name) for name in testing.__all__ if name.startswith("a_")):
        fact, heard = make(), list[Any]()
        callback: Any = {METHODS[type(fact)]: heard.append}

        CallbackStreamHandler(**callback).on_next(fact)

        assert heard == [fact]


def test_without_callbacks_everything_is_ignored() -> None:
    handler = CallbackStreamHandler(on_trade=None)

    from_events(FACTS).subscribe(handler)

    assert (handler.failures, handler.dropped) == (0, 0)


def test_the_end_is_told() -> None:
    told: list[object] = []
    error = RuntimeError("odd")

    def handler() -> CallbackStreamHandler:
        return CallbackStreamHandler(
            on_error=told.append, on_completed=lambda: told.append("completed")
        )

    from_events(FACTS).subscribe(handler())
    reactivex.throw(error).subscribe(handler())

    assert told == ["completed", error]


def test_a_callback_that_raises_is_counted_and_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    heard: list[float] = []

    def odd(trade: Trade) -> None:
        heard.append(trade.price)
        raise RuntimeError("odd")

    handler = CallbackStreamHandler(on_trade=odd)
    from_events(FACTS).subscribe(handler)

    assert (heard, handler.failures) == ([9.0, 7.0], 2)
    assert "CallbackStreamHandler: a callback raised RuntimeError('odd')" in caplog.text


async def a_task_later(heard: list[object], fact: object) -> None:
    await asyncio.sleep(0)
    heard.append(fact)


class Callable_:
    def __init__(self, heard: list[object]) -> None:
        self.heard = heard

    async def __call__(self, fact: object) -> None:
        await a_task_later(self.heard, fact)


@pytest.mark.parametrize(
    "make",
    [
        lambda heard: functools.partial(a_task_later, heard),
        lambda heard: lambda fact: a_task_later(heard, fact),
        Callable_,
    ],
    ids=["a partial", "a lambda that returns a coroutine", "an object"],
)
async def test_async_callbacks_run_in_the_order_of_the_facts(
    make: Callable[[list[object]], Any],
) -> None:
    heard: list[object] = []
    handler = CallbackStreamHandler(on_trade=make(heard), on_quote=make(heard))

    from_events(FACTS).subscribe(handler)
    assert (heard, handler.pending) == ([], 4)  # three that wait, and the task that will take them
    await handler.join()

    assert heard == FACTS[:3]
    assert handler.pending == 0


async def test_the_end_is_told_after_the_facts_that_wait() -> None:
    heard: list[object] = []
    handler = CallbackStreamHandler(
        on_trade=functools.partial(a_task_later, heard),
        on_completed=functools.partial(a_task_later, heard, "end"),
    )

    from_events(FACTS).subscribe(handler)
    await handler.join()

    assert heard == [FACTS[0], FACTS[2], "end"]


async def test_async_callbacks_are_bounded_and_what_is_dropped_is_counted() -> None:
    heard: list[object] = []
    handler = CallbackStreamHandler(on_trade=functools.partial(a_task_later, heard), max_pending=2)

    trades = [a_trade(n, seq=n) for n in range(1, 6)]
    from_events(trades).subscribe(handler)
    await handler.join()

    assert heard == trades[3:]
    assert handler.dropped == 3


async def test_an_async_callback_that_raises_is_counted_and_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def odd(trade: Trade) -> None:
        raise RuntimeError(f"odd {trade.price}")

    handler = CallbackStreamHandler(on_trade=odd)
    from_events(FACTS).subscribe(handler)
    await handler.join()

    assert handler.failures == 2
    assert "odd 9.0" in caplog.text


async def test_closing_drops_what_waits() -> None:
    heard: list[object] = []
    handler = CallbackStreamHandler(on_trade=functools.partial(a_task_later, heard))

    from_events(FACTS).subscribe(handler)
    handler.close()
    await handler.join()

    assert (heard, handler.dropped) == ([], 2)


def test_an_async_callback_without_a_loop_is_a_failure_that_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    handler = CallbackStreamHandler(on_trade=functools.partial(a_task_later, []))

    from_events(FACTS).subscribe(handler)

    assert handler.failures == 2
    assert "an async callback needs a running asyncio loop" in caplog.text


def test_what_cannot_be_called_is_refused_at_once() -> None:
    with pytest.raises(
        TypeError, match="CallbackStreamHandler: on_trade must be a function, got 5"
    ):
        CallbackStreamHandler(on_trade=5)  # type: ignore[arg-type]

"""A handler made of functions, sync or async."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeAlias, TypeVar

from ordinis_rx.checks import check_callable
from ordinis_rx.events import (
    Bar,
    FeedError,
    Gap,
    Halt,
    Heartbeat,
    Quote,
    Reading,
    StatusChange,
    Trade,
    TradeCancel,
    TradeCorrection,
)
from ordinis_rx.handlers.base import BaseStreamHandler
from ordinis_rx.handlers.calls import Calls

__all__ = ["Callback", "CallbackStreamHandler"]

_A = TypeVar("_A")

Callback: TypeAlias = Callable[[_A], Awaitable[object] | object]
"""A function of one fact, sync or async."""


class CallbackStreamHandler(BaseStreamHandler):
    """Hands each fact to the callback of its kind; a kind without one is ignored.

    A sync callback runs at once and holds up what feeds it; give a slow one to `subscribe_isolated` instead. An async one
    runs on the asyncio loop, one after the other in the order of the facts, beside the stream; facts may come from another
    thread where the handler was made on the loop. At most *max_pending* calls wait: beyond that the oldest is dropped.

    What a callback raises is logged and counted in `failures`, and nothing else suffers; so is an async callback that has no
    loop to run on. The loop that closes drops what still waits.

    >>> heard = []
    >>> handler = CallbackStreamHandler(on_quote=heard.append, on_status=None)
    >>> handler.on_next(Quote(symbol="AAPL", ts_event=0, bid=1.0, ask=2.0))
    >>> heard[0].mid, handler.failures
    (1.5, 0)
    """

    def __init__(
        self,
        *,
        on_quote: Callback[Quote] | None = None,
        on_trade: Callback[Trade] | None = None,
        on_bar: Callback[Bar] | None = None,
        on_status: Callback[StatusChange] | None = None,
        on_gap: Callback[Gap] | None = None,
        on_heartbeat: Callback[Heartbeat] | None = None,
        on_halt: Callback[Halt] | None = None,
        on_cancel: Callback[TradeCancel] | None = None,
        on_correction: Callback[TradeCorrection] | None = None,
        on_reading: Callback[Reading] | None = None,
        on_feed_error: Callback[FeedError] | None = None,
        on_error: Callback[Exception] | None = None,
        on_completed: Callable[[], Awaitable[object] | object] | None = None,
        max_pending: int = 1000,
    ) -> None:
        super().__init__()
        self._calls = Calls(type(self).__name__, max_pending)
        callbacks: dict[str, Callable[..., object] | None] = {
            "on_quote": on_quote,
            "on_trade": on_trade,
            "on_bar": on_bar,
            "on_status": on_status,
            "on_gap": on_gap,
            "on_heartbeat": on_heartbeat,
            "on_halt": on_halt,
            "on_cancel": on_cancel,
            "on_correction": on_correction,
            "on_reading": on_reading,
            "on_feed_error": on_feed_error,
            "on_error": on_error,
            "on_completed": on_completed,
        }
        for name, callback in callbacks.items():
            check_callable(f"{type(self).__name__}: {name}", callback, optional=True)
            if callback is not None:
                setattr(self, name, partial(self._call, callback))

    @property
    def failures(self) -> int:
        """How many calls raised."""
        return self._calls.failures

    @property
    def dropped(self) -> int:
        """How many async calls were never begun, because too many waited or the loop closed."""
        return self._calls.dropped

    @property
    def pending(self) -> int:
        """How many async calls wait or are under way."""
        return self._calls.pending

    async def join(self) -> None:
        """Wait until no async call is pending."""
        await self._calls.join()

    def close(self) -> None:
        """Drop the async calls that wait, and cancel the one under way; to be called where the loop runs."""
        self._calls.cancel()

    def _call(self, callback: Callable[..., object], *arguments: Any) -> None:
        try:
            result = callback(*arguments)
        except Exception as error:
            self._calls.fail(error)
            return
        if inspect.isawaitable(result):
            self._calls.add(result)

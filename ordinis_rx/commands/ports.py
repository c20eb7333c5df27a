"""Ports that commands listen on, and what is said where one cannot be had."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TypeVar

from ordinis_rx.errors import OrdinisError

__all__ = ["listening"]

A = TypeVar("A")


@asynccontextmanager
async def listening(port: int, server: AbstractAsyncContextManager[A]) -> AsyncGenerator[A]:
    """Enter *server*, which listens on *port*; raises `OrdinisError` in words where it cannot."""
    async with AsyncExitStack() as stack:
        try:
            served = await stack.enter_async_context(server)
        except OSError as error:
            why = os.strerror(error.errno or 0)
            raise OrdinisError(f"cannot listen on port {port}: {why}") from error
        yield served

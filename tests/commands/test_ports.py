"""Ports that commands listen on, and what is said where one cannot be had."""

from __future__ import annotations

import errno
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from ordinis_rx.commands.ports import listening
from ordinis_rx.errors import OrdinisError

left: list[str] = []


@asynccontextmanager
async def server(fault: Exception | None = None) -> AsyncGenerator[str]:
    if fault is not None:
        raise fault
    yield "address"
    left.append("address")


async def test_a_server_is_entered_and_left() -> None:
    left.clear()

    async with listening(80, server()) as served:
        assert (served, left) == ("address", [])

    assert left == ["address"]


async def test_a_port_that_cannot_be_had_is_told_in_words() -> None:
    with pytest.raises(OrdinisError, match=r"^cannot listen on port 80: Permission denied$"):
        async with listening(80, server(PermissionError(errno.EACCES, "no"))):
            pass


async def test_what_goes_wrong_while_it_serves_is_no_fault_of_the_port() -> None:
    with pytest.raises(FileNotFoundError):
        async with listening(80, server()):
            raise FileNotFoundError(errno.ENOENT, "gone")

"""The proxy as a whole: whom it lets through, what can be done to it by hand, and that nothing of it stays behind."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import os
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest

from ordinis_rx.testing.fault_proxy import FaultProxy, ProxyFaults, fault_proxy
from tests.live import until

WAIT = 20.0


class Client:
    """Says a word and waits for its echo."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def talks(self) -> bool:
        self.writer.write(b"hello")
        try:
            return await self.reader.readexactly(5) == b"hello"
        except (asyncio.IncompleteReadError, ConnectionResetError):
            return False

    def leave(self) -> None:
        self.writer.transport.abort()


@contextlib.asynccontextmanager
async def echoing(**options: Any) -> AsyncIterator[FaultProxy]:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while said := await reader.read(1024):
                writer.write(said)
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with (
        server,
        fault_proxy("127.0.0.1", server.sockets[0].getsockname()[1], **options) as proxy,
        asyncio.timeout(WAIT),
    ):
        yield proxy


@contextlib.asynccontextmanager
async def clients(proxy: FaultProxy, count: int) -> AsyncIterator[list[Client]]:
    found = [Client(*await asyncio.open_connection(proxy.host, proxy.port)) for _ in range(count)]
    try:
        yield found
    finally:
        for client in found:
            client.leave()


async def test_more_than_the_limit_are_reset_and_a_place_that_is_left_is_free_again() -> None:
    async with (
        echoing(faults=ProxyFaults(max_connections=2)) as proxy,
        clients(proxy, 3) as (first, second, third),
    ):
        assert [await client.talks() for client in (first, second, third)] == [True, True, False]
        assert (proxy.stats.connections, proxy.stats.refused, proxy.connections) == (3, 1, 2)
        first.leave()
        await until(lambda: proxy.connections == 1)
        async with clients(proxy, 1) as (late,):
            assert await late.talks()


async def test_the_limit_holds_for_those_who_come_all_at_once() -> None:
    async with echoing(faults=ProxyFaults(max_connections=5)) as proxy, clients(proxy, 30) as all_:
        assert sum([await client.talks() for client in all_]) == 5
        assert proxy.stats.refused == 25


async def test_a_limit_of_nobody_refuses_everybody_until_it_is_lifted() -> None:
    async with echoing(faults=ProxyFaults(max_connections=0)) as proxy:
        async with clients(proxy, 1) as (refused,):
            assert not await refused.talks()
        proxy.faults = ProxyFaults()
        async with clients(proxy, 1) as (welcome,):
            assert await welcome.talks()


async def test_faults_that_are_set_count_at_once_for_open_connections() -> None:
    async with echoing() as proxy, clients(proxy, 1) as (client,):
        assert await client.talks()
        proxy.faults = ProxyFaults(corrupt_every=5)
        assert not await client.talks()
        proxy.faults = ProxyFaults()
        assert await client.talks()


async def test_a_cut_by_hand_resets_all_and_they_may_come_back() -> None:
    async with echoing() as proxy, clients(proxy, 2) as both:
        for client in both:
            assert await client.talks()
        proxy.cut()
        for client in both:
            with pytest.raises(ConnectionResetError):
                await client.reader.readexactly(1)
        await until(lambda: proxy.connections == 0)
        assert proxy.stats.cuts == 2
        async with clients(proxy, 1) as (back,):
            assert await back.talks()


async def test_half_opened_by_hand_are_those_of_the_moment() -> None:
    async with echoing() as proxy, clients(proxy, 1) as (old,):
        assert await old.talks()
        proxy.half_open()
        proxy.half_open()
        assert (proxy.connections, proxy.stats.half_opens) == (0, 1)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(old.talks(), 0.03)
        async with clients(proxy, 1) as (fresh,):
            assert await fresh.talks()


async def test_a_server_that_is_not_there_is_a_reset_and_counted() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    async with fault_proxy("127.0.0.1", port) as proxy, clients(proxy, 1) as (client,):
        assert not await client.talks()
        assert proxy.stats.unreachable == 1


async def test_it_leaves_no_task_and_no_descriptor() -> None:
    tasks = asyncio.all_tasks()
    descriptors = len(os.listdir("/dev/fd"))
    for _ in range(3):
        async with echoing() as proxy, clients(proxy, 4) as few:
            for client in few:
                assert await client.talks()
            proxy.half_open()
    async with asyncio.timeout(WAIT):
        await until(lambda: asyncio.all_tasks() == tasks)
        await until(lambda: len(os.listdir("/dev/fd")) == descriptors)


async def test_it_listens_on_loopback_unless_told_otherwise() -> None:
    assert inspect.signature(fault_proxy).parameters["host"].default == "127.0.0.1"
    async with echoing(host="127.0.0.2") as proxy:
        assert proxy.host == "127.0.0.2"
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", proxy.port)


async def test_an_address_goes_through_it_with_path_and_query() -> None:
    async with echoing() as proxy:
        place = f"127.0.0.1:{proxy.port}"
        assert proxy.through("ws://example.test:1/stocks") == f"ws://{place}/stocks"
        assert proxy.through("wss://a@example.test/?token=x#y") == f"wss://{place}/?token=x#y"
        assert repr(proxy).startswith(f"FaultProxy({place} -> 127.0.0.1:")


async def test_a_port_that_is_taken_is_an_error() -> None:
    async with echoing() as proxy:
        with pytest.raises(OSError, match="address already in use"):
            async with fault_proxy("127.0.0.1", 1, port=proxy.port):
                pass

"""What happens to the bytes of one connection through the proxy, each fault by itself."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from random import Random

import pytest

from ordinis_rx.testing.fault_proxy import FaultProxy, ProxyFaults, fault_proxy
from ordinis_rx.testing.proxied import End, _Lane, reset
from ordinis_rx.timebase import MILLI, SECOND
from tests.virtual import in_virtual_time, passing

WAIT = 20.0
Serve = Callable[[End], Awaitable[None]]


async def echo(client: End) -> None:
    while said := await client.reader.read(1 << 16):
        client.writer.write(said)
        await client.writer.drain()


def says(data: bytes) -> Serve:
    async def serve(client: End) -> None:
        client.writer.write(data)
        await client.reader.read()

    return serve


@contextlib.asynccontextmanager
async def through(
    serve: Serve, faults: ProxyFaults | None = None, seed: int = 0
) -> AsyncIterator[tuple[End, FaultProxy]]:
    """A client that is connected, through a proxy, to a server that does as *serve* says."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = End(reader, writer)
        try:
            with contextlib.suppress(OSError):
                await serve(client)
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with (
        server,
        fault_proxy("127.0.0.1", port, faults=faults, seed=seed) as proxy,
        asyncio.timeout(WAIT),
    ):
        end = End(*await asyncio.open_connection(proxy.host, proxy.port))
        try:
            yield end, proxy
        finally:
            reset(end)


async def nothing_comes(end: End, seconds: float) -> bool:
    """Whether neither a byte nor an end comes for so long."""
    try:
        await asyncio.wait_for(end.reader.read(1), seconds)
    except TimeoutError:
        return True
    return False


async def heard(end: End) -> tuple[bytes, str]:
    """All that comes until the end, and which end it is."""
    said = b""
    try:
        while part := await end.reader.read(1 << 16):
            said += part
    except ConnectionResetError:
        return said, "reset"
    return said, "end"


async def test_without_faults_everything_arrives_in_both_directions_and_is_counted() -> None:
    data = Random(1).randbytes(300_000)
    async with through(echo) as (end, proxy):
        end.writer.write(data)
        assert await end.reader.readexactly(len(data)) == data
        assert (proxy.stats.bytes_up, proxy.stats.bytes_down) == (len(data), len(data))
        assert (proxy.stats.connections, proxy.connections) == (1, 1)


async def test_everything_arrives_later_by_the_latency_of_each_direction() -> None:
    async with through(echo, ProxyFaults(latency=30 * MILLI)) as (end, _):
        began = asyncio.get_running_loop().time()
        end.writer.write(b"there and back")
        await end.reader.readexactly(14)
        assert asyncio.get_running_loop().time() - began >= 0.059


class Pipe:
    """Notes what is written, and when, by the loop's clock."""

    def __init__(self) -> None:
        self.written: list[tuple[float, bytes]] = []
        self.ended = False

    def write(self, data: bytes) -> None:
        self.written.append((asyncio.get_running_loop().time(), data))

    def write_eof(self) -> None:
        self.ended = True

    async def drain(self) -> None:
        """There is always room."""


@in_virtual_time
async def test_latency_delays_and_does_not_narrow() -> None:
    """What is said at different times arrives so too, each by the latency later; an end still later, if it is told to."""
    faults = ProxyFaults(latency=50 * MILLI, slow_close=100 * MILLI)
    lane, reader, pipe = _Lane(lambda: faults, Random(0)), asyncio.StreamReader(), Pipe()
    give = lane.give(pipe, lambda part: part, lambda: None)  # type: ignore[arg-type]
    works = [asyncio.create_task(work) for work in (lane.take(reader), give)]
    for number in range(40):
        reader.feed_data(bytes([number]))
        await passing(0.001)
    reader.feed_eof()
    await passing(0.149)
    assert not pipe.ended
    await passing(0.002)
    assert pipe.ended
    assert [data for _, data in pipe.written] == [bytes([number]) for number in range(40)]
    assert [at for at, _ in pipe.written] == pytest.approx([0.05 + 0.001 * n for n in range(40)])
    await asyncio.gather(*works)


@in_virtual_time
async def test_a_narrow_line_carries_so_many_bytes_a_second_and_no_more() -> None:
    faults = ProxyFaults(bandwidth=1000.0)
    lane, reader, pipe = _Lane(lambda: faults, Random(0)), asyncio.StreamReader(), Pipe()
    give = asyncio.create_task(lane.give(pipe, lambda part: part, lambda: None))  # type: ignore[arg-type]
    take = asyncio.create_task(lane.take(reader))
    reader.feed_data(bytes(5000))
    reader.feed_eof()
    await passing(10)
    assert sum(len(data) for _, data in pipe.written) == 5000
    carried = 0
    for at, data in pipe.written:
        assert carried <= 1000 * at + 1e-6
        carried += len(data)
    assert pipe.written[-1][0] == pytest.approx(5.0, abs=0.03)
    await asyncio.gather(give, take)


async def test_jitter_changes_no_order() -> None:
    data = bytes(range(200))
    async with through(echo, ProxyFaults(jitter=5 * MILLI)) as (end, _):
        for byte in data:
            end.writer.write(bytes([byte]))
            await asyncio.sleep(0)
        assert await end.reader.readexactly(len(data)) == data


async def test_a_narrow_line_takes_its_time_and_loses_nothing() -> None:
    data = Random(2).randbytes(20_000)
    async with through(says(data), ProxyFaults(bandwidth=200_000.0)) as (end, _):
        began = asyncio.get_running_loop().time()
        assert await end.reader.readexactly(len(data)) == data
        # The first slice of a fiftieth of a second is free.
        assert asyncio.get_running_loop().time() - began >= 0.9 * (0.1 - 0.02)


@pytest.mark.parametrize("after", [0, 1, 1000, 49_999])
async def test_it_is_reset_after_exactly_so_many_bytes(after: int) -> None:
    async with through(says(bytes(50_000)), ProxyFaults(cut_after=after)) as (end, proxy):
        said, how = await heard(end)
        assert how == "reset"
        assert len(said) <= after
        assert proxy.stats.bytes_down == after
        assert proxy.stats.cuts == 1


async def test_bytes_of_both_directions_count_for_a_cut() -> None:
    async with through(echo, ProxyFaults(cut_after=15)) as (end, proxy):
        end.writer.write(b"0123456789")
        assert (await heard(end))[1] == "reset"
        assert (proxy.stats.bytes_up, proxy.stats.bytes_down) == (10, 5)


async def test_after_half_opening_nothing_is_carried_and_nobody_is_told() -> None:
    server_heard = asyncio.Event()

    async def serve(client: End) -> None:
        client.writer.write(bytes(100))
        await client.reader.read()
        server_heard.set()

    async with through(serve, ProxyFaults(half_open_after=60)) as (end, proxy):
        assert len(await end.reader.readexactly(60)) == 60
        end.writer.write(b"is anybody there")
        assert await nothing_comes(end, 0.03)
        assert (proxy.stats.half_opens, proxy.connections) == (1, 0)
        assert (proxy.stats.bytes_down, proxy.stats.bytes_up) == (60, 0)
        end.writer.write_eof()
        assert await nothing_comes(end, 0.03)
        assert not server_heard.is_set()
        proxy.cut()
        assert await heard(end) == (b"", "reset")
        assert proxy.stats.cuts == 1


async def test_the_end_of_one_side_is_heard_late_on_the_other() -> None:
    async def serve(client: End) -> None:
        client.writer.write(b"bye")

    async with through(serve, ProxyFaults(slow_close=50 * MILLI)) as (end, _):
        assert await end.reader.readexactly(3) == b"bye"
        began = asyncio.get_running_loop().time()
        assert await end.reader.read() == b""
        assert asyncio.get_running_loop().time() - began >= 0.045


async def test_a_side_that_has_said_all_may_still_listen() -> None:
    async def serve(client: End) -> None:
        whole = await client.reader.read()
        client.writer.write(whole[::-1])

    async with through(serve) as (end, proxy):
        end.writer.write(b"abc")
        end.writer.write_eof()
        assert await heard(end) == (b"cba", "end")
        assert proxy.stats.cuts == 0


async def test_a_reset_is_handed_on_as_a_reset() -> None:
    async def serve(client: End) -> None:
        await client.reader.readexactly(1)
        reset(client)

    async with through(serve) as (end, proxy):
        end.writer.write(b"!")
        assert (await heard(end))[1] == "reset"
        assert proxy.stats.cuts == 0  # it was none of ours


async def test_every_tenth_byte_from_the_server_has_one_wrong_bit() -> None:
    data = Random(3).randbytes(40_000)
    async with through(echo, ProxyFaults(corrupt_every=10)) as (end, proxy):
        end.writer.write(data)
        told = await end.reader.readexactly(len(data))
        wrong = [at for at, pair in enumerate(zip(data, told, strict=True)) if pair[0] != pair[1]]
        assert wrong == list(range(9, len(data), 10))
        assert {(data[at] ^ told[at]).bit_count() for at in wrong} == {1}
        assert proxy.stats.corrupted == len(wrong)


async def test_a_share_of_the_bytes_is_wrong_and_the_seed_says_which() -> None:
    data = bytes(4_000)

    async def told(seed: int) -> bytes:
        async with through(says(data), ProxyFaults(corrupt=0.05), seed) as (end, _):
            return await end.reader.readexactly(len(data))

    first = await told(1)
    assert 100 <= sum(map(bool, first)) <= 300
    assert await told(1) == first
    assert await told(2) != first


async def test_who_does_not_read_holds_up_the_other_side_within_bounds() -> None:
    written, done = 0, asyncio.Event()

    async def serve(client: End) -> None:
        nonlocal written
        while written < 100_000_000:
            client.writer.write(bytes(1 << 16))
            await client.writer.drain()
            written += 1 << 16
        done.set()

    async with through(serve) as (end, _):
        end.writer.transport.pause_reading()  # type: ignore[attr-defined]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(done.wait(), 0.3)
        assert 0 < written < 40_000_000  # most of it in the sockets of the system


@pytest.mark.parametrize("moment", ["idle", "waiting", "half open", "unread"])
async def test_it_ends_at_once_from_every_state(moment: str) -> None:
    faults = ProxyFaults(
        latency=60 * SECOND if moment == "waiting" else 0,
        half_open_after=1 if moment == "half open" else None,
    )
    loop = asyncio.get_running_loop()
    before = asyncio.all_tasks()
    data = bytes(1 << 22) if moment == "unread" else b"a"
    async with through(says(data), faults) as (end, _):
        if moment in ("idle", "half open"):
            await end.reader.readexactly(1)
        elif moment == "unread":
            end.writer.transport.pause_reading()  # type: ignore[attr-defined]
        if moment != "unread":
            assert await nothing_comes(end, 0.02)
        began = loop.time()
    assert loop.time() - began < 2
    async with asyncio.timeout(WAIT):
        while asyncio.all_tasks() != before:  # the server that we talk to takes a turn to end
            await asyncio.sleep(0)

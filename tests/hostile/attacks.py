"""Servers that mean harm: each takes one connection and does its worst with it, by hand, on loopback."""

from __future__ import annotations

import asyncio
import itertools
import struct
import zlib
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeAlias

from websockets.utils import accept_key

__all__ = ["ATTACKS", "Attack", "served"]

Attack: TypeAlias = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

TEXT, PING, FIN, COMPRESSED = 0x01, 0x09, 0x80, 0x40
LET_IN = b'[{"ev":"status","status":"auth_success","message":"authenticated"}]'


def frame(payload: bytes, opcode: int = TEXT | FIN) -> bytes:
    """One frame, as a server writes it."""
    size = len(payload)
    if size < 126:
        return bytes([opcode, size]) + payload
    if size < 1 << 16:
        return bytes([opcode, 126]) + struct.pack("!H", size) + payload
    return bytes([opcode, 127]) + struct.pack("!Q", size) + payload


async def upgraded(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, deflate: bool = False
) -> None:
    """The server's half of the handshake, and the word that the key is known."""
    request = (await reader.readuntil(b"\r\n\r\n")).decode()
    fields = dict(line.split(": ", 1) for line in request.split("\r\n")[1:] if line)
    key = {name.lower(): value for name, value in fields.items()}["sec-websocket-key"]
    extension = b"Sec-WebSocket-Extensions: permessage-deflate\r\n" if deflate else b""
    writer.write(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept_key(key).encode() + b"\r\n" + extension + b"\r\n"
    )
    writer.write(frame(LET_IN))


async def pour(writer: asyncio.StreamWriter, parts: Iterable[bytes]) -> None:
    """Write as fast as it is taken, until the other side has gone."""
    for part in parts:
        writer.write(part)
        await writer.drain()


async def an_announced_giant(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await upgraded(reader, writer)
    writer.write(bytes([TEXT | FIN, 127]) + struct.pack("!Q", 1 << 62))
    await pour(writer, itertools.repeat(bytes(1 << 16)))


async def a_frame_just_too_large(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    await upgraded(reader, writer)
    writer.write(bytes([TEXT | FIN, 127]) + struct.pack("!Q", (6 << 20) + 1))
    await pour(writer, itertools.repeat(bytes(1 << 16)))


async def a_compression_bomb(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await upgraded(reader, writer, deflate=True)
    packer = zlib.compressobj(9, wbits=-15)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(64))
    packed += packer.flush(zlib.Z_SYNC_FLUSH)[:-4]
    await pour(writer, [frame(packed, TEXT | FIN | COMPRESSED)])
    await reader.read()


async def fragments_of_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await upgraded(reader, writer)
    writer.write(frame(b"[", TEXT))
    await pour(writer, itertools.repeat(frame(b"", 0) * 4096))


async def fragments_of_a_byte(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await upgraded(reader, writer)
    writer.write(frame(b"[", TEXT))
    await pour(writer, itertools.repeat(frame(b" ", 0) * 4096))


async def fragments_without_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await upgraded(reader, writer)
    writer.write(frame(b"[", TEXT))
    await pour(writer, itertools.repeat(frame(b" " * (1 << 15), 0)))


async def a_hundred_thousand_levels(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    await upgraded(reader, writer)
    await pour(writer, [frame(b"[" * 100_000 + b"]" * 100_000), frame(b"[" * 100_000)])
    await pour(writer, [frame(b'[{"ev":"T","p":' + b"[" * 100_000), b"\x88\x00"])
    await reader.read()


async def a_frame_of_nothings(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Three bytes each, and each is told as an error of some hundred."""
    await upgraded(reader, writer)
    await pour(writer, [frame(b"[" + b",".join([b"{}"] * 60_000) + b"]"), b"\x88\x00"])
    await reader.read()


async def pings_that_nobody_hears_answered(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    await upgraded(reader, writer)
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    await pour(writer, itertools.repeat(frame(b"x" * 125, PING | FIN) * 512))


async def a_handshake_byte_by_byte(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    gone = asyncio.ensure_future(reader.read())
    for byte in itertools.chain(b"HTTP/1.1 101 Switching Protocols\r\nX: ", itertools.repeat(65)):
        writer.write(bytes([byte]))
        await asyncio.wait([gone], timeout=0.05)
        if writer.is_closing():
            break
        await writer.drain()


async def headers_without_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 101 Switching Protocols\r\n")
    await pour(writer, itertools.repeat(b"X-Flood: 1\r\n" * 1000))


async def a_header_without_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 101 Switching Protocols\r\nX-Flood: ")
    await pour(writer, itertools.repeat(b"x" * (1 << 16)))


async def a_refusal_without_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 503 Service Unavailable\r\n\r\n")
    await pour(writer, itertools.repeat(b"x" * (1 << 16)))


async def a_redirect_to_another_host(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(
        b"HTTP/1.1 302 Found\r\nLocation: ws://elsewhere.invalid/\r\nContent-Length: 0\r\n\r\n"
    )
    await writer.drain()


async def a_redirect_to_itself(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n")
    await writer.drain()


ATTACKS: dict[str, Attack] = {
    attack.__name__.replace("_", " "): attack
    for attack in (
        an_announced_giant,
        a_frame_just_too_large,
        a_compression_bomb,
        fragments_of_nothing,
        fragments_of_a_byte,
        fragments_without_end,
        a_hundred_thousand_levels,
        a_frame_of_nothings,
        pings_that_nobody_hears_answered,
        a_handshake_byte_by_byte,
        headers_without_end,
        a_header_without_end,
        a_refusal_without_end,
        a_redirect_to_another_host,
        a_redirect_to_itself,
    )
}


async def served(attack: Attack) -> asyncio.Server:
    """A server on a free port of loopback that does this to whoever comes."""

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await attack(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the victim has hung up
        finally:
            writer.transport.abort()

    return await asyncio.start_server(meet, "127.0.0.1", 0)

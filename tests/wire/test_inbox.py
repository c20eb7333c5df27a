"""Messages that wait for their reader."""

from __future__ import annotations

import asyncio

import pytest

from ordinis_rx.wire.inbox import Inbox


async def test_a_reader_who_comes_late_finds_what_has_come_in_order() -> None:
    inbox = Inbox()
    for text in (b"one", b"two"):
        inbox.put(text, last=True)
    assert await inbox.more()
    assert list(inbox.whole) == [b"one", b"two"]


async def test_a_reader_who_waits_is_woken_by_the_next_message() -> None:
    inbox = Inbox()
    waiting = asyncio.create_task(inbox.more())
    await asyncio.sleep(0)
    assert not waiting.done()
    inbox.put(b"one", last=True)
    inbox.put(b"two", last=True)  # before the reader has had its turn
    assert await waiting
    assert list(inbox.whole) == [b"one", b"two"]


async def test_a_piece_wakes_nobody_before_the_message_is_whole() -> None:
    inbox = Inbox()
    waiting = asyncio.create_task(inbox.more())
    await asyncio.sleep(0)
    inbox.put(b"a", last=False)
    inbox.put(bytearray(b"b"), last=False)
    await asyncio.sleep(0)
    assert not waiting.done()
    assert not inbox.whole
    inbox.put(b"c", last=True)
    assert await waiting
    assert inbox.whole.popleft() == b"abc"
    assert inbox.pieces == []
    inbox.put(b"next", last=True)
    assert inbox.whole.popleft() == b"next"


async def test_a_sign_of_life_is_an_empty_message_where_no_message_waits() -> None:
    inbox = Inbox()
    waiting = asyncio.create_task(inbox.more())
    await asyncio.sleep(0)
    inbox.put(b"a", last=False)
    for _ in range(1_000):
        inbox.sign()
    assert await waiting
    assert list(inbox.whole) == [b""]
    inbox.put(b"b", last=True)
    assert list(inbox.whole) == [b"", b"ab"]


async def test_what_came_before_the_end_may_still_be_taken() -> None:
    inbox = Inbox()
    inbox.put(b"last", last=True)
    inbox.close()
    assert await inbox.more()
    inbox.whole.clear()
    assert not await inbox.more()


async def test_the_end_wakes_the_reader() -> None:
    inbox = Inbox()
    waiting = asyncio.create_task(inbox.more())
    await asyncio.sleep(0)
    inbox.close()
    inbox.close()
    assert not await waiting


async def test_a_reader_who_is_cancelled_loses_nothing() -> None:
    inbox = Inbox()
    waiting = asyncio.create_task(inbox.more())
    await asyncio.sleep(0)
    inbox.put(b"one", last=True)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await inbox.more()
    assert list(inbox.whole) == [b"one"]
    inbox.put(b"two", last=True)  # nobody waits

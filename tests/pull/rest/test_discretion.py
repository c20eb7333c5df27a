"""What httpcore may log of our requests."""

from __future__ import annotations

import asyncio
import logging

import pytest

from ordinis_rx.pull.rest.discretion import discreet


def test_a_record_with_a_key_is_dropped_while_it_lasts_and_no_other_is(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    log = logging.getLogger("httpcore.http11")
    log.debug("key canary before")
    with discreet(("canary", "")):
        log.debug("key %r", b"a canary")
        log.debug("key canary")
        log.debug("harmless")
        logging.getLogger("other").debug("canary of others")
    log.debug("key canary after")

    assert [record.getMessage() for record in caplog.records] == [
        "key canary before",
        "harmless",
        "canary of others",
        "key canary after",
    ]


async def test_every_task_keeps_its_own_keys(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    log = logging.getLogger("httpcore.connection")

    async def ask(secret: str) -> None:
        with discreet((secret,)):
            await asyncio.sleep(0)
            log.debug("a-key")

    await asyncio.gather(ask("a-key"), ask("b-key"))

    assert [record.getMessage() for record in caplog.records if record.name == log.name] == [
        "a-key"
    ]


def test_it_listens_once() -> None:
    for _ in range(3):
        with discreet(("canary",)):
            pass

    assert len(logging.getLogger("httpcore.http2").filters) == 1

"""Keeping our keys out of the log of httpcore, which at DEBUG writes down the head of every answer, whatever is in it."""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

__all__ = ["discreet"]

_LOGGERS = ("httpcore.connection", "httpcore.http11", "httpcore.http2", "httpcore.proxy")

_secrets: ContextVar[tuple[str, ...]] = ContextVar("secrets", default=())


@contextmanager
def discreet(secrets: tuple[str, ...]) -> Generator[None]:
    """While it lasts, what httpcore logs for this task and holds one of the *secrets* is logged by nobody.

    >>> log = logging.getLogger("httpcore.http11")
    >>> with discreet(("canary",)):
    ...     log.filter(logging.makeLogRecord({"msg": "X-Key: %s", "args": ("canary",)}))
    False
    """
    _listen()
    before = _secrets.set(secrets)
    try:
        yield
    finally:
        _secrets.reset(before)


@cache
def _listen() -> None:
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_is_fit)


def _is_fit(record: logging.LogRecord) -> bool:
    secrets = _secrets.get()
    return not (secrets and any(secret and secret in record.getMessage() for secret in secrets))

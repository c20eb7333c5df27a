"""Whom we trust on the other end of a TLS connection: what the system trusts."""

from __future__ import annotations

import ssl
from functools import cache

__all__ = ["trusted"]


@cache
def trusted() -> ssl.SSLContext:
    """The one context of all connections. Reading the certificates takes tens of milliseconds, which a reconnect must not
    cost the other feeds.

    >>> trusted() is trusted(), trusted().check_hostname
    (True, True)
    """
    return ssl.create_default_context()

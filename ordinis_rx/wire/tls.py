"""Whom we trust on the other end of a TLS connection: what the system trusts."""

from __future__ import annotations

import ssl
from functools import cache

__all__ = ["trusted"]


@cache
def trusted() -> ssl.SSLContext:
    """The one context of all connections: names and certificates are checked, TLS 1.2 is the oldest spoken, and nothing
    turns that off. It is made once: reading the certificates takes tens of milliseconds, which a reconnect must not cost
    the other feeds.

    An authority of your own, such as a company's, is trusted by what OpenSSL reads: set ``SSL_CERT_FILE`` to a file of
    certificates (or ``SSL_CERT_DIR`` to a folder) before the first connection. It takes the place of the system's.

    >>> trusted() is trusted(), trusted().check_hostname
    (True, True)
    """
    context = ssl.create_default_context()
    # Said here, too: the system's configuration of OpenSSL may allow less.
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context

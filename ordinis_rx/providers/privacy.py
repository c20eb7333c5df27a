"""Where a key may travel: encrypted to anybody, and in the clear only within this machine or to a host named for it."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

__all__ = ["check_private"]

_PLAIN = frozenset({"ws", "http"})


def check_private(name: str, url: str, insecure_host: str | None = None) -> None:
    """Refuse to send the key of *name* in the clear over a network: a ValueError that does not show the address.

    Plain ``ws://`` and ``http://`` are for this machine (``localhost``, 127.0.0.0/8, ``::1``, and the addresses 0.0.0.0 and
    ``::``, which lead back to it) and for the one host that *insecure_host* names, as it stands in the address, case aside.
    What is not plain is left to whoever dials it.

    >>> check_private("polygon", "ws://127.0.0.1:8765/stocks")
    >>> check_private("polygon", "ws://feed.lan/stocks", insecure_host="feed.lan")
    >>> check_private("polygon", "ws://feed.lan/stocks")
    Traceback (most recent call last):
    ...
    ValueError: polygon: a key is not sent over plain ws:// to another machine; use wss://, or name the host as insecure_host
    """
    parts = urlsplit(url)
    if parts.scheme not in _PLAIN:
        return
    host = parts.hostname or ""
    if not host or _is_this_machine(host):
        return
    if insecure_host is not None and host == insecure_host.strip("[]").lower():
        return
    raise ValueError(
        f"{name}: a key is not sent over plain {parts.scheme}:// to another machine; "
        f"use {parts.scheme}s://, or name the host as insecure_host"
    )


def _is_this_machine(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    return address.is_loopback or address.is_unspecified

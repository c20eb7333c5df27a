"""Bridges between streams and the rest of Python: ``async for``, ``for``, slow callbacks, async iterables.

Every bridge out has a bounded queue of its own, so that whoever is slow holds up nobody else.
"""

from ordinis_rx.bridges.async_for import StreamIterator, aiter
from ordinis_rx.bridges.async_source import from_async_iter
from ordinis_rx.bridges.blocking import BlockingIterator, iter_blocking
from ordinis_rx.bridges.isolated import Isolated, subscribe_isolated

__all__ = [
    "BlockingIterator",
    "Isolated",
    "StreamIterator",
    "aiter",
    "from_async_iter",
    "iter_blocking",
    "subscribe_isolated",
]

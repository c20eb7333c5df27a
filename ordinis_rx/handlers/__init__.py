"""Handlers: observers with one method for each kind of fact, for those who think in callbacks.

Each is an Rx observer: ``stream.subscribe(handler)``. Subclass `BaseStreamHandler`, or hand functions to a
`CallbackStreamHandler`, or let a `BufferedStreamHandler` keep the newest facts for whoever asks.
"""

from ordinis_rx.handlers.base import BaseStreamHandler
from ordinis_rx.handlers.buffered import BufferedStreamHandler
from ordinis_rx.handlers.callback import Callback, CallbackStreamHandler

__all__ = ["BaseStreamHandler", "BufferedStreamHandler", "Callback", "CallbackStreamHandler"]

"""What the bridges into other people's engines share: an engine is loaded when it is first asked for, and not before."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from typing import Any

from ordinis_rx.errors import MissingExtra
from ordinis_rx.frames import Frame

__all__ = ["engine", "facts_of"]


def engine(package: str, module: str = "") -> Any:
    """The *module* of an engine's *package* (the package itself, if none is named).

    Where the package is missing, `MissingExtra` says what to install; what else fails in loading it is its own error.

    >>> engine("an_engine")
    Traceback (most recent call last):
    ...
    ordinis_rx.errors.MissingExtra: the bridge into an_engine needs an_engine: pip install an_engine
    """
    try:
        found = importlib.import_module(package)
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        raise MissingExtra(f"the bridge into {package}", package=package) from error
    return importlib.import_module(module) if module else found


def facts_of(told: Iterable[Any]) -> Iterator[Any]:
    """The facts of a frame, of several frames, or of facts and frames as they come.

    >>> from ordinis_rx.events import Heartbeat
    >>> from ordinis_rx.frames import HeartbeatFrame
    >>> tick = Heartbeat(ts_event=1)
    >>> list(facts_of([HeartbeatFrame.from_events([tick]), tick])) == [tick, tick]
    True
    """
    if isinstance(told, Frame):
        yield from told.facts
        return
    for one in told:
        if isinstance(one, Frame):
            yield from one.facts
        else:
            yield one

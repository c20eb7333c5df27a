"""What a table shows: the newest fact of each kind, symbol and provider."""

from __future__ import annotations

from typing import Any

import msgspec

from ordinis_rx.display import measured, moment
from ordinis_rx.timebase import to_datetime
from ordinis_rx.views.series import Batch

__all__ = ["Rows"]

_LEFT_OUT = frozenset(("symbol", "provider", "ts_event", "ts_recv", "seq", "type", "raw"))


class Rows:
    """Takes facts; keeps the newest of each kind, symbol and provider, for at most *most* of them.

    What else may flow in a stream, rows that users made or plain numbers, has a line for each kind of it.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._facts: dict[tuple[str, str, str], Any] = {}
        self._new: set[tuple[str, str, str]] = set()

    def add(self, fact: Any) -> None:
        """Take one fact."""
        key = (
            type(fact).__name__,
            getattr(fact, "symbol", ""),
            getattr(fact, "provider", ""),
        )
        if key not in self._facts and len(self._facts) >= self._most:
            first = next(iter(self._facts))
            del self._facts[first]
            self._new.discard(first)
        self._facts[key] = fact
        self._new.add(key)

    def news(self) -> Batch | None:
        """Rows that have changed since the last call; None where none did."""
        if not self._new:
            return None
        batch = self._batch([key for key in self._facts if key in self._new])
        self._new.clear()
        return batch

    def whole(self) -> Batch:
        """All rows, for a view that has just been opened."""
        return self._batch(list(self._facts))

    def _batch(self, keys: list[tuple[str, str, str]]) -> Batch:
        rows = [[*key, _when(self._facts[key]), _said(self._facts[key])] for key in keys]
        return Batch({"rows": rows, "most": self._most}, [])


def _when(fact: Any) -> str:
    at = getattr(fact, "ts_event", None)
    return "" if at is None else str(to_datetime(at).time())[:12]


def _said(fact: Any) -> str:
    """The numbers and words of a fact that are its own, those that are not missing."""
    if not isinstance(fact, msgspec.Struct):
        return str(fact)
    told = msgspec.to_builtins(fact, builtin_types=(bytes,), enc_hook=_briefly)
    return "  ".join(
        f"{name} {_written(name, value)}"
        for name, value in told.items()
        if name not in _LEFT_OUT and not _is_missing(value)
    )


def _is_missing(value: Any) -> bool:
    return value in (None, "", [], ()) or value != value


def _written(name: str, value: Any) -> str:
    if name.startswith("ts_") and value:
        return moment(value)
    return measured(value) if isinstance(value, float) else str(value)


def _briefly(value: Any) -> str:
    # What is no plain value: of a mapping the names, of anything else what it says of itself.
    return ", ".join(map(str, value)) if hasattr(value, "keys") else str(value)

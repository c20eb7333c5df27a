"""What a table shows: the newest fact of each kind, symbol and provider."""

from __future__ import annotations

from typing import Any

import msgspec

from ordinis_rx.views.series import Batch

__all__ = ["Rows"]

_LEFT_OUT = frozenset(("symbol", "provider", "ts_recv", "seq", "type", "raw"))


class Rows:
    """Takes facts; keeps the newest of each kind, symbol and provider, for at most *most* of them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._facts: dict[tuple[str, str, str], Any] = {}
        self._new: set[tuple[str, str, str]] = set()

    def add(self, fact: Any) -> None:
        """Take one fact."""
        key = (type(fact).__name__, fact.symbol, fact.provider)
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
        rows = [
            [*key, str(self._facts[key].time.time())[:12], _said(self._facts[key])] for key in keys
        ]
        return Batch({"rows": rows, "most": self._most}, [])


def _said(fact: Any) -> str:
    """The numbers and words of a fact that are its own, those that are not missing."""
    told = msgspec.to_builtins(fact, builtin_types=(bytes,))
    return "  ".join(
        f"{name} {value}"
        for name, value in told.items()
        if name not in _LEFT_OUT and name != "ts_event" and value not in (None, "", [], ())
    )

"""The rows of somebody's table as facts, up to the first that cannot be one, or with an error in the place of each."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np

from ordinis_rx.codes import Names
from ordinis_rx.events import FeedError
from ordinis_rx.frames import FRAMES
from ordinis_rx.journal.adapting import Adapter
from ordinis_rx.journal.csv_reading import BadLine
from ordinis_rx.journal.fitting import Unfit
from ordinis_rx.journal.tables import table_of
from ordinis_rx.timebase import Nanos

__all__ = ["Fitting"]

_RAW = 1024
"""As many bytes of a row are told."""


class Fitting:
    """What *adapter* makes of the batches of the file *name*, one after the other.

    A row that cannot be a fact raises `Unfit`, or, where it *tells*, becomes a `FeedError`.
    """

    def __init__(self, name: str, adapter: Adapter, *, tells: bool) -> None:
        self._name = name
        self._adapter = adapter
        self._tells = tells
        self._row = 0
        self._now: Nanos = 0

    def facts_of(self, batch: Any) -> Iterator[tuple[type[Any], Any]]:
        """The rows of *batch*, or a `BadLine`, as record batches of facts of a kind."""
        first = self._row
        if isinstance(batch, BadLine):
            self._row += 1
            error = Unfit(f"row {self._row}: {batch.why}")
            if not self._tells:
                raise error
            yield self._bad_row(first, error, batch.text.encode())
            return
        self._row += batch.num_rows
        yield from self._told(batch, first) if self._tells else self._until_unfit(batch, first)

    def _until_unfit(self, batch: Any, first: int) -> Iterator[tuple[type[Any], Any]]:
        """The rows before the first that cannot be a fact, and then `Unfit`."""
        adapter = self._adapter
        try:
            whole = adapter.fitting(batch, first)
        except Unfit as error:
            n = bisect_left(range(batch.num_rows), True, key=lambda n: not self._fits(batch, n + 1))
            yield adapter.kind, adapter.fitting(batch.slice(0, n), first)
            adapter.fitting(batch.slice(n, 1), first + n)
            raise error  # the row does not fit to those before it
        yield adapter.kind, whole

    def _fits(self, batch: Any, rows: int) -> bool:
        try:
            self._adapter.fitting(batch.slice(0, rows), 0)
        except Unfit:
            return False
        return True

    def _told(self, batch: Any, first: int) -> Iterator[tuple[type[Any], Any]]:
        """All rows; where some cannot be facts, half of them and the other half, down to single ones."""
        n = batch.num_rows
        try:
            facts = self._adapter.fitting(batch, first)
        except Unfit as error:
            if n == 1:
                yield self._bad_row(first, error, _as_json(batch))
                return
            yield from self._told(batch.slice(0, n // 2), first)
            yield from self._told(batch.slice(n // 2), first + n // 2)
            return
        self._now = facts.column("ts_event").view("int64")[n - 1].as_py()
        yield self._adapter.kind, facts

    def _bad_row(self, row: int, error: Unfit, raw: bytes) -> tuple[type[Any], Any]:
        """The row *row* (from 0) as a fact that says why it is none."""
        fact = FeedError(
            ts_event=self._now,
            seq=row + 1,
            kind="bad-row",
            message=f"{self._name}: {error}",
            raw=raw[:_RAW],
        )
        frame = FRAMES[FeedError](Names())
        frame.hold([fact])
        return FeedError, table_of(FeedError).batch(frame, np.array([row], np.int64))


def _as_json(row: Any) -> bytes:
    """A batch of one row by column, as JSON; null for what Python has no value for."""
    values: dict[str, Any] = {}
    for name, column in zip(row.schema.names, row.columns, strict=True):
        try:
            values[name] = column[0].as_py()
        except (
            ValueError,
            OverflowError,
            LookupError,
        ):  # no UTF-8, no year or no zone that it knows
            values[name] = None
    return msgspec.json.encode(values, enc_hook=str)

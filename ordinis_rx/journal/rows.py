"""The rows of somebody's table as facts, up to the first that cannot be one, or with an error in the place of each."""

from __future__ import annotations

import contextlib
import dataclasses
import re
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from ordinis_rx.arrow import ARRIVAL, pyarrow
from ordinis_rx.codes import Names
from ordinis_rx.events import FeedError
from ordinis_rx.frames import FRAMES
from ordinis_rx.journal.adapting import NO_NUMBER, Adapter
from ordinis_rx.journal.csv_reading import BadLine
from ordinis_rx.journal.fitting import Unfit
from ordinis_rx.journal.tables import table_of
from ordinis_rx.providers.reading import RAW_LIMIT
from ordinis_rx.timebase import Nanos

__all__ = ["Fitting"]

Told: TypeAlias = list[tuple[type[Any], list[Any]]]
"""Record batches of facts, by kind; a `Weaver` puts their rows in order."""


class Fitting:
    """What *adapter* makes of the batches of the file *name*, one after the other.

    A row that cannot be a fact raises `Unfit`, or, where it *tells*, becomes a `FeedError`.
    """

    def __init__(self, name: str, adapter: Adapter, *, tells: bool) -> None:
        self._name = name
        self._adapter = adapter
        self._quick = dataclasses.replace(adapter, names_rows=False)
        self._tells = tells
        self._row = 0
        self._now: Nanos = 0

    def facts_of(self, batch: Any) -> Iterator[Told]:
        """The rows of *batch*, or a `BadLine`, as facts."""
        first = self._row
        if isinstance(batch, BadLine):
            self._row += 1
            error = Unfit(f"row {self._row}: {batch.why}")
            if not self._tells:
                raise error
            yield [self._errors([self._bad_row(first, self._now, error, batch.text.encode())])]
            return
        self._row += batch.num_rows
        yield from self._told(batch, first)

    def _told(self, batch: Any, first: int) -> Iterator[Told]:
        """All rows; where some cannot be facts, without those; or half of them and the other half, down to single ones.

        So a row is what it is alone, whatever the others are.
        """
        n = batch.num_rows
        try:
            facts = (self._quick if n > 1 else self._adapter).fitting(batch, first)
        except Unfit as error:
            if n == 1 and not self._tells:
                raise
            if n == 1:
                yield [self._errors([self._bad_row(first, self._now, error, _as_json(batch))])]
            elif self._tells and (told := self._without_suspects(batch, first)):
                yield told
            else:
                yield from self._told(batch.slice(0, n // 2), first)
                yield from self._told(batch.slice(n // 2), first + n // 2)
            return
        self._now = facts.column("ts_event").view("int64")[n - 1].as_py()
        yield [(self._adapter.kind, [facts])]

    def _without_suspects(self, batch: Any, first: int) -> Told | None:
        """The rows that look like facts, and the others as errors; None where not all are what they look like."""
        pa = pyarrow()
        suspect = self._suspects(batch)
        rows = first + np.flatnonzero(~suspect)
        if not 0 < len(rows) < len(suspect):
            return None
        try:
            facts = self._quick.fitting(batch.filter(pa.array(~suspect)), 0)
        except Unfit:
            return None
        for name, numbers in ((ARRIVAL, rows), ("seq", rows + 1)):
            at = facts.schema.get_field_index(name)
            facts = facts.set_column(at, name, pa.array(numbers))
        times = [self._now, *facts.column("ts_event").view("int64").to_pylist()]
        errors: list[FeedError] = []
        for k in np.flatnonzero(suspect).tolist():
            one = batch.slice(k, 1)
            try:
                self._adapter.fitting(one, first + k)
            except Unfit as error:
                now = times[int(np.searchsorted(rows, first + k))]
                errors.append(self._bad_row(first + k, now, error, _as_json(one)))
            else:
                return None
        self._now = times[-1]
        return [(self._adapter.kind, [facts]), self._errors(errors)]

    def _suspects(self, batch: Any) -> NDArray[np.bool_]:
        """Which rows of texts have one that does not look like the number, time or member that it should be."""
        pa = pyarrow()
        suspect = np.zeros(batch.num_rows, bool)
        for name, column in self._adapter.sources.items():
            wanted, values = self._adapter.table.schema.field(name).type, batch.column(column)
            looks_right = self._looks(name, wanted)
            if looks_right is not None and pa.types.is_string(values.type):
                with contextlib.suppress(UnicodeDecodeError):  # which is told of each row
                    suspect |= [not looks_right(word) for word in values.to_pylist()]
        return suspect

    def _looks(self, name: str, wanted: Any) -> Callable[[str | None], bool] | None:
        """What tells whether a text looks like a value of the field *name*, of the type *wanted*; None where any does."""
        types = pyarrow().types
        if types.is_timestamp(wanted):
            return _like_time
        if types.is_primitive(wanted):
            return _like_number
        members = FRAMES[self._adapter.kind].schema.fields[name].members
        if members is None:
            return None
        known = {member.name for member in members}
        return lambda word: not word or word in NO_NUMBER or word.upper() in known

    def _bad_row(self, row: int, now: Nanos, error: Unfit, raw: bytes) -> FeedError:
        """The row *row* (from 0) as a fact that says why it is none."""
        return FeedError(
            ts_event=now,
            seq=row + 1,
            kind="bad-row",
            message=f"{self._name}: {error}",
            raw=raw[:RAW_LIMIT],
        )

    def _errors(self, facts: list[FeedError]) -> tuple[type[Any], list[Any]]:
        frame = FRAMES[FeedError](Names())
        frame.hold(facts)
        arrival = np.array([fact.seq - 1 for fact in facts], np.int64)
        return FeedError, [table_of(FeedError).batch(frame, arrival)]


_DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")


def _like_number(word: str | None) -> bool:
    if not word or word in NO_NUMBER:
        return True
    try:
        float(word)
    except ValueError:
        return False
    return "_" not in word  # which Python alone reads


def _like_time(word: str | None) -> bool:
    if not word:
        return False
    return _like_number(word) or bool(_DAY.match(word))


def _as_json(row: Any) -> bytes:
    """A batch of one row by column, as JSON; null for what Python has no value for."""
    values: dict[str, Any] = {}
    for name, column in zip(row.schema.names, row.columns, strict=True):
        try:
            values[name] = column[0].as_py()
        except (ValueError, OverflowError, LookupError):  # no UTF-8, year or zone that it knows
            values[name] = None
    return msgspec.json.encode(values, enc_hook=str)

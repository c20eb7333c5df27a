"""From the columns of somebody's table to those of a kind of fact, or to what does not fit, by column and row."""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from ordinis_rx.arrow import decimals_as_texts, pyarrow
from ordinis_rx.frames import FRAMES
from ordinis_rx.journal.fitting import (
    Unfit,
    cast,
    first_bad,
    in_utf8,
    no_nulls,
    repeated,
)
from ordinis_rx.journal.reckoning import LATEST, Reckoning
from ordinis_rx.journal.tables import ARRIVAL, Table, table_of
from ordinis_rx.timebase import Nanos

__all__ = ["NO_NUMBER", "Adapter"]

NO_NUMBER = ("", "NaN", "nan", "null", "NULL")
"""How texts say that there is no number."""

_OURS = frozenset({"seq", ARRIVAL})
"""Columns that are made here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """Which of the columns *found* in a table are which fields of *kind*, and how their times count."""

    kind: type[Any]
    columns: Mapping[str, str]
    found: Sequence[str]
    constants: Mapping[str, Any]
    unit: Nanos | None = None
    since: Nanos = 0
    zone: str | None = None
    stamped_start: bool = False
    names_rows: bool = True
    """Whether what does not fit is looked for, to be named: that takes longer than to find that something does not."""

    @property
    def table(self) -> Table:
        """How the facts stand in a recording."""
        return table_of(self.kind)

    @property
    def sources(self) -> dict[str, str]:
        """The table's column of each field that has one."""
        fields = [name for name in self.table.schema.names if name not in _OURS]
        named = {name: self.columns.get(name, name) for name in fields}
        return {name: column for name, column in named.items() if column in self.found}

    @property
    def wanted(self) -> list[str]:
        """The columns that are read."""
        return list(dict.fromkeys(self.sources.values()))

    def check(self) -> None:
        """Raise `Unfit` for what is wrong before a row has been read."""
        schema = FRAMES[self.kind].schema
        has = ", ".join(self.found)
        for name, column in self.columns.items():
            if name not in schema.fields or name in _OURS:
                fields = ", ".join(n for n in schema.fields if n not in _OURS)
                raise Unfit(
                    f"is read as {self.kind.__name__} facts, which have no {name}: {fields}"
                )
            if column not in self.found:
                raise Unfit(f"has no column {column!r} for {name}; it has {has}")
        for column in self.wanted:
            if self.found.count(column) > 1:
                raise Unfit(f"column {column!r} is there twice; it has {has}")
        for name in self.constants:
            if name not in schema.fields or name in _OURS or name in self.sources:
                raise Unfit(f"is given a constant {name}, which is no field, or has a column")
        for name in schema.required:
            if name not in self.sources and name not in self.constants:
                raise Unfit(f"has no column for {name}; it has {has}")
        if self.zone is not None:
            try:
                ZoneInfo(self.zone)
            except (KeyError, ValueError):
                raise Unfit(f"is given an unknown time zone {self.zone!r}") from None
        for name, value in self.constants.items():
            self._constant(name, value)

    def types(self) -> dict[str, Any]:
        """The types to read a text's columns as; times are read as they are written."""
        pa = pyarrow()
        types: dict[str, Any] = {}
        for name, column in self.sources.items():
            wanted = self.table.schema.field(name).type
            if (
                pa.types.is_dictionary(wanted)
                or pa.types.is_list(wanted)
                or pa.types.is_timestamp(wanted)
            ):
                types[column] = pa.string()
            else:
                types[column] = wanted
        return types

    def fitting(self, batch: Any, first: int) -> Any:
        """The rows of *batch*, of which the first is number *first* (from 0), as a batch of facts."""
        pa = pyarrow()
        n: int = batch.num_rows
        numbers = np.arange(first, first + n, dtype=np.int64)
        arrays: dict[str, Any] = {ARRIVAL: pa.array(numbers), "seq": pa.array(numbers + 1)}
        for name, column in self.sources.items():
            what = f"column {column!r}" if self.names_rows else ""
            arrays[name] = self._fit(name, batch.column(column), what, first)
        for name, value in self.constants.items():
            arrays[name] = repeated(self._constant(name, value), n)
        if self.stamped_start:
            starts = arrays["ts_event"].view("int64").to_numpy()
            spans = arrays["interval"].to_numpy()
            if (spans <= 0).any():
                row = int((spans <= 0).argmax())
                raise Unfit(f"row {first + 1 + row}: an interval of {spans[row]} has no end")
            beyond = starts > LATEST - spans
            if beyond.any():
                row = first + 1 + int(beyond.argmax())
                raise Unfit(f"row {row}: the bar ends after the last time in 64 bits of ns")
            arrays["ts_event"] = pa.array(starts + spans).view(pa.timestamp("ns", "UTC"))
        return pa.RecordBatch.from_arrays(list(arrays.values()), names=list(arrays))

    def _constant(self, name: str, value: Any) -> Any:
        pa = pyarrow()
        is_member = isinstance(value, enum.Enum) and not isinstance(value, int)
        try:
            values = pa.array([value.name if is_member else value])
        except (pa.ArrowException, OverflowError, TypeError):
            raise Unfit(f"is given a constant {name} that no table holds: {value!r}") from None
        try:
            return self._fit(name, values, f"constant {name}", 0)
        except Unfit as error:
            raise Unfit(str(error).replace(", row 1", "", 1)) from None

    def _fit(self, name: str, values: Any, what: str, first: int) -> Any:
        pa = pyarrow()
        wanted = self.table.schema.field(name).type
        if pa.types.is_dictionary(values.type):
            values = values.dictionary_decode()
        if pa.types.is_large_string(values.type) or pa.types.is_string_view(values.type):
            values = values.cast(pa.string())  # texts as polars writes them
        if pa.types.is_list(wanted) and not pa.types.is_string(values.type):
            values = cast(values, wanted, what, first)
        in_utf8(values, what, first)
        coded = pa.types.is_int16(wanted)  # numbers of members, as flags are
        several = pa.types.is_list(values.type)
        has_nulls = values.null_count or (several and values.flatten().null_count)
        if values.type == wanted and not has_nulls and not coded:
            return values
        is_open = _holds_words(wanted) and FRAMES[self.kind].schema.fields[name].members is None
        if pa.types.is_string(values.type) and not is_open:  # any text may be a word of its own
            if pa.types.is_primitive(wanted):  # as Arrow's reader does, where it reads by type
                values = pyarrow(".compute").utf8_trim(values, " \t")
            missing = pyarrow(".compute").is_in(values, value_set=pa.array(NO_NUMBER))
            values = pyarrow(".compute").if_else(missing, pa.scalar(None, pa.string()), values)
        if coded:
            return self._coded(name, values, what, first)
        if pa.types.is_timestamp(wanted):
            return Reckoning(self.unit, self.since, self.zone).read(values, what, first)
        if pa.types.is_dictionary(wanted):
            return self._words(name, values, what, first)
        if pa.types.is_list(wanted) and pa.types.is_string(values.type):
            split = pyarrow(".compute").split_pattern(values, ",")
            listed = [words and [w for w in words if w] for words in split.to_pylist()]
            values = pa.array(listed, pa.list_(pa.string()))
        if pa.types.is_floating(wanted):
            return cast(decimals_as_texts(values), wanted, what, first).fill_null(math.nan)
        fit = cast(values, wanted, what, first)
        if pa.types.is_list(wanted) and fit.flatten().null_count:
            fit = pa.array([each and _told_ones(each, wanted) for each in fit.to_pylist()], wanted)
        return self._filled(name, fit, what, first)

    def _coded(self, name: str, values: Any, what: str, first: int) -> Any:
        codes = cast(values, self.table.schema.field(name).type, what, first)
        no_nulls(codes, what, first)
        most = len(FRAMES[self.kind].schema.fields[name].members or ()) - 1
        numbers = codes.to_numpy()
        if ((numbers < 0) | (numbers > most)).any():
            first_bad(codes, lambda code: 0 <= code <= most, what, first, f"not one of 0 to {most}")
        return codes

    def _filled(self, name: str, values: Any, what: str, first: int) -> Any:
        """With the default of the field where there is no word: so do other tools, and recordings, write that."""
        schema = FRAMES[self.kind].schema
        if name in schema.required or not _holds_words(values.type):
            no_nulls(values, what, first)
        if not values.null_count:
            return values
        default = schema.defaults[name]
        word = pyarrow().scalar(getattr(default, "name", default), values.type)
        return pyarrow(".compute").coalesce(values, word)

    def _words(self, name: str, values: Any, what: str, first: int) -> Any:
        pa = pyarrow()
        texts = self._filled(name, cast(values, pa.string(), what, first), what, first)
        field = FRAMES[self.kind].schema.fields[name]
        if field.members is not None:
            texts = pyarrow(".compute").utf8_upper(texts)
            allowed = {member.name for member in field.members}
            known = pyarrow(".compute").is_in(texts, value_set=pa.array(sorted(allowed)))
            if known.false_count:
                why = f"none of {sorted(allowed)}"
                first_bad(texts, lambda word: word in allowed, what, first, why)
        return texts.dictionary_encode()


def _told_ones(values: list[Any], wanted: Any) -> list[Any]:
    """A list without the texts in it that are missing; or with NaN for numbers, each of which has its place."""
    if pyarrow().types.is_floating(wanted.value_type):
        return [math.nan if value is None else value for value in values]
    return [value for value in values if value is not None]


def _holds_words(wanted: Any) -> bool:
    types = pyarrow().types
    kinds = types.is_dictionary, types.is_list, types.is_string, types.is_binary
    return any(is_one(wanted) for is_one in kinds)

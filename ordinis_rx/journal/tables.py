"""Facts as Arrow tables and back, bit for bit: one schema for each kind of fact.

The tables are plain ones that any tool can read: times are timestamps, symbols and the members of enumerations are
dictionary strings, sets of providers are lists of names. One column is not the fact's: ``arrival``, its number in the
recording, over all kinds. A column of nulls stands for fields that all have their defaults.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, get_type_hints

import numpy as np
from numpy.typing import NDArray

from ordinis_rx.arrow import ARRIVAL, pyarrow
from ordinis_rx.codes import Names
from ordinis_rx.columns import Block
from ordinis_rx.consensus.frames import AggregatedQuoteFrame  # their kinds can be recorded too
from ordinis_rx.frames import FRAMES, Frame
from ordinis_rx.journal.arrow_columns import CodeMaps, column_of
from ordinis_rx.journal.arrow_objects import objects_of
from ordinis_rx.misfits import misfit

__all__ = ["ARRIVAL", "KINDS", "Batches", "Table", "table_of"]

Batches: TypeAlias = Sequence[Any]
"""Arrow record batches."""

assert AggregatedQuoteFrame.kind in FRAMES

KINDS: Mapping[str, type[Any]] = {kind.type.value.lower(): kind for kind in FRAMES}
"""The kinds of facts by the names that files have for them."""


def table_of(kind: type[Any]) -> Table:
    """The one table of a kind of fact."""
    table = _TABLES.get(kind)
    if table is None:
        table = _TABLES[kind] = Table(FRAMES[kind])
    return table


_TABLES: dict[type[Any], Table] = {}


class Table:
    """How the facts of one kind stand in Arrow."""

    def __init__(self, frame: type[Frame]) -> None:
        pa = pyarrow()
        self.frame = frame
        self.name = frame.kind.type.value.lower()
        hints = get_type_hints(frame.kind)
        self._columns = [column_of(field, hints) for field in frame.schema.columns]
        self._objects = [objects_of(name, frame.kind, hints[name]) for name in frame.schema.objects]
        numbers = [(ARRIVAL, pa.int64()), *((each.name, each.type) for each in self._columns)]
        # Where nothing can be null, no reader of Parquet needs to look.
        fields = [pa.field(name, kind, nullable=False) for name, kind in numbers]
        fields += [pa.field(several.name, several.type) for several in self._objects]
        self.schema = pa.schema(
            fields, metadata={"ordinis.kind": self.name, "ordinis.version": "1"}
        )

    def batch(self, frame: Frame, arrival: NDArray[np.int64]) -> Any:
        """The rows of *frame* as a record batch; it may rest on the frame's memory."""
        pa = pyarrow()
        arrays = [pa.array(arrival)]
        for column in self._columns:
            block, k = frame.lookup(column.name)
            arrays.append(column.to_arrow(block.columns[k][: frame.n], frame.names))
        for several in self._objects:
            if frame.has_objects(several.name):
                arrays.append(pa.array(frame.object_column(several.name), several.type))
            else:
                arrays.append(pa.nulls(frame.n, several.type))
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)

    def misfit(self, fact: Any, error: Exception) -> Exception:
        """What *error* came of: which field of *fact* this table cannot hold; itself, where that cannot be told."""
        pa = pyarrow()
        texts = [(column.name, pa.string()) for column in self._columns if column.holds_texts]
        for name, kind in (*texts, *((several.name, several.type) for several in self._objects)):
            value = getattr(fact, name)
            try:
                pa.array([value], kind)
            except (pa.ArrowException, TypeError, ValueError, OverflowError):
                return TypeError(f"{name} cannot be {value!r} in {fact!r}")
        return misfit([fact], [column.name for column in self._columns], error)

    def fill(self, block: Block, batches: Batches, names: Names, codes: CodeMaps) -> Frame:
        """A frame of all rows of *batches*, in their order, that rests on *block*, which has the room; or on Arrow's memory.

        Columns that the batches do not have keep their defaults.
        """
        frame = self.frame(names)
        whole = self._whole(batches)
        if whole is not None:
            block = self._rest_on(whole, block, names, codes)
            frame.hold_columns(block, block.capacity, self._objects_of([whole]))
            return frame
        n = 0
        for batch in batches:
            end = n + batch.num_rows
            for j, column in enumerate(self._columns):
                into = block.columns[j][n:end]
                at = batch.schema.get_field_index(column.name)
                if at < 0:
                    into.fill(column.code(frame.schema, names))
                else:
                    column.from_arrow(batch.column(at), into, names, codes)
            n = end
        frame.hold_columns(block, n, self._objects_of(batches))
        return frame

    def _whole(self, batches: Batches) -> Any | None:
        """The rows of *batches* as one, where all are ours; None else. Of short ones that takes less time."""
        schema = batches[0].schema
        if not self._is_ours(schema) or not all(b.schema.equals(schema) for b in batches[1:]):
            return None
        if len(batches) > 1:
            batches = pyarrow().Table.from_batches(batches).combine_chunks().to_batches()
        return batches[0] if len(batches) == 1 and batches[0].num_rows else None

    def _is_ours(self, schema: Any) -> bool:
        """Whether all columns of numbers are where ours are, so that none of them has a null."""
        if schema.equals(self.schema):
            return True
        many = len(self._columns) + 1
        # Those behind them are not read of a Parquet file that has nothing of them.
        return len(schema) >= many and all(
            schema.field(j).equals(self.schema.field(j)) for j in range(many)
        )

    def _rest_on(self, batch: Any, room: Block, names: Names, codes: CodeMaps) -> Block:
        """The rows of *batch*, which is ours, where they are; what must be made of them is written where there is *room*."""
        columns: list[NDArray[Any]] = []
        addresses: list[int] = []
        for j, column in enumerate(self._columns):
            values, address = column.rest_on(batch.column(j + 1), (room, j), names, codes)
            columns.append(values)
            addresses.append(address)
        return Block.resting(room.kinds, batch.num_rows, columns, addresses)

    def _objects_of(self, batches: Batches) -> dict[str, Sequence[Any]]:
        defaults = self.frame.schema.defaults
        found = {each.name: each.of(batches, defaults[each.name]) for each in self._objects}
        return {name: values for name, values in found.items() if values is not None}

"""Facts as Arrow tables, for polars, DuckDB, pandas and whatever else reads Arrow; and tables as columns of facts.

Numbers and times lie where they lay; times are timestamps in nanoseconds, UTC. Symbols, providers and the members of
enumerations are dictionaries of strings, sets of providers are lists of names.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from typing import Any, get_type_hints

import numpy as np

from ordinis_rx.codes import Names
from ordinis_rx.columnar import Columnar
from ordinis_rx.columns import Field, Schema
from ordinis_rx.errors import MissingExtra

__all__ = ["ARRIVAL", "columns_of", "decimals_as_texts", "object_type", "pyarrow", "table_of"]


ARRIVAL = "arrival"
"""The one column of a recording's tables that is not the fact's: its number in the recording, over all kinds."""

_PANDAS_INDEX = re.compile(r"__index_level_\d+__")
"""What pandas calls an index that nobody has given a name: rows that were chosen of others have one."""


def pyarrow(module: str = "") -> Any:
    """The package pyarrow, or a module of it (``.parquet``); raises `MissingExtra`."""
    try:
        return importlib.import_module(f"pyarrow{module}")
    except ImportError as error:
        raise MissingExtra("a table of facts", package="pyarrow", extra="arrow") from error


def table_of(rows: Columnar) -> Any:
    """The rows as a `pyarrow.Table`; its numbers lie in the memory of *rows*, which must not change any more."""
    pa = pyarrow()
    schema = rows.schema
    hints = get_type_hints(schema.kind)
    arrays: dict[str, Any] = {}
    for name, field in schema.fields.items():
        if field.kind is None:
            values = list(rows.object_column(name))
            kind = object_type(pa, hints[name])
            if kind is None:
                raise TypeError(
                    f"{schema.kind.__name__} facts have no Arrow table: {name} holds {hints[name]!r}"
                )
            arrays[name] = pa.array(values, kind)
        else:
            block, j = rows.lookup(name)
            arrays[name] = _array(pa, field, block.columns[j][: rows.n], rows.names)
    return pa.table(arrays)


def _array(pa: Any, field: Field, values: Any, names: Names) -> Any:
    if field.many:
        named = names.providers.words.sets
        return pa.array([named[bits] for bits in values.tolist()], pa.list_(pa.string()))
    if field.name in ("symbol", "provider"):
        words = names.symbols.words if field.name == "symbol" else names.providers.words
        return _dictionary(pa, values, list(words))
    if field.members is None:
        array = pa.array(values, from_pandas=False)
        return array.view(pa.timestamp("ns", "UTC")) if field.name.startswith("ts_") else array
    if isinstance(field.members[0], bool):
        return pa.array(values.astype(bool))
    if isinstance(field.members[0], int):
        return pa.array(values)
    return _dictionary(pa, values, [member.name for member in field.members])


def _dictionary(pa: Any, codes: Any, words: list[str]) -> Any:
    # 32 bits: what every reader of dictionaries takes.
    return pa.DictionaryArray.from_arrays(
        pa.array(codes.astype(np.int32)), pa.array(words, pa.string())
    )


def object_type(pa: Any, hint: Any) -> Any | None:
    """The Arrow type for a field of no fixed width that is declared as *hint*; None where there is none."""
    if hint is str:
        return pa.string()
    if hint is bytes:
        return pa.binary()
    if hint == tuple[str, ...]:
        return pa.list_(pa.string())
    if hint == tuple[float, ...]:
        return pa.list_(pa.float64())
    return None


def columns_of(schema: Schema, source: Any) -> dict[str, Any]:
    """The columns of anything that has an Arrow C stream, as `ordinis_rx.construction.built` takes them.

    Raises TypeError or ValueError that begins with the kind and the column.
    """
    pa = pyarrow()
    if not hasattr(source, "__arrow_c_stream__"):
        if not hasattr(source, "__arrow_c_array__"):
            raise TypeError(
                f"from_arrow wants something with an Arrow C stream, got {type(source).__name__}"
            )
        table = pa.Table.from_batches([pa.record_batch(source)])
    else:
        table = pa.RecordBatchReader.from_stream(source).read_all()
    repeated = [name for name in table.column_names if table.column_names.count(name) > 1]
    if repeated:
        raise ValueError(f"{schema.kind.__name__} column {repeated[0]}: is there twice")
    return dict(_columns(pa, schema, table))


def _columns(pa: Any, schema: Schema, table: Any) -> Iterator[tuple[str, Any]]:
    for name, column in zip(table.column_names, table.columns, strict=True):
        field = schema.fields.get(name)
        if field is None and (name == ARRIVAL or _PANDAS_INDEX.fullmatch(name)):
            continue
        try:
            yield name, column if field is None else _values(pa, field, column.combine_chunks())
        except (pa.ArrowInvalid, UnicodeDecodeError) as error:
            raise ValueError(f"{schema.kind.__name__} column {name}: {error}") from error


def decimals_as_texts(column: Any) -> Any:
    """*column*, where it is one of decimals as texts: Arrow reads these as the nearest floats, which its cast misses."""
    pa = pyarrow()
    return column.cast(pa.string()) if pa.types.is_decimal(column.type) else column


def _values(pa: Any, field: Field, column: Any) -> Any:
    """A column of Arrow as an array of NumPy or, of what NumPy has no array for, as a list."""
    if isinstance(column, pa.ChunkedArray):
        column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    kind = column.type
    if field.name in ("symbol", "provider") and pa.types.is_dictionary(kind):
        if column.null_count == column.dictionary.null_count == 0:
            return column.indices.to_numpy(zero_copy_only=False), column.dictionary.to_pylist()
        return column.to_pylist()
    if pa.types.is_date(kind) and field.name.startswith("ts_"):
        column = column.cast(pa.timestamp("s"))  # its midnight, UTC
        kind = column.type
    if pa.types.is_timestamp(kind) and field.name.startswith("ts_"):
        column = column.cast(pa.timestamp("ns", kind.tz)).cast(pa.int64())
        kind = column.type
    if pa.types.is_decimal(kind) and field.kind == "f":
        column = decimals_as_texts(column).cast(pa.float64())
        kind = column.type
    numbers = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    if numbers and column.null_count == 0:
        return column.to_numpy(zero_copy_only=False)
    if pa.types.is_floating(kind) and field.kind == "f":
        return column.to_numpy(zero_copy_only=False)  # a null is NaN
    return column.to_pylist()

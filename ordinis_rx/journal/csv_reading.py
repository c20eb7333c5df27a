"""CSV files as Arrow batches; and what cannot be read of a file, as errors of ours."""

from __future__ import annotations

import contextlib
import csv
import io
import re
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from ordinis_rx.arrow import pyarrow
from ordinis_rx.errors import JournalError
from ordinis_rx.journal.adapting import NO_NUMBER, Adapter
from ordinis_rx.journal.fitting import Unfit

__all__ = ["Batched", "csv_batches", "first_line", "told_of"]

Batched: TypeAlias = Callable[[Sequence[str]], Iterator[Any]]
"""The batches of a file, with the columns that are asked for."""


_NOTHING = (None, "", b"")


@contextlib.contextmanager
def told_of(path: Path) -> Generator[None]:
    """What the system, Arrow or an adapter say about a file, as errors of ours."""
    try:
        yield
    except Unfit as error:
        raise JournalError(path, str(error)) from None
    except OSError as error:
        raise JournalError(path, f"cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        raise JournalError(path, f"is no text in UTF-8: it holds the byte {byte:#04x}") from error
    except (csv.Error, pyarrow().ArrowException) as error:
        raise JournalError(path, f"cannot be read: {error}") from error


def first_line(path: Path, delimiter: str) -> list[str]:
    """The names that a CSV file begins with; raises `JournalError` where there are none."""
    with told_of(path), pyarrow().input_stream(str(path)) as raw:
        lines = io.TextIOWrapper(raw, "utf-8-sig", newline="")
        names = next(csv.reader(lines, delimiter=delimiter), None)
    if not names:
        raise JournalError(
            path, "is empty" if names is None else "begins with an empty line, not with names"
        )
    return names


def csv_batches(
    path: Path, adapter: Adapter, header: Sequence[str] | None, delimiter: str
) -> Batched:
    """The batches of a CSV file: fast, by type; and where a value does not fit, as text, so that it can be named."""
    last = delimiter.join(['""'] * len(adapter.found))

    def batches(wanted: Sequence[str]) -> Iterator[Any]:
        def parsed(types: Mapping[str, Any], *, skip: bool = False) -> Iterator[Any]:
            with pyarrow().input_stream(str(path)) as raw:
                file = _Ended(raw, f"\n{last}\n".encode())
                yield from _but_last(_parsed(file, wanted, types, header, delimiter, skip=skip))

        told = 0
        try:
            for batch in parsed(adapter.types()):
                yield batch
                told += batch.num_rows
        except pyarrow().ArrowInvalid as error:
            ragged = re.search(r"Row #(\d+): (Expected \d+ columns, got \d+)", str(error))
            row = int(ragged[1]) - (header is None) if ragged else None
            # Something among these texts is not what it should be, or after them, so that this does not end well.
            texts = dict.fromkeys(wanted, pyarrow().string())
            at = 0
            for batch in parsed(texts, skip=bool(ragged)):
                n = batch.num_rows
                begin, end = max(told - at, 0), n if row is None else min(row - 1 - at, n)
                if begin < end:
                    yield batch.slice(begin, end - begin)
                at += n
            if ragged:  # pragma: no branch
                raise JournalError(path, f"row {row}: {ragged[2].lower()}") from None

    return batches


class _Ended:
    """A file and, at its end, a row without values: where that is not the last row, quotes that nobody closed hold it."""

    closed = False

    def __init__(self, file: Any, last: bytes) -> None:
        self._file = file
        self._last = last

    def read(self, size: int) -> bytes:
        data: bytes = self._file.read(size)
        if size and not data:
            data, self._last = self._last, b""
        return data


def _but_last(batches: Iterator[Any]) -> Iterator[Any]:
    """The *batches* of an `_Ended` file without its last row; raises `Unfit` where quotes hold that."""
    rows, held = 0, None
    try:
        for batch in batches:
            if held is not None:
                yield held
            held = batch
            rows += batch.num_rows
    except Exception as error:
        if held is not None:
            yield held
        if "straddl" in str(error):  # a row that reaches from one block over the next
            raise Unfit(f"row {rows + 1}: a quote is not closed") from None
        raise
    if held is not None:  # pragma: no branch
        end = held.num_rows - 1
        if end:
            yield held.slice(0, end)
        if any(column[end].as_py() not in _NOTHING for column in held.columns):
            raise Unfit(f"row {rows}: a quote is not closed")


def _parsed(
    file: _Ended,
    wanted: Iterable[str],
    types: Mapping[str, Any],
    header: Sequence[str] | None,
    delimiter: str,
    *,
    skip: bool = False,
) -> Iterator[Any]:
    """The batches of a CSV file; with *skip* without the rows that have too many or too few values."""
    of = pyarrow(".csv")

    def skipped(_: Any) -> str:
        return "skip"

    with of.open_csv(
        file,
        read_options=of.ReadOptions(use_threads=False, column_names=header, block_size=1 << 20),
        parse_options=of.ParseOptions(
            delimiter=delimiter,
            newlines_in_values=True,
            invalid_row_handler=skipped if skip else None,
        ),
        convert_options=of.ConvertOptions(
            include_columns=list(wanted),
            column_types=types,
            null_values=list(NO_NUMBER),
            strings_can_be_null=False,
        ),
    ) as reader:
        yield from reader

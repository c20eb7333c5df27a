"""CSV files as Arrow batches; and what cannot be read of a file, as errors of ours."""

from __future__ import annotations

import contextlib
import csv
import io
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from ordinis_rx.arrow import pyarrow
from ordinis_rx.errors import JournalError
from ordinis_rx.journal.adapting import NO_NUMBER, Adapter
from ordinis_rx.journal.fitting import Unfit

__all__ = ["BadLine", "Batched", "csv_batches", "first_line", "told_of"]

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


class BadLine(NamedTuple):
    """A line of a CSV file that has too many or too few values, as it stands there."""

    why: str
    text: str


def csv_batches(
    path: Path, adapter: Adapter, header: Sequence[str] | None, delimiter: str
) -> Batched:
    """The batches of a CSV file: fast, by type; and where a value does not fit, as text, so that it can be named.

    A `BadLine` stands between the batches where it stands in the file.
    """
    last = delimiter.join(['""'] * len(adapter.found))

    def batches(wanted: Sequence[str]) -> Iterator[Any]:
        def parsed(types: Mapping[str, Any], odd: Callable[[Any], str] | None) -> Iterator[Any]:
            with pyarrow().input_stream(str(path)) as raw:
                file = _Ended(raw, f"\n{last}\n".encode())
                yield from _but_last(_parsed(file, wanted, types, header, delimiter, odd))

        told = 0
        try:
            for batch in parsed(adapter.types(), None):
                yield batch
                told += batch.num_rows
        except pyarrow().ArrowInvalid:
            lines: deque[tuple[int, BadLine]] = deque()

            def odd(line: Any) -> str:
                why = f"expected {line.expected_columns} columns, got {line.actual_columns}"
                lines.append((line.number - 1 - (header is None), BadLine(why, line.text)))
                return "skip"

            texts = dict.fromkeys(wanted, pyarrow().string())
            for row, part in _with_lines(parsed(texts, odd), lines):
                if isinstance(part, BadLine):
                    yield part
                elif row + part.num_rows > told:
                    yield part.slice(max(told - row, 0))

    return batches


def _with_lines(
    batches: Iterable[Any], lines: deque[tuple[int, BadLine]]
) -> Iterator[tuple[int, Any]]:
    """The *batches* and the *lines* that have been left out of them, in the order of the file; with the row of each."""
    row = 0
    for batch in batches:
        start, n = 0, batch.num_rows
        while lines and lines[0][0] - row < n - start:
            ahead = lines[0][0] - row
            if ahead:
                yield row, batch.slice(start, ahead)
            start += ahead
            yield lines.popleft()
            row += ahead + 1
        if start < n:
            yield row, batch.slice(start)
            row += n - start
    yield from lines


class _Ended:
    """A file and, at its end, a row without values: where that is not the last row, quotes that nobody closed hold it."""

    closed = False

    def __init__(self, file: Any, last: bytes) -> None:
        self._file = file
        self._last = last

    def read(self, size: int) -> bytes:  # pragma: no cover  (Arrow's own thread calls it)
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
    odd: Callable[[Any], str] | None,
) -> Iterator[Any]:
    """The batches of a CSV file; *odd* says what becomes of a line that has too many or too few values."""
    of = pyarrow(".csv")
    with of.open_csv(
        file,
        read_options=of.ReadOptions(use_threads=False, column_names=header, block_size=1 << 20),
        parse_options=of.ParseOptions(
            delimiter=delimiter, newlines_in_values=True, invalid_row_handler=odd
        ),
        convert_options=of.ConvertOptions(
            include_columns=list(wanted),
            column_types=types,
            null_values=list(NO_NUMBER),
            strings_can_be_null=False,
        ),
    ) as reader:
        yield from reader

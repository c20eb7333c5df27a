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
        lines = io.TextIOWrapper(raw, "utf-8-sig", "surrogateescape", newline="")
        names = next(csv.reader(lines, delimiter=delimiter), None)
        for name in names or ():  # of which alone it is asked: the rest may be what nobody reads
            name.encode(errors="surrogateescape").decode()
    if not names:
        raise JournalError(
            path, "is empty" if names is None else "begins with an empty line, not with names"
        )
    return names


class BadLine(NamedTuple):
    """A line of a CSV file that has too many or too few values, as it stands there."""

    why: str
    text: str


class _BadLines:
    """The lines that Arrow's reader leaves out, with their rows (from 0), until they are told."""

    def __init__(self, header_lines: int, last: str) -> None:
        self._before = header_lines + 1
        self._last = last
        self.waiting: deque[tuple[int, BadLine]] = deque()
        self.count = 0
        self.holds_last = False
        """Whether one of them, in a quote that nobody closes, holds the row that is put at the end of the file."""

    def leave_out(self, line: Any) -> str:  # pragma: no cover  (Arrow's own thread may call it)
        """What Arrow asks about a line with too many or too few values."""
        why = f"expected {line.expected_columns} columns, got {line.actual_columns}"
        self.count += 1
        self.holds_last = line.text.rstrip("\n").endswith(f"\n{self._last}")
        if not self.holds_last:
            self.waiting.append((line.number - self._before, BadLine(why, line.text)))
        return "skip"


def csv_batches(
    path: Path, adapter: Adapter, header: Sequence[str] | None, delimiter: str
) -> Batched:
    """The batches of a CSV file: fast, by type; and where a value does not fit, as text, so that it can be named.

    A `BadLine` stands between the batches where it stands in the file.
    """
    last = delimiter.join(['""'] * len(adapter.found))

    def batches(wanted: Sequence[str]) -> Iterator[Any]:
        lines = _BadLines(0 if header else 1, last)

        def parsed(types: Mapping[str, Any], odd: Callable[[Any], str] | None) -> Iterator[Any]:
            with pyarrow().input_stream(str(path)) as raw:
                file = _Ended(raw, f"\n{last}\n".encode())
                yield from _but_last(_parsed(file, wanted, types, header, delimiter, odd), lines)

        told = 0
        try:
            for batch in parsed(adapter.types(), None):
                yield batch
                told += batch.num_rows
        except pyarrow().ArrowInvalid:
            texts = dict.fromkeys(wanted, pyarrow().string())
            for row, part in _with_lines(parsed(texts, lines.leave_out), lines.waiting):
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
    try:
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
    except Unfit:
        yield from lines
        raise
    yield from lines


class _Ended:
    """A file and, at its end, a row without values: where that is not the last row, quotes that nobody closed hold it.

    That row is read with what is before it: a row without an end would else reach over two of Arrow's blocks.
    """

    closed = False

    def __init__(self, file: Any, last: bytes) -> None:
        self._file = file
        self._last = last
        self._ahead = b""

    def read(self, size: int) -> bytes:  # pragma: no cover  (Arrow's own thread calls it)
        pieces, n = [self._ahead], len(self._ahead)
        while n < size:
            piece: bytes = self._file.read(size - n)
            if not piece:
                piece, self._last = self._last, b""
                if not piece:
                    break
            pieces.append(piece)
            n += len(piece)
        data = b"".join(pieces)
        self._ahead = data[size:]
        return data[:size]


def _but_last(batches: Iterator[Any], lines: _BadLines) -> Iterator[Any]:
    """The *batches* of an `_Ended` file without its last row; raises `Unfit` where a quote holds that."""
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
            raise Unfit(f"row {rows + lines.count + 1}: a quote is not closed") from None
        raise
    if held is not None:  # pragma: no branch
        end = held.num_rows if lines.holds_last else held.num_rows - 1
        if end:
            yield held.slice(0, end)
        if lines.holds_last or any(column[end].as_py() not in _NOTHING for column in held.columns):
            raise Unfit(f"row {rows + lines.count}: a quote is not closed")


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
            check_utf8=False,  # which an adapter does, row by row
            null_values=list(NO_NUMBER),
            strings_can_be_null=False,
        ),
    ) as reader:
        yield from reader

"""CSV files as batches; what facts become of them is tested with `foreign`."""

from __future__ import annotations

from pathlib import Path

import pytest

from ordinis_rx.errors import JournalError
from ordinis_rx.journal.csv_reading import first_line

pytest.importorskip("pyarrow")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a,b\n1,2\n", ["a", "b"]),
        ("\ufeffa,b\r\n", ["a", "b"]),
        ("a,b\r1,2\r", ["a", "b"]),
        ('"a,b",c\n', ["a,b", "c"]),
        ('"a\nb",c\n', ["a\nb", "c"]),
    ],
)
def test_the_names_of_a_file_are_its_first_line(
    tmp_path: Path, text: str, names: list[str]
) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(text.encode())

    assert first_line(path, ",") == names


@pytest.mark.parametrize(
    ("text", "why"),
    [("", "is empty"), ("\n1,2\n", "begins with an empty line, not with names")],
)
def test_a_file_without_names_is_refused(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "e.csv"
    path.write_text(text, "utf-8")

    with pytest.raises(JournalError, match=rf"e\.csv {why}$"):
        first_line(path, ",")


def test_names_without_an_end_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "e.csv"
    path.write_text('"' + "1,2\n" * 100_000, "utf-8")

    with pytest.raises(JournalError, match=r"e\.csv cannot be read: field larger than field limit"):
        first_line(path, ",")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=r"none\.csv cannot be read"):
        first_line(tmp_path / "none.csv", ",")

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.commands import values


def test_a_file_is_refused_when_it_is_a_folder(tmp_path: Path) -> None:
    assert values.file(str(tmp_path / "new.html")) == tmp_path / "new.html"
    with pytest.raises(ArgumentTypeError, match="must be a file"):
        values.file(str(tmp_path))


def test_a_key_is_not_repeated_in_the_complaint() -> None:
    assert values.key("k") == "k"
    with pytest.raises(ArgumentTypeError, match=r"^must not be empty$"):
        values.key("  ")


READERS = (
    values.positive,
    values.demo_seconds,
    values.port,
    values.seed,
    values.words,
    values.count,
    values.share,
    values.span,
    values.size,
    values.address,
    values.columns,
    values.delimiter,
    values.zone,
)


def complaint(read: Callable[[str], object], text: str) -> str:
    """What is said of *text*; "" when it is a value."""
    try:
        read(text)
    except ArgumentTypeError as error:
        return str(error)
    return ""


@given(st.text(max_size=12))
def test_any_word_is_a_value_or_a_complaint_that_repeats_it(text: str) -> None:
    said = [complaint(read, text) for read in READERS]

    assert [words for words in said if words and repr(text) not in words] == []


@given(st.integers(0, 65_535))
def test_every_port_is_read(number: int) -> None:
    assert values.port(str(number)) == number


def test_a_demo_asked_to_be_too_short_takes_the_time_that_it_needs() -> None:
    told = [values.demo_seconds(text) for text in ("1", "5", "12.5")]

    assert told == [values.SHORTEST_DEMO, 5.0, 12.5]


@pytest.mark.parametrize(
    ("text", "bytes_"),
    [("0", 0), ("12B", 12), ("64KB", 64_000), ("64KiB", 65_536), ("0.5GB", 500_000_000)],
)
def test_a_size_may_have_a_unit(text: str, bytes_: int) -> None:
    assert values.size(text) == bytes_


@pytest.mark.parametrize("text", ["", "KB", "1iB", "1TB", "1 KB", "-1", "1e6", "1.KB", "1kb"])
def test_a_size_in_other_words_is_refused(text: str) -> None:
    assert complaint(values.size, text) == f"must be a size such as 64KB or 1MiB, got {text!r}"


@pytest.mark.parametrize(
    "text", ["", ":", "a:", ":1", "a:0", "a:65536", "a:x", "::1:80", "a", "[]:1"]
)
def test_an_address_that_is_not_whole_is_refused(text: str) -> None:
    assert complaint(values.address, text).startswith("must be a host and a port, HOST:PORT")

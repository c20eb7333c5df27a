"""Values of a column as another type; what comes of whole tables is tested with `adapting` and `foreign`."""

from __future__ import annotations

from typing import Any

import pytest

from ordinis_rx.journal.fitting import Unfit, cast, in_utf8, in_zone, no_nulls, read_times, repeated

pa = pytest.importorskip("pyarrow")


def test_a_value_that_is_of_no_such_type_is_named_by_column_and_row() -> None:
    assert cast(pa.array(["1", "2"]), pa.int64(), "column 'a'", 0).to_pylist() == [1, 2]
    with pytest.raises(Unfit, match=r"column 'a', row 12: 'x' is no int64"):
        cast(pa.array(["1", "x"]), pa.int64(), "column 'a'", 10)


def test_what_is_missing_is_named_by_row() -> None:
    no_nulls(pa.array([1, 2]), "a", 0)
    with pytest.raises(Unfit, match="a, row 3: there is no value"):
        no_nulls(pa.array([1, None]), "a", 1)


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["1", "2"], "int64"),
        (["1.5", "2"], "double"),
        (["2024-01-02T00:00:00Z"], "timestamp[ns, tz=UTC]"),
    ],
)
def test_times_in_texts_are_numbers_or_moments(texts: list[str], kind: str) -> None:
    assert str(read_times(pa.array(texts), "a", 0).type) == kind


@pytest.mark.parametrize(("hour", "why"), [("02", "was not, or was twice"), ("05", "")])
def test_an_hour_that_clocks_leave_out_is_named(hour: str, why: str) -> None:
    times: Any = pa.array([f"2024-03-10T{hour}:30:00"]).cast(pa.timestamp("ns"))

    if why:
        with pytest.raises(Unfit, match=why):
            in_zone(times, "America/New_York", "a", 0)
    else:
        assert in_zone(times, "America/New_York", "a", 0).null_count == 0


def test_of_several_values_the_first_bad_one_is_named_and_without_a_name_none() -> None:
    hours: Any = pa.array([f"2024-03-10T{hour}:30:00" for hour in ("01", "02", "02")])
    words = pa.array([b"A", b"\xff", b"\xfe"], pa.binary()).view(pa.string())

    with pytest.raises(Unfit, match="a, row 9: 2024-03-10 02:30:00 was not, or was twice"):
        in_zone(hours.cast(pa.timestamp("ns")), "America/New_York", "a", 7)
    with pytest.raises(Unfit, match=r"a, row 9: b'\\xff' is no text in UTF-8"):
        in_utf8(words, "a", 7)
    for what in ("", "a"):
        with pytest.raises(Unfit) as error:
            read_times(pa.array(["1", "2024-01-02"]), what, 0)
        assert str(error.value) == f"{what} has times of several forms"
    for look, told in (
        (lambda: in_zone(hours.cast(pa.timestamp("ns")), "America/New_York", "", 7), "Timestamp"),
        (lambda: in_utf8(words, "", 7), "no text in UTF-8"),
    ):
        with pytest.raises(Unfit, match=told):
            look()


def test_one_value_fills_a_column() -> None:
    assert repeated(pa.array(["A"]), 3).to_pylist() == ["A", "A", "A"]

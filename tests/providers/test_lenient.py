from __future__ import annotations

import math

import msgspec
import pytest

from ordinis_rx.providers.lenient import Count, Price, Size, Stamp, repaired


class Print(msgspec.Struct, rename={"as_": "as"}):
    sym: str
    p: Price
    as_: Size
    t: Stamp
    n: Count = 0
    ds: Size | None = None


WHOLE: dict[str, object] = {"sym": "A", "p": -1.5, "as": 2, "t": 3, "n": 4, "ds": "0.25"}


def kinds(fields: dict[str, object]) -> list[str]:
    return [fault.kind for fault in repaired(fields, Print)[1]]


def test_a_whole_message_is_read_as_its_shape_says() -> None:
    assert repaired(WHOLE, Print) == (Print("A", -1.5, 2.0, 3, 4, 0.25), [])


def test_what_is_missing_is_blank_and_told_where_it_is_needed() -> None:
    seen, faults = repaired({}, Print, b"raw")

    assert (seen.sym, seen.t, seen.n, seen.ds) == ("", 0, 0, None)
    assert math.isnan(seen.p)
    assert math.isnan(seen.as_)
    assert [fault.kind for fault in faults] == [
        "missing-sym", "missing-p", "missing-as", "missing-t"
    ]  # fmt: skip
    assert {fault.raw for fault in faults} == {b"raw"}


def test_null_is_missing() -> None:
    assert kinds({**WHOLE, "p": None, "n": None, "ds": None}) == ["missing-p"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("p", True),
        ("p", "NaN"),
        ("p", math.inf),
        ("p", "-Infinity"),
        ("p", "1e999"),
        ("p", []),
        ("p", 10**400),
        ("p", b"garbage"),
        ("as", -1),
        ("as", "-1"),
        ("as", {"deep": [1]}),
        ("t", 0),
        ("t", -5),
        ("t", 2**63),
        ("t", 1.5),
        ("t", False),
        ("sym", 5),
        ("n", -1),
        ("ds", "much"),
    ],
)
def test_what_makes_no_sense_is_unreadable_and_takes_nothing_with_it(
    key: str, value: object
) -> None:
    seen, faults = repaired({**WHOLE, key: value}, Print)

    assert [fault.kind for fault in faults] == [f"unreadable-{key}"]
    whole = {field.encode_name: getattr(Print("A", -1.5, 2.0, 3, 4, 0.25), field.name)
             for field in msgspec.structs.fields(Print)}  # fmt: skip
    told = {field.encode_name: getattr(seen, field.name) for field in msgspec.structs.fields(Print)}
    assert {k: v for k, v in told.items() if k != key} == {
        k: v for k, v in whole.items() if k != key
    }


def test_a_decimal_string_is_a_number() -> None:
    assert repaired({**WHOLE, "p": "297.845", "t": "1700000000000"}, Print)[0].p == 297.845


def test_a_fault_shows_the_value_but_not_all_of_a_long_one() -> None:
    short = repaired({**WHOLE, "p": "NaN"}, Print)[1][0]
    long = repaired({**WHOLE, "p": "x" * 5000}, Print)[1][0]
    huge = repaired({**WHOLE, "p": 10**5000}, Print)[1][0]

    assert short.message == "p is 'NaN'"
    assert len(long.message) < 100
    assert huge.message == "p is an integer too long to show"


def test_a_value_without_words_of_its_own_is_told_alike_each_time() -> None:
    odd = [msgspec.msgpack.Ext(5, b"x")]

    told = [repaired(WHOLE | {"p": odd}, Print)[1][0].message for _ in "ab"]

    assert told == ["p is [<msgspec.msgpack.Ext object>]"] * 2

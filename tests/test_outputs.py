"""The names of an indicator's numbers, and how a reading finds them."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import msgspec
import pytest

from ordinis_rx import from_json, to_json
from ordinis_rx.events import Reading
from ordinis_rx.outputs import OUTPUTS, outputs_of
from ordinis_rx.testing import a_reading


def a_row(name: str, *values: float) -> Any:
    return a_reading(values[0], name=name, values=values)


def test_every_output_of_an_indicator_is_found_by_its_name() -> None:
    for name, words in OUTPUTS.items():
        row = a_row(name, *map(float, range(len(words))))
        assert [getattr(row, word) for word in words] == list(range(len(words)))


def test_names_with_commas_between_are_the_outputs() -> None:
    row = a_row("rsi,bb_upper", 55.0, 101.0)

    assert (row.rsi, row.bb_upper) == (55.0, 101.0)


def test_an_unknown_output_is_an_error_that_lists_what_there_is() -> None:
    with pytest.raises(AttributeError, match="'rsi,atr' has no 'close': it has rsi atr"):
        _ = a_row("rsi,atr", 1.0, 2.0).close
    with pytest.raises(AttributeError, match="'mid' has no 'upper': it has no outputs with names"):
        _ = a_row("mid", 1.0, 2.0).upper


def test_the_only_output_is_called_as_the_reading_is() -> None:
    for row in (a_row("bbands", 1.0), a_reading(1.0, name="bbands")):
        assert row.bbands == 1.0
        assert not hasattr(row, "upper")


def test_a_reading_without_its_numbers_has_no_outputs() -> None:
    assert not hasattr(a_reading(1.0, name="bbands"), "upper")


def test_names_survive_json_pickles_and_copies() -> None:
    row = a_row("rsi,atr", 55.0, 0.5)
    others: list[Any] = [
        from_json(to_json(row)),
        pickle.loads(pickle.dumps(row)),
        copy.copy(row),
        copy.deepcopy(row),
        msgspec.structs.replace(row, seq=5),
    ]

    assert [other.atr for other in others] == [0.5] * 5


def test_no_output_hides_behind_a_field() -> None:
    words = {word for outputs in OUTPUTS.values() for word in outputs}

    assert not words & {name for name in dir(Reading) if not name.startswith("__")}
    assert outputs_of("") == {}

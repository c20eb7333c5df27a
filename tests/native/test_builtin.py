"""Builtins at work: what they know stays, and where facts keep their fields is what CPython says."""

from __future__ import annotations

import ctypes
import gc
import importlib.util
import sys
import sysconfig
import weakref
from typing import Any

import msgspec
import pytest

from ordinis_rx.columns import schema_of
from ordinis_rx.consensus.facts import AggregatedQuote
from ordinis_rx.native import builtin as module
from ordinis_rx.native.assembly import Assembly
from ordinis_rx.native.builtin import Code, Thing, builtin, code_of, is_possible, offset_of
from tests.facts import ONE_OF_EACH


def the_known() -> Code:
    """Gives the one thing that it knows."""
    assembly = Assembly("the_known")
    assembly.give_borrowed(assembly.known())
    return code_of(assembly)


def test_what_a_builtin_knows_lives_as_long_as_itself() -> None:
    class Thing_:
        pass

    thing = Thing_()
    seen = weakref.ref(thing)
    take = builtin(the_known(), [thing])
    del thing
    gc.collect()
    assert take(None) is seen()

    del take
    gc.collect()
    assert seen() is None


def test_an_integer_is_known_as_a_number_or_as_the_object() -> None:
    number = 1 << 70
    assert builtin(the_known(), [Thing(number)])(None) is number
    assert builtin(the_known(), [id(number)])(None) is number


def test_code_outlives_the_last_builtin_even_in_a_cycle() -> None:
    for _ in range(10):  # each collects all garbage there is
        whole = Whole()
        whole.take = builtin(the_known(), [whole])
        seen = weakref.ref(whole)
        del whole
        gc.collect()
        assert seen() is None


class Whole:
    """Knows a builtin that knows it."""

    take: Any = None


def test_one_code_serves_many_builtins() -> None:
    code = the_known()
    takes = [builtin(code, [word]) for word in ("a", "b", "c")]

    assert [take(None) for take in takes] == ["a", "b", "c"]


@pytest.mark.parametrize("fact", ONE_OF_EACH, ids=lambda fact: type(fact).__name__)
def test_every_field_of_every_kind_lies_where_we_look(fact: Any) -> None:
    for name in fact.__struct_fields__:
        offset = offset_of(type(fact), name)
        assert offset is not None
        assert ctypes.c_int64.from_address(id(fact) + offset).value == id(getattr(fact, name))


def test_a_field_that_a_base_declares_lies_where_we_look() -> None:
    class Longer(AggregatedQuote, frozen=True, kw_only=True):
        more: int = 0

    fact = Longer(symbol="A", ts_event=1 << 70, more=1 << 71)
    for name in ("symbol", "ts_event", "more"):
        offset = offset_of(Longer, name)
        assert offset is not None
        assert ctypes.c_int64.from_address(id(fact) + offset).value == id(getattr(fact, name))


def test_what_is_worked_out_lies_nowhere() -> None:
    (quote,) = (fact for fact in ONE_OF_EACH if type(fact).__name__ == "Quote")
    assert offset_of(type(quote), "mid") is None
    assert schema_of(type(quote)).fields.keys() == set(quote.__struct_fields__)


def test_a_field_hidden_by_a_property_is_asked_for() -> None:
    class Plain(msgspec.Struct, frozen=True):
        price: float

    class Hidden(Plain, frozen=True):
        @property
        def price(self) -> float:  # type: ignore[override]
            return 7.0

    assert offset_of(Plain, "price") is not None
    assert offset_of(Hidden, "price") is None


def test_elsewhere_than_on_a_cpython_of_64_bits_with_its_lock_there_are_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    possible = is_possible.__wrapped__
    assert possible()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "maxsize", (1 << 31) - 1)
        assert not possible()
    with monkeypatch.context() as patch:
        patch.setattr(sysconfig, "get_config_var", lambda name: name == "Py_GIL_DISABLED")
        assert not possible()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "version_info", (3, 99, 0))
        assert not possible()
    with monkeypatch.context() as patch:
        patch.setattr(importlib.util, "find_spec", lambda _: None)
        assert not possible()
    with monkeypatch.context() as patch:
        patch.setattr(module, "_offset", lambda _: 16)
        assert not possible()

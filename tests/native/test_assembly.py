"""Builtins while they are written: what they do with objects, and what they leave behind."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from ordinis_rx.native.assembly import Assembly, api_address
from ordinis_rx.native.builtin import Thing, builtin, code_of


def written(write: Callable[[Assembly], None], *table: Any) -> Callable[[Any], Any]:
    assembly = Assembly("written")
    write(assembly)
    return builtin(code_of(assembly), table)


def doubled(assembly: Assembly) -> None:
    number = assembly.as_float(assembly.argument)
    assembly.give(assembly.call("PyFloat_FromDouble", assembly.build.fadd(number, number)))


def counted_on(assembly: Assembly) -> None:
    number = assembly.as_integer(assembly.argument)
    further = assembly.build.add(number, assembly.known())
    assembly.give(assembly.call("PyLong_FromLongLong", further))


def test_an_object_is_taken_for_the_number_that_it_is() -> None:
    twice, further = written(doubled), written(counted_on, 5)

    assert [twice(each) for each in (1.5, -1.0, 2, True)] == [3.0, -2.0, 4.0, 2.0]
    assert [further(each) for each in (1, -1, True, -6)] == [6, 4, 6, -1]


@pytest.mark.parametrize(
    ("thing", "error"), [("1", TypeError), (None, TypeError), (1.5, TypeError)]
)
def test_what_is_no_number_raises_what_python_raises(thing: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        written(counted_on, 5)(thing)


def test_a_number_beyond_64_bits_raises_what_python_raises() -> None:
    with pytest.raises(OverflowError):
        written(counted_on, 5)(1 << 63)


def test_a_builtin_calls_with_positions_and_with_keywords() -> None:
    def by_position(assembly: Assembly) -> None:
        assembly.give(assembly.called(assembly.known(), [assembly.argument, assembly.known()]))

    def by_keyword(assembly: Assembly) -> None:
        called, second, names = assembly.known(), assembly.known(), assembly.known()
        assembly.give(assembly.called(called, [assembly.argument, second], names))

    def told(*args: Any, **kwargs: Any) -> Any:
        return args, kwargs

    assert written(by_position, told, Thing(7))("x") == (("x", 7), {})
    assert written(by_keyword, told, Thing(7), ("a", "b"))("x") == ((), {"a": "x", "b": 7})


def test_what_a_called_function_raises_comes_through() -> None:
    def call(assembly: Assembly) -> None:
        assembly.give(assembly.called(assembly.known(), [assembly.argument]))

    def fail(thing: Any) -> None:
        raise LookupError(f"no {thing}")

    with pytest.raises(LookupError, match="no luck"):
        written(call, fail)("luck")


def test_what_raises_may_be_taken_back_and_answered_otherwise() -> None:
    def write(assembly: Assembly) -> None:
        instead = assembly.known()
        raised, assembly.otherwise = assembly.otherwise, assembly.block()
        odd = assembly.otherwise
        assembly.as_integer(assembly.argument)
        assembly.give_borrowed(assembly.argument)
        assembly.build.position_at_end(odd)
        assembly.otherwise = raised
        assembly.forgive()
        assembly.give_borrowed(instead)

    take = written(write, "no integer")

    class Interrupted:
        def __index__(self) -> int:
            raise KeyboardInterrupt

    assert [take(5), take("five"), take(1 << 70)] == [5, "no integer", "no integer"]
    with pytest.raises(KeyboardInterrupt):
        take(Interrupted())


def test_references_are_given_back() -> None:
    def write(assembly: Assembly) -> None:
        name = assembly.known()
        found = assembly.there(assembly.call("PyObject_GetAttr", assembly.argument, name))
        number = assembly.as_float(found, owned=True)
        assembly.give(assembly.call("PyFloat_FromDouble", number))

    class Holder:
        number: Any = 2.5

    holder, value = Holder(), float("2.5")
    holder.number = value
    take = written(write, "number")
    before = sys.getrefcount(value), sys.getrefcount(holder)
    for _ in range(100):
        assert take(holder) == 2.5
    wrong = object()
    holder.number = wrong
    held = sys.getrefcount(wrong)
    for _ in range(100):
        with pytest.raises(TypeError):
            take(holder)

    assert sys.getrefcount(wrong) == held
    holder.number = value
    assert (sys.getrefcount(value), sys.getrefcount(holder)) == before


def test_the_api_is_found_by_name() -> None:
    assert api_address("PyLong_AsLongLong") != api_address("PyFloat_AsDouble")
    with pytest.raises(AttributeError):
        api_address("Py_NoSuchFunction")

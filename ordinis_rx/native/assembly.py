"""One builtin function while it is written: what C would say with CPython's API, as LLVM's intermediate code.

llvmlite, which numba brings along, is imported when the first one is written.
"""

from __future__ import annotations

import ctypes
import functools
import importlib
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

__all__ = ["EXPECTED", "Assembly", "Value", "api_address"]

Value: TypeAlias = Any
"""A value of LLVM. Objects are their addresses, and a builtin has the references to those only that it says it has."""

EXPECTED = (TypeError, ValueError, OverflowError, KeyError, IndexError, AttributeError)
"""What is raised where something is not usual, and may be forgiven; not what else comes up then, an interruption, say."""

_BEFORE_OBJECTS = bytes.__basicsize__ - 1
"""Where the bytes of a `bytes` begin."""

_TYPE = 8
"""Where an object says of which type it is."""

_ARGUMENTS_OFFSET = -(1 << 63)
"""Tells who is called that the place before the arguments is free (PEP 590)."""


@functools.cache
def api_address(name: str) -> int:
    """Where CPython has the function *name* of its API."""
    address = ctypes.cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p).value
    assert address is not None
    return address


class Assembly:
    """A builtin that is handed one object, the `argument`, and knows a table of numbers (or addresses of objects).

    What raises leaves it with that exception. While `otherwise` is a block, what raises goes there instead.

    The table begins with `EXPECTED`.
    """

    def __init__(self, name: str) -> None:
        ir: Any = importlib.import_module("llvmlite.ir")
        self._ir = ir
        self.number, self.half, self.real = ir.IntType(64), ir.IntType(32), ir.DoubleType()
        self.module = ir.Module(name)
        signature = ir.FunctionType(self.number, [self.number, self.number])
        self._function = ir.Function(self.module, signature, name)
        this, self.argument = self._function.args
        self.build: Any = ir.IRBuilder(self._function.append_basic_block())
        self._table = self.build.add(this, self.number(_BEFORE_OBJECTS))
        self._known = 0
        self._expected = self.known()
        self._raised = self.block()
        self.otherwise: Any = self._raised
        with self.build.goto_block(self._raised):
            self.build.ret(self.number(0))

    def block(self) -> Value:
        """A new block of code, to be written later."""
        return self._function.append_basic_block()

    def known(self) -> Value:
        """The next number of the table."""
        self._known += 1
        return self.load(self._table, 8 * (self._known - 1))

    def knows(self, numbers: int) -> list[Value]:
        """The next numbers of the table."""
        return [self.known() for _ in range(numbers)]

    def load(self, address: Value, offset: int = 0, kind: Any = None) -> Value:
        """What lies *offset* bytes behind *address*: a number of 64 bits, or of *kind*."""
        return self.build.load(self._pointer(address, offset, kind or self.number))

    def store(self, value: Value, address: Value, offset: int = 0) -> None:
        """Write *value* there."""
        self.build.store(value, self._pointer(address, offset, value.type))

    def call(self, function: str | Value, *arguments: Value, returns: Any = None) -> Value:
        """Call a function of CPython, or the one at that address."""
        where = self.number(api_address(function)) if isinstance(function, str) else function
        kinds = [argument.type for argument in arguments]
        signature = self._ir.FunctionType(returns or self.number, kinds).as_pointer()
        return self.build.call(self.build.inttoptr(where, signature), arguments)

    def is_equal(self, value: Value, number: int) -> Value:
        """Whether *value* is *number*."""
        return self.build.icmp_signed("==", value, self.number(number))

    def is_a(self, thing: Value, kind: Value) -> Value:
        """Whether an object is of that type, and of none that inherits from it."""
        return self.build.icmp_signed("==", self.load(thing, _TYPE), kind)

    def unless(self, condition: Value, block: Value) -> None:
        """Go on only where *condition* holds; else at *block*."""
        following = self.block()
        self.build.cbranch(condition, following, block)
        self.build.position_at_end(following)

    @contextmanager
    def each(self, count: Value, end: Value) -> Generator[Value]:
        """What is written meanwhile is done for each number below *count*, which it gets; then it goes on at *end*."""
        build, before, head = self.build, self.build.block, self.block()
        build.branch(head)
        build.position_at_end(head)
        number = build.phi(self.number)
        number.add_incoming(self.number(0), before)
        self.unless(build.icmp_signed("<", number, count), end)
        yield number
        number.add_incoming(build.add(number, self.number(1)), build.block)
        build.branch(head)

    def there(self, value: Value) -> Value:
        """*value*, which is no null pointer: that means that something was raised, or is not there."""
        self.unless(self.build.icmp_signed("!=", value, self.number(0)), self.otherwise)
        return value

    def as_float(self, thing: Value, *, owned: bool = False) -> Value:
        """The number that an object is; the reference to it is given back, where the builtin has one."""
        double = self.call("PyFloat_AsDouble", thing, returns=self.real)
        if owned:
            self.forget(thing)
        self._unless_raised(self.build.fcmp_ordered("==", double, self.real(-1.0)))
        return double

    def as_integer(self, thing: Value, *, owned: bool = False) -> Value:
        """The integer that an object is; the reference to it is given back, where the builtin has one."""
        # The plain one takes what is longer than 30 bits byte by byte. This one tells who is beyond, and raises nothing.
        beyond = self.space(1)
        number = self.call("PyLong_AsLongLongAndOverflow", thing, beyond)
        raising, following = self.block(), self.block()
        fits = self.build.icmp_signed("==", self.load(beyond, kind=self.half), self.half(0))
        self.build.cbranch(fits, following, raising)
        self.build.position_at_end(raising)
        self.call("PyLong_AsLongLong", thing)
        self.build.branch(following)
        self.build.position_at_end(following)
        if owned:
            self.forget(thing)
        self._unless_raised(self.is_equal(number, -1))
        return number

    def space(self, numbers: int) -> Value:
        """Room for so many numbers, until the builtin returns."""
        with self.build.goto_entry_block():
            room = self.build.alloca(self._ir.ArrayType(self.number, numbers))
            return self.build.ptrtoint(room, self.number)

    def called(self, thing: Value, arguments: Sequence[Value], names: Value | None = None) -> Value:
        """What calling the object *thing* gives, a new reference; the arguments are keywords, where there are *names*."""
        room = self.space(len(arguments) + 1)
        for k, argument in enumerate(arguments, 1):
            self.store(argument, room, 8 * k)
        positional = 0 if names is not None else len(arguments)
        count = self.number(_ARGUMENTS_OFFSET + positional)
        first = self.build.add(room, self.number(8))
        keywords = self.number(0) if names is None else names
        return self.call("PyObject_Vectorcall", thing, first, count, keywords)

    def forget(self, thing: Value) -> None:
        """Give back a reference."""
        self.call("Py_DecRef", thing, returns=self._ir.VoidType())

    def keep(self, thing: Value) -> None:
        """Have a reference to an object that somebody else has one to."""
        self.call("Py_IncRef", thing, returns=self._ir.VoidType())

    def give(self, thing: Value) -> None:
        """Return an object that the builtin has a reference to, or nothing but what was raised."""
        self.build.ret(thing)

    def give_borrowed(self, thing: Value) -> None:
        """Return an object that somebody else has the reference to."""
        self.keep(thing)
        self.build.ret(thing)

    def forgive(self) -> None:
        """Nothing has been raised, if it is one of what is `EXPECTED`; else leave the builtin with that."""
        asking, forgiving, following = self.block(), self.block(), self.block()
        raised = self.call("PyErr_Occurred")
        self.build.cbranch(self.is_equal(raised, 0), following, asking)
        self.build.position_at_end(asking)
        match = self.call("PyErr_ExceptionMatches", self._expected, returns=self.half)
        was_expected = self.build.icmp_signed("!=", match, self.half(0))
        self.build.cbranch(was_expected, forgiving, self.otherwise)
        self.build.position_at_end(forgiving)
        self.call("PyErr_Clear", returns=self._ir.VoidType())
        self.build.branch(following)
        self.build.position_at_end(following)

    def give_back_first(self, thing: Value) -> None:
        """Where what follows goes to `otherwise`, give back a reference before."""
        elsewhere, self.otherwise = self.otherwise, self.block()
        with self.build.goto_block(self.otherwise):
            self.forget(thing)
            self.build.branch(elsewhere)

    def _unless_raised(self, suspicious: Value) -> None:
        """Go on unless something was raised, which is looked up only where that is *suspicious*."""
        asking, following = self.block(), self.block()
        self.build.cbranch(suspicious, asking, following)
        self.build.position_at_end(asking)
        raised = self.call("PyErr_Occurred")
        self.build.cbranch(self.is_equal(raised, 0), following, self.otherwise)
        self.build.position_at_end(following)

    def _pointer(self, address: Value, offset: int, kind: Any) -> Value:
        lies = self.build.add(address, self.number(offset)) if offset else address
        return self.build.inttoptr(lies, kind.as_pointer())

"""What has been assembled as a function that Python calls; and where the fields of a fact lie."""

from __future__ import annotations

import ctypes
import functools
import importlib
import importlib.util
import inspect
import struct
import sys
import sysconfig
from collections.abc import Callable, Sequence
from types import MemberDescriptorType
from typing import Any, NamedTuple

import msgspec

from ordinis_rx.native.assembly import EXPECTED, Assembly

__all__ = ["Code", "Thing", "builtin", "code_of", "is_possible", "offset_of", "places_in"]

_NEWEST = 3, 14
"""Whose descriptions of slots we know how to read."""

_TAKES_ONE = 0x0008
"""METH_O of CPython: a function of itself and one argument."""


class _Method(ctypes.Structure):
    """What CPython knows of a builtin: its name, its code, how it is called, and what `help` says."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("code", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    )


# Prototypes of our own: those of `ctypes.pythonapi` belong to everybody, who may say otherwise what they take.
_keep: Any = ctypes.PYFUNCTYPE(None, ctypes.py_object)(("Py_IncRef", ctypes.pythonapi))
_make: Any = ctypes.PYFUNCTYPE(
    ctypes.py_object, ctypes.POINTER(_Method), ctypes.py_object, ctypes.py_object
)(("PyCFunction_NewEx", ctypes.pythonapi))


class Code:
    """Machine code of builtins. It is never given back: CPython looks at it when it gives back a builtin, and with its last
    one it may have gone already."""

    __slots__ = ("_engine", "method")

    def __init__(self, engine: Any, address: int) -> None:
        self._engine = engine
        self.method = _Method(b"builtin", address, _TAKES_ONE, None)
        _keep(self)


def code_of(assembly: Assembly) -> Code:
    """The machine code of what has been assembled."""
    binding: Any = importlib.import_module("llvmlite.binding")
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    module = binding.parse_assembly(str(assembly.module))
    module.verify()
    # Hardly more than calls: to optimize it would take ten times as long, and win a hundredth.
    machine = binding.Target.from_default_triple().create_target_machine(opt=0)
    engine = binding.create_mcjit_compiler(module, machine)
    engine.finalize_object()
    return Code(engine, engine.get_function_address(assembly.module.name))


def builtin(code: Code, table: Sequence[Any]) -> Callable[[Any], Any]:
    """A builtin of that *code*, that knows *table*: integers are numbers, all else are objects (see `Thing`)."""
    numbers = [_number(each) for each in (EXPECTED, *table)]
    packed = struct.pack(f"{len(numbers)}q", *numbers)
    # CPython keeps what a builtin is bound to, and what it takes for its module: the table, and what that points at.
    made: Callable[[Any], Any] = _make(code.method, packed, (EXPECTED, *table))
    return made


class Thing(NamedTuple):
    """An object for a table, which may be an integer and is meant as the object."""

    itself: Any


def _number(each: Any) -> int:
    if type(each) is int:
        return each
    return id(each.itself) if isinstance(each, Thing) else id(each)


class _Sample(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    first: int
    second: str = ""


@functools.cache
def is_possible() -> bool:
    """Whether there is llvmlite, and objects lie in memory as we take for granted: in a CPython of 64 bits, with its lock.

    That is tried out, too.
    """
    if sys.implementation.name != "cpython" or sys.version_info[:2] > _NEWEST:
        return False
    if sys.maxsize >> 32 == 0 or object.__basicsize__ != 16:
        return False
    if sysconfig.get_config_var("Py_GIL_DISABLED") or not importlib.util.find_spec("llvmlite"):
        return False
    sample = _Sample(first=1 << 70, second="sample")
    return all(
        _at(id(sample) + _offset(_Sample.__dict__[name])) == id(getattr(sample, name))
        for name in _Sample.__struct_fields__
    )


def offset_of(kind: type[Any], name: str) -> int | None:
    """How many bytes behind its beginning a fact of *kind* keeps the address of a field; None: that is no field."""
    member = inspect.getattr_static(kind, name)
    return _offset(member) if isinstance(member, MemberDescriptorType) else None


_IS_COLLECTED = 1 << 14
"""Py_TPFLAGS_HAVE_GC of CPython: what comes before such an object is the collector's."""


def places_in(kind: type[Any]) -> dict[str, int]:
    """How many bytes behind its beginning a fact of *kind* keeps each of its fields; none, where there is more to a fact.

    Who has room for one and writes all of them has made a fact.
    """
    if not issubclass(kind, msgspec.Struct) or hasattr(kind, "__post_init__"):
        return {}
    places = {name: offset_of(kind, name) or 0 for name in kind.__struct_fields__}
    filled = range(object.__basicsize__, kind.__basicsize__, 8)
    plain = sorted(places.values()) == list(filled) and not kind.__flags__ & _IS_COLLECTED
    return places if plain else {}


def _offset(member: Any) -> int:
    """What CPython's description of a slot says: behind five addresses lies that of name, type and offset."""
    return _at(_at(id(member) + 5 * 8) + 2 * 8)


def _at(address: int) -> int:
    return ctypes.c_int64.from_address(address).value

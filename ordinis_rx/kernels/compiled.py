"""numba's view of the call record: the accessors as pointer arithmetic, kernels as machine code.

numba is imported when the first kernel is subscribed to, never before. Without it (or inside `uncompiled`) the same
functions run as Python, slower and with the same results.

Compiled kernels are cached on disk beside their source, by numba's own rules; the record's version is part of the name, so
that a new record never meets an old kernel. A kernel without a source file (typed into a notebook) is compiled uncached.
The logger of this module tells, at INFO, when a kernel is got ready: the consensus takes seconds the first time, which a
terminal is told of.
"""

# pyright: reportUnknownLambdaType=false
# numba reads the lambdas below itself; it would trip over annotations.
from __future__ import annotations

import dis
import functools
import importlib
import importlib.util
import logging
import os
import types as _types
import zlib
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from ordinis_rx.kernels import record
from ordinis_rx.kernels.linking import linking_helpers
from ordinis_rx.kernels.patience import told_when_long
from ordinis_rx.kernels.record import Call, Kernel
from ordinis_rx.kernels.watching import watched

__all__ = ["address_of", "has_numba", "is_compiling", "machine_code", "prepare", "uncompiled"]

_log = logging.getLogger(__name__)

_compiling: ContextVar[bool] = ContextVar("compiling", default=True)
_watching: ContextVar[bool] = ContextVar("watching", default=False)


@contextmanager
def uncompiled(*, watching: bool = False) -> Generator[None]:
    """Subscriptions made inside run their kernels as plain Python, for debugging and for comparing both.

    With *watching* a kernel that reaches beyond its state, or tells of rows that there are not, ends with a `KernelFault`.

    >>> with uncompiled():
    ...     run, argument = prepare(lambda n, call: n, Call(record.Layout("price:f", "row:i")))
    >>> run(3, argument)
    3
    """
    token, other = _compiling.set(False), _watching.set(watching)
    try:
        yield
    finally:
        _compiling.reset(token)
        _watching.reset(other)


@functools.cache
def has_numba() -> bool:
    """True when numba (extra `fast`) is installed."""
    return importlib.util.find_spec("numba") is not None


def is_compiling() -> bool:
    """True where kernels are prepared as machine code; under ``NUMBA_DISABLE_JIT`` numba makes none."""
    return _compiling.get() and has_numba() and os.environ.get("NUMBA_DISABLE_JIT", "") in ("", "0")


def prepare(kernel: Kernel, call: Call) -> tuple[Callable[[int, Any], int], Any]:
    """What to run for *kernel*, and what to hand it: machine code and an address, or the function and the `Call`."""
    if is_compiling():
        return machine_code(kernel), call.address
    return (watched(kernel, call) if _watching.get() else kernel), call


@functools.cache
def machine_code(kernel: Kernel) -> Callable[[int, Any], int]:
    """*kernel*, compiled by numba, or from its cache; takes the address of a `Call`."""
    _log.info("getting %s ready: from the cache, or compiled now", kernel.__name__)
    numba: Any = importlib.import_module("numba")
    _teach_accessors()
    named = _types.FunctionType(
        kernel.__code__, kernel.__globals__, kernel.__name__, None, kernel.__closure__
    )
    named.__module__ = kernel.__module__
    named.__qualname__ = (
        f"{kernel.__qualname__}.record{record.VERSION}.{_teach_helpers(kernel):08x}"
    )
    compiled = _compiled(numba, named)
    # The entry point of the only overload: numba's dispatcher would look the argument types up at each call (+100 ns).
    made = next(iter(compiled.overloads.values()))
    entry: Callable[[int, Any], int] = made.entry_point
    if not any(_raises(function) for function in _functions_of(kernel)):
        _addresses[entry] = made.library.get_pointer_to_function(made.fndesc.llvm_func_name)
    return entry


def address_of(entry: Callable[[int, Any], int]) -> int | None:
    """Where the code lies that *entry*, which `prepare` gave, hands two integers to; None: it is Python, or may raise.

    Called there, machine code says that it raises, but not what.
    """
    return _addresses.get(entry)


_addresses: dict[Any, int] = {}


def _compiled(numba: Any, kernel: Kernel) -> Any:
    """*kernel* as numba compiles it; raises TypeError that says in one line why it does not."""
    signature = numba.int64(numba.int64, numba.int64)
    try:
        with linking_helpers(), told_when_long(kernel.__name__):
            try:
                return numba.njit(signature, cache=True, error_model="numpy")(kernel)
            except RuntimeError:  # no file to put a cache beside
                return numba.njit(signature, error_model="numpy")(kernel)
    except numba.core.errors.NumbaError as error:
        raise TypeError(f"kernel {kernel.__name__} cannot be compiled: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    """What numba says, in one line: what it misses, of which types where that stands on the next line, and where."""
    said = [line.strip() for line in str(error).splitlines()]
    lines = [line for line in said if line and not line.startswith("Failed in nopython mode")]
    why = lines[0]
    if why.startswith("No conversion from none"):
        return "on some way it returns nothing, not how many rows it wrote"
    if why.endswith(":") and len(lines) > 1:
        why = f"{why} {lines[1].removeprefix('>>> ')}"
    place = next((line for line in lines if line.startswith('File "')), "")
    return f"{why} ({place.rstrip(':')})" if place else why


@functools.cache
def _teach_accessors() -> None:
    """Tell numba what the accessors mean where `call` is an address."""
    numba: Any = importlib.import_module("numba")
    extending: Any = importlib.import_module("numba.extending")
    types = numba.types

    def pointer_to(kind: Any) -> Any:
        def cast(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return builder.inttoptr(arguments[0], context.get_value_type(signature.return_type))

        def pointer(context: Any, address: Any) -> Any:
            return types.CPointer(kind)(types.int64), cast

        return extending.intrinsic(pointer)

    int_pointer, float_pointer = pointer_to(types.int64), pointer_to(types.float64)
    byte_pointer = pointer_to(types.uint8)

    meanings: dict[Any, Any] = {
        record.ints: lambda call, slot: lambda call, slot: int_pointer(int_pointer(call)[slot]),
        record.floats: lambda call, slot: lambda call, slot: float_pointer(int_pointer(call)[slot]),
        record.octets: lambda call, slot: lambda call, slot: byte_pointer(int_pointer(call)[slot]),
        record.integer: lambda call, slot: lambda call, slot: int_pointer(call)[slot],
        record.real: lambda call, slot: lambda call, slot: float_pointer(call)[slot],
    }
    for accessor, meaning in meanings.items():
        extending.overload(accessor)(meaning)

    def select(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.select(*arguments)

    def selecting(context: Any, condition: Any, this: Any, that: Any) -> Any:
        kind = types.float64 if types.float64 in (this, that) else types.int64
        return kind(types.boolean, kind, kind), select

    chosen = extending.intrinsic(selecting)
    extending.overload(record.either)(
        lambda condition, this, that: lambda condition, this, that: chosen(condition, this, that)
    )


def _functions_of(kernel: Kernel) -> list[Any]:
    """*kernel*, and the helpers that it and they name."""
    found: list[Any] = [kernel]
    for function in found:
        named = [function.__globals__.get(name) for name in function.__code__.co_names]
        found += [each for each in named if each in record.HELPERS and each not in found]
    return found


def _raises(function: Any) -> bool:
    return any(step.opname == "RAISE_VARARGS" for step in dis.get_instructions(function))


def _teach_helpers(kernel: Kernel) -> int:
    """Let *kernel* call the helpers that it names; gives a number that changes when it or one of them does.

    numba itself asks only the file of the kernel whether a cached one is out of date, and its line and bytecode which one it
    is: not the constants, in which two lambdas of one line may differ alone.
    """
    extending: Any = importlib.import_module("numba.extending")
    digest = 0
    for function in _functions_of(kernel):
        if function is not kernel and function not in _taught:
            _taught.add(function)
            _teach(extending, function)
        named = [function.__globals__.get(name) for name in function.__code__.co_names]
        facts: list[Any] = [each for each in named if isinstance(each, int | float | tuple)]
        code = function.__code__
        marks = function in record.UNROLLED, function in record.INLINED
        told: Any = (code.co_name, code.co_code, code.co_consts, code.co_names, facts, marks)
        digest = zlib.crc32(repr(told).encode(), digest)
    return digest


def _teach(extending: Any, function: Any) -> None:
    """Let kernels call *function*."""
    extending.overload(
        function,
        jit_options={**_HELPER_OPTIONS, "forceinline": function in record.INLINED},
        strict=False,
        prefer_literal=function in record.UNROLLED | record.INLINED,
    )(lambda *args: function)


_taught: set[Any] = set()
_HELPER_OPTIONS = {"error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True}

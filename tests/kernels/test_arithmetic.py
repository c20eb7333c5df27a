"""Arithmetic of kernels: only what is the same in Python and in machine code, and the same it is."""

from __future__ import annotations

import ast
import importlib
import inspect
import math
import pkgutil
import struct
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ordinis_rx.kernels
from ordinis_rx.columns import Block
from ordinis_rx.kernels import record
from ordinis_rx.kernels.compiled import has_numba, prepare, uncompiled
from ordinis_rx.kernels.record import FIRST, Call, Column, Layout

OURS = "ordinis_rx.kernels."

CALLS = {
    "either",
    "floats",
    "ints",
    "octets",
    "integer",
    "real",
    "range",
    "min",
    "max",
    "abs",
    "int",
    "float",
    "math.sqrt",
}
STATEMENTS = (
    ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Expr | ast.If | ast.For | ast.While
    | ast.Return | ast.Continue | ast.Break | ast.Pass
)  # fmt: skip


def kernels() -> Iterator[tuple[Any, Layout]]:
    """Every kernel of the package with its layout: that whose slots it names."""
    for found in pkgutil.walk_packages(ordinis_rx.kernels.__path__, OURS):
        module = importlib.import_module(found.name)
        layout_of = layouts_named(module)
        for function in vars(module).values():
            if inspect.isfunction(function) and [*inspect.signature(function).parameters] == [
                "n",
                "call",
            ]:
                layouts = {
                    id(layout_of[n]): layout_of[n]
                    for n in function.__code__.co_names
                    if n in layout_of
                }
                assert len(layouts) == 1, (
                    f"{function.__name__} names slots of {len(layouts)} layouts"
                )
                yield function, *layouts.values()


def layouts_named(module: Any) -> dict[str, Layout]:
    """The names of slots that a module knows, its own or another's, and the layouts that they are of."""
    found: dict[str, Layout] = {}
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.value).endswith(".slots"):
            layout = getattr(module, ast.unparse(node.value).removesuffix(".slots"))
            names = ast.unparse(node.targets[0]).strip("()").split(", ")
            found.update(dict.fromkeys(names, layout))
        elif isinstance(node, ast.ImportFrom) and str(node.module).startswith(OURS):
            theirs = layouts_named(importlib.import_module(str(node.module)))
            found.update(
                (each.name, theirs[each.name]) for each in node.names if each.name in theirs
            )
    return found


KERNELS = list(kernels())
HELPERS = [helper for helper in record.HELPERS if helper.__module__.startswith("ordinis_rx.")]
each_kernel = pytest.mark.parametrize(
    ("kernel", "layout"), KERNELS, ids=[kernel.__name__ for kernel, _ in KERNELS]
)


HELPER_NAMES = {helper.__name__ for helper in HELPERS}


def test_there_are_kernels_to_look_at() -> None:
    assert {"mid", "spread", "notional"} <= {kernel.__name__ for kernel, _ in KERNELS}


QUOTIENTS = ast.Div | ast.FloorDiv | ast.Mod
"""What `either` had better not be given, since it finds both of its values in any case."""


def offences(source: str) -> list[str]:
    """What in the source of a kernel might not be the same in Python and in machine code."""
    (function,) = ast.parse(textwrap.dedent(source)).body
    assert isinstance(function, ast.FunctionDef)
    tested = names_tested(function)
    told: list[str] = []
    for node in ast.walk(function):
        code = ast.unparse(node) if isinstance(node, ast.expr) else type(node).__name__
        if isinstance(node, ast.BinOp | ast.AugAssign):
            divisor = node.right if isinstance(node, ast.BinOp) else node.value
            if isinstance(node.op, ast.Pow | ast.MatMult):
                told.append(f"an operator that is not allowed: {code}")
            if isinstance(node.op, ast.Div | ast.FloorDiv | ast.Mod) and not safe(divisor, tested):
                told.append(f"a divisor that is not tested: {ast.unparse(divisor)}")
            if isinstance(node.op, ast.Div) and is_int(divisor):
                told.append(f"a division of or by an integer: {ast.unparse(divisor)}")
        elif isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name not in CALLS and name not in HELPER_NAMES:
                told.append(f"a call that is not allowed: {name}")
            if name == "math.sqrt" and not safe(node.args[0], tested):
                told.append(f"a root whose sign is not tested: {ast.unparse(node.args[0])}")
            if name == "either" and any(isinstance(part, QUOTIENTS) for part in ast.walk(node)):
                told.append(f"a quotient or a root that is not only found where it is used: {code}")
        elif (
            isinstance(node, ast.stmt) and node is not function and not isinstance(node, STATEMENTS)
        ):
            told.append(f"a statement that is not allowed: {code}")
        elif isinstance(
            node, ast.Lambda | ast.ListComp | ast.GeneratorExp | ast.Yield | ast.List | ast.Dict
        ):
            told.append(f"an expression that is not allowed: {code}")
    return told


def names_tested(function: ast.FunctionDef) -> set[str]:
    """The names that occur in a comparison, or hold a parameter (parameters are tested by who builds the operator)."""
    tested: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Compare):
            tested |= names_in(node)
        elif isinstance(node, ast.Assign):
            pairs = zip(parts(node.targets[0]), parts(node.value), strict=False)
            tested.update(
                ast.unparse(target)
                for target, value in pairs
                if isinstance(value, ast.Call) and ast.unparse(value.func) in ("integer", "real")
            )
    return tested


def parts(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node]


def names_in(node: ast.AST) -> set[str]:
    """The names of values in *node*; not those of the functions that it calls."""
    called = {
        id(part)
        for call in ast.walk(node)
        if isinstance(call, ast.Call)
        for part in ast.walk(call.func)
    }
    return {
        found.id
        for found in ast.walk(node)
        if isinstance(found, ast.Name) and id(found) not in called
    }


def is_int(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int


def safe(node: ast.expr, tested: set[str]) -> bool:
    if isinstance(node, ast.Constant):
        return node.value != 0
    names = names_in(node)
    return bool(names) and {name for name in names if not name.isupper()} <= tested  # or constants


@pytest.mark.parametrize(
    "function",
    [*(kernel for kernel, _ in KERNELS), *HELPERS],
    ids=lambda function: function.__name__,
)
def test_kernels_and_helpers_compute_only_what_is_the_same_everywhere(function: Any) -> None:
    assert offences(inspect.getsource(function)) == []


@pytest.mark.parametrize(
    ("body", "offence"),
    [
        ("x = n ** 2", "an operator that is not allowed: n ** 2"),
        ("x = 1.0 / n", "a divisor that is not tested: n"),
        ("x = n % 0", "a divisor that is not tested: 0"),
        ("x = 1.0\n    x /= n", "a divisor that is not tested: n"),
        ("x = n / 2", "a division of or by an integer: 2"),
        ("x = math.exp(1.0)", "a call that is not allowed: math.exp"),
        ("x = math.sqrt(n)", "a root whose sign is not tested: n"),
        ("raise ValueError", "a statement that is not allowed: Raise"),
        ("try:\n        pass\n    finally:\n        pass", "a statement that is not allowed: Try"),
        (
            "x = either(n > 0.0, 1.0 / n, 0.0)",
            "a quotient or a root that is not only found where it is used: either(n > 0.0, 1.0 / n, 0.0)",
        ),
        ("x = [i for i in range(n)]", "an expression that is not allowed: [i for i in range(n)]"),
    ],
)
def test_the_look_at_kernels_sees_what_is_not_allowed(body: str, offence: str) -> None:
    assert offence in offences(f"def kernel(n, call):\n    {body}\n    return n")


@pytest.mark.parametrize(
    "body",
    [
        "x = n * 0.5 if n > 0 else 1.0 / n",
        "w = integer(call, 3)\n    x = n // w",
        "x = either(n > 1, n * 0.5, 0.0)",
        "a, w = floats(call, 2), real(call, 3)\n    x = a[0] / w",
        "v = 2.0\n    if v >= 0.0:\n        v = math.sqrt(v)",
    ],
)
def test_the_look_at_kernels_lets_pass_what_is_allowed(body: str) -> None:
    assert offences(f"def kernel(n, call):\n    {body}\n    return n") == []


# Python against machine code

ROOM_ROWS = 256
hostile = st.sampled_from(
    [
        math.nan,
        math.inf,
        -math.inf,
        0.0,
        -0.0,
        5e-324,
        -5e-324,
        1e308,
        -1e308,
        1.0,
        -1.0,
        2**53 + 1.0,
    ]
) | st.floats(-1e6, 1e6)
INTEGERS = {
    "symbol": st.integers(0, 3),
    "provider": st.integers(0, 3),
    "ts_event": st.integers(0, 2**62) | st.integers(0, 20).map(lambda tick: tick * 250_000_000),
}


def values(column: Column) -> st.SearchStrategy[Any]:
    return hostile if column.kind == "f" else INTEGERS.get(column.name, st.integers(0, 7))


@st.composite
def inputs(draw: st.DrawFn, layout: Layout) -> tuple[list[list[Any]], list[float]]:
    params = [
        draw(st.integers(1, 4) if c.kind == "i" else st.floats(0.1, 4.0)) for c in layout.params
    ]
    n = draw(st.integers(0, 12))
    return [draw(st.lists(values(c), min_size=n, max_size=n)) for c in layout.reads], params


def outcome(kernel: Any, layout: Layout, columns: list[list[Any]], params: list[float]) -> Any:
    """All that the kernel writes, output and state, in two calls so that it meets its own state."""
    call = Call(layout, params)
    call.grow(4)
    run, argument = prepare(kernel, call)
    n = len(columns[0])
    source = Block("".join(c.kind for c in layout.reads), max(n, 1))
    out = Block("".join(c.kind for c in layout.writes), ROOM_ROWS)
    for column, numbers in zip(source.columns, columns, strict=True):
        column[:n] = numbers
    places = [
        *zip(source.addresses, source.views, strict=True),
        *zip(out.addresses, out.views, strict=True),
    ]
    for slot, (address, view) in enumerate(places, FIRST):
        call.point(slot, address, view)
    call.room(ROOM_ROWS)
    told: list[Any] = []
    for _ in range(2):
        call.stop[0] = n
        written = run(n, argument)
        told.append(
            (written, call.stop[0], [bits(column[:written].tolist()) for column in out.columns])
        )
    return told, [bits(array.tolist()) for array in call._state]


def bits(numbers: list[Any]) -> list[Any]:
    """Numbers to the last bit; a NaN is a NaN, whatever its sign and payload."""
    return [struct.pack("d", x) if isinstance(x, float) and x == x else str(x) for x in numbers]


@pytest.mark.skipif(not has_numba(), reason="numba (extra `fast`) is not installed")
@each_kernel
@settings(max_examples=40)
@given(data=st.data())
def test_a_kernel_gives_the_same_bits_compiled_and_as_python(
    kernel: Callable[..., int], layout: Layout, data: st.DataObject
) -> None:
    columns, params = data.draw(inputs(layout))

    compiled = outcome(kernel, layout, columns, params)
    with uncompiled():
        plain = outcome(kernel, layout, columns, params)

    assert compiled == plain

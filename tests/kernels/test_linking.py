"""Helpers become parts of the kernels that call them: what these tell is the same however numba puts them together."""

from __future__ import annotations

import importlib
import types
from collections.abc import Callable
from typing import Any

import pytest

from ordinis_rx.kernels import linking
from ordinis_rx.kernels.compiled import has_numba, machine_code, prepare
from ordinis_rx.kernels.record import Call, Layout, floats, helper

pytestmark = pytest.mark.skipif(not has_numba(), reason="numba (extra `fast`) is not installed")

LAYOUT = Layout("price:f", "told:f", "", "floor:f")
PRICE, TOLD, FLOOR = LAYOUT.slots


@helper
def doubled(x: float) -> float:
    return x + x


@helper
def doubled_above(x: float, floor: float) -> float:
    if x < floor:
        raise ValueError("too low")
    return max(doubled(x), floor)


def double(n: int, call: Any) -> int:
    for i in range(n):
        floats(call, TOLD)[i] = doubled(floats(call, PRICE)[i])
    return n


def double_above(n: int, call: Any) -> int:
    for i in range(n):
        floats(call, TOLD)[i] = doubled_above(floats(call, PRICE)[i], call_floor(call))
    return n


@helper
def call_floor(call: Any) -> float:
    return floats(call, PRICE)[0]


def compiled_anew(kernel: Callable[[int, Any], int], word: str) -> Any:
    """*kernel* by another name, and as though typed into a notebook, so that neither cache has it."""
    code = kernel.__code__.replace(co_filename="<a notebook's cell>")
    new = types.FunctionType(code, kernel.__globals__, f"{kernel.__name__}_{word}")
    new.__qualname__ = new.__name__
    return new


def told_by(kernel: Any, prices: list[float]) -> list[float]:
    from ordinis_rx.columns import Block

    call = Call(LAYOUT, (0.0,))
    run, argument = prepare(kernel, call)
    block = Block("ff", len(prices))
    block.columns[0][:] = prices
    call.point(PRICE, block.addresses[0], block.views[0])
    call.point(TOLD, block.addresses[1], block.views[1])
    call.room(len(prices))
    assert run(len(prices), argument) == len(prices)
    return block.columns[1].tolist()


def test_two_kernels_share_a_helper_that_was_compiled_for_the_first() -> None:
    assert told_by(compiled_anew(double, "one"), [1.0, 2.5]) == [2.0, 5.0]
    assert told_by(compiled_anew(double_above, "two"), [1.0, 2.5]) == [2.0, 5.0]


def test_what_a_helper_raises_comes_out_of_the_kernel() -> None:
    with pytest.raises(ValueError, match="too low"):
        told_by(compiled_anew(double_above, "raising"), [1.0, 0.5])


def test_numba_compiles_as_it_did_after_that() -> None:
    registry: Any = importlib.import_module("numba.core.registry")
    codegen = registry.cpu_target.target_context.codegen()

    with linking.linking_helpers():
        within = codegen.create_library("doubled")
    after = codegen.create_library("doubled")

    assert type(within) is not type(after)
    assert type(after).__module__ == "numba.core.codegen"


def test_only_the_kernel_becomes_machine_code(monkeypatch: pytest.MonkeyPatch) -> None:
    library: Any = importlib.import_module("numba.core.codegen").CPUCodeLibrary
    finish, finished = library.finalize, list[str]()

    def finalize(self: Any) -> None:
        finished.append(self.name)
        finish(self)

    monkeypatch.setattr(library, "finalize", finalize)
    machine_code(compiled_anew(double_above, "alone"))

    assert any(name.startswith("double_above_alone") for name in finished)
    assert not {"doubled", "doubled_above", "call_floor"} & {*finished}


def test_where_numba_links_otherwise_kernels_are_compiled_as_it_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(linking, "_RESTS_ON", ("_something_that_is_gone",))

    assert told_by(compiled_anew(double_above, "otherwise"), [1.0, 2.5]) == [2.0, 5.0]

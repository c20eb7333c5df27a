"""Compiling: the same results as Python, cached by the record's version, and nothing at all without numba."""

from __future__ import annotations

import importlib.util
import logging
import math
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ordinis_rx.kernels import compiled, record
from ordinis_rx.kernels.compiled import has_numba, prepare, uncompiled
from ordinis_rx.kernels.record import Call, Layout, either, floats, ints

needs_numba = pytest.mark.skipif(not has_numba(), reason="numba (extra `fast`) is not installed")

SOURCE = """
from ordinis_rx.kernels.record import Layout, floats, ints, integer, real

LAYOUT = Layout("price:f", "row:i value:f", state="last:f@1", params="shift:i scale:f")
PRICE, ROW, VALUE, LAST, SHIFT, SCALE = LAYOUT.slots

def move(n, call):
    price, row, value, last = floats(call, PRICE), ints(call, ROW), floats(call, VALUE), floats(call, LAST)
    shift, scale = integer(call, SHIFT), real(call, SCALE)
    for i in range(n):
        row[i] = i + shift
        value[i] = (price[i] - last[0]) * scale
        last[0] = price[i]
    return n
"""


def run(kernel: Any, layout: Layout, prices: list[float], params: tuple[float, ...]) -> Any:
    """What the kernel writes, and whether it ran as machine code."""
    from ordinis_rx.columns import Block

    call = Call(layout, params)
    function, argument = prepare(kernel, call)
    block = Block("fif", len(prices))
    block.columns[0][:] = prices
    for slot, (address, view) in enumerate(
        zip(block.addresses, block.views, strict=True), record.FIRST
    ):
        call.point(slot, address, view)
    call.room(len(prices))
    written = function(len(prices), argument)
    assert written == len(prices)
    return block.columns[1].tolist(), block.columns[2].tolist(), argument is not call


def module_of(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@needs_numba
def test_a_kernel_without_a_source_file_is_compiled_uncached() -> None:
    cell: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(SOURCE, "<a notebook's cell>", "exec"), cell)

    got = run(cell["move"], cell["LAYOUT"], [1.0, 3.0], (7, 0.5))

    assert got == ([7, 8], [0.5, 1.0], True)


@needs_numba
def test_the_name_of_a_cached_kernel_holds_the_version_of_the_record(tmp_path: Path) -> None:
    path = tmp_path / "moving.py"
    path.write_text(SOURCE)
    module = module_of(path)

    got = run(module.move, module.LAYOUT, [1.0, 3.0], (7, 0.5))

    cached = [found.name for found in tmp_path.rglob("*.nbi")]
    assert got == ([7, 8], [0.5, 1.0], True)
    assert len(cached) == 1
    assert f"move.record{record.VERSION}" in cached[0]


@needs_numba
def test_a_kernel_is_compiled_once_for_all_subscribers(tmp_path: Path) -> None:
    path = tmp_path / "moving.py"
    path.write_text(SOURCE)
    module = module_of(path)

    functions = {prepare(module.move, Call(module.LAYOUT, (1, scale)))[0] for scale in (1.0, 2.0)}

    assert len(functions) == 1


@needs_numba
def test_it_is_told_that_a_kernel_is_got_ready(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "moving.py"
    path.write_text(SOURCE)
    module = module_of(path)

    with caplog.at_level(logging.INFO, logger=compiled.__name__):
        for _ in range(2):
            prepare(module.move, Call(module.LAYOUT, (1, 1.0)))

    assert [
        record.getMessage() for record in caplog.records if record.name == compiled.__name__
    ] == ["getting move ready: from the cache, or compiled now"]


def returns_nothing(n, call):  # type: ignore[no-untyped-def]
    record.floats(call, record.FIRST)[0] = 1.0


def counts_in_a_list(n, call):  # type: ignore[no-untyped-def]
    return len(COUNTED)


COUNTED: list[int] = []


def indexes_by_two(n, call):  # type: ignore[no-untyped-def]
    return record.ints(call, record.FIRST)[n, 0]


def names_what_is_not_there(n, call):  # type: ignore[no-untyped-def]
    return nowhere  # type: ignore[name-defined]  # noqa: F821  # pyright: ignore[reportUndefinedVariable]


@needs_numba
@pytest.mark.parametrize(
    ("kernel", "told"),
    [
        (
            returns_nothing,
            "kernel returns_nothing cannot be compiled: on some way it returns nothing, not how many rows it wrote",
        ),
        (
            counts_in_a_list,
            "kernel counts_in_a_list cannot be compiled: Untyped global name 'COUNTED'",
        ),
    ],
)
def test_why_a_kernel_cannot_be_compiled_is_said_in_one_line(kernel: Any, told: str) -> None:
    with pytest.raises(TypeError) as raised:
        prepare(kernel, Call(Layout("price:f", "price:f")))

    assert str(raised.value).startswith(told)
    assert "\n" not in str(raised.value)


@needs_numba
def test_why_a_kernel_cannot_be_compiled_is_said_with_the_types_and_the_place() -> None:
    with pytest.raises(TypeError) as raised:
        prepare(indexes_by_two, Call(Layout("price:f", "price:f")))

    line = indexes_by_two.__code__.co_firstlineno + 1
    assert re.fullmatch(
        r"kernel indexes_by_two cannot be compiled: No implementation of function .*getitem.* for signature: "
        rf'getitem\(int64\*, .*\) \(File ".*test_compiled\.py", line {line}\)',
        str(raised.value),
    )


@needs_numba
def test_why_a_kernel_cannot_be_compiled_may_have_no_place() -> None:
    with pytest.raises(TypeError, match=r"NameError: name 'nowhere' is not defined$"):
        prepare(names_what_is_not_there, Call(Layout("price:f", "price:f")))


def test_inside_uncompiled_the_function_itself_runs(tmp_path: Path) -> None:
    path = tmp_path / "moving.py"
    path.write_text(SOURCE)
    module = module_of(path)

    with uncompiled():
        got = run(module.move, module.LAYOUT, [1.0, 3.0], (7, 0.5))
        function, _ = prepare(module.move, Call(module.LAYOUT, (7, 0.5)))

    assert got == ([7, 8], [0.5, 1.0], False)
    assert function is module.move
    assert (
        prepare(module.move, Call(module.LAYOUT, (7, 0.5)))[0] is not module.move or not has_numba()
    )


@pytest.mark.parametrize(("told", "compiles"), [("1", False), ("0", True)])
def test_where_numba_is_told_to_compile_nothing_the_function_itself_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, told: str, compiles: bool
) -> None:
    monkeypatch.setenv("NUMBA_DISABLE_JIT", told)
    path = tmp_path / "moving.py"
    path.write_text(SOURCE)
    module = module_of(path)

    got = run(module.move, module.LAYOUT, [1.0, 3.0], (7, 0.5))

    assert got == ([7, 8], [0.5, 1.0], compiles and has_numba())


def test_uncompiled_ends_with_its_block_also_after_an_error() -> None:
    with pytest.raises(ValueError, match="inside"), uncompiled():
        raise ValueError("inside")

    assert compiled._compiling.get()


WITHOUT = f"""
import sys
sys.modules["numba"] = None  # importing it raises ImportError
from ordinis_rx.kernels.compiled import has_numba, prepare
assert not has_numba()
from ordinis_rx.frames import ReadingFrame, TradeFrame
from ordinis_rx.events import Trade
from ordinis_rx.lifting import operator
from ordinis_rx.stream import from_events
{SOURCE}
moves = operator(move, LAYOUT, reads=TradeFrame, writes=ReadingFrame, params=(0, 0.5))
trades = [Trade(symbol="A", ts_event=t, price=p, size=1.0) for t, p in enumerate((1.0, 3.0, 2.5))]
from_events(trades).pipe(moves).subscribe(lambda reading: print(reading.seq, reading.value))
"""


def test_without_numba_operators_work_and_give_the_same() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", WITHOUT],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.stderr == ""
    assert done.stdout.split("\n") == ["1 0.5", "2 1.0", "3 -0.25", ""]


@needs_numba
def test_kernels_of_one_line_that_differ_in_a_constant_alone_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "twins.py"
    path.write_text("ONE, TWO = (lambda n, call: n + 1), (lambda n, call: n + 2)\n")
    twins = module_of(path)

    told = []
    for kernel in (twins.ONE, twins.TWO):
        function, argument = prepare(kernel, Call(Layout("price:f", "row:i")))
        told.append(function(5, argument))

    assert told == [6, 7]


CHOOSING = Layout("price:f", "row:i value:f")
PRICE, ROW, VALUE = CHOOSING.slots


def chosen(n: int, call: Any) -> int:
    """Rows and prices, each of two."""
    price, row, value = floats(call, PRICE), ints(call, ROW), floats(call, VALUE)
    for i in range(n):
        row[i] = either(price[i] > 2.0, i, -1)
        value[i] = either(i & 1, price[i], 0.5)
    return n


def test_a_choice_is_the_same_in_machine_code() -> None:
    rows, values, _ = run(chosen, CHOOSING, [1.0, math.nan, 3.0, 4.0, -0.0], ())

    assert rows == [-1, -1, 2, 3, -1]
    assert repr(values) == repr([0.5, math.nan, 0.5, 4.0, 0.5])
    with uncompiled():
        assert repr(run(chosen, CHOOSING, [1.0, math.nan, 3.0, 4.0, -0.0], ())[:2]) == repr(
            (rows, values)
        )


MARKED_SOURCE = """
from ordinis_rx.kernels.record import Layout, floats, ints, MARK

LAYOUT = Layout("price:f", "row:i value:f")
PRICE, ROW, VALUE = LAYOUT.slots

@MARK
def total(count, start, price):
    sum_ = 0.0
    for j in range(count):
        sum_ += price[start + j]
    return sum_

def sums(n, call):
    price, row, value = floats(call, PRICE), ints(call, ROW), floats(call, VALUE)
    for i in range(n):
        row[i] = i
        value[i] = total(3, i, price) if i + 3 <= n else total(n - i, i, price)
    return n
"""


@needs_numba
@pytest.mark.parametrize("mark", ["unrolled", "inlined"])
def test_a_helper_does_the_same_however_it_is_made_machine_code(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "sums.py"
    path.write_text(MARKED_SOURCE.replace("MARK", mark))
    module = module_of(path)
    prices = [0.1, 0.2, 0.3, 0.4]

    got = run(module.sums, module.LAYOUT, prices, ())
    with uncompiled():
        expected = run(module.sums, module.LAYOUT, prices, ())

    assert got == (*expected[:2], True)
    record.UNROLLED.discard(module.total)
    record.INLINED.discard(module.total)
    record.HELPERS.remove(module.total)

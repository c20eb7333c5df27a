"""The state of a kernel as bytes: what it knows of each symbol, by the symbol's name, and what it knows in all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from ordinis_rx.kernels.record import VERSION, Call

__all__ = ["KernelState", "read_state", "restore_state", "state_of"]


class KernelState(msgspec.Struct, array_like=True, frozen=True):
    """The columns of the layout's state, one after another: of those with rows for each symbol, just these rows.

    Symbols stand in the order of the numbers that they had, and so do providers, where a kernel remembers such numbers.
    """

    shape: str
    in_all: list[bytes]
    symbols: dict[str, list[bytes]]
    providers: list[str] = []


def state_of(call: Call, words: Sequence[str], providers: Sequence[str] = ()) -> bytes:
    """The state that *call* has now, of the symbols that *words* are the names of, by their numbers; *providers* alike."""
    columns = call.layout.state
    in_all = [call.state(each.name).tobytes() for each in columns if not each.per_symbol]
    symbols = {
        word: [_rows(call, each.name, code).tobytes() for each in columns if each.per_symbol]
        for code, word in enumerate(words)
        if code < call.symbols
    }
    return msgspec.msgpack.encode(KernelState(_shape(call), in_all, symbols, list(providers)))


def read_state(call: Call, saved: bytes) -> KernelState:
    """What `state_of` gave of a kernel like that of *call*; raises ValueError where it is something else."""
    try:
        state = msgspec.msgpack.decode(saved, type=KernelState)
    except msgspec.MsgspecError as error:
        raise ValueError(f"not the state of a kernel: {error}") from error
    if state.shape != _shape(call):
        raise ValueError(f"the state is of a kernel with {state.shape}, not with {_shape(call)}")
    return state


def restore_state(call: Call, state: KernelState, code_of: Callable[[str], int]) -> None:
    """Let *call* have that state; *code_of* tells the number of a symbol, now that it may be another."""
    columns = call.layout.state
    for column, numbers in zip(
        [each for each in columns if not each.per_symbol], state.in_all, strict=True
    ):
        call.state(column.name).view("u1")[:] = memoryview(numbers)
    for word, parts in state.symbols.items():
        code = code_of(word)
        if code >= call.symbols:
            call.grow(code + 1)
        for column, numbers in zip(
            [each for each in columns if each.per_symbol], parts, strict=True
        ):
            _rows(call, column.name, code).view("u1")[:] = memoryview(numbers)


def _rows(call: Call, name: str, code: int) -> Any:
    """The rows of a symbol in the state column *name*."""
    column = call.state(name)
    rows = len(column) // call.symbols
    return column[code * rows : (code + 1) * rows]


def _shape(call: Call) -> str:
    """What must be the same for a state to mean the same: the record's version, the columns, and their sizes."""
    columns = " ".join(f"{each.name}:{each.kind}*{each.rows}" for each in call.layout.state)
    params = " ".join(
        f"{each.name}={call.cells[slot]}"
        for slot, each in enumerate(call.layout.params, call.layout.first_param)
    )
    return f"{columns or 'no state'} ({params or 'no parameters'}, version {VERSION})"

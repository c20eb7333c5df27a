"""The state of a whole pipeline in one file, so that a program that begins anew goes on where it stopped."""

from __future__ import annotations

import contextlib
import logging
import os
from pathlib import Path
from typing import Any

import msgspec

from ordinis_rx.checks import check_path, check_text
from ordinis_rx.errors import JournalError
from ordinis_rx.journal.log import sync_folder
from ordinis_rx.memory import OperatorMemory, sealed, unsealed

__all__ = ["Checkpoint"]

_log = logging.getLogger(__name__)


class Checkpoint:
    """The memories of several operators, by names of your own, in the file *path*, which need not be there yet.

    Hand ``memory(name)`` to the ``memory=`` of each operator, and call `save` between two facts, or while one is heard: the
    file then has all of them as of one moment, or, whatever happens meanwhile, what it had before. What waits in a buffer by
    then (of `aiter`, say) the operators have heard. `note` is what you have saved with them: up to where you have heard,
    say. An operator whose name the file does not know begins anew, and what no operator has asked for is not saved again,
    which the log tells; `saved` names all that the file has.

    Raises `JournalError` for a file that is no checkpoint, is damaged or cannot be read.

    >>> import tempfile
    >>> from ordinis_rx.operators import ema
    >>> from ordinis_rx.testing import a_trade, through
    >>> path = Path(tempfile.mkdtemp()) / "state"
    >>> stopped = Checkpoint(path)
    >>> _ = through(ema(span=3, memory=stopped.memory("fast")), [a_trade(1, at=5), a_trade(3, at=7)])
    >>> stopped.save(note=7)
    >>> going_on = Checkpoint(path)
    >>> [reading.value for reading in through(ema(span=3, memory=going_on.memory("fast")), [a_trade(8)])], going_on.note
    ([5.0], 7)
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        check_path("Checkpoint: path", path)
        self._path = Path(path)
        self._memories: dict[str, OperatorMemory] = {}
        self.note: Any = None
        """What was saved with the state: None, numbers, texts, lists and mappings of these."""
        self._saved: dict[str, bytes] = {}
        self._told = False
        self.found = self._path.exists()
        """Whether there was a file to go on from."""
        if self.found:
            self.note, self._saved = self._read()

    @property
    def saved(self) -> tuple[str, ...]:
        """The names of the operators that the file had something of when it was opened."""
        return tuple(self._saved)

    def memory(self, name: str) -> OperatorMemory:
        """The memory of the operator *name*, with what was saved of it; ValueError where one has been given it already."""
        check_text("Checkpoint.memory: name", name)
        if name in self._memories:
            raise ValueError(f"{name!r} is the memory of another operator: each has one of its own")
        memory = OperatorMemory(self._saved.get(name))
        memory.name = name
        self._memories[name] = memory
        return memory

    def save(self, note: Any = None) -> None:
        """Write what all operators know now, and the *note*, to the disk.

        Raises ValueError where one of them has nothing to save yet, TypeError for a *note* that cannot be written,
        `JournalError` where the file cannot: the one that was there stays.
        """
        states: dict[str, bytes] = {}
        for name, memory in self._memories.items():
            try:
                states[name] = memory.save()
            except ValueError as error:
                raise ValueError(f"checkpoint: {name!r}: {error}") from error
        try:
            content = sealed(msgspec.msgpack.encode((note, states)))
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            raise TypeError(f"checkpoint: the note cannot be written: {error}") from error
        half = self._path.with_name(self._path.name + ".part")
        try:
            with open(half, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(half, self._path)
            sync_folder(self._path.parent)
        except OSError as error:
            with contextlib.suppress(OSError):
                half.unlink()
            raise JournalError(self._path, f"cannot be written: {error.strerror}") from error
        forgotten = self._saved.keys() - self._memories.keys()
        if forgotten and not self._told:
            self._told = True
            _log.warning(
                "the checkpoint %s has no more of %s, which no operator has asked for by that name",
                self._path,
                ", ".join(sorted(forgotten)),
            )

    def _read(self) -> tuple[Any, dict[str, bytes]]:
        try:
            content = unsealed(self._path.read_bytes())
            return msgspec.msgpack.decode(content, type=tuple[Any, dict[str, bytes]])
        except OSError as error:
            raise JournalError(self._path, f"cannot be read: {error.strerror}") from error
        except ValueError as error:
            raise JournalError(self._path, f"cannot be gone on from: {error}") from error

    def __repr__(self) -> str:
        names = list(dict.fromkeys((*self._saved, *self._memories)))
        return f"Checkpoint({str(self._path)!r}, {', '.join(names) or 'nothing yet'})"

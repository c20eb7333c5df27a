"""What an operator knows, saved so that another process goes on where this one stopped.

An operator that can be remembered attaches its parts to an `OperatorMemory` at each subscription: how to save them, by name.
Kernels are remembered as they are, symbol by symbol (`ordinis_rx.remembering`); what has handles that cannot be written down
keeps what it was fed with.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

import msgspec

from ordinis_rx.checks import check_is

__all__ = [
    "OperatorMemory",
    "check_memory",
    "sealed",
    "unsealed",
]


class OperatorMemory:
    """The state of one operator, to save and to take up again; hand one to its ``memory=``.

    Made of what `save` gave, the operator goes on as if it had never stopped, to the last bit, bars that are told again
    included. Rows come to it one by one, so that what is saved while a fact is heard knows nothing of the rows after it.
    What the same row has still to tell then (another bar, another signal) is saved, too, and told, with the `seq` that it
    has, before the next row is heard: save again when that is over, since operators above may have heard that row. What a
    side output tells comes before what the row tells: do not save while that is heard. It belongs to the last subscription
    of one operator. What is saved are bytes, which are yours to keep; they are read by the version of the library that wrote
    them. Raises ValueError when what was saved is no checkpoint, is damaged or of another version, and, at the subscription,
    when it is one of another operator or of other parameters.

    >>> from ordinis_rx.operators import ta
    >>> from ordinis_rx.testing import a_bar, through
    >>> memory = OperatorMemory()
    >>> _ = through(ta("SMA", timeperiod=3, memory=memory), [a_bar(c, at=c) for c in (1, 2)])
    >>> again = OperatorMemory(memory.save())
    >>> [reading.value for reading in through(ta("SMA", timeperiod=3, memory=again), [a_bar(6, at=6)])]
    [3.0]
    """

    def __init__(self, saved: bytes | None = None) -> None:
        self.name = ""
        """What it is called in errors, by a `Checkpoint` say."""
        self._parts: dict[str, Callable[[], bytes]] = {}
        self._saved: dict[str, bytes] | None = None
        if saved is not None:
            check_is("OperatorMemory: saved", saved, bytes | bytearray, "bytes, as save() gives")
            self._saved = msgspec.msgpack.decode(unsealed(saved), type=dict[str, bytes])

    def attach(
        self, part: str, save: Callable[[], bytes], *, may_lack: bool = False
    ) -> bytes | None:
        """Have a *part* that *save* tells the state of; gives what was saved of it, if anything was saved.

        Raises ValueError where other parts were saved and this one was not, unless a checkpoint *may_lack* it.
        """
        saved = self._saved
        if saved is not None and part not in saved and not may_lack:
            named = f" {self.name!r}" if self.name else ""
            raise ValueError(f"the checkpoint{named} is of {', '.join(saved)}, not of {part}")
        self._parts[part] = save
        return None if saved is None else saved.get(part)

    def part(self, name: str) -> OperatorMemory:
        """A memory for an operator that the one remembered here is made of: what is attached to it is a part of this."""
        return _PartOfMemory(self, name)

    def save(self) -> bytes:
        """The state as it is now, of what was last subscribed to with this memory; ValueError where that cannot be saved."""
        if self._parts:
            try:
                states = {part: save() for part, save in self._parts.items()}
            except OverflowError as error:
                raise ValueError(
                    f"a number of it does not fit into a checkpoint: {error}"
                ) from error
            return sealed(msgspec.msgpack.encode(states))
        if self._saved is None:
            raise ValueError("nothing to save: no operator has been subscribed to")
        return sealed(msgspec.msgpack.encode(self._saved))

    def __repr__(self) -> str:
        return f"OperatorMemory({', '.join(self._parts or self._saved or ())})"


class _PartOfMemory(OperatorMemory):
    """Attaches to a *whole* what is attached here, by names of its own."""

    def __init__(self, whole: OperatorMemory, name: str) -> None:
        super().__init__()
        self.name = name
        self._whole = whole

    def attach(
        self, part: str, save: Callable[[], bytes], *, may_lack: bool = False
    ) -> bytes | None:
        return self._whole.attach(f"{self.name}: {part}", save, may_lack=may_lack)


_MAGIC = b"ordinis-rx memory"
_VERSION = 1
_SEAL = struct.Struct(f"<{len(_MAGIC)}sBI")
"""What it is, of which version, and the CRC-32 of what follows."""


def sealed(state: bytes) -> bytes:
    """*state* with a version and a checksum before it."""
    return _SEAL.pack(_MAGIC, _VERSION, zlib.crc32(state)) + state


def unsealed(saved: bytes) -> bytes:
    """What `sealed` was given; raises ValueError that says why *saved* is nothing that it gave."""
    if not saved.startswith(_MAGIC) or len(saved) < _SEAL.size:
        raise ValueError(f"not a checkpoint of an operator: it begins with {saved[:20]!r}")
    _, version, crc = _SEAL.unpack_from(saved)
    if version != _VERSION:
        raise ValueError(f"the checkpoint has version {version}, and {_VERSION} is read here")
    state = saved[_SEAL.size :]
    if zlib.crc32(state) != crc:
        raise ValueError("the checkpoint is damaged: its bytes are not those that were saved")
    return state


def check_memory(who: str, given: object) -> None:
    """Raise a TypeError where the memory *given* to an operator is neither an `OperatorMemory` nor None.

    >>> check_memory("rsi", b"saved")
    Traceback (most recent call last):
    TypeError: rsi: memory must be an OperatorMemory, as in memory=OperatorMemory(saved), got b'saved'
    """
    if given is not None:
        wanted = "an OperatorMemory, as in memory=OperatorMemory(saved)"
        check_is(f"{who}: memory", given, OperatorMemory, wanted)

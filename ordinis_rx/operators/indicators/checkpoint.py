"""Checkpoints of what has handles: all that they were fed with, from which they are opened again.

The state of TA-Lib's handles cannot be written down. But it follows from the numbers that went in, so these are kept, saved,
and fed again at once, which gives the same state to the last bit. That takes eight bytes for every number that was read, for
as long as a subscription with a memory lasts.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

from ordinis_rx.operators.indicators.track import Track

__all__ = ["History", "histories_of", "read_histories"]


class History(msgspec.Struct, array_like=True, frozen=True):
    """One symbol: the time and revision of its last fact, all rows, one after another, as float64, and that fact's name."""

    at: int
    revision: int
    rows: bytes
    name: str = ""

    def table(self, width: int) -> NDArray[np.float64]:
        """The rows, of so many numbers each."""
        return np.frombuffer(self.rows, np.float64).reshape(-1, width)


def histories_of(tracks: Mapping[str, Track]) -> bytes:
    """What the tracks, which remember, were fed with."""
    return msgspec.msgpack.encode(
        {
            symbol: History(
                track.at, track.revision, (track.history or array("d")).tobytes(), track.name
            )
            for symbol, track in tracks.items()
        }
    )


def read_histories(saved: bytes) -> dict[str, History]:
    """What `histories_of` gave, by symbol; raises ValueError where it is something else."""
    try:
        return msgspec.msgpack.decode(saved, type=dict[str, History])
    except msgspec.MsgspecError as error:
        raise ValueError(f"not a checkpoint of histories: {error}") from error

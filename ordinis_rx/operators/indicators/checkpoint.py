"""Checkpoints of indicators: all that they were fed with, from which they are opened again.

The state of TA-Lib's handles cannot be written down. But it follows from the numbers that went in, so these are kept, saved,
and fed again at once, which gives the same state to the last bit.
"""

from __future__ import annotations

from array import array
from typing import Any

import msgspec
import numpy as np

from ordinis_rx.operators.indicators.bank import Bank
from ordinis_rx.operators.indicators.track import Track

__all__ = ["IndicatorMemory"]


class _Saved(msgspec.Struct, array_like=True, frozen=True):
    """One symbol: when its last bar ended, its revision, and all rows, one after another, as float64."""

    at: int
    revision: int
    rows: bytes


class _Checkpoint(msgspec.Struct, frozen=True):
    indicators: list[str]
    symbols: dict[str, _Saved]


class IndicatorMemory:
    """The state of an operator of indicators, to save and to take up again; hand one to ``ta(..., memory=)``.

    Made of what `save` gave, the operator goes on as if it had never stopped. It belongs to the last subscription of one
    operator. Eight bytes are kept for every number that was read, for as long as the subscription lasts. Raises ValueError
    when what was saved is no checkpoint, or one of other indicators.

    >>> from ordinis_rx.operators.indicators import ta
    >>> from ordinis_rx.testing import a_bar, through
    >>> memory = IndicatorMemory()
    >>> _ = through(ta("SMA", timeperiod=3, memory=memory), [a_bar(c, at=c) for c in (1, 2)])
    >>> again = IndicatorMemory(memory.save())
    >>> [reading.value for reading in through(ta("SMA", timeperiod=3, memory=again), [a_bar(6, at=6)])]
    [3.0]
    """

    def __init__(self, saved: bytes | None = None) -> None:
        self._bank: Bank | None = None
        self._saved: _Checkpoint | None = None
        if saved is not None:
            try:
                self._saved = msgspec.msgpack.decode(saved, type=_Checkpoint)
            except (msgspec.DecodeError, msgspec.ValidationError) as error:
                raise ValueError(f"not a checkpoint of indicators: {error}") from error

    def attach(self, bank: Bank) -> None:
        """Be the memory of *bank*, which takes up what was saved."""
        saved = self._saved
        if saved is not None:
            mine = _names(bank)
            if saved.indicators != mine:
                raise ValueError(
                    f"the checkpoint is of {' '.join(saved.indicators)}, not of {' '.join(mine)}"
                )
            for symbol, each in saved.symbols.items():
                bank.tracks[symbol] = _opened(bank, each)
        self._bank = bank

    def save(self) -> bytes:
        """The state as it is now, of what was last subscribed with this memory."""
        bank = self._bank
        if bank is None:
            if self._saved is None:
                raise ValueError("nothing to save: no operator has been subscribed to")
            return msgspec.msgpack.encode(self._saved)
        symbols = {
            symbol: _Saved(track.at, track.revision, (track.history or array("d")).tobytes())
            for symbol, track in bank.tracks.items()
        }
        return msgspec.msgpack.encode(_Checkpoint(_names(bank), symbols))

    def __repr__(self) -> str:
        symbols: Any = self._saved.symbols if self._bank is None and self._saved else ()
        return f"IndicatorMemory({len(self._bank.tracks if self._bank else symbols)} symbols)"


def _names(bank: Bank) -> list[str]:
    return [str(each) for each in bank.plan.indicators]


def _opened(bank: Bank, saved: _Saved) -> Track:
    plan = bank.plan
    track = Track(plan, remembers=True)
    rows = np.frombuffer(saved.rows, np.float64).reshape(-1, len(plan.columns))
    if len(rows):
        columns = [np.ascontiguousarray(column) for column in rows.T]
        track.enter_all(columns, np.empty((plan.width, len(rows))))
    track.at, track.revision = saved.at, saved.revision
    return track

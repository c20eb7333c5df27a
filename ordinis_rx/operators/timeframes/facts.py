"""What is known of several timeframes at the end of a bar, as a fact, and by column."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from ordinis_rx.events import Bar, StreamEventType, Timed
from ordinis_rx.frames import Frame
from ordinis_rx.timebase import Nanos

__all__ = ["TimeframeBars", "TimeframeFrame"]


class TimeframeBars(
    msgspec.Struct, Timed, frozen=True, gc=False, kw_only=True, tag_field="type", tag="TIMEFRAMES"
):
    """The bars of several timeframes as they are known at `ts_event`, the end of a bar of the shortest one.

    When that bar is told again, so is the row, with the bar's `revision`.

    >>> bar = Bar(symbol="A", ts_event=60, interval=60, open=9.0, high=9.0, low=9.0, close=9.0, volume=1.0)
    >>> row = TimeframeBars(symbol="A", ts_event=60, interval=60, names=("1m", "5m"), closed=(bar, None))
    >>> row.of("1m").close, row.of("5m")
    (9.0, None)
    """

    type: ClassVar[StreamEventType] = StreamEventType.TIMEFRAMES

    symbol: str
    ts_event: Nanos
    ts_recv: Nanos = 0
    provider: str = ""
    seq: int = 0
    interval: Nanos
    """How long the bar of the shortest timeframe is."""
    revision: int = 0
    names: tuple[str, ...]
    """The timeframes, the shortest first."""
    closed: tuple[Bar | None, ...]
    """The last bar of each that is over; None as long as there was none."""
    unfinished: tuple[Bar | None, ...] = ()
    """The bar of each that is still forming, where they were asked for: it ends now, and its `interval` is as long as it has
    lasted."""
    since: tuple[tuple[Bar, ...], ...] = ()
    """The bars of each that were over after the symbol's last row: all that an indicator of that timeframe must see.

    A row told again has those alone that end with it, with its `revision`; what was over before has been told."""

    @property
    def bar(self) -> Bar:
        """The bar of the shortest timeframe, which has just closed."""
        first = self.closed[0]
        assert first is not None
        return first

    def of(self, name: str) -> Bar | None:
        """The last bar of a timeframe that is over. It never ends after `ts_event`; None while there was none."""
        return self.closed[self._place(name)]

    def forming(self, name: str) -> Bar | None:
        """The bar of a timeframe that is not over yet, as far as it is known at `ts_event`; it is no closed bar.

        None right after one has closed, and where forming bars were not asked for.
        """
        place = self._place(name)
        return self.unfinished[place] if self.unfinished else None

    def new(self, name: str) -> tuple[Bar, ...]:
        """The bars of a timeframe that were over after the symbol's last row: none, one, or several after a pause.

        Each is told once, and again where a row told again ends it, with the row's `revision`.
        """
        place = self._place(name)
        return self.since[place] if self.since else ()

    def _place(self, name: str) -> int:
        try:
            return self.names.index(name)
        except ValueError:
            raise KeyError(f"no timeframe {name!r}; there are {' '.join(self.names)}") from None


class TimeframeFrame(Frame, kind=TimeframeBars):
    """Rows of several timeframes; their bars have no columns."""

    __slots__ = ()

    if TYPE_CHECKING:
        interval: NDArray[np.int64]
        revision: NDArray[np.int64]

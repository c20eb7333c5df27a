"""Event time: which facts move it, and how far one of them may."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ordinis_rx.events import Event, FeedError, Gap, StatusChange
from ordinis_rx.timebase import SECOND, Nanos

__all__ = ["AHEAD", "OURS", "moment", "moments"]

OURS = frozenset((StatusChange, Gap, FeedError))
"""Facts that a feed tells by our own clock. They move no event time, which is the venues'."""

AHEAD: Nanos = 1 * SECOND
"""How far a venue's clock may be ahead of ours before it is not believed."""


def moment(fact: Event) -> Nanos:
    """When *fact* happened, as far as it can be believed: `ts_event`, or `ts_recv` where it is far ahead of that.

    Nothing happens after it has arrived; one stamp from next year must not carry the time of a whole stream there.

    >>> from ordinis_rx.testing import a_trade
    >>> moment(a_trade(at=5)), moment(a_trade(at=9 * SECOND, ts_recv=2 * SECOND)) == 2 * SECOND
    (5, True)
    """
    at, arrived = fact.ts_event, fact.ts_recv
    return at if not arrived or at <= arrived + AHEAD else arrived


def moments(at: NDArray[np.int64], arrived: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same of columns: of each `ts_event`, with its `ts_recv`.

    >>> moments(np.array([5, 9 * SECOND]), np.array([0, 2 * SECOND])).tolist() == [5, 2 * SECOND]
    True
    """
    latest = np.minimum(arrived, np.iinfo(np.int64).max - AHEAD) + AHEAD
    return np.where((arrived == 0) | (at <= latest), at, arrived)

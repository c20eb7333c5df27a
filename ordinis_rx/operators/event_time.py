"""Event time: which facts move it, and how far one of them may."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ordinis_rx.events import Event, FeedError, Gap, StatusChange
from ordinis_rx.kernels.reports import SKEW
from ordinis_rx.timebase import Nanos

__all__ = ["OURS", "moment", "moments"]

OURS = frozenset((StatusChange, Gap, FeedError))
"""Facts that a feed tells by our own clock. They move no event time, which is the venues'."""


def moment(fact: Event) -> Nanos:
    """When *fact* happened, as far as it can be believed: `ts_event`, or `ts_recv` where it is a second ahead of that.

    Nothing happens after it has arrived; one stamp from next year must not carry the time of a whole stream there.

    >>> from ordinis_rx.testing import a_trade
    >>> from ordinis_rx.timebase import SECOND
    >>> moment(a_trade(at=5)), moment(a_trade(at=9 * SECOND, ts_recv=2 * SECOND)) == 2 * SECOND
    (5, True)
    """
    at, arrived = fact.ts_event, fact.ts_recv
    return at if arrived <= 0 or at <= arrived + SKEW else arrived


def moments(at: NDArray[np.int64], arrived: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same of columns: of each `ts_event`, with its `ts_recv`.

    >>> from ordinis_rx.timebase import SECOND
    >>> moments(np.array([5, 9 * SECOND]), np.array([0, 2 * SECOND])).tolist() == [5, 2 * SECOND]
    True
    """
    latest = np.minimum(arrived, np.iinfo(np.int64).max - SKEW) + SKEW
    return np.where((arrived <= 0) | (at <= latest), at, arrived)

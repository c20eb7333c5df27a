"""One stream out of several: a root of its own, with one order and one `seq` for all."""

from __future__ import annotations

from typing import Literal

from reactivex import Observable, abc

from ordinis_rx.checks import check_choice
from ordinis_rx.endings import leaving
from ordinis_rx.entries import Entry
from ordinis_rx.operators.merging_arms import Arm
from ordinis_rx.operators.merging_by_arrival import ByArrival
from ordinis_rx.operators.merging_by_receipt import ByReceipt
from ordinis_rx.stream import Stream, flow_of
from ordinis_rx.turns import FlowObserver
from ordinis_rx.typing import A

__all__ = ["merge"]


def merge(*streams: Observable[A], by: Literal["arrival", "ts_recv"] = "arrival") -> Stream[A]:
    """All facts of *streams* as one stream, with a `seq` of its own; what comes out can be joined (``with_latest``).

    Live streams are merged by arrival, at once; where several come from one source (branches of one ``share()``), the facts
    that one event leads to come in the order of the arguments, and share a `seq`. Recordings are merged by ``by="ts_recv"``:
    the earliest `ts_recv` first (or `ts_event`, where that is missing), ties in the order of the arguments, each stream's
    own order kept. That takes the next fact of every stream to be known, so it holds back what others have told, and a cold
    stream tells all it has before the next one begins: all recordings but the last are held in memory.

    Ends when all have ended, or with the first error; by ``ts_recv`` the error comes in its stream's place. Where the others
    are to go on, ``stream.pipe(ops.catch(rx.empty()))`` makes an end of it. All streams must live on one thread: put a
    ``buffer`` below those that do not. Raises ValueError for another *by*, TypeError for what is no stream.

    >>> from ordinis_rx.stream import from_events
    >>> from ordinis_rx.testing import a_trade
    >>> nyse = from_events([a_trade(5, ts_recv=10), a_trade(6, ts_recv=40)])
    >>> iex = from_events([a_trade(7, ts_recv=20)])
    >>> _ = merge(nyse, iex, by="ts_recv").subscribe(lambda trade: print(trade.seq, trade.price))
    1 5.0
    2 7.0
    3 6.0
    """
    check_choice("merge: by", by, ("arrival", "ts_recv"))
    for stream in streams:
        if not hasattr(stream, "subscribe"):
            raise TypeError(
                f"merge takes streams, merge(one, other) or merge(*several), got {stream!r}"
            )
    kind = ByArrival if by == "arrival" else ByReceipt

    def flow(
        observer: FlowObserver, scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        merging = kind(Entry(observer), len(streams))
        with leaving(merging.upstream):
            for k, stream in enumerate(streams):
                if not merging.upstream.is_disposed:
                    merging.upstream.add(flow_of(stream, Arm(merging, k), scheduler))
        merging.subscribed()
        if not streams:
            merging.out.on_completed()
        return merging.upstream

    return Stream(flow)

"""From a stream into a graph of csp: a recording as a curve, a live stream as a time series that is pushed.

csp is no dependency of ours: ``pip install csp``. It is loaded by the first call.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ordinis_rx.bridges.blocking import BlockingIterator, Source, iter_blocking
from ordinis_rx.bridges.engines import engine, facts_of
from ordinis_rx.bridges.mailbox import Bound
from ordinis_rx.errors import OrdinisError

__all__ = ["to_curve", "to_ts"]


def to_curve(
    facts: Iterable[Any],
    kind: type[Any] = object,
    *,
    column: str = "",
    by: Literal["ts_event", "ts_recv"] = "ts_event",
) -> Any:
    """The facts of that *kind*, or one *column* of them, as a ``csp.curve``: for a graph that runs over recorded time.

    *facts* are facts, a frame, or frames; the curve is a ``ts[kind]``, or a ``ts`` of the column's type, in which NaN stays
    NaN. Each ticks at its own *by*, to the nanosecond. A graph knows no second tick at the same moment and none in the past:
    what is not later than the tick before it comes one nanosecond after that, so that nothing is lost and nothing is seen
    early. csp leaves out what lies before the start of its run. No facts at all are a curve that never ticks.

    >>> import csp
    >>> from datetime import datetime, timedelta
    >>> from ordinis_rx.events import Trade
    >>> trades = [Trade(symbol="A", ts_event=t, price=price, size=1.0) for t, price in [(5, 9.0), (5, 8.0), (7, 7.0)]]
    >>> ran = csp.run(to_curve(trades, column="price"), starttime=datetime(1970, 1, 1), endtime=timedelta(seconds=1))
    >>> [price for _, price in ran[0]]
    [9.0, 8.0, 7.0]
    """
    csp = engine("csp")
    told = [fact for fact in facts_of(facts) if isinstance(fact, kind)]
    times = rising(np.array([getattr(fact, by) for fact in told], np.int64)).view("M8[ns]")
    if column:
        numbers = np.array([getattr(fact, column) for fact in told])
        return csp.curve(type(numbers.tolist()[0]) if told else float, (times, numbers))
    values = np.empty(len(told), object)
    values[:] = told
    return csp.curve(kind, (times, values))


def rising(times: NDArray[np.int64]) -> NDArray[np.int64]:
    """The times, each at least one later than the one before.

    >>> rising(np.array([5, 5, 3, 9, 9])).tolist()
    [5, 6, 7, 9, 10]
    """
    steps = np.arange(len(times))
    return np.maximum.accumulate(times - steps) + steps


def to_ts(source: Source[Any], kind: type[Any] = object, *, maxsize: Bound = "configured") -> Any:
    """The facts of that *kind* as a ``ts[kind]`` for a graph that runs in real time.

    The graph subscribes when it starts, on a loop in a thread of its own, and lets go when it stops; a `feed` is made in
    that loop, so hand in a function: ``to_ts(lambda: feed(...), Trade)``. Each fact ticks when it arrives, by the clock of
    csp; when it happened is its ``ts_event``. Between the stream and csp at most *maxsize* facts wait, the oldest gives way.

    While the stream is quiet, nothing ticks. When it completes, nothing ticks any more, and the graph goes on to its end
    time. The error that ends a stream stops the graph: ``csp.run`` raises an `OrdinisError` that says which it was.

    >>> import csp
    >>> from datetime import timedelta
    >>> from ordinis_rx.events import Trade
    >>> from ordinis_rx.stream import from_events
    >>> stream = from_events([Trade(symbol="A", ts_event=t, price=9.0 + t, size=1.0) for t in range(3)])
    >>> prices = csp.apply(to_ts(stream, Trade), lambda trade: trade.price, float)
    >>> ran = csp.run(csp.count(prices), realtime=True, endtime=timedelta(seconds=0.5))
    >>> [count for _, count in ran[0]]
    [1, 2, 3]
    """
    return _push_adapter()(source, kind, maxsize)


@functools.cache
def _push_adapter() -> Any:
    csp = engine("csp")
    base = engine("csp", "csp.impl.pushadapter").PushInputAdapter

    class Pushed(base):  # type: ignore[misc, valid-type]  # csp has no types
        """Hands what a stream tells to one graph while that runs."""

        def __init__(self, source: Source[Any], kind: type[Any], maxsize: Bound) -> None:
            self._kind = kind
            self._values: BlockingIterator[Any] = iter_blocking(source, maxsize)
            self._thread = threading.Thread(target=self._push, name="ordinis-csp", daemon=True)

        def start(self, starttime: Any, endtime: Any) -> None:
            self._thread.start()

        def stop(self) -> None:
            self._values.close()
            self._thread.join()

        def _push(self) -> None:
            try:
                for value in self._values:
                    if isinstance(value, self._kind):
                        self.push_tick(value)
            except Exception as error:
                # csp makes an error anew out of its kind and its text, which only a plain kind survives.
                self.shutdown_engine(OrdinisError(f"{type(error).__name__}: {error}"))

    define = engine("csp", "csp.impl.wiring").py_push_adapter_def
    return define("ordinis_rx.to_ts", Pushed, csp.ts["T"], source=object, kind="T", maxsize=object)

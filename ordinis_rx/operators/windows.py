"""Cut a stream into windows, each a stream of its own, by event time or by count."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from reactivex import Observable, abc
from reactivex.disposable import CompositeDisposable, Disposable, RefCountDisposable

from ordinis_rx.batches import Item, item_of
from ordinis_rx.checks import check_count, check_duration
from ordinis_rx.codes import Names
from ordinis_rx.entries import Entry
from ordinis_rx.events import Event, Heartbeat
from ordinis_rx.hub import Hub
from ordinis_rx.operators.event_time import OURS, moment
from ordinis_rx.operators.outlet import ItemOutlet, ending_in
from ordinis_rx.stream import Stream
from ordinis_rx.timebase import Nanos, floor
from ordinis_rx.turns import FlowObserver, Turn
from ordinis_rx.typing import A, Operator

__all__ = ["window_by_count", "window_by_time"]


def window_by_time(interval: Nanos) -> Operator[A, Observable[A]]:
    """A stream for every *interval* nanoseconds of event time, counted from 1970, in which anything happened.

    Time is the `ts_event` of the whole stream, whatever the symbol: a window opens with its first fact and ends when the
    first fact past its end comes, a `Heartbeat` included, or with the source. A quiet interval tells no window, and a quiet
    stream leaves its last window open. A late fact joins the window that is open (put ``reorder`` before this if that
    matters); statuses, gaps and feed errors do too, whatever their time, and a window that opens with one has the time of
    the first other fact in it. As in ``reactivex.operators.window``, who wants all facts of a window subscribes as it is
    told. Raises ValueError when *interval* is not positive, TypeError when it is not whole::

        facts    --1--2-----3--|--4------
        windows  --A-----------|--B------     A = 1 2 3, ends at 4

    >>> from reactivex import operators as ops
    >>> from ordinis_rx.testing import a_trade, through
    >>> to_lists = ops.flat_map(lambda window: window.pipe(ops.to_list()))
    >>> windows = through(window_by_time(10), [a_trade(at=t) for t in (1, 4, 12, 13, 31)])
    >>> len(windows)
    3
    """
    check_duration("window_by_time: interval", interval)
    return ending_in(lambda observer: _ByTime(observer, interval))


def window_by_count(n: int) -> Operator[A, Observable[A]]:
    """A stream for every *n* facts of the whole stream, whatever their kind or symbol.

    A window opens with its first fact and ends with its *n*-th, or with the source. No clock is asked. Raises ValueError
    when *n* is below 1.

    >>> from reactivex import operators as ops
    >>> from ordinis_rx.stream import from_events
    >>> from ordinis_rx.testing import a_trade
    >>> counted = ops.flat_map(lambda window: window.pipe(ops.count()))
    >>> trades = from_events([a_trade(at=t) for t in range(5)])
    >>> _ = trades.pipe(window_by_count(2), counted).subscribe(print)
    2
    2
    1
    """
    check_count("window_by_count: n", n, "facts")
    return ending_in(lambda observer: _ByCount(observer, n))


class _Window(Stream[Any]):
    """The facts of one window, told as they come."""

    def __init__(self, source: RefCountDisposable) -> None:
        super().__init__(self._listen)
        self._source = source
        self._hub = Hub()
        self._entry = Entry(self._hub)
        self._over = False
        self._error: Exception | None = None

    def tell(self, facts: list[Event], names: Names, turn: Turn) -> None:
        self._entry.outer = turn
        self._entry.on_item(item_of(facts, names))

    def end(self, error: Exception | None) -> None:
        self._over, self._error = True, error
        _tell_end(self._entry, error)

    def _listen(
        self, observer: FlowObserver, scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        if self._over:
            _tell_end(observer, self._error)
            return Disposable()
        remove = self._hub.add(observer)

        def leave() -> None:
            remove()

        return CompositeDisposable(Disposable(leave), self._source.disposable)


def _tell_end(observer: FlowObserver, error: Exception | None) -> None:
    if error is None:
        observer.on_completed()
    else:
        observer.on_error(error)


class _Windowing(ItemOutlet):
    """One subscriber's windows, one open at most. The source lives while they or any window are listened to."""

    def __init__(self, observer: abc.ObserverBase[Any]) -> None:
        super().__init__(observer)
        self._shared = RefCountDisposable(self.upstream)
        self._window: _Window | None = None

    def on_item(self, item: Item) -> None:
        turn, names = item.turn, item.names
        part: list[Event] = []
        for fact in item.facts:
            if self._window is not None and self._ends_before(fact):
                self._hand_over(part, names, turn)
                part = []
                self._close_in(turn, fact.seq)
            if self._window is None:
                if self.stopped or not self._opens(fact):
                    continue
                self._window = _Window(self._shared)
                self.tell(self._window, turn, fact.seq)
            part.append(fact)
            if self._ends_after():
                self._hand_over(part, names, turn)
                part = []
                self._close_in(turn, fact.seq)
        self._hand_over(part, names, turn)

    def on_error(self, error: Exception) -> None:
        self._close(error)
        super().on_error(error)

    def on_completed(self) -> None:
        self._close(None)
        super().on_completed()

    def stop(self) -> None:
        self.stopped = True
        self._shared.dispose()

    @abstractmethod
    def _ends_before(self, fact: Event) -> bool: ...

    @abstractmethod
    def _opens(self, fact: Event) -> bool: ...

    @abstractmethod
    def _ends_after(self) -> bool: ...

    def _hand_over(self, part: list[Event], names: Names, turn: Turn) -> None:
        if part and self._window is not None:
            self._window.tell(part, names, turn)

    def _close_in(self, turn: Turn, seq: int) -> None:
        """Close the window for what came with *seq*, which thereby causes what is made of the window at its end."""
        with self.causing(turn, seq):
            self._close(None)

    def _close(self, error: Exception | None) -> None:
        window, self._window = self._window, None
        if window is not None:
            window.end(error)


class _ByTime(_Windowing):
    def __init__(self, observer: abc.ObserverBase[Any], interval: Nanos) -> None:
        super().__init__(observer)
        self._interval = interval
        self._end: Nanos | None = None
        """When the open window ends; None until a fact that moves time has said so."""

    def _ends_before(self, fact: Event) -> bool:
        if type(fact) in OURS:
            return False
        if self._end is None:
            self._end = self._end_after(fact)
        return moment(fact) >= self._end

    def _opens(self, fact: Event) -> bool:
        self._end = None if type(fact) in OURS else self._end_after(fact)
        return not isinstance(fact, Heartbeat)

    def _end_after(self, fact: Event) -> Nanos:
        return floor(moment(fact), self._interval) + self._interval

    def _ends_after(self) -> bool:
        return False


class _ByCount(_Windowing):
    def __init__(self, observer: abc.ObserverBase[Any], n: int) -> None:
        super().__init__(observer)
        self._n = n
        self._left = n

    def _ends_before(self, fact: Event) -> bool:
        return False

    def _opens(self, fact: Event) -> bool:
        self._left = self._n
        return True

    def _ends_after(self) -> bool:
        self._left -= 1
        return self._left == 0

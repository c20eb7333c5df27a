"""Counters inside a pipeline: what goes from step to step, and how long each step takes for it."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Sequence
from time import perf_counter_ns
from typing import Any

from reactivex import abc

from ordinis_rx.batches import Item
from ordinis_rx.doors import Flow
from ordinis_rx.stream import Stream
from ordinis_rx.turns import FlowObserver
from ordinis_rx.views.graph import Node

__all__ = ["Count", "Probes"]


class Count:
    """What has gone from one step to another: items, the events in them by kind, and the time the other took (ns)."""

    __slots__ = ("items", "kinds", "ns")

    def __init__(self) -> None:
        self.items = 0
        self.ns = 0
        self.kinds: Counter[str] = Counter()

    @property
    def events(self) -> int:
        """Events of all kinds."""
        return self.kinds.total()


class Probes:
    """Counts on the streams of *nodes*, for whoever subscribes from now on, until `remove`."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._counts: dict[tuple[Node, Node | None], Count] = defaultdict(Count)
        self._here = _Here()
        self._flows: list[tuple[Stream[Any], Flow]] = []
        for node in nodes:
            if isinstance(node.stream, Stream):
                self._watch(node, node.stream)

    def into(self, node: Node) -> Count:
        """All that has gone into *node*, over all its subscribers."""
        # A step outside our streams subscribes unseen: what went to nobody we know went to it.
        unseen = () if isinstance(node.stream, Stream) else node.sources
        return _sum(
            [
                c
                for (of, to), c in self._counts.items()
                if to is node or (to is None and of in unseen)
            ]
        )

    def out_of(self, node: Node) -> Count:
        """All that has come out of *node*, over all its subscribers."""
        return _sum([c for (of, _), c in self._counts.items() if of is node])

    def remove(self) -> None:
        """Count no more, for those who subscribe from now on."""
        for stream, flow in self._flows:
            stream._flow = flow  # pyright: ignore[reportPrivateUsage]
        self._flows.clear()

    def _watch(self, node: Node, stream: Stream[Any]) -> None:
        plain: Flow = stream._flow  # pyright: ignore[reportPrivateUsage]
        here = self._here

        def flow(
            observer: FlowObserver, scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            count = self._counts[node, here.subscriber]
            outside, here.subscriber = here.subscriber, node
            try:
                return plain(_Probe(observer, count, here), scheduler)
            finally:
                here.subscriber = outside

        self._flows.append((stream, plain))
        stream._flow = flow  # pyright: ignore[reportPrivateUsage]


class _Here(threading.local):
    """Where this thread is: which step is subscribing to its sources, and how long what the running step called took."""

    subscriber: Node | None = None
    called = 0


class _Probe:
    """Between two steps."""

    __slots__ = ("_count", "_here", "_observer", "on_completed", "on_error")

    def __init__(self, observer: FlowObserver, count: Count, here: _Here) -> None:
        self._observer = observer
        self._count = count
        self._here = here
        self.on_error = observer.on_error
        self.on_completed = observer.on_completed

    def on_item(self, item: Item) -> None:
        count, here = self._count, self._here
        count.items += 1
        for frame in item.frames():
            count.kinds[frame.kind.__name__] += frame.n
        outside, here.called = here.called, 0
        began = perf_counter_ns()
        try:
            self._observer.on_item(item)
        finally:
            took = perf_counter_ns() - began
            count.ns += took - here.called
            here.called = outside + took

    def exits(self, found: set[int]) -> None:
        """Ask those below where facts leave for plain Rx."""
        self._observer.exits(found)


def _sum(counts: Sequence[Count]) -> Count:
    total = Count()
    for count in counts:
        total.items += count.items
        total.ns += count.ns
        total.kinds.update(count.kinds)
    return total

"""Live facts one by one: multicast, a stateless operator, a kernel, a buffer; against plain loops and plain Rx."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TypeAlias

from reactivex import Observable
from reactivex import operators as ops
from reactivex.scheduler.eventloop import AsyncIOScheduler
from reactivex.subject import Subject

from benchmarks.measure import Row, compare, show
from ordinis_rx import operators as oo
from ordinis_rx.events import Quote
from ordinis_rx.kernels.compiled import has_numba, uncompiled
from ordinis_rx.multicast import Hot

N = 20_000
BURST = 25
QUOTES = [
    Quote(symbol=f"S{i % 50}", ts_event=i, bid=99.0 + i % 7, ask=101.0 + i % 7, seq=i + 1)
    for i in range(N)
]


Told: TypeAlias = deque[object]
"""A subscriber that keeps what it is told, so that this can be checked; its `append` is a function of C, since what one of
Python does costs its own call, and is not ours."""


def hot(
    subscribers: int, pipe: Callable[[Observable[Quote]], Observable[object]], burst: int
) -> Callable[[], None]:
    """Our hub, pushed into in bursts of that many facts."""
    source = Hot()
    told = [Told() for _ in range(subscribers)]
    for each in told:
        pipe(source.stream).subscribe(each.append)

    def run() -> None:
        for start in range(0, N, burst):
            source.push(QUOTES[start : start + burst])
        for each in told:
            assert len(each) == N
            each.clear()

    return run


def subject(
    subscribers: int, pipe: Callable[[Observable[Quote]], Observable[object]]
) -> Callable[[], None]:
    """A reactivex Subject."""
    source: Subject[Quote] = Subject()
    told = [Told() for _ in range(subscribers)]
    for each in told:
        pipe(source).subscribe(each.append)

    def run() -> None:
        for quote in QUOTES:
            source.on_next(quote)
        for each in told:
            assert len(each) == N
            each.clear()

    return run


def as_it_is(source: Observable[Quote]) -> Observable[object]:
    return source  # type: ignore[return-value]


def mids(source: Observable[Quote]) -> Observable[object]:
    return source.pipe(oo.mid())


def only_quotes(source: Observable[Quote]) -> Observable[object]:
    return source.pipe(oo.quotes())


def plain_mids(source: Observable[Quote]) -> Observable[object]:
    return source.pipe(ops.map(lambda quote: (quote.bid + quote.ask) / 2))


def loop() -> None:
    """The plainest thing that hands each fact to a function."""
    told = Told()
    hear = told.append
    for quote in QUOTES:
        hear(quote)
    assert len(told) == N


def multicast() -> None:
    rows = compare(
        {
            "a loop that calls one function": loop,
            "ours, 1 subscriber": hot(1, as_it_is, BURST),
            "ours, 5 subscribers": hot(5, as_it_is, BURST),
            "ours, 1 subscriber, fact by fact": hot(1, as_it_is, 1),
            "Subject, 1 subscriber": subject(1, as_it_is),
            "Subject, 5 subscribers": subject(5, as_it_is),
        },
        N,
    )
    show(f"Hot multicast, bursts of {BURST}", rows, base="ours, 1 subscriber")


def operators() -> None:
    with uncompiled():
        python = hot(1, mids, 1)
        python_burst = hot(1, mids, BURST)
    contenders = {
        "ours, nothing in between, fact by fact": hot(1, as_it_is, 1),
        "quotes(), fact by fact": hot(1, only_quotes, 1),
        "quotes(), bursts": hot(1, only_quotes, BURST),
        "mid() as Python, fact by fact": python,
        "mid() as Python, bursts": python_burst,
        "Subject | ops.map(mid)": subject(1, plain_mids),
    }
    if has_numba():
        contenders["mid() compiled, fact by fact"] = hot(1, mids, 1)
        contenders["mid() compiled, bursts"] = hot(1, mids, BURST)
    rows = compare(contenders, N)
    show("Operators, live", rows, base="ours, nothing in between, fact by fact")


def buffers() -> None:
    async def drained(make: Callable[[], Observable[Quote]], push: Callable[[int], None]) -> None:
        told = Told()
        hang_up = make().subscribe(told.append)
        for start in range(0, N, BURST):
            push(start)
            await asyncio.sleep(0)
        while len(told) < N:
            await asyncio.sleep(0)
        hang_up.dispose()

    def ours() -> None:
        source = Hot()

        def push(start: int) -> None:
            source.push(QUOTES[start : start + BURST])

        asyncio.run(drained(lambda: source.stream.pipe(oo.buffer(N)), push))

    def observe_on() -> None:
        source: Subject[Quote] = Subject()

        def push(start: int) -> None:
            for quote in QUOTES[start : start + BURST]:
                source.on_next(quote)

        def make() -> Observable[Quote]:
            return source.pipe(ops.observe_on(AsyncIOScheduler(asyncio.get_running_loop())))

        asyncio.run(drained(make, push))

    rows: list[Row] = compare({"buffer()": ours, "ops.observe_on": observe_on}, N)
    show(f"Through a queue to the loop, bursts of {BURST}", rows, base="buffer()")


def main() -> None:
    """The tables of this page."""
    multicast()
    operators()
    buffers()

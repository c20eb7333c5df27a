from __future__ import annotations

import asyncio
import gc
import itertools
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import reactivex
import reactivex as rx
from reactivex import Observable, abc
from reactivex import operators as ops
from reactivex.disposable import Disposable

from ordinis_rx import sim
from ordinis_rx.batches import item_of
from ordinis_rx.bridges import blocking, from_async_iter, iter_blocking
from ordinis_rx.events import Trade
from ordinis_rx.feed import feed
from ordinis_rx.operators.overflow import Overflow
from ordinis_rx.providers.polygon import polygon
from ordinis_rx.stream import from_events, from_items
from ordinis_rx.testing import a_trade
from tests.raising import raising_at_the_end

TRADES = [a_trade(n, seq=n) for n in range(1, 6)]


def threads() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name.startswith("ordinis")]


def test_a_stream_is_heard_whole_and_its_thread_ends() -> None:
    assert list(iter_blocking(from_events(TRADES))) == TRADES
    assert threads() == []


def test_nothing_starts_before_the_first_step() -> None:
    values = iter_blocking(from_events(TRADES))

    assert threads() == []
    assert next(values) == TRADES[0]
    assert threads() == ["ordinis-iter"]
    values.close()
    assert threads() == []


class Ticking:
    """A source that needs a running loop to be made, and says when it is let go of."""

    def __init__(self) -> None:
        self.closed = threading.Event()
        self.thread = ""

    def __call__(self) -> Observable[int]:
        asyncio.get_running_loop()
        self.thread = threading.current_thread().name
        return from_async_iter(self.tick)

    async def tick(self) -> AsyncIterator[int]:
        try:
            for n in itertools.count():
                yield n
                await asyncio.sleep(0)
        finally:
            self.closed.set()


def test_a_function_makes_its_stream_inside_the_loop() -> None:
    ticking = Ticking()

    with iter_blocking(ticking, maxsize=None) as values:
        assert list(itertools.islice(values, 3)) == [0, 1, 2]

    assert ticking.thread == "ordinis-iter"
    assert ticking.closed.is_set()
    assert threads() == []


def test_a_break_ends_loop_and_thread() -> None:
    ticking = Ticking()

    for value in iter_blocking(ticking, maxsize=None):
        if value == 3:
            break

    assert ticking.closed.is_set()
    assert threads() == []


def test_the_error_that_ends_the_stream_is_raised_once_after_what_waits() -> None:
    error, heard = RuntimeError("odd"), list[int]()
    values = iter_blocking(reactivex.concat(reactivex.of(1, 2), reactivex.throw(error)))

    with pytest.raises(RuntimeError, match="odd") as raised:
        heard.extend(values)

    assert raised.value is error
    assert threads() == []
    assert list(values) == []


def test_what_the_function_raises_is_raised() -> None:
    def odd() -> Observable[int]:
        raise RuntimeError("cannot be made")

    with pytest.raises(RuntimeError, match="cannot be made"):
        next(iter_blocking(odd))
    assert threads() == []


FATAL = [SystemExit(3), KeyboardInterrupt(), asyncio.CancelledError()]


def heard_until_the_end(values: Iterator[object]) -> tuple[list[object], BaseException | None]:
    """What is heard within ten seconds, and what the iteration raises: a test that fails must not hang."""
    heard, raised = list[object](), list[BaseException]()

    def hear() -> None:
        try:
            heard.extend(values)
        except BaseException as error:
            raised.append(error)

    hearing = threading.Thread(target=hear, daemon=True)
    hearing.start()
    hearing.join(10)
    assert not hearing.is_alive()
    return heard, raised[0] if raised else None


@pytest.mark.parametrize("error", FATAL, ids=repr)
def test_whatever_the_function_raises_ends_the_iteration(error: BaseException) -> None:
    def odd() -> Observable[int]:
        raise error

    assert heard_until_the_end(iter_blocking(odd)) == ([], error)
    assert threads() == []


@pytest.mark.parametrize("error", FATAL[:2], ids=repr)
@pytest.mark.parametrize("later", [False, True], ids=["at once", "later"])
def test_whatever_an_operator_raises_ends_the_iteration_after_what_waits(
    error: BaseException, later: bool, caplog: pytest.LogCaptureFixture
) -> None:
    ended: list[str] = []

    async def three() -> AsyncIterator[int]:
        try:
            for n in range(3):
                yield n
        finally:
            ended.append("closed")

    def odd(n: int) -> int:
        if n == 2:
            raise error
        return n

    source = (lambda: from_async_iter(three)) if later else (lambda: rx.from_iterable(range(3)))

    assert heard_until_the_end(iter_blocking(lambda: source().pipe(ops.map(odd)))) == (
        [0, 1],
        error,
    )
    gc.collect()
    assert (threads(), ended, caplog.messages) == ([], ["closed"] * later, [])


def test_an_endless_source_that_never_waits_is_stopped() -> None:
    endless = from_items(
        lambda names: (item_of([a_trade(n, seq=n + 1)], names) for n in itertools.count())
    )

    with iter_blocking(endless) as values:
        assert next(values) is not None

    assert threads() == []


def test_closing_before_the_first_step_ends_the_iteration() -> None:
    values = iter_blocking(from_events(TRADES))

    values.close()
    values.close()

    assert list(values) == []


def test_closing_from_another_thread_ends_a_wait() -> None:
    values = iter_blocking(reactivex.never())
    closer = threading.Thread(target=lambda: values.close())

    heard: list[object] = []
    waiting = threading.Thread(target=lambda: heard.extend(values))
    waiting.start()
    while not threads():
        pass
    closer.start()
    waiting.join(10)
    closer.join(10)

    assert (waiting.is_alive(), heard, threads()) == (False, [], [])


def test_what_gives_way_is_counted() -> None:
    values = iter_blocking(rx.from_iterable(TRADES), 2, Overflow.DROP_OLDEST)

    heard = list(values)  # how much depends on how the threads take turns

    assert heard[-2:] == TRADES[3:]
    assert values.stats.received == values.stats.delivered + values.stats.dropped == 5
    assert len(heard) == values.stats.delivered


async def test_it_works_beside_a_running_loop() -> None:
    assert list(iter_blocking(from_events(TRADES))) == TRADES


def hanging_up(goodbye: Callable[[], Awaitable[None]]) -> Callable[[], Observable[int]]:
    """A source that says goodbye in a task of its own when it is let go of."""
    tasks: set[asyncio.Task[None]] = set()

    def subscribe(
        observer: abc.ObserverBase[int], _: abc.SchedulerBase | None = None
    ) -> Disposable:
        observer.on_next(1)
        return Disposable(lambda: tasks.add(asyncio.ensure_future(goodbye())))

    return lambda: Observable(subscribe)


def test_a_source_may_say_goodbye_before_its_loop_ends() -> None:
    said: list[str] = []

    async def goodbye() -> None:
        for _ in range(10):
            await asyncio.sleep(0)
        said.append("goodbye")

    with iter_blocking(hanging_up(goodbye)) as values:
        assert next(values) == 1

    assert said == ["goodbye"]
    assert threads() == []


def test_a_goodbye_without_end_is_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocking, "_GOODBYE_SECONDS", 0.0)
    said: list[str] = []

    async def goodbye() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            said.append("cut short")

    with iter_blocking(hanging_up(goodbye)) as values:
        assert next(values) == 1

    assert said == ["cut short"]
    assert threads() == []


def test_a_feed_made_in_the_loop_streams_and_hangs_up() -> None:
    url, stop, ready = list[str](), list[Callable[[], object]](), threading.Event()

    async def serve() -> None:
        market = sim.market(["AAPL"], seed=1, rate=500, paced=True)
        async with sim.serve(market, "polygon") as server:
            stopped, loop = asyncio.Event(), asyncio.get_running_loop()
            url.append(server.url)
            stop.append(lambda: loop.call_soon_threadsafe(stopped.set))
            ready.set()
            await stopped.wait()

    serving = threading.Thread(target=lambda: asyncio.run(serve()))
    serving.start()
    assert ready.wait(10)
    provider = polygon("sim-key", url=url[0])

    with iter_blocking(lambda: feed(provider, ["AAPL"])) as events:
        trades = [event for event in itertools.islice(events, 20) if isinstance(event, Trade)]
    stop[0]()
    serving.join(10)

    assert {trade.symbol for trade in trades} == {"AAPL"}
    assert (serving.is_alive(), threads()) == (False, [])


SCRIPT = """
import asyncio, itertools, signal, threading
from ordinis_rx import sim
from ordinis_rx.bridges import blocking, from_async_iter, iter_blocking
from ordinis_rx.events import Trade
from ordinis_rx.feed import feed
from ordinis_rx.providers.polygon import polygon

async def tick():
    for n in itertools.count():
        yield n
        await asyncio.sleep(0.001)

signal.signal(signal.SIGINT, signal.default_int_handler)  # who runs tests in the background has it ignored
try:
    for n in iter_blocking(lambda: from_async_iter(tick)):
        if n == 0:
            print("listening", flush=True)
except KeyboardInterrupt:
    print("interrupted", threading.active_count(), flush=True)
"""


def test_ctrl_c_ends_the_loop_and_its_thread() -> None:
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", SCRIPT],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as script:
        assert script.stdout is not None
        assert script.stdout.readline() == "listening\n"
        script.send_signal(signal.SIGINT)
        out, err = script.communicate(timeout=20)

    assert (out, err, script.returncode) == ("interrupted 1\n", "", 0)


QUIET = """
import signal, threading
import reactivex as rx
from ordinis_rx.bridges import iter_blocking

def elsewhere():
    signal.pthread_kill(threading.get_ident(), signal.SIGINT)

signal.signal(signal.SIGINT, signal.default_int_handler)
quiet = iter_blocking(rx.never())
threading.Timer(0.2, elsewhere).start()
try:
    next(quiet)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="signals go to processes here")
def test_a_signal_that_another_thread_has_caught_ends_a_quiet_wait_too() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", QUIET],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
        cwd=Path(__file__).parents[2],
    )

    assert (done.stdout, done.stderr, done.returncode) == ("interrupted\n", "", 0)


class Told:
    """A source that tells what the test hands it, when the test says so."""

    def __init__(self) -> None:
        self.subject: rx.Subject[object] = rx.Subject()
        self.heard = threading.Event()

    def __call__(self) -> Observable[object]:
        self.heard.set()
        return self.subject


def test_polling_tells_of_a_quiet_stream_that_it_is_quiet_and_of_its_end_that_it_is_over() -> None:
    source = Told()
    values = iter_blocking(source)

    assert values.poll(0.0) is None
    assert source.heard.wait(10)
    while not source.subject.observers:  # subscribed by its own thread, at any moment now
        assert values.poll(0.001) is None
    source.subject.on_next(7)
    assert values.poll(10.0) == 7
    assert values.poll(0.0) is None
    source.subject.on_next(8)
    source.subject.on_completed()
    assert values.poll(0.0) == 8
    with pytest.raises(StopIteration):
        values.poll(10.0)
    assert threads() == []


def test_polling_raises_the_error_of_the_stream_once() -> None:
    values = iter_blocking(rx.throw(TimeoutError("the vendor's, not ours")))

    with pytest.raises(TimeoutError, match="the vendor's"):
        values.poll(10.0)
    with pytest.raises(StopIteration):
        values.poll(10.0)


def test_none_is_a_value_like_any_other() -> None:
    assert list(iter_blocking(rx.of(None, 1, None))) == [None, 1, None]


def test_an_operator_that_raises_at_the_end_ends_the_iteration_with_its_error() -> None:
    values = iter_blocking(from_events(TRADES).pipe(raising_at_the_end))

    assert [next(values) for _ in TRADES] == TRADES
    with pytest.raises(LookupError, match="at the end"):
        next(values)


@pytest.mark.parametrize("seconds", [float("nan"), -1.0])
def test_polling_for_no_time_that_there_is_is_refused(seconds: float) -> None:
    with pytest.raises(
        ValueError, match=f"poll: seconds must be a number, 0 or more, got {seconds}"
    ):
        iter_blocking(from_events(TRADES)).poll(seconds)


def test_polling_for_what_is_no_number_is_refused() -> None:
    with pytest.raises(TypeError, match="poll: seconds must be a number, got 'x'"):
        iter_blocking(from_events(TRADES)).poll("x")  # type: ignore[arg-type]

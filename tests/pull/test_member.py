from __future__ import annotations

import asyncio
import contextlib
import math

import pytest

from ordinis_rx.errors import AuthError, DecodeError, OrdinisError, SubscriptionError
from ordinis_rx.pull.breaker import BreakerPolicy, BreakerState
from ordinis_rx.pull.failures import CircuitOpen, NoAnswer, RateLimited, UnusableAnswer
from ordinis_rx.pull.member import Member
from ordinis_rx.pull.sources import Answer, FunctionSource
from ordinis_rx.timebase import HOUR, SECOND
from tests.virtual import START, after, in_virtual_time, virtual_loop

POLICY = BreakerPolicy(failures=2, cool_down_seconds=10.0)


async def _unasked(symbol: str) -> Answer:
    raise AssertionError(symbol)


def _member() -> Member:
    loop = virtual_loop()
    return Member(FunctionSource("mine", _unasked), policy=POLICY, clock=loop.time, now=loop.wall)


async def _ask(member: Member, error: BaseException | None = None, seconds: float = 0.0) -> int:
    async def question() -> int:
        if seconds:
            await after(seconds)
        if error is not None:
            raise error
        return 42

    return await member.ask(question, 5.0)


@in_virtual_time
async def test_an_answer_is_handed_on_and_does_not_count_as_a_success_yet() -> None:
    member = _member()

    assert await _ask(member) == 42

    stats = member.stats(0)
    assert (stats.request_count, stats.success_count, stats.error_count) == (1, 0, 0)
    assert stats.success_rate == 0.0
    assert math.isnan(stats.latency_p50_ms)
    assert math.isnan(stats.deviation_bps)
    assert math.isnan(stats.staleness_ms)


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (NoAnswer("mine", "HTTP 500"), "no-answer"),
        (RateLimited("mine", cool_down=1.0), "rate-limited"),
        (AuthError("mine", "wrong key"), "auth"),
        (SubscriptionError("mine", "no such symbol"), "unknown-symbol"),
        (DecodeError("mine", b"", "odd"), "unreadable"),
        (UnusableAnswer("mine", "A", "0"), "unusable"),
        (OrdinisError("else"), "other"),
        (KeyError("price"), "KeyError"),
        (TimeoutError(), "TimeoutError"),  # the source's own
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_failures_are_counted_by_cause(error: Exception, word: str) -> None:
    @in_virtual_time
    async def story() -> None:
        member = _member()
        with pytest.raises(type(error)) as caught:
            await _ask(member, error)

        assert caught.value is error
        assert member.stats(0).errors == {word: 1}
        assert member.stats(0).last_error == START

    story()


@in_virtual_time
async def test_who_hangs_is_waited_for_no_longer_than_was_said() -> None:
    member = _member()
    began = virtual_loop().time()

    with pytest.raises(NoAnswer, match="mine did not answer: nothing within 5 s"):
        await _ask(member, seconds=60.0)

    assert virtual_loop().time() - began == 5.0


@pytest.mark.parametrize("later", [None, OSError("broken off")])
def test_who_does_not_let_itself_be_cancelled_has_failed_when_the_time_is_over(
    later: Exception | None,
) -> None:
    @in_virtual_time
    async def story() -> None:
        member, over = _member(), asyncio.Event()

        async def stubborn() -> int:
            while not over.is_set():
                with contextlib.suppress(asyncio.CancelledError):
                    await over.wait()
            if later is not None:
                raise later
            return 42

        asking = [asyncio.ensure_future(member.ask(stubborn, 5.0)) for _ in range(2)]
        await after(5.0)
        assert member.breaker.state is BreakerState.OPEN
        assert member.stats(0).errors == {"no-answer": 2}

        over.set()
        for each in asking:
            with pytest.raises(NoAnswer, match="mine did not answer: nothing within 5 s"):
                await each
        assert member.breaker.state is BreakerState.OPEN
        assert member.stats(0).errors == {"no-answer": 2}

    story()


@in_virtual_time
async def test_a_source_that_waits_for_what_somebody_has_cancelled_has_failed() -> None:
    member = _member()
    gone: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    gone.cancel()

    with pytest.raises(NoAnswer, match="mine did not answer: what it waited for was cancelled"):
        await member.ask(lambda: gone, 5.0)
    with pytest.raises(NoAnswer):
        await member.ask(lambda: gone, 5.0)

    assert member.stats(0).errors == {"no-answer": 2}
    assert member.breaker.state is BreakerState.OPEN


class _Odd(BaseException):
    """What is no Exception, and no end of the program either."""


@in_virtual_time
async def test_what_a_source_raises_that_is_no_exception_is_its_failure_alone() -> None:
    member = _member()

    with pytest.raises(NoAnswer, match="mine did not answer: it raised _Odd") as caught:
        await _ask(member, _Odd())
    with pytest.raises(GeneratorExit):
        await _ask(member, GeneratorExit())

    assert isinstance(caught.value.__cause__, _Odd)
    assert member.stats(0).errors == {"no-answer": 1}


@in_virtual_time
async def test_who_is_cancelled_while_asking_is_cancelled_and_the_source_has_not_failed() -> None:
    member = _member()
    asking = asyncio.ensure_future(_ask(member, seconds=3.0))
    await after(1.0)

    asking.cancel()
    await asyncio.wait([asking])

    assert asking.cancelled()
    assert member.stats(0).errors == {}


@in_virtual_time
async def test_a_source_that_fails_is_left_alone_and_then_tried() -> None:
    member = _member()
    for _ in range(2):
        with pytest.raises(OSError, match="down"):
            await _ask(member, OSError("down"))

    with pytest.raises(CircuitOpen, match=r"left alone after failures, for 10\.0 s more"):
        await _ask(member)
    assert member.stats(0).request_count == 2  # it was not asked

    await after(10.0)
    assert await _ask(member) == 42
    assert member.breaker.state is BreakerState.CLOSED
    assert member.stats(0).errors == {"OSError": 2, "left-alone": 1}


@in_virtual_time
async def test_who_is_left_alone_shows_no_address_that_the_last_failure_told() -> None:
    member = _member()
    for _ in range(2):
        with pytest.raises(OSError, match="canary"):
            await _ask(member, OSError("GET https://host/quote?token=canary failed"))

    with pytest.raises(CircuitOpen) as left_alone:
        await _ask(member)
    assert str(left_alone.value).endswith("the last was: OSError: GET (an address) failed")


@in_virtual_time
async def test_a_wrong_key_is_not_tried_again_at_once() -> None:
    member = _member()
    with pytest.raises(AuthError):
        await _ask(member, AuthError("mine", "wrong key"))

    assert member.breaker.state is BreakerState.OPEN


@in_virtual_time
async def test_symbols_that_there_are_not_do_not_make_a_source_bad() -> None:
    member = _member()
    for number in range(6):
        error = SubscriptionError("mine", "no") if number % 2 else UnusableAnswer("mine", "A", "0")
        with pytest.raises(OrdinisError):
            await _ask(member, error)

    assert member.breaker.state is BreakerState.CLOSED


@in_virtual_time
async def test_being_asked_too_often_is_no_fault_of_the_source() -> None:
    member = _member()
    for _ in range(6):
        with pytest.raises(RateLimited):
            await _ask(member, RateLimited("mine", cool_down=1.0))
        await after(1.0)

    assert member.stats(0).errors == {"rate-limited": 6}
    assert member.breaker.state is BreakerState.CLOSED


@in_virtual_time
async def test_who_was_asked_too_often_is_not_asked_before_the_time_is_over() -> None:
    member = _member()
    with pytest.raises(RateLimited):
        await _ask(member, RateLimited("mine", cool_down=60.0))
    await after(59.0)

    assert not member.can_be_asked
    with pytest.raises(RateLimited, match=r"mine did not answer: asked too often, 1\.0 s to wait"):
        await _ask(member)
    await after(1.0)

    assert member.can_be_asked
    assert await _ask(member) == 42
    stats = member.stats(0)
    assert (stats.request_count, stats.errors) == (2, {"rate-limited": 1, "left-alone": 1})


@in_virtual_time
async def test_a_probe_that_is_given_up_leaves_room_for_the_next() -> None:
    member = _member()
    for _ in range(2):
        with pytest.raises(OSError, match="down"):
            await _ask(member, OSError("down"))
    await after(10.0)

    probe = asyncio.ensure_future(_ask(member, seconds=3.0))
    await after(1.0)
    with pytest.raises(CircuitOpen):
        await _ask(member)
    probe.cancel()
    await asyncio.wait([probe])

    assert await _ask(member) == 42


@in_virtual_time
async def test_the_record_of_answers_that_were_fit_to_be_used() -> None:
    member = _member()
    for latency in range(1, 101):
        await _ask(member)
        member.served(float(latency), START + latency, START + 2_000_000 + latency)
    member.judged(outlier=True, deviation_bps=30.0)
    member.judged(outlier=False, deviation_bps=-10.0)
    member.judged(outlier=False, deviation_bps=math.nan)  # there was no consensus

    stats = member.stats(START + 5_000_100)

    assert (stats.provider, stats.request_count, stats.success_count) == ("mine", 100, 100)
    assert (stats.latency_p50_ms, stats.latency_p99_ms) == (50.0, 99.0)
    assert (stats.avg_latency_ms, stats.lag_ms, stats.staleness_ms) == (50.5, 2.0, 5.0)
    assert (stats.outlier_count, stats.deviation_bps) == (1, 10.0)
    assert stats.last_success == START + 2_000_100
    assert member.newest == START + 100


@in_virtual_time
async def test_a_stamp_that_is_not_believed_makes_no_other_old() -> None:
    member = _member()
    member.served(1.0, START + HOUR, START)

    assert member.newest == START
    assert member.stats(START + SECOND).staleness_ms == 1000.0


@in_virtual_time
async def test_questions_under_way_are_no_failures() -> None:
    member = _member()
    for error in (None, OSError("down"), OSError("down")):
        with contextlib.suppress(OSError):
            await _ask(member, error)
            member.served(1.0, START, START)
    with pytest.raises(CircuitOpen):
        await _ask(member)
    await after(10.0)
    asking = asyncio.ensure_future(_ask(member, seconds=3.0))
    await after(1.0)

    assert member.success_rate == 2 / 4
    await asking

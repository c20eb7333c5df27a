from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from ordinis_rx.consensus import AggregatedQuote, ConsensusStatus
from ordinis_rx.pull.breaker import BreakerPolicy
from ordinis_rx.pull.failures import NoAnswer, UnusableAnswer
from ordinis_rx.pull.folding import Folded
from ordinis_rx.pull.member import Member
from ordinis_rx.pull.rounds import Heard, Patience, asked, heard
from ordinis_rx.pull.sources import Answer, FunctionSource
from tests.virtual import START, after, in_virtual_time, virtual_loop

HUNG = 1e6
Fold = Callable[[list[Heard]], Folded]


def _member(name: str, seconds: float, answer: Answer | Exception | None = None) -> Member:
    async def ask(symbol: str) -> Answer:
        if seconds:
            await after(seconds)
        if isinstance(answer, Exception):
            raise answer
        return {"price": 100.0} if answer is None else answer

    loop = virtual_loop()
    return Member(FunctionSource(name, ask), policy=BreakerPolicy(), clock=loop.time, now=loop.wall)


def _folded(came: list[Heard], quote: AggregatedQuote | None) -> Folded:
    return Folded(quote, (), {each.member.name: each.facts[-1] for each in came if each.facts})


def _agreed(came: list[Heard]) -> Folded:
    names = tuple(sorted(each.member.name for each in came if each.facts))
    quote = AggregatedQuote(
        symbol="A", ts_event=0, price=100.0, provider_count=len(names), providers_used=names
    )
    return _folded(came, quote)


def _status(status: ConsensusStatus, price: float = 100.0) -> Fold:
    return lambda came: _folded(
        came,
        AggregatedQuote(
            symbol="A", ts_event=0, price=price, provider_count=len(came), status=status
        ),
    )


async def _round(
    *members: Member,
    least: int = 1,
    timeout: float = 10.0,
    grace: float = 0.5,
    fold: Fold = _agreed,
) -> tuple[list[str], float]:
    """Who was heard, in that order, and how long it took."""
    loop = virtual_loop()
    began = loop.time()
    tasks = [loop.create_task(asked(m, "A", timeout, loop.wall)) for m in members]
    came = await heard(tasks, Patience(timeout, least, grace), fold)
    took = loop.time() - began
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    return [each.member.name for each in came], took


@in_virtual_time
async def test_all_are_asked_at_once() -> None:
    names, took = await _round(_member("a", 0.3), _member("b", 0.2), _member("c", 0.1))

    assert names == ["c", "b", "a"]
    assert took == pytest.approx(0.3)


@in_virtual_time
async def test_who_hangs_is_not_waited_for_when_the_others_agree() -> None:
    """A09: the slowest does not set the latency."""
    names, took = await _round(_member("a", 0.1), _member("b", 0.2), _member("c", HUNG))

    assert names == ["a", "b"]
    assert took == pytest.approx(0.2 + 0.5)


@in_virtual_time
async def test_who_comes_within_the_grace_is_heard_too() -> None:
    names, took = await _round(
        _member("a", 0.1), _member("b", 0.2), _member("c", 0.6), _member("d", HUNG)
    )

    assert names == ["a", "b", "c"]
    assert took == pytest.approx(0.2 + 0.5)


@in_virtual_time
async def test_one_of_three_is_not_enough_to_end_a_round() -> None:
    names, took = await _round(_member("a", 0.1), _member("b", HUNG), _member("c", HUNG))

    assert names[0] == "a"
    assert took == pytest.approx(10.0)


@in_virtual_time
async def test_half_of_those_who_may_still_answer_are_enough() -> None:
    names, took = await _round(
        _member("a", 0.1), _member("b", HUNG), _member("c", 0.2, OSError("down"))
    )

    assert names == ["a", "c"]
    assert took == pytest.approx(0.2 + 0.5)


@in_virtual_time
async def test_a_question_that_somebody_cancels_is_a_failure_and_not_the_end_of_the_round() -> None:
    loop = virtual_loop()
    members = [_member("a", 0.1), _member("b", HUNG), _member("c", HUNG)]
    tasks = [loop.create_task(asked(m, "A", 10.0, loop.wall)) for m in members]
    loop.call_later(0.2, tasks[2].cancel)

    came = await heard(tasks, Patience(10.0, 1, 0.5), _agreed)

    # One of the two that are left is half of them.
    assert ([each.member.name for each in came], loop.time()) == (["a"], pytest.approx(0.2 + 0.5))
    tasks[1].cancel()


@in_virtual_time
async def test_never_fewer_than_were_asked_for() -> None:
    _, took = await _round(
        _member("a", 0.1), _member("b", 0.1), _member("c", 3.0), _member("d", HUNG), least=3
    )

    assert took == pytest.approx(3.0 + 0.5)


@pytest.mark.parametrize(
    "fold",
    [
        _status(ConsensusStatus.DISPUTED),
        _status(ConsensusStatus.NO_CONSENSUS, price=float("nan")),
        lambda came: _folded(came, None),
    ],
    ids=["disputed", "no consensus", "nothing"],
)
def test_without_agreement_all_are_waited_for(fold: Fold) -> None:
    @in_virtual_time
    async def story() -> None:
        names, took = await _round(
            _member("a", 0.1), _member("b", 0.1), _member("c", 8.0), fold=fold
        )

        assert names == ["a", "b", "c"]
        assert took == pytest.approx(8.0)

    story()


@in_virtual_time
async def test_an_answer_that_breaks_the_agreement_ends_the_grace_not_the_round() -> None:
    def fold(came: list[Heard]) -> Folded:
        status = ConsensusStatus.DISPUTED if len(came) == 2 else ConsensusStatus.OK
        return _status(status)(came)

    names, took = await _round(_member("a", 0.1), _member("b", 0.3), _member("c", 4.0), fold=fold)
    # a alone is fewer than half of three: let one fail, so that it is enough.
    failing = _member("d", 0.0, OSError())
    short, took_short = await _round(
        failing, _member("a", 0.1), _member("b", 0.3), fold=_status(ConsensusStatus.OK)
    )

    assert (names, took) == (["a", "b", "c"], pytest.approx(4.0))
    assert (short, took_short) == (["d", "a", "b"], pytest.approx(0.3))


@in_virtual_time
async def test_the_time_is_over_for_all() -> None:
    names, took = await _round(_member("a", HUNG), _member("b", HUNG), timeout=2.0)

    assert took == pytest.approx(2.0)
    assert set(names) <= {"a", "b"}


@in_virtual_time
async def test_nobody_to_ask_takes_no_time() -> None:
    assert await heard([], Patience(10.0, 1, 0.5), _agreed) == []


@in_virtual_time
async def test_a_result_tells_what_came_and_when() -> None:
    loop = virtual_loop()
    good = await asked(_member("a", 0.25, {"last": 7.0, "t": 5}), "A", 10.0, loop.wall)
    late = await asked(_member("b", HUNG), "A", 2.0, loop.wall)
    odd = await asked(_member("c", 0.0, {}), "A", 2.0, loop.wall)

    result = good.result
    assert (result.provider_name, result.data, result.success, result.error) == (
        "a",
        {"last": 7.0, "t": 5},
        True,
        None,
    )
    assert result.latency_ms == pytest.approx(250.0)
    assert result.timestamp == START + 250_000_000
    assert [fact.ts_event for fact in good.facts] == [5_000_000_000]
    assert (late.result.success, late.facts) == (False, ())
    assert isinstance(late.result.error, NoAnswer)
    assert late.result.latency_ms == pytest.approx(2000.0)
    assert isinstance(odd.result.error, UnusableAnswer)
    assert odd.member.stats(0).errors == {"unusable": 1}
    later = await asked(_member("d", 0.5, {"last": 7.0}), "A", 10.0, loop.wall)
    assert later.result.latency_ms == pytest.approx(500.0)

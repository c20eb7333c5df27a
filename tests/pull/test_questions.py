from __future__ import annotations

import asyncio
import logging
import math

import pytest

from ordinis_rx.consensus import AggregationConfig, ConsensusStatus
from ordinis_rx.pull.breaker import BreakerPolicy
from ordinis_rx.pull.failures import NoAnswer, NoQuotes
from ordinis_rx.pull.folding import RoundFolding
from ordinis_rx.pull.member import Member
from ordinis_rx.pull.questions import Questions, with_causes
from ordinis_rx.pull.sources import Answer, FunctionSource
from tests.virtual import VirtualLoop, after, in_virtual_time, run, virtual_loop

CONFIG = AggregationConfig()


def _member(name: str, price: float, seconds: float) -> Member:
    async def ask(symbol: str) -> Answer:
        await after(seconds)
        return {"price": price}

    loop = virtual_loop()
    return Member(FunctionSource(name, ask), policy=BreakerPolicy(), clock=loop.time, now=loop.wall)


def _questions() -> Questions:
    return Questions(CONFIG, grace_seconds=0.5, raises=False, now=virtual_loop().wall)


def _open(questions: Questions) -> int:
    return len(questions._tasks)


@in_virtual_time
async def test_what_is_open_is_counted_until_it_is_answered() -> None:
    questions = _questions()
    members = [_member("a", 100.0, 0.1), _member("b", 100.0, 2.0)]

    answer = await questions.ask("AAPL", members)
    assert (answer.quote.providers_used, answer.unheard, _open(questions)) == (("a",), ("b",), 1)

    await after(2.0)
    assert _open(questions) == 0
    assert members[1].stats(0).success_count == 1


@in_virtual_time
async def test_what_is_open_is_given_up_in_the_end() -> None:
    questions = _questions()
    members = [_member("a", 100.0, 0.1), _member("b", 100.0, 1e6)]
    await questions.ask("AAPL", members)

    await questions.aclose()

    assert _open(questions) == 0
    assert asyncio.all_tasks() == {asyncio.current_task()}


def test_what_is_open_on_a_loop_that_is_closed_is_not_waited_for() -> None:
    async def asking() -> Questions:
        questions = _questions()
        await questions.ask("AAPL", [_member("a", 100.0, 0.1), _member("b", 100.0, 1e6)])
        return questions

    async def closing() -> None:
        await questions.aclose()
        assert virtual_loop().time() == 0.0

    loop = VirtualLoop()
    questions = loop.run_until_complete(asking())
    # Closed in truth, its tasks could not be cleared away.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "is_closed", lambda: True)
        run(closing)
    loop.run_until_complete(questions.aclose())
    loop.close()


@in_virtual_time
async def test_who_had_answered_when_its_round_was_given_up_has_answered() -> None:
    questions = _questions()
    hung = [_member(name, 100.0, 1e6) for name in "cd"]
    members = [_member("a", 100.0, 0.1), _member("b", -1.0, 0.1), *hung]
    asking = asyncio.ensure_future(questions.ask("AAPL", members))
    await after(1.0)

    asking.cancel()
    await asyncio.wait([asking])

    stats = [member.stats(0) for member in members]
    assert asking.cancelled()
    assert [each.success_count for each in stats] == [1, 0, 0, 0]
    assert [each.errors for each in stats] == [{}, {"unusable": 1}, {}, {}]


@in_virtual_time
async def test_who_asks_when_all_is_given_up_is_told_so_and_not_cancelled() -> None:
    questions = _questions()
    asking = asyncio.ensure_future(questions.ask("AAPL", [_member("a", 100.0, 1e6)]))
    await after(1.0)

    await questions.aclose()

    with pytest.raises(NoQuotes, match="a did not answer: the question was given up"):
        await asking


@in_virtual_time
async def test_one_that_waits_for_what_somebody_has_cancelled_costs_the_others_nothing() -> None:
    gone: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
    gone.cancel()

    async def ask(symbol: str) -> Answer:
        return await gone

    loop = virtual_loop()
    odd = Member(FunctionSource("c", ask), policy=BreakerPolicy(), clock=loop.time, now=loop.wall)

    answer = await _questions().ask("AAPL", [*(_member(name, 100.0, 0.1) for name in "ab"), odd])

    assert (answer.quote.price, answer.quote.status) == (100.0, ConsensusStatus.DEGRADED)
    assert odd.stats(0).error_count == 1


@in_virtual_time
async def test_an_answer_names_who_was_asked_and_gave_none_that_is_fit_to_be_used() -> None:
    members = [_member("a", 100.0, 0.1), _member("b", 100.01, 0.1), _member("hangs", 100.0, 2.0)]
    members += [_member("nothing", math.nan, 0.1), _member("wild", 150.0, 0.1)]

    answer = await _questions().ask("AAPL", members)
    await after(2.0)

    assert (answer.quote.lost, answer.quote.outliers_excluded) == (("hangs", "nothing"), ("wild",))
    assert answer.quote.source_summary == (
        "2 of 5: a, b; hangs excluded (lost), nothing excluded (lost), wild excluded (outlier)"
    )


@in_virtual_time
async def test_a_late_answer_is_no_outlier_but_as_far_off_as_it_is() -> None:
    questions = _questions()
    late = _member("c", 150.0, 2.0)
    await questions.ask("AAPL", [_member("a", 100.0, 0.1), _member("b", 100.0, 0.1), late])
    await after(2.0)

    stats = late.stats(0)
    assert (stats.success_count, stats.outlier_count) == (1, 0)
    assert stats.deviation_bps == pytest.approx(5000.0)


@in_virtual_time
async def test_a_late_answer_is_no_outlier_for_what_was_said_before_it() -> None:
    answers = [(0.1, 150.0)] * 2 + [(2.0, 100.0)] * 2

    async def ask(symbol: str) -> Answer:
        seconds, price = answers.pop(0)
        await after(seconds)
        return {"price": price}

    loop = virtual_loop()
    source = FunctionSource("c", ask)
    last = Member(source, policy=BreakerPolicy(), clock=loop.time, now=loop.wall)
    members = [*(_member(name, 100.0, 0.1) for name in "ab"), last]
    questions, folding = _questions(), RoundFolding(CONFIG)

    excluded: list[tuple[tuple[str, ...], int]] = []
    for _ in range(3):
        quote = (await questions.ask("AAPL", members, folding)).quote
        await after(2.0)
        excluded.append((quote.outliers_excluded, last.stats(0).outlier_count))

    assert excluded == [((), 0), (("c",), 1), (("c",), 1)]
    assert last.stats(0).success_count == 3


def test_every_cause_stands_in_the_traceback() -> None:
    causes = {"a": NoAnswer("a", "HTTP 500"), "b": OSError("down")}
    error = with_causes(NoQuotes("No successful quotes for A", causes))

    assert isinstance(error.__cause__, ExceptionGroup)
    assert list(error.__cause__.exceptions) == list(causes.values())
    assert with_causes(NoQuotes("none", {})).__cause__ is None


@in_virtual_time
async def test_an_exclusion_is_logged_once_a_round(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="ordinis_rx.consensus")
    members = [
        _member("a", 100.0, 0.1),
        _member("b", 100.0, 0.1),
        _member("c", 150.0, 0.1),
        _member("d", 100.0, 1e6),
    ]
    questions = _questions()
    answer = await questions.ask("AAPL", members)
    await questions.aclose()

    assert answer.quote.outliers_excluded == ("c",)
    assert [record.getMessage().split(",")[0] for record in caplog.records] == [
        "AAPL: c is excluded"
    ]


@in_virtual_time
async def test_giving_up_does_not_wait_for_a_source_that_does_not_let_itself_be_cancelled(
    caplog: pytest.LogCaptureFixture,
) -> None:
    over = asyncio.Event()

    async def stubborn(symbol: str) -> Answer:
        while not over.is_set():
            try:
                await over.wait()
            except asyncio.CancelledError:
                continue
        return {"price": 100.0}

    loop = virtual_loop()
    member = Member(
        FunctionSource("stubborn", stubborn),
        policy=BreakerPolicy(),
        clock=loop.time,
        now=loop.wall,
    )
    questions = _questions()
    await questions.ask("AAPL", [_member("a", 100.0, 0.1), _member("b", 100.0, 0.1), member])
    began = loop.time()

    await questions.aclose()

    assert loop.time() - began == pytest.approx(2.0)
    assert "they do not let themselves be cancelled: stubborn for AAPL" in caplog.text
    over.set()


@pytest.mark.parametrize("second", [KeyError("mine"), None, -5.0, 100.0])
@in_virtual_time
async def test_a_round_that_remembers_is_degraded_where_an_older_word_is_used(
    second: float | Exception | None,
) -> None:
    answers = [100.0, second]

    async def ask(symbol: str) -> Answer:
        answer = answers.pop(0)
        if answer is None:
            await after(1e6)
        if isinstance(answer, Exception):
            raise answer
        return {"price": answer}

    loop = virtual_loop()
    source = FunctionSource("c", ask)
    last = Member(source, policy=BreakerPolicy(), clock=loop.time, now=loop.wall)
    members = [*(_member(name, 100.0, 0.1) for name in "ab"), last]
    questions, folding = _questions(), RoundFolding(CONFIG)

    told = [(await questions.ask("AAPL", members, folding)).quote for _ in range(2)]

    wanted = ConsensusStatus.OK if second == 100.0 else ConsensusStatus.DEGRADED
    assert [quote.providers_used for quote in told] == [("a", "b", "c")] * 2
    assert [quote.status for quote in told] == [ConsensusStatus.OK, wanted]
    await questions.aclose()


@pytest.mark.parametrize("third", [KeyError("mine"), None, -5.0, 100.0])
@in_virtual_time
async def test_a_price_that_is_not_of_all_who_were_asked_is_degraded(
    third: float | Exception | None,
) -> None:
    async def ask(symbol: str) -> Answer:
        if third is None:
            await after(1e6)
        if isinstance(third, Exception):
            raise third
        return {"price": third}

    loop = virtual_loop()
    policy = BreakerPolicy()
    last = Member(FunctionSource("c", ask), policy=policy, clock=loop.time, now=loop.wall)
    questions = _questions()

    answer = await questions.ask("AAPL", [_member(name, 100.0, 0.1) for name in "ab"] + [last])

    wanted = ConsensusStatus.OK if third == 100.0 else ConsensusStatus.DEGRADED
    assert (answer.quote.price, answer.quote.status) == (100.0, wanted)
    await questions.aclose()

from __future__ import annotations

import asyncio
import logging

import pytest

from ordinis_rx.consensus import AggregationConfig
from ordinis_rx.pull.breaker import BreakerPolicy
from ordinis_rx.pull.failures import NoAnswer, NoQuotes
from ordinis_rx.pull.member import Member
from ordinis_rx.pull.questions import Questions, with_causes
from ordinis_rx.pull.sources import Answer, FunctionSource
from tests.virtual import after, in_virtual_time, virtual_loop

CONFIG = AggregationConfig()


def _member(name: str, price: float, seconds: float) -> Member:
    async def ask(symbol: str) -> Answer:
        await after(seconds)
        return {"price": price}

    loop = virtual_loop()
    return Member(FunctionSource(name, ask), policy=BreakerPolicy(), clock=loop.time, now=loop.wall)


def _questions() -> Questions:
    return Questions(CONFIG, grace_seconds=0.5, raises=False, now=virtual_loop().wall)


@in_virtual_time
async def test_what_is_open_is_counted_until_it_is_answered() -> None:
    questions = _questions()
    members = [_member("a", 100.0, 0.1), _member("b", 100.0, 2.0)]

    answer = await questions.ask("AAPL", members)
    assert (answer.quote.providers_used, answer.unheard, questions.open) == (("a",), ("b",), 1)

    await after(2.0)
    assert questions.open == 0
    assert members[1].stats(0).success_count == 1


@in_virtual_time
async def test_what_is_open_is_given_up_in_the_end() -> None:
    questions = _questions()
    members = [_member("a", 100.0, 0.1), _member("b", 100.0, 1e6)]
    await questions.ask("AAPL", members)

    await questions.aclose()

    assert questions.open == 0
    assert asyncio.all_tasks() == {asyncio.current_task()}


@in_virtual_time
async def test_a_late_answer_is_no_outlier_but_as_far_off_as_it_is() -> None:
    questions = _questions()
    late = _member("c", 150.0, 2.0)
    await questions.ask("AAPL", [_member("a", 100.0, 0.1), _member("b", 100.0, 0.1), late])
    await after(2.0)

    stats = late.stats(0)
    assert (stats.success_count, stats.outlier_count) == (1, 0)
    assert stats.deviation_bps == pytest.approx(5000.0)


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

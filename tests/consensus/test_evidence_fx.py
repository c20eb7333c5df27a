"""Two real providers of EURUSD on one day, and what is done to them.

The quotes are recorded ones, which are not part of the project: where they are absent, these tests are skipped.
"""

from __future__ import annotations

import functools
import heapq
import itertools
import random
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from ordinis_rx.consensus import (
    AggregatedQuote,
    AggregationConfig,
    ConsensusStatus,
    Reject,
    consensus,
)
from ordinis_rx.events import Quote
from ordinis_rx.operators import SideOutput
from ordinis_rx.stream import from_events
from ordinis_rx.timebase import HOUR, MILLI, MINUTE, SECOND, Nanos

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "fx"
PIP = 1e-4
MIDNIGHT = 1_399_248_000 * SECOND  # 2014-05-05 UTC
FXCM_IS_BEHIND_BY = 5 * HOUR

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no recorded quotes in {DATA}")


@functools.cache
def recorded(provider: str) -> tuple[Quote, ...]:
    """The day's quotes, as stamped by the provider."""
    with zipfile.ZipFile(DATA / provider / "tick_20140505.zip") as archive:
        (name,) = archive.namelist()
        rows = [line.split(",") for line in archive.read(name).decode().split()]
    return tuple(
        Quote(
            symbol="EURUSD",
            provider=provider,
            ts_event=MIDNIGHT + int(ms) * MILLI,
            bid=float(bid),
            ask=float(ask),
        )
        for ms, bid, ask in rows
    )


PATIENT = AggregationConfig(emit="every", max_age=1 * HOUR)
"""The market may be quiet for minutes at night."""


def moved(quote: Quote, by: Nanos = 0, factor: float = 1.0, provider: str = "") -> Quote:
    """The same quote later, at other prices, or told by somebody else."""
    return msgspec.structs.replace(
        quote,
        ts_event=quote.ts_event + by,
        bid=quote.bid * factor,
        ask=quote.ask * factor,
        provider=provider or quote.provider,
    )


def merged(*sources: list[Quote]) -> list[Quote]:
    return list(heapq.merge(*sources, key=lambda quote: quote.ts_event))


def two(behind: Nanos) -> list[Quote]:
    """Both providers, with fxcm's times moved by *behind*, over the hours that both tell of."""
    fxcm = [moved(quote, behind) for quote in recorded("fxcm")]
    begins, ends = MIDNIGHT + FXCM_IS_BEHIND_BY, MIDNIGHT + 24 * HOUR
    quotes = merged(fxcm, list(recorded("oanda")))
    return [quote for quote in quotes if begins <= quote.ts_event < ends]


def told(quotes: list[Quote], config: AggregationConfig) -> list[tuple[Quote, AggregatedQuote]]:
    """Each quote that was taken, with the answer to it."""
    answers: list[AggregatedQuote] = []
    from_events(quotes).pipe(consensus(config)).subscribe(answers.append)
    return [(quotes[answer.seq - 1], answer) for answer in answers]


def apart(quotes: list[Quote]) -> list[tuple[float, AggregatedQuote]]:
    """How far the mids of the two are apart, in pips, at each answer that used both."""
    newest: dict[str, float] = {}
    distances: list[tuple[float, AggregatedQuote]] = []
    for quote, answer in told(quotes, PATIENT):
        newest[quote.provider] = quote.mid
        if answer.provider_count == 2:
            distances.append((abs(newest["fxcm"] - newest["oanda"]) / PIP, answer))
    return distances


def share(of: list[bool]) -> float:
    return sum(of) / len(of)


def test_crossed_quotes_of_the_recording_are_refused_and_counted() -> None:
    quotes = two(FXCM_IS_BEHIND_BY)
    crossed = [quote for quote in quotes if quote.is_crossed]

    rejects: SideOutput[Reject] = SideOutput()
    refused: list[Reject] = []
    rejects.subscribe(refused.append)
    from_events(quotes).pipe(consensus(PATIENT, rejects=rejects)).run()

    assert len(crossed) > 1_000
    assert [(r.provider, r.ts_event, r.reason) for r in refused] == [
        (quote.provider, quote.ts_event, "crossed") for quote in crossed
    ]


def test_the_first_quotes_after_a_quiet_minute_are_not_refused() -> None:
    quotes = two(FXCM_IS_BEHIND_BY)
    quiet = [b for a, b in itertools.pairwise(quotes) if b.ts_event - a.ts_event > MINUTE]
    rejects: SideOutput[Reject] = SideOutput()
    reasons: set[str] = set()
    rejects.subscribe(lambda reject: reasons.add(reject.reason))
    from_events(quotes).pipe(consensus(rejects=rejects)).run()

    assert len(quiet) > 10
    assert reasons == {"crossed"}


def test_a_clock_five_hours_behind_is_refused_as_late() -> None:
    """Both tell of the same moments and are heard at once, but one stamps what it tells with its own clock."""
    quotes = [
        msgspec.structs.replace(
            quote,
            ts_event=quote.ts_event - (FXCM_IS_BEHIND_BY if quote.provider == "fxcm" else 0),
            ts_recv=quote.ts_event,
        )
        for quote in two(FXCM_IS_BEHIND_BY)[:20_000]
    ]
    rejects: SideOutput[Reject] = SideOutput()
    late: list[str] = []
    rejects.subscribe(lambda r: late.append(r.provider) if r.reason == "late" else None)
    from_events(quotes).pipe(consensus(rejects=rejects)).run()

    told = sum(quote.provider == "fxcm" and not quote.is_crossed for quote in quotes)
    assert late.count("fxcm") > 0.99 * told
    assert late.count("oanda") == 0


def test_two_providers_on_one_clock_are_a_tenth_of_a_pip_apart_and_never_disputed() -> None:
    answered = apart(two(FXCM_IS_BEHIND_BY))

    assert len(answered) > 70_000
    assert sum(pips for pips, _ in answered) / len(answered) == pytest.approx(0.11, abs=0.02)
    assert {answer.status for _, answer in answered} == {ConsensusStatus.OK}
    assert share([answer.crossed_share > 0 for _, answer in answered]) < 0.12


def test_clocks_five_hours_apart_show_as_crossed_books_and_disputed_prices() -> None:
    answered = apart(two(0))

    crossed = share([answer.crossed_share > 0 for _, answer in answered])
    limit = 4 * 1.3900 * 1.05  # k times the floor of one basis point, in pips, and a little
    far = [answer for pips, answer in answered if pips > limit]

    assert crossed == pytest.approx(0.86, abs=0.02)
    assert len(far) > 20_000
    assert share([answer.status is ConsensusStatus.DISPUTED for answer in far]) > 0.99
    assert all(
        answer.half_width >= pips / 2 * PIP
        for pips, answer in answered
        if answer.status is ConsensusStatus.DISPUTED
    )


def spikes(quotes: list[Quote]) -> Iterator[Quote]:
    """One quote in fifty is off by up to two per cent."""
    chance = random.Random(1)
    for quote in quotes:
        hit = chance.random() < 0.02
        yield (
            moved(quote, factor=1 + chance.choice((-1, 1)) * chance.uniform(0.002, 0.02))
            if hit
            else quote
        )


def freezes(quotes: list[Quote]) -> Iterator[Quote]:
    """Every other ten minutes the same price again and again."""
    frozen = quotes[0]
    for quote in quotes:
        if quote.ts_event // (10 * MINUTE) % 2:
            frozen = quote
        yield msgspec.structs.replace(quote, bid=frozen.bid, ask=frozen.ask)


def bias(quotes: list[Quote]) -> Iterator[Quote]:
    """Half an hour in, 50 basis points too high for good."""
    begins = quotes[0].ts_event + 30 * MINUTE
    return (moved(q, factor=1.005) if q.ts_event >= begins else q for q in quotes)


@functools.cache
def three() -> dict[str, list[Quote]]:
    """Four hours of both providers, and a third: oanda a fifth of a second later, give or take a little."""
    chance = random.Random(2)
    begins, ends = MIDNIGHT + 12 * HOUR, MIDNIGHT + 16 * HOUR
    fxcm = [moved(quote, FXCM_IS_BEHIND_BY) for quote in recorded("fxcm")]
    oanda = list(recorded("oanda"))
    copied = [
        moved(quote, 200 * MILLI, 1 + chance.gauss(0, 0.1e-4), provider="third") for quote in oanda
    ]
    return {
        quotes[0].provider: [q for q in quotes if begins <= q.ts_event < ends]
        for quotes in (fxcm, oanda, copied)
    }


@pytest.mark.parametrize("victim", ["fxcm", "oanda", "third"])
@pytest.mark.parametrize("fault", [spikes, freezes, bias], ids=lambda fault: fault.__name__)
def test_a_fault_of_one_of_three_moves_no_published_price_out_of_the_honest_range(
    fault: Callable[[list[Quote]], Iterator[Quote]], victim: str
) -> None:
    sources = three() | {victim: list(fault(three()[victim]))}
    quotes = merged(*sources.values())
    config = AggregationConfig(emit="every", max_age=1 * MINUTE, min_providers=2)

    newest: dict[str, Quote] = {}
    published = outside = 0
    for quote, answer in told(quotes, config):
        newest[quote.provider] = quote
        fresh = [q for q in newest.values() if quote.ts_event - q.ts_event <= config.max_age]
        if len(fresh) < 3 or not answer.has_price:
            continue
        honest = [q for q in fresh if q.provider != victim]
        published += 1
        outside += not min(q.bid for q in honest) <= answer.price <= max(q.ask for q in honest)

    assert published > 0.9 * len(quotes)
    assert outside == 0

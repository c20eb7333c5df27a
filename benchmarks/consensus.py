"""Consensus of live quotes, one by one: against asking everybody, and as symbols and providers grow in number."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Awaitable, Callable

from benchmarks.measure import ROUNDS, Row, compare, show
from ordinis_rx.batches import Item
from ordinis_rx.consensus import AggregatedQuote, AggregationConfig, consensus
from ordinis_rx.events import Quote
from ordinis_rx.kernels.compiled import uncompiled
from ordinis_rx.multicast import Hot
from ordinis_rx.stream import flow_of
from ordinis_rx.timebase import MILLI, SECOND

N = 10_000
ASKED = 200
SYMBOLS, PROVIDERS = (5, 50, 500, 5_000), (2, 5, 10, 20, 40)


def quotes(symbols: int, providers: int) -> list[Quote]:
    """Every provider tells of every symbol in turn, a millisecond a round; enough for every round of measuring."""
    told: list[Quote] = []
    for i in range(N * ROUNDS):
        symbol, provider = i % symbols, i // symbols % providers
        bid = 100.0 + symbol + 0.002 * (i // symbols * 3 % 7)
        told.append(
            Quote(
                symbol=f"S{symbol}",
                provider=f"p{provider}",
                ts_event=SECOND + i // symbols * MILLI,
                bid=bid,
                ask=bid + 0.01,
                seq=i + 1,
            )
        )
    return told


class Ear:
    """Hears answers as facts, or as the frames that they come in."""

    def __init__(self) -> None:
        self.heard = 0

    def __call__(self, _: AggregatedQuote) -> None:
        self.heard += 1

    def on_item(self, item: Item) -> None:
        self.heard += item.n

    def on_error(self, error: Exception) -> None:
        raise error

    def on_completed(self) -> None:
        """Hot streams do not end here."""

    def exits(self, found: set[int]) -> None:
        """Facts are not told here."""


def live(
    facts: list[Quote], config: AggregationConfig, rows: int = 1, *, frames: bool = False
) -> Callable[[], None]:
    """Push the next quotes into a hot stream, *rows* at a time, and count the answers."""
    source = Hot()
    waves = iter([facts[start : start + N] for start in range(0, len(facts), N)])
    ear = Ear()
    answers = source.stream.pipe(consensus(config))
    flow_of(answers, ear) if frames else answers.subscribe(ear)

    def run() -> None:
        before = ear.heard
        wave = next(waves)
        for start in range(0, N, rows):
            source.push(wave[start : start + rows])
        assert ear.heard > before

    return run


class Asked:
    """The way of asking: all providers at once with a timeout each, then z-scores, a median and a score, per query."""

    def __init__(self, providers: int) -> None:
        self.sources = {f"p{j}": self._source(100.0 + 0.002 * j) for j in range(providers)}
        self.asked = dict.fromkeys(self.sources, 0)
        self.answered = dict.fromkeys(self.sources, 0)

    @staticmethod
    def _source(bid: float) -> Callable[[str], Awaitable[dict[str, float]]]:
        async def answer(_: str) -> dict[str, float]:
            return {"price": bid + 0.005, "bid": bid, "ask": bid + 0.01, "volume": 100.0}

        return answer

    async def _one(self, name: str, symbol: str) -> tuple[str, dict[str, float] | None]:
        self.asked[name] += 1
        try:
            data = await asyncio.wait_for(self.sources[name](symbol), timeout=10.0)
        except (TimeoutError, OSError):
            return name, None
        self.answered[name] += 1
        return name, data

    async def quote(self, symbol: str) -> dict[str, object]:
        results = await asyncio.gather(*(self._one(name, symbol) for name in self.sources))
        data = {name: answer for name, answer in results if answer is not None}
        prices = {name: answer["price"] for name, answer in data.items()}
        if len(prices) >= 3 and (deviation := statistics.stdev(prices.values())) > 0:
            mean = statistics.mean(prices.values())
            kept = {n: p for n, p in prices.items() if abs(p - mean) / deviation <= 2.0}
            prices = kept or prices
        mean = statistics.mean(prices.values())
        worst = max(abs(p - mean) / mean for p in prices.values())
        success = statistics.mean(self.answered[n] / self.asked[n] for n in prices)
        return {
            "symbol": symbol,
            "price": statistics.median(prices.values()),
            "bid": statistics.median(answer["bid"] for answer in data.values()),
            "ask": statistics.median(answer["ask"] for answer in data.values()),
            "volume": sum(answer["volume"] for answer in data.values()),
            "confidence": 0.3 * min(len(prices) / 5, 1)
            + 0.4 * max(0.0, 1 - 10 * worst)
            + 0.3 * success,
        }


def asked() -> None:
    everybody = Asked(5)

    async def ask() -> None:
        for i in range(ASKED):
            await everybody.quote(f"S{i % 50}")

    asyncio.run(ask())


def updates() -> None:
    facts, usual, every = quotes(50, 5), AggregationConfig(), AggregationConfig(emit="every")
    with uncompiled():
        python = live(facts, usual)
    rows = compare(
        {
            "consensus(), quote by quote": live(facts, usual),
            "the same, an answer to every quote": live(facts, every),
            "the same, answers in frames": live(facts, every, frames=True),
            "consensus(), 25 at a time": live(facts, usual, 25),
            "consensus() as Python, quote by quote": python,
        },
        N,
    )
    rows += [
        Row(row.name, row.ns, "(a query)") for row in compare({"asking all five": asked}, ASKED)
    ]
    show("50 symbols, 5 providers, per update", rows, base="consensus(), quote by quote")


def growth() -> None:
    # Every update is answered, since how many answers change depends on how many symbols there are.
    every = AggregationConfig(emit="every")
    rows = compare({f"{n} symbols": live(quotes(n, 5), every) for n in SYMBOLS}, N)
    show("As symbols grow, 5 providers, an answer each", rows, base="50 symbols")
    rows = compare({f"{n} providers": live(quotes(50, n), every) for n in PROVIDERS}, N)
    show("As providers grow, 50 symbols, an answer each", rows, base="5 providers")


def main() -> None:
    """The tables of this page."""
    updates()
    growth()

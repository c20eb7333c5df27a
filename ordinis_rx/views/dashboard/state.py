"""What the dashboard knows: the health of the providers, the newest prices, and a bounded stretch of what went before."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ordinis_rx.consensus import AggregatedQuote
from ordinis_rx.events import (
    Bar,
    Event,
    FeedError,
    Gap,
    Quote,
    StatusChange,
    StreamStatus,
    Trade,
    TradeFlags,
)
from ordinis_rx.timebase import MILLI, SECOND, Nanos

__all__ = ["Entry", "Health", "State"]

LAGS = 256
ENTRIES = 300
SAMPLES = 480
CANDLES = 600


@dataclass(slots=True)
class Health:
    """One provider's figures, as its own facts tell them."""

    status: StreamStatus | None = None
    """None before it was told, and for recordings in which it is not."""
    events: int = 0
    connects: int = 0
    gaps: int = 0
    errors: int = 0
    error_told: Nanos = 0
    lags: deque[Nanos] = field(default_factory=lambda: deque[Nanos](maxlen=LAGS))

    @property
    def lag(self) -> float:
        """The median of arrival here - event at the venue, over the newest few hundred prices (ms); NaN before one came."""
        if not self.lags:
            return math.nan
        return sorted(self.lags)[len(self.lags) // 2] / MILLI


class Entry(NamedTuple):
    """A line of the log."""

    ts: Nanos
    kind: str
    provider: str
    text: str


class _Kept:
    """The newest of something, numbered, so that each viewer can be told what is new to it."""

    def __init__(self, most: int) -> None:
        self._things: deque[Any] = deque(maxlen=most)
        self.count = 0

    def add(self, thing: Any) -> None:
        self._things.append(thing)
        self.count += 1

    def since(self, count: int) -> list[Any]:
        """What was added after the first *count*, as far as it is still here."""
        new = min(self.count - count, len(self._things))
        return list(self._things)[len(self._things) - new :] if new else []


class State:
    """What the dashboard shows; it is told facts, answers and candles, by `listen` say.

    Its memory is bounded by the number of providers and symbols, whatever comes.
    """

    def __init__(self, providers: Iterable[str] = ()) -> None:
        self.health: dict[str, Health] = {name: Health() for name in providers}
        self.answers: dict[str, AggregatedQuote] = {}
        self.prices: dict[str, dict[str, float]] = defaultdict(dict)
        self.failure: str = ""
        self.has_ended = False
        self._log = _Kept(ENTRIES)
        self._samples: dict[str, _Kept] = defaultdict(lambda: _Kept(SAMPLES))
        self._candles: dict[str, _Kept] = defaultdict(lambda: _Kept(CANDLES))
        self._quoted: set[tuple[str, str]] = set()
        self._excluded: dict[str, tuple[tuple[str, str], ...]] = {}

    # What comes in

    def on_event(self, event: Event) -> None:
        """Take one fact of a provider."""
        health = self.health.get(event.provider)
        if health is None:
            health = self.health[event.provider] = Health()
        health.events += 1
        match event:
            case Quote() if event.mid > 0:
                self._quoted.add((event.provider, event.symbol))
                self._priced(event, event.mid, health)
            case Trade() if event.flags & TradeFlags.LAST and event.price > 0:
                if (event.provider, event.symbol) not in self._quoted:
                    self._priced(event, event.price, health)
            case StatusChange():
                health.status = event.status
                health.connects += event.status is StreamStatus.CONNECTED
                self._note(event, "status", f"{event.status.value} {event.message}".strip())
            case Gap():
                health.gaps += 1
                seconds = event.duration / SECOND
                self._note(event, "gap", f"{event.reason.value}, {seconds:.3f} s may be missing")
            case FeedError():
                health.errors += 1
                # A garbled line must not drown the rest.
                if event.ts_recv - health.error_told >= SECOND:
                    health.error_told = event.ts_recv
                    self._note(event, "error", f"{event.kind}: {event.message}")
            case _:
                pass

    def on_answer(self, answer: AggregatedQuote) -> None:
        """Take one answer of the consensus."""
        self.answers[answer.symbol] = answer
        before = self._excluded.get(answer.symbol, ())
        if answer.reasons != before:
            self._excluded[answer.symbol] = answer.reasons
            for provider, reason in answer.reasons:
                if (provider, reason) not in before:
                    self._log.add(
                        Entry(answer.ts_recv, "left out", provider, f"{answer.symbol}: {reason}")
                    )

    def on_candle(self, bar: Bar) -> None:
        """Take one candle of the consensus."""
        self._candles[bar.symbol].add(
            (bar.ts_open // SECOND, bar.open, bar.high, bar.low, bar.close)
        )

    def on_failure(self, error: Exception) -> None:
        """Take note that the stream has ended, and why."""
        self.failure = str(error)
        self.has_ended = True

    def on_end(self) -> None:
        """Take note that the stream has ended by itself: there is no more to be told."""
        self.has_ended = True

    def sample(self, now: Nanos) -> None:
        """Remember the prices of this moment, for the lines; not when all is over, which would draw them on and on."""
        if self.has_ended:
            return
        for symbol, answer in self.answers.items():
            prices = dict(self.prices[symbol])
            left_out = [provider for provider, _ in answer.reasons]
            self._samples[symbol].add(
                (now // MILLI, answer.price, answer.half_width, prices, left_out)
            )

    # What goes out

    def news(self, seen: dict[str, int]) -> dict[str, Any]:
        """All that a viewer needs who has *seen* so much of each kept thing; *seen* is brought up to date."""
        return {
            "failure": self.failure,
            "ended": self.has_ended,
            "providers": [
                {
                    "name": name,
                    "status": health.status.value if health.status is not None else None,
                    "lag": health.lag,
                    "events": health.events,
                    "reconnects": max(0, health.connects - 1),
                    "gaps": health.gaps,
                    "errors": health.errors,
                }
                for name, health in self.health.items()
                if name
            ],
            "symbols": [self._row(answer) for answer in self.answers.values()],
            "log": _new("log", self._log, seen),
            "samples": {
                s: new for s, k in self._samples.items() if (new := _new(f"s {s}", k, seen))
            },
            "candles": {
                s: new for s, k in self._candles.items() if (new := _new(f"c {s}", k, seen))
            },
        }

    def _row(self, answer: AggregatedQuote) -> dict[str, Any]:
        return {
            "symbol": answer.symbol,
            "price": answer.price,
            "half_width": answer.half_width,
            "confidence": answer.confidence,
            "status": answer.status.value,
            "used": answer.providers_used,
            "excluded": dict(answer.reasons),
            "prices": self.prices[answer.symbol],
        }

    def _priced(self, event: Quote | Trade, price: float, health: Health) -> None:
        self.prices[event.symbol][event.provider] = price
        health.lags.append(event.ts_recv - event.ts_event)

    def _note(self, event: Event, kind: str, text: str) -> None:
        self._log.add(Entry(event.arrived, kind, event.provider, text))


def _new(name: str, kept: _Kept, seen: dict[str, int]) -> list[Any]:
    new = kept.since(seen.get(name, 0))
    seen[name] = kept.count
    return new

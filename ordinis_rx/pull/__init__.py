"""Prices that are asked for: sources with one question each, asked in parallel, folded into one consensus."""

from ordinis_rx.pull.aggregator import DataAggregator
from ordinis_rx.pull.breaker import BreakerPolicy
from ordinis_rx.pull.failures import (
    CircuitOpen,
    NoAnswer,
    NoQuorum,
    NoQuotes,
    RateLimited,
    UnusableAnswer,
)
from ordinis_rx.pull.rest.alpaca import AlpacaRest
from ordinis_rx.pull.rest.finnhub import FinnhubRest
from ordinis_rx.pull.rest.polygon import PolygonRest
from ordinis_rx.pull.results import Health, ProviderResult, Round
from ordinis_rx.pull.sources import Answer, FunctionSource, PullSource

__all__ = [
    "AlpacaRest",
    "Answer",
    "BreakerPolicy",
    "CircuitOpen",
    "DataAggregator",
    "FinnhubRest",
    "FunctionSource",
    "Health",
    "NoAnswer",
    "NoQuorum",
    "NoQuotes",
    "PolygonRest",
    "ProviderResult",
    "PullSource",
    "RateLimited",
    "Round",
    "UnusableAnswer",
]

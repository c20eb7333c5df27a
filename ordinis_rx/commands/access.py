"""From the words of the command line to a provider and its feed. Keys come from the environment, and from nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ordinis_rx.commands.values import BadUsage
from ordinis_rx.errors import SubscriptionError
from ordinis_rx.feed import Feed, feed
from ordinis_rx.providers.alpaca import alpaca
from ordinis_rx.providers.finnhub import finnhub
from ordinis_rx.providers.polygon import polygon
from ordinis_rx.providers.protocol import Provider

__all__ = ["PROVIDERS", "feed_of", "provider_of", "variable"]


def provider_of(
    name: str, *, market: str | None, url: str | None, environment: Mapping[str, str]
) -> Provider:
    """The provider *name*, with its key from *environment*.

    *market* is Polygon's market or Alpaca's feed; *url* replaces the address. Raises `BadUsage` that names the variable
    that is missing, or the value that is wrong and what is allowed.

    >>> provider_of("polygon", market="crypto", url=None, environment={"POLYGON_API_KEY": "key"})
    Provider('polygon', 'wss://socket.massive.com/crypto')
    >>> provider_of("finnhub", market=None, url=None, environment={})
    Traceback (most recent call last):
    ordinis_rx.commands.values.BadUsage: finnhub needs its key in the environment: FINNHUB_TOKEN is not set
    """
    if url is not None and urlsplit(url).scheme not in ("ws", "wss"):
        raise BadUsage("--url must begin with ws:// or wss://")
    try:
        return PROVIDERS[name](market, url, environment)
    except ValueError as error:
        raise BadUsage(str(error)) from error


def feed_of(
    name: str,
    symbols: Sequence[str],
    *,
    channels: Iterable[str] | None = None,
    market: str | None,
    url: str | None,
    environment: Mapping[str, str],
) -> Feed:
    """What the provider *name* will tell of *symbols*; raises `BadUsage` as `provider_of`, and for what it cannot stream."""
    provider = provider_of(name, market=market, url=url, environment=environment)
    try:
        return feed(provider, symbols, channels=channels)
    except SubscriptionError as error:
        raise BadUsage(str(error)) from error


def variable(provider: str, name: str, environment: Mapping[str, str]) -> str:
    """A key of *provider*, from *environment*; raises `BadUsage` that names the variable where it is missing."""
    value = environment.get(name, "").strip()
    if not value:
        raise BadUsage(f"{provider} needs its key in the environment: {name} is not set")
    return value


def _polygon(market: str | None, url: str | None, environment: Mapping[str, str]) -> Provider:
    key = variable("polygon", "POLYGON_API_KEY", environment)
    return polygon(key, market or "stocks", url=url)


def _finnhub(market: str | None, url: str | None, environment: Mapping[str, str]) -> Provider:
    if market is not None:
        raise BadUsage(
            f"finnhub has no markets, got --market {market}; the symbol says it: BINANCE:BTCUSDT, OANDA:EUR_USD"
        )
    if url is not None and "token" in parse_qs(urlsplit(url).query):
        return finnhub("", url)
    return finnhub(variable("finnhub", "FINNHUB_TOKEN", environment), url)


def _alpaca(market: str | None, url: str | None, environment: Mapping[str, str]) -> Provider:
    key = variable("alpaca", "APCA_API_KEY_ID", environment)
    secret = variable("alpaca", "APCA_API_SECRET_KEY", environment)
    feed: Any = market or "iex"  # alpaca() checks it, and says what there is
    return alpaca(key, secret, feed=feed, url=url)


PROVIDERS: Mapping[str, Callable[[str | None, str | None, Mapping[str, str]], Provider]] = {
    "polygon": _polygon,
    "finnhub": _finnhub,
    "alpaca": _alpaca,
}
"""How each provider is made of a market, an address and the environment."""

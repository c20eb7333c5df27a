"""Polygon's markets: which channels each has, what the wire calls them, and how its symbols are spelled.

The launchpad feed differs from the others: it calls minutes alike in all markets, and limits those of options.
"""

from __future__ import annotations

from collections.abc import Mapping

from ordinis_rx.errors import SubscriptionError
from ordinis_rx.providers.protocol import Topic

__all__ = [
    "CHANNELS",
    "DEFAULT_CHANNELS",
    "base_of",
    "channels",
    "check",
    "limits",
    "named",
    "spelled",
    "wired",
]

CHANNELS: Mapping[str, Mapping[str, str]] = {
    "stocks": {
        "trades": "T",
        "quotes": "Q",
        "second_bars": "A",
        "minute_bars": "AM",
        "luld": "LULD",
        "imbalances": "NOI",
        "fmv": "FMV",
        "lv": "LV",
    },
    "options": {
        "trades": "T",
        "quotes": "Q",
        "second_bars": "A",
        "minute_bars": "AM",
        "fmv": "FMV",
        "lv": "LV",
    },
    "forex": {
        "quotes": "C",
        "second_bars": "CAS",
        "minute_bars": "CA",
        "fmv": "FMV",
        "lv": "LV",
    },
    "crypto": {
        "trades": "XT",
        "quotes": "XQ",
        "second_bars": "XAS",
        "minute_bars": "XA",
        "fmv": "FMV",
        "lv": "LV",
    },
    "indices": {"values": "V", "second_bars": "A", "minute_bars": "AM"},
    "futures": {"trades": "T", "quotes": "Q", "second_bars": "A", "minute_bars": "AM"},
}
"""Our name of a channel, and the wire's, by market; the wire's is also the ``ev`` of its messages."""

DEFAULT_CHANNELS: Mapping[str, frozenset[str]] = {
    market: frozenset(channels) & {"trades", "quotes"} or frozenset({"values"})
    for market, channels in CHANNELS.items()
}

_MOST_CONTRACTS = 1000


def channels(market: str, launchpad: bool = False) -> Mapping[str, str]:
    """Our name of each channel of *market*, and the wire's."""
    usual = CHANNELS[market]
    return {**usual, "minute_bars": "AM"} if launchpad else usual


def limits(market: str, launchpad: bool = False) -> Mapping[str, int]:
    """How many symbols of a channel one connection may have, where that is limited; there is no wildcard then."""
    if market != "options":
        return {}
    limited = ("quotes", "fmv", "lv", *(("minute_bars",) if launchpad else ()))
    return dict.fromkeys(limited, _MOST_CONTRACTS)


_OURS: Mapping[tuple[str, bool], Mapping[str, str]] = {
    (market, launchpad): {theirs: ours for ours, theirs in channels(market, launchpad).items()}
    for market in CHANNELS
    for launchpad in (False, True)
}

_PREFIXES: Mapping[str, str] = {"options": "O:", "indices": "I:"}


def base_of(market: str) -> str:
    """The market that decides about shapes: ``futures/cme`` is of ``futures``."""
    return market.partition("/")[0]


def spelled(market: str, symbol: str) -> str:
    """*symbol* as the stream spells it; other spellings only where there is no doubt about them.

    >>> spelled("crypto", "X:BTC-USD"), spelled("forex", "C:EURUSD"), spelled("stocks", "BRK.B")
    ('BTC-USD', 'EUR/USD', 'BRK.B')
    """
    if market == "crypto":
        return symbol.removeprefix("X:").replace("/", "-")
    if market == "forex":
        pair = symbol.removeprefix("C:").replace("-", "/")
        return f"{pair[:3]}/{pair[3:]}" if len(pair) == 6 and pair.isalpha() else pair
    return symbol


def wired(market: str, topic: Topic, launchpad: bool = False) -> str:
    """*topic* as it stands in a subscription: ``T.AAPL``."""
    return f"{channels(market, launchpad)[topic.channel]}.{spelled(market, topic.symbol)}"


def named(market: str, text: str, launchpad: bool = False) -> Topic | None:
    """The topic that ``T.AAPL`` stands for; None when *market* has no such channel."""
    channel, dot, symbol = text.partition(".")
    ours = _OURS[market, launchpad].get(channel)
    return Topic(ours, spelled(market, symbol)) if ours and dot and symbol else None


def check(market: str, provider: str, topic: Topic, launchpad: bool = False) -> None:
    """Refuse what the vendor would acknowledge and then never send."""
    channel, symbol = topic
    if symbol == "*":
        if channel in limits(market, launchpad):
            raise SubscriptionError(provider, f"{channel} of {market} have no wildcard: name them")
        return
    prefix = _PREFIXES.get(market)
    if prefix and not symbol.startswith(prefix):
        raise SubscriptionError(
            provider, f"{symbol!r}: the symbols of {market} start with {prefix!r}"
        )
    separator = {"crypto": "-", "forex": "/"}.get(market, "")
    if separator not in spelled(market, symbol):
        raise SubscriptionError(
            provider, f"{symbol!r}: a pair of {market} is written with {separator!r}"
        )

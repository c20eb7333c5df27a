"""Polygon.io, which is Massive.com: US stocks, options, currencies, crypto, indices and futures.

https://massive.com/docs/websocket/quickstart. The wire, as seen (a frame is an array, several messages in it)::

    -> {"action":"auth","params":"KEY"}
    <- [{"ev":"status","status":"auth_success","message":"authenticated"}]
    -> {"action":"subscribe","params":"T.AAPL,A.AAPL"}
    <- [{"ev":"status","status":"success","message":"subscribed to: T.AAPL"}, ...]
    <- [{"ev":"T","sym":"AAPL","i":"143541","x":4,"p":297.845,"s":40,"ds":"40.0","t":1781622376036}, ...]

A topic that does not exist is neither confirmed nor refused, and a symbol that does not exist is confirmed and stays silent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from ordinis_rx.providers import polygon_channels as channels_of
from ordinis_rx.providers.polygon_decode import decoder
from ordinis_rx.providers.polygon_encode import encoder
from ordinis_rx.providers.protocol import Endpoint, Provider, Topic
from ordinis_rx.providers.reading import check_given, shown

__all__ = ["FEEDS", "polygon"]

FEEDS = frozenset(
    {
        "socket",
        "delayed",
        "business",
        "delayed-business",
        "nasdaqfeed",
        "polyfeed",
        "polyfeedplus",
        "starterfeed",
        "launchpad",
        "edgx-business",
        "delayed-edgx-business",
        "iex-business",
        "delayed-nasdaq-last-sale-business",
        "delayed-nasdaq-basic-business",
        "delayed-fullmarket-business",
        "fullmarket-business",
        "nasdaq-last-sale-business",
        "nasdaq-basic-business",
    }
)
"""The vendor's clusters: ``socket`` is real time, ``delayed`` a quarter of an hour late, the others are of special plans."""

_VENUES_OF_FUTURES = ("cme", "cbot", "nymex", "comex")
_MARKETS = (*channels_of.CHANNELS, *(f"futures/{venue}" for venue in _VENUES_OF_FUTURES))
_TOPICS_A_MESSAGE = 400


def polygon(
    api_key: str,
    market: str = "stocks",
    feed: str = "socket",
    url: str | None = None,
    *,
    name: str = "polygon",
    insecure_host: str | None = None,
) -> Provider:
    """One market of Polygon (Massive), with an API key; *url* replaces the whole address.

    *market* is one of stocks, options, forex, crypto, indices, futures (all, or ``futures/cme``, ``/cbot``, ``/nymex``,
    ``/comex``). *feed* is one of `FEEDS`, or a whole host name (the older ``socket.polygon.io`` answers too). Facts carry
    *name* as provider.

    Channels: trades, quotes, second_bars, minute_bars, luld, imbalances, fmv, lv, values, as far as the market has them.
    Bars are stamped with the end of their interval; one that is told again, because late trades came in, has a higher
    `revision`. The price bands of ``luld`` are a `Reading` with values (low, high), beside it a `Halt` when trading stopped
    or resumed; ``imbalances`` have values (imbalance, paired, clearing price, time of the auction as hhmm); forex quotes
    have no sizes, and a side of nothing at price 0 is missing (NaN).

    Symbols are the stream's: ``AAPL``, ``O:SPY251219C00650000``, ``EUR/USD``, ``BTC-USD``, ``I:SPX``; ``*`` means all. Of
    options a connection may have 1,000 contracts, and no ``*``, of quotes, fmv, lv and launchpad's minute bars. With one
    key, only one connection a market may be open: a second one evicts the first.

    Raises `ValueError` for an empty key, an unknown market or feed, and for a plain ``ws://`` address on another machine,
    unless *insecure_host* names that host: the key could be read on the way.

    >>> provider = polygon("key", market="crypto")
    >>> provider, sorted(provider.default_channels)
    (Provider('polygon', 'wss://socket.massive.com/crypto'), ['quotes', 'trades'])
    >>> provider.subscribe([Topic("trades", "BTC-USD"), Topic("quotes", "BTC-USD")])
    ['{"action":"subscribe","params":"XT.BTC-USD,XQ.BTC-USD"}']
    """
    check_given("polygon", api_key=api_key)
    if market not in _MARKETS:
        raise ValueError(f"polygon has no market {market!r}; it has {', '.join(_MARKETS)}")
    base, launchpad = channels_of.base_of(market), feed.partition(".")[0] == "launchpad"
    address = f"wss://{_host(feed)}/{market}" if url is None else url
    return Provider(
        name=name,
        endpoint=Endpoint(address, shown(address), insecure_host=insecure_host),
        channels=frozenset(channels_of.CHANNELS[base]),
        default_channels=channels_of.DEFAULT_CHANNELS[base],
        hello=(_said("auth", api_key),),
        authenticates=True,
        acknowledges=True,
        subscribe=_saying("subscribe", base, launchpad),
        unsubscribe=_saying("unsubscribe", base, launchpad),
        decoder=lambda names: decoder(base, name, names, api_key, launchpad),
        encode=encoder(base, launchpad),
        to_native=lambda symbol: channels_of.spelled(base, symbol),
        from_native=lambda symbol: channels_of.spelled(base, symbol),
        check=lambda topic: channels_of.check(base, name, topic, launchpad),
        limits=channels_of.limits(base, launchpad),
        secrets=(api_key,),
    )


def _host(feed: str) -> str:
    if "." in feed:
        return feed
    if feed not in FEEDS:
        raise ValueError(f"polygon has no feed {feed!r}; it has {', '.join(sorted(FEEDS))}")
    return f"{feed}.massive.com"


def _saying(
    action: str, market: str, launchpad: bool
) -> Callable[[Sequence[Topic]], list[str | bytes]]:
    def say(topics: Sequence[Topic]) -> list[str | bytes]:
        words = [channels_of.wired(market, topic, launchpad) for topic in topics]
        return [
            _said(action, ",".join(words[at : at + _TOPICS_A_MESSAGE]))
            for at in range(0, len(words), _TOPICS_A_MESSAGE)
        ]

    return say


def _said(action: str, params: str) -> str:
    return msgspec.json.encode({"action": action, "params": params}).decode()

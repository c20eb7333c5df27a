"""Where wire and provider meet: `feed` makes a provider's connection a stream like any other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from random import Random

from ordinis_rx.checks import check_callable, check_is
from ordinis_rx.config import StreamConfig
from ordinis_rx.feed_stream import Feed
from ordinis_rx.interruptions import Backfill
from ordinis_rx.providers.protocol import Provider
from ordinis_rx.timebase import Nanos
from ordinis_rx.wire.transport import Transport, websockets_transport

__all__ = ["Feed", "feed"]


def feed(
    provider: Provider,
    symbols: Sequence[str] | Mapping[str, str],
    *,
    channels: Iterable[str] | None = None,
    config: StreamConfig | None = None,
    backfill: Backfill | None = None,
    transport: Transport = websockets_transport,
    random: Random | None = None,
    wall: Callable[[], Nanos] = time.time_ns,
) -> Feed:
    """A hot stream of what *provider* tells about *symbols*.

    Nothing is dialled before the first subscriber; all subscribers share one connection, and the last one that leaves
    hangs up. It needs a running asyncio loop when it is subscribed to. *symbols* is a list, or a mapping from your own
    neutral names to the vendor's (``{"BTC-USD": "BINANCE:BTCUSDT"}``); *channels* are by default what the provider counts as
    trades and quotes. What the vendor cannot stream is refused here: `SubscriptionError`.

    A lost, mute or refused connection is dialled again as *config* says, and every change of state is a `StatusChange` in
    the stream. When it is up again, a `Gap` says from when to when (by the clock of arrival) data may be missing. The
    async function *backfill* is called with it then: it gives the facts from `ts_from` to `ts_to` of its `symbols` (none: of
    all), which come behind a second, `filled` Gap, numbered and stamped with their arrival; what it raises is a `FeedError`
    of the kind ``backfill``. What cannot be read is a `FeedError`, and so is a subscription that the vendor ends of itself:
    it is asked for again, and its symbol has a Gap when it is in force.

    A Gap begins at the last data that came before the loss, of any symbol, and ends when the subscriptions are in force
    again. For symbols with a limit in ``config.silence_seconds`` it begins at the last data of the one of them that has been
    quiet longest. While ``config.is_open`` says that the market is closed, silence breaks no limit, and no Gap begins before
    it was last closed. The page on time (``docs/time.md``) says more, and what no Gap tells: a symbol that is mute for a
    while on a connection that holds looks like a quiet one.

    The stream ends with an error only when trying again will not help (a wrong key) or the attempts are used up. Raises
    TypeError for what is not of its kind.

    *transport* dials, *random* draws the waits, and *wall* tells the time of arrival; all spans are measured on the loop.

    >>> from ordinis_rx.providers.finnhub import finnhub
    >>> events = feed(finnhub("token"), ["AAPL", "MSFT"])
    >>> events.subscriptions, events.status.name
    (('AAPL', 'MSFT'), 'DISCONNECTED')
    """
    check_is("feed: provider", provider, Provider, "one, polygon(key) say")
    if config is not None:
        check_is("feed: config", config, StreamConfig, "a StreamConfig")
    check_callable("feed: transport", transport)
    check_callable("feed: wall", wall)
    check_callable("feed: backfill", backfill, optional=True)
    if random is not None and not hasattr(random, "uniform"):
        raise TypeError(f"feed: random must be a random.Random, got {random!r}")
    if isinstance(channels, str):
        raise TypeError(f"channels must be several, got the string {channels!r}")
    if channels is not None:
        check_is("channels", channels, Iterable, "several")
    return Feed(
        provider,
        symbols,
        frozenset(provider.default_channels if channels is None else channels),
        config or StreamConfig(),
        backfill,
        transport,
        random,
        wall,
    )

"""Alpaca: trades, quotes and bars of US stocks and of crypto pairs. https://docs.alpaca.markets/docs/streaming-market-data

The conversation, in JSON (in MessagePack it is the same, in binary frames)::

    <- [{"T":"success","msg":"connected"}]
    -> {"action":"auth","key":"...","secret":"..."}
    <- [{"T":"success","msg":"authenticated"}]
    -> {"action":"subscribe","trades":["AAPL"],"quotes":["AAPL"]}
    <- [{"T":"subscription","trades":["AAPL"],"quotes":["AAPL"],"bars":[]}]
    <- [{"T":"t","S":"AAPL","i":96921,"x":"D","p":126.55,"s":1,"t":"2021-02-22T15:51:44.208Z","c":["@","I"],"z":"C"}]

Every confirmation lists the whole set in force. Corrections and cancels come with the trades, unasked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Literal, TypeAlias

from ordinis_rx.providers.alpaca_codec import JSON, MSGPACK, Codec
from ordinis_rx.providers.alpaca_decode import Decoder
from ordinis_rx.providers.alpaca_encode import encode
from ordinis_rx.providers.alpaca_wire import CHANNELS
from ordinis_rx.providers.protocol import Endpoint, Provider, Topic
from ordinis_rx.providers.reading import check_given, shown

__all__ = ["alpaca"]

AlpacaFeed: TypeAlias = Literal["iex", "sip", "delayed_sip", "test", "crypto"]

_HOST = "wss://stream.data.alpaca.markets"
_PATHS: Mapping[str, str] = {
    "iex": "/v2/iex",
    "sip": "/v2/sip",
    "delayed_sip": "/v2/delayed_sip",
    "test": "/v2/test",
    "crypto": "/v1beta3/crypto/us",
}
_CRYPTO = frozenset({"trades", "quotes", "minute_bars", "updated_bars", "daily_bars"})
_CODECS: Mapping[str, Codec] = {"json": JSON, "msgpack": MSGPACK}


def alpaca(
    key: str,
    secret: str,
    feed: AlpacaFeed = "iex",
    url: str | None = None,
    codec: Literal["json", "msgpack"] = "json",
    *,
    name: str = "alpaca",
    insecure_host: str | None = None,
) -> Provider:
    """Alpaca's stream of one *feed*, with an API *key* and its *secret*; *url* replaces the whole address.

    Times are the vendor's, exact to the nanosecond in both codecs. A bar's time is its end; an updated minute, and a day
    told again, has a higher `revision`. A quote's price of 0 says that the side is empty, so it is NaN. Statuses become
    `Halt`s; those that neither stop nor resume trading are `FeedError`s of kind ``"unsupported"``. A request with a symbol
    too many, or one that the feed does not have, is void as a whole: a `FeedError` of kind ``"refused"``, while what was in
    force stays so. Facts carry *name* as their provider.

    Raises ValueError for an empty key or secret, an unknown feed or codec, and for a plain ``ws://`` address on another
    machine, unless *insecure_host* names that host: the key could be read on the way.

    >>> alpaca("key", "secret").subscribe([Topic("trades", "AAPL"), Topic("minute_bars", "AAPL")])
    ['{"action":"subscribe","trades":["AAPL"],"bars":["AAPL"]}']
    >>> alpaca("key", "secret", feed="crypto")
    Provider('alpaca', 'wss://stream.data.alpaca.markets/v1beta3/crypto/us')
    """
    check_given("alpaca", key=key, secret=secret)
    if feed not in _PATHS:
        raise ValueError(f"alpaca has no feed {feed!r}; it has {', '.join(_PATHS)}")
    if codec not in _CODECS:
        raise ValueError(f"alpaca has no codec {codec!r}; it has {', '.join(_CODECS)}")
    spoken = _CODECS[codec]
    address = _HOST + _PATHS[feed] if url is None else url
    headers = {"Content-Type": "application/msgpack"} if codec == "msgpack" else {}
    return Provider(
        name=name,
        endpoint=Endpoint(address, shown(address), headers, insecure_host),
        channels=_CRYPTO if feed == "crypto" else frozenset(CHANNELS),
        default_channels=frozenset({"trades", "quotes"}),
        # Sent at once: the server's "connected" need not be waited for, and it allows a few seconds only.
        hello=(spoken.encode({"action": "auth", "key": key, "secret": secret}),),
        authenticates=True,
        acknowledges=True,
        subscribe=_asking("subscribe", spoken),
        unsubscribe=_asking("unsubscribe", spoken),
        decoder=lambda names: Decoder(name, names, spoken, (key, secret)),
        encode=partial(encode, spoken),
        secrets=(key, secret),
    )


def _asking(action: str, codec: Codec) -> Callable[[Sequence[Topic]], list[str | bytes]]:
    """One message that lists the symbols of every channel."""

    def ask(topics: Sequence[Topic]) -> list[str | bytes]:
        lists: dict[str, list[str]] = {}
        for channel, symbol in topics:
            lists.setdefault(CHANNELS[channel], []).append(symbol)
        return [codec.encode({"action": action, **lists})] if lists else []

    return ask

"""Finnhub: trades of stocks, currency pairs and crypto pairs. https://finnhub.io/docs/api/websocket-trades

The wire, as seen (``t`` in milliseconds; one message holds trades of several symbols, not always in order of time)::

    {"type":"trade","data":[{"s":"AAPL","p":164.06,"t":1680286538064,"v":142,"c":["1","8"]}]}
    {"type":"ping"}
    {"type":"error","msg":"Subscribing to too many symbols"}

The token rides in the address. Nothing is confirmed: a symbol beyond the limit of the plan, or one that does not exist, is
simply silent. Trades carry no number, so that two equal rows are two trades.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, TypeAlias
from urllib.parse import parse_qs, quote, urlsplit

import msgspec

from ordinis_rx.errors import DecodeError
from ordinis_rx.events import MOVES_ALL, Event, Heartbeat, Reading, Trade, TradeFlags
from ordinis_rx.providers.conditions import Conditions
from ordinis_rx.providers.lenient import Fault, Price, Size, repaired
from ordinis_rx.providers.parts import UNREADABLE, fields_of, gathered
from ordinis_rx.providers.protocol import Decode, Decoded, Endpoint, Provider, Reply, Topic
from ordinis_rx.providers.reading import blotter, check_given, feed_error, hushed, shown
from ordinis_rx.timebase import MILLI, Nanos

__all__ = ["finnhub", "finnhub_crypto", "finnhub_forex"]

_PONG = Reply('{"type":"pong"}')

_CONDITIONS = Conditions(
    {
        "1": MOVES_ALL,  # regular
        "8": MOVES_ALL,  # intermarket sweep
        "12": TradeFlags.VOLUME | TradeFlags.ODD_LOT,
    },
    extended="24",
)


def finnhub(
    token: str,
    url: str | None = None,
    *,
    name: str = "finnhub",
    insecure_host: str | None = None,
) -> Provider:
    """Trades from Finnhub, with an API *token*; *url* replaces the whole address.

    The vendor wants the token in the address: it is added to a *url* that has none, and one that stands there stays (then
    *token* may be empty; otherwise that is a ValueError). It is never shown. A plain ``ws://`` address on another machine is
    a ValueError, too, unless *insecure_host* names that host: the token could be read on the way.

    Times are the vendor's, in milliseconds. A row without volume is no trade but a new price: it becomes a `Reading` named
    ``"price"``. A ping becomes a `Heartbeat` at the time of its arrival, and is answered. What the vendor refuses (too many
    symbols) is a `FeedError` of kind ``"refused"``: the connection lives on, and the symbols beyond the limit stay silent.
    Facts carry *name* as their provider.

    >>> finnhub("token").subscribe([Topic("trades", "AAPL")])
    ['{"type":"subscribe","symbol":"AAPL"}']
    >>> finnhub("token")
    Provider('finnhub', 'wss://ws.finnhub.io')
    """
    address = "wss://ws.finnhub.io" if url is None else url
    theirs = parse_qs(urlsplit(address).query).get("token", [])
    if not theirs:
        check_given("finnhub", token=token)
        address = _with_token(address, token)
    secrets = tuple(
        form for word in filter(None, (token, *theirs)) for form in (word, quote(word, safe=""))
    )
    return Provider(
        name=name,
        endpoint=Endpoint(address, shown(address), insecure_host=insecure_host),
        channels=frozenset({"trades"}),
        default_channels=frozenset({"trades"}),
        hello=(),
        authenticates=False,
        acknowledges=False,
        subscribe=_saying("subscribe"),
        unsubscribe=_saying("unsubscribe"),
        decoder=lambda names: _decoder(name, names, secrets),
        encode=_encode,
        secrets=secrets,
    )


def _with_token(url: str, token: str) -> str:
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, f"token={quote(token, safe='')}")))
    return parts._replace(query=query).geturl()


def finnhub_forex(pair: str, *, broker: str = "OANDA") -> str:
    """The symbol of a currency *pair* written ``EUR/USD``, as quoted by *broker*.

    >>> finnhub_forex("EUR/USD")
    'OANDA:EUR_USD'
    """
    base, slash, counter = pair.partition("/")
    if not (base and slash and counter):
        raise ValueError(f"a currency pair is written EUR/USD, got {pair!r}")
    return f"{broker}:{base}_{counter}"


def finnhub_crypto(pair: str, *, exchange: str = "BINANCE") -> str:
    """The symbol of a crypto *pair*, which is written in the way of that *exchange*.

    >>> finnhub_crypto("BTCUSDT")
    'BINANCE:BTCUSDT'
    """
    if not pair:
        raise ValueError("a crypto pair is written BTCUSDT, got ''")
    return f"{exchange}:{pair}"


_Millis: TypeAlias = Annotated[int, msgspec.Meta(gt=0, le=9 * 10**12)]
"""Milliseconds, up to where nanoseconds no longer fit 64 bits."""


class _Row(msgspec.Struct, gc=False):
    s: str
    p: Price
    t: _Millis
    v: Size
    c: tuple[str, ...] | None = None


class _Trades(msgspec.Struct, tag_field="type", tag="trade"):
    data: list[_Row]


class _Ping(msgspec.Struct, tag_field="type", tag="ping"):
    pass


class _Error(msgspec.Struct, tag_field="type", tag="error"):
    msg: str = ""


class _Loose(msgspec.Struct):
    """A message of which nothing is known yet."""

    type: msgspec.Raw = msgspec.Raw(b"null")
    data: msgspec.Raw = msgspec.Raw(b"null")


_message = msgspec.json.Decoder(_Trades | _Ping | _Error)
_loose = msgspec.json.Decoder(_Loose)
_rows = msgspec.json.Decoder(list[msgspec.Raw])
_row = msgspec.json.Decoder(_Row)
_parts = msgspec.json.Decoder(dict[str, msgspec.Raw])

_Read: TypeAlias = _Row | Fault


def _decoder(provider: str, names: Mapping[str, str], secrets: tuple[str, ...]) -> Decode:
    quiet = blotter(secrets)

    def decode(raw: bytes, ts_recv: Nanos, seq: int) -> Decoded:
        try:
            message = _message.decode(raw)
        except UNREADABLE:
            return facts(_loosely(quiet(raw), provider), ts_recv, seq), ()
        if isinstance(message, _Trades):
            return facts(message.data, ts_recv, seq), ()
        if isinstance(message, _Error):
            return facts([Fault("refused", message.msg)], ts_recv, seq), ()
        beat = Heartbeat(ts_event=ts_recv, ts_recv=ts_recv, provider=provider, seq=seq)
        return [beat], (_PONG,)

    def facts(read: Sequence[_Read], ts_recv: Nanos, seq: int) -> list[Event]:
        return [fact(one, ts_recv, number) for number, one in enumerate(read, seq)]

    def fact(read: _Read, ts_recv: Nanos, seq: int) -> Event:
        if isinstance(read, Fault):
            return feed_error(
                provider,
                read.kind,
                hushed(read.message, *secrets),
                read.raw,
                symbol=names.get(read.symbol, read.symbol),
                ts_recv=ts_recv,
                seq=seq,
            )
        ts_event = read.t * MILLI if read.t == read.t else ts_recv  # a blank is NaN
        symbol = names.get(read.s, read.s)
        if read.v == 0.0:
            return Reading(
                symbol=symbol,
                ts_event=ts_event,
                ts_recv=ts_recv,
                provider=provider,
                seq=seq,
                name="price",
                value=read.p,
            )
        codes = read.c or ()
        return Trade(
            symbol=symbol,
            ts_event=ts_event,
            ts_recv=ts_recv,
            provider=provider,
            seq=seq,
            price=read.p,
            size=read.v,
            conditions=codes,
            flags=_CONDITIONS.flags(codes, ts_event),
        )

    return decode


def _loosely(raw: bytes, provider: str) -> list[_Read]:
    """What can be read of a message that has not the vendor's shape, and what was wrong with it."""
    try:
        message = _loose.decode(raw)
        kind: object = msgspec.json.decode(message.type)
    except UNREADABLE as error:
        raise DecodeError(provider, raw, str(error)) from error
    if kind == "error":
        return [Fault("refused", "no reason given")]
    if kind != "trade":
        known = kind in ("news", "pr")
        return [Fault("unsupported" if known else "unknown-message", f"type {kind!r:.40}", raw)]
    try:
        rows = _rows.decode(message.data)
    except UNREADABLE:
        return [Fault("missing-data", "no list of trades", raw)]
    return gathered(_one(bytes(row)) for row in rows)


def _one(row: bytes) -> list[_Read]:
    try:
        return [_row.decode(row)]
    except UNREADABLE:
        pass
    try:
        fields = fields_of(_parts.decode(row), msgspec.json.decode)
    except UNREADABLE as error:
        return [Fault("unreadable-row", str(error), row)]
    read, faults = repaired(fields, _Row, row)
    if not read.s:
        return [read, *faults]
    return [read, *(msgspec.structs.replace(fault, symbol=read.s) for fault in faults)]


def _saying(word: str) -> Callable[[Sequence[Topic]], list[str | bytes]]:
    def say(topics: Sequence[Topic]) -> list[str | bytes]:
        return [_text({"type": word, "symbol": topic.symbol}) for topic in topics]

    return say


def _encode(events: Sequence[Event]) -> list[str | bytes]:
    """Trades and prices share a message up to the next ping; facts that this wire cannot carry are left out."""
    frames: list[str | bytes] = []
    rows: list[_Row] = []
    for event in events:
        at = event.ts_event // MILLI
        if isinstance(event, Trade):
            rows.append(_Row(event.symbol, event.price, at, event.size, event.conditions or None))
        elif isinstance(event, Reading) and event.name == "price":
            rows.append(_Row(event.symbol, event.value, at, 0.0))
        elif isinstance(event, Heartbeat):
            frames += _together(rows)
            frames.append(_text(_Ping()))
            rows = []
    return frames + _together(rows)


def _together(rows: list[_Row]) -> list[str | bytes]:
    return [_text(_Trades(rows))] if rows else []


def _text(message: object) -> str:
    return msgspec.json.encode(message).decode()

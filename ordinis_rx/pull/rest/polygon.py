"""Polygon's REST service (Massive): the newest quote or trade, and bars. https://massive.com/docs/rest

The answers, as the vendor's samples have them (times in nanoseconds; those of bars in milliseconds)::

    /v3/quotes/AAPL   {"results":[{"ask_exchange":15,"ask_price":155.87,"ask_size":3,"bid_exchange":19,"bid_price":155.85,
                      "bid_size":4,"participant_timestamp":1652191872800402200,"sip_timestamp":1652191872800638700}]}
    /v3/trades/AAPL   {"results":[{"conditions":[12,37],"exchange":11,"id":"183276","price":156.43,"size":10,
                      "participant_timestamp":1651181822461636600,"sip_timestamp":1651181822461979400}]}
    /v2/aggs/ticker/AAPL/range/1/minute/FROM/TO   {"results":[{"v":1.2e6,"vw":155.1,"o":155,"c":156,"h":156,"l":155,
                      "t":1651181820000,"n":321}],"next_url":"https://..."}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qsl, urlsplit

import msgspec

from ordinis_rx.checks import check_choice
from ordinis_rx.errors import SubscriptionError
from ordinis_rx.events import MOVES_ALL, NAN, Bar, Quote, Trade, TradeFlags
from ordinis_rx.kernels.scanning import LATE_BY, MILLIS_FROM, OFF_EXCHANGE
from ordinis_rx.providers.lenient import Price, Size
from ordinis_rx.providers.polygon_conditions import STOCK_CONDITIONS, VOID, out_of_sequence
from ordinis_rx.providers.polygon_context import facility
from ordinis_rx.providers.reading import check_given
from ordinis_rx.pull.failures import UnusableAnswer
from ordinis_rx.pull.rest.client import Body, RestClient, segment
from ordinis_rx.pull.rest.reading import check_unseen, moment, number, shaped
from ordinis_rx.timebase import DAY, HOUR, MILLI, MINUTE, SECOND, Nanos

if TYPE_CHECKING:
    import httpx

__all__ = ["POLYGON_URL", "PolygonRest"]

POLYGON_URL = "https://api.massive.com"
"""The old host, https://api.polygon.io, answers too."""

TRADES_BACK = 50
"""So many trades are looked at for one that may move the last price."""

_LATE, _EARLIEST = LATE_BY * MILLI, MILLIS_FROM * MILLI

SPANS: Mapping[Nanos, str] = {DAY: "day", HOUR: "hour", MINUTE: "minute", SECOND: "second"}


class _Quote(msgspec.Struct):
    bid_price: Price | None = None
    ask_price: Price | None = None
    bid_size: Size | None = None
    ask_size: Size | None = None
    bid_exchange: int | str = ""
    ask_exchange: int | str = ""
    sip_timestamp: int | None = None
    participant_timestamp: int | None = None


class _Trade(msgspec.Struct):
    price: Price | None = None
    size: Size | None = None
    exchange: int | str = ""
    id: int | str = ""
    conditions: tuple[int, ...] | None = None
    correction: int | None = None
    trf_id: int | None = None
    sip_timestamp: int | None = None
    participant_timestamp: int | None = None


class _Bar(msgspec.Struct):
    t: int
    o: Price
    h: Price
    l: Price  # noqa: E741 - the wire's own key
    c: Price
    v: Size | None = None
    vw: Price | None = None
    n: int = 0


class _Quotes(msgspec.Struct):
    results: tuple[_Quote, ...] | None = None


class _Trades(msgspec.Struct):
    results: tuple[_Trade, ...] | None = None


class _Bars(msgspec.Struct):
    results: tuple[_Bar, ...] | None = None
    next_url: str | None = None


class _Ticker(msgspec.Struct):
    active: bool = True


class _Tickers(msgspec.Struct):
    results: _Ticker | None = None


class PolygonRest:
    """Polygon as a source of a pull; the key rides in a header.

    *asks* is what `get_quote` asks for: the newest quote, or the newest trade that may move the last price (a plan may have
    one and not the other). *symbols* maps neutral symbols to the vendor's (``X:BTCUSD``, ``C:EURUSD``), where they differ.
    *url* replaces the address, such as by that of a simulated service. *insecure_host* names a host that may be
    told the key over plain ``http://``, although it is another machine. *transport* replaces the network, in tests.

    >>> PolygonRest("key")
    PolygonRest('polygon')
    """

    def __init__(
        self,
        api_key: str,
        url: str | None = None,
        *,
        name: str = "polygon",
        asks: Literal["quotes", "trades"] = "quotes",
        symbols: Mapping[str, str] | None = None,
        timeout_seconds: float = 10.0,
        insecure_host: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        check_given("polygon", api_key=api_key)
        check_choice("polygon: asks", asks, ("quotes", "trades"))
        self.name = name
        self._asks = asks
        self._symbols = dict(symbols or {})
        self._client = RestClient(
            name,
            url or POLYGON_URL,
            headers={"Authorization": f"Bearer {api_key}"},
            secrets=(api_key,),
            timeout_seconds=timeout_seconds,
            insecure_host=insecure_host,
            transport=transport,
        )

    def __repr__(self) -> str:
        return f"PolygonRest({self.name!r})"

    async def get_quote(self, symbol: str) -> Quote | Trade:
        """The newest quote of *symbol*, or its newest trade; times are the tape's."""
        native = self._symbols.get(symbol, symbol)
        body = await self._client.get(
            f"/v3/{self._asks}/{segment(native)}",
            about=symbol,
            query={
                "order": "desc",
                "sort": "timestamp",
                "limit": 1 if self._asks == "quotes" else TRADES_BACK,
            },
        )
        return self._quote(symbol, body) if self._asks == "quotes" else self._trade(symbol, body)

    def _quote(self, symbol: str, body: Body) -> Quote:
        found = shaped(body.raw, _Quotes, self.name).results
        if not found:
            raise UnusableAnswer(self.name, symbol, "no quote")
        q = found[0]
        return Quote(
            symbol=symbol,
            ts_event=moment(q.sip_timestamp or q.participant_timestamp, body.ts_recv),
            ts_recv=body.ts_recv,
            provider=self.name,
            bid=q.bid_price or NAN,  # 0 is a side without a quote
            ask=q.ask_price or NAN,
            bid_size=number(q.bid_size),
            ask_size=number(q.ask_size),
            bid_venue=str(q.bid_exchange),
            ask_venue=str(q.ask_exchange),
        )

    def _trade(self, symbol: str, body: Body) -> Trade:
        found = shaped(body.raw, _Trades, self.name).results
        for t in found or ():
            if t.correction in VOID:
                continue
            at = moment(t.sip_timestamp or t.participant_timestamp, body.ts_recv)
            codes = tuple(map(str, t.conditions or ()))
            # A prefix names another market, where the codes have other meanings.
            stock = ":" not in self._symbols.get(symbol, symbol)
            flags = STOCK_CONDITIONS.flags(codes, at) if stock else MOVES_ALL
            made = moment(t.participant_timestamp, at)
            if stock and t.exchange == OFF_EXCHANGE and _EARLIEST <= made < at - _LATE:
                flags = out_of_sequence(flags)
            if flags & TradeFlags.LAST:
                return Trade(
                    symbol=symbol,
                    ts_event=at,
                    ts_recv=body.ts_recv,
                    provider=self.name,
                    price=number(t.price),
                    size=number(t.size),
                    venue=facility(t.exchange, t.trf_id) if t.trf_id else str(t.exchange),
                    trade_id=str(t.id),
                    conditions=codes,
                    flags=flags,
                )
        reason = f"none of the last {len(found)} trades moves the price" if found else "no trade"
        raise UnusableAnswer(self.name, symbol, reason)

    async def get_historical(
        self, symbol: str, *, start: Nanos, end: Nanos, interval: Nanos
    ) -> Sequence[Bar]:
        """The bars of *interval* that begin in [*start*, *end*), not adjusted for splits, page by page."""
        unit = next((unit for unit in SPANS if interval > 0 and interval % unit == 0), None)
        if unit is None:
            raise SubscriptionError(
                self.name, f"it has bars of whole seconds, not of {interval} ns"
            )
        native = self._symbols.get(symbol, symbol)
        path = f"/v2/aggs/ticker/{segment(native)}/range/{interval // unit}/{SPANS[unit]}"
        path += f"/{start // MILLI}/{end // MILLI}"
        query: Mapping[str, str | int] = {"adjusted": "false", "sort": "asc", "limit": 50_000}
        bars: list[Bar] = []
        seen: set[str] = set()
        while path:
            body = await self._client.get(path, about=symbol, query=query)
            page = shaped(body.raw, _Bars, self.name)
            bars += [
                self._bar(symbol, b, interval, body.ts_recv)
                for b in page.results or ()
                if start <= b.t * MILLI < end
            ]
            # Only its path and its query are taken: our key goes to no other host.
            following = urlsplit(page.next_url or "")
            path, query = following.path, dict(parse_qsl(following.query))
            if path:
                check_unseen(f"{path}?{following.query}", seen, body.raw, self.name)
        return bars

    def _bar(self, symbol: str, b: _Bar, interval: Nanos, ts_recv: Nanos) -> Bar:
        return Bar(
            symbol=symbol,
            ts_event=b.t * MILLI + interval,
            ts_recv=ts_recv,
            provider=self.name,
            interval=interval,
            open=b.o,
            high=b.h,
            low=b.l,
            close=b.c,
            volume=number(b.v),
            vwap=NAN if b.v == 0 else number(b.vw),
            trade_count=b.n,
        )

    async def validate_symbol(self, symbol: str) -> bool:
        """Whether the vendor lists *symbol* as active."""
        native = self._symbols.get(symbol, symbol)
        try:
            body = await self._client.get(f"/v3/reference/tickers/{segment(native)}", about=symbol)
        except SubscriptionError:
            return False
        ticker = shaped(body.raw, _Tickers, self.name).results
        return ticker is not None and ticker.active

    async def aclose(self) -> None:
        """Hang up; the next question dials again."""
        await self._client.aclose()

"""Alpaca's REST service of market data: the newest quote or trade, and bars. https://docs.alpaca.markets/reference

The answers (times are RFC 3339, to the nanosecond)::

    /v2/stocks/AAPL/quotes/latest   {"symbol":"AAPL","quote":{"t":"2021-02-06T13:35:08.946977536Z","ax":"C","ap":387.7,
                                    "as":1,"bx":"N","bp":387.67,"bs":1,"c":["R"],"z":"C"}}
    /v2/stocks/AAPL/trades/latest   {"symbol":"AAPL","trade":{"t":"2021-02-06T13:35:08.946977536Z","x":"C","p":387.62,
                                    "s":100,"c":["@"],"i":52983525029461,"z":"C"}}
    /v2/stocks/AAPL/bars            {"symbol":"AAPL","bars":[{"t":"2021-02-06T13:35:00Z","o":387.5,"h":387.7,"l":387.5,
                                    "c":387.6,"v":1042,"n":21,"vw":387.57}],"next_page_token":null}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import msgspec

from ordinis_rx.checks import check_choice
from ordinis_rx.errors import DecodeError, SubscriptionError
from ordinis_rx.events import NAN, Bar, Quote, Trade
from ordinis_rx.providers.alpaca_codec import moment_text, nanos_of
from ordinis_rx.providers.alpaca_codes import conditions_of
from ordinis_rx.providers.lenient import Price, Size
from ordinis_rx.providers.reading import RAW_LIMIT, check_given
from ordinis_rx.pull.failures import UnusableAnswer
from ordinis_rx.pull.rest.client import Body, RestClient, segment
from ordinis_rx.pull.rest.reading import check_unseen, number, shaped
from ordinis_rx.timebase import DAY, HOUR, MINUTE, Nanos

if TYPE_CHECKING:
    import httpx

__all__ = ["ALPACA_URL", "AlpacaRest"]

AlpacaFeed: TypeAlias = Literal["iex", "sip", "delayed_sip", "otc", "boats", "overnight"]

_FEEDS: tuple[str, ...] = get_args(AlpacaFeed)

ALPACA_URL = "https://data.alpaca.markets"

UNITS: Mapping[Nanos, tuple[str, int]] = {DAY: ("Day", 1), HOUR: ("Hour", 23), MINUTE: ("Min", 59)}
"""Units of a bar's length with the most that a bar may have of each."""


class _Quote(msgspec.Struct, rename={"as_": "as"}):
    bp: Price | None = None
    ap: Price | None = None
    bs: Size | None = None
    as_: Size | None = None
    bx: str = ""
    ax: str = ""
    t: str = ""


class _Trade(msgspec.Struct):
    p: Price | None = None
    s: Size | None = None
    x: str = ""
    i: int | str = ""
    c: tuple[str, ...] | None = None
    z: str = ""
    t: str = ""


class _Bar(msgspec.Struct):
    t: str
    o: Price
    h: Price
    l: Price  # noqa: E741 - the wire's own key
    c: Price
    v: Size | None = None
    vw: Price | None = None
    n: int = 0


class _LatestQuote(msgspec.Struct):
    quote: _Quote | None = None


class _LatestTrade(msgspec.Struct):
    trade: _Trade | None = None


class _Bars(msgspec.Struct):
    bars: tuple[_Bar, ...] | None = None
    next_page_token: str | None = None


class AlpacaRest:
    """Alpaca as a source of a pull, for US stocks; key and secret ride in headers.

    *feed* is whose prices (``iex`` alone is free). *asks* is what `get_quote` asks for: the newest quote, or the newest
    trade. *symbols* maps neutral symbols to the vendor's, where they differ. *url* replaces the address, such as by that of
    a simulated service. *insecure_host* names a host that may be told the key over plain
    ``http://``, although it is another machine. *transport* replaces the network, in tests.

    >>> AlpacaRest("key", "secret")
    AlpacaRest('alpaca')
    """

    def __init__(
        self,
        key: str,
        secret: str,
        url: str | None = None,
        *,
        name: str = "alpaca",
        feed: AlpacaFeed = "iex",
        asks: Literal["quotes", "trades"] = "quotes",
        symbols: Mapping[str, str] | None = None,
        timeout_seconds: float = 10.0,
        insecure_host: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        check_given("alpaca", key=key, secret=secret)
        if feed not in _FEEDS:
            raise ValueError(f"alpaca has no feed {feed!r}; it has {', '.join(_FEEDS)}")
        check_choice("alpaca: asks", asks, ("quotes", "trades"))
        self.name = name
        self._feed = feed
        self._asks = asks
        self._symbols = dict(symbols or {})
        self._client = RestClient(
            name,
            url or ALPACA_URL,
            headers={"APCA-API-KEY-ID": key, "APCA-API-SECRET-KEY": secret},
            secrets=(key, secret),
            timeout_seconds=timeout_seconds,
            insecure_host=insecure_host,
            transport=transport,
        )

    def __repr__(self) -> str:
        return f"AlpacaRest({self.name!r})"

    async def get_quote(self, symbol: str) -> Quote | Trade:
        """The newest quote of *symbol*, or its newest trade."""
        body = await self._latest(symbol)
        return self._quote(symbol, body) if self._asks == "quotes" else self._trade(symbol, body)

    async def _latest(self, symbol: str) -> Body:
        native = self._symbols.get(symbol, symbol)
        path = f"/v2/stocks/{segment(native)}/{self._asks}/latest"
        return await self._client.get(path, about=symbol, query={"feed": self._feed})

    def _quote(self, symbol: str, body: Body) -> Quote:
        q = shaped(body.raw, _LatestQuote, self.name).quote
        if q is None:
            raise UnusableAnswer(self.name, symbol, "no quote")
        return Quote(
            symbol=symbol,
            ts_event=_moment(q.t, body.ts_recv),
            ts_recv=body.ts_recv,
            provider=self.name,
            bid=q.bp or NAN,  # 0 is the vendor's word for a side without a quote
            ask=q.ap or NAN,
            bid_size=number(q.bs),
            ask_size=number(q.as_),
            bid_venue=q.bx,
            ask_venue=q.ax,
        )

    def _trade(self, symbol: str, body: Body) -> Trade:
        t = shaped(body.raw, _LatestTrade, self.name).trade
        if t is None:
            raise UnusableAnswer(self.name, symbol, "no trade")
        at, codes = _moment(t.t, body.ts_recv), t.c or ()
        return Trade(
            symbol=symbol,
            ts_event=at,
            ts_recv=body.ts_recv,
            provider=self.name,
            price=number(t.p),
            size=number(t.s),
            venue=t.x,
            trade_id=str(t.i),
            conditions=codes,
            flags=conditions_of(t.z).flags(codes, at),
        )

    async def get_historical(
        self, symbol: str, *, start: Nanos, end: Nanos, interval: Nanos
    ) -> Sequence[Bar]:
        """The bars of *interval* that begin in [*start*, *end*), not adjusted for splits, page by page."""
        path = f"/v2/stocks/{segment(self._symbols.get(symbol, symbol))}/bars"
        query: dict[str, str | int] = {
            "timeframe": self._timeframe(interval),
            "start": moment_text(start),
            "end": moment_text(end),
            "limit": 10_000,
            "adjustment": "raw",
            "feed": self._feed,
        }
        bars: list[Bar] = []
        seen: set[str] = set()
        while True:
            body = await self._client.get(path, about=symbol, query=query)
            page = shaped(body.raw, _Bars, self.name)
            told = (self._bar(symbol, b, interval, body.ts_recv) for b in page.bars or ())
            bars += [bar for bar in told if start <= bar.ts_open < end]
            token = page.next_page_token
            if not token:
                return bars
            check_unseen(token, seen, body.raw, self.name)
            query["page_token"] = token

    def _bar(self, symbol: str, b: _Bar, interval: Nanos, ts_recv: Nanos) -> Bar:
        try:
            start = nanos_of(b.t)
        except ValueError as error:
            raise DecodeError(self.name, b.t.encode()[:RAW_LIMIT], str(error)) from None
        return Bar(
            symbol=symbol,
            ts_event=start + interval,
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

    def _timeframe(self, interval: Nanos) -> str:
        for unit, (word, most) in UNITS.items():
            if interval > 0 and interval % unit == 0 and interval // unit <= most:
                return f"{interval // unit}{word}"
        lengths = "1 to 59 minutes, 1 to 23 hours and of a day"
        raise SubscriptionError(self.name, f"it has bars of {lengths}, not of {interval} ns")

    async def validate_symbol(self, symbol: str) -> bool:
        """Whether the vendor has a newest quote or trade of *symbol*."""
        try:
            body = await self._latest(symbol)
        except SubscriptionError:
            return False
        if self._asks == "quotes":
            return shaped(body.raw, _LatestQuote, self.name).quote is not None
        return shaped(body.raw, _LatestTrade, self.name).trade is not None

    async def aclose(self) -> None:
        """Hang up; the next question dials again."""
        await self._client.aclose()


def _moment(text: str, ts_recv: Nanos) -> Nanos:
    try:
        return nanos_of(text)
    except ValueError:
        return ts_recv

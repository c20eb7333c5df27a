"""Finnhub's REST service: the last price, and bars where the plan has them. https://finnhub.io/docs/api/quote

The answer (``t`` in seconds)::

    /quote?symbol=AAPL   {"c":261.74,"d":2.29,"dp":0.88,"h":263.31,"l":260.68,"o":261.07,"pc":259.45,"t":1582641000}

A symbol that does not exist has nothing but zeros; ``pc`` is yesterday's close, and never taken for a price of now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from ordinis_rx.errors import DecodeError, SubscriptionError
from ordinis_rx.events import NAN, Bar, Trade
from ordinis_rx.providers.lenient import Price, Size
from ordinis_rx.providers.reading import check_given
from ordinis_rx.pull.failures import UnusableAnswer
from ordinis_rx.pull.rest.client import Body, RestClient
from ordinis_rx.pull.rest.reading import moment, number, shaped
from ordinis_rx.timebase import DAY, MINUTE, SECOND, Nanos

if TYPE_CHECKING:
    import httpx

__all__ = ["FINNHUB_URL", "FinnhubRest"]

FINNHUB_URL = "https://finnhub.io/api/v1"

RESOLUTIONS: Mapping[Nanos, str] = {
    MINUTE: "1",
    5 * MINUTE: "5",
    15 * MINUTE: "15",
    30 * MINUTE: "30",
    60 * MINUTE: "60",
    DAY: "D",
}


class _Price(msgspec.Struct):
    c: Price | None = None
    t: int | None = None


class _Candles(msgspec.Struct):
    s: str = ""
    t: tuple[int, ...] = ()
    o: tuple[Price, ...] = ()
    h: tuple[Price, ...] = ()
    l: tuple[Price, ...] = ()  # noqa: E741 - the wire's own key
    c: tuple[Price, ...] = ()
    v: tuple[Size, ...] = ()


class FinnhubRest:
    """Finnhub as a source of a pull; the token rides in a header.

    *symbols* maps neutral symbols to the vendor's (``BINANCE:BTCUSDT``, ``OANDA:EUR_USD``), where they differ. *url*
    replaces the address, such as by that of a simulated service. *insecure_host* names a host that may be
    told the key over plain ``http://``, although it is another machine. *transport* replaces the network, in tests.

    >>> FinnhubRest("token")
    FinnhubRest('finnhub')
    """

    def __init__(
        self,
        token: str,
        url: str | None = None,
        *,
        name: str = "finnhub",
        symbols: Mapping[str, str] | None = None,
        timeout_seconds: float = 10.0,
        insecure_host: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        check_given("finnhub", token=token)
        self.name = name
        self._symbols = dict(symbols or {})
        self._client = RestClient(
            name,
            url or FINNHUB_URL,
            headers={"X-Finnhub-Token": token},
            secrets=(token,),
            timeout_seconds=timeout_seconds,
            insecure_host=insecure_host,
            transport=transport,
        )

    def __repr__(self) -> str:
        return f"FinnhubRest({self.name!r})"

    async def get_quote(self, symbol: str) -> Trade:
        """The last price of *symbol* as a trade of unknown size, at the vendor's time, which is cut to seconds."""
        price, body = await self._price(symbol)
        if not price.c:
            raise UnusableAnswer(self.name, symbol, "no price; a symbol unknown to it has none")
        return Trade(
            symbol=symbol,
            ts_event=moment(price.t, body.ts_recv),
            ts_recv=body.ts_recv,
            provider=self.name,
            price=price.c,
            size=NAN,
        )

    async def _price(self, symbol: str) -> tuple[_Price, Body]:
        native = self._symbols.get(symbol, symbol)
        body = await self._client.get("/quote", about=symbol, query={"symbol": native})
        return shaped(body.raw, _Price, self.name), body

    async def get_historical(
        self, symbol: str, *, start: Nanos, end: Nanos, interval: Nanos
    ) -> Sequence[Bar]:
        """The bars of *interval* that begin in [*start*, *end*)."""
        resolution = RESOLUTIONS.get(interval)
        if resolution is None:
            raise SubscriptionError(
                self.name, f"it has bars of 1, 5, 15, 30, 60 minutes and days, not of {interval} ns"
            )
        body = await self._client.get(
            "/stock/candle",
            about=symbol,
            query={
                "symbol": self._symbols.get(symbol, symbol),
                "resolution": resolution,
                "from": start // SECOND,
                "to": end // SECOND,
            },
        )
        candles = shaped(body.raw, _Candles, self.name)
        columns = (candles.t, candles.o, candles.h, candles.l, candles.c, candles.v)
        if len({len(column) for column in columns}) > 1:
            raise DecodeError(self.name, body.raw[:80], "columns of different lengths")
        return [
            Bar(
                symbol=symbol,
                ts_event=t * SECOND + interval,
                ts_recv=body.ts_recv,
                provider=self.name,
                interval=interval,
                open=o,
                high=h,
                low=l,
                close=c,
                volume=number(v),
            )
            for t, o, h, l, c, v in zip(*columns, strict=True)  # noqa: E741
            if start <= t * SECOND < end
        ]

    async def validate_symbol(self, symbol: str) -> bool:
        """Whether the vendor has a price of *symbol*."""
        price, _ = await self._price(symbol)
        return bool(price.c)

    async def aclose(self) -> None:
        """Hang up; the next question dials again."""
        await self._client.aclose()

"""A stream as a data client of nautilus_trader's live node."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ordinis_rx.bridges.blocking import Source
from ordinis_rx.bridges.engines import engine
from ordinis_rx.bridges.isolated import Isolated, subscribe_isolated
from ordinis_rx.bridges.nautilus.ticks import NautilusTicks
from ordinis_rx.events import Bar, Gap, Quote, Trade

__all__ = ["data_client_factory"]


def data_client_factory(
    source: Source[Any],
    instruments: Mapping[str, Any],
    *,
    price_type: str = "LAST",
    maxsize: int | None = 1000,
) -> Any:
    """What ``TradingNode.add_data_client_factory`` takes: the node then has *source* as a data client.

    *instruments* are those of nautilus_trader by our symbols; the client puts them into the cache when it connects. It
    subscribes when a strategy first does, on the node's loop; a `feed` is made there, so hand in a function: ``lambda:
    feed(...)``. Strategies are told the quotes, trades and bars that they subscribe to (bars of `bar_type`), made by
    `NautilusTicks`, whose counts are the client's ``ticks.skipped``. At most *maxsize* facts wait while the node is busy,
    the oldest gives way; a stream that can wait does.

    A quiet stream tells nothing. A `Gap` is a warning in the node's log. When the stream ends, the client is no longer
    connected, and an error is logged; the node goes on. Disconnecting lets go of the stream. The client has no history:
    requests for ticks of the past are answered by an error in the log, as nautilus_trader answers what a client cannot do.

    The client is the default one for venues without another::

        node = TradingNode(TradingNodeConfig(data_clients={"ORDINIS": LiveDataClientConfig()}))
        node.add_data_client_factory("ORDINIS", data_client_factory(lambda: feed(...), {"AAPL": shares}))
        node.build()
    """
    package = "nautilus_trader"
    base = engine(package, "nautilus_trader.live.data_client").LiveMarketDataClient
    factory = engine(package, "nautilus_trader.live.factories").LiveDataClientFactory
    client_id = engine(package, "nautilus_trader.model.identifiers").ClientId
    provider = engine(package, "nautilus_trader.common.providers").InstrumentProvider
    symbols = {instrument.id: symbol for symbol, instrument in instruments.items()}

    class StreamDataClient(base):  # type: ignore[misc, valid-type]  # it has no types
        """Tells a node what a stream tells."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)  # pyright: ignore[reportUnknownMemberType]
            self.ticks = NautilusTicks(instruments, price_type=price_type)
            self._wanted: set[Any] = set()
            self._listening: Isolated[Any] | None = None

        async def _connect(self) -> None:
            for instrument in instruments.values():
                self._instrument_provider.add(instrument)
                self._handle_data(instrument)

        async def _disconnect(self) -> None:
            if self._listening is not None:
                self._listening.dispose()
                await self._listening.join()

        def _tell(self, fact: Any) -> None:
            if isinstance(fact, Gap):
                span = f"{fact.symbols or 'all symbols'} from {fact.ts_from} to {fact.ts_to}"
                self._log.warning(f"Data may be missing: {span} ({fact.reason.value})")
            elif (type(fact), fact.symbol) in self._wanted:
                tick = self.ticks(fact)
                if tick is None or (type(fact) is Bar and tick.bar_type not in self._wanted):
                    return
                self._handle_data(tick)

        def _failed(self, error: Exception) -> None:
            self._log.error(f"The stream ended with {error!r}")
            self._set_connected(False)

        def _ended(self) -> None:
            self._log.info("The stream is complete")
            self._set_connected(False)

        def _symbol(self, instrument_id: Any) -> str:
            if instrument_id not in symbols:
                raise ValueError(f"{self.id} was given no instrument {instrument_id}")
            return symbols[instrument_id]

        def _want(self, *keys: Any) -> None:
            self._wanted.update(keys)
            if self._listening is None:
                self._listening = subscribe_isolated(
                    source() if callable(source) else source,
                    self._tell,
                    on_error=self._failed,
                    on_completed=self._ended,
                    maxsize=maxsize,
                )

        async def _subscribe_quote_ticks(self, command: Any) -> None:
            self._want((Quote, self._symbol(command.instrument_id)))

        async def _subscribe_trade_ticks(self, command: Any) -> None:
            self._want((Trade, self._symbol(command.instrument_id)))

        async def _subscribe_bars(self, command: Any) -> None:
            self._want((Bar, self._symbol(command.bar_type.instrument_id)), command.bar_type)

        async def _unsubscribe_quote_ticks(self, command: Any) -> None:
            self._wanted.discard((Quote, self._symbol(command.instrument_id)))

        async def _unsubscribe_trade_ticks(self, command: Any) -> None:
            self._wanted.discard((Trade, self._symbol(command.instrument_id)))

        async def _unsubscribe_bars(self, command: Any) -> None:
            self._wanted.discard(command.bar_type)

    class StreamDataClientFactory(factory):  # type: ignore[misc, valid-type]
        """Makes the client of one node."""

        @staticmethod
        def create(
            loop: Any, name: str, config: Any, msgbus: Any, cache: Any, clock: Any
        ) -> StreamDataClient:
            """The client that the node asks for."""
            return StreamDataClient(
                loop=loop,
                client_id=client_id(name),
                venue=None,
                msgbus=msgbus,
                cache=cache,
                clock=clock,
                instrument_provider=provider(),
                config=config,
            )

    return StreamDataClientFactory

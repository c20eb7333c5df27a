"""What a classic streaming client offered, row by row: each of its features, in our shape."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import pytest

from ordinis_rx.errors import MissingExtra
from ordinis_rx.events import Quote, StatusChange, StreamStatus, Trade
from ordinis_rx.handlers import CallbackStreamHandler
from ordinis_rx.providers.polygon import polygon
from ordinis_rx.providers.protocol import Authenticated, Decode, Decoded, Endpoint, Provider
from ordinis_rx.wire.transport import websockets_transport
from tests.transport import Ear, PolygonVendor, Vendor, a_feed, trade
from tests.virtual import START, after, in_virtual_time, settled

CONNECTING, CONNECTED = StreamStatus.CONNECTING, StreamStatus.CONNECTED
CLOSED, ERROR = StreamStatus.CLOSED, StreamStatus.ERROR


def a_provider_of_ones_own() -> Provider:
    """The whole of what it takes to add a vendor."""

    def decoder(names: Mapping[str, str]) -> Decode:
        def decode(raw: bytes, ts_recv: int, seq: int) -> Decoded:
            if raw == b"welcome":
                return [], (Authenticated(),)
            symbol, price = raw.decode().split()
            fact = Trade(
                symbol=names.get(symbol, symbol),
                ts_event=ts_recv,
                ts_recv=ts_recv,
                provider="village",
                seq=seq,
                price=float(price),
                size=1.0,
            )
            return [fact], ()

        return decode

    return Provider(
        name="village",
        endpoint=Endpoint("wss://village", "wss://village"),
        channels=frozenset({"trades"}),
        default_channels=frozenset({"trades"}),
        hello=("knock",),
        authenticates=True,
        acknowledges=False,
        subscribe=lambda topics: [f"+{topic.symbol}" for topic in topics],
        unsubscribe=lambda topics: [f"-{topic.symbol}" for topic in topics],
        decoder=decoder,
        encode=lambda events: [],
        to_native=str.lower,
        from_native=str.upper,
    )


@in_virtual_time
async def test_a_vendor_is_added_by_a_value_of_pure_functions() -> None:
    """F07, F11"""
    vendor = Vendor()
    events = a_feed(vendor, ["WOOD", "GRAIN"], provider=a_provider_of_ones_own(), channels=None)
    ear = Ear().to(events)
    await settled()
    assert vendor.line.said == ["knock"]
    vendor.line.raw(b"welcome")
    await settled()
    await events.remove(["GRAIN"])
    await settled()
    assert vendor.line.said == ["knock", "+wood", "+grain", "-grain"]
    vendor.line.raw(b"wood 12.5")
    vendor.line.raw(b"nonsense")
    vendor.line.raw(b"wood 13")
    await settled()
    assert ear.prices == [12.5, 13.0]
    assert ear.problems == ["undecodable"]
    await events.close()


@in_virtual_time
async def test_the_life_of_a_connection_is_told_from_the_first_dial_to_the_close() -> None:
    """F02, F12"""
    vendor = PolygonVendor()
    events = a_feed(vendor)
    assert events.status is StreamStatus.DISCONNECTED
    ear = Ear().to(events)
    again = Ear().to(events)  # connected or connecting: no second connection
    await settled()
    assert len(vendor.dials) == 1
    await events.close()
    assert ear.statuses == [CONNECTING, CONNECTED, CLOSED]
    assert again.statuses == [CONNECTED, CLOSED]  # it came after the dial had been told


@in_virtual_time
async def test_the_wanted_symbols_are_a_copy_remembered_offline_and_replayed() -> None:
    """F13"""
    vendor = PolygonVendor()
    events = a_feed(vendor, ["AAPL", "AAPL"])
    await events.add(["MSFT"])
    await events.remove(["NEVER"])
    before = events.subscriptions
    assert before == ("AAPL", "MSFT")
    Ear().to(events)
    await settled()
    await events.add(["IBM"])
    assert before == ("AAPL", "MSFT")
    vendor.line.lose()
    await after(2)
    assert [line.topics for line in vendor.lines] == [{"T.AAPL", "T.MSFT", "T.IBM"}] * 2
    await events.close()


@in_virtual_time
async def test_the_figures_of_the_original_are_there() -> None:
    """F17"""
    vendor = PolygonVendor(acks="whole")
    events = a_feed(vendor)
    Ear().to(events)
    await after(1)
    vendor.line.say(trade())
    vendor.line.raw(b"dirt")
    await settled()
    stats = events.stats
    assert (stats.provider, events.status) == ("polygon", CONNECTED)
    assert (stats.connected_at, stats.last_receive) == (START, START + 1_000_000_000)
    assert (stats.messages, sum(stats.decode_errors.values())) == (4, 1)
    assert (len(events.subscriptions), stats.attempts - stats.connects) == (1, 0)
    await events.close()


@in_virtual_time
async def test_handlers_come_and_go_and_one_that_fails_does_not_stop_the_others() -> None:
    """F08, F09, F18"""
    trades: list[Trade] = []
    statuses: list[StreamStatus] = []

    def fail(fact: Any) -> None:
        raise ValueError(fact)

    vendor = PolygonVendor()
    events = a_feed(vendor)
    good = events.subscribe(
        CallbackStreamHandler(
            on_trade=trades.append, on_status=lambda fact: statuses.append(fact.status)
        )
    )
    ear = Ear().to(events)
    events.subscribe(CallbackStreamHandler(on_trade=fail))
    await settled()
    vendor.line.say(trade(price=1.0), trade(price=2.0))
    await settled()
    good.dispose()
    vendor.line.say(trade(price=3.0))
    await settled()
    assert [fact.price for fact in trades] == [1.0, 2.0]
    assert ear.prices == [1.0, 2.0, 3.0]
    assert statuses == [CONNECTING, CONNECTED]
    await events.close()


@in_virtual_time
async def test_without_websockets_dialling_names_the_extra_and_does_not_try_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """F19"""
    for module in [name for name in sys.modules if name.partition(".")[0] == "websockets"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "websockets", None)
    events = a_feed(websockets_transport)  # type: ignore[arg-type]
    ear = Ear().to(events)
    await after(100)
    (error,) = ear.errors
    assert isinstance(error, MissingExtra)
    assert "pip install 'ordinis-rx[stream]'" in str(error)
    assert events.stats.attempts == 1
    assert ear.statuses == [CONNECTING, ERROR]


@in_virtual_time
async def test_an_address_that_cannot_be_dialled_is_final_and_not_shown() -> None:
    provider = polygon("a-secret-key", url="wss:///somewhere/a-secret-key")
    events = a_feed(websockets_transport, provider=provider)  # type: ignore[arg-type]
    ear = Ear().to(events)
    await after(100)
    assert isinstance(ear.errors[0], ValueError)
    assert events.stats.attempts == 1
    assert "somewhere" not in ear.of(StatusChange)[-1].message
    assert "secret" not in str(ear.errors[0])


@pytest.mark.parametrize("channels", [{"trades"}, {"quotes"}, {"trades", "quotes"}])
@in_virtual_time
async def test_channels_are_chosen_by_name(channels: set[str]) -> None:
    """F20"""
    vendor = PolygonVendor()
    events = a_feed(vendor, channels=channels)
    ear = Ear().to(events)
    await settled()
    assert vendor.line.topics == {
        {"trades": "T.AAPL", "quotes": "Q.AAPL"}[channel] for channel in channels
    }
    quote = {"ev": "Q", "sym": "AAPL", "bp": 1.0, "ap": 2.0, "bs": 3, "as": 4, "t": 1}
    vendor.line.say(quote | {"t": START // 1_000_000})
    await settled()
    assert [fact.mid for fact in ear.of(Quote)] == [1.5]
    await events.close()

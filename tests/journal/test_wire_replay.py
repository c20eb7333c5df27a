"""A recording of the wire tells the facts that the feed told live, to the last bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ordinis_rx.errors import JournalError
from ordinis_rx.events import FeedError, Gap, StatusChange
from ordinis_rx.journal import record_wire, replay
from ordinis_rx.providers.finnhub import finnhub
from ordinis_rx.providers.polygon import polygon
from ordinis_rx.testing import difference
from tests.heard import replayed
from tests.transport import Ear, PolygonVendor, a_feed, trade
from tests.virtual import after, in_virtual_time, settled


@in_virtual_time
async def test_what_is_decoded_again_is_what_was_told_live(tmp_path: Path) -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor, {"apple": "AAPL", "MSFT": "MSFT"})
    record_wire(events, tmp_path / "x.wire", sync_every=None)
    ear = Ear().to(events)
    await settled()
    vendor.line.say(trade(), trade("MSFT", 250.5))
    vendor.line.raw(b"{not json")
    vendor.line.lose()
    await after(5)
    vendor.line.say({"ev": "T", "sym": "AAPL"}, trade(price=101))
    await settled()
    await events.close()

    of_the_wire = [fact for fact in ear.facts if not isinstance(fact, StatusChange | Gap)]
    assert {fact.symbol for fact in of_the_wire} >= {"apple", "MSFT"}
    assert any(isinstance(fact, FeedError) and fact.kind == "undecodable" for fact in of_the_wire)
    told = replayed(tmp_path / "x.wire", provider=polygon("-"))
    assert difference(told, of_the_wire) == ""
    assert (
        difference(replayed(tmp_path / "x.wire", provider=polygon("-"), rows=1), of_the_wire) == ""
    )
    only = replayed(tmp_path / "x.wire", provider=polygon("-"), kinds="error")
    assert only == [fact for fact in of_the_wire if isinstance(fact, FeedError)]


@in_virtual_time
async def test_it_is_read_by_the_provider_that_sent_it_alone(tmp_path: Path) -> None:
    events = a_feed(PolygonVendor())
    record_wire(events, tmp_path / "x.wire", sync_every=None).close()
    with pytest.raises(JournalError, match="is of polygon, and cannot be read as finnhub's"):
        replay(tmp_path / "x.wire", provider=finnhub("-"))
    with pytest.raises(JournalError, match="needs the provider that sent them"):
        replay(tmp_path / "x.wire")
    await events.close()


@in_virtual_time
async def test_a_recording_that_was_cut_off_is_told_as_far_as_it_goes(tmp_path: Path) -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor)
    record_wire(events, tmp_path / "x.wire", sync_every=None)
    ear = Ear().to(events)
    await settled()
    vendor.line.say(trade())
    await settled()
    vendor.line.say(trade(price=101))
    await settled()
    await events.close()
    path = tmp_path / "x.wire"
    path.write_bytes(path.read_bytes()[:-1])
    stream = replay(path, provider=polygon("-"))
    told: list[Any] = []
    stream.subscribe(told.append)
    assert [fact.price for fact in told] == ear.prices[:1]
    assert 0 < stream.loss.bytes < 100

from __future__ import annotations

import msgspec
import pytest

from ordinis_rx.events import FeedError
from ordinis_rx.providers.alpaca import alpaca
from ordinis_rx.providers.finnhub import finnhub
from ordinis_rx.providers.lenient import Fault
from ordinis_rx.providers.parts import MOST_FAULTS, UNREADABLE, fields_of, gathered
from ordinis_rx.providers.polygon import polygon
from ordinis_rx.providers.protocol import Provider


def test_a_field_that_cannot_be_read_stays_as_its_bytes_and_the_others_are_read() -> None:
    raw = b'{"p":1e999,"s":"\xff","v":[1,null],"x":' + b"[" * 10_000 + b"]" * 10_000 + b"}"
    parts = {
        "p": msgspec.Raw(b"1e999"),
        "s": msgspec.Raw(b'"\xff"'),
        "v": msgspec.Raw(b"[1,null]"),
        "deep": msgspec.Raw(b"[" * 10_000),
    }

    fields = fields_of(parts, msgspec.json.decode)

    assert fields == {"p": b"1e999", "s": b'"\xff"', "v": [1, None], "deep": b"[" * 10_000}
    with pytest.raises(UNREADABLE):
        msgspec.json.decode(raw)


def test_the_first_thousand_faults_of_a_frame_are_told_and_the_others_counted() -> None:
    fault = Fault("unknown-message", "?")

    assert gathered([[fault] * MOST_FAULTS]) == [fault] * MOST_FAULTS
    read = gathered([["a", fault] for _ in range(MOST_FAULTS + 7)])
    assert read.count("a") == MOST_FAULTS + 7
    assert read.count(fault) == MOST_FAULTS
    assert read[-1] == Fault("more-faults", "7 more faults of this frame")


@pytest.mark.parametrize(
    ("provider", "frame"),
    [
        (polygon("a-long-key"), b"[" + b",".join([b"{}"] * 1_500) + b"]"),
        (alpaca("a-long-key", "a-secret"), b"[" + b",".join([b"{}"] * 1_500) + b"]"),
        (
            finnhub("a-long-key"),
            b'{"type":"trade","data":[' + b",".join([b"[]"] * 1_500) + b"]}",
        ),
    ],
    ids=["polygon", "alpaca", "finnhub"],
)
def test_every_provider_counts_what_it_does_not_tell(provider: Provider, frame: bytes) -> None:
    facts, _ = provider.decoder({})(frame, 1, 1)

    assert len(facts) == MOST_FAULTS + 1
    last = facts[-1]
    assert isinstance(last, FeedError)
    assert (last.kind, last.message) == ("more-faults", "500 more faults of this frame")

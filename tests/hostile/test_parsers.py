"""Whatever bytes a decoder is given: facts that a consumer can bear, counted errors, or a `DecodeError`."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ordinis_rx.events import FeedError
from ordinis_rx.providers.guarding import guarded
from tests.figures import record
from tests.hostile.frames import NOW, PROVIDERS, frames_of
from tests.hostile.mutation import arbitrary_json, mutated
from tests.hostile.soundness import decoded_soundly

seeds = st.integers(0, 2**64 - 1)
names = pytest.mark.parametrize("name", sorted(PROVIDERS))


@names
def test_the_frames_to_be_harmed_are_sound(name: str) -> None:
    frames = frames_of(name)
    decode = PROVIDERS[name]().decoder({})

    assert len(frames) >= 5
    assert any(decoded_soundly(decode, frame, NOW) for frame in frames)


def bear(name: str, examples: int) -> int:
    """Try so many harmed frames and arbitrary bytes on the decoder *name*; how many were tried."""
    frames = frames_of(name)
    decode = PROVIDERS[name]().decoder({})
    tried = 0

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(frames), seeds, st.binary(max_size=60))
    def each(frame: bytes, seed: int, junk: bytes) -> None:
        nonlocal tried
        for raw in (mutated(frame, seed), arbitrary_json(seed), junk):
            decoded_soundly(decode, raw, NOW)
            tried += 1

    each()
    return tried


@names
def test_harmed_frames_and_any_bytes_are_borne(name: str) -> None:
    assert bear(name, 40) >= 120


@pytest.mark.deep
@names
def test_thousands_of_harmed_frames_are_borne(name: str) -> None:
    tried = bear(name, 2_000)

    record(
        "parsers",
        "only `DecodeError` or counted errors; no unusable number",
        f"{tried} frames each",
    )
    assert tried >= 6_000


@pytest.mark.soak
@names
def test_a_hundred_thousand_harmed_frames_are_borne(name: str) -> None:
    tried = bear(name, 100_000)

    record(
        f"parsers, {name}",
        "only `DecodeError` or counted errors; no unusable number",
        f"{tried:,} frames",
    )
    assert tried >= 100_000


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


DEEP = {
    "json": [
        nested(100_000),
        b"[" * 100_000,
        b'[{"ev":"T","T":"t","sym":"A","S":"A","p":' + nested(100_000) + b"}]",
        b'{"type":"trade","data":' + nested(100_000) + b"}",
        b'{"type":"trade","data":[{"s":' + nested(100_000) + b"}]}",
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    ],
    "msgpack": [b"\x91" * 100_000 + b"\xc0", b"\x91\x81\xa1T" + b"\x91" * 100_000 + b"\xc0"],
}


@names
def test_a_hundred_thousand_levels_are_refused_and_not_climbed(name: str) -> None:
    decode = PROVIDERS[name]().decoder({})
    for raw in DEEP["msgpack" if name.endswith("msgpack") else "json"]:
        facts, controls = guarded(name, decode)(raw, NOW, 1)
        assert not controls
        assert {type(fact) for fact in facts} >= {FeedError}


LONG: dict[str, Callable[[bytes, int], bytes]] = {
    "many frames in one": lambda frame, n: b"[" + b",".join([frame.strip(b"[]")] * n) + b"]",
    "many numbers": lambda _, n: b"[" + b",".join([b"1"] * 20 * n) + b"]",
    "many empty messages": lambda _, n: b"[" + b",".join([b"{}"] * 20 * n) + b"]",
    "many keys": lambda _, n: b'[{"ev":"T","T":"t",%s"p":1}]' % (b'"p":1,' * 20 * n),
    "many rows": lambda _, n: b'{"type":"trade","data":[%s]}' % b",".join([b"{}"] * 20 * n),
    "a long text": lambda _, n: b'[{"ev":"T","T":"t","sym":"%s"}]' % (b"\\u0041" * 20 * n),
    "a long number": lambda _, n: b'[{"ev":"T","T":"t","p":%s}]' % (b"7" * 200 * n),
    "a long text of digits": lambda _, n: (
        b'{"type":"trade","data":[{"p":"%s"}]}' % (b"7" * 200 * n)
    ),
    "an open text": lambda _, n: b'["' + b"\\" * 200 * n,
}


def seconds(work: Callable[[], object]) -> float:
    """The least of a few runs, in processor time."""
    spans: list[float] = []
    for _ in range(3):
        began = time.process_time()
        work()
        spans.append(time.process_time() - began)
    return min(spans)


@pytest.mark.parametrize("name", ["stocks", "finnhub", "alpaca-json"])
@pytest.mark.parametrize("shape", sorted(LONG))
def test_four_times_the_bytes_take_no_more_than_linearly_longer(name: str, shape: str) -> None:
    """A quadratic reader takes sixteen times as long for four times the bytes; twelve leaves room for a busy machine."""
    provider = PROVIDERS[name]()
    frame = frames_of(name)[0]
    small, large = LONG[shape](frame, 100), LONG[shape](frame, 400)

    def reading(raw: bytes) -> Callable[[], object]:
        return lambda: guarded(name, provider.decoder({}))(raw, NOW, 1)

    took = seconds(reading(small)), seconds(reading(large))

    assert took[1] < 12 * took[0] + 0.02

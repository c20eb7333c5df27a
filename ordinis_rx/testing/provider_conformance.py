"""The promises that every provider keeps, as a check for your own: `check_provider`."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec.structs import replace

from ordinis_rx.errors import OrdinisError
from ordinis_rx.events import EVENT_TYPES, Event, FeedError
from ordinis_rx.providers.protocol import Decode, Decoded, Provider, Topic
from ordinis_rx.providers.reading import SHORTEST_SECRET
from ordinis_rx.testing.identity import difference
from ordinis_rx.timebase import Nanos, floor

__all__ = ["check_provider"]

_FIRST_SEQ = 1_000
_TS_RECV = 1_700_000_000_000_000_000
_MOST_DAMAGED = 4_000


def check_provider(
    provider: Provider, samples: Sequence[bytes | str], *, resolution: Nanos = 1
) -> None:
    """Assert the promises of *provider* on captured *samples*: whole messages, in the order in which they came.

    - readable: every sample decodes, and they bring facts.
    - numbered: facts carry the provider's name, the time of receipt, and consecutive `seq`.
    - private: a decoder has a memory of its own.
    - sturdy: every prefix of a sample, and every sample with a bit flipped, decodes or raises an `OrdinisError`.
    - reusable: the hello and the subscriptions can be said again, for the next connection.
    - faithful: ``decode(encode(facts))`` are the facts again, but for those that the wire cannot carry; times are compared
      in units of *resolution* nanoseconds.
    - discreet: what it keeps secret is named in `secrets`, and no repr shows it; nor does what is told of a message that
      repeats it.

    Of a very long sample some thousand prefixes and bits are tried, spread over the whole. Raises AssertionError whose
    message begins with the promise that was broken.

    >>> from ordinis_rx.providers.finnhub import finnhub
    >>> sample = b'{"type":"trade","data":[{"s":"AAPL","p":190.25,"v":100,"t":1700000000123,"c":["1"]}]}'
    >>> check_provider(finnhub("a-token"), [sample])
    """
    messages = [sample.encode() if isinstance(sample, str) else sample for sample in samples]
    _discreet(provider)
    facts = _readable(provider, messages)
    _private(provider, messages, facts)
    _reusable(provider, facts)
    _faithful(provider, facts, resolution)
    for message in messages:
        _sturdy(provider, message)
    for secret in provider.secrets:
        if len(secret) >= SHORTEST_SECRET:
            _silent_about(provider, secret)


def _discreet(provider: Provider) -> None:
    endpoint = provider.endpoint
    if provider.authenticates or endpoint.url != endpoint.shown:
        assert any(provider.secrets), f"discreet: {provider.name} names none of its secrets"
    hidden = [secret for secret in provider.secrets if secret]
    if endpoint.url != endpoint.shown:
        hidden.append(endpoint.url)
    for what, shown in (
        ("provider", repr(provider)),
        ("endpoint", repr(endpoint)),
        ("address shown", endpoint.shown),
        ("decoder", repr(provider.decoder({}))),
    ):
        for secret in hidden:
            _check_hidden(secret, shown, f"the {what} shows a secret")


def _silent_about(provider: Provider, secret: str) -> None:
    decode = provider.decoder({})
    quoted = json.dumps(secret)
    for told in (
        quoted,
        f'{{"type":{quoted}}}',
        f'[{{"ev":{quoted},"T":{quoted}}}]',
        f'[{{"type":"error","T":"error","code":400,"msg":{quoted}}}]',
        f'{{"type":"trade","data":[{{"s":"A","p":{quoted},"v":1,"t":1}}]}}',
        f'[{{"ev":{quoted}',
    ):
        try:
            shown = repr(decode(told.encode(), _TS_RECV, _FIRST_SEQ))
        except Exception as error:  # of which kind, is judged elsewhere
            shown = f"{error} {error!r}"
        _check_hidden(secret, shown, "a secret that stands in a message is told")


def _check_hidden(secret: str, shown: str, what: str) -> None:
    if secret in shown:  # no assert: what fails there may be shown, operands and all
        raise AssertionError(f"discreet: {what}: {shown.replace(secret, '***')}")


def _readable(provider: Provider, messages: list[bytes]) -> list[Event]:
    decode = provider.decoder({})
    facts: list[Event] = []
    for at, message in enumerate(messages):
        try:
            decoded = decode(message, _TS_RECV + at, _FIRST_SEQ + len(facts))
        except Exception as error:
            raise AssertionError(f"readable: sample {at} raised {error!r}") from error
        _numbered(provider, decoded, _TS_RECV + at, _FIRST_SEQ + len(facts), f"sample {at}")
        facts += decoded[0]
    assert facts, f"readable: {len(messages)} samples brought no fact"
    return facts


def _numbered(provider: Provider, decoded: Decoded, ts_recv: int, seq: int, what: str) -> None:
    for fact in decoded[0]:
        assert isinstance(fact, EVENT_TYPES), f"numbered: {what} brought {fact!r}, which is no fact"
        assert fact.seq == seq, f"numbered: {what} brought seq {fact.seq}, wanted {seq}: {fact!r}"
        assert fact.provider == provider.name, f"numbered: {what} came from {fact.provider!r}"
        assert fact.ts_recv == ts_recv, f"numbered: {what} was received at {fact.ts_recv}"
        seq += 1


def _private(provider: Provider, messages: list[bytes], facts: list[Event]) -> None:
    again = _all_of(provider.decoder({}), messages)
    odd = difference(again, facts)
    assert not odd, f"private: a second decoder made something else of the samples: {odd}"


def _all_of(decode: Decode, messages: Sequence[bytes | str]) -> list[Event]:
    facts: list[Event] = []
    for at, message in enumerate(messages):
        raw = message.encode() if isinstance(message, str) else message
        facts += decode(raw, _TS_RECV + at, _FIRST_SEQ + len(facts))[0]
    return facts


def _reusable(provider: Provider, facts: list[Event]) -> None:
    symbols = sorted({provider.to_native(fact.symbol) for fact in facts if fact.symbol})
    wanted: list[Topic] = []
    for symbol in symbols:
        try:
            wanted += provider.topics([symbol], provider.default_channels)
        except OrdinisError:  # a symbol of a channel that is none of the default ones
            continue
    assert wanted, f"reusable: {provider.name} can subscribe to none of {symbols}"
    for name, say in (("subscribe", provider.subscribe), ("unsubscribe", provider.unsubscribe)):
        said, again = (list(say(tuple(wanted))) for _ in range(2))
        assert said, f"reusable: {name} says nothing for {wanted}"
        assert said == again, f"reusable: {name} says {again} the second time, {said} the first"
    hello: object = provider.hello
    assert isinstance(hello, tuple), f"reusable: the hello is {type(hello).__name__}, not a tuple"


def _faithful(provider: Provider, facts: list[Event], resolution: Nanos) -> None:
    carried = [fact for fact in facts if provider.encode([fact])]
    back = _all_of(provider.decoder({}), provider.encode(carried))
    back = [fact for fact in back if not isinstance(fact, FeedError)]
    odd = difference(_as_sent(back, resolution), _as_sent(carried, resolution))
    assert not odd, f"faithful: decode(encode(facts)) are not the facts: {odd}"


def _as_sent(facts: Sequence[Event], resolution: Nanos) -> list[Any]:
    """The facts without what the connection adds to them, and without what is finer than the wire's clock."""
    return [
        replace(fact, seq=0, ts_recv=0, ts_event=floor(fact.ts_event, resolution)) for fact in facts
    ]


def _sturdy(provider: Provider, message: bytes) -> None:
    decode = provider.decoder({})
    for what, damaged in _damaged(message):
        try:
            decoded = decode(damaged, _TS_RECV, _FIRST_SEQ)
        except OrdinisError:
            continue
        except Exception as error:
            raise AssertionError(
                f"sturdy: {what} raised {error!r}, which is no OrdinisError: {damaged[:200]!r}"
            ) from error
        _numbered(provider, decoded, _TS_RECV, _FIRST_SEQ, what)


def _damaged(message: bytes) -> Iterator[tuple[str, bytes]]:
    step = len(message) // _MOST_DAMAGED + 1
    for length in range(0, len(message) + 1, step):
        yield f"a prefix of {length} bytes", message[:length]
    chance = random.Random(len(message))
    for at in range(0, len(message), step):
        flipped = bytearray(message)
        bit = chance.randrange(8)
        flipped[at] ^= 1 << bit
        yield f"a sample with bit {bit} of byte {at} flipped", bytes(flipped)

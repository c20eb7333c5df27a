"""The promises that every provider keeps, as a check for your own: `check_provider`."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

from msgspec.structs import replace

from ordinis_rx.codes import Names
from ordinis_rx.errors import OrdinisError
from ordinis_rx.event_json import from_json, to_json
from ordinis_rx.events import EVENT_TYPES, Event, FeedError
from ordinis_rx.frames import FRAMES
from ordinis_rx.misfits import misfit
from ordinis_rx.providers.protocol import (
    Acknowledged,
    Authenticated,
    Decode,
    Decoded,
    Provider,
    Refused,
    Reply,
    Topic,
)
from ordinis_rx.providers.reading import SHORTEST_SECRET
from ordinis_rx.testing.identity import difference, same
from ordinis_rx.timebase import Nanos, floor

__all__ = ["check_provider"]

_FIRST_SEQ = 1_000
_TS_RECV = 1_700_000_000_000_000_000

_SECONDS, _NANOS = 10**9, 10**17
"""Between these are today's seconds, milli- and microseconds; nanoseconds were so until 1973."""

_MOST_DAMAGED = 4_000


def check_provider(
    provider: Provider, samples: Sequence[bytes | str], *, resolution: Nanos = 1
) -> None:
    """Assert the promises of *provider* on captured *samples*: whole messages, in the order in which they came.

    - readable: every sample decodes, to a list of facts and a sequence of controls, and they bring facts.
    - numbered: facts carry the provider's name, the time of receipt, and consecutive `seq`.
    - sound: every field of a fact holds what it is for: numbers are finite floats or NaN, texts are texts, and times are
      nanoseconds after 1970 that fit into 64 bits.
    - polite: controls are those of the protocol, and hold what theirs are made of.
    - named: a decoder that is given names tells neutral symbols.
    - private: a decoder has a memory of its own.
    - sturdy: every prefix of a sample, and every sample with a bit flipped, decodes or raises an `OrdinisError`.
    - reusable: subscriptions are lists of texts or bytes, and can be said again, for the next connection.
    - faithful: ``decode(encode(facts))`` are the facts again, but for those that the wire cannot carry; times are compared
      in units of *resolution* nanoseconds, and not at all where they are those of the arrival.
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
    _named(provider, messages, facts)
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
        what = f"sample {at}"
        told = _well_told(provider, decoded, _TS_RECV + at, _FIRST_SEQ + len(facts), what)
        for fact in told:
            _sound(fact, what)
        facts += told
    assert facts, f"readable: {len(messages)} samples brought no fact"
    return facts


def _well_told(provider: Provider, decoded: Any, ts_recv: int, seq: int, what: str) -> list[Event]:
    """The facts of a message, if they and the controls are what the protocol has."""
    match decoded:
        case (list(), list() | tuple()):
            told, controls = cast("Decoded", decoded)
        case _:
            raise AssertionError(f"readable: {what} brought {decoded!r}, not facts and controls")
    _numbered(provider, told, ts_recv, seq, what)
    for control in controls:
        assert _is_polite(control), f"polite: {what} brought the control {control!r}"
    return told


def _numbered(provider: Provider, told: list[Event], ts_recv: int, seq: int, what: str) -> None:
    for fact in told:
        assert isinstance(fact, EVENT_TYPES), f"numbered: {what} brought {fact!r}, which is no fact"
        assert fact.seq == seq, f"numbered: {what} brought seq {fact.seq}, wanted {seq}: {fact!r}"
        assert fact.provider == provider.name, f"numbered: {what} came from {fact.provider!r}"
        assert fact.ts_recv == ts_recv, f"numbered: {what} was received at {fact.ts_recv}"
        seq += 1


def _is_polite(control: object) -> bool:
    """Whether it is a control of the protocol, and holds what theirs do."""
    held: tuple[Any, ...] = ()
    kinds: tuple[type[Any], ...] = ()
    match control:
        case Authenticated():
            pass
        case Acknowledged():
            held = (*control.topics, *control.ended, *control.refused)
            kinds = (Topic,)
        case Refused():
            held, kinds = (control.error,), (OrdinisError,)
        case Reply():
            held, kinds = (control.data,), (str, bytes)
        case _:
            return False
    return all(isinstance(each, kinds) for each in held)


def _sound(fact: Event, what: str) -> None:
    kind = type(fact)
    frame = FRAMES[kind](Names())
    columns = list(frame.schema.index)
    frame.hold([fact])
    try:
        for name in columns:
            frame.lookup(name)
        back = from_json(to_json(fact))
    except Exception as error:
        why = misfit([fact], columns, error)
        raise AssertionError(
            f"sound: {what} brought a {kind.__name__} that is none: {why}"
        ) from error
    for name in fact.__struct_fields__:
        value = getattr(fact, name)
        assert same(getattr(back, name), value), (
            f"sound: {what} brought {name} {value!r} in {fact!r}"
        )
    assert fact.ts_event > 0, f"sound: {what} brought ts_event {fact.ts_event} in {fact!r}"
    assert not _SECONDS < fact.ts_event < _NANOS, (
        f"sound: {what} brought ts_event {fact.ts_event}, {fact.time:%Y-%m-%d}: is it in another unit? {fact!r}"
    )


def _named(provider: Provider, messages: list[bytes], facts: list[Event]) -> None:
    aliases = {fact.symbol: f"neutral name of {fact.symbol}" for fact in facts if fact.symbol}
    names = {provider.to_native(symbol): alias for symbol, alias in aliases.items()}
    told = [fact.symbol for fact in _all_of(provider.decoder(aliases | names), messages)]
    wanted = [aliases.get(fact.symbol, "") for fact in facts]
    odd = difference(told, wanted)
    assert not odd, f"named: of the symbols that a decoder with names tells, {odd}"


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
        said, again = (say(tuple(wanted)) for _ in range(2))
        _sendable(said, name)
        assert said, f"reusable: {name} says nothing for {wanted}"
        assert said == again, f"reusable: {name} says {again} the second time, {said} the first"


def _sendable(said: object, what: str) -> None:
    assert isinstance(said, list), f"reusable: {what} is {type(said).__name__}, not a list"
    parts: list[object] = list(cast("Iterable[object]", said))
    kinds = {type(each).__name__ for each in parts if not isinstance(each, str | bytes)}
    assert not kinds, f"reusable: {what} holds {', '.join(sorted(kinds))}, not texts or bytes"


def _faithful(provider: Provider, facts: list[Event], resolution: Nanos) -> None:
    carried = [fact for fact in facts if provider.encode([fact])]
    back = _all_of(provider.decoder({}), provider.encode(carried))
    back = [fact for fact in back if not isinstance(fact, FeedError)]
    odd = difference(_as_sent(back, resolution), _as_sent(carried, resolution))
    assert not odd, f"faithful: decode(encode(facts)) are not the facts: {odd}"


def _as_sent(facts: Sequence[Event], resolution: Nanos) -> list[Any]:
    """The facts without what the connection adds to them, and without what is finer than the wire's clock."""
    return [
        replace(
            fact,
            seq=0,
            ts_recv=0,
            ts_event=0 if fact.ts_event == fact.ts_recv else floor(fact.ts_event, resolution),
        )
        for fact in facts
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
        _well_told(provider, decoded, _TS_RECV, _FIRST_SEQ, what)


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

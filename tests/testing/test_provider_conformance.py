"""Every promise catches the provider that breaks it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace as replace_field

from ordinis_rx.errors import DecodeError
from ordinis_rx.events import Event, Trade
from ordinis_rx.providers.finnhub import finnhub
from ordinis_rx.providers.protocol import (
    Acknowledged,
    Authenticated,
    Decode,
    Decoded,
    Endpoint,
    Provider,
    Refused,
    Reply,
    Topic,
)
from ordinis_rx.testing import a_trade, check_provider

SAMPLES = [
    json.dumps([{"s": "A", "p": 1.5, "t": 7_000_123}, {"s": "B", "p": 2.5, "t": 9_000_001}]),
    json.dumps([{"s": "A", "p": 3.5, "t": 9_000_002}]),
]
KEY = "canary-key-1"


def rows_of(raw: bytes) -> list[tuple[str, float, int]]:
    try:
        return [(row["s"], float(row["p"]), int(row["t"])) for row in json.loads(raw)]
    except (
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        RecursionError,
        OverflowError,
    ) as error:
        raise DecodeError("toy", raw.replace(KEY.encode(), b"***"), str(error)) from error


def decoder(names: Mapping[str, str]) -> Decode:
    def decode(raw: bytes, ts_recv: int, seq: int) -> Decoded:
        facts: list[Event] = [
            a_trade(
                p,
                at=t,
                symbol=names.get(str(s), str(s)),
                ts_recv=ts_recv,
                provider="toy",
                seq=seq + n,
            )
            for n, (s, p, t) in enumerate(rows_of(raw))
        ]
        return facts, ()

    return decode


def in_millis(names: Mapping[str, str]) -> Decode:
    inner = decoder(names)

    def decode(raw: bytes, ts_recv: int, seq: int) -> Decoded:
        facts, controls = inner(raw, ts_recv, seq)
        return [replace_field(fact, ts_event=1_700_000_000_123) for fact in facts], controls

    return decode


def repeating(names: Mapping[str, str]) -> Decode:
    inner = decoder(names)

    def decode(raw: bytes, ts_recv: int, seq: int) -> Decoded:
        if KEY.encode() in raw:
            raise DecodeError("toy", raw, "odd")
        return inner(raw, ts_recv, seq)

    return decode


def encode(events: Sequence[Event]) -> list[str | bytes]:
    rows = [
        {"s": event.symbol, "p": event.price, "t": event.ts_event}
        for event in events
        if isinstance(event, Trade)
    ]
    return [json.dumps(rows)] if rows else []


def say(topics: Sequence[Topic]) -> list[str | bytes]:
    return [json.dumps([topic.symbol for topic in topics])]


TOY = Provider(
    name="toy",
    endpoint=Endpoint(f"wss://toy.example?key={KEY}", "wss://toy.example"),
    channels=frozenset({"trades"}),
    default_channels=frozenset({"trades"}),
    hello=(KEY,),
    authenticates=True,
    acknowledges=False,
    subscribe=say,
    unsubscribe=say,
    decoder=decoder,
    encode=encode,
    secrets=(KEY,),
)


def test_an_honest_provider_passes() -> None:
    check_provider(TOY, SAMPLES)


def test_what_is_stamped_by_its_arrival_is_not_compared_by_that() -> None:
    trade = '{"type":"trade","data":[{"s":"A","p":1.5,"v":1,"t":1700000000123,"c":["1"]}]}'
    check_provider(finnhub("token"), ['{"type":"error","msg":"no"}', '{"type":"ping"}', trade])


@pytest.mark.parametrize(
    "control",
    [
        Authenticated(),
        Acknowledged((Topic("trades", "A"),)),
        Refused(DecodeError("toy", b"", "no")),
        Reply("pong"),
    ],
    ids=lambda control: type(control).__name__,
)
def test_the_controls_of_the_protocol_are_polite(control: Any) -> None:
    check_provider(replace(TOY, decoder=saying(control)), SAMPLES)


def changing(change: Callable[[Any], Any]) -> Callable[[Mapping[str, str]], Decode]:
    """Decoders whose facts are changed."""

    def make(names: Mapping[str, str]) -> Decode:
        inner = decoder(names)

        def decode(raw: bytes, ts_recv: int, seq: int) -> Decoded:
            facts, controls = inner(raw, ts_recv, seq)
            return [change(fact) for fact in facts], controls

        return decode

    return make


def with_fields(**fields: Any) -> Callable[[Any], Any]:
    return lambda fact: msgspec.structs.replace(fact, **fields)


def careless(names: Mapping[str, str]) -> Decode:
    """Takes every field for granted."""

    def decode(raw: bytes, ts_recv: int, seq: int) -> Decoded:
        try:
            rows = json.loads(raw)
        except ValueError as error:
            raise DecodeError("toy", raw, str(error)) from error
        facts: list[Event] = [
            a_trade(
                row["p"],
                at=row["t"],
                symbol=names.get(row["s"], row["s"]),
                ts_recv=ts_recv,
                provider="toy",
                seq=seq + n,
            )
            for n, row in enumerate(rows)
        ]
        return facts, ()

    return decode


def remembering() -> Callable[[Mapping[str, str]], Decode]:
    """Drops what any of its decoders has seen already."""
    seen: set[tuple[str, int]] = set()

    def make(names: Mapping[str, str]) -> Decode:
        inner = decoder(names)

        def decode(raw: bytes, ts_recv: int, seq: int) -> Decoded:
            facts, controls = inner(raw, ts_recv, seq)
            fresh = [fact for fact in facts if (fact.symbol, fact.ts_event) not in seen]
            seen.update((fact.symbol, fact.ts_event) for fact in facts)
            return fresh, controls

        return decode

    return make


def answering(told: Any) -> Callable[[Mapping[str, str]], Decode]:
    """Decoders of which each gives *told*, whatever it is given."""
    return lambda names: lambda raw, ts_recv, seq: told


def saying(control: Any) -> Callable[[Mapping[str, str]], Decode]:
    """Decoders that bring *control* beside the facts."""

    def make(names: Mapping[str, str]) -> Decode:
        inner = decoder(names)
        return lambda raw, ts_recv, seq: (inner(raw, ts_recv, seq)[0], (control,))

    return make


def mute(_: Mapping[str, str]) -> Decode:
    return lambda raw, ts_recv, seq: ([], ())


def refusing(_: Mapping[str, str]) -> Decode:
    def decode(raw: bytes, ts_recv: int, seq: int) -> Decoded:
        raise DecodeError("toy", raw, "not today")

    return decode


def counting() -> Callable[[Sequence[Topic]], list[str | bytes]]:
    said: list[int] = []

    def count(topics: Sequence[Topic]) -> list[str | bytes]:
        said.append(1)
        return [f"{len(said)}: {len(topics)}"]

    return count


def cutting(events: Sequence[Event]) -> list[str | bytes]:
    """Sends whole prices only."""
    rows = [
        {"s": e.symbol, "p": int(e.price), "t": e.ts_event} for e in events if isinstance(e, Trade)
    ]
    return [json.dumps(rows)] if rows else []


def rounding(events: Sequence[Event]) -> list[str | bytes]:
    """Sends microseconds, where the facts have nanoseconds."""
    rows = [
        {"s": e.symbol, "p": e.price, "t": e.ts_event // 1000 * 1000}
        for e in events
        if isinstance(e, Trade)
    ]
    return [json.dumps(rows)] if rows else []


class Chatty:
    """A decoder that shows what it was made with."""

    def __call__(self, raw: bytes, ts_recv: int, seq: int) -> Decoded:
        return decoder({})(raw, ts_recv, seq)

    def __repr__(self) -> str:
        return f"Chatty({KEY!r})"


class Shouting(Provider):
    """A provider whose repr is what a dataclass would make of it."""

    def __repr__(self) -> str:
        return f"Shouting(hello={self.hello!r})"


def shouting() -> Provider:
    fields = {name: getattr(TOY, name) for name in TOY.__dataclass_fields__}
    return Shouting(**fields)


MUTANTS: dict[str, tuple[Provider, str]] = {
    "refuses a sample": (
        replace(TOY, decoder=refusing),
        "readable: sample 0 raised DecodeError(",
    ),
    "brings nothing": (replace(TOY, decoder=mute), "readable: 2 samples brought no fact"),
    "says that all is number five": (
        replace(TOY, decoder=changing(with_fields(seq=5))),
        "numbered: sample 0 brought seq 5, wanted 1000",
    ),
    "forgets its name": (
        replace(TOY, decoder=changing(with_fields(provider=""))),
        "numbered: sample 0 came from ''",
    ),
    "invents when it was received": (
        replace(TOY, decoder=changing(with_fields(ts_recv=3))),
        "numbered: sample 0 was received at 3",
    ),
    "brings what is no fact": (
        replace(TOY, decoder=changing(lambda fact: fact.price)),
        "numbered: sample 0 brought 1.5, which is no fact",
    ),
    "gives nothing at all": (
        replace(TOY, decoder=answering(None)),
        "readable: sample 0 brought None, not facts and controls",
    ),
    "gives facts alone": (
        replace(TOY, decoder=answering([])),
        "readable: sample 0 brought [], not facts and controls",
    ),
    "leaves a price a text": (
        replace(TOY, decoder=changing(with_fields(price="5"))),
        "sound: sample 0 brought a Trade that is none: price cannot be '5' in Trade(",
    ),
    "has no price": (
        replace(TOY, decoder=changing(with_fields(price=None))),
        "sound: sample 0 brought a Trade that is none: price cannot be None in Trade(",
    ),
    "has whole prices": (
        replace(TOY, decoder=changing(with_fields(price=5))),
        "sound: sample 0 brought price 5 in Trade(",
    ),
    "has a price without end": (
        replace(TOY, decoder=changing(with_fields(price=float("inf")))),
        "sound: sample 0 brought price inf in Trade(",
    ),
    "leaves a size a text": (
        replace(TOY, decoder=changing(with_fields(size="1"))),
        "sound: sample 0 brought a Trade that is none: size cannot be '1' in Trade(",
    ),
    "leaves an id a number": (
        replace(TOY, decoder=changing(with_fields(trade_id=5))),
        "sound: sample 0 brought a Trade that is none: Expected `str`, got `int` - at `$.trade_id`",
    ),
    "leaves a side a text": (
        replace(TOY, decoder=changing(with_fields(side="buy"))),
        "sound: sample 0 brought a Trade that is none: side cannot be 'buy' in Trade(",
    ),
    "has a list of conditions": (
        replace(TOY, decoder=changing(with_fields(conditions=["a"]))),
        "sound: sample 0 brought conditions ['a'] in Trade(",
    ),
    "has times in seconds": (
        replace(TOY, decoder=changing(with_fields(ts_event=1.5))),
        "sound: sample 0 brought a Trade that is none: ts_event cannot be 1.5 in Trade(",
    ),
    "knows no time": (
        replace(TOY, decoder=changing(with_fields(ts_event=0))),
        "sound: sample 0 brought ts_event 0 in Trade(",
    ),
    "has times before all times": (
        replace(TOY, decoder=changing(with_fields(ts_event=-5))),
        "sound: sample 0 brought ts_event -5 in Trade(",
    ),
    "has times after all times": (
        replace(TOY, decoder=changing(with_fields(ts_event=10**30))),
        "sound: sample 0 brought a Trade that is none: ts_event cannot be 1000000000000000000000000000000 in Trade(",
    ),
    "has controls of its own": (
        replace(TOY, decoder=saying("welcome")),
        "polite: sample 0 brought the control 'welcome'",
    ),
    "refuses in words alone": (
        replace(TOY, decoder=saying(Refused("no"))),  # type: ignore[arg-type]
        "polite: sample 0 brought the control Refused(error='no')",
    ),
    "replies with a number": (
        replace(TOY, decoder=saying(Reply(5))),  # type: ignore[arg-type]
        "polite: sample 0 brought the control Reply(data=5)",
    ),
    "confirms symbols": (
        replace(TOY, decoder=saying(Acknowledged(("A",)))),  # type: ignore[arg-type]
        "polite: sample 0 brought the control Acknowledged(topics=('A',)",
    ),
    "ignores the names": (
        replace(TOY, decoder=lambda names: decoder({})),
        "named: of the symbols that a decoder with names tells, item 0 is 'A', wanted 'neutral name of A'",
    ),
    "says its subscriptions in one text": (
        replace(TOY, subscribe=lambda topics: "A,B"),  # type: ignore[arg-type]
        "reusable: subscribe is str, not a list",
    ),
    "says numbers": (
        replace(TOY, subscribe=lambda topics: [5]),  # type: ignore[list-item]
        "reusable: subscribe holds int, not texts or bytes",
    ),
    "raises KeyError": (
        replace(TOY, decoder=careless),
        "sturdy: a sample with bit",
    ),
    "shares the memory of its decoders": (
        replace(TOY, decoder=remembering()),
        "private: a second decoder made something else of the samples: item 0 is missing",
    ),
    "counts its subscriptions": (
        replace(TOY, subscribe=counting()),
        "reusable: subscribe says ['2: 2'] the second time, ['1: 2'] the first",
    ),
    "cannot unsubscribe": (
        replace(TOY, unsubscribe=lambda topics: []),
        "reusable: unsubscribe says nothing for",
    ),
    "sends less than it was given": (
        replace(TOY, encode=cutting),
        "faithful: decode(encode(facts)) are not the facts: item 0 is",
    ),
    "loses a fact on the way": (
        replace(TOY, encode=lambda events: encode(events[:1])),
        "faithful: decode(encode(facts)) are not the facts: item 1 is missing",
    ),
    "names no secret": (replace(TOY, secrets=()), "discreet: toy names none of its secrets"),
    "takes milliseconds for nanoseconds": (
        replace(TOY, decoder=in_millis),
        "sound: sample 0 brought ts_event 1700000000123, 1970-01-01: is it in another unit?",
    ),
    "shows its key": (
        shouting(),
        "discreet: the provider shows a secret: Shouting(hello=('***',))",
    ),
    "shows its address": (
        replace(TOY, endpoint=Endpoint("wss://toy.example?key=x", f"wss://toy.example?k={KEY}")),
        "discreet: the provider shows a secret: Provider('toy', 'wss://toy.example?k=***')",
    ),
    "repeats its key": (
        replace(TOY, decoder=repeating),
        "discreet: a secret that stands in a message is told: toy sent what cannot be read: odd; b'\"***\"'",
    ),
    "has a decoder that shows its key": (
        replace(TOY, decoder=lambda names: Chatty()),
        "discreet: the decoder shows a secret: Chatty('***')",
    ),
}


@pytest.mark.parametrize(("provider", "told"), MUTANTS.values(), ids=MUTANTS)
def test_a_broken_promise_is_named(provider: Provider, told: str) -> None:
    with pytest.raises(AssertionError, match=f"^{re.escape(told)}") as broken:
        check_provider(provider, SAMPLES)

    assert KEY not in str(broken.value)


def test_a_wire_with_a_coarse_clock_is_faithful_to_its_resolution() -> None:
    coarse = replace(TOY, encode=rounding)

    check_provider(coarse, SAMPLES, resolution=1000)
    with pytest.raises(AssertionError, match=r"^faithful: "):
        check_provider(coarse, SAMPLES)


def test_a_provider_whose_symbols_cannot_be_subscribed_to_is_told() -> None:
    deaf = replace(TOY, default_channels=frozenset())

    with pytest.raises(
        AssertionError, match=re.escape("reusable: toy can subscribe to none of ['A', 'B']")
    ):
        check_provider(deaf, SAMPLES)


def test_a_provider_without_secrets_need_not_name_any() -> None:
    plain = replace(
        TOY,
        endpoint=Endpoint("ws://toy.example", "ws://toy.example"),
        authenticates=False,
        secrets=(),
    )

    check_provider(plain, SAMPLES)

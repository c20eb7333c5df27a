"""Facts as JSON, both ways: an object with the kind in ``type``, a NaN as null."""

from __future__ import annotations

from typing import Any, TypeAlias, cast, get_args, get_type_hints

import msgspec

from ordinis_rx.consensus.facts import AggregatedQuote, Entry, Panel, Reject, Report
from ordinis_rx.events import NAN, Bar, Event
from ordinis_rx.operators.candlesticks.facts import PatternMatch
from ordinis_rx.operators.cloud_facts import IchimokuCloud
from ordinis_rx.operators.conditions.facts import Signal
from ordinis_rx.operators.snapshot_facts import Snapshot
from ordinis_rx.operators.support_facts import Levels
from ordinis_rx.operators.timeframes.agreement_facts import Agreement, TimeframeSignal
from ordinis_rx.operators.timeframes.facts import TimeframeBars

__all__ = ["Fact", "from_json", "to_json"]

Fact: TypeAlias = (
    Event
    | AggregatedQuote
    | Report
    | Panel
    | Reject
    | IchimokuCloud
    | PatternMatch
    | Levels
    | TimeframeBars
    | Agreement
    | Signal
    | Snapshot
)
"""What streams tell: events, the facts of a consensus, and those of technical analysis."""

_KINDS: tuple[type[Fact], ...] = get_args(Fact)
_BY_TAG: dict[str, type[Fact]] = {kind.type.value: kind for kind in _KINDS}
_NUMBERS: dict[type[Any], tuple[str, ...]] = {
    kind: tuple(name for name, hint in get_type_hints(kind).items() if hint is float)
    for kind in (*_KINDS, Entry, TimeframeSignal)
}
_PARTS: dict[type[Fact], dict[str, type[Any]]] = {
    Panel: {"entries": Entry},
    TimeframeBars: dict.fromkeys(("closed", "unfinished", "since"), Bar),
    Agreement: {"signals": TimeframeSignal},
}
"""The fields that hold facts, or parts of them."""
_MANY_NUMBERS = {
    name
    for kind in _KINDS
    for name, hint in get_type_hints(kind).items()
    if hint == tuple[float, ...]
}


def to_json(event: Fact) -> bytes:
    """One fact as JSON with its ``type``; a NaN becomes null.

    >>> from ordinis_rx.events import Heartbeat
    >>> to_json(Heartbeat(ts_event=5, provider="sim"))
    b'{"type":"HEARTBEAT","symbol":"","ts_event":5,"ts_recv":0,"provider":"sim","seq":0}'
    """
    return msgspec.json.encode(event)


def from_json(raw: bytes | str) -> Fact:
    """The fact that `to_json` wrote; null becomes NaN again.

    Events are read, the facts of a consensus (`AggregatedQuote`, `Report`, `Panel`, `Reject`) and those of technical
    analysis (`IchimokuCloud`, `Snapshot`, ...). Raises `msgspec.ValidationError` that names the field when it is no
    fact of ours.
    """
    fields: dict[str, Any] = msgspec.json.decode(raw, type=dict[str, Any])
    kind = _BY_TAG.get(str(fields.get("type")))
    if kind is None:
        raise msgspec.ValidationError(f"unknown type of fact: {fields.get('type')!r}")
    _fill(fields, kind)
    for name in _MANY_NUMBERS.intersection(fields):
        if isinstance(fields[name], list):
            values: list[Any] = fields[name]
            fields[name] = [NAN if value is None else value for value in values]
    for name, part in _PARTS.get(kind, {}).items():
        _fill_parts(fields.get(name), part)
    return msgspec.convert(fields, kind)


def _fill_parts(value: Any, kind: type[Any]) -> None:
    """Put the NaN back in all facts of *kind* in lists, and in lists of lists."""
    if isinstance(value, list):
        parts: list[Any] = value  # pyright: ignore[reportUnknownVariableType]
        for each in parts:
            _fill_parts(each, kind)
    elif isinstance(value, dict):
        _fill(cast(dict[str, Any], value), kind)


def _fill(fields: dict[str, Any], kind: type[Any]) -> None:
    """Put the NaN back where a number of *kind* is null."""
    for name in _NUMBERS[kind]:
        if fields.get(name, 0.0) is None:
            fields[name] = NAN

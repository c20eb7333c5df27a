"""Facts as JSON, both ways: an object with the kind in ``type``, a NaN as null."""

from __future__ import annotations

from typing import Any, get_type_hints

import msgspec

from ordinis_rx.events import EVENT_TYPES, NAN, Event

__all__ = ["from_json", "to_json"]

_BY_TAG: dict[str, type[Event]] = {kind.type.value: kind for kind in EVENT_TYPES}
_NUMBERS: dict[type[Event], tuple[str, ...]] = {
    kind: tuple(name for name, hint in get_type_hints(kind).items() if hint is float)
    for kind in EVENT_TYPES
}


def to_json(event: Event) -> bytes:
    """One fact as JSON with its ``type``; a NaN becomes null.

    >>> from ordinis_rx.events import Heartbeat
    >>> to_json(Heartbeat(ts_event=5, provider="sim"))
    b'{"type":"HEARTBEAT","symbol":"","ts_event":5,"ts_recv":0,"provider":"sim","seq":0}'
    """
    return msgspec.json.encode(event)


def from_json(raw: bytes | str) -> Event:
    """The fact that `to_json` wrote; null becomes NaN again.

    Raises `msgspec.ValidationError` that names the field when it is no fact of ours.
    """
    fields: dict[str, Any] = msgspec.json.decode(raw, type=dict[str, Any])
    kind = _BY_TAG.get(str(fields.get("type")))
    if kind is None:
        raise msgspec.ValidationError(f"unknown type of fact: {fields.get('type')!r}")
    for name in _NUMBERS[kind]:
        if fields.get(name, 0.0) is None:
            fields[name] = NAN
    if isinstance(fields.get("values"), list):
        values: list[Any] = fields["values"]
        fields["values"] = [NAN if value is None else value for value in values]
    return msgspec.convert(fields, kind)

"""Faults from a command line: ``drop=0.01``, ``delay=0.05:200ms``, ``disconnect=5s``."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from reactivex import Observable

from ordinis_rx.events import Event
from ordinis_rx.sim import faults
from ordinis_rx.sim.striking import Faults
from ordinis_rx.sim.wire_faults import WireFaults
from ordinis_rx.timebase import Nanos, duration
from ordinis_rx.typing import Operator

__all__ = ["FAULT_NAMES", "FaultPlan", "parse_faults"]


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """Faults of the data, faults of the wire, and the count of the former."""

    operators: tuple[Operator[Event, Event], ...] = ()
    wire: WireFaults = field(default_factory=WireFaults)
    tally: Faults = field(default_factory=Faults)

    def apply(self, source: Observable[Event]) -> Observable[Event]:
        """The source with the faults of the data, in the order given."""
        return source.pipe(*self.operators)


@dataclass(frozen=True, slots=True)
class _Context:
    start: Nanos
    seed: int
    tally: Faults
    symbols: Sequence[str] | None


_Made: TypeAlias = Operator[Event, Event] | dict[str, Any]
_Maker: TypeAlias = Callable[[str, _Context], _Made]


def parse_faults(
    options: Sequence[str],
    *,
    start: Nanos = 0,
    seed: int = 0,
    symbols: Sequence[str] | None = None,
) -> FaultPlan:
    """What *options* of the form ``NAME=VALUE`` ask for; *start* is when the market begins.

    Shares are numbers from 0 to 1; durations carry a unit (``ns us ms s m h d``). Raises `ValueError` that says which option
    is wrong, and what would be right; a symbol that is none of *symbols*, where these are given, is wrong.

    >>> parse_faults(["garbage=0.01", "disconnect=5s"]).wire.disconnect_every
    5000000000
    >>> parse_faults(["rain=1"])
    Traceback (most recent call last):
    ValueError: no fault 'rain'; there are drop=SHARE, duplicate=SHARE, ...
    """
    context = _Context(start, seed, Faults(), symbols)
    operators: list[Operator[Event, Event]] = []
    wire = WireFaults()
    for option in options:
        name, _, value = option.partition("=")
        known = _FAULTS.get(name)
        if known is None:
            raise ValueError(f"no fault {name!r}; there are {', '.join(FAULT_NAMES)}")
        form, make = known
        try:
            made = make(value, context)
            if isinstance(made, dict):
                wire = dataclasses.replace(wire, **made)
            else:
                operators.append(made)
        except ValueError as error:
            raise ValueError(
                f"fault {name} is given as {name}={form}, got {value!r}: {error}"
            ) from None
    return FaultPlan(tuple(operators), wire, context.tally)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"not a number: {text!r}") from None


def _split(text: str, parts: int) -> list[str]:
    found = text.split(":")
    if len(found) != parts:
        raise ValueError(f"{parts} parts between colons, not {len(found)}")
    return found


def _drop(value: str, at: _Context) -> _Made:
    return faults.drop(_number(value), seed=at.seed, tally=at.tally)


def _duplicate(value: str, at: _Context) -> _Made:
    return faults.duplicate(_number(value), seed=at.seed, tally=at.tally)


def _delay(value: str, at: _Context) -> _Made:
    share, by = _split(value, 2)
    return faults.delay(_number(share), duration(by), seed=at.seed, tally=at.tally)


def _reorder(value: str, at: _Context) -> _Made:
    return faults.reorder(_number(value), seed=at.seed, tally=at.tally)


def _spike(value: str, at: _Context) -> _Made:
    share, bps = _split(value, 2)
    return faults.spike(_number(share), _number(bps), seed=at.seed, tally=at.tally)


def _bias(value: str, at: _Context) -> _Made:
    return faults.bias(_number(value), tally=at.tally)


def _freeze(value: str, at: _Context) -> _Made:
    # From the right: a symbol may hold a colon of its own.
    symbol, *times = value.rsplit(":", 2)
    if len(times) != 2:
        raise ValueError("a symbol and two durations since the start, between colons")
    if at.symbols is not None and symbol not in at.symbols:
        raise ValueError(f"{symbol!r} is not traded; there are {', '.join(at.symbols)}")
    ts_from, ts_to = (at.start + duration(time) for time in times)
    return faults.freeze(symbol, ts_from, ts_to, tally=at.tally)


def _wire_time(name: str) -> tuple[str, _Maker]:
    return "DURATION", lambda value, _: {name: duration(value)}


_FAULTS: dict[str, tuple[str, _Maker]] = {
    "drop": ("SHARE", _drop),
    "duplicate": ("SHARE", _duplicate),
    "delay": ("SHARE:DURATION", _delay),
    "reorder": ("SHARE", _reorder),
    "spike": ("SHARE:BPS", _spike),
    "bias": ("BPS", _bias),
    "freeze": ("SYMBOL:FROM:TO", _freeze),
    "disconnect": _wire_time("disconnect_every"),
    "clean-close": _wire_time("clean_close_every"),
    "error-close": _wire_time("error_close_every"),
    "half-open": _wire_time("half_open_after"),
    "mute": _wire_time("mute_after"),
    "garbage": ("SHARE", lambda value, _: {"garbage": _number(value)}),
}

FAULT_NAMES: tuple[str, ...] = tuple(f"{name}={form}" for name, (form, _) in _FAULTS.items())
"""Every fault with the form of its value, for help texts."""

"""Which indicators there are, and what each reads, takes and tells: our own by name, and all of TA-Lib's."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias
from zoneinfo import available_timezones

from ordinis_rx.operators.indicators.cores import Columns, Core
from ordinis_rx.operators.indicators.native import AsTold
from ordinis_rx.operators.indicators.native_bands import (
    Donchian,
    Hull,
    Keltner,
    Supertrend,
    Volatility,
)
from ordinis_rx.operators.indicators.native_volume import (
    Force,
    MoneyFlow,
    RelativeVolume,
    VolumePrice,
)
from ordinis_rx.operators.indicators.talib_core import TalibCore, TalibFunction, talib_info
from ordinis_rx.outputs import OUTPUTS
from ordinis_rx.timebase import check_whole

__all__ = [
    "NATIVE",
    "Kind",
    "Parameter",
    "check_params",
    "kind_of",
    "make_core",
    "warm_up_of",
    "whole_of",
]

Parameter: TypeAlias = float | str
"""A parameter of an indicator."""


class Kind(NamedTuple):
    """What an indicator reads, what it takes with which defaults, and how its outputs are called."""

    inputs: tuple[str, ...]
    params: Mapping[str, Parameter]
    outputs: tuple[str, ...]


class _Native(NamedTuple):
    make: Callable[..., Core]
    inputs: tuple[str, ...]
    params: Mapping[str, Parameter]
    warm_up: Callable[[Sequence[Any]], int]
    """With how many bars something is known, by the values of the parameters."""
    least: Mapping[str, float] = MappingProxyType({})
    """What a parameter must be at least, where that is not 1."""


def _at_once(_: Sequence[Any]) -> int:
    return 1


def _as_many(params: Sequence[Any]) -> int:
    return int(params[0])


def _one_more(params: Sequence[Any]) -> int:
    return int(params[0]) + 1


def _of_hull(params: Sequence[Any]) -> int:
    return int(params[0]) + math.isqrt(params[0]) - 1


def _of_keltner(params: Sequence[Any]) -> int:
    return max(int(params[0]), int(params[1]) + 1)


_BAR = ("high", "low", "close")

NATIVE: Mapping[str, _Native] = {
    "hma": _Native(Hull, ("close",), {"timeperiod": 20}, _of_hull),
    "donchian": _Native(Donchian, ("high", "low"), {"timeperiod": 20}, _as_many),
    "keltner": _Native(
        Keltner,
        _BAR,
        {"timeperiod": 20, "atrperiod": 10, "nbdev": 2.0},
        _of_keltner,
        {"nbdev": 0.0},
    ),
    "supertrend": _Native(
        Supertrend,
        _BAR,
        {"timeperiod": 10, "multiplier": 3.0},
        _one_more,
        {"multiplier": 0.0},
    ),
    "volatility": _Native(
        Volatility,
        ("close",),
        {"timeperiod": 20, "per_year": 252.0},
        _one_more,
        {"timeperiod": 2, "per_year": 0.0},
    ),
    "vwap": _Native(
        VolumePrice,
        (*_BAR, "volume", "ts_event"),
        {"every": 0, "since": 0, "zone": "", "calendar": ""},
        _at_once,
        {"every": 0, "since": 0},
    ),
    "cmf": _Native(MoneyFlow, (*_BAR, "volume"), {"timeperiod": 20}, _as_many),
    "force": _Native(Force, ("close", "volume"), {"timeperiod": 13}, _one_more),
    "rvol": _Native(RelativeVolume, ("volume",), {"timeperiod": 20}, _one_more),
    **{name: _Native(AsTold, (name,), {}, _at_once) for name in (*_BAR, "open", "volume")},
}
"""Our own, which need nothing."""


_OPERATORS = {"bar_ema": "ema", "bar_vwap": "vwap"}
"""Operators that another name is left to, which is that of the indicator."""

_SWAPPED = ("APO", "MACD", "MACDEXT", "PPO", "PVO")
"""Those of TA-Lib's that take the shorter period for the fast one, whichever is told as that."""


def kind_of(name: str) -> Kind:
    """What *name* is: in small letters our own or, failing that, TA-Lib's; in capitals TA-Lib's.

    Raises ValueError when nobody has it.
    """
    if name.lower() in _OPERATORS:
        raise ValueError(
            f"{name.lower()} is an operator; the indicator is called {_OPERATORS[name.lower()]}"
        )
    native = NATIVE.get(name)
    if native is not None:
        return Kind(native.inputs, native.params, _outputs(name))
    info = talib_info(name.upper())
    return Kind(info.inputs, info.params, _outputs(name.lower()))


def _outputs(name: str) -> tuple[str, ...]:
    return OUTPUTS.get(name, (name,))


def check_params(name: str, params: tuple[tuple[str, Any], ...]) -> None:
    """Raise TypeError where a parameter is not of the kind that it must be, ValueError where it is out of range."""
    kind = kind_of(name)
    for word, value in params:
        default = kind.params[word]
        who = f"{name.lower()}: {word}"
        if isinstance(default, str):
            if not isinstance(value, str):
                raise TypeError(f"{who} must be a text, got {value!r}")
            if word == "zone" and value and value not in available_timezones():
                raise ValueError(f"{who} must be a time zone, got {value!r}")
        elif isinstance(default, int):
            of, most = ("nanoseconds", 1 << 63) if name == "vwap" else ("bars", 1 << 31)
            check_whole(who, value, of)
            if abs(value) >= most:
                raise ValueError(f"{who} must be fewer than {most} {of}, got {value}")
        elif isinstance(value, bool) or not isinstance(value, (int, float)) or value - value != 0:
            raise TypeError(f"{who} must be a number, got {value!r}")
    native = NATIVE.get(name)
    if native is None:
        _function(name, params)
        given = dict(params)
        if name in _SWAPPED and given["fastperiod"] > given["slowperiod"]:
            raise ValueError(
                f"{name.lower()}: fastperiod must not be above slowperiod,"
                f" got {given['fastperiod']} and {given['slowperiod']}"
            )
        return
    for word, value in params:
        least = native.least.get(word, 1)
        if not isinstance(value, str) and value < least:
            raise ValueError(f"{name}: {word} must be at least {least}, got {value!r}")
    make_core(name, params)  # which knows what does not go together


def make_core(name: str, params: tuple[tuple[str, Parameter], ...]) -> Core:
    """The state of one symbol, before its first bar."""
    native = NATIVE.get(name)
    if native is not None:
        return native.make(*(value for _, value in params))
    return TalibCore(_function(name, params))


def whole_of(name: str, params: tuple[tuple[str, Any], ...], columns: Columns) -> Columns:
    """The outputs over a whole history: TA-Lib's batch function, or our own fed row by row."""
    if name in NATIVE:
        return make_core(name, params).fill(columns)
    return _function(name, params).whole(columns)


def warm_up_of(name: str, params: tuple[tuple[str, Any], ...]) -> int:
    """With how many bars the first number is known."""
    native = NATIVE.get(name)
    if native is None:
        return _function(name, params).lookback + 1
    return native.warm_up([value for _, value in params])


@functools.lru_cache(maxsize=1024)
def _function(name: str, params: tuple[tuple[str, float], ...]) -> TalibFunction:
    return TalibFunction(name.upper(), dict(params))

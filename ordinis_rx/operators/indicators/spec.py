"""Indicators as values: which one, with which parameters, of which numbers.

>>> rsi = indicator("rsi", 14)
>>> str(rsi), rsi.inputs, rsi.outputs, rsi.warm_up
('rsi:14', ('close',), ('rsi',), 15)
>>> parse("bbands:20:nbdevup=2.5").outputs
('upper', 'middle', 'lower')
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from typing import cast

import numpy as np
from numpy.typing import NDArray

from ordinis_rx.checks import check_is, check_several
from ordinis_rx.operators.indicators.catalogue import (
    NATIVE,
    Parameter,
    check_params,
    kind_of,
    make_core,
    warm_up_of,
    whole_of,
)
from ordinis_rx.operators.indicators.cores import Core
from ordinis_rx.operators.indicators.state import IndicatorState, state_of
from ordinis_rx.operators.numbers import Number, source_of

__all__ = ["Indicator", "indicator", "parse"]


@dataclasses.dataclass(frozen=True, slots=True)
class Indicator:
    """An indicator with its parameters; made by `indicator` or `parse`, and the same wherever these are.

    `inputs` are the numbers that it reads, `outputs` what it tells, `warm_up` with how many bars it first knows something
    (TA-Lib's lookback + 1). ``str()`` is what `parse` reads.
    """

    name: str
    params: tuple[tuple[str, Parameter], ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    warm_up: int

    @property
    def label(self) -> str:
        """The name in small letters, as readings carry it."""
        return self.name.lower()

    def core(self) -> Core:
        """The state of one symbol, fed with the inputs alone."""
        return make_core(self.name, self.params)

    def state(self) -> IndicatorState:
        """The state of one symbol, fed with bars.

        >>> state = indicator("donchian", 2).state()
        >>> [state.update(5.0, high, 1.0, 5.0, 0.0) for high in (6.0, 9.0)]
        [(nan, nan, nan), (9.0, 5.0, 1.0)]
        >>> state.peek(5.0, 11.0, 1.0, 5.0, 0.0)
        (11.0, 6.0, 1.0)
        """
        return state_of(str(self), self.core(), self.inputs, len(self.outputs))

    def whole(self, *columns: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
        """One array an output over a whole history, of which *columns* are the inputs, in their order: no stream needed.

        NaN until it knows; the same numbers as bar by bar, by TA-Lib's batch function where it is TA-Lib's. Rows that lack a
        number must be left out before. Raises ValueError where the columns are not as many as the inputs, or of one length.

        >>> [column.tolist() for column in indicator("sma", 2).whole(np.array([1.0, 2.0, 4.0]))]
        [[nan, 1.5, 3.0]]
        """
        lengths = [len(column) for column in columns]
        if len(lengths) != len(self.inputs) or len(set(lengths)) != 1:
            raise ValueError(
                f"{self.label} reads {' '.join(self.inputs)}, got columns of {lengths} rows"
            )
        arrays = [np.ascontiguousarray(column, np.float64) for column in columns]
        if not lengths[0]:
            return tuple(np.empty(0) for _ in self.outputs)
        return tuple(whole_of(self.name, self.params, arrays))

    def __str__(self) -> str:
        kind = kind_of(self.name)
        values = [value for _, value in self.params]
        usual = list(kind.params.values())
        while len(values) > 1 and values[-1] == usual[len(values) - 1]:
            values.pop()
        name = self.name if self.label in NATIVE else self.label
        words = [name, *map(str, values)]
        if self.inputs != kind.inputs:
            words.append(f"of={'+'.join(self.inputs)}")
        return ":".join(words)


def indicator(
    name: str, *values: Parameter, of: str | Sequence[str] | None = None, **params: Parameter
) -> Indicator:
    """The indicator *name* with these parameters, in TA-Lib's order or by TA-Lib's names; the rest are its defaults.

    *name* is TA-Lib's, in any letters, or one of our own in small letters: ``hma donchian keltner supertrend volatility vwap
    cmf force rvol``, which need no TA-Lib, and ``open high low close volume``, the bar's numbers as they are. *of* says of
    which numbers, in place of those that it usually reads.

    Raises ValueError for a name that nobody knows, for parameters that it does not have or that are out of range;
    `MissingExtra` (extra ``indicators``) for one of TA-Lib's when that is not installed.

    >>> indicator("macd", signalperiod=5).params
    (('fastperiod', 12), ('slowperiod', 26), ('signalperiod', 5))
    """
    check_is("indicator: name", name, str, "that of an indicator, indicator('rsi') say")
    own = name if name in NATIVE else name.upper()
    kind = kind_of(own)
    chosen = dict(kind.params)
    if len(values) > len(chosen):
        raise ValueError(f"{name} takes {_listed(kind.params)}, got {len(values)} values")
    given = dict(zip(chosen, map(_plain, values), strict=False))
    for word, value in params.items():
        if word not in chosen:
            raise ValueError(f"{name} takes {_listed(kind.params)}, got {word}={value!r}")
        if word in given:
            raise ValueError(f"{name}: {word} is given twice")
        given[word] = _plain(value)
    chosen.update(given)
    if of is not None and not isinstance(of, str):
        check_several(f"{name}: of", of, "('high', 'low')")
    inputs = kind.inputs if of is None else (of,) if isinstance(of, str) else tuple(of)
    if len(inputs) != len(kind.inputs):
        raise ValueError(f"{name} reads {' '.join(kind.inputs)}, got of={' '.join(inputs)}")
    if of is not None:
        _check_inputs(name, inputs)
    pairs = tuple(chosen.items())
    check_params(own, pairs)
    return Indicator(own, pairs, inputs, kind.outputs, warm_up_of(own, pairs))


def _plain(value: Parameter) -> Parameter:
    """A number of NumPy's as Python's: what is kept by parameters takes the two for one, and TA-Lib does not."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return value
    return int(value) if isinstance(value, Integral) else float(value)


def _check_inputs(name: str, inputs: Sequence[str]) -> None:
    first = source_of(cast("Number", inputs[0]), name).frame
    for each in inputs:
        frame = source_of(cast("Number", each), name).frame
        if frame is not first:
            kinds = first.kind.__name__.lower(), frame.kind.__name__.lower()
            raise ValueError(
                f"{name}: {inputs[0]} is a number of {kinds[0]}s, {each} is one of {kinds[1]}s"
            )


def _listed(params: Mapping[str, Parameter]) -> str:
    return " ".join(params) or "no parameters"


def parse(text: str) -> Indicator:
    """The indicator that a short text says: a name, and values or ``name=value``, with colons between.

    >>> parse("ema:20") == indicator("ema", 20), parse("macd:12:26:9") == indicator("macd")
    (True, True)
    >>> parse("sma:5:of=volume").inputs
    ('volume',)
    """
    name, *words = text.strip().split(":")
    values: list[Parameter] = []
    named: dict[str, Parameter] = {}
    of: tuple[str, ...] | None = None
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            if named or of:
                raise ValueError(f"indicator {text!r}: {word!r} must stand before what has a name")
            values.append(_number(word))
        elif key == "of":
            of = tuple(value.split("+"))
        else:
            named[key] = _number(value)
    if not name:
        raise ValueError(f"indicator {text!r}: a name must come first")
    return indicator(name, *values, of=of, **named)


def _number(word: str) -> Parameter:
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            continue
    return word

"""TA-Lib's functions as cores: its handles, fed with what comes, so that all answers are those of its batch functions.

A handle knows nothing until it is opened with enough history, and raises before. So rows are kept until there are enough;
from then on `update` and `peek` are the handle's own.
"""

from __future__ import annotations

import difflib
import functools
import importlib
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from ordinis_rx.errors import MissingExtra
from ordinis_rx.events import NAN
from ordinis_rx.operators.indicators.cores import Answer, Columns, columns_of

__all__ = ["TalibCore", "TalibFunction", "TalibInfo", "talib_info"]


class TalibInfo(NamedTuple):
    """What TA-Lib says of one of its functions: inputs, parameters with their defaults, outputs."""

    inputs: tuple[str, ...]
    params: Mapping[str, float]
    outputs: tuple[str, ...]


def _module(name: str, who: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingExtra(f"the indicator {who}", package="ta-lib", extra="indicators") from error


def talib_info(name: str) -> TalibInfo:
    """What TA-Lib says of *name*; raises ValueError when it has no such function, `MissingExtra` when it is not installed.

    >>> talib_info("ATR").inputs, dict(talib_info("ATR").params)
    (('high', 'low', 'close'), {'timeperiod': 14})
    """
    _module("talib.abstract", name.lower())
    return _info(name)


@functools.cache
def _info(name: str) -> TalibInfo:
    """The same, once a function: TA-Lib takes most of a millisecond to say it."""
    if name not in _module("talib", name).get_functions():
        raise ValueError(f"TA-Lib has no function {name!r}{_hint(name)}")
    function = _module("talib.abstract", name).Function(name)
    inputs: list[str] = []
    for words in function.input_names.values():
        inputs += [words] if isinstance(words, str) else words
    params = MappingProxyType(dict(function.parameters))
    return TalibInfo(tuple(inputs), params, tuple(function.output_names))


_APART = ("ICHIMOKU", "LEVELS", "BREAKOUTS", "PATTERNS", "SNAPSHOT")
"""Analyses that are no indicators of ours either, but operators of their own."""


def _hint(name: str) -> str:
    """What is meant by a name that nobody has, as far as can be guessed."""
    if name == "DMI":
        return "; dmi() is plus_di, minus_di and adx together"
    if name in _APART:
        return f"; {name.lower()}() is an operator of its own"
    if name.replace(".", "").isdigit():
        return "; the numbers of one indicator stand between colons: macd:12:26:9"
    if "(" in name:
        return "; in a text, numbers stand between colons: rsi:14"
    known: list[str] = _module("talib", name).get_functions()
    near = difflib.get_close_matches(name, known, 3)
    return f"; did you mean {' or '.join(near)}?" if near else ""


class TalibFunction:
    """A function of TA-Lib's with its parameters; the cores of all symbols share it.

    Its whole numbers are made floats, NaN where they are not known. With *in_whole* they stay as they are: 0 is what a
    pattern says that is not there, or not yet known.
    """

    __slots__ = (
        "_batch",
        "_handle",
        "_params",
        "_too_short",
        "in_whole",
        "lookback",
        "outputs",
        "unknown",
    )

    def __init__(self, name: str, params: Mapping[str, float], *, in_whole: bool = False) -> None:
        info = talib_info(name)
        talib = _module("talib", name)
        self._batch = getattr(talib, name)
        self._handle = getattr(_module("talib.stream", name), name)
        self._too_short: type[Exception] = talib.InsufficientHistory
        # TA-Lib tells whole numbers from others, and nobody else does.
        self._params = {
            word: float(value) if isinstance(info.params.get(word), float) else value
            for word, value in params.items()
        }
        function = _module("talib.abstract", name).Function(name)
        function.parameters = self._params
        self.lookback: int = function.lookback
        if self.lookback < 0:  # what TA-Lib says of parameters that it does not take
            shown = " ".join(f"{word}={value!r}" for word, value in self._params.items())
            raise ValueError(f"{name.lower()}: TA-Lib does not take {shown}")
        self.outputs = len(info.outputs)
        self.in_whole = in_whole
        unknown = 0 if in_whole else NAN
        self.unknown: Answer = unknown if self.outputs == 1 else (unknown,) * self.outputs

    def each(self, answer: Any) -> Sequence[Any]:
        """The outputs of an answer, one or several."""
        return (answer,) if self.outputs == 1 else answer

    def whole(self, columns: Columns) -> Columns:
        """The batch function over a whole history; NaN where there is too little of it."""
        return self._known(self._batch(*columns, **self._params))

    def open_and_fill(self, columns: Columns) -> tuple[Any, Columns] | None:
        """A handle that has seen *columns*, and its answers; None where that is too little."""
        if len(columns[0]) <= self.lookback:
            return None
        try:
            handle, answers = self._handle.open_and_fill(*columns, **self._params)
        except self._too_short:
            return None
        return handle, self._known(answers)

    def _known(self, answers: Any) -> Columns:
        """The arrays that TA-Lib answered with as floats; whole numbers are zero there until they are known."""
        if self.in_whole:
            return list(self.each(answers))
        known: list[Any] = []
        for column in self.each(answers):
            if column.dtype.kind == "i":
                column = column.astype(np.float64)
                column[: self.lookback] = NAN
            known.append(column)
        return known


class TalibCore:
    """One symbol's state of a function of TA-Lib's."""

    __slots__ = ("_early", "_function", "_handle", "peek", "update")

    def __init__(self, function: TalibFunction) -> None:
        self._function = function
        self._early: list[tuple[float, ...]] = []
        self._handle: Any = None
        self.update: Callable[..., Answer] = self._update_early
        self.peek: Callable[..., Answer] = self._peek_early

    def fill(self, columns: Columns) -> Columns:
        """The next rows by column: the first of a symbol at once, those after the handle was opened one by one."""
        n, function = len(columns[0]), self._function
        if self._handle is not None:
            lists = [column.tolist() for column in columns]
            return columns_of(map(self.update, *lists), n, function.outputs)
        if self._early:
            early = np.array(self._early, np.float64).T
            columns = [np.concatenate(pair) for pair in zip(early, columns, strict=True)]
        opened = function.open_and_fill(columns)
        if opened is None:
            self._early = list(zip(*(column.tolist() for column in columns), strict=True))
            answers = function.whole(columns)
        else:
            self._use(opened[0])
            answers = opened[1]
        return [column[len(column) - n :] for column in answers]

    def copy(self) -> TalibCore:
        """Another that has seen the same."""
        other = TalibCore(self._function)
        if self._handle is None:
            other._early = list(self._early)
        else:
            other._use(self._handle.copy())
        return other

    def _use(self, handle: Any) -> None:
        self._handle = handle
        self._early = []
        value = handle.value
        whole = self._function.in_whole
        if whole or all(type(each) is float for each in self._function.each(value)):
            self.update, self.peek = handle.update, handle.peek
        else:
            self.update, self.peek = _in_floats(handle.update), _in_floats(handle.peek)

    def _update_early(self, *row: float) -> Answer:
        self._early.append(row)
        function = self._function
        if len(self._early) <= function.lookback:
            return function.unknown
        columns = list(np.array(self._early, np.float64).T.copy())
        opened = function.open_and_fill(columns)
        if opened is None:
            return _last(function.whole(columns))
        self._use(opened[0])
        return _last(opened[1])

    def _peek_early(self, *row: float) -> Answer:
        if len(self._early) < self._function.lookback:
            return self._function.unknown
        columns = np.array([*self._early, row], np.float64).T.copy()
        return _last(self._function.whole(list(columns)))


def _last(columns: Columns) -> Answer:
    if len(columns) == 1:
        return columns[0].item(-1)
    return tuple(column.item(-1) for column in columns)


def _in_floats(ask: Callable[..., Any]) -> Callable[..., Answer]:
    """*ask*, whose whole numbers are made floats."""

    def asked(*row: float) -> Answer:
        answer = ask(*row)
        return float(answer) if isinstance(answer, int) else tuple(map(float, answer))

    return asked

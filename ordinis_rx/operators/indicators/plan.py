"""Several indicators in one pass: which numbers are read, how the outputs are called, and code that asks all at once."""

from __future__ import annotations

import keyword
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from ordinis_rx.events import Reading
from ordinis_rx.frames import BarFrame, Frame
from ordinis_rx.operators.indicators.cores import Columns, Core
from ordinis_rx.operators.indicators.spec import Indicator
from ordinis_rx.operators.numbers import Number, source_of

__all__ = ["COPY_EVERY", "Plan", "Row", "named"]

COPY_EVERY = 64
"""Rows between two copies of the cores of a symbol: so many at most are entered again when a row is told again."""

Row = tuple[float, ...]
"""The numbers of a fact that are read, or the outputs for it."""


class Plan:
    """Some indicators that read facts of one kind.

    `name` is what their readings are called, `columns` what they read, `width` how many outputs there are, and `frame` and
    `moves` as `ordinis_rx.operators.numbers.Source` has them. ``update(cores, row)`` and ``peek(cores, row)`` give all
    outputs for a row of numbers, ``row_of(fact)`` those numbers, ``reading_of(fact, outputs)`` what is told.
    ``enter_next(track, bar)`` is the usual case at once: the outputs with a bar that is later than the last and has all its
    numbers, of a symbol of which none was told again; otherwise it is None, and nothing has changed.
    """

    def __init__(self, indicators: Sequence[Indicator], name: str) -> None:
        self.indicators = tuple(indicators)
        self.name = name
        self.columns = tuple(dict.fromkeys(word for each in indicators for word in each.inputs))
        self.width = sum(len(each.outputs) for each in indicators)
        self.warm_up = max(each.warm_up for each in indicators)
        sources = [
            source_of(cast("Number", word), name) for word in self.columns if word != "ts_event"
        ]
        self.frame: type[Frame] = sources[0].frame
        self.moves = sources[0].moves
        if any(source.frame is not self.frame for source in sources):
            raise ValueError(f"{name}: {' '.join(self.columns)} are numbers of different facts")
        self.of_bars = self.frame is BarFrame
        self.single = len(self.indicators) == 1 and self.width == 1
        self._places = [[self.columns.index(w) for w in each.inputs] for each in indicators]
        self.update, self.peek, self.row_of, self.reading_of, self.enter_next = self._make()

    def cores(self) -> list[Core]:
        """The state of one symbol before its first fact."""
        return [each.core() for each in self.indicators]

    def fill(self, cores: Sequence[Core], columns: Columns, out: NDArray[np.float64]) -> None:
        """Enter the next rows, given by column, and write the outputs into the rows of *out*."""
        k = 0
        for core, places in zip(cores, self._places, strict=True):
            for answers in core.fill([columns[j] for j in places]):
                out[k] = answers
                k += 1

    def _make(self) -> tuple[Callable[..., Any], ...]:
        """Code for just these indicators: loops over them would cost as much as they do."""
        cores = "".join(f"c{j}, " for j in range(len(self.indicators)))
        row = "".join(f"{word}, " for word in self.columns)
        lines: list[str] = []
        asked_of: dict[str, str] = {}
        for what in ("update", "peek"):
            asked = "".join(
                f"{'*' if len(each.outputs) > 1 else ''}c{j}.{what}({', '.join(each.inputs)}), "
                for j, each in enumerate(self.indicators)
            )
            lines.append(f"def {what}(cores, row):\n    {cores}= cores\n    {row}= row\n")
            lines.append(f"    return ({asked})\n")
            asked_of[what] = asked
        told = "".join(f"fact.{word}, " for word in self.columns)
        lines.append(f"def row_of(fact):\n    return ({told})\n")
        values = "" if self.single else "values=values, "
        lines.append(
            "def reading_of(fact, values):\n"
            "    return Reading(symbol=fact.symbol, ts_event=fact.ts_event, ts_recv=fact.ts_recv,"
            f" provider=fact.provider, seq=fact.seq, name={self.name!r}, {values}value=values[0])\n"
        )
        reads = "".join(f"    {word} = bar.{word}\n" for word in self.columns)
        sides = [side for side in ("open", "high", "low", "close") if side not in self.columns]
        total = " + ".join([*self.columns, *(f"bar.{side}" for side in sides)])
        lines.append(
            f"def enter_next(track, bar):\n    at = bar.ts_event\n{reads}    total = {total}\n"
            "    if at <= track.at or total - total != 0.0 or not track.plain:\n        return None\n"
            "    track.at = at\n    track.revision = bar.revision\n    track.seen += 1\n"
            f"    tail = track.tail\n    if len(tail) == {COPY_EVERY}:\n        track.copy()\n"
            f"    tail.append(({row}))\n    {cores}= track.cores\n    return ({asked_of['update']})\n"
        )
        scope: dict[str, Any] = {"Reading": Reading}
        exec("".join(lines), scope)
        return (
            scope["update"],
            scope["peek"],
            scope["row_of"],
            scope["reading_of"],
            scope["enter_next"],
        )


def named(indicators: Mapping[str, Indicator]) -> str:
    """The names of all outputs, with commas between: the caller's, with those of several outputs joined to it.

    An output that is called as its indicator is has that name alone. Raises ValueError for a name that a reading could not
    be asked for.
    """
    words: list[str] = []
    for key, each in indicators.items():
        if len(each.outputs) == 1:
            words.append(key)
        else:
            words += [key if word == key else f"{key}_{word}" for word in each.outputs]
    for word in words:
        if not word.isidentifier() or keyword.iskeyword(word) or hasattr(Reading, word):
            raise ValueError(f"indicators: an output cannot be called {word!r}")
        if words.count(word) > 1:
            raise ValueError(f"indicators: two outputs are called {word!r}")
    return ",".join(words)

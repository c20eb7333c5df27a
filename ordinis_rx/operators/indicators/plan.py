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
from ordinis_rx.operators.indicators.track import COPY_EVERY, Row, Track
from ordinis_rx.operators.numbers import Number, source_of
from ordinis_rx.paving import Paving
from ordinis_rx.written import define

__all__ = ["Plan", "named"]


class Plan:
    """Some indicators that read facts of one kind.

    `name` is what their readings are called, `columns` what they read, `width` how many outputs there are, and `frame` and
    `moves` as `ordinis_rx.operators.numbers.Source` has them; with `revises` a fact may be told again (bars and readings).
    With `single` the only output is the value of a reading alone, and not among its `values`, as *as_row* has it.
    ``update(cores, row)`` and ``peek(cores, row)`` give all outputs for a row of numbers, ``row_of(fact)`` those numbers,
    ``reading_of(fact, outputs)`` what is told.
    """

    def __init__(self, indicators: Sequence[Indicator], name: str, *, as_row: bool = False) -> None:
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
        self.revises = "revision" in self.frame.schema.index
        self.single = self.width == 1 and not as_row
        self._places = [[self.columns.index(w) for w in each.inputs] for each in indicators]
        made = self._make()
        self.update, self.peek, self.row_of, self.reading_of, self._taking = made

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

    def spread(self, answer: Row) -> Row:
        """The outputs, which are one number each already."""
        return answer

    def taking(
        self, tracks: Mapping[str, Track], otherwise: Callable[[Any], Reading | None]
    ) -> Callable[[Any], Reading | None]:
        """What takes a bar and gives its reading: at once in the usual case, and as *otherwise* does in all others.

        The usual case is a bar that is later than the last one and has all its numbers, of a symbol whose track is `plain`.
        """
        taking: Callable[[Any], Reading | None] = self._taking(tracks.get, otherwise)
        return taking

    def pave(
        self,
        paving: Paving,
        tracks: Mapping[str, Track],
        otherwise: Callable[[Any], Reading | None],
        fail: Callable[[Exception], None],
    ) -> None:
        """Write the way of one fact alone to its reading, a bar's taken as by `taking`; what that raises goes to *fail*."""
        taking = self._taking_one(" " * 4) if self.of_bars else "    made = otherwise(fact)\n"
        code = f"try:\n{taking}except Exception as error:\n    fail(error)\n    leave\nif made is None:\n    leave"
        known = {"Reading": Reading, "called": self.name, "fail": fail}
        paving.write(code, find=tracks.get, otherwise=otherwise, **known)

    def _make(self) -> tuple[Callable[..., Any], ...]:
        """Code for just these indicators: loops over them would cost as much as they do."""
        cores = "".join(f"c{j}, " for j in range(len(self.indicators)))
        row = "".join(f"{word}, " for word in self.columns)
        told = "".join(f"fact.{word}, " for word in self.columns)
        update, peek = self._asking("update"), self._asking("peek")
        source = (
            f"def update(cores, row):\n    {cores}= cores\n    {row}= row\n    return ({update})\n"
            f"def peek(cores, row):\n    {cores}= cores\n    {row}= row\n    return ({peek})\n"
            f"def row_of(fact):\n    return ({told})\n"
            f"def reading_of(fact, values):\n    return {self._telling('values[0]')}\n"
            f"def taking(find, otherwise):\n    def take(fact):\n{self._taking_one(' ' * 8)}"
            "        return made\n    return take\n"
        )
        scope: dict[str, Any] = {"Reading": Reading, "called": self.name}
        define(source, scope)
        made = ("update", "peek", "row_of", "reading_of", "taking")
        return tuple(scope[each] for each in made)

    def _taking_one(self, indent: str) -> str:
        """The lines that make the reading of one bar."""
        cores = "".join(f"c{j}, " for j in range(len(self.indicators)))
        row = "".join(f"{word}, " for word in self.columns)
        sides = [side for side in ("open", "high", "low", "close") if side not in self.columns]
        total = " + ".join([*self.columns, *(f"fact.{side}" for side in sides)])
        asked = self._asking("update")
        answer = f"value = {asked.rstrip(', ')}" if self.single else f"values = ({asked})"
        lines = [
            "track = find(fact.symbol)",
            "if track is None or not track.plain:",
            "    made = otherwise(fact)",
            "else:",
            "    at = fact.ts_event",
            *(f"    {word} = fact.{word}" for word in self.columns),
            f"    total = {total}",
            "    if at <= track.at or total - total != 0.0:",
            "        made = otherwise(fact)",
            "    else:",
            "        track.at = at",
            "        track.revision = fact.revision",
            "        tail = track.tail",
            f"        if len(tail) == {COPY_EVERY}:",
            "            track.copy()",
            f"        tail.append(({row}))",
            f"        {cores}= track.cores",
            f"        {answer}",
            f"        made = {self._telling('value' if self.single else 'values[0]')}",
        ]
        return "".join(f"{indent}{line}\n" for line in lines)

    def _asking(self, what: str) -> str:
        """The expressions that ask all cores, the variables of which are called as the columns are."""
        return "".join(
            f"{'*' if len(each.outputs) > 1 else ''}c{j}.{what}({', '.join(each.inputs)}), "
            for j, each in enumerate(self.indicators)
        )

    def _telling(self, value: str) -> str:
        """The expression of a reading that *fact* causes."""
        values = "" if self.single else "values=values, "
        if self.revises:
            values += "revision=fact.revision, "
        return (
            "Reading(symbol=fact.symbol, ts_event=fact.ts_event, ts_recv=fact.ts_recv, provider=fact.provider, "
            f"seq=fact.seq, name=called, {values}value={value})"
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

"""Paving: the stages that a fact passes write the code of its lane together, one function for all of them.

Live, a call from one stage to the next costs as much as most kernels do. So each stage writes what it does with a fact as a
few lines of Python, and has the one below write its own behind them.
"""

from __future__ import annotations

import builtins
import functools
import linecache
import re
import zlib
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ordinis_rx.codes import Names
from ordinis_rx.lanes import Lane, by_frame, together

if TYPE_CHECKING:
    from ordinis_rx.entries import Entry
    from ordinis_rx.turns import FlowObserver

__all__ = ["Paving", "Way", "way_into"]

_WORD = re.compile(r"((?<![\w.])[A-Za-z_]\w*(?!\w|=(?!=)))")
"""A name in code that is no attribute, and no keyword of a call."""

_DEEPEST = 12
"""Blocks in blocks; CPython takes 20."""


class _Parting(Protocol):
    """Where branches part."""

    branches: tuple[FlowObserver, ...]


class Way(NamedTuple):
    """A lane, which branches there were where it parts, and whether it leads to somebody who takes frames."""

    lane: Lane
    partings: tuple[tuple[_Parting, tuple[FlowObserver, ...]], ...]
    to_frames: bool

    def stands(self) -> bool:
        """Whether the branches are the same still."""
        return all(parting.branches is branches for parting, branches in self.partings)


class Paving:
    """The code of a lane for facts that come in at *entry*, coded by *names*, while it is written.

    >>> from ordinis_rx.hub import Hub
    >>> from ordinis_rx.entries import Entry
    >>> paving = Paving(Names(), Entry(Hub()))
    >>> paving.write("if fact < floor:\\n    leave\\nmade = 2 * fact", floor=10)
    >>> paving.write("tell(fact)", tell=print)
    >>> lane = paving.lane()
    >>> lane(9)
    >>> lane(11)
    22
    """

    __slots__ = (
        "_counts",
        "_fact",
        "_facts",
        "_indent",
        "_leave",
        "_lines",
        "_names",
        "_partings",
        "_values",
        "entry",
        "names",
        "to_frames",
    )

    def __init__(self, names: Names, entry: Entry) -> None:
        self.names = names
        self.entry = entry
        self._lines: list[str] = []
        self._partings: list[tuple[_Parting, tuple[FlowObserver, ...]]] = []
        self._values: dict[str, Any] = {"__builtins__": builtins}
        """What the names in the code stand for; and below, by which name a value is known, and how often a word is used."""
        self._names: dict[tuple[str, int], str] = {}
        self._counts: dict[str, int] = {}
        self._fact = "fact"
        self._facts = 0
        self._indent = 1
        self._leave = "return"
        self.to_frames = False
        """Whether somebody on the way takes frames."""

    def write(self, code: str, **known: Any) -> None:
        """Add what a stage does with the `fact` that it gets.

        The words that are *known* stand for these values, wherever they are no attributes and no keywords of a call (which
        are written without a blank before ``=``); inside of texts, too, so that a text had better be known by a word itself.
        Who makes another fact calls it `made`: what is written from here on gets that one. The statement ``leave`` ends the
        way of the fact here.
        """
        words = {"fact": self._fact, "leave": self._leave}
        for line in _split(code):
            parts = ["    " * self._indent, *line]
            for k in range(2, len(parts), 2):
                word = parts[k]
                if word not in words:
                    words[word] = self._named(word, known)
                parts[k] = words[word]
            self._lines.append("".join(parts))

    @contextmanager
    def inside(self, head: str, tail: str = "", leave: str = "", **known: Any) -> Generator[None]:
        """What is written meanwhile stands in a block behind *head*, and *tail* behind the block.

        In a block that is a loop, *leave* is what ends the way of a fact there.
        """
        fact = self._fact
        self.write(head, **known)
        left, self._leave = self._leave, leave or self._leave
        self._indent += 1
        before = len(self._lines)
        yield
        if len(self._lines) == before:
            self.write("pass")
        self._indent -= 1
        self._leave, self._fact = left, fact
        self.write(tail, **known)

    @contextmanager
    def once(self) -> Generator[None]:
        """Who leaves the way of the fact meanwhile leaves but what is written meanwhile."""
        with self.inside("while True:", leave="break"):
            yield
            self.write("leave")

    def into(self, observer: FlowObserver, kind: type[Any], of: str = "") -> None:
        """Have *observer* write what becomes of the fact, which is of *kind*; or of each in the list that is called *of*."""
        pave: Callable[[Paving, type[Any]], None] | None = getattr(observer, "pave", None)
        if of and pave is None:  # in one frame, as they have one cause
            tell, self.to_frames = together(observer, kind, self.names, self.entry), True
            self.write(f"if {of}:\n    tell({of})", tell=tell)
        elif of:
            with self.inside(f"for made in {of}:", leave="continue"):
                self.into(observer, kind)
        elif pave is None:
            self.into_frame(observer, kind)
        elif self._indent < _DEEPEST:
            pave(self, kind)
        else:
            self.write("lane(fact)", lane=self.lane_to(observer, kind))

    def into_frame(self, observer: FlowObserver, kind: type[Any]) -> None:
        """Hand the fact, which is of *kind*, to *observer* in a frame."""
        self.to_frames = True
        self.write("tell(fact)", tell=by_frame(observer, kind, self.names, self.entry))

    def parts(self, parting: _Parting) -> tuple[FlowObserver, ...]:
        """The branches that *parting* has, because of which the way is as it is from here on."""
        branches = parting.branches
        self._partings.append((parting, branches))
        return branches

    def lane_to(self, observer: FlowObserver, kind: type[Any]) -> Lane:
        """A lane of its own into *observer*, for facts of *kind*, to be called by what is written here."""
        return self.take(way_into(observer, kind, self.names, self.entry))

    def take(self, way: Way) -> Lane:
        """The lane of a way that is part of this one."""
        self._partings += way.partings
        self.to_frames |= way.to_frames
        return way.lane

    def lane(self) -> Lane:
        """What has been written, as a function of one fact."""
        code = _compiled("\n".join(["def lane(fact):", *(self._lines or ["    pass"])]))
        # A code of its own, since CPython remembers in it where the names were found.
        return FunctionType(code.replace(), self._values, "lane")

    def way(self) -> Way:
        """The same, with what it rests on."""
        return Way(self.lane(), tuple(self._partings), self.to_frames)

    def _named(self, word: str, known: dict[str, Any]) -> str:
        """What a word of a stage is called here: the names of values have a number, which no variable of a stage has."""
        if word == "made":
            self._facts += 1
            self._fact = f"fact{self._facts}"
            return self._fact
        if word not in known:
            return word
        value = known[word]
        name = self._names.get((word, id(value)))
        if name is None:
            self._counts[word] = self._counts.get(word, 0) + 1
            name = self._names[word, id(value)] = f"{word}_{self._counts[word]}"
            self._values[name] = value
        return name


def way_into(observer: FlowObserver, kind: type[Any], names: Names, entry: Entry) -> Way:
    """The way into *observer* for facts of *kind*, coded by *names*, that come in at *entry*."""
    paving = Paving(names, entry)
    paving.into(observer, kind)
    return paving.way()


@functools.lru_cache(maxsize=1024)
def _split(code: str) -> tuple[list[str], ...]:
    """The lines of what a stage writes, each as what is between the names in it, and the names."""
    return tuple(_WORD.split(line) for line in code.splitlines() if line)


_MOST = 256
"""Lanes whose code is kept, and shown in tracebacks."""


@functools.lru_cache(maxsize=_MOST)
def _compiled(source: str) -> CodeType:
    """The code of a lane. Lanes are made anew whenever a branch comes or goes, mostly with the same code."""
    name = f"<lane {zlib.crc32(source.encode()):08x}>"
    if len(_shown) == _MOST:
        linecache.cache.pop(_shown[0], None)
    _shown.append(name)
    # As what a loader says of a file that is none: whoever prints a traceback asks there, and finds no time to compare.
    linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
    module = compile(source, name, "exec")
    return next(each for each in module.co_consts if isinstance(each, CodeType))


_shown: deque[str] = deque(maxlen=_MOST)

"""The graph of a pipeline: its steps, and which feeds which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from types import CellType, FunctionType, MethodType
from typing import Any, cast

from reactivex import Observable

from ordinis_rx.naming import origin_of
from ordinis_rx.stream import Stream

__all__ = ["Node", "graph_of"]


@dataclass(eq=False)
class Node:
    """One step. `opaque` ones are plain Rx: what happens in them is not ours to see."""

    label: str
    stream: Observable[Any]
    sources: list[Node] = field(default_factory=list["Node"])
    opaque: bool = False
    keeps: bool = False


def graph_of(ends: Iterable[Observable[Any]]) -> list[Node]:
    """The steps that *ends* are made of, each after the steps that feed it, and each once."""
    seen: dict[int, Node] = {}
    order: list[Node] = []

    def visit(stream: Observable[Any]) -> Node:
        node = seen.get(id(stream))
        if node is None:
            node = seen[id(stream)] = _node(stream)
            for source in _sources(stream, node):
                before = visit(source)
                if before not in node.sources:
                    node.sources.append(before)
            order.append(node)
        return node

    for end in ends:
        visit(end)
    return order


def _node(stream: Observable[Any]) -> Node:
    origin = origin_of(stream)
    if origin is not None:
        return Node(origin.call, stream, keeps=origin.keeps)
    if isinstance(stream, Stream):
        return Node(_ours(stream), stream)
    return Node("Rx", stream, opaque=True)


def _sources(stream: Observable[Any], node: Node) -> list[Observable[Any]]:
    origin = origin_of(stream)
    if origin is not None:
        return list(origin.sources)
    if isinstance(stream, Stream):
        return list(_within(_flow_of(stream)))
    names: list[str] = []
    sources = _through_plain_rx(stream, names)
    node.label = f"Rx: {', '.join(reversed(names))}" if names else "Rx"
    return sources


def _through_plain_rx(stream: Observable[Any], names: list[str]) -> list[Observable[Any]]:
    """The streams of ours above a chain of plain Rx operators, whose names are added to *names*; they make one step."""
    subscribe = getattr(stream, "_subscribe", None)
    name = _name_of(subscribe)
    if name:
        names.append(name)
    found: list[Observable[Any]] = []
    for source in _within(subscribe):
        if isinstance(source, Stream) or origin_of(source) is not None:
            found.append(source)
        else:
            found += _through_plain_rx(source, names)
    return found


def _ours(stream: Stream[Any]) -> str:
    """What to call a stream of ours that nobody has named: a feed by its own words, others by who made them."""
    if type(stream) is not Stream:
        return repr(stream)
    name = _name_of(_flow_of(stream))
    return name or "stream"


def _flow_of(stream: Stream[Any]) -> Any:
    return getattr(stream, "_flow", None)


def _name_of(function: Any) -> str:
    name = getattr(function, "__qualname__", "")
    return str(name).partition(".")[0].strip("_") if "<locals>" in name else ""


def _within(thing: Any, depth: int = 3) -> Iterator[Observable[Any]]:
    """The observables that a function has closed over."""
    if isinstance(thing, Observable):
        yield thing
    elif depth and isinstance(thing, FunctionType):
        for cell in thing.__closure__ or ():
            yield from _within(_content(cell), depth - 1)
    elif depth and isinstance(thing, MethodType):
        yield from _within(thing.__func__, depth - 1)
    elif depth and isinstance(thing, tuple | list):
        for each in cast("Iterable[Any]", thing):
            yield from _within(each, depth - 1)


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not filled yet
        return None

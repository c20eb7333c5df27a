"""`explain`: a pipeline as text and as a picture, and what goes through it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reactivex import Observable

from ordinis_rx.stream import Stream
from ordinis_rx.views.graph import Node, graph_of
from ordinis_rx.views.paths import how_it_flows
from ordinis_rx.views.probes import Probes

__all__ = ["Explanation", "explain"]


class Explanation:
    """The steps of a pipeline, in the order in which facts pass them. Printed as text, in notebooks as a Mermaid picture."""

    def __init__(self, nodes: Sequence[Node], probes: Probes | None) -> None:
        self._nodes = tuple(nodes)
        self._probes = probes

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps, by the calls that made them."""
        return tuple(node.label for node in self._nodes)

    @property
    def text(self) -> str:
        """One step a line, each with the steps that feed it, and below how facts flow."""
        number = {node: k for k, node in enumerate(self._nodes, 1)}
        rows = [
            [str(k), node.label, _feeds([number[source] for source in node.sources], k)]
            for node, k in number.items()
        ]
        if self._probes is not None:
            heads = ["", "", "", "events in", "out", "dropped", "rows an item", "ns an event"]
            counts = [_counted(node, self._probes) for node in self._nodes]
            rows = [heads, *(row + more for row, more in zip(rows, counts, strict=True))]
        lines = _aligned(rows)
        return "\n".join([*lines, "", *how_it_flows(self._nodes)])

    @property
    def mermaid(self) -> str:
        """The picture, in the language of Mermaid."""
        names = {node: f"s{k}" for k, node in enumerate(self._nodes, 1)}
        lines = ["flowchart TD"]
        for node, name in names.items():
            left, right = ("([", "])") if node.opaque else ("[", "]")
            lines.append(f'    {name}{left}"{_escaped(node.label)}"{right}')
        for node, name in names.items():
            for source in node.sources:
                count = "" if self._probes is None else f"|{self._probes.out_of(source).events:,}|"
                lines.append(f"    {names[source]} -->{count} {name}")
        return "\n".join(lines)

    def close(self) -> None:
        """Count no more, for those who subscribe from now on; what was counted stays."""
        if self._probes is not None:
            self._probes.remove()

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": self.text, "text/vnd.mermaid": self.mermaid}


def explain(*streams: Observable[Any], counters: bool = False) -> Explanation:
    """The steps that *streams* are made of, and whether facts go through them one by one or in large frames, and why.

    Plain Rx operators in a row are one step, since nobody but they know what they do. Several streams are shown as what
    they are together: two branches of one ``share()``, say. With *counters*, what goes through is counted for all who
    subscribe to the very same streams from now on: events in and out of each step, what those that pick and choose have
    dropped, and how long each takes for an event (ns by the wall clock of this machine, its own code alone; plain Rx with
    what comes behind it). Counting costs about a microsecond an item and step; look at the text again to see it move.

    >>> import ordinis_rx as ox
    >>> from ordinis_rx import operators as oo
    >>> mids = ox.sim.market(["AAPL"], seed=7).pipe(oo.quotes(), oo.mid())
    >>> print(explain(mids))
    1  market(['AAPL'], seed=7)
    2  quotes()
    3  mid()
    <BLANKLINE>
    In frames: facts reach plain Rx by one way alone.
    """
    if not streams:
        raise TypeError("explain takes at least one stream")
    for stream in streams:
        thing: object = stream
        if not hasattr(thing, "subscribe"):
            raise TypeError(f"explain takes streams, got {stream!r}")
    nodes = graph_of(streams)
    return Explanation(nodes, Probes(nodes) if counters else None)


def _feeds(sources: list[int], at: int) -> str:
    if not sources or sources == [at - 1]:
        return ""
    return "from " + ", ".join(map(str, sorted(sources)))


def _counted(node: Node, probes: Probes) -> list[str]:
    into, out = probes.into(node), probes.out_of(node)
    came = f"{into.events:,}" if node.sources else ""
    cost = f"{into.ns / into.events:,.0f}" if into.events else ""
    # What it hands on are no facts, or are seen where they come back.
    if not isinstance(node.stream, Stream):
        return [came, "", "", "", cost]
    dropped = f"{into.events - out.events:,}" if node.keeps else ""
    rows = f"{out.events / out.items:,.0f}" if out.items else ""
    return [came, f"{out.events:,}", dropped, rows, cost]


def _aligned(rows: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if k < 3 else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _escaped(label: str) -> str:
    return label.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")

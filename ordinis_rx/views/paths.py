"""How facts flow through a pipeline: in frames, or row by row, and why."""

from __future__ import annotations

from collections.abc import Sequence

from ordinis_rx.feed import Feed
from ordinis_rx.multicast import Hot, Shared
from ordinis_rx.stream import Stream
from ordinis_rx.views.graph import Node

__all__ = ["how_it_flows"]


def how_it_flows(nodes: Sequence[Node]) -> list[str]:
    """In words, for the roots of a graph as `graph_of` gives it, as if each of its ends were subscribed to once."""
    feeds: dict[Node, list[Node]] = {node: [] for node in nodes}
    for node in nodes:
        for source in node.sources:
            feeds[source].append(node)
    told: list[str] = []
    roots = [node for node in nodes if not node.sources]
    for root in roots:
        how = _told(root, feeds)
        told.append(f"{root.label}: {how}" if len(roots) > 1 else how[0].upper() + how[1:])
    return told


def _told(root: Node, feeds: dict[Node, list[Node]]) -> str:
    if not isinstance(root.stream, Stream):
        return "one by one: it is plain Rx."
    below = [node.label for node in _below(root, feeds)]
    clocks = [label for label in below if label.startswith("on_clock(")]
    if clocks:
        return f"row by row: {clocks[0]} moves a clock before anybody sees a fact."
    remembered = [label for label in below if "memory=OperatorMemory(" in label]
    if remembered:
        return f"row by row: {remembered[0]} may be saved at any row."
    ways = _ways(root, feeds)
    if len(ways) < 2:
        return "in frames: facts reach plain Rx by one way alone."
    names = ", ".join(dict.fromkeys(node.label for node in ways))
    return f"row by row: facts reach plain Rx by {len(ways)} ways ({names}), which could tell the difference."


def _below(root: Node, feeds: dict[Node, list[Node]]) -> list[Node]:
    found = [root]
    for node in found:
        found += [after for after in feeds[node] if after not in found]
    return found


def _ways(node: Node, feeds: dict[Node, list[Node]]) -> list[Node]:
    """The steps at which facts from *node* leave for plain Rx; each run of a cold stream counts for itself."""
    after = feeds[node]
    leaving = [n for n in after if n.opaque]
    # Its end, or one that makes values of facts.
    if not after or not isinstance(node.stream, Stream):
        return [node]
    branches = [[node]] * len(leaving) + [_ways(n, feeds) for n in after if not n.opaque]
    if not _is_hot(node):
        return max(branches, key=len)
    if len(leaving) == len(after) and not any(feeds[n] for n in leaving):
        return [node]  # all end here, and are told row by row
    return list(dict.fromkeys(way for branch in branches for way in branch))


def _is_hot(node: Node) -> bool:
    pushed = isinstance(getattr(getattr(node.stream, "_flow", None), "__self__", None), Hot)
    return pushed or isinstance(node.stream, Feed | Shared)

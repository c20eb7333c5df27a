"""An end of a flow that notes which item came, and how it ended."""

from __future__ import annotations

from typing import Any

from ordinis_rx.batches import Item


class Seqs:
    """The `seq` of the first fact of each item, the class of an error, or "completed"."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def on_item(self, item: Item) -> None:
        self.told.append(item.facts[0].seq)

    def on_error(self, error: Exception) -> None:
        self.told.append(type(error))

    def on_completed(self) -> None:
        self.told.append("completed")

    def exits(self, found: set[int]) -> None:
        """It hands nothing to plain Rx."""

"""From a recording of the wire to the facts that it told."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ordinis_rx.batches import Item, item_of
from ordinis_rx.codes import Names
from ordinis_rx.errors import JournalError
from ordinis_rx.journal.loss import Loss
from ordinis_rx.journal.wire import Renamed, WireReader
from ordinis_rx.providers.guarding import guarded
from ordinis_rx.providers.protocol import Provider

__all__ = ["WireRecording"]


class WireRecording:
    """A file of `record_wire`, read by *provider*. `loss` tells what the last run could not read."""

    def __init__(self, path: str | os.PathLike[str], provider: Provider) -> None:
        self.path = Path(path)
        self.loss = Loss()
        self._provider = provider
        with WireReader(path) as reader:
            self.header = reader.header
        if self.header is not None and self.header.provider != provider.name:
            raise JournalError(
                path, f"is of {self.header.provider}, and cannot be read as {provider.name}'s"
            )

    def items(self, names: Names, rows: int) -> Iterator[Item]:
        """The facts that its messages told, with the numbers that they had, in items of about *rows* rows."""
        neutral: dict[str, str] = {}
        provider = self._provider
        decode = guarded(provider.name, provider.decoder(neutral))
        facts: list[Any] = []
        with WireReader(self.path) as reader:
            try:
                for entry in reader:
                    if isinstance(entry, Renamed):
                        neutral.clear()
                        neutral.update(entry.names)
                    elif entry.direction == "in":
                        told, _ = decode(entry.data, entry.ts_recv, entry.seq)
                        facts += told
                        if len(facts) >= rows:
                            yield item_of(facts, names)
                            facts = []
            except JournalError:
                if facts:  # they came before what is not known here
                    yield item_of(facts, names)
                raise
            self.loss = reader.loss
        if facts:
            yield item_of(facts, names)

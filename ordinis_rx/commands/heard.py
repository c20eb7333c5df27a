"""All that is heard of the feeds: fact by fact, and folded into a consensus."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from reactivex import Observable, abc
from reactivex.disposable import CompositeDisposable

from ordinis_rx.commands.agreement import FRESH, Agreement
from ordinis_rx.commands.board import Board
from ordinis_rx.consensus import AggregationConfig, ConsensusMeter, ProviderStats, consensus
from ordinis_rx.events import Event
from ordinis_rx.kernels.compiled import uncompiled
from ordinis_rx.multicast import share
from ordinis_rx.operators import SideOutput, dedupe, merge
from ordinis_rx.typing import Operator

__all__ = ["Heard"]

CONFIG = AggregationConfig(min_providers=2, max_age=FRESH)
"""Of three providers one may be away."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Where the facts of the feeds end up, and the answers that they lead to."""

    board: Board
    agreement: Agreement
    meter: ConsensusMeter = field(default_factory=ConsensusMeter)
    repeated: SideOutput[Event] = field(default_factory=lambda: SideOutput[Event]())

    @property
    def stats(self) -> dict[str, ProviderStats]:
        """What the consensus knows of each provider that has reported."""
        return {each.provider: each for each in self.meter.stats}

    def listen(self, feeds: Iterable[Observable[Event]]) -> abc.DisposableBase:
        """Merge *feeds*, leave out what was told twice, and hear the rest until disposed of."""
        once: Operator[Event, Event] = share()
        everything = merge(*feeds).pipe(dedupe(self.repeated), once)
        prices = everything.pipe(consensus(CONFIG, meter=self.meter))
        # The board first: it counts all that is told from the first status on.
        with uncompiled():  # to compile would take longer than to play
            return CompositeDisposable(
                everything.subscribe(self.board.on_next, self.board.on_error),
                prices.subscribe(self.agreement.on_next, self.board.on_error),
            )

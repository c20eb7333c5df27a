"""The facts of a consensus by column."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from ordinis_rx.columns import Names
from ordinis_rx.consensus.facts import AggregatedQuote, Panel, Reject, Report
from ordinis_rx.frames import Frame

__all__ = [
    "AggregatedQuoteFrame",
    "PanelFrame",
    "RejectFrame",
    "ReportFrame",
    "answers",
]


class ReportFrame(Frame, kind=Report):
    """Reports by column."""

    __slots__ = ()


class PanelFrame(Frame, kind=Panel):
    """Panels: their entries have no columns."""

    __slots__ = ()


class AggregatedQuoteFrame(Frame, kind=AggregatedQuote):
    """Answers by column; sets of providers are integers with a bit for each."""

    __slots__ = ()

    if TYPE_CHECKING:
        price: NDArray[np.float64]
        half_width: NDArray[np.float64]
        confidence: NDArray[np.float64]
        status: NDArray[np.int64]
        bid: NDArray[np.float64]
        ask: NDArray[np.float64]
        volume: NDArray[np.float64]
        crossed_share: NDArray[np.float64]
        provider_count: NDArray[np.int64]
        providers_used: NDArray[np.int64]
        outliers_excluded: NDArray[np.int64]
        stale: NDArray[np.int64]
        lost: NDArray[np.int64]
        age: NDArray[np.int64]

    def _explode(self) -> list[Any]:
        block = self.block
        if block is None or self.parent is not None:
            return super()._explode()
        if self.n == 1:
            return list(answers([block.reader()()], self.names))
        columns: list[list[Any]] = [column[: self.n].tolist() for column in block.columns]
        return list(answers(zip(*columns, strict=True), self.names))


_RARE = ("method", "crossed_share", "outliers_excluded", "stale", "lost")
"""What most answers leave at its default, so that they are made with as many keywords as CPython takes in one call."""


def _answers() -> Callable[[Iterable[Any], Names], Iterator[AggregatedQuote]]:
    schema = AggregatedQuoteFrame.schema
    known: dict[str, Any] = {"AggregatedQuote": AggregatedQuote, "replace": msgspec.structs.replace}
    values: dict[str, str] = {}
    for name in schema.index:
        field = schema.fields[name]
        known[f"{name}_members"] = field.members
        values[name] = field.decoded(name, f"{name}_members")
    usual = ", ".join(f"{name}={value}" for name, value in values.items() if name not in _RARE)
    rare = ", ".join(f"{name}={values[name]}" for name in _RARE)
    source = (
        "def answers(rows, names):\n    symbols, providers = names.symbols.words, names.providers.words\n"
        f"    for {', '.join(values)} in rows:\n"
        f"        made = AggregatedQuote({usual})\n"
        f"        if {' or '.join(_RARE)}:\n            made = replace(made, {rare})\n"
        "        yield made\n"
    )
    exec(source, known)
    made: Callable[[Iterable[Any], Names], Iterator[AggregatedQuote]] = known["answers"]
    return made


answers = _answers()
"""``answers(rows, names)``: the facts that rows of a block of answers stand for."""


class RejectFrame(Frame, kind=Reject):
    """Rejects by column."""

    __slots__ = ()

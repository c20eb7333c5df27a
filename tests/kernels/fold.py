"""The kernel of the consensus at work without any stream: rows in, answers out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ordinis_rx.columns import Block
from ordinis_rx.consensus import AggregationConfig
from ordinis_rx.consensus.numbers import kernel_params
from ordinis_rx.kernels.compiled import prepare, uncompiled
from ordinis_rx.kernels.consensus import fold_reports
from ordinis_rx.kernels.consensus_layout import CONSENSUS, QUOTE
from ordinis_rx.kernels.record import FIRST, Call
from ordinis_rx.timebase import SECOND

READS = {column.name: j for j, column in enumerate(CONSENSUS.reads)}
WRITES = [column.name for column in CONSENSUS.writes]

Row = Mapping[str, float]


def quote(symbol: int, provider: int, mid: float, at: int = 0) -> Row:
    """A quote two cents wide; its time is its number."""
    return {
        "kind": QUOTE,
        "symbol": symbol,
        "provider": provider,
        "ts_event": at,
        "bid": mid - 0.01,
        "ask": mid + 0.01,
        "seq": at,
    }


class Fold:
    """One subscriber's kernel, with room for so many answers; `took` is how many rows the last call took."""

    def __init__(self, config: AggregationConfig | None = None, *, room: int = 200) -> None:
        self.call = Call(CONSENSUS, kernel_params(config or AggregationConfig(), metered=False))
        self.call.grow(16)
        self.function, self.argument = prepare(fold_reports, self.call)
        self.out = Block("".join(column.kind for column in CONSENSUS.writes), room)
        self.took = 0

    def __call__(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """The answers that *rows* lead to; NaN as a word, so that answers can be compared."""
        self.point(rows)
        written = self.function(len(rows), self.argument)
        self.took = self.call.stop[0]
        told = [
            [repr(x) if x != x else x for x in view[:written].tolist()] for view in self.out.views
        ]
        return [
            {name: told[j][k] for j, name in enumerate(WRITES) if name != "verdict"}
            for k in range(written)
        ]

    def point(self, rows: Sequence[Row]) -> None:
        """Let the kernel see *rows*."""
        source = Block("".join(column.kind for column in CONSENSUS.reads), len(rows))
        for i, row in enumerate(rows):
            for name, value in {"flags": 7, "weight": 1.0, "max_age": SECOND, **row}.items():
                source.views[READS[name]][i] = value
        places = [
            *zip(source.addresses, source.views, strict=True),
            *zip(self.out.addresses, self.out.views, strict=True),
        ]
        for slot, place in enumerate(places, FIRST):
            self.call.point(slot, *place)
        self.call.room(len(self.out.views[0]))
        self.call.stop[0] = len(rows)


def in_python(rows: Sequence[Row], config: AggregationConfig) -> list[dict[str, Any]]:
    """The answers that *rows* lead to, by the kernel as Python."""
    with uncompiled():
        return Fold(config)(rows)

"""The vendors' side of their conversations: what a server of theirs says, whom it lets in, and how it lets go."""

from __future__ import annotations

from collections.abc import Mapping

from ordinis_rx.sim.dialects.alpaca import ALPACA
from ordinis_rx.sim.dialects.dialect import Dialect
from ordinis_rx.sim.dialects.finnhub import FINNHUB
from ordinis_rx.sim.dialects.polygon import POLYGON

__all__ = ["DIALECTS"]

DIALECTS: Mapping[str, Dialect] = {dialect.name: dialect for dialect in (POLYGON, FINNHUB, ALPACA)}

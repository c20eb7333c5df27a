"""The Ichimoku cloud: where price stands, between lines that are halfway between highs and lows."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

import msgspec
from reactivex import Observable

from ordinis_rx.batches import Item
from ordinis_rx.checks import check_count, check_flag
from ordinis_rx.events import NAN, Bar, Event
from ordinis_rx.frames import BarFrame
from ordinis_rx.kernels.ichimoku import ICHIMOKU, ichimoku_params
from ordinis_rx.kernels.ichimoku import ichimoku as _ichimoku
from ordinis_rx.lifting import operator
from ordinis_rx.memory import OperatorMemory
from ordinis_rx.operators.bar_order import telling_skipped
from ordinis_rx.operators.cloud_facts import IchimokuCloud, IchimokuFrame
from ordinis_rx.operators.side import SideOutput
from ordinis_rx.stepping import Telling, telling
from ordinis_rx.typing import Operator

__all__ = ["ichimoku"]

MOST_BARS = 10_000
"""A window wider than this is taken for a mistake: each symbol remembers a dozen numbers for every bar of it."""


def ichimoku(
    tenkan: int = 9,
    kijun: int = 26,
    senkou: int = 52,
    displacement: int = 26,
    *,
    future: bool = False,
    skipped: SideOutput[Bar] | None = None,
    memory: OperatorMemory | None = None,
) -> Operator[Event, IchimokuCloud]:
    """The Ichimoku cloud of each symbol, one row a bar, told with the bar.

    With H and L the highest high and lowest low of the last *n* bars, this one included, and mid(n) = (H + L) / 2::

        tenkan   = mid(tenkan)          senkou A = (tenkan + kijun) / 2
        kijun    = mid(kijun)           senkou B = mid(senkou)

    (Goichi Hosoda, 1969; M. Patel, "Trading with Ichimoku Clouds", Wiley 2010.) Each row has the spans twice: `senkou_a`
    and `senkou_b` as this bar makes them, which stand *displacement* bars ahead, and `cloud_a` and `cloud_b` over this bar,
    which were made *displacement* bars ago. The lagging span is this close against the close of *displacement* bars ago, so
    that no row knows anything later than its own bar. Signals are explained at `IchimokuCloud`; a cross counts when the
    other side is reached, however long the lines have touched in between. With *future* each row carries the whole cloud
    ahead as well (`future_a`, `future_b`; dearer, since rows become facts).

    A line is NaN and what depends on it UNKNOWN until there are as many bars as it takes: 9, 26 and 52 for the lines, 78 for
    the cloud over a bar. Time is not asked: a bar is a bar, however long after the last. Lines are in the unit of prices.
    A bar that ends with the last one and has a higher `revision` replaces it, and is answered with a row of that revision.
    Bars without a price, late ones and old revisions are left out, and go to *skipped*. Facts of other kinds are left out.
    With *memory* the state can be saved and taken up again.

    pandas-ta-classic displaces by as many bars; its lagging span is shifted back, so that a row of it knows the future.
    Others (TradingView) count today as the first bar ahead: ask for that with ``displacement=25``. Raises ValueError where a
    number of bars is below 1.

    >>> from ordinis_rx.testing import a_bar, through
    >>> rows = through(ichimoku(1, 2, 3, 1), [a_bar(close, at=at) for at, close in enumerate((1, 3, 2, 6))])
    >>> [(row.tenkan, row.kijun, row.senkou_a, row.senkou_b) for row in rows[2:]]
    [(2.0, 2.5, 2.25, 2.0), (6.0, 4.0, 5.0, 4.0)]
    >>> rows[-1].cloud_a, rows[-1].position.name, rows[-1].tk_cross.name, rows[-1].trend.name
    (2.25, 'ABOVE', 'BULLISH', 'BULLISH')
    """
    check_flag("ichimoku: future", future)
    windows = {"tenkan": tenkan, "kijun": kijun, "senkou": senkou, "displacement": displacement}
    for name, bars in windows.items():
        check_count(f"ichimoku: {name}", bars, "bars", most=MOST_BARS)
    lines: Operator[Event, Any] = operator(
        _ichimoku,
        ICHIMOKU,
        reads=BarFrame,
        writes=IchimokuFrame,
        params=ichimoku_params(**windows),
        memory=memory,
    )
    if not future:
        return telling_skipped(lines, skipped, memory)

    def with_future(source: Observable[Event]) -> Observable[IchimokuCloud]:
        return telling(make)(lines(source))

    def make() -> Telling:
        ahead = _Ahead(displacement)
        if memory is not None:
            ahead.take_up(memory.attach(f"the cloud {displacement} bars ahead", ahead.save))
        return ahead.step

    return telling_skipped(with_future, skipped, memory)


_Spans = tuple[int, float, float]
"""When a bar ended, and the spans that it makes."""


class _Ahead:
    """Gives each row the spans of its symbol's last *displacement* rows, which are those ahead of it."""

    def __init__(self, displacement: int) -> None:
        self._displacement = displacement
        self._spans: dict[str, deque[_Spans]] = {}

    def save(self) -> bytes:
        """The spans of all symbols."""
        return msgspec.msgpack.encode(
            {symbol: list(known) for symbol, known in self._spans.items()}
        )

    def take_up(self, saved: bytes | None) -> None:
        """Have the spans that `save` gave."""
        told = msgspec.msgpack.decode(saved, type=dict[str, list[_Spans]]) if saved else {}
        for symbol, spans in told.items():
            self._spans[symbol] = deque(spans, maxlen=self._displacement)

    def step(self, item: Item) -> Iterator[IchimokuCloud]:
        """The rows of an item, with what is ahead of them."""
        for row in item.facts:
            known = self._spans.setdefault(row.symbol, deque(maxlen=self._displacement))
            spans = row.ts_event, row.senkou_a, row.senkou_b
            if known and row.revision and known[-1][0] == row.ts_event:
                known[-1] = spans
            else:
                known.append(spans)
            missing = (NAN,) * (self._displacement - len(known))
            yield msgspec.structs.replace(
                row,
                future_a=missing + tuple(a for _, a, _ in known),
                future_b=missing + tuple(b for _, _, b in known),
            )

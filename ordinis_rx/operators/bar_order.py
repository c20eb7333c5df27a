"""The last bar of each symbol, and what becomes of the next: for operators that work bar by bar.

Bars count in the order in which they come. One that ends with the last one of its symbol and has a higher `revision` is
that bar told again, and takes its place; one that lacks a price, ends before the last one, or tells an older revision, is
left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from reactivex import Observable

from ordinis_rx.batches import Item
from ordinis_rx.events import Bar, Event
from ordinis_rx.hearing import hears
from ordinis_rx.kernels.bar_order import LEFT_OUT, standing
from ordinis_rx.memory import OperatorMemory
from ordinis_rx.operators.side import SideOutput, check_side
from ordinis_rx.stepping import Step, as_far_as_told, each_item

__all__ = ["BarOrder", "telling_skipped"]


class BarOrder:
    """One subscriber's last bars, by symbol.

    >>> from ordinis_rx.testing import a_bar
    >>> order = BarOrder()
    >>> [order.standing(bar) for bar in (a_bar(9, at=1), a_bar(8, at=1, revision=1), a_bar(7, at=0))]
    [1, 2, 0]
    """

    __slots__ = ("_last",)

    def __init__(self) -> None:
        self._last: dict[str, tuple[int, int]] = {}

    def standing(self, bar: Bar) -> int:
        """What *bar* is (`LEFT_OUT`, `NEW` or `REPLACES`); it is the last one from now on, unless it is left out."""
        last = self._last.get(bar.symbol)
        at, revision = last or (0, 0)
        stands = standing(
            bar.open,
            bar.high,
            bar.low,
            bar.close,
            bar.ts_event,
            bar.revision,
            last is not None,
            at,
            revision,
        )
        if stands != LEFT_OUT:
            self._last[bar.symbol] = bar.ts_event, bar.revision
        return stands

    def save(self) -> bytes:
        """The last bars."""
        return msgspec.msgpack.encode(self._last)

    def take_up(self, saved: bytes) -> None:
        """Have the last bars that `save` gave; raises ValueError where that is something else."""
        try:
            self._last = msgspec.msgpack.decode(saved, type=dict[str, tuple[int, int]])
        except msgspec.MsgspecError as error:
            raise ValueError(f"not a checkpoint of last bars: {error}") from error


def telling_skipped(
    operator: Callable[[Observable[Any]], Observable[Any]],
    skipped: SideOutput[Bar] | None,
    memory: OperatorMemory | None = None,
) -> Callable[[Observable[Any]], Observable[Any]]:
    """*operator*, with the bars that it leaves out told to *skipped* before it sees them.

    What it left off with is in the *memory* of the operator, where that had a side output too.
    """
    check_side("skipped", skipped)
    if skipped is None:
        return operator

    def make() -> Step:
        order = BarOrder()
        if memory is not None:
            saved = memory.attach("the last bars", order.save, may_lack=True)
            if saved is not None:
                order.take_up(saved)

        def left_out(bars: list[Bar]) -> Iterator[Bar]:
            return (bar for bar in bars if order.standing(bar) == LEFT_OUT)

        def step(item: Item) -> Item:
            bars = item.of(Bar)
            if bars is not None:
                # One at which that fails is left to the operator, which reads the same and says what is wrong with it.
                out, _ = as_far_as_told(left_out, bars.facts)
                if out:
                    skipped.tell(out)
            return item

        return step

    def tells_skipped(source: Observable[Event]) -> Observable[Any]:
        return operator(hears(each_item(make))(source))

    return tells_skipped

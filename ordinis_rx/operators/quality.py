"""Keep what is fit to be used: no duplicates, no crossed quotes. What is left out is told to a side output, if given."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from reactivex import Observable

from ordinis_rx.batches import Item, item_of
from ordinis_rx.events import Bar, Event, Quote, Trade, TradeCancel, TradeCorrection
from ordinis_rx.frames import Frame, QuoteFrame
from ordinis_rx.kernels.quality import NOT_CROSSED, not_crossed
from ordinis_rx.lifting import Step, each_item, operator
from ordinis_rx.operators.side import SideOutput
from ordinis_rx.typing import Operator

__all__ = ["dedupe", "drop_crossed"]


def dedupe(
    duplicates: SideOutput[Event] | None = None, *, remember: int = 100_000
) -> Operator[Event, Event]:
    """Tell each fact once, though two connections or a backfill tell it twice.

    Two facts are the same when their provider says so, never because their values are equal: trades, cancels and
    corrections by provider, symbol, venue and id; bars by provider, symbol, interval, end and revision. What has no id
    (quotes, trades of vendors without ids) always passes. The first one is told, at once.

    At least the last *remember* ids are known, and never more than twice as many; no clock is asked. Later duplicates go to
    the side output *duplicates*. Raises ValueError when *remember* is below 1.

    >>> from ordinis_rx.testing import a_trade, through
    >>> again = SideOutput()
    >>> told = [a_trade(9.0, trade_id="7"), a_trade(9.0, trade_id="7"), a_trade(9.0), a_trade(9.0)]
    >>> len(through(dedupe(again), told)), again.told
    (3, 1)
    """
    if remember < 1:
        raise ValueError(f"dedupe: remember must be at least 1 id, got {remember}")

    def make() -> Step:
        is_new = _memory(remember)

        def step(item: Item) -> Item | None:
            if isinstance(item, Frame) and not _identifiable(item):
                return item
            kept: list[Event] = []
            again: list[Event] = []
            facts: list[Event] = item.facts
            for fact in facts:
                key_of = _KEYS.get(type(fact))
                key = None if key_of is None else key_of(fact)
                (kept if key is None or is_new(key) else again).append(fact)
            if not again:
                return item
            if duplicates is not None:
                duplicates.tell(again)
            return item_of(kept, item.names) if kept else None

        return step

    return each_item(make)


def _memory(remember: int) -> Callable[[Hashable], bool]:
    """Whether a key is new, among at least the last *remember* ones.

    Two generations, the older thrown away as a whole: a key costs two look-ups and no bookkeeping.
    """
    young: set[Hashable] = set()
    old: set[Hashable] = set()

    def is_new(key: Hashable) -> bool:
        nonlocal young, old
        if key in young or key in old:
            return False
        if len(young) >= remember:
            young, old = set(), young
        young.add(key)
        return True

    return is_new


def _identifiable(frame: Frame) -> bool:
    """Whether any row of *frame* may have an id; asked before facts are built from columns."""
    kind = frame.kind
    if kind is Trade:
        return frame.rests_on_facts or frame.has_objects("trade_id")
    return kind in _KEYS


def _of_trade(trade: Trade) -> Hashable:
    number = trade.trade_id
    return (trade.provider, trade.symbol, trade.venue, number) if number else None


def _of_bar(bar: Bar) -> Hashable:
    return bar.provider, bar.symbol, bar.interval, bar.ts_event, bar.revision


def _of_cancel(cancel: TradeCancel) -> Hashable:
    number = cancel.trade_id
    return (TradeCancel, cancel.provider, cancel.symbol, cancel.venue, number) if number else None


def _of_correction(told: TradeCorrection) -> Hashable:
    ids = told.original_id, told.trade_id
    return (TradeCorrection, told.provider, told.symbol, told.venue, ids) if any(ids) else None


_KEYS: dict[type[Event], Callable[[Any], Hashable]] = {
    Trade: _of_trade,
    Bar: _of_bar,
    TradeCancel: _of_cancel,
    TradeCorrection: _of_correction,
}
"""What makes a fact of that kind the same as another; None where it does not say."""


def drop_crossed(crossed: SideOutput[Quote] | None = None) -> Operator[Event, Event]:
    """Leave out quotes whose bid is above their ask; everything else passes at once.

    Locked quotes (bid equal to ask) are legal and stay, and so do quotes that lack a side. What is left out goes to the side
    output *crossed*.

    >>> from ordinis_rx.testing import a_quote, through
    >>> [quote.bid for quote in through(drop_crossed(), [a_quote(5.0, 4.0), a_quote(4.0, 4.0)])]
    [4.0]
    """
    keep = operator(not_crossed, NOT_CROSSED, reads=QuoteFrame, keeps=True, others=True)
    if crossed is None:
        return keep

    def tell(item: Item) -> Item:
        frame: Any = item.of(Quote)
        if frame is None:
            return item
        if frame.rests_on_facts:
            crossed.tell([quote for quote in frame.facts if quote.is_crossed])
        elif (frame.bid > frame.ask).any():
            crossed.tell([frame.facts[row] for row in (frame.bid > frame.ask).nonzero()[0]])
        return item

    def telling(source: Observable[Event]) -> Observable[Event]:
        return keep(each_item(lambda: tell)(source))

    return telling

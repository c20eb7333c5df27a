"""Keep what is fit to be used: no duplicates, no crossed quotes. What is left out is told to a side output, if given."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

import numpy as np
from reactivex import Observable

from ordinis_rx.batches import Item, item_of, only_frames, only_rows
from ordinis_rx.checks import check_count
from ordinis_rx.events import Event, Quote
from ordinis_rx.frames import Frame, QuoteFrame
from ordinis_rx.hearing import hears
from ordinis_rx.kernels.quality import NOT_CROSSED, not_crossed
from ordinis_rx.lifting import operator
from ordinis_rx.operators.sameness import Remembered, key_of, keys_of, may_be_told_twice
from ordinis_rx.operators.side import SideOutput, check_side
from ordinis_rx.stepping import Step, as_far_as_told, each_item
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
    check_count("dedupe: remember", remember, "ids")
    check_side("dedupe: duplicates", duplicates)

    def make() -> Step:
        known = Remembered(remember)

        def step(item: Item) -> Item | None:
            frames = () if item.rests_on_facts else item.frames()
            if not frames or (len(frames) > 1 and known.room < item.n):
                return of_facts(item)  # in the order of `seq`, on which depends what is forgotten
            kept: list[Frame] = []
            again: list[Event] = []
            for frame in frames:
                told_once = not may_be_told_twice(frame)
                rows = [] if told_once else known.new(frame.kind, keys_of(frame))
                if told_once or len(rows) == frame.n:
                    kept.append(frame)
                    continue
                if part := only_rows(frame, np.array(rows, np.int64), {}):
                    kept.append(part)
                if duplicates is not None:
                    again += frame.picked(np.setdiff1d(np.arange(frame.n), rows)).facts
            if again and duplicates is not None:
                duplicates.tell(sorted(again, key=attrgetter("seq")))
            return only_frames(item, kept)

        def of_facts(item: Item) -> Item | None:
            kept: list[Event] = []
            again: list[Event] = []
            facts: list[Event] = item.facts
            for fact in facts:
                key = key_of(fact)
                new = key is None or known.new(type(fact), (key,))
                (kept if new else again).append(fact)
            if not again:
                return item
            if duplicates is not None:
                duplicates.tell(again)
            return item_of(kept, item.names) if kept else None

        return step

    return each_item(make)


def drop_crossed(crossed: SideOutput[Quote] | None = None) -> Operator[Event, Event]:
    """Leave out quotes whose bid is above their ask; everything else passes at once.

    Locked quotes (bid equal to ask) are legal and stay, and so do quotes that lack a side. What is left out goes to the side
    output *crossed*.

    >>> from ordinis_rx.testing import a_quote, through
    >>> [quote.bid for quote in through(drop_crossed(), [a_quote(5.0, 4.0), a_quote(4.0, 4.0)])]
    [4.0]
    """
    check_side("drop_crossed: crossed", crossed)
    keep = operator(not_crossed, NOT_CROSSED, reads=QuoteFrame, keeps=True, others=True)
    if crossed is None:
        return keep

    def tell(item: Item) -> Item:
        frame: Any = item.of(Quote)
        if frame is None:
            return item
        if frame.rests_on_facts:
            # One at which that fails is left to the kernel, which says what is wrong with it.
            told, _ = as_far_as_told(
                lambda quotes: (q for q in quotes if q.is_crossed), frame.facts
            )
            crossed.tell(told)
        elif (frame.bid > frame.ask).any():
            crossed.tell(frame.facts_at((frame.bid > frame.ask).nonzero()[0]))
        return item

    def tells_crossed(source: Observable[Event]) -> Observable[Event]:
        return keep(hears(each_item(lambda: tell))(source))

    return tells_crossed

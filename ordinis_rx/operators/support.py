"""Support and resistance: the levels at which price has turned before, and when it breaks through one."""

from __future__ import annotations

from typing import Any

from reactivex import Observable

from ordinis_rx.checks import check_count, check_not_negative
from ordinis_rx.events import Bar, Event
from ordinis_rx.frames import BarFrame
from ordinis_rx.kernels.levels import BROKEN_ROWS, LEVELS, broken_rows
from ordinis_rx.kernels.levels import levels as _levels
from ordinis_rx.lifting import operator
from ordinis_rx.memory import OperatorMemory
from ordinis_rx.operators.bar_order import telling_skipped
from ordinis_rx.operators.side import SideOutput
from ordinis_rx.operators.support_facts import Levels, LevelsFrame
from ordinis_rx.typing import Operator

__all__ = ["breakouts", "levels"]

_BPS = 1e-4


def levels(
    window: int = 3,
    *,
    merge_bps: float = 30.0,
    break_bps: float = 20.0,
    touches: int = 1,
    most: int = 50,
    skipped: SideOutput[Bar] | None = None,
    memory: OperatorMemory | None = None,
) -> Operator[Event, Levels]:
    """Support, resistance and breakouts of each symbol, one row a bar, told with the bar.

    Price has turned at a high that is above those of the *window* bars before it and not below those of the *window* bars
    after it, and at a low likewise (with a window of 2, Bill Williams' fractals, "Trading Chaos", Wiley 1995). A turning
    point within *merge_bps* basis points of a level is a touch of that level, whose price becomes the mean of its touches;
    any other is a new level. Highs and lows make the same levels, since a resistance that was broken becomes a support
    (J. Murphy, "Technical Analysis of the Financial Markets", 1999, ch. 4). Only levels with at least *touches* count. Of
    each symbol *most* levels are remembered; the one that was touched the longest ago makes place for a new one.

    Support is the highest level at or below the close, resistance the lowest above it. A level is broken where the close is
    more than *break_bps* basis points beyond it and the close before was not; that is `confirmed` where the close before was
    not even half as far beyond. Each bar is held against the levels that were known before it: a turning point is one once
    the *window* bars after it are over, so that nothing looks ahead.

    Nothing is known before ``2 * window + 2`` bars. Time is not asked: a bar is a bar, however long after the last. A bar
    that ends with the last one and has a higher `revision` replaces it, and is answered with a row of that revision. Bars
    without a price, late ones and old revisions are left out, and go to *skipped*. Facts of other kinds are left out. With
    *memory* the state can be saved and taken up again. Raises ValueError for numbers that cannot be.

    >>> from ordinis_rx.testing import a_bar, through
    >>> rows = through(levels(1), [a_bar(price, at=at) for at, price in enumerate((100, 103, 101, 102, 99, 104))])
    >>> [(row.support, row.resistance, row.breakout.name) for row in rows[3:]]
    [(nan, 103.0, 'NEUTRAL'), (nan, 101.0, 'BEARISH'), (103.0, nan, 'BULLISH')]
    """
    rows = _rows("levels", window, merge_bps, break_bps, touches, most, memory)
    return telling_skipped(rows, skipped, memory)


def breakouts(
    window: int = 3,
    *,
    merge_bps: float = 30.0,
    break_bps: float = 20.0,
    touches: int = 1,
    most: int = 50,
    skipped: SideOutput[Bar] | None = None,
    memory: OperatorMemory | None = None,
) -> Operator[Event, Levels]:
    """Only those rows of `levels` with which a level was broken; what it takes, and when it tells, is said there.

    >>> from ordinis_rx.testing import a_bar, through
    >>> rows = through(breakouts(1), [a_bar(price, at=at) for at, price in enumerate((100, 103, 101, 102, 99, 104))])
    >>> [(row.ts_event, row.breakout.name, row.broken, row.confirmed) for row in rows]
    [(4, 'BEARISH', 101.0, True), (5, 'BULLISH', 103.0, True)]
    """
    rows = _rows("breakouts", window, merge_bps, break_bps, touches, most, memory)
    keep = operator(broken_rows, BROKEN_ROWS, reads=LevelsFrame, keeps=True)

    def kept(source: Observable[Event]) -> Observable[Any]:
        return keep(rows(source))

    return telling_skipped(kept, skipped, memory)


def _rows(
    who: str,
    window: int,
    merge_bps: float,
    break_bps: float,
    touches: int,
    most: int,
    memory: OperatorMemory | None,
) -> Operator[Event, Any]:
    for name, number, highest, of in (
        ("window", window, 1000, "bars"),
        ("touches", touches, 1_000_000, "touches"),
        ("most", most, 10_000, "levels"),
    ):
        check_count(f"{who}: {name}", number, of, most=highest)
    for name, bps in (("merge_bps", merge_bps), ("break_bps", break_bps)):
        check_not_negative(f"{who}: {name}", bps)
    return operator(
        _levels,
        LEVELS,
        reads=BarFrame,
        writes=LevelsFrame,
        params=(window, 2 * window + 1, most, touches, merge_bps * _BPS, break_bps * _BPS),
        memory=memory,
    )

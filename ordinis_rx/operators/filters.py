"""Filters by what a symbol's own numbers were before: what is far from them is left out.

They go by how many numbers were told, each symbol for itself, as `rolling_zscore` does; facts that come late are judged as
they come. What is kept is told at once; while the stream is quiet nothing is told.

With *memory* the state can be saved and taken up again (see `OperatorMemory`); TypeError for what is no such memory.
"""

from __future__ import annotations

from ordinis_rx.checks import check_count, check_flag, check_positive
from ordinis_rx.kernels.hampel import HAMPEL, hampel_keep
from ordinis_rx.kernels.hampel_recent import HAMPEL_RECENT, hampel_keep_recent
from ordinis_rx.kernels.recent import KEEP_RECENT, zscore_keep_recent
from ordinis_rx.kernels.rolling import KEEP, zscore_keep
from ordinis_rx.lifting import operator
from ordinis_rx.memory import OperatorMemory, check_memory
from ordinis_rx.operators.numbers import Number, source_of
from ordinis_rx.operators.rolling import window_of
from ordinis_rx.timebase import Nanos, check_whole
from ordinis_rx.typing import A, Operator

__all__ = ["hampel_filter", "zscore_filter"]

_ENOUGH = 10
"""So many numbers say enough of those that follow, where nobody has said how many."""


def zscore_filter(
    window: int,
    threshold: float = 5.0,
    feedback: bool = True,
    *,
    of: Number = "price",
    over: Nanos | None = None,
    warm_up: int | None = None,
    patience: int = 10,
    memory: OperatorMemory | None = None,
) -> Operator[A, A]:
    """Keep facts whose number is within *threshold* deviations of the mean of the *window* numbers of its symbol before it.

    Facts are kept as they are, and facts of other kinds pass; those without a number do not. Until there are *warm_up*
    numbers (10, or *window* where that is less), and where all before were the same, everything is kept.

    With *feedback*, what is refused does not enter the window, so that a burst of bad prints cannot make itself at home;
    *patience* refusals in a row are a new level of the market, at which the window begins anew. Without, every number
    enters. Trades that may not move the last price are judged, but never enter.

    With *over*, no number in the window is older than so many nanoseconds, as in `rolling_mean`, by the times of all that
    are judged: what was before a silence judges nothing after it, and *warm_up* numbers are kept again.

    Raises TypeError for what is not of its kind, ValueError for a *window* below 2, a *warm_up* that is not from 2 to
    *window*, an *over* below 1, a *threshold* that is not above 0 and finite, a *patience* below 1 and a number that there
    is not.

    >>> from ordinis_rx.testing import a_trade, through
    >>> prices = [10, 11, 10, 11, 500, 11, 10]
    >>> [trade.price for trade in through(zscore_filter(4, 5.0), [a_trade(p) for p in prices])]
    [10.0, 11.0, 10.0, 11.0, 11.0, 10.0]
    """
    source = source_of(of, "zscore_filter")
    check_whole("zscore_filter: window", window, "numbers")
    usual = min(window, _ENOUGH)
    held = window_of("zscore_filter", window, over, usual if warm_up is None else warm_up, 2)
    check_positive("zscore_filter: threshold in deviations", threshold)
    check_flag("zscore_filter: feedback", feedback)
    check_count("zscore_filter: patience", patience, "refusals")
    check_memory("zscore_filter", memory)
    kernel, layout = (zscore_keep, KEEP) if over is None else (zscore_keep_recent, KEEP_RECENT)
    return operator(
        kernel,
        layout.renamed(value=source.column),
        reads=source.frame,
        keeps=True,
        params=(*held, threshold, int(feedback), patience, source.moves),
        others=True,
        memory=memory,
    )


def hampel_filter(
    window: int,
    threshold: float = 3.0,
    *,
    of: Number = "price",
    over: Nanos | None = None,
    warm_up: int | None = None,
    memory: OperatorMemory | None = None,
) -> Operator[A, A]:
    """Keep facts whose number is within *threshold* robust deviations of the median of its symbol's *window* numbers before.

    A robust deviation is 1.4826 times the median distance from the median, which is the standard deviation where numbers are
    normal; up to half of the window may be wild without doing harm, so every number enters it. Facts are kept as they are,
    and facts of other kinds pass; those without a number do not. Until there are *warm_up* numbers, and where more than half
    of them are one number, everything is kept. Costs time in proportion to *window*.

    By default *warm_up* is the whole window; with *over*, for which no number in the window is older than so many
    nanoseconds, as in `zscore_filter`, it is 10, or *window* where that is less.

    Raises TypeError for what is not of its kind, ValueError for a *window* below 3, a *warm_up* that is not from 3 to
    *window*, an *over* below 1, a *threshold* that is not above 0 and finite, and a number that there is not.

    >>> from ordinis_rx.testing import a_trade, through
    >>> prices = [10, 11, 12, 500, 11, 12, 10]
    >>> [trade.price for trade in through(hampel_filter(3), [a_trade(p) for p in prices])]
    [10.0, 11.0, 12.0, 11.0, 12.0, 10.0]
    """
    source = source_of(of, "hampel_filter")
    check_whole("hampel_filter: window", window, "numbers")
    usual = window if over is None else min(window, _ENOUGH)
    held = window_of("hampel_filter", window, over, usual if warm_up is None else warm_up, 3)
    check_positive("hampel_filter: threshold in deviations", threshold)
    check_memory("hampel_filter", memory)
    kernel, layout = (hampel_keep, HAMPEL) if over is None else (hampel_keep_recent, HAMPEL_RECENT)
    return operator(
        kernel,
        layout.renamed(value=source.column),
        reads=source.frame,
        keeps=True,
        params=(*held, threshold, source.moves),
        others=True,
        memory=memory,
    )

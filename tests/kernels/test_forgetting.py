"""Who was idle is forgotten: his slot, his marks, and all of a symbol of which nobody is left."""

from __future__ import annotations

from ordinis_rx.consensus import AggregationConfig
from ordinis_rx.kernels.compiled import uncompiled
from ordinis_rx.kernels.consensus_layout import (
    BASE_ROWS,
    COUNT,
    HEAD_ROWS,
    MARKED,
    OLDEST,
    SLOTS,
    VOLUMES_TOLD,
)
from ordinis_rx.kernels.forgetting import forget
from ordinis_rx.kernels.outliers import MARK
from ordinis_rx.kernels.panel import CODE, ENTRY, MID, STAMP
from ordinis_rx.timebase import SECOND
from tests.kernels.fold import Fold, quote

SYMBOL = 1


def told(*providers: int) -> Fold:
    """A symbol of which the providers spoke, each a second after the one before."""
    with uncompiled():
        fold = Fold(AggregationConfig(idle=10 * SECOND))
    fold(
        [
            quote(SYMBOL, provider, 100.0 + provider, (k + 1) * SECOND)
            for k, provider in enumerate(providers)
        ]
    )
    return fold


def head(fold: Fold, row: int) -> int:
    return int(fold.call.state("head")[SYMBOL * HEAD_ROWS + row])


def test_nobody_is_forgotten_who_spoke_of_late() -> None:
    fold = told(4, 2, 7)
    before = [state.tobytes() for state in (fold.call.state("entry"), fold.call.state("stamp"))]

    assert not forget(fold.call, SYMBOL, 11 * SECOND)
    assert [
        state.tobytes() for state in (fold.call.state("entry"), fold.call.state("stamp"))
    ] == before
    assert (head(fold, COUNT), head(fold, OLDEST)) == (3, SECOND)


def test_the_slots_behind_who_is_forgotten_move_up() -> None:
    fold = told(4, 2, 7)
    marks, doubts = fold.call.state("mark"), fold.call.state("doubt")
    marks[SYMBOL * SLOTS * MARK : SYMBOL * SLOTS * MARK + 3 * MARK] = [
        1,
        11,
        21,
        2,
        12,
        22,
        3,
        13,
        23,
    ]
    doubts[SYMBOL * SLOTS : SYMBOL * SLOTS + 3] = [0.1, 0.2, 0.3]

    assert forget(fold.call, SYMBOL, 11 * SECOND + 1)

    stamps, entries, places = (fold.call.state(name) for name in ("stamp", "entry", "place"))
    first = SYMBOL * SLOTS
    assert [stamps[(first + j) * STAMP + CODE] for j in range(3)] == [2, 7, 0]
    assert [entries[(first + j) * ENTRY + MID] for j in range(3)] == [102.0, 107.0, 0.0]
    assert [places[first + code] for code in (4, 2, 7)] == [0, 1, 2]
    assert marks[first * MARK : first * MARK + 9].tolist() == [2, 12, 22, 3, 13, 23, 0, 0, 0]
    assert doubts[first : first + 3].tolist() == [0.2, 0.3, 0.0]
    assert (head(fold, COUNT), head(fold, OLDEST)) == (2, 2 * SECOND)


def test_where_nobody_is_left_nothing_is_known_any_more() -> None:
    fold = told(4, 2)
    fold.call.state("base")[SYMBOL * BASE_ROWS] = 1e-8
    fold.call.state("head")[SYMBOL * HEAD_ROWS + MARKED] = 1
    fold.call.state("head")[SYMBOL * HEAD_ROWS + VOLUMES_TOLD] = 1

    assert forget(fold.call, SYMBOL, 60 * SECOND)
    assert [head(fold, row) for row in (COUNT, MARKED, VOLUMES_TOLD)] == [0, 0, 0]
    assert fold.call.state("base")[SYMBOL * BASE_ROWS] == 0.0
    assert not forget(fold.call, SYMBOL, 120 * SECOND)

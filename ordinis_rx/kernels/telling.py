"""Answers of the consensus that lie abreast, judged already: folded, and those that are news written as rows."""

from __future__ import annotations

import math
from typing import Any

from ordinis_rx.kernels.abreast import (
    FRESH,
    MEMBERS,
    RANKED,
    REPORTED,
    REPORTER_CODE,
    SUCCESSES,
    TRUST,
    VOLUMES,
    VOLUMES_KNOWN,
    WIDE,
)
from ordinis_rx.kernels.abreast import PRICE as PRICE_OF
from ordinis_rx.kernels.abreast import VOLUME as VOLUME_OF
from ordinis_rx.kernels.certainty import find_errors, find_intervals, original_score, trust_answers
from ordinis_rx.kernels.consensus_layout import (
    LANE,
    METERED,
    METHOD,
    MORE,
    NUMBER,
    OFF_COUNT,
    OFF_SUM,
    ORDER,
    ORIGINAL,
    SCORED,
    SHARE,
    SOME,
    TOLERANCE,
    VOLUME_CHOICE,
)
from ordinis_rx.kernels.folding import fold_answers, fold_volume
from ordinis_rx.kernels.news import write_news
from ordinis_rx.kernels.record import floats, helper, integer, ints, real

__all__ = ["tell"]


@helper
def tell(call: Any, n: int, most: int, written: int) -> int:
    """Fold *n* answers and write those that are news; gives how many those are."""
    lane, number = floats(call, LANE), ints(call, NUMBER)
    method, scored = integer(call, METHOD), integer(call, SCORED)
    fold_answers(
        n, most, lane, number, method, integer(call, ORIGINAL), real(call, SHARE), floats(call, SOME),
        floats(call, MORE),
    )  # fmt: skip
    find_errors(n, lane, number, method)
    find_intervals(n, lane, number)
    if not scored:
        trust_answers(n, most, lane, number, real(call, TOLERANCE))
    else:
        for r in range(n):
            lane[TRUST + r] = 0.0
    wanted = scored
    for r in range(n):
        lane[VOLUME_OF + r] = math.nan
        wanted |= number[VOLUMES_KNOWN + r]
    if wanted:
        for r in range(n):
            if number[MEMBERS + r] > 0 and (number[VOLUMES_KNOWN + r] or scored):
                _sum_up(call, r)
    if integer(call, METERED):
        for r in range(n):
            price, code, reported = (
                lane[PRICE_OF + r],
                number[REPORTER_CODE + r],
                lane[REPORTED + r],
            )
            if reported == reported and price > 0.0:
                floats(call, OFF_SUM)[code] += (reported - price) / price * 1e4
                ints(call, OFF_COUNT)[code] += 1
    return write_news(call, n, written, wanted, lane, number)


@helper
def _sum_up(call: Any, r: int) -> None:
    """The volume of the answer *r*, and the score that goes by success."""
    lane, number, some, more = (
        floats(call, LANE),
        ints(call, NUMBER),
        floats(call, SOME),
        floats(call, MORE),
    )
    order, m = ints(call, ORDER), number[MEMBERS + r]
    for j in range(m):
        order[j], more[j] = j, lane[VOLUMES + j * WIDE + r]
    if number[VOLUMES_KNOWN + r]:
        lane[VOLUME_OF + r] = fold_volume(integer(call, VOLUME_CHOICE), order, m, more, some)
    if integer(call, SCORED):
        for j in range(m):
            some[j], more[j] = lane[RANKED + j * WIDE + r], lane[SUCCESSES + j * WIDE + r]
        lane[TRUST + r] = original_score(order, some, m, more, number[FRESH + r] - m)

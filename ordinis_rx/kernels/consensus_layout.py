"""The columns, the state and the parameters of the consensus by one kernel."""

from __future__ import annotations

from ordinis_rx.kernels.folding import ANSWER
from ordinis_rx.kernels.outliers import MARK
from ordinis_rx.kernels.panel import ENTRY, STAMP, STANDING
from ordinis_rx.kernels.record import Layout
from ordinis_rx.kernels.reports import CLOCK, LAG_BUCKETS
from ordinis_rx.kernels.scale import TRACK

__all__ = [
    "BASE_ROWS",
    "CONSENSUS",
    "COUNT",
    "DUE",
    "HEAD_ROWS",
    "LIMIT",
    "LISTED",
    "LOST_ALL",
    "LOST_ONE",
    "LOST_PROVIDERS",
    "LOST_SYMBOLS",
    "MARKED",
    "MOVED",
    "MOVED_NOW",
    "NOTES",
    "OLDEST",
    "QUOTE",
    "REFUSED_NOW",
    "SINCE",
    "SLOTS",
    "SPLIT_ROUNDS",
    "SPOILS",
    "TIME",
    "TOLD",
    "TOLD_ASK",
    "TOLD_AT",
    "TOLD_BID",
    "TOLD_OUT",
    "TOLD_PRICE",
    "TOLD_STATUS",
    "TOLD_USED",
    "TRADE",
    "UNSCORED",
    "UNSCORED_PARTS",
    "VOLUMES_TOLD",
]

SLOTS = 62
"""How many providers a stream may have."""

QUOTE, TRADE, LOST_ONE, LOST_SYMBOLS, LOST_PROVIDERS, LOST_ALL, TIME = range(7)
"""What a row is: a report, what a provider (or any) said of a symbol (or all) that counts no more, or the time."""

(
    COUNT,
    OLDEST,
    SINCE,
    SPLIT_ROUNDS,
    MARKED,
    LIMIT,
    SPOILS,
    LISTED,
    TOLD,
    TOLD_STATUS,
    TOLD_USED,
    TOLD_OUT,
    TOLD_AT,
    MOVED,
    VOLUMES_TOLD,
    DUE,
) = range(16)
HEAD_ROWS = 16
"""What is remembered of a symbol: how many slots it has, and a time that none of them was last heard before; since when the
volatility is measured; for how many rounds the panel has been split, and whether anybody is marked; how old a report may be,
and when the next one will be too old; whether it is among those that the time is told to; what was told last, and what is
still to be told; and whether anybody has told a volume."""

REFUSED_NOW, MOVED_NOW = range(2)
NOTES = 2
"""What a call notes: how many rows it refused, and how many answers tell that somebody was excluded or used again."""

UNSCORED, UNSCORED_PARTS = 64, 7
"""Of how many answers that are not scored yet the kernel keeps what the score takes, and how many floats that is of each."""

TOLD_PRICE, TOLD_BID, TOLD_ASK = TRACK, TRACK + 1, TRACK + 2
BASE_ROWS = TRACK + 3

CONSENSUS = Layout(
    reads="kind:i symbol:i provider:i ts_event:i ts_recv:i price:f bid:f ask:f bid_size:f ask_size:f size:f flags:i"
    " weight:f max_age:i seq:i",
    writes="symbol:i ts_event:i ts_recv:i provider:i seq:i price:f half_width:f confidence:f status:i bid:f ask:f volume:f"
    " crossed_share:f provider_count:i providers_used:i outliers_excluded:i stale:i lost:i age:i moved:i moved_bps:f"
    " verdict:i",
    state=f"head:i*{HEAD_ROWS} base:f*{BASE_ROWS} entry:f*{SLOTS * ENTRY} stamp:i*{SLOTS * STAMP} mark:i*{SLOTS * MARK}"
    f" doubt:f*{SLOTS} place:i*{SLOTS} turn:i listed:i@1 clock:i@{CLOCK}"
    f" taken:i@{SLOTS} refused:i@{SLOTS} outliers:i@{SLOTS} off_sum:f@{SLOTS} off_count:i@{SLOTS}"
    f" newest:i@{SLOTS} lag:i@{SLOTS} lag_sum:f@{SLOTS} lags:i@{SLOTS * LAG_BUCKETS}"
    f" standing:i@{STANDING} slot:i@{SLOTS} bit:i@{SLOTS} order:i@{SLOTS} excluded:i@{SLOTS} kept:i@{SLOTS} ages:i@{SLOTS}"
    f" value:f@{SLOTS} level:f@{SLOTS} bids:f@{SLOTS} asks:f@{SLOTS} some:f@{SLOTS} more:f@{SLOTS} volumes:f@{SLOTS}"
    f" weights:f@{SLOTS} successes:f@{SLOTS} far:f@{SLOTS} limit:f@{SLOTS} load:f@{SLOTS} answer:f@{ANSWER}"
    f" unscored:f@{UNSCORED * UNSCORED_PARTS} notes:i@{NOTES}",
    params="rule:i k:f floor:f tick:f confirm:i least:i alpha:f method:i original:i share:f volume_choice:i micro:i"
    " min_providers:i scored:i tolerance:f emit:i idle:i window:i reliability:i metered:i",
    expands=True,
)

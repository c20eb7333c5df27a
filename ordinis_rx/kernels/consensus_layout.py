"""The columns, the state and the parameters of the consensus by one kernel."""

from __future__ import annotations

from ordinis_rx.kernels.abreast import NUMBERS, REALS, SLOTS
from ordinis_rx.kernels.outliers import MARK
from ordinis_rx.kernels.panel import ENTRY, STAMP
from ordinis_rx.kernels.record import Layout
from ordinis_rx.kernels.reports import CLOCK, LAG_BUCKETS
from ordinis_rx.kernels.scale import TRACK

__all__ = [
    "ABREAST",
    "AGES_NOW",
    "AGE_TO",
    "ALPHA",
    "ASK",
    "ASK_SIZE",
    "ASK_TO",
    "BASE",
    "BASE_ROWS",
    "BID",
    "BID_SIZE",
    "BID_TO",
    "CLOCK_AT",
    "CONFIDENCE",
    "CONFIRM",
    "CONSENSUS",
    "COUNT",
    "CROSSED_SHARE",
    "DOUBT",
    "DUE",
    "EMIT",
    "ENTRIES",
    "EXCLUDED_NOW",
    "FAR",
    "FLAGS",
    "FLOOR",
    "GONE",
    "HALF_WIDTH",
    "HEAD",
    "HEAD_ROWS",
    "IDLE",
    "JUDGED",
    "KIND",
    "LAG",
    "LAGS",
    "LAG_SUM",
    "LANE",
    "LEAST",
    "LIMIT",
    "LIMITS",
    "LISTED",
    "LISTED_COUNT",
    "LOST_ALL",
    "LOST_ONE",
    "LOST_PROVIDERS",
    "LOST_SYMBOLS",
    "LOST_TO",
    "MARKED",
    "MARKS",
    "MAX_AGE",
    "METERED",
    "METHOD",
    "MICRO",
    "MIN_PROVIDERS",
    "MORE",
    "MOVED",
    "MOVED_BPS",
    "MOVED_NOW",
    "MOVED_TO",
    "NEWEST",
    "NOTES",
    "NOTES_AT",
    "NUMBER",
    "OFF_COUNT",
    "OFF_SUM",
    "OLDEST",
    "ORDER",
    "ORIGINAL",
    "OUTLIERS",
    "OUTLIERS_EXCLUDED",
    "PLACE",
    "PRICE",
    "PRICE_TO",
    "PROVIDER",
    "PROVIDERS_USED",
    "PROVIDER_COUNT",
    "PROVIDER_OUT",
    "QUOTE",
    "REFUSED",
    "REFUSED_NOW",
    "RELIABILITY",
    "RULE",
    "SCORED",
    "SEQ",
    "SEQ_OUT",
    "SHARE",
    "SINCE",
    "SIZE",
    "SLOT",
    "SLOTS",
    "SOME",
    "SPLIT_ROUNDS",
    "SPOILS",
    "STALE_TO",
    "STAMPS",
    "STATUS",
    "SYMBOL",
    "SYMBOL_OUT",
    "TAKEN",
    "TICK",
    "TIME",
    "TOLD_ASK",
    "TOLD_AT",
    "TOLD_BID",
    "TOLD_KEY",
    "TOLD_OUT",
    "TOLD_PRICE",
    "TOLD_USED",
    "TOLERANCE",
    "TRADE",
    "TS_EVENT",
    "TS_EVENT_OUT",
    "TS_RECV",
    "TS_RECV_OUT",
    "TURN",
    "VALUE",
    "VERDICT",
    "VOLUMES_TOLD",
    "VOLUME_CHOICE",
    "VOLUME_TO",
    "WEIGHTS",
    "WEIGHT_IN",
    "WHOLE",
    "WHOLE_AT",
    "WHOLE_SET",
    "WINDOW",
    "K",
]

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
    TOLD_KEY,
    TOLD_USED,
    TOLD_OUT,
    TOLD_AT,
    MOVED,
    VOLUMES_TOLD,
    WHOLE,
    WHOLE_SET,
    WHOLE_AT,
    DUE,
) = range(18)
HEAD_ROWS = 18
"""What is remembered of a symbol: how many slots it has, and a time that none of them was last heard before; since when the
volatility is measured; for how many rounds the panel has been split, and whether anybody is marked; how old a report may be,
and when the next one will be too old; whether it is among those that the time is told to; what was told last, and what is
still to be told; whether anybody has told a volume; and how many slots there are where all had fresh quotes and none else,
which providers those are, and when that was (0 slots, where it is not so)."""

REFUSED_NOW, MOVED_NOW = range(2)
NOTES = 2
"""What a call notes: how many rows it refused, and how many answers tell that somebody was excluded or used again."""

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
    f" taken:i@{SLOTS} refused:i@{SLOTS} judged:i@{SLOTS} outliers:i@{SLOTS} off_sum:f@{SLOTS} off_count:i@{SLOTS}"
    f" newest:i@{SLOTS} lag:i@{SLOTS} lag_sum:f@{SLOTS} lags:i@{SLOTS * LAG_BUCKETS}"
    f" slot:i@{SLOTS} gone:i@{SLOTS} order:i@{SLOTS} excluded:i@{SLOTS} ages:f@{SLOTS} value:f@{SLOTS} weights:f@{SLOTS}"
    f" far:f@{SLOTS} limit:f@{SLOTS} some:f@{SLOTS} more:f@{SLOTS} lane:f@{REALS} number:i@{NUMBERS} notes:i@{NOTES}",
    params="rule:i k:f floor:f tick:f confirm:i least:i alpha:f method:i original:i share:f volume_choice:i micro:i"
    " min_providers:i scored:i tolerance:f emit:i idle:i window:i reliability:i metered:i abreast:i",
    expands=True,
)

(
    KIND, SYMBOL, PROVIDER, TS_EVENT, TS_RECV, PRICE, BID, ASK, BID_SIZE, ASK_SIZE, SIZE, FLAGS, WEIGHT_IN, MAX_AGE,
    SEQ,
    SYMBOL_OUT, TS_EVENT_OUT, TS_RECV_OUT, PROVIDER_OUT, SEQ_OUT, PRICE_TO, HALF_WIDTH, CONFIDENCE, STATUS, BID_TO, ASK_TO,
    VOLUME_TO, CROSSED_SHARE, PROVIDER_COUNT,
    PROVIDERS_USED, OUTLIERS_EXCLUDED, STALE_TO, LOST_TO, AGE_TO, MOVED_TO, MOVED_BPS, VERDICT,
    HEAD, BASE, ENTRIES, STAMPS, MARKS, DOUBT, PLACE, TURN, LISTED_COUNT, CLOCK_AT, TAKEN, REFUSED, JUDGED, OUTLIERS,
    OFF_SUM, OFF_COUNT, NEWEST, LAG, LAG_SUM, LAGS,
    SLOT, GONE, ORDER, EXCLUDED_NOW, AGES_NOW, VALUE, WEIGHTS, FAR, LIMITS, SOME, MORE, LANE, NUMBER, NOTES_AT,
    RULE, K, FLOOR, TICK, CONFIRM, LEAST, ALPHA, METHOD, ORIGINAL, SHARE, VOLUME_CHOICE, MICRO, MIN_PROVIDERS, SCORED,
    TOLERANCE, EMIT, IDLE, WINDOW, RELIABILITY, METERED, ABREAST,
) = CONSENSUS.slots  # fmt: skip
"""Where each column, state and parameter is, in the order of the layout."""

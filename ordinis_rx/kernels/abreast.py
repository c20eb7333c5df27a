"""Where answers lie abreast: what up to `WIDE` of them are made of, and what is made of that.

An answer is folded in many short steps, each of which waits for the one before. Taken for all answers before the next, a
step waits for nothing, and a processor takes it for several at once. So each number of an answer lies beside the same
number of the others: of the answer *r* at ``PRICE + r``, and of its report *j* at ``LEVELS + j * WIDE + r``.
"""

from __future__ import annotations

__all__ = [
    "AGE",
    "AGES",
    "APART",
    "ASKS",
    "ASK_SIDE",
    "BEFORE_SET",
    "BIDS",
    "BID_SIDE",
    "BOOKS",
    "CENTRE",
    "COSINE2",
    "COST",
    "COUNTS",
    "CROSSED_PART",
    "CROSSINGS",
    "ERROR",
    "EXCLUDED_SET",
    "FLAGS",
    "FREEDOM",
    "FRESH",
    "HALF",
    "HIGH",
    "HIGHEST",
    "HIGHEST_BID",
    "HISTORY",
    "KEY",
    "KNOWN",
    "LAST_LOAD",
    "LEAST_SCALE",
    "LEVELS",
    "LOADS",
    "LOST_SET",
    "LOW",
    "LOWER",
    "LOWEST_ASK",
    "MARGIN",
    "MEMBERS",
    "MIDDLE",
    "MINE",
    "MOVED_SET",
    "NEWS",
    "NUMBERS",
    "OFF",
    "OLDNESS",
    "PRICE",
    "QUANTILE",
    "RANKED",
    "RANKED_ASKS",
    "RANKED_BIDS",
    "RANKED_LOADS",
    "REACHED",
    "REALS",
    "RECEIVED",
    "REPORTED",
    "REPORTER",
    "REPORTER_CODE",
    "REPORTER_OUT",
    "REPORTS",
    "SAID_AT",
    "SEQ",
    "SHORT",
    "SLOTS",
    "SLOT_OF",
    "SPAN",
    "SPOILS_AT",
    "SQUARE",
    "SQUARES",
    "STALE_SET",
    "STATUS",
    "SUCCESSES",
    "SWING2",
    "SYMBOL",
    "TERM",
    "TIMES",
    "TIME_OF",
    "TOTAL",
    "TRUST",
    "UPPER",
    "USED_SET",
    "USUAL",
    "USUALLY_APART",
    "VOLUME",
    "VOLUMES",
    "VOLUMES_KNOWN",
    "WIDE",
    "WIDEST",
]

WIDE = 104
"""How many answers there may be. Thirteen lines of a cache: an even number of them would fall on half of its places."""

SLOTS = 62
"""How many providers a stream may have, and an answer reports."""

REPORTS = 64
"""For how many reports there is room: a turn of eight may reach beyond those that there are."""

(
    CENTRE,
    WIDEST,
    REPORTED,
    USUAL,
    SWING2,
    HISTORY,
    VOLUME,
    TRUST,
    TOTAL,
    LOW,
    HIGH,
    MIDDLE,
    PRICE,
    OFF,
    HIGHEST,
    BID_SIDE,
    ASK_SIDE,
    CROSSED_PART,
    OLDNESS,
    APART,
    SQUARES,
    USUALLY_APART,
    COST,
    ERROR,
    QUANTILE,
    HALF,
    TIMES,
    COSINE2,
    TERM,
    SPAN,
    SQUARE,
    LEAST_SCALE,
    LOWER,
    UPPER,
    SHORT,
    MARGIN,
    LAST_LOAD,
    REACHED,
    HIGHEST_BID,
    LOWEST_ASK,
) = range(0, 40 * WIDE, WIDE)
"""The floats of an answer."""

LEVELS, AGES, LOADS, BIDS, ASKS, VOLUMES, SUCCESSES, RANKED, RANKED_LOADS = range(
    40 * WIDE, (40 + 9 * REPORTS) * WIDE, REPORTS * WIDE
)
"""The floats of its first report: its price, its age (ns), what it weighs, its bid and ask, if it has any, its volume and
success, where they are asked for; and the lowest price, and what that weighs. Those of the next are `WIDE` further on."""

RANKED_BIDS, RANKED_ASKS = RANKED_LOADS, AGES
"""Where bids and asks are put in order when weights and ages have done their part."""

REALS = (40 + 9 * REPORTS) * WIDE
"""How many floats there are in all."""

(
    FRESH,
    KNOWN,
    REPORTER,
    MINE,
    SPOILS_AT,
    MEMBERS,
    STATUS,
    BOOKS,
    RECEIVED,
    SYMBOL,
    REPORTER_CODE,
    TIME_OF,
    USED_SET,
    EXCLUDED_SET,
    STALE_SET,
    LOST_SET,
    BEFORE_SET,
    MOVED_SET,
    COUNTS,
    REPORTER_OUT,
    VOLUMES_KNOWN,
    FREEDOM,
    FLAGS,
    CROSSINGS,
    KEY,
    NEWS,
    SEQ,
    SAID_AT,
    AGE,
) = range(0, 29 * WIDE, WIDE)
"""The integers of an answer."""

SLOT_OF = 29 * WIDE
"""That of its first report: the slot of the provider, by number."""

NUMBERS = (29 + REPORTS) * WIDE
"""How many integers there are in all."""
